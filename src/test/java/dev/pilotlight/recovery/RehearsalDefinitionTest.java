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
import org.junit.jupiter.api.Test;

/** What a rehearsal makes of what is answered from outside; that it leaves no instance, the simulation holds. */
class RehearsalDefinitionTest {

    private static final Duration QUICK = Duration.ofMillis(80);

    @Test
    void asksBothQuestionsAfterTheLightAndTellsNobodyOfASuccess() {
        Region region = new Region();
        Execution execution = Machines.run(Machines.rehearsal(), region);
        assertThat(execution.status()).isEqualTo(Status.SUCCEEDED);
        assertThat(region.calls)
                .containsSubsequence("setDesiredCapacity 1", "ask witnesses", "ask region", "describeTargetHealth")
                .containsSubsequence("describeTargetHealth", "setDesiredCapacity 0", "read region", "read witnesses")
                .doesNotContain("publish");
        assertThat(region.succeeded).isEqualTo(1);
        assertThat(evidence(execution)).containsEntry("outcome", "succeeded").containsEntry("remarks", List.of());
    }

    /** However healthy the instance is: nobody could read a claim. */
    @Test
    void aRegionThatDoesNotAnswerAsItShouldIsNotReady() {
        Region region = new Region();
        region.answers.put("region", answer(false, "States.Http.StatusCode.503 "));
        Execution execution = Machines.run(Machines.rehearsal(), region);
        assertThat(execution.status()).isEqualTo(Status.FAILED);
        assertThat(execution.error()).isEqualTo("Pilotlight.RehearsalFailed");
        assertThat(execution.cause())
                .isEqualTo(
                        "The rehearsal failed, at \"Read how this region answers\". https://dr.app.example.com/.well-known/pilotlight/region"
                                + " does not answer from outside as it should, so signs and claims would not be read either:"
                                + " States.Http.StatusCode.503 . Look at DNS name, certificate, security group, and rules of the listener with"
                                + " a priority below 9999.");
        assertThat(region.told).containsExactly(execution.cause());
        assertThat(region.succeeded).isZero();
        // The instance goes all the same.
        assertThat(region.calls).contains("setDesiredCapacity 0");
    }

    /** A binary answer ends the look, not the rehearsal. */
    @Test
    void aLookThatEndsWithoutAnAnswerIsToldAsSuch() {
        Region region = new Region();
        region.answers.put(
                "region", Map.of("Status", "FAILED", "Error", "States.Runtime", "Cause", "The response is binary"));
        Execution execution = Machines.run(Machines.rehearsal(), region);
        assertThat(execution.cause()).contains("the look ended with FAILED: States.Runtime The response is binary");
    }

    @Test
    void aLookThatCannotBeStartedIsToldAsSuch() {
        Region region = new Region();
        region.startable = false;
        Execution execution = Machines.run(Machines.rehearsal(), region);
        assertThat(execution.status()).isEqualTo(Status.FAILED);
        assertThat(execution.cause()).contains("it could not be asked: Sfn.SfnException");
    }

    @Test
    void silentWitnessesAreARemarkOfASuccess() {
        Region region = new Region();
        region.answers.put("witnesses", answer(false, "1 of 3 witnesses answer: this region may be cut off"));
        Execution execution = Machines.run(Machines.rehearsal(), region);
        assertThat(execution.status()).isEqualTo(Status.SUCCEEDED);
        assertThat(region.succeeded).isEqualTo(1);
        assertThat(region.told)
                .containsExactly(
                        "The rehearsal succeeded. Witnesses asked from eu-west-1: 1 of 3 witnesses answer: this region may be cut off.");
        assertThat((List<?>) evidence(execution).get("remarks")).hasSize(1);
    }

    @Test
    void aRefusedRehearsalAsksNothing() {
        Region region = new Region();
        region.running = true;
        Execution execution = Machines.run(Machines.rehearsal(), region);
        assertThat(execution.cause()).startsWith("The rehearsal refused: a failover runs");
        assertThat(region.calls).noneMatch(call -> call.startsWith("ask") || call.startsWith("read"));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> evidence(Execution execution) {
        return (Map<String, Object>) execution.output();
    }

    private static Map<String, Object> answer(boolean right, String said) {
        return Map.of("Status", "SUCCEEDED", "Output", "{\"right\":%s,\"said\":\"%s\"}".formatted(right, said));
    }

    /** A standby at zero, whose instance becomes healthy at once. */
    private static final class Region implements Services {
        private final List<String> calls = new ArrayList<>();
        private final List<String> told = new ArrayList<>();
        private final Map<String, Map<String, Object>> answers = new LinkedHashMap<>(
                Map.of("region", answer(true, "as it should"), "witnesses", answer(true, "3 of 3 witnesses answer")));
        private boolean running;
        private boolean startable = true;
        private int desired;
        private int succeeded = -1;

        @Override
        public Reply call(Instant at, String service, String action, Map<String, Object> arguments, Duration timeout) {
            String detail = "";
            Object result = Map.of();
            switch (action) {
                case "listExecutions" ->
                    result = Map.of(
                            "Executions", running ? List.of(Map.of("Name", "failover-term-1-attempt-1")) : List.of());
                case "describeRules" -> result = Map.of("Rules", List.of());
                case "describeAutoScalingGroups" ->
                    result = Map.of(
                            "AutoScalingGroups",
                            List.of(Map.of("DesiredCapacity", desired, "MinSize", 0, "Instances", List.of())));
                case "setDesiredCapacity" -> {
                    desired = ((Number) arguments.get("DesiredCapacity")).intValue();
                    detail = " " + desired;
                }
                case "describeTargetHealth" ->
                    result = Map.of(
                            "TargetHealthDescriptions", List.of(Map.of("TargetHealth", Map.of("State", "healthy"))));
                case "startExecution" -> {
                    String question = arguments.get("Input").toString().replaceFirst(".*:\"([a-z]+)\".*", "$1");
                    calls.add("ask " + question);
                    return startable
                            ? Reply.of(Map.of("ExecutionArn", "arn:" + question), QUICK)
                            : Reply.failed("Sfn.SfnException", "Rate exceeded", QUICK);
                }
                case "describeExecution" -> {
                    String question = arguments.get("ExecutionArn").toString().substring("arn:".length());
                    calls.add("read " + question);
                    return Reply.of(answers.get(question), QUICK);
                }
                case "putMetricData" ->
                    succeeded = ((Number) ((Map<?, ?>) ((List<?>) arguments.get("MetricData")).get(0)).get("Value"))
                            .intValue();
                case "publish" -> told.add((String) arguments.get("Message"));
                case "putObject" -> {
                    // Kept by the output as well.
                }
                default -> throw new AssertionError(service + ":" + action);
            }
            calls.add(action + detail);
            return Reply.of(result, QUICK);
        }
    }
}
