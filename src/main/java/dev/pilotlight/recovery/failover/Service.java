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
                        NOW + " > $max([$promotedAt + " + settings.servicePatienceSeconds() * 1000L + ", $startedAt + "
                                + settings.promotionPatienceSeconds() * 1000L + "])",
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
                .assign(map("database", is(databaseObject())))
                .onAnyError(map("database", map("status", "unknown", "source", "unknown")), "Claim without the metric?")
                .next("Claim without the metric?");
        machine.choice(
                        "Claim without the metric?",
                        "Alone and up, with healthy targets: all that can be had says that it serves.")
                .when(
                        "$not($exists($database.source)) and ($database.status = 'backing-up' or $database.status in "
                                + OPERATIONAL + ")",
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
                .assign(map("group", is(groupFacts())))
                .onAnyError(map(), "Light again")
                .next("Light again");
        setMinSize("Light again", "Never below what was lit before.", "$max([$lit, $min([$target, $group.max])])")
                .onAnyError(map("litAt", is(NOW)), "Wait for service")
                .next("Wait for service");
    }
}
