package dev.pilotlight.topology;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.testing.GeneratedFile;
import dev.pilotlight.topology.RdsPermits.Operation;
import dev.pilotlight.topology.RdsPermits.Origin;
import dev.pilotlight.topology.RdsPermits.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RdsPermitsTest {

    private static final Path PAGE = Path.of("docs/rds.md");
    private static final String BEGIN = "<!-- permits:begin -->\n";
    private static final String END = "<!-- permits:end -->\n";

    @Test
    void everyOriginMeetsEveryOperationOnce() {
        for (Origin origin : Origin.values()) {
            for (Operation operation : Operation.values()) {
                assertThat(RdsPermits.table())
                        .as("%s of %s", operation, origin)
                        .filteredOn(rule -> rule.origin() == origin && rule.operation() == operation)
                        .filteredOn(rule -> rule.when().isEmpty())
                        .hasSize(1);
            }
        }
    }

    @Test
    void noStateIsNamedTwice() {
        Set<List<Object>> seen = new HashSet<>();
        for (Rule rule : RdsPermits.table()) {
            assertThat(seen.add(List.of(rule.origin(), rule.operation(), rule.when())))
                    .as(rule.toString())
                    .isTrue();
        }
    }

    @Test
    void everyLineSaysWhatFollowsAndWhereThatIsWritten() {
        for (Rule rule : RdsPermits.table()) {
            assertThat(rule.follows()).as(rule.toString()).endsWith(".");
            assertThat(rule.source()).as(rule.toString()).containsPattern("\\[(doc|pg|handler|issues|inferred)]");
            // RDS's codes, as the API gives them: without "Fault" or "Exception".
            assertThat(rule.error())
                    .as(rule.toString())
                    .matches("([A-Z][A-Za-z]+)?")
                    .doesNotEndWith("Exception");
        }
    }

    @Test
    void onlyWhatHasWrittenIsRestoredToATime() {
        for (Origin origin : Origin.values()) {
            assertThat(RdsPermits.of(origin, Operation.RESTORE_TO_TIME).permitted())
                    .isEqualTo(origin != Origin.REPLICA);
            assertThat(RdsPermits.of(origin, Operation.PROMOTE).permitted()).isEqualTo(origin == Origin.REPLICA);
        }
    }

    @Test
    void thePageShowsTheTable() throws IOException {
        String page = Files.readString(PAGE);
        assertThat(page).containsOnlyOnce(BEGIN).containsOnlyOnce(END);
        String before = page.substring(0, page.indexOf(BEGIN) + BEGIN.length());
        GeneratedFile.check(PAGE, before + "\n" + markdown() + "\n" + page.substring(page.indexOf(END)));
    }

    @Test
    void theEmulatorReadsTheSameTable() throws IOException {
        List<Map<String, Object>> rules = new ArrayList<>();
        for (Rule rule : RdsPermits.table()) {
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("origin", id(rule.origin()));
            line.put("operation", rule.operation().id());
            line.put("when", rule.when());
            line.put("permitted", rule.permitted());
            line.put("error", rule.error());
            line.put("follows", rule.follows());
            line.put("source", rule.source());
            rules.add(line);
        }
        GeneratedFile.check(
                Path.of("local/pilotlight_local/rds_permits.json"),
                new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(Map.of("rules", rules)) + "\n");
    }

    private static String markdown() {
        StringBuilder text = new StringBuilder();
        for (Operation operation : Operation.values()) {
            String title = operation.title();
            text.append("### ")
                    .append(title.substring(0, 1).toUpperCase(Locale.ROOT))
                    .append(title.substring(1))
                    .append("\n\n| of | RDS | what follows, or the way instead | source |\n|---|---|---|---|\n");
            for (Map.Entry<String, List<String>> line : lines(operation).entrySet()) {
                text.append("| ")
                        .append(String.join(", ", line.getValue()))
                        .append(" | ")
                        .append(line.getKey())
                        .append(" |\n");
            }
            text.append("\n");
        }
        return text.toString().stripTrailing() + "\n";
    }

    /** Origins of which the same is true share a line. */
    private static Map<String, List<String>> lines(Operation operation) {
        Map<String, List<String>> lines = new LinkedHashMap<>();
        for (Rule rule : RdsPermits.table()) {
            if (rule.operation() == operation) {
                String says = (rule.permitted() ? "permitted" : "refused: `" + rule.error() + "`")
                        + (rule.when().isEmpty() ? "" : ", " + rule.when())
                        + " | " + rule.follows() + " | " + rule.source();
                lines.computeIfAbsent(says, first -> new ArrayList<>()).add(id(rule.origin()));
            }
        }
        return lines;
    }

    private static String id(Origin origin) {
        return origin.name().toLowerCase(Locale.ROOT);
    }
}
