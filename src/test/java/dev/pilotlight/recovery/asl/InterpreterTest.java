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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InterpreterTest {

    private static final Instant START = Instant.parse("2026-11-24T03:00:00Z");
    private static final String DONE = "'Done': {'Type': 'Succeed', 'Output': '{% $x %}'}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "'A': {'Type': 'Map', 'Next': 'Done'}                                | states of type Map",
                "'A': {'Type': 'Pass', 'Result': 1, 'Next': 'Done'}                  | [Result]",
                "'A': {'Type': 'Pass', 'Assign': {'x': 1}, 'Next': 'B'}              | there is no state B",
                "'A': {'Type': 'Wait', 'Seconds': '{% $y %}', 'Next': 'Done'}        | no state assigns $y",
                "'A': {'Type': 'Wait', 'Seconds': '{% $millis() %}', 'Next': 'Done'} | this function is not supported",
                "'A': {'Type': 'Wait', 'Seconds': '{% 1 + %}', 'Next': 'Done'}       | A: ",
                "'A': {'Type': 'Task', 'Resource': 'arn:aws:states:::lambda:invoke', 'Next': 'Done'} | only SDK integrations and http:invoke",
                "'A': {'Type': 'Task', 'Resource': 'arn:aws:states:::aws-sdk:rds:x', 'Next': 'Done'} | without a timeout",
                "'A': {'Type': 'Pass', 'Assign': {'x': 1}, 'Next': 'A'}              | no way leads to [Done]"
            })
    void whatIsNotKnownIsRefused(String state, String message) {
        assertThatThrownBy(() -> definition(state + ", " + DONE))
                .isInstanceOf(UnsupportedDefinitionException.class)
                .hasMessageContaining(message);
    }

    @Test
    void allAssignmentsSeeTheOldValues() {
        Execution execution = run(
                "'A': {'Type': 'Pass', 'Assign': {'x': 1, 'y': 2}, 'Next': 'B'},"
                        + "'B': {'Type': 'Pass', 'Assign': {'x': '{% $y %}', 'y': '{% $x %}'}, 'Next': 'Done'},"
                        + DONE,
                (at, service, action, arguments, timeout) -> null);
        assertThat(execution.variables()).containsEntry("x", 2L).containsEntry("y", 1L);
        assertThat(execution.status()).isEqualTo(Status.SUCCEEDED);
    }

    @Test
    void anExpressionThatGivesNothingIsAnErrorThatATaskMayCatch() {
        Execution execution = run(
                "'A': {'Type': 'Pass', 'Assign': {'x': 1}, 'Next': 'B'},"
                        + task("B", "'Assign': {'x': '{% $states.result.nothing %}'}")
                        + DONE,
                (at, service, action, arguments, timeout) -> Reply.of(Map.of(), Duration.ofSeconds(1)));
        assertThat(execution.output()).isEqualTo("States.QueryEvaluationError");
    }

    @Test
    void theFirstRetrierThatMatchesDecidesAndDelaysGrow() {
        List<Duration> calls = new ArrayList<>();
        Execution execution = run(
                "'A': {'Type': 'Pass', 'Assign': {'x': 1}, 'Next': 'B'}," + task("B", "'Assign': {'x': 2}") + DONE,
                (at, service, action, arguments, timeout) -> {
                    calls.add(Duration.between(START, at));
                    return calls.size() < 4
                            ? Reply.timeout(timeout)
                            : Reply.failed("Rds.DbInstanceNotFoundException", "no", Duration.ZERO);
                });
        // Timeouts of 5 seconds, delays of 1, 2 and 3 (at most); then an error that is not tried again.
        assertThat(calls).extracting(Duration::toSeconds).containsExactly(0L, 6L, 13L, 21L);
        assertThat(execution.output()).isEqualTo("Rds.DbInstanceNotFoundException");
    }

    @Test
    void anAnswerAfterTheTimeoutIsATimeout() {
        Execution execution = run(
                "'A': {'Type': 'Pass', 'Assign': {'x': 1}, 'Next': 'B'}," + task("B", "'Assign': {'x': 2}") + DONE,
                (at, service, action, arguments, timeout) -> Reply.of(Map.of(), Duration.ofSeconds(6)));
        assertThat(execution.output()).isEqualTo("States.Timeout");
    }

    @ParameterizedTest
    @CsvSource({
        // An answer, an error with a handler of its own, the two that States.ALL does not catch.
        ",                              SUCCEEDED, answered",
        "States.Http.StatusCode.404,    SUCCEEDED, States.Http.StatusCode.404",
        "States.Http.Socket,            SUCCEEDED, States.Http.Socket",
        "States.DataLimitExceeded,      SUCCEEDED, too long",
        "States.Runtime,                FAILED,    ",
    })
    void aRequestOverHttpsIsACallToo(String error, Status status, String output) {
        List<String> calls = new ArrayList<>();
        Execution execution = run(
                "'A': {'Type': 'Task', 'Resource': 'arn:aws:states:::http:invoke', 'TimeoutSeconds': 5,"
                        + "'Arguments': {'ApiEndpoint': 'https://app.example.com/', 'Method': 'GET',"
                        + "'Authentication': {'ConnectionArn': 'arn'}},"
                        + "'Assign': {'x': 'answered'}, 'Next': 'Done', 'Retry': [], 'Catch': ["
                        + "{'ErrorEquals': ['States.DataLimitExceeded'], 'Assign': {'x': 'too long'}, 'Next': 'Done'},"
                        + "{'ErrorEquals': ['States.ALL'], 'Assign': {'x': '{% $states.errorOutput.Error %}'}, 'Next': 'Done'}]},"
                        + DONE,
                (at, service, action, arguments, timeout) -> {
                    calls.add(service + ":" + action + " " + arguments.get("ApiEndpoint"));
                    return error == null
                            ? Reply.of(Map.of("StatusCode", 200), Duration.ofSeconds(1))
                            : Reply.failed(error, "no", Duration.ofSeconds(1));
                });
        assertThat(calls).containsExactly("http:invoke https://app.example.com/");
        assertThat(execution.status()).isEqualTo(status);
        assertThat(execution.output()).isEqualTo(output);
    }

    private static String task(String name, String more) {
        return "'" + name + "': {'Type': 'Task', 'Resource': 'arn:aws:states:::aws-sdk:rds:describeDBInstances',"
                + "'Arguments': {}, 'TimeoutSeconds': 5, " + more + ", 'Next': 'Done',"
                + "'Retry': [{'ErrorEquals': ['Rds.DbInstanceNotFoundException', 'States.QueryEvaluationError'], 'MaxAttempts': 0},"
                + "{'ErrorEquals': ['States.TaskFailed', 'States.Timeout'], 'IntervalSeconds': 1, 'BackoffRate': 2,"
                + "'MaxDelaySeconds': 3, 'MaxAttempts': 5}],"
                + "'Catch': [{'ErrorEquals': ['States.ALL'], 'Assign': {'x': '{% $states.errorOutput.Error %}'}, 'Next': 'Done'}]},";
    }

    private static Execution run(String states, Services services) {
        Execution execution = new Execution(
                definition(states), "arn:aws:states:r:a:stateMachine:m", "name", Map.of(), START, services, () -> 1);
        while (execution.status() == Status.RUNNING) {
            execution.step();
        }
        return execution;
    }

    private static Definition definition(String states) {
        return Definition.parse("{'QueryLanguage': 'JSONata', 'StartAt': 'A', 'TimeoutSeconds': 600, 'States': {%s}}"
                .formatted(states)
                .replace('\'', '"'));
    }
}
