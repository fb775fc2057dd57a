package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;
import dev.pilotlight.recovery.Signals;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What may be lost. The replica's lag at a time says up to when it had replayed, {@code time - lag}, and that only
 * grows: so the newest that was measured holds now. A row committed after the fence and replayed proves that
 * everything before it was: the log is replayed in order. Without a fence the loss is what the leader may have
 * committed between there and the last sign of life, rounded up by a minute and a half for how metrics are cut.
 */
final class LossGate extends Phase {

    /** A lag of -1 says that replication is not active [doc]: no datapoint, so that what was measured before still holds. */
    private static final String MEASURED = "IF(measured >= 0, measured)";

    private static final int LAG_POINTS = 15;

    LossGate(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        record();
        lookAtMetrics(
                        "Look at fence and replay",
                        "Is every instance of the leader stopped, when was it last heard, how far has the replica replayed?",
                        NOW + " - 43200000",
                        queries())
                .assign(map("seen", is(seen())))
                .onAnyError(
                        map(
                                "seen",
                                map(),
                                "failedStep",
                                is("$states.context.State.Name"),
                                "why",
                                is("$states.errorOutput.Error")),
                        "Without metrics")
                .next("Enough known?");
        machine.choice("Without metrics", "A planned switchover needs the proof; in an emergency the loss is unknown.")
                .when("$mode = 'planned'", "Give up")
                .when("$mode = 'drill'", "End the drill")
                .otherwise("Is the loss accepted?");
        machine.choice("Enough known?", "Proof of no loss; or nobody left to wait for; or the patience has an end.")
                .when("$mode = 'drill'", "End the drill")
                .when(
                        "$exists($seen.fencedAt) and $exists($seen.replayedTo) and $seen.replayedTo >= $seen.fencedAt + 5000",
                        map("loss", 0, "fenced", true),
                        "Free to be promoted?")
                .when(
                        "$mode = 'planned' and " + NOW + " > $signedAt + " + settings.fencePatienceSeconds() * 1000L,
                        map("failedStep", is("$states.context.State.Name"), "why", is("""
                                        $exists($seen.fencedAt)
                                        ? 'the replica did not replay a row that was committed after the leader had stopped'
                                        : 'the leader did not report that all of its instances have stopped the workload; if it is
                                        gone, the mode is emergency'""")),
                        "Give up")
                .when(
                        "$mode = 'planned' and ($exists($seen.heard) ? $seen.heard + " + SILENT_MILLIS + " < " + NOW
                                + " : true)",
                        map(
                                "failedStep",
                                is("$states.context.State.Name"),
                                "why",
                                "the leader has not been heard for three minutes and did not report that its instances have"
                                        + " stopped the workload: if it is gone, the mode is emergency. The instances here stay"
                                        + " up for it",
                                "keepLight",
                                true),
                        "Give up")
                .when(
                        "$mode = 'emergency' and ($seen.gone or " + NOW + " > $signedAt + 180000)",
                        map("fenced", is("$exists($seen.fencedAt)")),
                        "Is the loss accepted?")
                .otherwise("Wait for fence and replay");
        machine.pause("Wait for fence and replay", "Metrics come once a minute.", 10, Signing.RAISE_AGAIN);
        machine.choice("Is the loss accepted?", "Within the objective, or a person answers for it.")
                .when(
                        "$exists($seen.loss) and $seen.loss <= " + settings.rpoMinutes() * 60,
                        map("loss", is("$seen.loss")),
                        "Free to be promoted?")
                .when(
                        "$acceptDataLoss",
                        map("loss", is("$exists($seen.loss) ? $seen.loss : 'unknown'")),
                        "Free to be promoted?")
                .otherwise("Loss not accepted");
        machine.pass(
                "Loss not accepted",
                "Nothing was promoted; the instances stay up for the next attempt.",
                map("failedStep", is("$states.context.State.Name"), "why", is("""
                                'promoting now would lose '
                                & ($exists($seen.loss) ? 'up to ' & $string($seen.loss) & ' seconds of writes'
                                : 'an unknown amount of writes, because the metrics do not tell,')
                                & ', more than the objective of %d minutes. If a person answers for that, start the next attempt with
                                acceptDataLoss true'""".formatted(settings.rpoMinutes()))),
                "Give up");
    }

    /**
     * An order that was not answered may be a promotion under way, and an earlier attempt's mark as well: there is no gate to
     * go back to. What may be lost by now is recorded.
     */
    private void record() {
        lookAtMetrics(
                        "Look at the loss again",
                        "A leader that is not fenced goes on acknowledging; the order goes out again all the same.",
                        NOW + " - 43200000",
                        queries())
                .patience(Patience.BRIEF)
                .assign(map("seen", is(seen())))
                .onAnyError(map("seen", map()), "Record the loss")
                .next("Record the loss");
        machine.choice("Record the loss", "Proof of no loss stays proof: the sign stands.")
                .when("$fenced and $string($loss) = '0'", "Promote")
                .when("true", map("loss", is("$exists($seen.loss) ? $seen.loss : 'unknown'")), "Mark the loss anew")
                .otherwise("Promote");
        // Whoever resumes reads it there. It names the attempt that set the mark: it is none of this one's if an
        // earlier
        // one has gone this far.
        machine.task(
                        "Mark the loss anew",
                        "A run that resumes reads here what may be lost by now. Without it the order goes out all the same.",
                        "rds:addTagsToResource",
                        mark("($earlier ? $markedBy : $attempt)"))
                .patience(Patience.BRIEF)
                .onAnyError(map(), "Promote")
                .next("Promote");
    }

    private List<Map<String, Object>> queries() {
        Map<String, Object> measured = query("measured", "AWS/RDS", "ReplicaLag", "Minimum");
        measured.put("ReturnData", false);
        return List.of(
                query("fenced", Signals.NAMESPACE, Signals.FENCED_TERM, "Minimum"),
                query("heartbeat", Signals.NAMESPACE, Signals.HEARTBEAT, "Maximum"),
                measured,
                map("Id", "lag", "Expression", MEASURED));
    }

    /**
     * Datapoints come newest first. The newest are named one by one: any other way to take a few of an array looks at all of
     * it, hours of minutes, once for each.
     */
    private String seen() {
        return """
                (
                $time := %s;
                $points := function($stamps, $values) {
                  $map($stamps, function($stamp, $index) {{'at': $toMillis($stamp), 'value': $values[$index]}})
                };
                $fence := $states.result.MetricDataResults[Id = 'fenced'];
                $lag := $states.result.MetricDataResults[Id = 'lag'];
                $beat := $states.result.MetricDataResults[Id = 'heartbeat'];
                $fenceAt := $fence.Timestamps; $fenceIs := $fence.Values;
                $lagAt := $lag.Timestamps; $lagIs := $lag.Values;
                $beatAt := $beat.Timestamps; $beatIs := $beat.Values;
                $complete := $points(%s, %s)[at + 70000 <= $time];
                $lastServing := $max([0, $complete[value < %d].at]);
                $fencedFrom := $min($complete[value >= %d and at >= $signedAt and at > $lastServing].at);
                $replayedTo := $max($points(%s, %s).(at - value * 1000));
                $heard := $max($points(%s, %s)[value > 0].at);
                $alive := $exists($heard) and $exists($replayedTo) ? $replayedTo > $heard + 120000 : false;
                $lastSign := $alive ? $time : $heard + 90000;
                {
                  'fencedAt': $exists($fencedFrom) ? $fencedFrom + 60000,
                  'replayedTo': $replayedTo,
                  'heard': $heard,
                  'gone': $exists($heard) ? $time > $heard + 180000 and $not($alive) : true,
                  'loss': $exists($lastSign) and $exists($replayedTo) ? $ceil($max([60000, $lastSign - $replayedTo]) / 1000)
                }
                )""".formatted(
                        NOW,
                        newest("$fenceAt", 12),
                        newest("$fenceIs", 12),
                        settings.term(),
                        settings.term(),
                        newest("$lagAt", LAG_POINTS),
                        newest("$lagIs", LAG_POINTS),
                        newest("$beatAt", 3),
                        newest("$beatIs", 3));
    }

    private static String newest(String array, int count) {
        return IntStream.range(0, count)
                .mapToObj(index -> array + "[" + index + "]")
                .collect(Collectors.joining(", ", "[", "]"));
    }
}
