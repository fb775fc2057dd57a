package dev.pilotlight.observability;

import dev.pilotlight.topology.Role;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.AlarmProps;
import software.amazon.awscdk.services.cloudwatch.ComparisonOperator;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.MathExpression;
import software.amazon.awscdk.services.cloudwatch.MathExpressionProps;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cloudwatch.MetricProps;
import software.amazon.awscdk.services.cloudwatch.TreatMissingData;
import software.amazon.awscdk.services.cloudwatch.actions.SnsAction;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationTargetGroup;
import software.amazon.awscdk.services.elasticloadbalancingv2.HttpCodeTarget;
import software.amazon.awscdk.services.sns.ITopic;
import software.constructs.Construct;

/** The alarms of one region. Each says in its description what it means and what to do. */
public final class Alarms extends Construct {

    private final ITopic topic;

    public Alarms(Construct scope, String id, ITopic topic) {
        super(scope, id);
        this.topic = topic;
    }

    /** The alarms that stop a roll-out: users see errors, or new instances do not become healthy. */
    public List<Alarm> ofService(ApplicationTargetGroup targets) {
        MetricOptions sums = MetricOptions.builder()
                .period(Duration.minutes(1))
                .statistic("Sum")
                .build();
        IMetric errors = targets.getMetrics().httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, sums);
        IMetric requests = targets.getMetrics().requestCount(sums);
        Alarm serverErrors = alarm(
                "ServerErrors",
                "More than 5 % of the answers were server errors for 3 minutes. A roll-out in progress is stopped; if the"
                        + " last change caused it, deploy the previous version.",
                new MathExpression(MathExpressionProps.builder()
                        .label("server errors, % of answers")
                        .expression("100 * FILL(errors, 0) / requests")
                        .usingMetrics(ordered("errors", errors, "requests", requests))
                        .period(Duration.minutes(1))
                        .build()),
                5,
                3);
        Alarm unhealthy = alarm(
                "UnhealthyTargets",
                "An instance has failed its health check for 10 minutes: the group replaces it, or cannot. A roll-out in"
                        + " progress is stopped.",
                targets.getMetrics()
                        .unhealthyHostCount(MetricOptions.builder()
                                .period(Duration.minutes(1))
                                .statistic("Maximum")
                                .build()),
                0,
                10);
        return List.of(serverErrors, unhealthy);
    }

    /**
     * The alarms of a region's database.
     *
     * @param role a leader is watched for a replica that holds on to its disk, a standby for falling behind
     * @param allocatedGiB a tenth of it is the alarm's threshold for free storage
     * @param rpoMinutes replica lag beyond it would lose more than was promised
     */
    public void ofDatabase(String identifier, Role role, int allocatedGiB, int rpoMinutes) {
        alarmBelow(
                "DatabaseStorage",
                "The database has less than a tenth of its initial storage free and autoscaling has not helped: raise"
                        + " database.maxAllocatedStorageGiB.",
                database(identifier, "FreeStorageSpace", "Minimum"),
                allocatedGiB * 1024L * 1024 * 1024 / 10);
        if (role == Role.LEADER) {
            alarm(
                    "ReplicationSlot",
                    "The standby's replica has not consumed 4 GiB of the write-ahead log, which fills the leader's disk."
                            + " Look at the replica; seed it anew if it is broken.",
                    database(identifier, "OldestReplicationSlotLag", "Maximum"),
                    4L * 1024 * 1024 * 1024,
                    10);
        } else {
            alarm(
                    "ReplicaLag",
                    "The replica is further behind than objectives.rpoMinutes: a failover now would lose more than"
                            + " promised.",
                    database(identifier, "ReplicaLag", "Maximum"),
                    rpoMinutes * 60L,
                    10);
        }
    }

    private static Metric database(String identifier, String name, String statistic) {
        return new Metric(MetricProps.builder()
                .namespace("AWS/RDS")
                .metricName(name)
                .dimensionsMap(Map.of("DBInstanceIdentifier", identifier))
                .period(Duration.minutes(1))
                .statistic(statistic)
                .build());
    }

    private Alarm alarm(String id, String description, IMetric metric, Number threshold, int minutes) {
        return alarm(id, description, metric, threshold, minutes, ComparisonOperator.GREATER_THAN_THRESHOLD);
    }

    private void alarmBelow(String id, String description, IMetric metric, Number threshold) {
        alarm(id, description, metric, threshold, 10, ComparisonOperator.LESS_THAN_THRESHOLD);
    }

    private Alarm alarm(
            String id,
            String description,
            IMetric metric,
            Number threshold,
            int minutes,
            ComparisonOperator comparison) {
        Alarm alarm = new Alarm(
                this,
                id,
                AlarmProps.builder()
                        .alarmDescription(description)
                        .metric(metric)
                        .threshold(threshold)
                        .comparisonOperator(comparison)
                        .evaluationPeriods(minutes)
                        // A group of zero has no requests and no targets, which is as it should be.
                        .treatMissingData(TreatMissingData.NOT_BREACHING)
                        .build());
        alarm.addAlarmAction(new SnsAction(topic));
        alarm.addOkAction(new SnsAction(topic));
        return alarm;
    }

    /** In this order in every JVM; a Map.of of two is not. */
    private static Map<String, IMetric> ordered(String a, IMetric first, String b, IMetric second) {
        Map<String, IMetric> metrics = new java.util.LinkedHashMap<>();
        metrics.put(a, first);
        metrics.put(b, second);
        return metrics;
    }
}
