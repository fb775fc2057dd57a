package dev.pilotlight.recovery.asl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.recovery.asl.Execution.DataLimit;
import dev.pilotlight.recovery.asl.Execution.Status;
import dev.pilotlight.recovery.asl.Services.Reply;
import dev.pilotlight.simulation.TestRunbooks;
import dev.pilotlight.testing.StateMachines;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever a service answers, a runbook goes on: with less than the documented answer, with nothing, with another call's
 * error. A task catches an expression that gives nothing; in a choice, a wait or an end nobody does, and the run would be
 * dead without a word.
 */
class AnyAnswerTest {

    private static final Instant START = Instant.parse("2026-11-24T03:00:00Z");
    private static final int RUNS = 300;
    private static final List<String> ERRORS = List.of(
            "States.Timeout",
            "States.TaskFailed",
            "States.Http.Socket",
            "States.Http.StatusCode.503",
            "Rds.RdsException");

    /** What was answered in the simulation, by state. */
    private static final Map<String, List<Object>> ANSWERS = new LinkedHashMap<>();

    @BeforeAll
    static void answersOfTheSimulation() {
        TestRunbooks.live(
                20,
                definition -> definition.expressions().listen(evaluated -> {
                    Map<String, Object> states =
                            Definition.object(evaluated.bindings().get("states"));
                    if (states.containsKey("result")) {
                        String state = (String) Definition.object(
                                        Definition.object(states.get("context")).get("State"))
                                .get("Name");
                        List<Object> answers = ANSWERS.computeIfAbsent(state, any -> new ArrayList<>());
                        if (answers.size() < 20) {
                            answers.add(Json.of(states.get("result")));
                        }
                    }
                }));
    }

    static Set<String> machines() {
        // One environment in both terms, and what only the other has: the others differ in names.
        Set<String> machines = new LinkedHashSet<>(StateMachines.all().keySet());
        machines.removeIf(name -> name.startsWith("prod") && !name.contains("-backups-"));
        return machines;
    }

    @Test
    void theSimulationAnswersMostCalls() {
        assertThat(ANSWERS.size()).isGreaterThan(10);
    }

    @ParameterizedTest
    @MethodSource("machines")
    void noAnswerEndsARunWithoutAWord(String machine) {
        String text = StateMachines.all().get(machine);
        Definition definition = Definition.parse(text);
        Set<String> reached = new TreeSet<>();
        for (int run = 1; run <= RUNS; run++) {
            Random random = new Random(run);
            List<String> way = new ArrayList<>();
            Execution execution = execution(definition, text, random, way);
            while (execution.status() == Status.RUNNING) {
                way.add(execution.state());
                execution.step();
            }
            reached.addAll(way);
            if (execution.status() == Status.FAILED) {
                assertThat(execution.error())
                        .as("run %d at %s: %s%n%s", run, execution.state(), execution.cause(), way)
                        .doesNotStartWith("States.");
            } else {
                assertThat(execution.status())
                        .as("run %d: %s", run, way.subList(Math.max(0, way.size() - 20), way.size()))
                        .isEqualTo(Status.SUCCEEDED);
            }
        }
        assertThat(3 * reached.size())
                .as("%s of %s", reached, definition.stateNames())
                .isGreaterThan(definition.stateNames().size());
    }

    private static Execution execution(Definition definition, String text, Random random, List<String> way) {
        String mode = List.of("planned", "emergency", "drill").get(random.nextInt(3));
        return new Execution(
                        definition,
                        "arn:aws:states:r:a:stateMachine:m",
                        name(text, mode, random),
                        text.contains("What is asked?")
                                ? Map.of(
                                        "ask",
                                        List.of("region", "claim", "witnesses").get(random.nextInt(3)))
                                : input(mode, random),
                        START,
                        (at, service, action, arguments, timeout) ->
                                answer(way.get(way.size() - 1), service + ":" + action, random),
                        random::nextDouble)
                .with(random.nextBoolean() ? DataLimit.CAUGHT_BY_ITS_NAME : DataLimit.CAUGHT_BY_ALL);
    }

    private static Reply answer(String state, String call, Random random) {
        Duration took = Duration.ofMillis(200);
        if (random.nextInt(12) == 0) {
            // Only what comes from the internet may be of any size.
            String error = call.equals("http:invoke") && random.nextBoolean()
                    ? "States.DataLimitExceeded"
                    : ERRORS.get(random.nextInt(ERRORS.size()));
            return Reply.failed(error, "injected", took);
        }
        List<Object> known = ANSWERS.getOrDefault(state, documented(call));
        Object answer = known.get(random.nextInt(known.size()));
        return switch (random.nextInt(6)) {
            case 0 -> Reply.of(Map.of(), took);
            case 1, 2 -> Reply.of(less(answer, random), took);
            default -> Reply.of(answer, took);
        };
    }

    /** Of calls that the simulation does not answer. */
    private static List<Object> documented(String call) {
        return switch (call) {
            case "http:invoke" -> List.of(Map.of("StatusCode", 200, "ResponseBody", "anything"));
            case "sfn:startExecution" ->
                List.of(Map.of("ExecutionArn", "arn:aws:states:r:a:execution:m:n", "StartDate", START.toString()));
            case "sfn:describeExecution" ->
                List.of(
                        Map.of("Status", "RUNNING"),
                        Map.of("Status", "SUCCEEDED", "Output", "{\"right\": true, \"said\": \"\"}"),
                        Map.of("Status", "SUCCEEDED", "Output", "{\"right\": false, \"said\": \"no\"}"),
                        Map.of("Status", "SUCCEEDED", "Output", "no JSON"),
                        Map.of("Status", "FAILED", "Error", "States.Runtime", "Cause", "binary"),
                        Map.of("Status", "TIMED_OUT"));
            case "cloudwatch:describeAlarms" ->
                List.of(
                        Map.of("MetricAlarms", List.of(Map.of("StateValue", "ALARM"), Map.of("StateValue", "ALARM"))),
                        Map.of("MetricAlarms", List.of(Map.of("StateValue", "ALARM"), Map.of("StateValue", "OK"))));
            default -> List.of(Map.of());
        };
    }

    /** Without some of what it holds: a member that is optional, a list that is shorter or empty. */
    private static Object less(Object value, Random random) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> some = new LinkedHashMap<>();
            map.forEach((key, item) -> {
                if (random.nextInt(4) > 0) {
                    some.put((String) key, less(item, random));
                }
            });
            return some;
        }
        if (value instanceof List<?> list) {
            List<Object> some = new ArrayList<>();
            int most = random.nextInt(3) == 0 ? random.nextInt(2) : list.size();
            for (int index = 0; index < Math.min(most, list.size()); index++) {
                some.add(less(list.get(index), random));
            }
            return some;
        }
        return value;
    }

    private static String name(String text, String mode, Random random) {
        int term = text.contains("failover-term-2") ? 2 : 1;
        return random.nextInt(6) == 0
                ? "other"
                : "%s-term-%d-attempt-%d"
                        .formatted(mode.equals("drill") ? "drill" : "failover", term, 1 + random.nextInt(2));
    }

    private static Map<String, Object> input(String mode, Random random) {
        Map<String, Object> input = new LinkedHashMap<>();
        input.put("mode", mode);
        input.put("acceptDataLoss", random.nextBoolean());
        input.put("reason", "a test");
        if (random.nextInt(10) == 0) {
            input.put("reason", null);
        }
        return input;
    }
}
