package dev.pilotlight.observability;

import dev.pilotlight.topology.Role;
import java.util.LinkedHashMap;
import java.util.Map;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.AlarmProps;
import software.amazon.awscdk.services.cloudwatch.ComparisonOperator;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cloudwatch.MetricProps;
import software.amazon.awscdk.services.cloudwatch.TreatMissingData;
import software.amazon.awscdk.services.cloudwatch.actions.SnsAction;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationTargetGroup;
import software.amazon.awscdk.services.rds.CfnDBInstance;
import software.amazon.awscdk.services.sns.ITopic;
import software.constructs.Construct;

/** The alarms of one region. Each says in its description what it means and what to do. */
public final class Alarms extends Construct {

    private static final long GIB = 1024L * 1024 * 1024;

    private final ITopic topic;

    public Alarms(Construct scope, String id, ITopic topic) {
        super(scope, id);
        this.topic = topic;
    }

    /**
     * The alarm of a leader that serves nobody. It does not stop a roll-out: the one that mends an outage must not wait
     * for its end.
     */
    public void ofLeader(ApplicationTargetGroup targets) {
        add(
                "NoHealthyTarget",
                "The leading region has had no healthy instance for 3 minutes: users get errors. Look at the group's"
                        + " activity; if the region is lost, fail over.",
                targets.getMetrics().healthyHostCount(minutes("Maximum")),
                Condition.below(1).lasting(3).orMissing());
    }

    /**
     * The alarms of a region's database.
     *
     * @param role a leader is watched for what fills its disk, a standby for falling behind
     * @param allocatedGiB at creation; the thresholds for storage are parts of it
     * @param maxRetainedLogGiB what a leader keeps for its replica
     * @param rpoMinutes replica lag beyond it would lose more than was promised
     */
    public void ofDatabase(CfnDBInstance database, Role role, int allocatedGiB, int maxRetainedLogGiB, int rpoMinutes) {
        ofDatabase(
                database,
                "DatabaseStorage",
                "The database has less than a tenth of its initial storage free and autoscaling has not helped, or reports"
                        + " nothing: raise database.maxAllocatedStorageGiB, or look why it is silent.",
                "FreeStorageSpace",
                Condition.below(allocatedGiB * GIB / 10).lasting(10).orMissing());
        if (role == Role.LEADER) {
            ofDatabase(
                    database,
                    "ReplicationSlot",
                    ("The standby's replica has not fetched half of the %d GiB of write-ahead log that the leader keeps for it"
                                    + " (database.maxRetainedLogGiB). At the bound the replica is lost. Look at it and at its"
                                    + " region now; the leader's disk does not run full.")
                            .formatted(maxRetainedLogGiB),
                    "OldestReplicationSlotLag",
                    Condition.above(maxRetainedLogGiB * GIB / 2).lasting(10));
            ofDatabase(
                    database,
                    "ReplicationSlotLost",
                    "No replica fetches the leader's write-ahead log: there is none, or the leader has given up on it, and then"
                            + " it never catches up. There is no standby: seed the replica anew (docs/runbooks/reseed.md)."
                            + " Rings rightly while the workload is founded, and from a failover or a restore until the new"
                            + " replica is seeded.",
                    "OldestReplicationSlotLag",
                    // RDS reports -1 without a slot, or nothing.
                    Condition.below(0).lasting(15).orMissing());
            ofDatabase(
                    database,
                    "TransactionLogs",
                    "The write-ahead log takes a quarter of the initial storage: a replica or a long transaction holds it.",
                    "TransactionLogsDiskUsage",
                    Condition.above(allocatedGiB * GIB / 4).lasting(10));
        } else {
            ofDatabase(
                    database,
                    "ReplicaLag",
                    "The replica is further behind than objectives.rpoMinutes, or reports nothing: a failover now would"
                            + " lose more than promised.",
                    "ReplicaLag",
                    Condition.above(rpoMinutes * 60L).lasting(10).orMissing());
        }
    }

    /** The alarm of a bucket that replicates and publishes S3's replication metrics, which cost extra. */
    public void ofReplication(String sourceBucket, String destinationBucket, String ruleId) {
        Map<String, String> dimensions = new LinkedHashMap<>();
        dimensions.put("SourceBucket", sourceBucket);
        dimensions.put("DestinationBucket", destinationBucket);
        dimensions.put("RuleId", ruleId);
        add(
                "ObjectReplication",
                "Objects could not be replicated to the other region: a failover would miss them. S3 does not try again;"
                        + " replicate them with S3 Batch Replication when the cause is gone.",
                new Metric(MetricProps.builder()
                        .namespace("AWS/S3")
                        .metricName("OperationsFailedReplication")
                        .dimensionsMap(dimensions)
                        .period(Duration.minutes(1))
                        .statistic("Sum")
                        .build()),
                Condition.above(0).lasting(1));
    }

    private void ofDatabase(CfnDBInstance database, String id, String description, String metric, Condition condition) {
        Alarm alarm = add(
                id,
                description,
                new Metric(MetricProps.builder()
                        .namespace("AWS/RDS")
                        .metricName(metric)
                        .dimensionsMap(Map.of("DBInstanceIdentifier", database.getDbInstanceIdentifier()))
                        .period(Duration.minutes(1))
                        .statistic(condition.above() ? "Maximum" : "Minimum")
                        .build()),
                condition);
        // Before the database there is nothing to report, which would be an alarm.
        alarm.getNode().addDependency(database);
    }

    /**
     * An alarm that tells people when it goes off and when it is over.
     *
     * @param description what it means and what to do
     */
    public Alarm add(String id, String description, IMetric metric, Condition condition) {
        Alarm alarm = new Alarm(
                this,
                id,
                AlarmProps.builder()
                        .alarmDescription(description)
                        .metric(metric)
                        .threshold(condition.threshold())
                        .comparisonOperator(
                                condition.above()
                                        ? ComparisonOperator.GREATER_THAN_THRESHOLD
                                        : ComparisonOperator.LESS_THAN_THRESHOLD)
                        .datapointsToAlarm(condition.periods())
                        .evaluationPeriods(condition.window())
                        .treatMissingData(condition.missing())
                        .build());
        alarm.addAlarmAction(new SnsAction(topic));
        alarm.addOkAction(new SnsAction(topic));
        return alarm;
    }

    private static MetricOptions minutes(String statistic) {
        return MetricOptions.builder()
                .period(Duration.minutes(1))
                .statistic(statistic)
                .build();
    }

    /**
     * When an alarm goes off.
     *
     * @param periods how many periods of the metric, most of them minutes, must be beyond the threshold
     * @param window of how many
     * @param missing what silence means; by default nothing, since a group of zero has no requests and no targets
     */
    public record Condition(boolean above, Number threshold, int periods, int window, TreatMissingData missing) {

        public static Condition above(Number threshold) {
            return new Condition(true, threshold, 1, 1, TreatMissingData.NOT_BREACHING);
        }

        public static Condition below(Number threshold) {
            return new Condition(false, threshold, 1, 1, TreatMissingData.NOT_BREACHING);
        }

        public Condition lasting(int periods) {
            return new Condition(above, threshold, periods, periods, missing);
        }

        public Condition outOf(int window) {
            return new Condition(above, threshold, periods, window, missing);
        }

        public Condition orMissing() {
            return new Condition(above, threshold, periods, window, TreatMissingData.BREACHING);
        }
    }
}
