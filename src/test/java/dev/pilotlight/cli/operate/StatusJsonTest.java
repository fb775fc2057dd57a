package dev.pilotlight.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.testing.TestConfigurations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The shape that programs rely on, seen and unseen. */
class StatusJsonTest {

    private static JsonNode document(Observed seen) throws Exception {
        try (Site site = Site.emulated(
                TestConfigurations.dev(),
                TestConfigurations.FOLDER,
                true,
                "http://127.0.0.1:9",
                "123456789012",
                InstantSource.system())) {
            Assessment assessment = Assessor.assess(seen, site::called, site.instructions());
            assertThat(String.join("\n", new StatusText(site, seen, assessment, 80, false).lines()))
                    .as("no line is longer than the terminal is wide, but for commands")
                    .matches(text -> text.lines()
                            .filter(line -> !line.contains("./pilot") && !line.contains("npx"))
                            .allMatch(line -> line.length() <= 80));
            return new ObjectMapper().readTree(StatusJson.of(site, seen, assessment));
        }
    }

    private static List<String> keys(JsonNode node) {
        List<String> keys = new ArrayList<>();
        node.fieldNames().forEachRemaining(keys::add);
        return keys;
    }

    private static void hasTheShape(JsonNode document) throws Exception {
        assertThat(keys(document))
                .containsExactly(
                        "version",
                        "workload",
                        "environment",
                        "account",
                        "emulated",
                        "at",
                        "well",
                        "leader",
                        "regions",
                        "findings",
                        "next");
        assertThat(keys(document.path("leader")))
                .containsExactly("agreed", "byClaims", "byConfiguration", "byDeployment", "byDatabases");
        assertThat(keys(document.path("next"))).containsExactly("says", "append", "commands");
        assertThat(keys(document.path("regions"))).containsExactly("primary", "dr");
        String explained = Files.readString(Path.of("docs/status.md"));
        for (JsonNode region : document.path("regions")) {
            assertThat(keys(region))
                    .containsExactly(
                            "region",
                            "answers",
                            "claims",
                            "handoverSigns",
                            "stack",
                            "databases",
                            "group",
                            "healthyTargets",
                            "certificate",
                            "heartbeat",
                            "writable",
                            "replicaLag",
                            "rehearsal",
                            "failover")
                    .allSatisfy(key -> assertThat(explained).contains("`" + key + "`"));
        }
        for (JsonNode finding : document.path("findings")) {
            assertThat(keys(finding)).containsExactly("id", "level", "subject", "says", "todo");
        }
    }

    @Test
    void whatIsSeenIsThere() throws Exception {
        JsonNode document = document(AssessorTest.asFounded());
        hasTheShape(document);
        assertThat(document.path("well").asBoolean()).isTrue();
        assertThat(document.path("version").asInt()).isEqualTo(StatusJson.VERSION);
        assertThat(document.at("/leader/byClaims/region").asText()).isEqualTo("primary");
        assertThat(document.at("/regions/dr/databases/0/source").asInt(-1)).isZero();
        assertThat(document.at("/regions/dr/replicaLag/value").asDouble()).isEqualTo(2);
        assertThat(document.at("/regions/primary/heartbeat").isNull()).isTrue();
    }

    @Test
    void whatIsNotSeenIsNull() throws Exception {
        Observed whole = AssessorTest.asFounded();
        Observed half = new Observed(
                whole.at(),
                new Observed.Expected(whole.expected().lineage(), Duration.ofMinutes(5), 1),
                Map.of(
                        dev.pilotlight.topology.RegionName.PRIMARY,
                        AssessorTest.unknown(false),
                        dev.pilotlight.topology.RegionName.DR,
                        whole.regions().get(dev.pilotlight.topology.RegionName.DR)));
        JsonNode document = document(half);
        hasTheShape(document);
        assertThat(document.path("well").asBoolean()).isFalse();
        assertThat(document.at("/regions/primary/answers").asBoolean(true)).isFalse();
        assertThat(document.at("/regions/primary/claims").isNull()).isTrue();
        assertThat(document.at("/regions/primary/stack").isNull()).isTrue();
    }
}
