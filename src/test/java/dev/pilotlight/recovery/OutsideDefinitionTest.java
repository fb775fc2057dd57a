package dev.pilotlight.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.recovery.asl.Execution;
import dev.pilotlight.recovery.asl.Execution.Status;
import dev.pilotlight.recovery.asl.Services.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutsideDefinitionTest {

    private static final String FIRST = "https://dynamodb.us-west-2.amazonaws.com/ping";
    private static final String SECOND = "https://dynamodb.ap-northeast-1.amazonaws.com/ping";
    private static final String THIRD = "https://www.google.com/robots.txt";

    private final List<Map<String, Object>> asked = new ArrayList<>();
    private final Map<Instant, Integer> when = new LinkedHashMap<>();

    @Test
    void whatIsNotAQuestionFails() {
        for (Object input : List.of(Map.of(), Map.of("ask", "nobody"), "region")) {
            Execution execution = Machines.run(Machines.outside(), input, (at, service, action, arguments, timeout) -> {
                throw new AssertionError("asked");
            });
            assertThat(execution.status()).isEqualTo(Status.FAILED);
            assertThat(execution.error()).isEqualTo("Pilotlight.InvalidInput");
        }
    }

    @Nested
    class TheRegion {

        @Test
        void isAskedUnderItsOwnNameWithTheWorkloadsConnection() {
            Execution execution = ask("region", body("pilotlight: pilotlight-dev eu-west-1"));
            assertThat(right(execution)).isTrue();
            assertThat(asked)
                    .containsExactly(Map.of(
                            "ApiEndpoint",
                            "https://dr.app.example.com/.well-known/pilotlight/region",
                            "Method",
                            "GET",
                            "Authentication",
                            Map.of("ConnectionArn", "${OutsideLookConnection4E4AA867.Arn}")));
        }

        /** Another region's, another workload's, a page of the workload, a page around it, nothing. */
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "pilotlight: pilotlight-dev eu-central-1",
                    "pilotlight: pilotlight-prod eu-west-1",
                    "<html>welcome</html>",
                    "<html>pilotlight: pilotlight-dev eu-west-1</html>",
                    ""
                })
        void anotherAnswerIsNotItsOwn(String body) {
            Execution execution = ask("region", body(body));
            assertThat(right(execution)).isFalse();
            assertThat(said(execution)).isEqualTo("something else answers: " + body);
        }

        @Test
        void anAnswerWithoutABodyOrOfJsonIsNotItsOwn() {
            assertThat(right(ask("region", Reply.of(Map.of("StatusCode", 204), Duration.ofMillis(80)))))
                    .isFalse();
            assertThat(right(ask(
                            "region",
                            Reply.of(
                                    Map.of("StatusCode", 200, "ResponseBody", Map.of("pilotlight", "dev")),
                                    Duration.ofMillis(80)))))
                    .isFalse();
        }

        /** 503 where a rule hides it, a handshake that fails, a connection that is not authorized. */
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "States.Http.StatusCode.503",
                    "States.Http.StatusCode.301",
                    "States.Http.Socket",
                    "States.TaskFailed",
                    "Events.ConnectionResource.AccessDenied"
                })
        void noAnswerIsSaidAsItIs(String error) {
            Execution execution = ask("region", failed(error));
            assertThat(right(execution)).isFalse();
            assertThat(said(execution)).isEqualTo(error + " cause");
            assertThat(asked).hasSize(2);
        }

        @Test
        void tooMuchIsSomethingElse() {
            Execution execution = ask("region", failed("States.DataLimitExceeded"));
            assertThat(said(execution)).isEqualTo("something else answers");
        }

        /** Content that is no text ends an execution, uncaught [doc]: this one, and not the failover. */
        @Test
        void anImageEndsThisExecutionOnly() {
            Execution execution = ask("region", failed("States.Runtime"));
            assertThat(execution.status()).isEqualTo(Status.FAILED);
            assertThat(execution.error()).isEqualTo("States.Runtime");
        }

        /** Twice five seconds and the second between. */
        @Test
        void silenceTakesElevenSecondsAtMost() {
            Execution execution = ask("region", Reply.of(Map.of(), Duration.ofMinutes(1)));
            assertThat(right(execution)).isFalse();
            assertThat(said(execution)).startsWith("States.Timeout");
            assertThat(execution.due()).isBeforeOrEqualTo(Machines.START.plusSeconds(12));
        }
    }

    @Nested
    class TheClaim {

        @ParameterizedTest
        @CsvSource({
            "pilotlight: pilotlight-dev is led from here in term 1, true",
            "pilotlight: pilotlight-dev is led from here in term 2, false",
            "pilotlight: no claim, false"
        })
        void isReadAtItsPath(String body, boolean right) {
            Execution execution = ask("claim", body(body));
            assertThat(right(execution)).isEqualTo(right);
            assertThat(asked)
                    .extracting(arguments -> arguments.get("ApiEndpoint"))
                    .containsExactly("https://dr.app.example.com/.well-known/pilotlight/leader/1");
        }
    }

    @Nested
    class TheWitnesses {

        @Test
        void areAskedAtTheSameTimeAndNotByName() {
            Execution execution = witnesses(body("healthy"), body("healthy"), body("User-agent: *"));
            assertThat(right(execution)).isTrue();
            assertThat(said(execution)).isEqualTo("3 of 3 witnesses answer");
            assertThat(when).containsOnlyKeys(Machines.START);
            assertThat(asked)
                    .extracting(arguments -> (String) arguments.get("ApiEndpoint"))
                    .containsExactlyInAnyOrder(FIRST, SECOND, THIRD);
            assertThat(asked)
                    .extracting(arguments -> arguments.get("Authentication").toString())
                    .allMatch(connection -> connection.matches(
                            "\\{ConnectionArn=\\$\\{RecoveryOutsideNamelessConnection[0-9A-F]{8}\\.Arn}}"));
        }

        /** It is no question whether they like us. */
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "States.Http.StatusCode.301",
                    "States.Http.StatusCode.403",
                    "States.Http.StatusCode.404",
                    "States.Http.StatusCode.429",
                    "States.Http.StatusCode.500",
                    "States.Http.StatusCode.503",
                    "States.DataLimitExceeded"
                })
        void answerWithAnyStatus(String error) {
            assertThat(right(witnesses(failed(error), failed(error), failed("States.Http.Socket"))))
                    .isTrue();
        }

        @Test
        void mayMissOne() {
            Execution execution = witnesses(body("healthy"), failed("States.Timeout"), body("User-agent: *"));
            assertThat(right(execution)).isTrue();
            assertThat(said(execution)).isEqualTo("2 of 3 witnesses answer (" + SECOND + ": States.Timeout cause)");
        }

        @ParameterizedTest
        @ValueSource(strings = {"States.Http.Socket", "States.Timeout", "States.TaskFailed", "States.Http.UnknownHost"})
        void thatAreSilentSayThatThisRegionMayBeCutOff(String error) {
            Execution execution = witnesses(failed(error), failed(error), body("User-agent: *"));
            assertThat(right(execution)).isFalse();
            assertThat(said(execution))
                    .isEqualTo(
                            ("1 of 3 witnesses answer: this region may be the one that is cut off, while the leader serves"
                                            + " (%2$s: %1$s cause; %3$s: %1$s cause)")
                                    .formatted(error, FIRST, SECOND));
        }

        /** A right that is missing would otherwise be called a network that is cut. */
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Events.ConnectionResource.AccessDenied",
                    "Events.ConnectionResource.InvalidConnectionState",
                    "Events.ConnectionResource.ResourceNotFound",
                    "States.Permissions"
                })
        void thatCouldNotBeAskedSayNothingOfTheNetwork(String error) {
            for (Execution execution : List.of(
                    witnesses(failed(error), failed(error), failed(error)),
                    witnesses(failed(error), body("healthy"), failed("States.Timeout")))) {
                assertThat(right(execution)).isFalse();
                assertThat(said(execution))
                        .contains("could not be asked, which is a fault of connection or permission", error)
                        .doesNotContain("cut off");
            }
        }

        @Test
        void thatAreSilentAllTheSameAreNotExcusedByOneThatCouldNotBeAsked() {
            assertThat(said(witnesses(
                            failed("Events.ConnectionResource.AccessDenied"),
                            failed("States.Timeout"),
                            failed("States.Timeout"))))
                    .contains("cut off");
        }

        @Test
        void areAskedTwice() {
            Map<Object, Integer> times = new LinkedHashMap<>();
            Execution execution = Machines.run(
                    Machines.outside(),
                    Map.of("ask", "witnesses"),
                    (at, service, action, arguments, timeout) ->
                            times.merge(arguments.get("ApiEndpoint"), 1, Integer::sum) == 1
                                    ? failed("States.Http.Socket")
                                    : body("healthy"));
            assertThat(right(execution)).isTrue();
            assertThat(times.values()).containsOnly(2);
        }

        /** All of them together as long as one. */
        @Test
        void thatAreSilentTakeElevenSeconds() {
            Reply silent = Reply.of(Map.of(), Duration.ofMinutes(1));
            Execution execution = witnesses(silent, silent, silent);
            assertThat(right(execution)).isFalse();
            assertThat(execution.due())
                    .isAfter(Machines.START.plusSeconds(10))
                    .isBeforeOrEqualTo(Machines.START.plusSeconds(12));
        }
    }

    private Execution ask(String question, Reply reply) {
        return Machines.run(Machines.outside(), Map.of("ask", question), (at, service, action, arguments, timeout) -> {
            assertThat(service).isEqualTo("http");
            asked.add(arguments);
            return reply;
        });
    }

    private Execution witnesses(Reply first, Reply second, Reply third) {
        Map<Object, Reply> replies = Map.of(FIRST, first, SECOND, second, THIRD, third);
        return Machines.run(
                Machines.outside(), Map.of("ask", "witnesses"), (at, service, action, arguments, timeout) -> {
                    asked.add(arguments);
                    when.merge(at, 1, Integer::sum);
                    return replies.get(arguments.get("ApiEndpoint"));
                });
    }

    private static Reply body(String text) {
        return Reply.of(Map.of("StatusCode", 200, "ResponseBody", text), Duration.ofMillis(80));
    }

    private static Reply failed(String error) {
        return Reply.failed(error, "cause", Duration.ofMillis(80));
    }

    private static boolean right(Execution execution) {
        assertThat(execution.status()).isEqualTo(Status.SUCCEEDED);
        return (Boolean) ((Map<?, ?>) execution.output()).get("right");
    }

    private static String said(Execution execution) {
        return (String) ((Map<?, ?>) execution.output()).get("said");
    }
}
