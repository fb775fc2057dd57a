package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine;
import dev.pilotlight.recovery.Machine.Patience;
import dev.pilotlight.recovery.Signals;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.Handover;
import dev.pilotlight.topology.PromotionTag;
import java.util.List;
import java.util.Map;

/**
 * One phase of the runbook: it adds its states to the machine, and leads on to those of other phases by name. What several
 * phases ask in the same words is here.
 */
abstract class Phase {

    static final String OPERATIONAL = DatabaseStates.operationalExpression();
    static final String STUCK = DatabaseStates.stuckExpression();

    static final String NOW = "$toMillis($states.context.State.EnteredTime)";

    /** Where every run ends that was admitted. */
    static final String END = OutsideLooks.REPORT;

    /** In a planned switchover: three whole minutes without a datapoint. */
    static final int SILENT_MILLIS = 240_000;

    final FailoverSettings settings;
    final Claim claim;
    final Handover handover;
    final Rules sign;
    final Rules leadership;
    final Machine machine;

    /** What all phases write with. */
    record Parts(FailoverSettings settings, Machine machine) {}

    /** What a look may find. */
    enum Kind {
        /** Keeps a planned switchover from stopping the leader. */
        FINDING("findings"),
        /** Is told, and stops nothing. */
        REMARK("remarks");

        private final String variable;

        Kind(String variable) {
            this.variable = variable;
        }
    }

    Phase(Parts parts) {
        this.settings = parts.settings();
        this.claim = new Claim(settings.workload(), settings.term());
        this.handover = new Handover(settings.workload(), settings.term());
        this.sign = new Rules(settings, handover.path(), handover.text(), handover.priority(), "sign");
        this.leadership = new Rules(settings, claim.path(), claim.text(), claim.priority(), "claim");
        this.machine = parts.machine();
    }

    /** Adds the phase's states. */
    abstract void write();

    /**
     * Ten seconds during the first twenty minutes of a wait, then thirty: an execution has 25,000 events [doc].
     *
     * @param since an expression for the wait's beginning
     */
    static Object cadence(String since) {
        return is(NOW + " < (" + since + ") + 1200000 ? 10 : 30");
    }

    /** How a person takes the sign back, inside a text in single quotes: by its path, whatever stands at its place. */
    final String takeBack() {
        return """
                aws elbv2 delete-rule --region %1$s --rule-arn $(aws elbv2 describe-rules --region %1$s --listener-arn %2$s --output text \
                --query ' & "'" & 'Rules[?Conditions[0].PathPatternConfig.Values[0]==`"%3$s"`].RuleArn' & "'" & ')""".formatted(settings.region(), settings.listenerArn(), handover.path());
    }

    /** A look whose answer is a finding or none; that it could not be had is one too. */
    final void check(
            Kind kind,
            String name,
            String comment,
            String call,
            Map<String, Object> arguments,
            String finding,
            String next) {
        machine.task(name, comment, call, arguments)
                .patience(Patience.BRIEF)
                .assign(map(kind.variable, found(kind, finding)))
                .onAnyError(unchecked(kind), next)
                .next(next);
    }

    /** The list with what an expression yields: texts, or an empty list for none. */
    static String found(Kind kind, String finding) {
        return is("$append($" + kind.variable + ", [" + finding + "])");
    }

    static Map<String, Object> unchecked(Kind kind) {
        return map(kind.variable, found(kind, "$states.context.State.Name & ': ' & $states.errorOutput.Error & '.'"));
    }

    private static String tag() {
        return "$append([''], $states.result.DbInstances[0].TagList[Key = '" + PromotionTag.KEY + "'].Value)[-1]";
    }

    /** The parts of this term's tag; nothing if it was not set or was withdrawn. */
    private String mark() {
        return "$match(" + tag() + ", " + PromotionTag.valuePattern(settings.term()) + ").groups";
    }

    /** Whether an earlier attempt has passed the point of no return. */
    final String earlier() {
        return "$exists(" + mark() + ") and " + mark() + "[0] != $string($attempt)";
    }

    /** The earlier attempt that has; what was known before if the answer does not show it. */
    final String markedBy() {
        return earlier() + " ? $number(" + mark() + "[0]) : $markedBy";
    }

    /** The call that sets the mark. */
    final Map<String, Object> mark(String attempt) {
        return map(
                "ResourceName",
                settings.databaseArn(),
                "Tags",
                List.of(map(
                        "Key",
                        PromotionTag.KEY,
                        "Value",
                        is(PromotionTag.valueExpression(settings.term(), attempt, "$loss", "$fenced")))));
    }

    static String source() {
        return "$states.result.DbInstances[0].ReadReplicaSourceDBInstanceIdentifier";
    }

    static String status() {
        return "$states.result.DbInstances[0].DbInstanceStatus";
    }

    /** A replica that no promotion is at work on, as far as one look can tell. */
    static String quiet() {
        return source() + " != '' and $not(" + status() + " in ['modifying', 'rebooting'])";
    }

    /** All that is to be known of the database before anything is done. */
    final Map<String, Object> databaseFacts() {
        return map(
                "database",
                is(databaseObject()),
                "looked",
                true,
                "earlier",
                is(earlier()),
                "markedBy",
                is(markedBy()),
                "committed",
                is(earlier()),
                "promoted",
                is("$not(" + source() + " != '')"),
                "loss",
                is("$exists(" + mark() + ") ? " + mark() + "[1] : 'unknown'"),
                "fenced",
                is("$exists(" + mark() + ") and " + mark() + "[2] = 'true'"));
    }

    /** An empty text is no source. */
    static String databaseObject() {
        return """
                $states.result.DbInstances[0].{'status': DbInstanceStatus, 'version': EngineVersion,
                'source': ReadReplicaSourceDBInstanceIdentifier != '' ? ReadReplicaSourceDBInstanceIdentifier,
                'replication': StatusInfos[StatusType = 'read replication'].Status}""";
    }

    /** Since when looks show a state that the database does not leave by itself; 0 if the last one does not. */
    static String stuckSince() {
        return "$contains(" + status() + ", " + STUCK + ") ? ($stuckSince = 0 ? " + NOW + " : $stuckSince) : 0";
    }

    /** Two looks 30 seconds apart, and ten for the first one to be answered. */
    static final String IS_STUCK = "$stuckSince > 0 and " + NOW + " >= $stuckSince + 40000";

    /** A person is told at once, and the run goes on. */
    final void page(String name, String comment, String message, String next) {
        page(name, comment, message, map("paged", true), next);
    }

    /** @param assign whether the mail could be sent or not */
    final void page(String name, String comment, String message, Map<String, Object> assign, String next) {
        machine.task(
                        name,
                        comment,
                        "sns:publish",
                        map(
                                "TopicArn",
                                settings.topicArn(),
                                "Subject",
                                "Pilotlight: failover of %s to term %d needs a person"
                                        .formatted(settings.workload(), settings.term()),
                                "Message",
                                is(message)))
                .patience(Patience.BRIEF)
                .assign(assign)
                .onAnyError(assign, next)
                .next(next);
    }

    /** Whether what an earlier attempt has lit is known, so that no order takes it away. */
    static final String MAY_LIGHT = "($attempt = 1 or $exists($group.min))";

    /**
     * What every look at the group notes: what is lit is never less than the least capacity that it shows.
     *
     * @param more names and values that are noted as well
     */
    static Map<String, Object> seenGroup(Object... more) {
        Map<String, Object> assign = map(more);
        assign.put("group", is("""
                $states.result.AutoScalingGroups[0].{'desired': DesiredCapacity, 'min': MinSize, 'max': MaxSize,
                'template': LaunchTemplate.LaunchTemplateId, 'version': LaunchTemplate.Version,
                'inService': $count(Instances[LifecycleState = 'InService'])}"""));
        assign.put("lit", is("$max([$lit, $states.result.AutoScalingGroups[0].MinSize])"));
        return assign;
    }

    /** Looks at the database, for what an assignment takes of the answer. */
    final Machine.Task lookAtDatabase(String name, String comment) {
        return machine.task(name, comment, "rds:describeDBInstances", map("DbInstanceIdentifier", settings.database()));
    }

    final Machine.Task readRules(String name, String comment) {
        return machine.task(
                name, comment, "elasticloadbalancingv2:describeRules", map("ListenerArn", settings.listenerArn()));
    }

    final Machine.Task lookAtTargets(String name) {
        return machine.task(
                        name,
                        "How many instances pass the load balancer's health check.",
                        "elasticloadbalancingv2:describeTargetHealth",
                        map("TargetGroupArn", settings.targetGroupArn()))
                .patience(Patience.BRIEF)
                .assign(map(
                        "healthy",
                        is("$count($states.result.TargetHealthDescriptions[TargetHealth.State = 'healthy'])")));
    }

    /** The minimum only: Auto Scaling raises the desired capacity by itself [doc]. */
    final Machine.Task setMinSize(String name, String comment, String instances) {
        return machine.task(
                        name,
                        comment,
                        "autoscaling:updateAutoScalingGroup",
                        map("AutoScalingGroupName", settings.group(), "MinSize", is(instances)))
                .patience(Patience.BRIEF)
                .assign(
                        map(
                                "lit",
                                is(instances),
                                "litAt",
                                is(NOW),
                                "times",
                                is(
                                        "$exists($times.lit) ? $times : $merge([$times, {'lit': $states.context.State.EnteredTime}])")));
    }

    final Map<String, Object> query(String id, String namespace, String name, String statistic) {
        return query(id, namespace, name, statistic, 60);
    }

    final Map<String, Object> query(String id, String namespace, String name, String statistic, int period) {
        Map<String, Object> dimension = namespace.equals(Signals.NAMESPACE)
                ? map("Name", Signals.WORKLOAD, "Value", settings.workload())
                : map("Name", "DBInstanceIdentifier", "Value", settings.database());
        return map(
                "Id",
                id,
                "MetricStat",
                map(
                        "Metric",
                        map("Namespace", namespace, "MetricName", name, "Dimensions", List.of(dimension)),
                        "Period",
                        period,
                        "Stat",
                        statistic));
    }

    final Machine.Task lookAtMetrics(String name, String comment, String from, List<Map<String, Object>> queries) {
        return machine.task(
                name,
                comment,
                "cloudwatch:getMetricData",
                map(
                        "StartTime",
                        is("$fromMillis(" + from + ")"),
                        "ScanBy",
                        "TimestampDescending",
                        "EndTime",
                        is("$fromMillis(" + NOW + " + 60000)"),
                        "MetricDataQueries",
                        queries));
    }

    /** The values, or the times, of one of the metrics that were asked for. */
    static String answered(String id, String what) {
        return "$states.result.MetricDataResults[Id = '" + id + "']." + what;
    }

    final Map<String, Object> metric(String name, String value, String unit) {
        return Signals.datum(settings.workload(), name, value, unit);
    }

    static Map<String, Object> caught() {
        return map(
                "failedStep",
                is("$states.context.State.Name"),
                "why",
                is("$states.errorOutput.Error & ' ' & $states.errorOutput.Cause"));
    }

    /** @param why a text; an expression in {@code {% %}} */
    static Map<String, Object> because(String why) {
        return map("failedStep", is("$states.context.State.Name"), "why", why);
    }

    static String timed(String step) {
        return is("$merge([$times, {'" + step + "': $states.context.State.EnteredTime}])");
    }
}
