package dev.pilotlight.recovery.asl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.recovery.asl.Expressions.Evaluated;
import dev.pilotlight.recovery.asl.Expressions.QueryEvaluationException;
import dev.pilotlight.simulation.TestRunbooks;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.zeroturnaround.exec.ProcessExecutor;

/**
 * The interpreter's expressions and the reference implementation of JSONata, in the version that Step Functions names
 * (2.0.6, pinned in package.json), give the same.
 */
class ReferenceTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path FOLDER = Path.of("src/test/resources/dev/pilotlight/recovery/asl");

    /** Of one expression that many compared, in the simulation. */
    private static final int SAMPLES = 12;

    private static final String BINDINGS = """
            {"seven": 7, "sevens": [7], "big": 1795489200123, "half": 0.5, "none": null,
             "states": {
               "context": {"State": {"Name": "A", "EnteredTime": "2026-11-24T03:00:00.000Z"}},
               "result": {"Count": 7, "None": null},
               "input": {
                 "none": null, "text": "text", "list": [null, 1, "a"], "empty": [], "object": {"none": null, "a": 1, "b": [2]},
                 "one": [{"name": "a"}], "nested": [[{"n": 1}], [{"n": 2}, {"n": 3}]],
                 "rows": [
                   {"name": "a", "size": 1, "none": null, "tags": [{"key": "k", "value": "v"}]},
                   {"name": "b", "size": 2, "tags": [{"key": "j", "value": "w"}, {"key": "k", "value": "x"}]}]}}}""";

    /** What is compared: nothing and an error are the same to Step Functions. */
    private record Answer(JsonNode value) {
        static final Answer NONE = new Answer(null);

        static Answer of(Object value) {
            // The reference has doubles only, and writes whole ones without a fraction.
            return new Answer(JSON.valueToTree(Json.of(value)));
        }

        static Answer ofReference(JsonNode answer) {
            return answer.has("value") ? of(JSON.convertValue(answer.get("value"), Object.class)) : NONE;
        }

        @Override
        public String toString() {
            return value == null ? "an error" : value.toString();
        }
    }

    private record Compared(String expression, Map<String, Object> bindings, Answer ours) {}

    @Test
    void expressionsGiveWhatTheReferenceGives() throws Exception {
        Map<String, Object> bindings = Definition.object(Json.of(JSON.readValue(BINDINGS, Map.class)));
        List<Compared> compared = new ArrayList<>();
        for (String line : Files.readAllLines(FOLDER.resolve("expressions.txt"))) {
            if (!line.isBlank() && !line.startsWith("#")) {
                compared.add(new Compared(line, bindings, ours(line, bindings)));
            }
        }
        assertThat(compared).hasSizeGreaterThan(300);
        assertAgree(compared);
        Set<String> used = new LinkedHashSet<>();
        for (Compared one : compared) {
            used.addAll(Expressions.FUNCTIONS.stream()
                    .filter(function -> one.expression().contains("$" + function + "("))
                    .toList());
        }
        assertThat(used).as("functions that are compared").containsAll(Expressions.FUNCTIONS);
    }

    /** As they come in disasters, with what was bound then. */
    @Test
    void theRunbooksExpressionsGiveWhatTheReferenceGives() throws Exception {
        Map<String, List<Evaluated>> samples = new LinkedHashMap<>();
        TestRunbooks.live(
                60,
                definition -> definition.expressions().listen(evaluated -> {
                    List<Evaluated> before = samples.computeIfAbsent(evaluated.expression(), any -> new ArrayList<>());
                    if (before.size() < SAMPLES
                            && before.stream()
                                    .noneMatch(other -> Objects.equals(other.answer(), evaluated.answer())
                                            && Objects.equals(other.error(), evaluated.error()))) {
                        // What was bound is no copy, and the answer neither.
                        before.add(new Evaluated(
                                evaluated.expression(),
                                Definition.object(Json.of(evaluated.bindings())),
                                Json.of(evaluated.answer()),
                                evaluated.error()));
                    }
                }));
        List<Compared> compared = new ArrayList<>();
        samples.forEach((expression, evaluations) -> evaluations.forEach(one -> compared.add(new Compared(
                Expressions.body(expression),
                one.bindings(),
                one.error() == null ? Answer.of(one.answer()) : Answer.NONE))));
        assertThat(samples).hasSizeGreaterThan(100);
        assertAgree(compared);
    }

    private static void assertAgree(List<Compared> compared) throws Exception {
        List<Answer> reference = reference(compared);
        List<String> differences = new ArrayList<>();
        for (int index = 0; index < compared.size(); index++) {
            Compared one = compared.get(index);
            if (!one.ours().equals(reference.get(index))) {
                differences.add("%s%n  reference: %s%n  here:      %s"
                        .formatted(one.expression(), reference.get(index), one.ours()));
            }
        }
        assertThat(differences).as("of %d", compared.size()).isEmpty();
    }

    private static Answer ours(String expression, Map<String, Object> bindings) {
        Expressions expressions = new Expressions();
        String text = "{%" + expression + "%}";
        try {
            expressions.parse(text, "here");
        } catch (UnsupportedDefinitionException refused) {
            // A definition that is refused does not run, here or there.
            return Answer.NONE;
        }
        Map<String, Object> variables = new LinkedHashMap<>(bindings);
        Map<String, Object> states = Definition.object(variables.remove("states"));
        try {
            return Answer.of(expressions.evaluate(text, variables, states));
        } catch (QueryEvaluationException e) {
            return Answer.NONE;
        }
    }

    private static List<Answer> reference(List<Compared> compared) throws Exception {
        StringBuilder lines = new StringBuilder();
        for (Compared one : compared) {
            lines.append(JSON.writeValueAsString(Map.of("expression", one.expression(), "bindings", one.bindings())))
                    .append('\n');
        }
        String output = new ProcessExecutor(
                        "node_modules/.bin/node",
                        FOLDER.resolve("reference.cjs").toString())
                .environment(
                        "NODE_PATH", Path.of("node_modules").toAbsolutePath().toString())
                .redirectInput(new ByteArrayInputStream(lines.toString().getBytes(StandardCharsets.UTF_8)))
                .readOutput(true)
                .timeout(5, TimeUnit.MINUTES)
                .exitValueNormal()
                .execute()
                .outputUTF8();
        List<Answer> answers = new ArrayList<>();
        for (String line : output.lines().toList()) {
            answers.add(Answer.ofReference(read(line)));
        }
        assertThat(answers).hasSameSizeAs(compared);
        return answers;
    }

    private static JsonNode read(String line) throws IOException {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no answer: " + line, e);
        }
    }
}
