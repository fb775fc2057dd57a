package dev.pilotlight.recovery;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;
import dev.pilotlight.recovery.failover.FailoverDefinition;
import dev.pilotlight.recovery.failover.FailoverSettings;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.Handover;
import java.util.List;
import java.util.Map;

/**
 * The rehearsal: one instance is started in the standby's region, becomes healthy, and goes again. Images, downloads,
 * keys and capacity then do not fail for the first time in the disaster.
 *
 * <p>It changes the desired capacity and never the least: a failover that begins meanwhile raises the least, and Auto
 * Scaling itself then refuses to go below it.
 */
final class RehearsalDefinition {

    private static final String NOW = "$toMillis($states.context.State.EnteredTime)";
    /** A drill of the failover changes nothing, and is none. */
    private static final String FAILOVERS =
            "$count($states.result.Executions[$contains(Name, " + FailoverDefinition.FAILOVERS + ")])";

    private static final int PATIENCE_SECONDS = 20 * 60;

    private static final String ASK = "Ask the witnesses";

    private RehearsalDefinition() {}

    /** The definition as JSON. */
    static String of(FailoverSettings settings, String failoverArn) {
        Machine machine = new Machine(
                "Starts one instance of the workload %s in this region, waits until it is healthy, stops it again."
                        .formatted(settings.workload()),
                "Begin",
                3600);
        machine.pass(
                "Begin",
                "The defaults of all that is found out later.",
                map(
                        "startedAt",
                        is(NOW),
                        "why",
                        "",
                        "failedStep",
                        "",
                        "outcome",
                        "failed",
                        "healthy",
                        0,
                        "running",
                        0,
                        "claimed",
                        false,
                        "group",
                        map(),
                        "seconds",
                        0,
                        "remarks",
                        List.of(),
                        Question.REGION.variable(),
                        Asking.unasked(),
                        Question.WITNESSES.variable(),
                        Asking.unasked()),
                "A failover running?");
        machine.task(
                        "A failover running?",
                        "The failover has the group to itself.",
                        "sfn:listExecutions",
                        map("StateMachineArn", failoverArn, "StatusFilter", "RUNNING", "MaxResults", 100))
                .assign(map("running", is(FAILOVERS)))
                .onAnyError(caught(), "Report")
                .next("Does this region claim?");
        readClaims(machine, settings, "Does this region claim?")
                .onAnyError(caught(), "Report")
                .next("Is the group at zero?");
        look(machine, settings, "Is the group at zero?", "Report", "May it begin?");
        machine.choice("May it begin?", "Only where nothing runs, nothing is claimed and nobody fails over.")
                .when(
                        "$running > 0 or $claimed or $group.desired != 0 or $group.min != 0 or $group.instances != 0",
                        map(
                                "outcome",
                                "refused",
                                "why",
                                "a failover runs, this region claims or shows the sign, or the group is not at zero"),
                        "Report")
                .otherwise("Start one");
        desire(machine, settings, "Start one", "One instance, as the failover would start it.", 1)
                .onAnyError(caught(), "A failover meanwhile?")
                .next(ASK);
        Asking asking = new Asking(machine, settings.outsideArn());
        if (settings.witnesses()) {
            asking.start(
                    Question.WITNESSES, ASK, "Whether this region reaches anybody.", "Ask this region from outside");
        } else {
            machine.pass(ASK, "None is configured.", map(), "Ask this region from outside");
        }
        asking.start(
                Question.REGION,
                "Ask this region from outside",
                "Where signs and claims are read: in peace the proof that they will be.",
                "Look at the targets");
        machine.task(
                        "Look at the targets",
                        "Whether it passes the load balancer's health check.",
                        "elasticloadbalancingv2:describeTargetHealth",
                        map("TargetGroupArn", settings.targetGroupArn()))
                .assign(map(
                        "healthy",
                        is("$count($states.result.TargetHealthDescriptions[TargetHealth.State = 'healthy'])")))
                .onAnyError(caught(), "A failover meanwhile?")
                .next("Healthy?");
        machine.choice("Healthy?", "Within twenty minutes.")
                .when(
                        "$healthy > 0",
                        map("outcome", "succeeded", "seconds", is("(" + NOW + " - $startedAt) / 1000")),
                        "A failover meanwhile?")
                .when(
                        NOW + " > $startedAt + " + PATIENCE_SECONDS * 1000L,
                        map(
                                "failedStep",
                                is("$states.context.State.Name"),
                                "why",
                                "the instance did not become healthy"),
                        "A failover meanwhile?")
                .otherwise("Wait");
        machine.pause("Wait", "It boots.", 15, "Look at the targets");
        machine.task(
                        "A failover meanwhile?",
                        "Then the instance is the failover's.",
                        "sfn:listExecutions",
                        map("StateMachineArn", failoverArn, "StatusFilter", "RUNNING", "MaxResults", 100))
                .assign(map("running", is(FAILOVERS)))
                .onAnyError(map(), "A claim meanwhile?")
                .next("A claim meanwhile?");
        readClaims(machine, settings, "A claim meanwhile?")
                .onAnyError(map(), "Whose instance?")
                .next("Whose instance?");
        machine.choice("Whose instance?", "Of the failover that began meanwhile, or still ours.")
                .when("$running > 0 or $claimed", map("why", "a failover began and keeps the instance"), "Report")
                .otherwise("Stop it");
        desire(
                        machine,
                        settings,
                        "Stop it",
                        "Back to zero. Refused if a failover has raised the least: then it stays.",
                        0)
                .onAnyError(caught(), "Why not?")
                .next("Report");
        look(machine, settings, "Why not?", "Left running", "Taken over?");
        machine.choice("Taken over?", "A failover has lit the group for good.")
                .when("$group.min > 0", map("why", "a failover began and keeps the instance"), "Report")
                .otherwise("Left running");
        machine.pass(
                "Left running",
                "Costs, but disturbs nobody.",
                map(
                        "outcome",
                        "failed",
                        "failedStep",
                        "Stop it",
                        "why",
                        "the instance could not be stopped: set the group's desired capacity to 0, unless a failover has taken it over"),
                "Report");
        machine.choice("Report", "A refused rehearsal has measured nothing.")
                .when("$outcome = 'refused'", "Tell people")
                .otherwise("Read how this region answers");
        asking.read(
                Question.REGION,
                "Read how this region answers",
                "Asked when the instance was started.",
                String.valueOf(Asking.PATIENCE_SECONDS),
                "Read how the witnesses answer");
        asking.read(
                Question.WITNESSES,
                "Read how the witnesses answer",
                "Asked when the instance was started.",
                String.valueOf(Asking.PATIENCE_SECONDS),
                "Weigh what answers");
        String hidden = "$regionLook.since > 0 and $not($regionLook.right)";
        machine.pass(
                "Weigh what answers",
                "A region whose claims nobody could read is not ready, however healthy its instance is. Silent witnesses are"
                        + " told only.",
                map(
                        "remarks",
                        is("$append([" + Asking.regionFinding(settings.origin()) + "], ["
                                + Asking.witnessRemark(settings.region()) + "])"),
                        "failedStep",
                        is(hidden + " and $outcome = 'succeeded' ? 'Read how this region answers' : $failedStep"),
                        "outcome",
                        is(hidden + " ? 'failed' : $outcome")),
                "Count it");
        machine.task(
                        "Count it",
                        "The age of the last success is watched.",
                        "cloudwatch:putMetricData",
                        map(
                                "Namespace",
                                Signals.NAMESPACE,
                                "MetricData",
                                List.of(
                                        Signals.datum(
                                                settings.workload(),
                                                Signals.REHEARSAL_SUCCEEDED,
                                                "$outcome = 'succeeded' ? 1 : 0",
                                                "Count"),
                                        Signals.datum(settings.workload(), "RehearsalSeconds", "$seconds", "Seconds"))))
                .patience(Patience.BRIEF)
                .onAnyError(map(), "Write the evidence")
                .next("Write the evidence");
        machine.task(
                        "Write the evidence",
                        "When it was rehearsed and how long the instance took.",
                        "s3:putObject",
                        map(
                                "Bucket",
                                settings.bucket(),
                                "Key",
                                is("'pilotlight/rehearsal/' & $states.context.Execution.Name & '.json'"),
                                "ContentType",
                                "application/json",
                                "Body",
                                is(evidence(settings))))
                .patience(Patience.BRIEF)
                .onAnyError(map(), "How did it end?")
                .next("How did it end?");
        machine.choice("How did it end?", "Nobody is told of a success without a remark.")
                .when("$outcome = 'succeeded' and $count($remarks) = 0", "Done")
                .otherwise("Tell people");
        machine.task(
                        "Tell people",
                        "A failover now might fail the same way.",
                        "sns:publish",
                        map(
                                "TopicArn",
                                settings.topicArn(),
                                "Subject",
                                is("'Pilotlight: rehearsal of %s ' & $outcome".formatted(settings.workload())),
                                "Message",
                                is(message())))
                .patience(Patience.BRIEF)
                .onAnyError(map(), "Was it a success?")
                .next("Was it a success?");
        machine.choice("Was it a success?", "The execution's own status says it too.")
                .when("$outcome = 'succeeded'", "Done")
                .otherwise("Failed");
        machine.succeed("Done", "The output is the evidence.", is(evidence(settings)));
        machine.fail("Failed", "The cause says why.", "Pilotlight.RehearsalFailed", is(message()));
        return machine.json();
    }

    private static Machine.Task readClaims(Machine machine, FailoverSettings settings, String name) {
        String shown = "'%s' in $states.result.Rules.Conditions.PathPatternConfig.Values";
        return machine.task(
                        name,
                        "A region that claims or is about to is no standby: its group serves users.",
                        "elasticloadbalancingv2:describeRules",
                        map("ListenerArn", settings.listenerArn()))
                .assign(map(
                        "claimed",
                        is(shown.formatted(new Claim(settings.workload(), settings.term()).path()) + " or "
                                + shown.formatted(new Handover(settings.workload(), settings.term()).path()))));
    }

    private static void look(Machine machine, FailoverSettings settings, String name, String onError, String next) {
        machine.task(
                        name,
                        "What the group has and what it may not go below.",
                        "autoscaling:describeAutoScalingGroups",
                        map("AutoScalingGroupNames", List.of(settings.group())))
                .assign(map("group", is("""
                                $states.result.AutoScalingGroups[0].{'desired': DesiredCapacity, 'min': MinSize,
                                'instances': $count(Instances)}""")))
                .onAnyError(caught(), onError)
                .next(next);
    }

    private static Machine.Task desire(
            Machine machine, FailoverSettings settings, String name, String comment, int instances) {
        return machine.task(
                name,
                comment,
                "autoscaling:setDesiredCapacity",
                map("AutoScalingGroupName", settings.group(), "DesiredCapacity", instances, "HonorCooldown", false));
    }

    private static String message() {
        return "'The rehearsal ' & $outcome & ($why = '' ? '' : ': ' & $why) & ($failedStep = '' ? '' : ', at \"' & $failedStep & '\"')"
                + " & '.' & ($count($remarks) = 0 ? '' : ' ' & $join($remarks, ' '))";
    }

    private static String evidence(FailoverSettings settings) {
        return """
                {'workload': '%s', 'execution': $states.context.Execution.Name, 'outcome': $outcome, 'why': $why,
                'failedStep': $failedStep, 'remarks': $remarks, 'secondsToHealthy': $seconds}""".formatted(settings.workload());
    }

    private static Map<String, Object> caught() {
        return map(
                "outcome",
                "failed",
                "failedStep",
                is("$states.context.State.Name"),
                "why",
                is("$states.errorOutput.Error & ' ' & $states.errorOutput.Cause"));
    }
}
