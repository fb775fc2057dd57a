package dev.pilotlight.recovery;

import dev.pilotlight.compliance.Acknowledge;
import dev.pilotlight.compliance.Permissions;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.observability.Alarms;
import dev.pilotlight.observability.Alarms.Condition;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.CfnResource;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.AlarmRule;
import software.amazon.awscdk.services.cloudwatch.AlarmState;
import software.amazon.awscdk.services.cloudwatch.CompositeAlarm;
import software.amazon.awscdk.services.cloudwatch.CompositeAlarmProps;
import software.amazon.awscdk.services.cloudwatch.MathExpression;
import software.amazon.awscdk.services.cloudwatch.MathExpressionProps;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricProps;
import software.amazon.awscdk.services.cloudwatch.actions.SnsAction;
import software.amazon.awscdk.services.events.CfnRule;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.scheduler.CfnSchedule;
import software.amazon.awscdk.services.sns.ITopic;
import software.amazon.awscdk.services.stepfunctions.CfnStateMachine;
import software.constructs.Construct;

/**
 * How the standby's region finds out that the leader's is lost, by itself: Route 53's view of its health checks can be read
 * in us-east-1 only. Two signals, either of which only tells people: the agents' heartbeat, which says that the leader
 * writes; and a probe of the name that users know, which says that they are served. Both together mean that the region is
 * lost, and are the page. See docs/decisions/19-detection.md.
 */
public final class Detection extends Construct {

    static final String PROBE = "probe";
    static final String STARTER = "starter";

    private static final int MINUTES = 3;

    private final Props props;
    private final Page page;

    /**
     * @param region the standby's
     * @param alarms where the region's alarms are made
     * @param database the standby's: without it there is nothing to fail over to, and nothing is watched
     * @param outside how the probe asks
     * @param logGroup of the region's runbooks
     * @param key of the region, which encrypts the notifications
     */
    public record Props(
            Names names,
            RegionName region,
            Topology topology,
            Configuration configuration,
            Alarms alarms,
            ITopic alerts,
            CfnResource database,
            Recovery recovery,
            OutsideLook outside,
            ILogGroup logGroup,
            IKey key) {}

    public Detection(Construct scope, String id, Props props) {
        super(scope, id);
        this.props = props;
        this.page = new Page(props.names(), props.topology(), props.configuration());
        Alarm heartbeatMissing = heartbeatMissing();
        Alarm probeFailing = probeFailing(probeEveryMinute());
        CompositeAlarm regionLost = regionLost(heartbeatMissing, probeFailing);
        // Without a replica of the leader's database every failover would be refused.
        if (props.configuration().detection().startsFailover()
                && props.topology().standbyReplicatesLeader()) {
            startBy(regionLost, heartbeatMissing, probeFailing);
        }
        watchRuns();
    }

    /**
     * No instance of the leader was heard for three whole minutes. Silence is filled with zeros by a metric's expression: an
     * alarm that only takes missing data for breaching looks at five minutes to judge three, and holds out for as long as one
     * of them has data [doc]. It is set for the day when nothing at all was ever heard.
     */
    private Alarm heartbeatMissing() {
        Alarm alarm = props.alarms()
                .add(
                        "HeartbeatMissing",
                        "No instance in %s has reported a committed heartbeat for %d minutes: region, instances or database are"
                                        .formatted(
                                                props.names()
                                                        .regionOf(
                                                                props.topology().leader()),
                                                MINUTES)
                                + " down, or cannot reach this region. Alone it does not mean that the region is lost: look"
                                + " whether the service answers.",
                        new MathExpression(MathExpressionProps.builder()
                                .label("heartbeats")
                                .expression("FILL(heartbeats, 0)")
                                .usingMetrics(Map.of("heartbeats", ours(Signals.HEARTBEAT)))
                                .period(Duration.minutes(1))
                                .build()),
                        Condition.below(1).lasting(MINUTES).orMissing());
        // Created when the leader has been up for as long as a replica takes: a fresh deployment is no lost region.
        alarm.getNode().addDependency(props.database());
        return alarm;
    }

    private Alarm probeFailing(CfnSchedule schedule) {
        Alarm alarm = props.alarms()
                .add(
                        "ProbeFailing",
                        ("https://%s/ has not answered the probe of this region for %d minutes, neither with a page nor with any"
                                        + " status below 500; or the probe itself is broken. Alone it does not mean that the"
                                        + " region is lost: look at the workload, its last release, its certificate.")
                                .formatted(props.names().recordName(), MINUTES),
                        ours(Signals.SERVICE_ANSWERS),
                        Condition.below(1).lasting(MINUTES).orMissing());
        alarm.getNode().addDependency(props.database(), schedule);
        return alarm;
    }

    private CompositeAlarm regionLost(Alarm heartbeatMissing, Alarm probeFailing) {
        CompositeAlarm alarm = new CompositeAlarm(
                this,
                "RegionLost",
                CompositeAlarmProps.builder()
                        .alarmDescription(page.regionLost())
                        .alarmRule(AlarmRule.allOf(
                                AlarmRule.fromAlarm(heartbeatMissing, AlarmState.ALARM),
                                AlarmRule.fromAlarm(probeFailing, AlarmState.ALARM)))
                        .build());
        alarm.addAlarmAction(new SnsAction(props.alerts()));
        alarm.addOkAction(new SnsAction(props.alerts()));
        return alarm;
    }

    private CfnSchedule probeEveryMinute() {
        Names names = props.names();
        String url = "https://" + names.recordName() + "/";
        OutsideLook outside = props.outside();
        List<PolicyStatement> statements =
                new ArrayList<>(outside.permissions(names.runbookArn(props.region(), PROBE), List.of(url)));
        statements.add(PolicyStatement.Builder.create()
                .actions(List.of("cloudwatch:PutMetricData"))
                .resources(List.of("*"))
                .conditions(Map.of("StringEquals", Map.of("cloudwatch:namespace", Signals.NAMESPACE)))
                .build());
        Runbook probe = new Runbook(
                this,
                "Probe",
                Runbook.Kind.EXPRESS,
                names.runbook(props.region(), PROBE),
                ProbeDefinition.of(names.workload(), url, outside.connectionArn()),
                props.logGroup(),
                statements);
        Acknowledge.findings(
                probe.machine(),
                List.of("AwsSolutions-SF1", "AwsSolutions-SF2"),
                "It runs 1,440 times a day and reports one number: that it ran is in the metric, and its failures are logged."
                        + " Logging and tracing every run would cost more than it does and hide the runbooks' own lines.");
        Permissions permissions = starting("Schedule", "scheduler.amazonaws.com", probe.machine());
        CfnSchedule schedule = CfnSchedule.Builder.create(this, "EveryMinute")
                .description("Asks " + url + " from the standby's region")
                .scheduleExpression("rate(1 minute)")
                .flexibleTimeWindow(CfnSchedule.FlexibleTimeWindowProperty.builder()
                        .mode("OFF")
                        .build())
                .target(CfnSchedule.TargetProperty.builder()
                        .arn(probe.machine().getAttrArn())
                        .roleArn(permissions.role().getRoleArn())
                        // A late probe would say nothing about its minute.
                        .retryPolicy(CfnSchedule.RetryPolicyProperty.builder()
                                .maximumEventAgeInSeconds(60)
                                .maximumRetryAttempts(2)
                                .build())
                        .build())
                .build();
        schedule.getNode().addDependency(permissions.policy());
        return schedule;
    }

    private void startBy(CompositeAlarm regionLost, Alarm heartbeatMissing, Alarm probeFailing) {
        Names names = props.names();
        OutsideQuestions questions = props.recovery().questions();
        List<PolicyStatement> statements = new ArrayList<>(List.of(
                Permissions.allow(
                        List.of("cloudwatch:DescribeAlarms"),
                        heartbeatMissing.getAlarmArn(),
                        probeFailing.getAlarmArn()),
                Permissions.allow(
                        List.of("states:StartExecution"),
                        props.recovery().failover().getAttrArn()),
                Permissions.allow(
                        List.of("states:DescribeExecution"),
                        names.runbookExecutionsArn(props.region(), Recovery.FAILOVER)),
                Permissions.allow(List.of("sns:Publish"), props.alerts().getTopicArn()),
                Permissions.allow(
                        List.of("kms:Decrypt", "kms:GenerateDataKey"),
                        props.key().getKeyArn())));
        statements.addAll(questions.permissions());
        Runbook starter = new Runbook(
                this,
                "Starter",
                names.runbook(props.region(), STARTER),
                StarterDefinition.of(new StarterDefinition.Settings(
                        names.workload(),
                        props.topology().nextTerm(),
                        names.runbookArn(props.region(), Recovery.FAILOVER),
                        questions.machineArn(),
                        regionLost.getAlarmName(),
                        List.of(heartbeatMissing.getAlarmName(), probeFailing.getAlarmName()),
                        props.alerts().getTopicArn())),
                props.logGroup(),
                statements);
        starter.acknowledge(
                List.of(names.runbookExecutionsArn(props.region(), Recovery.FAILOVER), questions.executionsArn()),
                "The failover's executions, of which it asks who has used a name, and the looks from outside that it starts.");
        Permissions permissions = starting("Start", "events.amazonaws.com", starter.machine());
        CfnRule rule = CfnRule.Builder.create(this, "WhenRegionLost")
                .description("Starts the failover of " + names.workload() + " if its region stays lost")
                .eventPattern(pattern(regionLost))
                .targets(List.of(CfnRule.TargetProperty.builder()
                        .id("Starter")
                        .arn(starter.machine().getAttrArn())
                        .roleArn(permissions.role().getRoleArn())
                        // A failover that begins hours later would surprise people who are at work by then. No
                        // dead-letter
                        // queue: the same alarm has paged them.
                        .retryPolicy(CfnRule.RetryPolicyProperty.builder()
                                .maximumEventAgeInSeconds(600)
                                .maximumRetryAttempts(20)
                                .build())
                        .build()))
                .build();
        rule.getNode().addDependency(permissions.policy());
        alarmOnRuns(starter.machine(), "StarterFailed", "ExecutionsFailed", page.notStarted());
    }

    private static Map<String, Object> pattern(CompositeAlarm alarm) {
        Map<String, Object> pattern = new java.util.LinkedHashMap<>();
        pattern.put("source", List.of("aws.cloudwatch"));
        pattern.put("detail-type", List.of("CloudWatch Alarm State Change"));
        pattern.put("resources", List.of(alarm.getAlarmArn()));
        pattern.put("detail", Map.of("state", Map.of("value", List.of("ALARM"))));
        return pattern;
    }

    /** A run that was killed from outside catches nothing and tells nobody. */
    private void watchRuns() {
        CfnStateMachine failover = props.recovery().failover();
        CfnStateMachine rehearsal = props.recovery().rehearsal();
        String stopped = "was stopped by hand";
        String late = "ran out of time";
        alarmOnRuns(failover, "FailoverAborted", "ExecutionsAborted", page.failoverEnded(stopped));
        alarmOnRuns(failover, "FailoverTimedOut", "ExecutionsTimedOut", page.failoverEnded(late));
        alarmOnRuns(rehearsal, "RehearsalAborted", "ExecutionsAborted", page.rehearsalEnded(stopped));
        alarmOnRuns(rehearsal, "RehearsalTimedOut", "ExecutionsTimedOut", page.rehearsalEnded(late));
        alarmOnRuns(rehearsal, "RehearsalFailed", "ExecutionsFailed", page.rehearsalEnded("failed"));
        // CloudWatch looks back seven days at most [doc]. Rehearsals are twice a week, so one may fail.
        props.alarms()
                .add(
                        "RehearsalOverdue",
                        page.rehearsalOverdue(),
                        new Metric(MetricProps.builder()
                                .namespace(Signals.NAMESPACE)
                                .metricName(Signals.REHEARSAL_SUCCEEDED)
                                .dimensionsMap(
                                        Map.of(Signals.WORKLOAD, props.names().workload()))
                                .period(Duration.days(1))
                                .statistic("Maximum")
                                .build()),
                        Condition.below(1).lasting(7).orMissing());
    }

    private void alarmOnRuns(CfnStateMachine machine, String id, String metric, String description) {
        props.alarms()
                .add(
                        id,
                        description,
                        new Metric(MetricProps.builder()
                                .namespace("AWS/States")
                                .metricName(metric)
                                .dimensionsMap(Map.of("StateMachineArn", machine.getAttrArn()))
                                .period(Duration.minutes(1))
                                .statistic("Sum")
                                .build()),
                        Condition.above(0).lasting(1));
    }

    private Permissions starting(String id, String service, CfnStateMachine machine) {
        return new Permissions(
                this, id, service, List.of(Permissions.allow(List.of("states:StartExecution"), machine.getAttrArn())));
    }

    private Metric ours(String name) {
        return new Metric(MetricProps.builder()
                .namespace(Signals.NAMESPACE)
                .metricName(name)
                .dimensionsMap(Map.of(Signals.WORKLOAD, props.names().workload()))
                .period(Duration.minutes(1))
                .statistic("Maximum")
                .build());
    }
}
