package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;
import dev.pilotlight.recovery.Signals;
import java.util.List;

/**
 * A planned switchover stops a healthy leader only when instances here have shown that they run: as many healthy targets as
 * will be waited for after the promotion. An application that cannot be healthy beside a replica shows that its instances
 * run, and that their agents reach the database, instead.
 */
final class Readiness extends Phase {

    /** Where the phase begins. */
    static final String FIRST = "Look whether the standby is ready";

    private static final String METRICS = "Look whether the leader lives";
    private static final int PATIENCE_MILLIS = 20 * 60_000;
    /** A datapoint of the last three whole minutes. */
    private static final int FRESH_MILLIS = 240_000;

    Readiness(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        if (settings.startsOnReplica()) {
            lookAtTargets(FIRST).onAnyError(map("healthy", 0), METRICS).next(METRICS);
        } else {
            machine.task(
                            FIRST,
                            "How many instances are in service; healthy targets come after the promotion only.",
                            "autoscaling:describeAutoScalingGroups",
                            map("AutoScalingGroupNames", List.of(settings.group())))
                    .patience(Patience.BRIEF)
                    .assign(seenGroup())
                    .onAnyError(map("group", is("$merge([$group, {'inService': 0}])")), METRICS)
                    .next(METRICS);
        }
        lookAtMetrics(
                        METRICS,
                        "When the leader was last heard, and when the standby's own instances reached their database.",
                        NOW + " - 900000",
                        List.of(
                                query("heartbeat", Signals.NAMESPACE, Signals.HEARTBEAT, "Maximum"),
                                query("writable", Signals.NAMESPACE, Signals.WRITABLE, "Maximum")))
                .patience(Patience.BRIEF)
                .assign(map("beatAt", is(newest("heartbeat")), "writableAt", is(newest("writable"))))
                // Without CloudWatch nothing is known of the leader, and its sign of life is asked for again in ten
                // seconds.
                .onAnyError(map("beatAt", is(NOW)), "Ready?")
                .next("Ready?");
        machine.choice("Ready?", "Twenty minutes at most: the leader serves all the while.")
                .when(
                        "$beatAt + " + SILENT_MILLIS + " < " + NOW,
                        because(
                                "the leader has not been heard for three minutes: if it is gone, the mode is emergency. Nothing was"
                                        + " stopped, and the instances here stay up for it"),
                        "Keep the light")
                .when(ready(), "Look at the signs again")
                .when(
                        NOW + " > $since + " + PATIENCE_MILLIS,
                        because(
                                settings.startsOnReplica()
                                        ? is(
                                                "$string($healthy) & ' of ' & $string($wanted) & ' instances here became healthy within twenty minutes, so the leader was not stopped'")
                                        : is(
                                                "$string($group.inService) & ' of ' & $string($wanted) & ' instances here came into service within twenty minutes'"
                                                        + " & ($writableAt + " + FRESH_MILLIS + " >= " + NOW
                                                        + " ? '' : ', and none reached its database') & ', so the leader was not stopped'")),
                        "Give up")
                .when(NOW + " > $litAt + 60000", "Light for the switchover")
                .otherwise("Wait for instances");
        machine.pass("Keep the light", "For the emergency that follows.", map("keepLight", true), "Give up");
        setMinSize(
                        "Light for the switchover",
                        "Each minute: an order may have been throttled.",
                        "$max([$lit, $target])")
                .onAnyError(map("litAt", is(NOW)), "Wait for instances")
                .next("Wait for instances");
        machine.pause("Wait for instances", "They boot, and health checks pass.", 10, FIRST);
        lookAgain();
    }

    private String ready() {
        return settings.startsOnReplica()
                ? "$healthy >= $wanted"
                : "$group.inService >= $wanted and $writableAt + " + FRESH_MILLIS + " >= " + NOW;
    }

    /** The minute of the newest datapoint, whatever it says, in milliseconds; 0 if there is none. */
    private static String newest(String id) {
        return "$max($append([0], " + answered(id, "Timestamps[0]") + ".$toMillis($)))";
    }

    /** Minutes have passed since the preflight. */
    private void lookAgain() {
        readRules("Look at the signs again", "Nobody may have taken the places of sign and claim meanwhile.")
                .assign(map("other", is(sign.other() + " & " + leadership.other()), "claimed", is(leadership.shown())))
                .onAnyError(caught(), "Give up")
                .next("Look at the replica again");
        lookAtDatabase("Look at the replica again", "Still a replica of the leader's, replicating and free.")
                .assign(databaseFacts())
                .onAnyError(caught(), "Give up")
                .next("Still in order?");
        machine.choice("Still in order?", "The last look before the leader is stopped.")
                .when(
                        "$claimed or $promoted or $committed",
                        because("another run has moved the workload meanwhile"),
                        "Give up")
                .when(
                        "$database.source != '" + settings.expectedSource() + "'",
                        because("the database here is a replica of another one than the leader's"),
                        "Give up")
                .when(
                        "$other != ''",
                        because(
                                is(
                                        "'another rule has the place of the handover sign or of the claim on the listener: ' & $other & '. Check its path, and move it to 10001 or later'")),
                        "Give up")
                .when(
                        "$not($database.status in " + OPERATIONAL + ")",
                        because(is("'the database is ' & $database.status")),
                        "Give up")
                .when(
                        "$exists($database.replication) and $database.replication != 'replicating'",
                        because(is("'the replication of the database here is ' & $database.replication")),
                        "Give up")
                .otherwise("Raise the handover sign");
    }
}
