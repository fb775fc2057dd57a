package dev.pilotlight.recovery.asl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pilotlight.recovery.asl.Execution.Status;
import dev.pilotlight.recovery.asl.Services.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BranchesTest {

    private static final Instant START = Instant.parse("2026-11-24T03:00:00Z");
    private static final String END =
            "'Done': {'Type': 'Succeed', 'Output': {'all': '{% $all %}', 'x': '{% $x %}', 'input': '{% $states.input %}'}}";

    private final List<String> calls = new ArrayList<>();

    @Test
    void branchesRunAtTheSameTimeAndTheResultIsInTheirOrder() {
        Execution execution = run(
                waiting("A", 30) + "," + waiting("B", 10) + "," + waiting("C", 20),
                (at, s, a, arguments, timeout) -> null);
        assertThat(execution.status()).isEqualTo(Status.SUCCEEDED);
        assertThat(execution.due()).isEqualTo(START.plusSeconds(30));
        assertThat(execution.output())
                .isEqualTo(Map.of("all", List.of("A 1", "B 1", "C 1"), "x", 1, "input", List.of("A 1", "B 1", "C 1")));
    }

    @Test
    void stepsAreInTheOrderOfTime() {
        Execution execution =
                run(calling("A", 3) + "," + calling("B", 2), (at, service, action, arguments, timeout) -> {
                    calls.add(arguments.get("Name") + " "
                            + Duration.between(START, at).toSeconds());
                    return Reply.of(
                            Map.of(), Duration.ofSeconds(arguments.get("Name").equals("A") ? 3 : 2));
                });
        assertThat(execution.status()).isEqualTo(Status.SUCCEEDED);
        assertThat(calls).containsExactly("A 0", "B 0", "B 2", "A 3");
        assertThat(execution.due()).isEqualTo(START.plusSeconds(6));
    }

    /** The others are left alone, and the error is the branch's. */
    @Test
    void aBranchThatFailsFailsTheState() {
        Execution execution = run(
                waiting("A", 30) + "," + calling("B", 2),
                (at, s, a, arguments, timeout) ->
                        Reply.failed("States.Runtime", "binary content", Duration.ofSeconds(1)));
        assertThat(execution.status()).isEqualTo(Status.FAILED);
        assertThat(execution.error()).isEqualTo("States.Runtime");
        assertThat(execution.cause()).isEqualTo("binary content");
        assertThat(execution.due()).isBefore(START.plusSeconds(30));
    }

    @Test
    void aBranchIsPushedOnWithItsExecution() {
        Definition definition = definition(waiting("A", 30));
        Execution execution = execution(definition, (at, s, a, arguments, timeout) -> null);
        while (execution.status() == Status.RUNNING) {
            execution.notBefore(START.plusSeconds(60));
            execution.step();
        }
        assertThat(execution.due()).isBetween(START.plusSeconds(60), START.plusSeconds(90));
    }

    /** Step Functions is not slow: a machine that is must not end what it would not. */
    @Test
    void whoeverRunsItLateUsesUpNoneOfItsTime() {
        Execution execution = execution(definition(waiting("A", 30)), (at, s, a, arguments, timeout) -> null);
        while (execution.status() == Status.RUNNING) {
            execution.notBefore(execution.due().plusSeconds(5000));
            execution.step();
        }
        assertThat(execution.status()).isEqualTo(Status.SUCCEEDED);
    }

    @Test
    void theMachinesTimeIsTheBranchesToo() {
        Execution execution = run(waiting("A", 5000), (at, s, a, arguments, timeout) -> null);
        assertThat(execution.status()).isEqualTo(Status.TIMED_OUT);
    }

    /** As Step Functions has it: an inner name is not to be taken for an outer one. */
    @Test
    void namesAreUniqueAndWhatABranchAssignsStaysInside() {
        assertThatThrownBy(() -> definition(waiting("A", 1) + "," + waiting("A", 1)))
                .hasMessageContaining("two states");
        assertThatThrownBy(() -> definition("""
                        {'StartAt': 'P', 'States': {'P': {'Type': 'Pass', 'Assign': {'x': 2}, 'Next': 'E'},
                        'E': {'Type': 'Succeed', 'Output': 1}}}""")).hasMessageContaining("$x");
        assertThatThrownBy(() -> definition("""
                        {'StartAt': 'P', 'States': {'P': {'Type': 'Pass', 'Assign': {'all': 2}, 'Next': 'E'},
                        'E': {'Type': 'Succeed', 'Output': 1}}}""")).hasMessageContaining("$all");
        assertThatThrownBy(() -> definition("""
                        {'StartAt': 'P', 'States': {'P': {'Type': 'Pass', 'Assign': {'y': 2}, 'Next': 'E'},
                        'E': {'Type': 'Succeed', 'Output': '{% $z %}'}}}""")).hasMessageContaining("$z");
        assertThatThrownBy(() -> definition("""
                        {'StartAt': 'E', 'States': {'E': {'Type': 'Succeed', 'Output': 1},
                        'Dead': {'Type': 'Succeed', 'Output': 1}}}""")).hasMessageContaining("Dead");
        assertThatThrownBy(() -> definition("{'StartAt': 'Both', 'States': {}}"))
                .hasMessageContaining("no state Both");
    }

    private static String waiting(String name, int seconds) {
        return """
                {'StartAt': '%1$s', 'States': {'%1$s': {'Type': 'Wait', 'Seconds': %2$d, 'Next': '%1$s end'},
                '%1$s end': {'Type': 'Succeed', 'Output': '{%% "%1$s " & $string($x) %%}'}}}""".formatted(name, seconds);
    }

    private static String calling(String name, int seconds) {
        String task = "{'Type': 'Task', 'Resource': 'arn:aws:states:::aws-sdk:sns:publish', 'Arguments': {'Name': '"
                + name + "'}, 'TimeoutSeconds': " + (seconds + 5) + ", 'Next': '";
        return "{'StartAt': '%1$s', 'States': {'%1$s': %2$s%1$s again'}, '%1$s again': %2$s%1$s end'},"
                        .formatted(name, task)
                + "'%1$s end': {'Type': 'Succeed', 'Output': 1}}}".formatted(name);
    }

    private static Execution run(String branches, Services services) {
        Execution execution = execution(definition(branches), services);
        while (execution.status() == Status.RUNNING) {
            execution.step();
        }
        return execution;
    }

    private static Execution execution(Definition definition, Services services) {
        return new Execution(
                definition, "arn:aws:states:r:a:stateMachine:m", "name", Map.of(), START, services, () -> 1);
    }

    private static Definition definition(String branches) {
        return Definition.parse(
                ("{'Comment': '', 'QueryLanguage': 'JSONata', 'TimeoutSeconds': 1000, 'StartAt': 'Begin',"
                                + " 'States': {'Begin': {'Type': 'Pass', 'Assign': {'x': 1}, 'Next': 'Both'}, 'Both': {'Type': 'Parallel',"
                                + " 'Branches': [" + branches
                                + "], 'Assign': {'all': '{% $states.result %}'}, 'Next': 'Done'}," + END
                                + "}}")
                        .replace("\"", "\\\"")
                        .replace('\'', '"'));
    }
}
