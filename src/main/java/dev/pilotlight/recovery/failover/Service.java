package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;
import dev.pilotlight.recovery.Signals;
import java.util.List;

/** Nobody is sent here before this region can serve and write. */
final class Service extends Phase {

    private static final String ENOUGH =
            "($healthy >= $wanted or ($healthy > 0 and " + NOW + " > $promotedAt + 600000))";

    Service(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        lookAtTargets("Look at the targets")
                .onAnyError(map("healthy", 0), "Look whether it writes")
                .next("Look whether it writes");
        lookAtMetrics(
                        "Look whether it writes",
                        "An instance has written to the database since it stands alone: password, network and all.",
                        "$promotedAt - 60000",
                        List.of(query("writable", Signals.NAMESPACE, Signals.WRITABLE, "Maximum")))
                .patience(Patience.BRIEF)
                .assign(map(
                        "writable",
                        is("$max($append([0], " + answered("writable", "Values[0]") + ")) >= 1"),
                        "writableAt",
                        is("$max($append([0], " + answered("writable", "Timestamps[0]") + ".$toMillis($)))")))
                .onAnyError(map("writable", false), "Able to serve?")
                .next("Able to serve?");
        machine.choice(
                        "Able to serve?",
                        "All that the leader had at first; some of it rather than none after ten minutes. That it cannot"
                                + " write is an answer; that nothing is heard for ten minutes may be CloudWatch.")
                .when("$writable and " + ENOUGH, map("times", timed("serving")), "Claim the term")
                .when(
                        NOW + " > $min([$max([$promotedAt, $unsettledAt]) + "
                                + settings.servicePatienceSeconds() * 1000L
                                + ", $startedAt + " + settings.settlingPatienceSeconds() * 1000L + "]) and " + NOW
                                + " > $startedAt + " + settings.promotionPatienceSeconds() * 1000L,
                        because(
                                is(
                                        "'the instances do not serve: ' & $string($healthy) & ' healthy, database '"
                                                + " & ($writable ? 'writable' : $writableAt >= $promotedAt ? 'not writable for them' : 'not known to be writable')")),
                        "Give up")
                .when(
                        "$healthy > 0 and " + NOW + " > $max([$promotedAt, $writableAt]) + 600000",
                        "Does RDS say that it is up?")
                .when(NOW + " > $litAt + 60000", "Look at the group again")
                .otherwise("Wait for service");
        withoutTheMetric();
        relight();
        machine.pause(
                "Wait for service",
                "Instances boot, health checks pass.",
                cadence("$promotedAt"),
                "Look at the targets");
    }

    /** A gate that only a metric opens would close with CloudWatch. */
    private void withoutTheMetric() {
        lookAtDatabase("Does RDS say that it is up?", "No instance has reported whether it writes, for ten minutes.")
                .patience(Patience.BRIEF)
                .assign(map("upSince", is(up() + " ? ($upSince = 0 ? " + NOW + " : $upSince) : 0")))
                .onAnyError(map("upSince", 0), "Claim without the metric?")
                .next("Claim without the metric?");
        machine.choice(
                        "Claim without the metric?",
                        "Alone and up for a minute, with healthy targets: all that can be had says that it serves.")
                .when(
                        "$upSince > 0 and " + NOW + " >= $upSince + 60000",
                        map(
                                "missing",
                                is(MISSING),
                                "findings",
                                found(Kind.FINDING, MISSING),
                                "times",
                                timed("serving")),
                        "Claim the term")
                .when(NOW + " > $litAt + 60000", "Look at the group again")
                .otherwise("Wait for service");
    }

    private static String up() {
        return "$not(" + source() + " != '') and (" + status() + " = 'backing-up' or " + status() + " in " + OPERATIONAL
                + ")";
    }

    private static final String MISSING =
            "'The proof that instances write is missing: CloudWatch had no datapoint of Writable for ten minutes. The claim rests on RDS, which says that the database stands alone and is up, and on ' & $string($healthy) & ' healthy targets. Look at once whether users can write.'";

    /** Each minute: an order may have been throttled, and a deployment may have put the light out. */
    private void relight() {
        machine.task(
                        "Look at the group again",
                        "What it allows, so that the order is not refused.",
                        "autoscaling:describeAutoScalingGroups",
                        map("AutoScalingGroupNames", List.of(settings.group())))
                .patience(Patience.BRIEF)
                .assign(seenGroup())
                .onAnyError(map(), "Is the group known?")
                .next("Light again");
        machine.choice("Is the group known?", "An earlier attempt may have lit more than this one would.")
                .when(MAY_LIGHT, "Light again")
                .when("true", map("litAt", is(NOW)), "Still in order meanwhile?")
                .otherwise("Still in order meanwhile?");
        setMinSize("Light again", "Never below what was lit before.", "$max([$lit, $min([$target, $group.max])])")
                .onAnyError(map("litAt", is(NOW)), "Still in order meanwhile?")
                .next("Still in order meanwhile?");
        // Nobody can write while it is modified or rebooted: the patience with the instances begins afterwards.
        lookAtDatabase("Still in order meanwhile?", "A database may get stuck after its promotion as well.")
                .patience(Patience.BRIEF)
                .assign(map(
                        "database",
                        is(databaseObject()),
                        "stuckSince",
                        is(stuckSince()),
                        "unsettledAt",
                        is(status() + " in ['modifying', 'rebooting'] ? " + NOW + " : $unsettledAt")))
                .onAnyError(map(), "Stuck meanwhile?")
                .next("Stuck meanwhile?");
        machine.choice("Stuck meanwhile?", "Two looks; a person is told once.")
                .when(IS_STUCK + " and $not($paged)", "Tell of the database that is stuck alone")
                .otherwise("Wait for service");
        page(
                "Tell of the database that is stuck alone",
                "Nobody serves until a person has mended it. It is looked at on.",
                "'The failover of %s to term %d waits: the promoted database is ' & $database.status & ', which it does not leave by itself. NOBODY SERVES: mend it, the run goes on by itself. See docs/runbooks/failover.md.'"
                        .formatted(settings.workload(), settings.term()),
                "Wait for service");
    }
}
