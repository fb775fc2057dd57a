package dev.pilotlight.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;

import com.dashjoin.jsonata.Jsonata;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.cli.operate.ExpectedLoss.Point;
import dev.pilotlight.testing.SynthesizedApp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ExpectedLossTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant NOW = Instant.parse("2026-11-25T03:00:00Z");

    private static Point ago(int seconds, double value) {
        return new Point(NOW.minusSeconds(seconds), value);
    }

    @Test
    void aDeadLeaderLosesWhatWasNotReplayedUpToItsLastSign() {
        // The replica's lag grows by a second per second since: it had replayed up to 15 minutes ago.
        ExpectedLoss loss = ExpectedLoss.of(NOW, List.of(ago(840, 4)), List.of(ago(60, 840), ago(120, 780)));
        assertThat(loss.leaderAlive()).isFalse();
        assertThat(loss.replayedTo()).contains(NOW.minusSeconds(900));
        assertThat(loss.loss()).contains(Duration.ofSeconds(900 - 840 + 90));
        assertThat(loss.within(Duration.ofMinutes(5))).isTrue();
        assertThat(loss.within(Duration.ofMinutes(2))).isFalse();
    }

    @Test
    void withoutHeartbeatOrLagItIsUnknown() {
        assertThat(ExpectedLoss.of(NOW, List.of(), List.of(ago(60, 1))).loss()).isEmpty();
        assertThat(ExpectedLoss.of(NOW, List.of(ago(60, 1)), List.of()).loss()).isEmpty();
        assertThat(ExpectedLoss.of(NOW, List.of(), List.of()).within(Duration.ofDays(1)))
                .isFalse();
    }

    @Test
    void aReplicaThatReplaysWhatIsYoungerThanTheLastHeartbeatHasALivingSource() {
        ExpectedLoss loss = ExpectedLoss.of(NOW, List.of(ago(1200, 1)), List.of(ago(60, 2)));
        assertThat(loss.leaderAlive()).isTrue();
    }

    /** -1 says that replication is not active; after a quarter of an hour of it, what was known is known still. */
    @Test
    void aLagThatIsNoneForLongErasesNothing() throws JsonProcessingException {
        List<Point> lags = new ArrayList<>();
        for (int minute = 1; minute <= 40; minute++) {
            lags.add(ago(minute * 60, minute < 30 ? -1 : 2));
        }
        assertThat(ExpectedLoss.of(NOW, List.of(ago(1800, 1)), lags).loss()).hasValue(Duration.ofSeconds(92));
        assertThat(definition()
                        .at("/States/Look at fence and replay/Arguments/MetricDataQueries/3/Expression")
                        .asText())
                .isEqualTo("IF(measured >= 0, measured)");
    }

    /** The plan must show what the runbook will decide by. */
    @Test
    void itReckonsAsTheRunbookDoes() throws JsonProcessingException {
        JsonNode state = definition().path("States").path("Look at fence and replay");
        String seen = state.path("Assign").path("seen").asText();
        Jsonata expression = Jsonata.jsonata(seen.substring(2, seen.length() - 2));
        Random random = new Random(7);
        for (int round = 0; round < 500; round++) {
            List<Point> heartbeats = points(random, 2);
            List<Point> lags = points(random, 400);
            var frame = expression.createFrame();
            frame.bind(
                    "states",
                    Map.of(
                            "context",
                            Map.of("State", Map.of("EnteredTime", NOW.toString())),
                            "result",
                            Map.of(
                                    "MetricDataResults",
                                    List.of(
                                            result("fenced", List.of()),
                                            result("heartbeat", heartbeats),
                                            // CloudWatch leaves out what is no lag.
                                            result(
                                                    "lag",
                                                    lags.stream()
                                                            .filter(point -> point.value() >= 0)
                                                            .toList())))));
            frame.bind("signedAt", 0);
            JsonNode expected = JSON.valueToTree(expression.evaluate(null, frame));
            ExpectedLoss ours = ExpectedLoss.of(NOW, heartbeats, lags);
            assertThat(!ours.leaderAlive())
                    .as("%s %s", heartbeats, lags)
                    .isEqualTo(expected.path("gone").asBoolean());
            assertThat(ours.loss().map(Duration::toSeconds).orElse(-1L))
                    .as("%s %s", heartbeats, lags)
                    .isEqualTo(expected.path("loss").asLong(-1));
        }
    }

    private static JsonNode definition() throws JsonProcessingException {
        for (JsonNode machine : SynthesizedApp.dev()
                .dr()
                .ofType("AWS::StepFunctions::StateMachine")
                .values()) {
            if (machine.at("/Properties/StateMachineName").asText().contains("-failover-")) {
                return JSON.readTree(text(machine.at("/Properties/DefinitionString")));
            }
        }
        throw new AssertionError("no failover runbook");
    }

    /** What CloudFormation would fill in is left as it is named. */
    static String text(JsonNode definition) {
        if (definition.isTextual()) {
            return definition.asText();
        }
        StringBuilder text = new StringBuilder();
        definition.at("/Fn::Join/1").forEach(part -> text.append(part.isTextual() ? part.asText() : "filled-in"));
        return text.toString();
    }

    private static List<Point> points(Random random, int most) {
        List<Point> points = new ArrayList<>();
        int at = random.nextInt(900);
        for (int count = random.nextInt(5); count > 0; count--) {
            points.add(ago(at, random.nextInt(most + 1) - (random.nextInt(8) == 0 ? 1 : 0)));
            at += 60;
        }
        return points;
    }

    private static Map<String, Object> result(String id, List<Point> points) {
        return Map.of(
                "Id",
                id,
                "Timestamps",
                points.stream().map(point -> point.at().toString()).toList(),
                "Values",
                points.stream().map(Point::value).toList());
    }
}
