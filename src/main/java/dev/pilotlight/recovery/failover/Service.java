package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Signals;
import java.util.List;

/** Nobody is sent here before this region can serve and write. */
final class Service extends Phase {

    Service(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        machine.task(
                        "Look at the targets",
                        "How many instances pass the load balancer's health check.",
                        "elasticloadbalancingv2:describeTargetHealth",
                        map("TargetGroupArn", settings.targetGroupArn()))
                .assign(map(
                        "healthy",
                        is("$count($states.result.TargetHealthDescriptions[TargetHealth.State = 'healthy'])")))
                .onAnyError(map("healthy", 0), "Look whether it writes")
                .next("Look whether it writes");
        machine.task(
                        "Look whether it writes",
                        "An instance has written to the database since it stands alone: password, network and all.",
                        "cloudwatch:getMetricData",
                        map(
                                "StartTime",
                                is("$fromMillis($promotedAt - 60000)"),
                                "ScanBy",
                                "TimestampDescending",
                                "EndTime",
                                is("$fromMillis(" + NOW + " + 60000)"),
                                "MetricDataQueries",
                                List.of(query("writable", Signals.NAMESPACE, Signals.WRITABLE, "Maximum"))))
                .assign(map(
                        "writable",
                        is("$max($append([0], $states.result.MetricDataResults[Id = 'writable'].Values)) >= 1")))
                .onAnyError(map("writable", false), "Able to serve?")
                .next("Able to serve?");
        machine.choice("Able to serve?", "All of the capacity at first; some of it rather than none after ten minutes.")
                .when(
                        "$writable and ($healthy >= %d or ($healthy > 0 and %s > $promotedAt + 600000))"
                                .formatted(settings.capacity(), NOW),
                        map("times", is("$merge([$times, {'serving': $states.context.State.EnteredTime}])")),
                        "Claim the term")
                .when(
                        NOW + " > $promotedAt + " + settings.servicePatienceSeconds() * 1000L,
                        map(
                                "failedStep",
                                is("$states.context.State.Name"),
                                "why",
                                is("'the instances do not serve: ' & $string($healthy) & ' healthy, database '"
                                        + " & ($writable ? 'writable' : 'not writable for them')")),
                        "Give up")
                .otherwise("Wait for service");
        machine.pause("Wait for service", "Instances boot, health checks pass.", 10, "Look at the targets");
    }
}
