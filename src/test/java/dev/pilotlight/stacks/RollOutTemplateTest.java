package dev.pilotlight.stacks;

import static dev.pilotlight.testing.Intrinsics.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import dev.pilotlight.testing.TestConfigurations;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What guards the replacement of instances, in both regions, both roles and both profiles. */
class RollOutTemplateTest {

    private static final SynthesizedApp DEV = SynthesizedApp.dev();
    private static final SynthesizedApp PROD = SynthesizedApp.prod();

    /** A changed id is a new alarm: in INSUFFICIENT_DATA, it refuses the roll-out of the deploy that makes it. */
    private static final String ERRORS = "AlarmsRollOutErrors54F545B2";

    private static final String UNHEALTHY = "AlarmsUnhealthyTargets4A7E89EA";

    static List<StackTemplate> regions() {
        SynthesizedApp failedOver =
                SynthesizedApp.of(TestConfigurations.with("dev", "{'databaseLineage': ['primary', 'dr', 'primary']}"));
        return List.of(DEV.primary(), DEV.dr(), PROD.primary(), PROD.dr(), failedOver.primary(), failedOver.dr());
    }

    @ParameterizedTest
    @MethodSource("regions")
    void theRefreshNamesTheseTwoAlarmsUnderTheirLogicalIds(StackTemplate stack) {
        assertThat(named(stack)).isEqualTo(List.of(ERRORS, UNHEALTHY));
    }

    /** With "missing", an alarm of a group without traffic would be in INSUFFICIENT_DATA for ever. */
    @ParameterizedTest
    @MethodSource("regions")
    void silenceNeverRefusesARollOut(StackTemplate stack) {
        assertThat(named(stack))
                .allSatisfy(alarm -> assertThat(stack.resource(alarm)
                                .at("/Properties/TreatMissingData")
                                .asText())
                        .isEqualTo("notBreaching"));
    }

    /** A stand-in's 503 is a server error for people, and for detection, but no reason to refuse a roll-out. */
    @ParameterizedTest
    @MethodSource("regions")
    void errorsOfAStoppedWorkloadGuardNothing(StackTemplate stack) {
        JsonNode people = alarm(stack, "ServerErrors");
        JsonNode rollOut = alarm(stack, "RollOutErrors");
        assertThat(people.at("/Metrics/0/Expression").asText())
                .isEqualTo("IF(requests >= 20, 100 * FILL(errors, 0) / requests, 0)");
        assertThat(rollOut.at("/Metrics/0/Expression").asText())
                .isEqualTo("IF(requests >= 20 AND FILL(stopped, 0) < 1, 100 * FILL(errors, 0) / requests, 0)");
        JsonNode stopped = rollOut.at("/Metrics/3");
        assertThat(stopped.path("Id").asText()).isEqualTo("stopped");
        assertThat(stopped.at("/MetricStat/Metric/Namespace").asText()).isEqualTo("Pilotlight");
        assertThat(stopped.at("/MetricStat/Metric/MetricName").asText()).isEqualTo("Stopped");
        assertThat(stopped.at("/MetricStat/Metric/Dimensions/0/Value").asText()).startsWith("pilotlight-");
        // One stuck instance masks nothing.
        assertThat(stopped.at("/MetricStat/Stat").asText()).isEqualTo("Minimum");
        assertThat(List.of("Threshold", "EvaluationPeriods", "DatapointsToAlarm", "ComparisonOperator"))
                .allSatisfy(property -> assertThat(rollOut.path(property)).isEqualTo(people.path(property)));
        // Three minutes in a row: the newest alone, whose report is still under way, rings nothing.
        assertThat(rollOut.path("DatapointsToAlarm").asInt()).isEqualTo(3);
    }

    /** A standby that dies with its sign standing silences everything else. */
    @ParameterizedTest
    @MethodSource("regions")
    void aWorkloadThatIsKeptStoppedCallsSomebody(StackTemplate stack) {
        JsonNode alarm = alarm(stack, "WorkloadStopped");
        assertThat(alarm.path("MetricName").asText()).isEqualTo("Stopped");
        assertThat(alarm.path("Statistic").asText()).isEqualTo("Minimum");
        assertThat(alarm.path("Period").asInt()
                        * alarm.path("EvaluationPeriods").asInt())
                .isEqualTo(15 * 60);
        assertThat(alarm.path("ComparisonOperator").asText()).isEqualTo("GreaterThanThreshold");
        assertThat(alarm.path("Threshold").asInt()).isZero();
        assertThat(alarm.path("AlarmDescription").asText()).contains("docs/runbooks/stuck.md");
        assertThat(text(alarm.at("/AlarmActions/0"))).isEqualTo("${AlertsTopicCF7C81C9}");
        assertThat(named(stack)).noneMatch(id -> id.contains("WorkloadStopped"));
    }

    @ParameterizedTest
    @MethodSource("regions")
    void theStackSaysWhichAlarmsRefuseARollOut(StackTemplate stack) {
        assertThat(stack.template().at("/Outputs/RollOutAlarms/Value/Fn::Join").toString())
                .isEqualTo("[\",\",[{\"Ref\":\"%s\"},{\"Ref\":\"%s\"}]]".formatted(ERRORS, UNHEALTHY));
    }

    /** Nothing else differs, so that the next guarded deploy finds its alarms with a past. */
    @Test
    void anUnguardedDeployNamesNoAlarmAndKeepsThemAll() {
        for (Map.Entry<SynthesizedApp, SynthesizedApp> app : Map.of(
                        DEV, SynthesizedApp.unguarded(TestConfigurations.dev()),
                        PROD, SynthesizedApp.unguarded(TestConfigurations.prod()))
                .entrySet()) {
            for (StackTemplate guarded : app.getKey().stacks()) {
                JsonNode unguarded = app.getValue().stack(guarded.name()).template();
                ObjectNode expected = guarded.template().deepCopy();
                expected.path("Resources").forEach(resource -> {
                    if (resource.at("/UpdatePolicy/AutoScalingInstanceRefresh/Preferences")
                            instanceof ObjectNode preferences) {
                        assertThat(preferences.remove("AlarmSpecification")).isNotNull();
                    }
                });
                assertThat(unguarded).isEqualTo(expected);
            }
        }
    }

    private static List<String> named(StackTemplate stack) {
        return stack.ofType("AWS::AutoScaling::AutoScalingGroup")
                .values()
                .iterator()
                .next()
                .at("/UpdatePolicy/AutoScalingInstanceRefresh/Preferences/AlarmSpecification/Alarms")
                .findValuesAsText("Ref");
    }

    private static JsonNode alarm(StackTemplate stack, String name) {
        return stack.ofType("AWS::CloudWatch::Alarm").entrySet().stream()
                .filter(entry -> entry.getKey().matches("Alarms" + name + "[0-9A-F]{8}"))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow()
                .path("Properties");
    }
}
