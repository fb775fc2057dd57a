package dev.pilotlight.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.recovery.asl.Execution;
import dev.pilotlight.recovery.asl.Execution.Status;
import dev.pilotlight.recovery.asl.Services;
import dev.pilotlight.recovery.asl.Services.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StarterDefinitionTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final String FAILOVER =
            "arn:aws:states:eu-west-1:${AWS::AccountId}:stateMachine:pilotlight-dev-failover-dr";

    @Nested
    class Starts {

        @Test
        void theFirstAttemptIfBothSignalsStillStandAndAcceptsNoLoss() {
            Region region = new Region();
            Execution execution = region.run();
            assertThat(region.looked).first().isEqualTo(Machines.START.plusSeconds(StarterDefinition.WAIT_SECONDS));
            assertThat(region.startedAt).isBetween(Machines.START.plusSeconds(300), Machines.START.plusSeconds(330));
            assertThat(region.started).hasSize(1);
            assertThat(region.started.get(0))
                    .containsEntry("StateMachineArn", FAILOVER)
                    .containsEntry("Name", "failover-term-1-attempt-1");
            assertThat((String) region.started.get(0).get("Input"))
                    .startsWith(
                            "{\"mode\":\"emergency\",\"acceptDataLoss\":false,\"reason\":\"started by the alarm ${DetectionRegionLost");
            assertThat(outcome(execution)).isEqualTo("started");
            assertThat(region.told).hasSize(1).first().asString().contains("was started as failover-term-1-attempt-1");
        }

        /** A failed notification hides nothing: the page itself comes from the alarm. */
        @Test
        void evenIfNobodyCanBeTold() {
            Region region = new Region();
            region.publish = Reply.timeout(SECOND);
            assertThat(outcome(region.run())).isEqualTo("started");
        }

        @Test
        void afterThrottlingIsOver() {
            Region region = new Region();
            int[] calls = {0};
            Execution execution = Machines.run(
                    Machines.starter(),
                    (at, service, action, arguments, timeout) -> ++calls[0] % 4 != 0 && !action.equals("publish")
                            ? Reply.failed("Sfn.SfnException", "Rate exceeded", SECOND)
                            : region.call(at, service, action, arguments, timeout));
            // Asked twice only; then again a minute later.
            assertThat(calls[0]).isGreaterThan(8);
            assertThat(execution.status()).isIn(Status.SUCCEEDED, Status.FAILED);
            assertThat(region.told).hasSize(1);
        }
    }

    @Nested
    class StartsNothing {

        @Test
        void ifEitherSignalHasRecovered() {
            for (Reply alarms : List.of(
                    alarms("OK", "ALARM"), alarms("ALARM", "OK"), alarms("ALARM", "INSUFFICIENT_DATA"), alarms())) {
                Region region = new Region();
                region.alarms = at -> alarms;
                assertThat(outcome(region.run())).isEqualTo("recovered");
                assertThat(region.asked).isEmpty();
                assertThat(region.started).isEmpty();
                assertThat(region.told).hasSize(1).allMatch(message -> message.contains("no failover was started"));
            }
        }

        @Test
        void ifItsAlarmsCannotBeReadOrTheStartIsRefusedAndSaysSo() {
            Reply throttled = Reply.failed("CloudWatch.CloudWatchException", "Rate exceeded", SECOND);
            Region blind = new Region();
            blind.alarms = at -> throttled;
            Region refused = new Region();
            refused.start = name -> throttled;
            for (Region region : List.of(blind, refused)) {
                Execution execution = region.run();
                assertThat(execution.status()).isEqualTo(Status.FAILED);
                assertThat(execution.error()).isEqualTo("Pilotlight.NotStarted");
                assertThat(execution.cause()).contains("start it yourself", "Rate exceeded");
                assertThat(region.told).hasSize(1).allMatch(message -> message.contains("start it yourself"));
            }
        }
    }

    @Nested
    class InARegionThatIsCutOff {

        /** Both signals are of the region that is cut off: the leader serves, and would be split from it. */
        @Test
        void startsNothingAndTellsAfterTenMinutes() {
            Region region = new Region();
            region.witnesses = at -> false;
            Execution execution = region.run();
            assertThat(region.started).isEmpty();
            assertThat(execution.status()).isEqualTo(Status.FAILED);
            assertThat(execution.cause())
                    .startsWith(
                            "nothing was started, because not enough witnesses answered for 10 minutes: they are silent")
                    .contains("start it yourself");
            assertThat(region.told).hasSize(1);
            assertThat(execution.due())
                    .isBetween(Machines.START.plusSeconds(120 + 600), Machines.START.plusSeconds(120 + 600 + 2 * 60));
            assertThat(region.asked).hasSizeBetween(8, 11);
        }

        /** Three minutes of answers, from whenever they come: the isolation's end looks like a lost region until then. */
        @ParameterizedTest
        @CsvSource({"0", "60", "300", "540"})
        void startsOnceWitnessesHaveAnsweredForThreeMinutesAndBothSignalsStillStand(int seconds) {
            Region region = new Region();
            Instant back = Machines.START.plusSeconds(120 + seconds);
            region.witnesses = at -> !at.isBefore(back);
            assertThat(outcome(region.run())).isEqualTo("started");
            assertThat(region.startedAt).isBetween(back.plusSeconds(180), back.plusSeconds(180 + 2 * 70));
        }

        /** One look without an answer, and the three minutes begin anew. */
        @Test
        void countsOnlyAnswersInARow() {
            Region region = new Region();
            Instant gap = Machines.START.plusSeconds(120 + 120);
            region.witnesses = at -> at.isBefore(gap) || at.isAfter(gap.plusSeconds(60));
            assertThat(outcome(region.run())).isEqualTo("started");
            assertThat(region.startedAt).isAfter(gap.plusSeconds(60 + 180));
        }

        /** The network is back, and with it the leader's heartbeat, as soon as CloudWatch has judged two minutes more. */
        @ParameterizedTest
        @CsvSource({"0", "30", "60", "90", "120", "150"})
        void startsNothingIfTheLeaderIsHeardMeanwhile(int later) {
            Region region = new Region();
            Instant back = Machines.START.plusSeconds(300 + 240);
            region.witnesses = at -> !at.isBefore(back);
            region.alarms =
                    at -> at.isBefore(back.plusSeconds(later)) ? alarms("ALARM", "ALARM") : alarms("OK", "ALARM");
            assertThat(outcome(region.run())).isEqualTo("recovered");
            assertThat(region.started).isEmpty();
        }

        /** However the answer fails to come. */
        @ParameterizedTest
        @ValueSource(strings = {"RUNNING", "FAILED", "TIMED_OUT", "ABORTED", "never", "cannot be asked"})
        void takesNoAnswerForSilence(String status) {
            Region region = new Region();
            region.look = switch (status) {
                case "never" -> Reply.failed("Sfn.ExecutionDoesNotExistException", "not yet", SECOND);
                case "cannot be asked" -> null;
                default -> Reply.of(Map.of("Status", status, "Error", "States.Runtime", "Cause", "an image"), SECOND);
            };
            region.asks = !status.equals("cannot be asked");
            Execution execution = region.run();
            assertThat(region.started).isEmpty();
            assertThat(execution.status()).isEqualTo(Status.FAILED);
            assertThat(execution.cause())
                    .contains(
                            switch (status) {
                                case "RUNNING", "never" -> "no answer came";
                                case "cannot be asked" -> "it could not be asked: Sfn.SfnException";
                                default -> "the look ended with " + status + ": States.Runtime an image";
                            });
        }

        /** Waiting for its own question is no waste of the ten minutes: it begins anew every minute. */
        @Test
        void readsTheAnswerThatBelongsToTheQuestion() {
            Region region = new Region();
            region.witnesses = at -> !at.isBefore(Machines.START.plusSeconds(420));
            region.answersAfter = Duration.ofSeconds(11);
            assertThat(outcome(region.run())).isEqualTo("started");
        }
    }

    @Nested
    class IfTheNameIsTaken {

        /** A person was faster, or an emergency has ended: what follows is a person's. */
        @ParameterizedTest
        @ValueSource(strings = {"RUNNING", "FAILED", "SUCCEEDED", "ABORTED", "TIMED_OUT"})
        void byAnEmergencyItStartsNothing(String status) {
            Region region = new Region();
            region.attempts.put("failover-term-1-attempt-1", Map.of("Status", status, "Input", input("emergency")));
            assertThat(outcome(region.run())).isEqualTo("there");
            assertThat(region.started).isEmpty();
            assertThat(region.told)
                    .hasSize(1)
                    .first()
                    .asString()
                    .contains("failover-term-1-attempt-1 had been started before (" + status + ")");
        }

        /** A switchover that gave up must not disarm the automatic start for the 90 days that its name is taken. */
        @ParameterizedTest
        @ValueSource(strings = {"FAILED", "ABORTED", "TIMED_OUT"})
        void byASwitchoverThatGaveUpItTakesTheNext(String status) {
            Region region = new Region();
            region.attempts.put("failover-term-1-attempt-1", Map.of("Status", status, "Input", input("planned")));
            region.attempts.put("failover-term-1-attempt-2", Map.of("Status", status, "Input", input("planned")));
            assertThat(outcome(region.run())).isEqualTo("started");
            assertThat(region.started)
                    .extracting(arguments -> arguments.get("Name"))
                    .containsExactly("failover-term-1-attempt-3");
            assertThat(region.told).first().asString().contains("was started as failover-term-1-attempt-3");
        }

        /** A drill by mistake, or a word that was forgotten: nothing was done under that name. */
        @ParameterizedTest
        @ValueSource(strings = {"{\"mode\": \"drill\"}", "{}", "5", "null", "\"planned\"", "[]"})
        void byAnInputThatWasRefusedItTakesTheNext(String input) {
            Region region = new Region();
            region.attempts.put(
                    "failover-term-1-attempt-1",
                    Map.of("Status", "FAILED", "Error", "Pilotlight.InvalidInput", "Input", input));
            assertThat(outcome(region.run())).isEqualTo("started");
            assertThat(region.started)
                    .extracting(arguments -> arguments.get("Name"))
                    .containsExactly("failover-term-1-attempt-2");
        }

        @Test
        void byAnEmergencyAfterASwitchoverItStartsNothing() {
            Region region = new Region();
            region.attempts.put("failover-term-1-attempt-1", Map.of("Status", "FAILED", "Input", input("planned")));
            region.attempts.put("failover-term-1-attempt-2", Map.of("Status", "FAILED", "Input", input("emergency")));
            assertThat(outcome(region.run())).isEqualTo("there");
            assertThat(region.started).isEmpty();
        }

        /** The users are here already. */
        @Test
        void byASwitchoverThatIsDoneItStartsNothing() {
            Region region = new Region();
            region.attempts.put("failover-term-1-attempt-1", Map.of("Status", "SUCCEEDED", "Input", input("planned")));
            assertThat(outcome(region.run())).isEqualTo("there");
        }

        /** It ends by itself when it hears no heartbeat. */
        @Test
        void byASwitchoverThatRunsItLooksAgainUntilThatHasEnded() {
            Region region = new Region();
            Instant ended = Machines.START.plusSeconds(300 + 200);
            region.described = (name, at) ->
                    Map.of("Status", at.isBefore(ended) ? "RUNNING" : "FAILED", "Input", input("planned"));
            region.attempts.put("failover-term-1-attempt-1", Map.of());
            assertThat(outcome(region.run())).isEqualTo("started");
            assertThat(region.startedAt).isBetween(ended, ended.plusSeconds(90));
        }

        @Test
        void byASwitchoverThatGoesOnForTenMinutesItTellsPeople() {
            Region region = new Region();
            region.attempts.put("failover-term-1-attempt-1", Map.of("Status", "RUNNING", "Input", input("planned")));
            Execution execution = region.run();
            assertThat(outcome(execution)).isEqualTo("there");
            assertThat(execution.due())
                    .isBetween(Machines.START.plusSeconds(300 + 600), Machines.START.plusSeconds(300 + 600 + 2 * 70));
        }

        @Test
        void andNobodyKnowsByWhomItStartsNothing() {
            Region region = new Region();
            region.attempts.put("failover-term-1-attempt-1", null);
            assertThat(outcome(region.run())).isEqualTo("there");
            assertThat(region.told).first().asString().contains("(unknown)");
        }

        @Test
        void aDozenTimesItIsAPersonsAffair() {
            Region region = new Region();
            for (int attempt = 1; attempt <= 20; attempt++) {
                region.attempts.put(
                        "failover-term-1-attempt-" + attempt, Map.of("Status", "FAILED", "Input", input("planned")));
            }
            assertThat(outcome(region.run())).isEqualTo("there");
        }

        private String input(String mode) {
            return "{\"mode\": \"%s\", \"acceptDataLoss\": false, \"reason\": \"test\"}".formatted(mode);
        }
    }

    /** The standby's region, as far as the starter can tell. */
    private static final class Region implements Services {
        private final List<Instant> looked = new ArrayList<>();
        private final List<Instant> asked = new ArrayList<>();
        private final List<Map<String, Object>> started = new ArrayList<>();
        private final List<String> told = new ArrayList<>();
        private final Map<String, Map<String, Object>> attempts = new LinkedHashMap<>();
        private Instant startedAt;

        private Function<Instant, Reply> alarms = at -> alarms("ALARM", "ALARM");
        private Function<Instant, Boolean> witnesses = at -> true;
        private Duration answersAfter = Duration.ofSeconds(1);
        private boolean asks = true;
        private Reply look;
        private Function<String, Reply> start = name -> Reply.of(Map.of("ExecutionArn", "arn"), SECOND);
        private Reply publish = Reply.of(Map.of(), SECOND);
        private java.util.function.BiFunction<String, Instant, Map<String, Object>> described =
                (name, at) -> attempts.get(name);

        Execution run() {
            return Machines.run(Machines.starter(), this);
        }

        @Override
        public Reply call(Instant at, String service, String action, Map<String, Object> arguments, Duration timeout) {
            return switch (service + ":" + action) {
                case "cloudwatch:describeAlarms" -> {
                    looked.add(at);
                    assertThat((List<?>) arguments.get("AlarmNames")).hasSize(2);
                    yield alarms.apply(at);
                }
                case "sfn:startExecution" -> {
                    if (arguments.get("StateMachineArn").toString().endsWith("-outside-dr")) {
                        assertThat(arguments)
                                .containsEntry("Input", "{\"ask\":\"witnesses\"}")
                                .doesNotContainKey("Name");
                        asked.add(at);
                        yield asks
                                ? Reply.of(Map.of("ExecutionArn", "outside:" + at), SECOND)
                                : Reply.failed("Sfn.SfnException", "Rate exceeded", SECOND);
                    }
                    String name = (String) arguments.get("Name");
                    if (attempts.containsKey(name)) {
                        yield Reply.failed("Sfn.ExecutionAlreadyExistsException", "Execution Already Exists", SECOND);
                    }
                    Reply reply = start.apply(name);
                    if (reply.error() == null) {
                        started.add(arguments);
                        startedAt = at;
                    }
                    yield reply;
                }
                case "sfn:describeExecution" -> describe((String) arguments.get("ExecutionArn"), at);
                case "sns:publish" -> {
                    told.add((String) arguments.get("Message"));
                    yield publish;
                }
                default -> throw new AssertionError(service + ":" + action);
            };
        }

        private Reply describe(String arn, Instant at) {
            if (!arn.startsWith("outside:")) {
                assertThat(arn).startsWith(FAILOVER.replace(":stateMachine:", ":execution:") + ":");
                Map<String, Object> attempt = described.apply(arn.replaceFirst(".*:", ""), at);
                return attempt == null
                        ? Reply.failed("Sfn.SfnException", "Rate exceeded", SECOND)
                        : Reply.of(attempt, SECOND);
            }
            Instant began = Instant.parse(arn.substring("outside:".length()));
            if (look != null) {
                return look;
            }
            if (at.isBefore(began.plus(answersAfter))) {
                return Reply.of(Map.of("Status", "RUNNING"), Duration.ofMillis(80));
            }
            boolean right = witnesses.apply(began);
            return Reply.of(
                    Map.of(
                            "Status",
                            "SUCCEEDED",
                            "Output",
                            "{\"right\":%s,\"said\":\"%s\"}"
                                    .formatted(right, right ? "they answer" : "they are silent")),
                    Duration.ofMillis(80));
        }
    }

    private static Reply alarms(String... states) {
        return Reply.of(
                Map.of(
                        "MetricAlarms",
                        Stream.of(states)
                                .map(state -> Map.of("AlarmName", "a", "StateValue", state))
                                .toList()),
                SECOND);
    }

    private static Object outcome(Execution execution) {
        assertThat(execution.status()).isEqualTo(Status.SUCCEEDED);
        return ((Map<?, ?>) execution.output()).get("outcome");
    }
}
