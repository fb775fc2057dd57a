package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine;
import dev.pilotlight.recovery.Machine.Patience;
import dev.pilotlight.recovery.Signals;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.Handover;
import java.util.List;
import java.util.Map;

/**
 * One phase of the runbook: it adds its states to the machine, and leads on to those of other phases by name. What several
 * phases ask in the same words is here.
 */
abstract class Phase {

    /**
     * States in which a database takes connections, and a replica may be promoted. Growing storage goes on for hours after
     * it is done [doc]. Not a backup: it refuses a promotion [doc].
     */
    static final String OPERATIONAL =
            "['available', 'storage-optimization', 'configuring-enhanced-monitoring', 'configuring-log-exports']";

    static final String NOW = "$toMillis($states.context.State.EnteredTime)";

    final FailoverSettings settings;
    final Claim claim;
    final Handover handover;
    final Machine machine;

    /** What all phases write with. */
    record Parts(FailoverSettings settings, Machine machine) {}

    Phase(Parts parts) {
        this.settings = parts.settings();
        this.claim = new Claim(settings.workload(), settings.term());
        this.handover = new Handover(settings.workload(), settings.term());
        this.machine = parts.machine();
    }

    /** Adds the phase's states. */
    abstract void write();

    /** How a person takes the sign back, inside a text in single quotes. */
    final String takeBack() {
        return """
                aws elbv2 delete-rule --region %1$s --rule-arn $(aws elbv2 describe-rules --region %1$s --listener-arn %2$s --output text \
                --query ' & "'" & 'Rules[?Priority==`"%3$d"`].RuleArn' & "'" & ')""".formatted(settings.region(), settings.listenerArn(), handover.priority());
    }

    /** A look whose answer is a finding or none; that it could not be had is a finding too. */
    final void check(
            String name, String comment, String call, Map<String, Object> arguments, String finding, String next) {
        machine.task(name, comment, call, arguments)
                .patience(Patience.BRIEF)
                .assign(map("findings", findings(finding)))
                .onAnyError(unchecked(), next)
                .next(next);
    }

    static String findings(String finding) {
        return is("$append($findings, [" + finding + "])");
    }

    static Map<String, Object> unchecked() {
        return map(
                "findings",
                is("$append($findings, $states.context.State.Name & ': ' & $states.errorOutput.Error & '.')"));
    }

    /** Creates a listener rule; if its place is taken, the verification that follows says by whom. */
    final void createRule(
            String name,
            String comment,
            String path,
            String text,
            int priority,
            String kind,
            Patience patience,
            String next) {
        machine.task(
                        name,
                        comment,
                        "elasticloadbalancingv2:createRule",
                        map(
                                "ListenerArn",
                                settings.listenerArn(),
                                "Priority",
                                priority,
                                "Conditions",
                                List.of(map(
                                        "Field", "path-pattern", "PathPatternConfig", map("Values", List.of(path)))),
                                "Actions",
                                List.of(map(
                                        "Type",
                                        "fixed-response",
                                        "FixedResponseConfig",
                                        map("StatusCode", "200", "ContentType", "text/plain", "MessageBody", text))),
                                "Tags",
                                List.of(map("Key", FailoverDefinition.SIGN_TAG, "Value", kind))))
                .patience(patience)
                .on("ElasticLoadBalancingV2.PriorityInUseException", map(), next)
                .onAnyError(caught(), "Give up")
                .next(next);
    }

    final Machine.Task readRules(String name, String comment) {
        String shows = "$states.result.Rules['%s' in Conditions.PathPatternConfig.Values"
                + " and Actions[0].FixedResponseConfig.MessageBody = '%s']";
        return machine.task(
                        name,
                        comment,
                        "elasticloadbalancingv2:describeRules",
                        map("ListenerArn", settings.listenerArn()))
                .assign(map(
                        "claimed",
                        is("$exists(" + shows.formatted(claim.path(), claim.text()) + ")"),
                        "signed",
                        is("$exists(" + shows.formatted(handover.path(), handover.text()) + ")"),
                        "signArn",
                        is("$string($append([''], " + shows.formatted(handover.path(), handover.text())
                                + ".RuleArn)[-1])")));
    }

    final Map<String, Object> databaseFacts() {
        String tag = "$append([''], $states.result.DbInstances[0].TagList[Key = '" + FailoverDefinition.PROMOTION_TAG
                + "'].Value)[-1]";
        String ours = "$contains(" + tag + ", 'term=" + settings.term() + " ')";
        return map(
                "database",
                is(databaseObject()),
                "looked",
                true,
                "committed",
                is(ours),
                "promoted",
                is("$not($exists($states.result.DbInstances[0].ReadReplicaSourceDBInstanceIdentifier))"),
                "loss",
                is(ours + " ? $match(" + tag + ", /loss=([0-9a-z]+)/).groups[0] : 'unknown'"),
                "fenced",
                is(ours + " and $contains(" + tag + ", 'fenced=true')"));
    }

    static String databaseObject() {
        return """
                $states.result.DbInstances[0].{'status': DbInstanceStatus, 'version': EngineVersion,
                'source': ReadReplicaSourceDBInstanceIdentifier,
                'replication': StatusInfos[StatusType = 'read replication'].Status}""";
    }

    static String groupFacts() {
        return """
                $states.result.AutoScalingGroups[0].{'desired': DesiredCapacity, 'min': MinSize, 'max': MaxSize,
                'template': LaunchTemplate.LaunchTemplateId, 'version': LaunchTemplate.Version}""";
    }

    final Map<String, Object> query(String id, String namespace, String name, String statistic) {
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
                        60,
                        "Stat",
                        statistic));
    }

    final Map<String, Object> metric(String name, String value, String unit) {
        return map(
                "MetricName",
                name,
                "Dimensions",
                List.of(map("Name", Signals.WORKLOAD, "Value", settings.workload())),
                "Value",
                is(value),
                "Unit",
                unit);
    }

    static Map<String, Object> caught() {
        return map(
                "failedStep",
                is("$states.context.State.Name"),
                "why",
                is("$states.errorOutput.Error & ' ' & $states.errorOutput.Cause"));
    }

    static Map<String, Object> because(String why) {
        return map("failedStep", is("$states.context.State.Name"), "why", why);
    }

    static Map<String, Object> at(String step) {
        return map("times", is("$merge([$times, {'" + step + "': $states.context.State.EnteredTime}])"));
    }
}
