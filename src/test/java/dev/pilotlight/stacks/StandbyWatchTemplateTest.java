package dev.pilotlight.stacks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import dev.pilotlight.testing.TestConfigurations;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandbyWatchTemplateTest {

    /** In a lost standby nobody is left to ring. */
    @ParameterizedTest
    @ValueSource(strings = {"['primary', 'dr']", "['primary', 'dr', 'primary']", "['primary', 'dr', 'primary', 'dr']"})
    void theLeadersRegionTellsThatTheStandbysIsLost(String lineage) {
        SynthesizedApp app = SynthesizedApp.of(TestConfigurations.with("dev", "{'databaseLineage': " + lineage + "}"));
        boolean drLeads = lineage.endsWith("'primary']");
        List<JsonNode> alarms = unheard(drLeads ? app.dr() : app.primary());
        assertThat(alarms).hasSize(1);
        JsonNode alarm = alarms.get(0);
        assertThat(alarm.path("Namespace").asText()).isEqualTo("Pilotlight");
        assertThat(alarm.path("TreatMissingData").asText()).isEqualTo("notBreaching");
        assertThat(alarm.path("EvaluationPeriods").asInt()).isEqualTo(15);
        assertThat(alarm.path("AlarmActions")).isNotEmpty();
        assertThat(alarm.path("AlarmDescription").asText())
                .startsWith(drLeads ? "eu-central-1, the standby's region" : "eu-west-1, the standby's region")
                .contains("docs/runbooks/standby-lost.md");
        assertThat(Path.of("docs/runbooks/standby-lost.md")).isRegularFile();
        assertThat(unheard(drLeads ? app.primary() : app.dr())).isEmpty();
    }

    private static List<JsonNode> unheard(StackTemplate stack) {
        return stack.ofType("AWS::CloudWatch::Alarm").values().stream()
                .map(alarm -> alarm.path("Properties"))
                .filter(alarm -> alarm.path("MetricName").asText().equals("Unheard"))
                .toList();
    }
}
