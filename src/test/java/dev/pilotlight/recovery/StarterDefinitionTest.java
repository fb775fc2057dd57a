package dev.pilotlight.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.recovery.asl.Execution;
import dev.pilotlight.recovery.asl.Execution.Status;
import dev.pilotlight.recovery.asl.Services.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class StarterDefinitionTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final List<Map<String, Object>> started = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private Instant looked;

    @Test
    void startsTheFirstAttemptIfBothSignalsStillStandAndAcceptsNoLoss() {
        Execution execution = run(alarms("ALARM", "ALARM"), Reply.of(Map.of("ExecutionArn", "arn"), SECOND));
        assertThat(looked).isEqualTo(Machines.START.plusSeconds(StarterDefinition.WAIT_SECONDS));
        assertThat(started).hasSize(1);
        assertThat(started.get(0))
                .containsEntry(
                        "StateMachineArn",
                        "arn:aws:states:eu-west-1:${AWS::AccountId}:stateMachine:pilotlight-dev-failover-dr")
                .containsEntry("Name", "failover-term-1-attempt-1");
        assertThat((String) started.get(0).get("Input"))
                .startsWith(
                        "{\"mode\":\"emergency\",\"acceptDataLoss\":false,\"reason\":\"started by the alarm ${DetectionRegionLost");
        assertThat(outcome(execution)).isEqualTo("started");
        assertThat(told).hasSize(1).first().asString().contains("was started as failover-term-1-attempt-1");
    }

    @Test
    void startsNothingIfEitherSignalHasRecovered() {
        for (Reply alarms :
                List.of(alarms("OK", "ALARM"), alarms("ALARM", "OK"), alarms("ALARM", "INSUFFICIENT_DATA"), alarms())) {
            assertThat(outcome(run(alarms, null))).isEqualTo("recovered");
        }
        assertThat(started).isEmpty();
        assertThat(told).hasSize(4).allMatch(message -> message.contains("no failover was started"));
    }

    @Test
    void whoeverWasFirstWins() {
        Execution execution = run(
                alarms("ALARM", "ALARM"),
                Reply.failed("Sfn.ExecutionAlreadyExistsException", "Execution Already Exists", SECOND));
        assertThat(outcome(execution)).isEqualTo("there");
        assertThat(started).hasSize(1);
        assertThat(told).hasSize(1).first().asString().contains("a further attempt is a person's");
    }

    @Test
    void throttlingIsWaitedOut() {
        List<Instant> calls = new ArrayList<>();
        Execution execution = Machines.run(Machines.starter(), (at, service, action, arguments, timeout) -> {
            calls.add(at);
            if (calls.size() % 4 != 0) {
                return Reply.failed("Sfn.SfnException", "Rate exceeded", SECOND);
            }
            return action.equals("describeAlarms") ? alarms("ALARM", "ALARM") : Reply.of(Map.of(), SECOND);
        });
        assertThat(outcome(execution)).isEqualTo("started");
        assertThat(calls).hasSizeGreaterThan(8);
    }

    @Test
    void whatCannotBeSeenOrStartedIsAFailureAndSaidSo() {
        Reply throttled = Reply.failed("CloudWatch.CloudWatchException", "Rate exceeded", SECOND);
        for (Execution execution : List.of(run(throttled, null), run(alarms("ALARM", "ALARM"), throttled))) {
            assertThat(execution.status()).isEqualTo(Status.FAILED);
            assertThat(execution.error()).isEqualTo("Pilotlight.NotStarted");
            assertThat(execution.cause()).contains("start it yourself", "Rate exceeded");
        }
        assertThat(told).hasSize(2).allMatch(message -> message.contains("start it yourself"));
    }

    /** A failed notification hides nothing: the page itself comes from the alarm. */
    @Test
    void startsEvenIfNobodyCanBeTold() {
        Execution execution =
                Machines.run(Machines.starter(), (at, service, action, arguments, timeout) -> switch (action) {
                    case "describeAlarms" -> alarms("ALARM", "ALARM");
                    case "startExecution" -> Reply.of(Map.of(), SECOND);
                    default -> Reply.timeout(timeout);
                });
        assertThat(outcome(execution)).isEqualTo("started");
    }

    private Execution run(Reply alarms, Reply start) {
        return Machines.run(Machines.starter(), (at, service, action, arguments, timeout) -> switch (service + ":"
                + action) {
            case "cloudwatch:describeAlarms" -> {
                looked = looked == null ? at : looked;
                assertThat((List<?>) arguments.get("AlarmNames")).hasSize(2);
                yield alarms;
            }
            case "sfn:startExecution" -> {
                started.add(arguments);
                yield start;
            }
            case "sns:publish" -> {
                told.add((String) arguments.get("Message"));
                yield Reply.of(Map.of(), SECOND);
            }
            default -> throw new AssertionError(service + ":" + action);
        });
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
