package dev.pilotlight.recovery;

import dev.pilotlight.observability.Alarms;
import dev.pilotlight.observability.Alarms.Condition;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import java.util.Map;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricProps;

/**
 * How the leader's region finds out that the standby's is lost. Nothing there can tell: alarms, probe, rehearsals and
 * runbooks are in the region that is gone, and users notice nothing. The agents notice, which report into it every minute.
 */
public final class StandbyWatch {

    private static final int MINUTES = 15;

    private StandbyWatch() {}

    /** Adds the alarm to the leader's region. */
    public static void addTo(Alarms alarms, Names names, RegionName leader) {
        alarms.add(
                "StandbyUnheard",
                ("%s, the standby's region, has taken no report of an instance in %s for %d minutes: it is lost, or cannot be"
                                + " reached. Users are served. Until it is back nothing can fail over: deploy with --exclusively"
                                + " only, and read docs/runbooks/standby-lost.md.")
                        .formatted(names.regionOf(leader.other()), names.regionOf(leader), MINUTES),
                new Metric(MetricProps.builder()
                        .namespace(Signals.NAMESPACE)
                        .metricName(Signals.UNHEARD)
                        .dimensionsMap(Map.of(Signals.WORKLOAD, names.workload()))
                        .period(Duration.minutes(1))
                        .statistic("Maximum")
                        .build()),
                Condition.above(0).lasting(MINUTES));
    }
}
