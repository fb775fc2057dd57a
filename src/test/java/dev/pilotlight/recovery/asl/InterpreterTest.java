package dev.pilotlight.recovery.asl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pilotlight.recovery.asl.Execution.DataLimit;
import dev.pilotlight.recovery.asl.Execution.Status;
import dev.pilotlight.recovery.asl.Services.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class InterpreterTest {

    private static final Instant START = Instant.parse("2026-11-24T03:00:00Z");
    private static final Services NOBODY = (at, service, action, arguments, timeout) -> {
        throw new AssertionError("nothing is called");
    };
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
                "'A': {'Type': 'Pass', 'Assign': {'x': 1}, 'Next': 'A'}              | no way leads to [Done]",
                // Step Functions has no input document: it refuses a name that is not a path below $states or a
                // variable.
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% result.X %}'}, 'Next': 'Done'}        | nothing is called result",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% context.State.Name %}'}, 'Next': 'Done'} | nothing is called context",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% $ %}'}, 'Next': 'Done'}               | nothing is called $",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% $.input %}'}, 'Next': 'Done'}         | nothing is called $",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% $$.input %}'}, 'Next': 'Done'}        | nothing is called $$",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% * %}'}, 'Next': 'Done'}               | nothing is called *",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% **.X %}'}, 'Next': 'Done'}            | nothing is called **",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% $exists(input) %}'}, 'Next': 'Done'}  | nothing is called input",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% $states.input.a = input.b %}'}, 'Next': 'Done'} | nothing is called input",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% {\\u0027a\\u0027: input} %}'}, 'Next': 'Done'}    | nothing is called input",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% ($f := function($v) {input.a}; $f(1)) %}'}, 'Next': 'Done'} | nothing is called input",
                "'A': {'Type': 'Choice', 'Choices': [{'Condition': '{% input.a = 1 %}', 'Next': 'Done'}], 'Default': 'Done'} | nothing is called input",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% $states %}'}, 'Next': 'Done'}         | no $states as a whole here",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% $states.result.X %}'}, 'Next': 'Done'} | no $states.result.X here",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% $states.errorOutput.Error %}'}, 'Next': 'Done'} | no $states.errorOutput.Error here",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% $states.context.State.Nme %}'}, 'Next': 'Done'} | no $states.context.State.Nme here",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% $states.contxt.State.Name %}'}, 'Next': 'Done'} | no $states.contxt.State.Name here",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% $eval(\\u00271\\u0027) %}'}, 'Next': 'Done'}      | this function is not supported: $eval",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% $nothing(1) %}'}, 'Next': 'Done'}     | this function is not supported: $nothing",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% $x ?? 1 %}'}, 'Next': 'Done'}         | no operator ??",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% 0 ?: 1 %}'}, 'Next': 'Done'}          | no operator ?:",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% $replace($states.input.a, $states.input.b, $states.input.c, 1) %}'}, 'Next': 'Done'} | this call is not supported: $replace/4",
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% ($states := 1; 2) %}'}, 'Next': 'Done'} | $states is taken",
                "'A': {'Type': 'Pass', 'Assign': {'count': 1}, 'Next': 'Done'}                   | $count is taken",
                "'A': {'Type': 'Pass', 'Assign': {'states': 1}, 'Next': 'Done'}                  | $states is taken",
                "'A': {'Type': 'Pass', 'Assign': {'a-b': 1}, 'Next': 'Done'}                     | no name for a variable: a-b",
                "'A': {'Type': 'Pass', 'Assign': '{% 1 %}', 'Next': 'Done'}                      | Assign is an object",
                // Assigned on one way, read on both.
                "'A': {'Type': 'Choice', 'Choices': [{'Condition': '{% true %}', 'Assign': {'x': 1}, 'Next': 'Done'}], 'Default': 'Done'} | not every way here assigns $x",
                "'A': {'Type': 'Wait', 'Seconds': -1, 'Next': 'Done'}                            | Seconds is a whole number",
                "'A': {'Type': 'Wait', 'Seconds': 1.5, 'Next': 'Done'}                           | Seconds is a whole number",
                "'A': {'Type': 'Wait', 'Seconds': '3', 'Next': 'Done'}                           | Seconds is a whole number",
                "'A': {'Type': 'Wait', 'Seconds': 100000000, 'Next': 'Done'}                     | Seconds is a whole number",
                "'A': {'Type': 'Wait', 'Seconds': null, 'Next': 'Done'}                          | Seconds is a whole number",
                "'A': {'Type': 'Wait', 'Next': 'Done'}                                           | either Seconds or Timestamp",
                "'A': {'Type': 'Wait', 'Timestamp': 'tomorrow', 'Next': 'Done'}                  | no time: tomorrow",
                "'A': {'Type': 'Wait', 'Timestamp': 7, 'Next': 'Done'}                           | no time: 7",
            })
    void whatIsNotKnownIsRefused(String state, String message) {
        assertThatThrownBy(() -> definition(state + ", " + DONE))
                .isInstanceOf(UnsupportedDefinitionException.class)
                .hasMessageContaining(message);
    }

    /** Inside of a step or a filter a name is the item's. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "$states.input.rows[name = 'b'].name",
                "$states.input.rows.{'n': name, 'all': $}",
                "$states.input.rows[$ != 1]",
                "$states.input.rows^(name)",
                "$states.input.rows{name: $}",
                "$map($states.input.rows, function($row, $index) {$row.name & $index})",
                "($local := 1; $local + 1)"
            })
    void aNameInsideOfAPathIsTheItems(String expression) {
        definition("'A': {'Type': 'Pass', 'Assign': {'x': '{% " + expression.replace("'", "\\u0027")
                + " %}'}, 'Next': 'Done'}, " + DONE);
    }

    /** Every variable that JSON can hold comes back as it was, null too. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "[null]",
                "{'a': null}",
                "{'a': [1, null, {'b': null}]}",
                "7",
                "[7, 7.5]",
                "''",
                "[]",
                "{}"
            })
    void aValueIsKeptInAssignArgumentsAndOutput(String json) {
        List<Object> arguments = new ArrayList<>();
        Execution execution = run(
                "'A': {'Type': 'Pass', 'Assign': {'literal': " + json + "}, 'Next': 'B'},"
                        + "'B': {'Type': 'Pass', 'Assign': {'read': '{% $literal %}', 'inside': {'v': ['{% $literal %}']}}, 'Next': 'C'},"
                        + "'C': {'Type': 'Task', 'Resource': 'arn:aws:states:::aws-sdk:rds:describeDBInstances', 'TimeoutSeconds': 5,"
                        + "'Arguments': {'v': '{% $read %}'}, 'Assign': {'x': '{% $states.result.v %}'}, 'Next': 'D'},"
                        + "'D': {'Type': 'Pass', 'Assign': {'again': '{% $inside.v[0] %}'}, 'Next': 'Done'},"
                        + DONE,
                (at, service, action, given, timeout) -> {
                    arguments.add(given.get("v"));
                    return Reply.of(given, Duration.ZERO);
                });
        Object value = Definition.parse(
                        "{'QueryLanguage': 'JSONata', 'StartAt': 'A', 'TimeoutSeconds': 1, 'Comment': 'x', 'States': {'A': {'Type': 'Succeed', 'Output': %s}}}"
                                .formatted(json)
                                .replace('\'', '"'))
                .state("A")
                .get("Output");
        assertThat(execution.error()).as(execution.cause()).isNull();
        assertThat(execution.output()).isEqualTo(value);
        assertThat(arguments).containsExactly(value);
        assertThat(execution.variables()).containsEntry("literal", value).containsEntry("read", value);
        if (!"[null]".equals(json) && !"[]".equals(json) && !"[7, 7.5]".equals(json)) {
            // A sequence of one is its item: as in the reference.
            assertThat(execution.variables()).containsEntry("again", value);
        }
    }

    @Test
    void anAnswersNumberEqualsADefinitions() {
        Execution execution = run(
                "'A': {'Type': 'Pass', 'Assign': {'seven': 7, 'x': 0}, 'Next': 'B'},"
                        + task(
                                "B",
                                "'Assign': {'x': '{% [$states.result.n in [7], $states.result = {\\u0027n\\u0027: $seven}, $states.result.n] %}'}")
                        + DONE,
                (at, service, action, arguments, timeout) -> Reply.of(Map.of("n", 7L), Duration.ZERO));
        assertThat(execution.output()).isEqualTo(List.of(true, true, 7));
    }

    /** Whatever the library throws. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "$toMillis('x')",
                "$number('')",
                "$number('x')",
                "1 + 'a'",
                "$fromMillis('x')",
                "$substring(7, 1)",
                "$parse('{')",
                "$parse('1 2')",
                "1 / 0",
                "$uppercase",
                "($f := function($n) {$n + $f($n + 1)}; $f(1))",
                "$nothing.x",
                "$states.input.nothing"
            })
    void whatFailsOrGivesNothingIsAQueryEvaluationError(String expression) {
        Execution execution = run(
                "'A': {'Type': 'Pass', 'Assign': {'x': 1, 'nothing': {}}, 'Next': 'B'},"
                        + task("B", "'Assign': {'x': '{% " + expression.replace("'", "\\u0027") + " %}'}")
                        + DONE,
                (at, service, action, arguments, timeout) -> Reply.of(Map.of(), Duration.ZERO));
        assertThat(execution.output()).isEqualTo("States.QueryEvaluationError");
        Execution uncaught = run(
                "'A': {'Type': 'Pass', 'Assign': {'x': 1, 'nothing': {}}, 'Next': 'B'},"
                        + "'B': {'Type': 'Pass', 'Assign': {'x': '{% " + expression.replace("'", "\\u0027")
                        + " %}'}, 'Next': 'Done'},"
                        + DONE,
                NOBODY);
        assertThat(uncaught.status()).isEqualTo(Status.FAILED);
        assertThat(uncaught.error()).isEqualTo("States.QueryEvaluationError");
    }

    @Test
    void textIsParsed() {
        Execution execution = run(
                "'A': {'Type': 'Pass', 'Assign': {'t': '{\\\"a\\\": [1, null]}'}, 'Next': 'B'},"
                        + "'B': {'Type': 'Pass', 'Assign': {'x': '{% $parse($t).a %}'}, 'Next': 'Done'},"
                        + DONE,
                NOBODY);
        assertThat(execution.output()).isEqualTo(Arrays.asList(1, null));
    }

    /** Step Functions ends an evaluation that nests about 100 deep. */
    @Test
    void anExpressionThatNestsTooDeepIsRefusedOrFails() {
        assertThatThrownBy(() -> definition("'A': {'Type': 'Pass', 'Assign': {'x': '{% " + "1 + ".repeat(98)
                        + "1 %}'}, 'Next': 'Done'}, " + DONE))
                .isInstanceOf(UnsupportedDefinitionException.class)
                .hasMessageContaining("nests 99 deep");
        definition(
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% " + "1 + ".repeat(97) + "1 %}'}, 'Next': 'Done'}, " + DONE);
        String recursion =
                "'A': {'Type': 'Pass', 'Assign': {'x': '{% ($f := function($n) {$n = 0 ? 0 : 1 + $f($n - 1)}; $f(DEEP)) %}'}, 'Next': 'Done'}, ";
        assertThat(run(recursion.replace("DEEP", "10") + DONE, NOBODY).output()).isEqualTo(10);
        assertThat(run(recursion.replace("DEEP", "100") + DONE, NOBODY).error())
                .isEqualTo("States.QueryEvaluationError");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "'Seconds': '{% $x %}'   | 3                        | 3",
                "'Seconds': '{% $x %}'   | 0                        | 0",
                "'Seconds': '{% $x %}'   | 3.0                      | 3",
                "'Seconds': '{% $x %}'   | -1                       |",
                "'Seconds': '{% $x %}'   | 1.5                      |",
                "'Seconds': '{% $x %}'   | '3'                      |",
                "'Seconds': '{% $x %}'   | null                     |",
                "'Seconds': '{% $x %}'   | 100000000                |",
                "'Seconds': '{% $x %}'   | [3]                      |",
                "'Timestamp': '{% $x %}' | '2026-11-24T03:00:07Z'   | 7",
                "'Timestamp': '{% $x %}' | '2026-11-24T03:00:07.9Z' | 7",
                "'Timestamp': '{% $x %}' | '2026-11-24T04:00:07+01:00' | 7",
                "'Timestamp': '{% $x %}' | '2026-11-24T02:00:00Z'   | 0",
                "'Timestamp': '{% $x %}' | '2026-11-24 03:00:07Z'   |",
                "'Timestamp': '{% $x %}' | '2026-11-24t03:00:07z'   |",
                "'Timestamp': '{% $x %}' | '2026-11-24T03:00:07'    |",
                "'Timestamp': '{% $x %}' | '2026-13-24T03:00:07Z'   |",
                "'Timestamp': '{% $x %}' | '2026-11-24T25:00:07Z'   |",
                "'Timestamp': '{% $x %}' | '2026-11-24'             |",
                "'Timestamp': '{% $x %}' | 7                        |",
            })
    void aWaitTakesWholeSecondsOrATime(String field, String value, Integer waited) {
        Execution execution = run(
                "'A': {'Type': 'Pass', 'Assign': {'x': " + value + "}, 'Next': 'B'}," + "'B': {'Type': 'Wait', " + field
                        + ", 'Next': 'Done'}," + DONE,
                NOBODY);
        if (waited == null) {
            assertThat(execution.error()).isEqualTo("States.QueryEvaluationError");
        } else {
            assertThat(execution.status()).isEqualTo(Status.SUCCEEDED);
            assertThat(Duration.between(START, execution.due())).hasSeconds(waited);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Error", "Cause"})
    void anErrorAndItsCauseAreText(String field) {
        String other = field.equals("Error") ? "Cause" : "Error";
        for (String value : List.of("7", "null", "['a']", "{'a': 1}", "true")) {
            Execution execution = run(
                    "'A': {'Type': 'Pass', 'Assign': {'x': " + value + "}, 'Next': 'B'}," + "'B': {'Type': 'Fail', '"
                            + field + "': '{% $x %}', '" + other + "': 'told'}",
                    NOBODY);
            assertThat(execution.error()).as(value).isEqualTo("States.QueryEvaluationError");
        }
        Execution told = run(
                "'A': {'Type': 'Pass', 'Assign': {'x': 'mine'}, 'Next': 'B'}," + "'B': {'Type': 'Fail', '" + field
                        + "': '{% $x %}', '" + other + "': 'told'}",
                NOBODY);
        assertThat(List.of(told.error(), told.cause())).containsExactlyInAnyOrder("mine", "told");
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "1", "'true'", "[]", "[true]"})
    void aConditionIsABoolean(String value) {
        Execution execution = run(
                "'A': {'Type': 'Pass', 'Assign': {'x': " + value + "}, 'Next': 'B'},"
                        + "'B': {'Type': 'Choice', 'Choices': [{'Condition': '{% $x %}', 'Next': 'Done'}], 'Default': 'Done'},"
                        + DONE,
                NOBODY);
        assertThat(execution.error()).isEqualTo("States.QueryEvaluationError");
    }

    @Test
    void argumentsAreAnObject() {
        Execution execution = run(
                "'A': {'Type': 'Pass', 'Assign': {'x': [1]}, 'Next': 'B'},"
                        + task("B", "'Assign': {'x': 2}").replace("'Arguments': {}", "'Arguments': '{% $x %}'")
                        + DONE,
                NOBODY);
        assertThat(execution.output()).isEqualTo("States.QueryEvaluationError");
    }

    /** Event 25,000 is the failure, and nothing catches it. */
    @Test
    void aHistoryHasAnEnd() {
        Execution execution = run(
                "'A': {'Type': 'Choice', 'Choices': [{'Condition': '{% true %}', 'Next': 'B'}], 'Default': 'Done'},"
                        + "'B': {'Type': 'Pass', 'Assign': {'x': 1}, 'Next': 'A'}," + DONE.replace("$x", "1"),
                NOBODY);
        assertThat(execution.error()).isEqualTo("States.Runtime");
        assertThat(execution.events()).isEqualTo(25_000);
    }

    /** Started; each state entered and left; each attempt scheduled, started and ended; succeeded. */
    @Test
    void eventsAreCountedAsStepFunctionsDoes() {
        List<Instant> calls = new ArrayList<>();
        Execution execution = run(
                "'A': {'Type': 'Pass', 'Assign': {'x': 1}, 'Next': 'B'}," + task("B", "'Assign': {'x': 2}")
                        + "'Done': {'Type': 'Wait', 'Seconds': 1, 'Next': 'End'}, 'End': {'Type': 'Succeed', 'Output': 1}",
                (at, service, action, arguments, timeout) -> {
                    calls.add(at);
                    return calls.size() < 2 ? Reply.timeout(timeout) : Reply.of(Map.of(), Duration.ZERO);
                });
        assertThat(execution.status()).isEqualTo(Status.SUCCEEDED);
        assertThat(execution.events()).isEqualTo(1 + 4 * 2 + 2 * 3 + 1);
    }

    @Test
    void allAssignmentsSeeTheOldValues() {
        Execution execution = run(
                "'A': {'Type': 'Pass', 'Assign': {'x': 1, 'y': 2}, 'Next': 'B'},"
                        + "'B': {'Type': 'Pass', 'Assign': {'x': '{% $y %}', 'y': '{% $x %}'}, 'Next': 'Done'},"
                        + DONE,
                (at, service, action, arguments, timeout) -> null);
        assertThat(execution.variables()).containsEntry("x", 2).containsEntry("y", 1);
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

    /** Documented: only its name catches it. Recorded of a Lambda function: {@code States.ALL} does. */
    @ParameterizedTest
    @EnumSource
    void aResultThatIsTooLargeIsCaughtAsDocumentedOrAsRecorded(DataLimit dataLimit) {
        Execution execution = execution(
                        "'A': {'Type': 'Pass', 'Assign': {'x': 1}, 'Next': 'B'}," + task("B", "'Assign': {'x': 2}")
                                + DONE,
                        (at, service, action, arguments, timeout) ->
                                Reply.failed("States.DataLimitExceeded", "too large", Duration.ZERO))
                .with(dataLimit);
        finish(execution);
        assertThat(execution.status())
                .isEqualTo(dataLimit == DataLimit.CAUGHT_BY_ALL ? Status.SUCCEEDED : Status.FAILED);
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
        return finish(execution(states, services));
    }

    private static Execution execution(String states, Services services) {
        return new Execution(
                definition(states), "arn:aws:states:r:a:stateMachine:m", "name", Map.of(), START, services, () -> 1);
    }

    private static Execution finish(Execution execution) {
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
