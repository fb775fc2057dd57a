package dev.pilotlight.recovery;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.data.RegionDatabase;
import dev.pilotlight.recovery.Machine.Patience;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.Handover;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The failover runbook: what it does, in which order, and what it does when a step fails.
 *
 * <p>Three rules hold all of it together:
 * <ul>
 *   <li>Every step looks first or can be repeated, so that starting the runbook again after any failure resumes it.
 *   <li>The point of no return is the database's tag {@value #PROMOTION_TAG}, set before the promotion is ordered. A run
 *       that gives up before it takes the handover sign back, and the other region leads on. A run that gives up after
 *       it leaves the sign, because a leader that resumed would acknowledge writes that are lost.
 *   <li>It calls no API outside its region, looks at its own claim from outside last and for information only, and reads
 *       the time from the execution's own context.
 * </ul>
 */
final class FailoverDefinition {

    /** Says that the promotion was ordered, in which term, and what it may lose. It outlives every run. */
    static final String PROMOTION_TAG = "pilotlight:promotion";
    /** Marks the rules that the runbook may delete; it may delete no claim. */
    static final String SIGN_TAG = "pilotlight:sign";

    /** The names of executions that fail over: a drill has another, takes none of theirs, and is in nobody's way. */
    static final String FAILOVERS = "/^failover-/";
    /**
     * States in which a database takes connections, and a replica may be promoted. Growing storage goes on for hours after
     * it is done [doc]. Not a backup: it refuses a promotion [doc].
     */
    private static final String OPERATIONAL =
            "['available', 'storage-optimization', 'configuring-enhanced-monitoring', 'configuring-log-exports']";
    /** A lag of -1 says that replication is not active [doc]; what was measured before still holds. */
    private static final int LAG_POINTS = 15;

    private static final String NOW = "$toMillis($states.context.State.EnteredTime)";

    /** From outside, for the claim. */
    private static final int LOOKS = 4;

    private final FailoverSettings settings;
    private final Claim claim;
    private final Handover handover;
    private final Machine machine;

    private FailoverDefinition(FailoverSettings settings) {
        this.settings = settings;
        this.claim = new Claim(settings.workload(), settings.term());
        this.handover = new Handover(settings.workload(), settings.term());
        this.machine = new Machine(
                "Moves the workload %s to this region in term %d. Start it as failover-term-%d-attempt-1; after a failure as attempt-2, and so on: it resumes. A drill is started as drill-term-%d-attempt-1."
                        .formatted(settings.workload(), settings.term(), settings.term(), settings.term()),
                "Check the input",
                5 * 3600);
    }

    /** The definition as JSON. */
    static String of(FailoverSettings settings) {
        FailoverDefinition definition = new FailoverDefinition(settings);
        definition.admit();
        definition.lookAround();
        definition.light();
        definition.preflight();
        definition.raiseSign();
        definition.awaitFenceAndReplay();
        definition.promote();
        definition.awaitService();
        definition.claim();
        definition.giveUp();
        definition.report();
        return definition.machine.json();
    }

    /** Who may run: one execution at a time, with an input that says what is meant. */
    private void admit() {
        String namePattern = "/^%s-term-" + settings.term() + "-attempt-[1-9][0-9]{0,2}$/";
        machine.choice("Check the input", "The mode, who accepts a loss of data, and why: nothing is guessed.")
                .when("""
                        $type($states.input) = 'object'
                        and $states.input.mode in ['planned', 'emergency', 'drill']
                        and $type($states.input.acceptDataLoss) = 'boolean'
                        and $type($states.input.reason) = 'string'
                        and $length($trim($states.input.reason)) > 0
                        and $count($keys($states.input)) = 3
                        and $contains($states.context.Execution.Name, $states.input.mode = 'drill' ? %s : %s)""".formatted(namePattern.formatted("drill"), namePattern.formatted("failover")), "Begin")
                .otherwise("Refuse the input");
        machine.fail(
                "Refuse the input",
                "Nothing was touched.",
                "Pilotlight.InvalidInput",
                ("Nothing was done. The input must be {\"mode\": \"planned\", \"emergency\" or \"drill\", \"acceptDataLoss\": true or"
                                + " false, \"reason\": a text that is not empty} and nothing else, and the execution's name"
                                + " failover-term-%d-attempt- and a number, or drill-term-%d-attempt- and a number if the mode is"
                                + " drill. A failover of another term than %d is begun with the other region's runbook, or after"
                                + " this region's next deploy.")
                        .formatted(settings.term(), settings.term(), settings.term()));
        Map<String, Object> begin = map(
                "mode",
                is("$states.input.mode"),
                "acceptDataLoss",
                is("$states.input.acceptDataLoss"),
                "reason",
                is("$states.input.reason"),
                "attempt",
                is("$number($match($states.context.Execution.Name, /[0-9]+$/).match)"),
                "startedAt",
                is(NOW),
                "claimed",
                false,
                // Presumed until the database has been asked: a resumed run that cannot ask it must not take the sign
                // back.
                "committed",
                true,
                "looked",
                false,
                "promoted",
                false,
                "signed",
                false,
                "signArn",
                "",
                "signedAt",
                0,
                "promotedAt",
                0,
                "others",
                0,
                "before",
                "",
                "database",
                map(),
                "group",
                map(),
                "image",
                "",
                "quota",
                0,
                "healthy",
                0,
                "writable",
                false,
                "findings",
                List.of(),
                "times",
                map("started", is("$states.context.State.EnteredTime")),
                "seen",
                map(),
                "loss",
                "unknown",
                "fenced",
                false,
                "outcome",
                "failed",
                "asked",
                0,
                "visible",
                false,
                "answer",
                "",
                "unseen",
                "",
                "failedStep",
                "",
                "why",
                "",
                "signLeft",
                false);
        machine.pass(
                "Begin", "Notes the input, and the defaults of all that is found out later.", begin, "Only a drill?");
        machine.choice("Only a drill?", "It changes nothing: it waits for no failover, and no failover for it.")
                .when("$mode = 'drill'", "Read the signs")
                .otherwise("Another run?");
        // Two starts at the same moment choose the same name, and Step Functions refuses one. Other names: a later
        // attempt needs its predecessor closed, and nobody older may be running. Both looks are eventually consistent
        // for seconds; either alone would leave a gap that the other closes.
        machine.task(
                        "Another run?",
                        "One at a time: two with different modes would undo each other's sign.",
                        "sfn:listExecutions",
                        map(
                                "StateMachineArn",
                                is("$states.context.StateMachine.Id"),
                                "StatusFilter",
                                "RUNNING",
                                "MaxResults",
                                100))
                .assign(map("others", is("""
                                $count($states.result.Executions[$contains(Name, %s)
                                and ExecutionArn != $states.context.Execution.Id
                                and ($toMillis(StartDate) < $toMillis($states.context.Execution.StartTime)
                                or ($toMillis(StartDate) = $toMillis($states.context.Execution.StartTime)
                                and Name < $states.context.Execution.Name))])""".formatted(FAILOVERS))))
                .onAnyError(map("why", is("$states.errorOutput.Error")), "Refuse to run beside another")
                .next("Alone?");
        machine.choice("Alone?", "Refuses if an older run is still going; a first attempt has no predecessor.")
                .when("$others > 0", "Refuse to run beside another")
                .when("$attempt > 1", "The attempt before")
                .otherwise("Read the signs");
        machine.task(
                        "The attempt before",
                        "A later attempt follows one that is over.",
                        "sfn:describeExecution",
                        map(
                                "ExecutionArn",
                                is("$replace($states.context.Execution.Id, /[0-9]+$/, $string($attempt - 1))")))
                .assign(map("before", is("$states.result.Status")))
                .onAnyError(map("why", is("$states.errorOutput.Error")), "Refuse to run beside another")
                .next("Over?");
        machine.choice("Over?", "Whether the attempt before this one has ended.")
                .when("$before = 'RUNNING'", "Refuse to run beside another")
                .otherwise("Read the signs");
        machine.fail("Refuse to run beside another", "Nothing was touched.", "Pilotlight.AnotherRun", is("""
                        'Nothing was done. Another attempt is running, or the number before this one was never used, or neither
                        could be found out: ' & $why & '. Look at the executions of this state machine; when none is running, start
                        the next number, beginning with 1.'"""));
    }

    /** What is true already: this may be the first attempt, or one that resumes. */
    private void lookAround() {
        readRules("Read the signs", "Whether this region holds the claim or shows the sign, from an earlier attempt.")
                .onAnyError(caught(), "Give up")
                .next("Look at the database");
        machine.task(
                        "Look at the database",
                        "Whose replica it really is, whether it may be promoted, and whether an attempt has ordered that.",
                        "rds:describeDBInstances",
                        map("DbInstanceIdentifier", settings.database()))
                .assign(databaseFacts())
                .onAnyError(caught(), "Give up")
                .next("The right database?");
        Machine.Choice right = machine.choice(
                "The right database?",
                "Promoting the replica of another database than the leader's would lose everything since.");
        if (!settings.replicatesLeader()) {
            right.when(
                    "true",
                    because("the lineage says that this region's database does not replicate the"
                            + " leader's: seed it anew by appending this region to databaseLineage"),
                    "Give up");
        }
        right.when(
                        "$exists($database.source) and $database.source != '" + settings.expectedSource() + "'",
                        because("the database here is a replica of another one than the leader's"),
                        "Give up")
                .when(
                        "$not($exists($database.source)) and $not($committed) and $not($claimed) and $not($acceptDataLoss)",
                        because("the database here is no replica any more, and no run of this term promoted it: what it"
                                + " lacks is unknown. If a person knows, start again with acceptDataLoss true"),
                        "Give up")
                .when("$mode = 'drill'", "Check the secret")
                .otherwise("Look at the group");
    }

    /** At once, because booting takes minutes and disturbs nobody: only a claim moves users. */
    private void light() {
        machine.task(
                        "Look at the group",
                        "How many instances there are, so that a resumed run takes none away.",
                        "autoscaling:describeAutoScalingGroups",
                        map("AutoScalingGroupNames", List.of(settings.group())))
                .assign(map("group", is(groupFacts())))
                .onAnyError(caught(), "Give up")
                .next("Light the pilot");
        machine.task(
                        "Light the pilot",
                        "Serving capacity, while everything else goes on. Load scales it further.",
                        "autoscaling:updateAutoScalingGroup",
                        map(
                                "AutoScalingGroupName",
                                settings.group(),
                                "MinSize",
                                settings.capacity(),
                                "MaxSize",
                                is("$max([$group.max, " + settings.capacity() + "])"),
                                "DesiredCapacity",
                                is("$max([$group.desired, " + settings.capacity() + "])")))
                .assign(at("lit"))
                .onAnyError(caught(), "Give up")
                .next("Resuming?");
        machine.choice("Resuming?", "What is promoted or claimed already needs no preflight, sign or gate.")
                .when("$claimed or $promoted", "Database alone and available?")
                .when("$committed", "Give the promotion time")
                .otherwise("Check the secret");
        machine.pause(
                "Give the promotion time",
                "An earlier attempt may have ordered it: it shows after minutes only.",
                60,
                "Look again at the database");
        machine.task(
                        "Look again at the database",
                        "Whether the promotion that an earlier attempt ordered is under way.",
                        "rds:describeDBInstances",
                        map("DbInstanceIdentifier", settings.database()))
                .assign(databaseFacts())
                .onAnyError(caught(), "Give up")
                .next("Was it ordered?");
        machine.choice("Was it ordered?", "If the replica is as it was after five minutes, the order never arrived.")
                .when("$promoted", "Database alone and available?")
                .when(NOW + " < $startedAt + 300000", "Give the promotion time")
                .otherwise("Check the secret");
    }

    /**
     * What only bites at three in the morning. In a planned switchover every finding stops it while nothing has been
     * touched; in an emergency findings are reported and nothing waits for a check for long.
     */
    private void preflight() {
        check(
                "Check the secret",
                "Instances read the database's password from this region's replica of the secret.",
                "secretsmanager:describeSecret",
                map("SecretId", settings.secret()),
                "$exists($states.result.DeletedDate) ? 'The secret is scheduled for deletion.' : []",
                "Check the certificate");
        check(
                "Check the certificate",
                "Users and health checks come by HTTPS.",
                "acm:describeCertificate",
                map("CertificateArn", settings.certificateArn()),
                "$states.result.Certificate.Status = 'ISSUED' ? [] : 'The certificate is ' & $states.result.Certificate.Status & '.'",
                "Check the group");
        machine.task(
                        "Check the group",
                        "Its limit, and which launch template it starts instances from.",
                        "autoscaling:describeAutoScalingGroups",
                        map("AutoScalingGroupNames", List.of(settings.group())))
                .patience(Patience.BRIEF)
                .assign(map(
                        "group",
                        is(groupFacts()),
                        "findings",
                        findings("$states.result.AutoScalingGroups[0].MaxSize < " + settings.capacity()
                                + " ? 'The group allows fewer instances than serving takes.' : []")))
                .onAnyError(unchecked(), "Check the instance class")
                .next("Check the launch template");
        machine.task(
                        "Check the launch template",
                        "Which image instances start from.",
                        "ec2:describeLaunchTemplateVersions",
                        map("LaunchTemplateId", is("$group.template"), "Versions", List.of(is("$group.version"))))
                .patience(Patience.BRIEF)
                .assign(map("image", is("$states.result.LaunchTemplateVersions[0].LaunchTemplateData.ImageId")))
                .onAnyError(unchecked(), "Check the instance class")
                .next("Check the image");
        check(
                "Check the image",
                "An image that was deregistered is found out only at launch.",
                "ec2:describeImages",
                map("ImageIds", List.of(is("$image"))),
                "$states.result.Images[0].State = 'available' ? [] : 'The image ' & $image & ' is not available in this region.'",
                "Check the instance class");
        check(
                "Check the instance class",
                "RDS must be able to run the class here when it restarts the database.",
                "rds:describeOrderableDBInstanceOptions",
                map(
                        "Engine",
                        "postgres",
                        "DbInstanceClass",
                        settings.databaseClass(),
                        "EngineVersion",
                        is("$database.version"),
                        "MaxRecords",
                        20),
                "$count($states.result.OrderableDBInstanceOptions) > 0 ? [] : 'RDS offers the database class no more in this region.'",
                "Check the status");
        machine.pass(
                "Check the status",
                "A backup or a change in progress would delay the promotion. A sign that a stopped run has left keeps the leader stopped.",
                map(
                        "findings",
                        findings(("($database.status in " + OPERATIONAL
                                        + " ? [] : 'The database is ' & $database.status & '.'),"
                                        // A replica whose replication has ended may stay available.
                                        + " ($exists($database.replication) and $database.replication != 'replicating'"
                                        + " ? 'Its replication is ' & $database.replication & '.' : []),"
                                        + " ($mode = 'drill' and $signed and $not($committed or $promoted or $claimed)"
                                        + " ? 'THE HANDOVER SIGN STANDS and keeps the leader stopped. If no failover runs, one that"
                                        + " was stopped has left it: start the next attempt, or let the leader serve again: %s' : [])")
                                .formatted(takeBack()))),
                settings.quotaCode() == null ? "May it go on?" : "Check the quota");
        if (settings.quotaCode() != null) {
            machine.task(
                            "Check the quota",
                            "How many vCPUs of this family may run in this region.",
                            "servicequotas:getServiceQuota",
                            map("ServiceCode", "ec2", "QuotaCode", settings.quotaCode()))
                    .patience(Patience.BRIEF)
                    .assign(map("quota", is("$states.result.Quota.Value")))
                    // Where nobody ever asked for more, some quotas have a default only, which this call does not know.
                    .on("ServiceQuotas.NoSuchResourceException", map(), "May it go on?")
                    .onAnyError(unchecked(), "May it go on?")
                    .next("Check the instance type");
            check(
                    "Check the instance type",
                    "Offered in this region, and small enough for the quota at serving capacity.",
                    "ec2:describeInstanceTypes",
                    map("InstanceTypes", List.of(settings.instanceType())),
                    ("$states.result.InstanceTypes[0].VCpuInfo.DefaultVCpus * %d > $quota ? 'The vCPU quota of '"
                                    + " & $string($quota) & ' is too small for serving capacity.' : []")
                            .formatted(settings.capacity()),
                    "May it go on?");
        }
        machine.choice("May it go on?", "A planned switchover does not walk into trouble that it can see.")
                .when("$mode = 'drill'", "Look at fence and replay")
                .when(
                        "$mode = 'planned' and $count($findings) > 0",
                        map(
                                "failedStep",
                                is("$states.context.State.Name"),
                                "why",
                                is("'the preflight found: ' & $join($findings, ' ')")),
                        "Give up")
                .otherwise("Raise the handover sign");
    }

    /** The old leader's agents read it and stop the workload. */
    private void raiseSign() {
        createRule(
                "Raise the handover sign",
                "The other region's agents stop its workload while it stands. There already: verified next.",
                handover.path(),
                handover.text(),
                handover.priority(),
                "sign",
                Patience.LONG,
                "Verify the sign");
        readRules("Verify the sign", "An error may have come after the rule was made, and a rule may be another's.")
                .onAnyError(caught(), "Give up")
                .next("Sign shown?");
        machine.choice("Sign shown?", "The moment from which reports of the fence count.")
                .when(
                        "$signed",
                        map(
                                "signedAt",
                                is(NOW),
                                "times",
                                is("$merge([$times, {'signed': $states.context.State.EnteredTime}])")),
                        "Look at fence and replay")
                .otherwise("Sign not shown");
        machine.pass(
                "Sign not shown",
                "The place on the listener is taken by a rule that is not ours.",
                because("the handover sign could not be created: priority %d of the listener is taken"
                        .formatted(handover.priority())),
                "Give up");
    }

    /**
     * What may be lost. The replica's lag at a time says up to when it had replayed, {@code time - lag}, and that only
     * grows: so the newest that was measured holds now. A row committed after the fence and replayed proves that
     * everything before it was: the log is replayed in order. Without a fence the loss is what the leader may have
     * committed between there and the last sign of life, rounded up by a minute and a half for how metrics are cut.
     */
    private void awaitFenceAndReplay() {
        machine.task(
                        "Look at fence and replay",
                        "Is every instance of the leader stopped, when was it last heard, how far has the replica replayed?",
                        "cloudwatch:getMetricData",
                        map(
                                "StartTime",
                                is("$fromMillis(" + NOW + " - 43200000)"),
                                "ScanBy",
                                "TimestampDescending",
                                "EndTime",
                                is("$fromMillis(" + NOW + " + 60000)"),
                                "MetricDataQueries",
                                List.of(
                                        query("fenced", Signals.NAMESPACE, Signals.FENCED_TERM, "Minimum"),
                                        query("heartbeat", Signals.NAMESPACE, Signals.HEARTBEAT, "Maximum"),
                                        query("lag", "AWS/RDS", "ReplicaLag", "Minimum"))))
                .assign(map("seen", is(seen())))
                .onAnyError(
                        map(
                                "seen",
                                map(),
                                "failedStep",
                                is("$states.context.State.Name"),
                                "why",
                                is("$states.errorOutput.Error")),
                        "Without metrics")
                .next("Enough known?");
        machine.choice("Without metrics", "A planned switchover needs the proof; in an emergency the loss is unknown.")
                .when("$mode = 'planned'", "Give up")
                .when("$mode = 'drill'", "End the drill")
                .otherwise("Is the loss accepted?");
        machine.choice("Enough known?", "Proof of no loss; or nobody left to wait for; or the patience has an end.")
                .when("$mode = 'drill'", "End the drill")
                .when(
                        "$exists($seen.fencedAt) and $exists($seen.replayedTo) and $seen.replayedTo >= $seen.fencedAt + 5000",
                        map("loss", 0, "fenced", true),
                        "Free to be promoted?")
                .when(
                        "$mode = 'planned' and " + NOW + " > $signedAt + " + settings.fencePatienceSeconds() * 1000L,
                        map("failedStep", is("$states.context.State.Name"), "why", is("""
                                        $exists($seen.fencedAt)
                                        ? 'the replica did not replay a row that was committed after the leader had stopped'
                                        : 'the leader did not report that all of its instances have stopped the workload; if it is
                                        gone, the mode is emergency'""")),
                        "Give up")
                .when(
                        "$mode = 'emergency' and ($seen.gone or " + NOW + " > $signedAt + 180000)",
                        map("fenced", is("$exists($seen.fencedAt)")),
                        "Is the loss accepted?")
                .otherwise("Wait for fence and replay");
        machine.pause("Wait for fence and replay", "Metrics come once a minute.", 10, "Look at fence and replay");
        machine.choice("Is the loss accepted?", "Within the objective, or a person answers for it.")
                .when(
                        "$exists($seen.loss) and $seen.loss <= " + settings.rpoMinutes() * 60,
                        map("loss", is("$seen.loss")),
                        "Free to be promoted?")
                .when(
                        "$acceptDataLoss",
                        map("loss", is("$exists($seen.loss) ? $seen.loss : 'unknown'")),
                        "Free to be promoted?")
                .otherwise("Loss not accepted");
        machine.pass(
                "Loss not accepted",
                "Nothing was promoted; the instances stay up for the next attempt.",
                map("failedStep", is("$states.context.State.Name"), "why", is("""
                                'promoting now would lose '
                                & ($exists($seen.loss) ? 'up to ' & $string($seen.loss) & ' seconds of writes'
                                : 'an unknown amount of writes, because the metrics do not tell,')
                                & ', more than the objective of %d minutes. If a person answers for that, start the next attempt with
                                acceptDataLoss true'""".formatted(settings.rpoMinutes()))),
                "Give up");
    }

    /**
     * Datapoints come newest first. The newest are named one by one: any other way to take a few of an array looks at all of
     * it, hours of minutes, once for each.
     */
    private String seen() {
        return """
                (
                $time := %s;
                $points := function($stamps, $values) {
                  $map($stamps, function($stamp, $index) {{'at': $toMillis($stamp), 'value': $values[$index]}})
                };
                $fence := $states.result.MetricDataResults[Id = 'fenced'];
                $lag := $states.result.MetricDataResults[Id = 'lag'];
                $beat := $states.result.MetricDataResults[Id = 'heartbeat'];
                $fenceAt := $fence.Timestamps; $fenceIs := $fence.Values;
                $lagAt := $lag.Timestamps; $lagIs := $lag.Values;
                $beatAt := $beat.Timestamps; $beatIs := $beat.Values;
                $complete := $points(%s, %s)[at + 70000 <= $time];
                $lastServing := $max([0, $complete[value < %d].at]);
                $fencedFrom := $min($complete[value >= %d and at >= $signedAt and at > $lastServing].at);
                $replayedTo := $max($points(%s, %s)[value >= 0].(at - value * 1000));
                $heard := $max($points(%s, %s)[value > 0].at);
                $alive := $exists($heard) and $exists($replayedTo) ? $replayedTo > $heard + 120000 : false;
                $lastSign := $alive ? $time : $heard + 90000;
                {
                  'fencedAt': $exists($fencedFrom) ? $fencedFrom + 60000,
                  'replayedTo': $replayedTo,
                  'gone': $exists($heard) ? $time > $heard + 180000 and $not($alive) : true,
                  'loss': $exists($lastSign) and $exists($replayedTo) ? $ceil($max([60000, $lastSign - $replayedTo]) / 1000)
                }
                )""".formatted(
                        NOW,
                        newest("$fenceAt", 12),
                        newest("$fenceIs", 12),
                        settings.term(),
                        settings.term(),
                        newest("$lagAt", LAG_POINTS),
                        newest("$lagIs", LAG_POINTS),
                        newest("$beatAt", 3),
                        newest("$beatIs", 3));
    }

    private static String newest(String array, int count) {
        return IntStream.range(0, count)
                .mapToObj(index -> array + "[" + index + "]")
                .collect(Collectors.joining(", ", "[", "]"));
    }

    /** From the mark on, the old leader must stay stopped, whatever happens here. */
    private void promote() {
        // Asked before the mark, and what may be lost is asked again after every wait: a leader that is not fenced
        // goes on acknowledging while a backup keeps its replica from being promoted.
        machine.task(
                        "Free to be promoted?",
                        "A backup in progress would refuse the promotion.",
                        "rds:describeDBInstances",
                        map("DbInstanceIdentifier", settings.database()))
                .assign(map("database", is(databaseObject())))
                .onAnyError(caught(), "Give up")
                .next("Busy?");
        machine.choice(
                        "Busy?",
                        "Waits for the end of a backup, and then looks anew at what may be lost. A planned switchover does not"
                                + " keep the leader stopped for it longer than for anything else.")
                .when(
                        "$exists($database.source) and $not($database.status in " + OPERATIONAL + ") and ("
                                + NOW + " > $startedAt + " + settings.promotionPatienceSeconds() * 1000L
                                + " or ($mode = 'planned' and $not($committed) and " + NOW + " > $signedAt + "
                                + settings.fencePatienceSeconds() * 1000L + "))",
                        because("the database was never free to be promoted"),
                        "Give up")
                .when(
                        "$exists($database.source) and $not($database.status in " + OPERATIONAL + ")",
                        "Wait until it is free")
                .otherwise("Mark the point of no return");
        machine.pause("Wait until it is free", "A backup takes minutes.", 10, "Look at fence and replay");
        machine.task(
                        "Mark the point of no return",
                        "From here on no run takes the sign back; a run that resumes finds here what may be lost.",
                        "rds:addTagsToResource",
                        map(
                                "ResourceName",
                                settings.databaseArn(),
                                "Tags",
                                List.of(map(
                                        "Key",
                                        PROMOTION_TAG,
                                        "Value",
                                        is("'term=%d loss=' & $string($loss) & ' fenced=' & $string($fenced)"
                                                .formatted(settings.term()))))))
                .assign(map(
                        "committed",
                        true,
                        "times",
                        is("$merge([$times, {'committed': $states.context.State.EnteredTime}])")))
                .onAnyError(caught(), "Give up")
                .next("Promote");
        machine.task(
                        "Promote",
                        "Without the retention RDS would keep backups for one day, and without the window make them at any time. A backup in progress refuses it: again later.",
                        "rds:promoteReadReplica",
                        map(
                                "DbInstanceIdentifier",
                                settings.database(),
                                "BackupRetentionPeriod",
                                settings.backupRetentionDays(),
                                "PreferredBackupWindow",
                                RegionDatabase.BACKUP_WINDOW))
                .patience(Patience.STUBBORN)
                .on("Rds.InvalidDbInstanceStateException", map(), "Wait for the promotion")
                .onAnyError(caught(), "Give up")
                .next("Wait for the promotion");
        machine.pause("Wait for the promotion", "It takes minutes.", 10, "Database alone and available?");
        machine.task(
                        "Database alone and available?",
                        "Right after the order it is still a replica and still available: both must be right.",
                        "rds:describeDBInstances",
                        map("DbInstanceIdentifier", settings.database()))
                .assign(map("database", is(databaseObject())))
                // The promotion goes on while RDS does not answer: what was seen last decides whether to wait on.
                .onAnyError(map(), "Promoted?")
                .next("Promoted?");
        machine.choice("Promoted?", "The source is gone and it takes connections; RDS may back it up at once.")
                .when(
                        "$not($exists($database.source)) and ($database.status = 'backing-up' or $database.status in "
                                + OPERATIONAL + ")",
                        map(
                                "promotedAt",
                                is(NOW),
                                "promoted",
                                true,
                                "times",
                                is("$merge([$times, {'promoted': $states.context.State.EnteredTime}])")),
                        "Look at the targets")
                .when(
                        NOW + " > $startedAt + " + settings.promotionPatienceSeconds() * 1000L,
                        because("the promotion took too long"),
                        "Give up")
                .when("$exists($database.source) and $database.status = 'backing-up'", "Wait until it is free")
                .when("$exists($database.source) and $database.status in " + OPERATIONAL, "Promote")
                .otherwise("Wait for the promotion");
    }

    /** Nobody is sent here before this region can serve and write. */
    private void awaitService() {
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

    /** This moves users, and stops the old leader for good. */
    private void claim() {
        createRule(
                "Claim the term",
                "Route 53's checks and the old leader's agents read it. There already: verified next.",
                claim.path(),
                claim.text(),
                claim.priority(),
                "claim",
                Patience.STUBBORN,
                "Verify the claim");
        readRules("Verify the claim", "An error may have come after the rule was made, and a rule may be another's.")
                .patience(Patience.STUBBORN)
                .onAnyError(caught(), "Give up")
                .next("Claim held?");
        machine.choice("Claim held?", "From here on this region leads.")
                .when(
                        "$claimed",
                        map("times", is("$merge([$times, {'claimed': $states.context.State.EnteredTime}])")),
                        "Until the claim is seen")
                .otherwise("Claim not held");
        machine.pass(
                "Claim not held",
                "The place on the listener is taken by a rule that is not ours.",
                because("the claim could not be created: priority %d of the listener is taken"
                        .formatted(claim.priority())),
                "Give up");
        // Route 53's view of its checks can be read in us-east-1 only, which may be the region that is lost. Its
        // documented time is therefore waited out, and the claim looked at once more, and asked for as a stranger
        // would.
        machine.pause(
                "Until the claim is seen",
                "%d checks of Route 53, %d seconds apart, and a margin of one."
                        .formatted(FailoverSettings.CHECKS, settings.checkIntervalSeconds()),
                settings.claimSeenSeconds(),
                "Look at the claim once more");
        readRules("Look at the claim once more", "Nobody took it away meanwhile.")
                .onAnyError(caught(), "Give up")
                .next("Claim still held?");
        machine.choice("Claim still held?", "The last look before it is reported done.")
                .when("$claimed", map("outcome", "succeeded"), "Ask for the claim")
                .otherwise("Claim the term");
        // Nothing from here on fails the run: the claim stands, and users may be moving.
        machine.get(
                        "Ask for the claim",
                        "As Route 53's checkers and the old leader's agents do: by DNS, certificate and security group.",
                        settings.claimUrl(),
                        settings.connectionArn())
                .patience(Patience.ONCE)
                .assign(map(
                        "asked",
                        is("$asked + 1"),
                        "visible",
                        is("$contains($string($states.result.ResponseBody), '" + claim.text() + "') = true"),
                        "answer",
                        "something else answers"))
                // States.ALL does not hold this error.
                .on(
                        "States.DataLimitExceeded",
                        map("asked", is("$asked + 1"), "answer", "something else answers"),
                        "Seen from outside?")
                .onAnyError(
                        map(
                                "asked",
                                is("$asked + 1"),
                                "answer",
                                is("$states.errorOutput.Error & ' ' & $substring($states.errorOutput.Cause, 0, 200)")),
                        "Seen from outside?")
                .next("Seen from outside?");
        machine.choice("Seen from outside?", "Four looks: one that fails says little.")
                .when(
                        "$visible",
                        map("times", is("$merge([$times, {'seen': $states.context.State.EnteredTime}])")),
                        "Write the evidence")
                .when(
                        "$asked >= " + LOOKS,
                        map(
                                "unseen",
                                is("'The claim could not be seen from outside: ' & $answer & '. " + lookAtOnce()
                                        + "'")),
                        "Not seen from outside")
                .otherwise("Ask again shortly");
        machine.pause("Ask again shortly", "A node of the load balancer may be new.", 10, "Ask for the claim");
        machine.pass(
                "Not seen from outside",
                "A finding, and the first that people are told: as long as nobody can read the claim, nobody moves.",
                map("findings", findings("$unseen")),
                "Write the evidence");
        machine.pass(
                "End the drill",
                "A drill changes nothing: it reports what the preflight found and what an emergency would lose now.",
                map("outcome", "drilled", "loss", is("$exists($seen.loss) ? $seen.loss : 'unknown'")),
                "Write the evidence");
    }

    private String lookAtOnce() {
        return ("It stands, but users move, and the old leader stops for good, only once %s can be read. Look at once: certificate,"
                        + " DNS name and security group of the load balancer.")
                .formatted(settings.claimUrl());
    }

    /** Takes back what would stop the leader for nothing, and only that. */
    private void giveUp() {
        machine.choice("Give up", "After the point of no return, and in a drill, there is nothing to take back.")
                .when("$committed or $promoted or $claimed", map("signLeft", true), "Write the evidence")
                .when("$mode = 'drill'", "Write the evidence")
                .otherwise("Look for the sign");
        readRules("Look for the sign", "It may stand though creating it failed.")
                .onAnyError(map("signLeft", true), "Write the evidence")
                .next("Is there a sign?");
        machine.choice("Is there a sign?", "Only this term's own sign is taken back.")
                .when("$signed", "Take the sign back")
                .otherwise("Was it planned?");
        machine.task(
                        "Take the sign back",
                        "The other region's agents let its workload start again.",
                        "elasticloadbalancingv2:deleteRule",
                        map("RuleArn", is("$signArn")))
                .on("ElasticLoadBalancingV2.RuleNotFoundException", map(), "Was it planned?")
                .onAnyError(map("signLeft", true), "Write the evidence")
                .next("Was it planned?");
        machine.choice("Was it planned?", "In an emergency the instances stay up for the next attempt.")
                .when("$mode = 'planned' and $exists($times.lit)", "Put the light out")
                .otherwise("Write the evidence");
        machine.task(
                        "Put the light out",
                        "The leader leads on; instances here would only cost.",
                        "autoscaling:updateAutoScalingGroup",
                        map("AutoScalingGroupName", settings.group(), "MinSize", 0, "DesiredCapacity", 0))
                .onAnyError(map(), "Write the evidence")
                .next("Write the evidence");
    }

    /** The same for success and failure. None of it can fail the failover. */
    private void report() {
        machine.task(
                        "Write the evidence",
                        "What was done, when, and what it may have lost, kept with the data of this region.",
                        "s3:putObject",
                        map(
                                "Bucket",
                                settings.bucket(),
                                "Key",
                                is("'pilotlight/failover/' & $states.context.Execution.Name & '.json'"),
                                "ContentType",
                                "application/json",
                                "Body",
                                is(evidence())))
                .patience(Patience.BRIEF)
                .onAnyError(map(), "Count it")
                .next("Count it");
        machine.task(
                        "Count it",
                        "For dashboards and alarms.",
                        "cloudwatch:putMetricData",
                        map(
                                "Namespace",
                                Signals.NAMESPACE,
                                "MetricData",
                                List.of(
                                        metric("FailoverSucceeded", "$outcome = 'succeeded' ? 1 : 0", "Count"),
                                        metric("FailoverSeconds", "(" + NOW + " - $startedAt) / 1000", "Seconds"))))
                .patience(Patience.BRIEF)
                .onAnyError(map(), "Tell people")
                .next("Tell people");
        machine.task(
                        "Tell people",
                        "What is true now, and the way on.",
                        "sns:publish",
                        map(
                                "TopicArn",
                                settings.topicArn(),
                                "Subject",
                                is("'Pilotlight: failover of %s to term %d ' & $outcome"
                                        .formatted(settings.workload(), settings.term())),
                                "Message",
                                is(message())))
                .patience(Patience.BRIEF)
                .onAnyError(map(), "How did it end?")
                .next("How did it end?");
        machine.choice("How did it end?", "The execution's own status says it too.")
                .when("$outcome = 'failed'", "Failed")
                .otherwise("Done");
        machine.succeed("Done", "The output is the evidence.", is(evidence()));
        machine.fail(
                "Failed",
                "The cause says what is true now and how to go on.",
                "Pilotlight.FailoverFailed",
                is(message()));
    }

    private String message() {
        return """
                $outcome = 'succeeded' ? 'This region leads in term %1$d. ' & ($unseen = '' ? '' : $unseen & ' ') & 'Writes that may be lost: ' & $string($loss) & ' seconds. First change
                now: append to databaseLineage, deploy this region alone with --exclusively while the other is down.'
                : $outcome = 'drilled' ? 'Drill: nothing was changed. An emergency now would lose up to ' & $string($loss)
                & ' seconds of writes. ' & $join($findings, ' ')
                : ('The failover stopped at "' & $failedStep & '": ' & $why & '. Now: '
                & ($claimed ? 'this region holds the claim of term %1$d and users are sent here.'
                : $not($looked) ? 'this attempt has changed nothing, and what an earlier one did could not be read.'
                : ($committed or $promoted) and $signed ? 'the database here is or may be promoted, the sign keeps the old leader stopped, and NOBODY SERVES until you go on.'
                : $committed or $promoted ? 'the database here is or may be promoted, and no sign was seen: the old leader may serve, and what it writes is lost if you go on.'
                : $signLeft ? 'nothing was promoted, but the handover sign could not be taken back: the leader stays stopped. Go on, or let it serve again: %4$s'
                : 'nothing was promoted, no sign stands, the other region leads if it lives.')
                & ' To go on, when the cause is gone: aws stepfunctions start-execution --region %3$s --state-machine-arn '
                & $states.context.StateMachine.Id & ' --name ' & $replace($states.context.Execution.Name, /[0-9]+$/, $string($attempt + 1))
                & " --input '" & $replace($string({'mode': $mode, 'acceptDataLoss': $acceptDataLoss, 'reason': $reason}), "'", '`') & "'")""".formatted(settings.term(), handover.priority(), settings.region(), takeBack());
    }

    /** How a person takes the sign back, inside a text in single quotes. */
    private String takeBack() {
        return """
                aws elbv2 delete-rule --region %1$s --rule-arn $(aws elbv2 describe-rules --region %1$s --listener-arn %2$s --output text \
                --query ' & "'" & 'Rules[?Priority==`"%3$d"`].RuleArn' & "'" & ')""".formatted(settings.region(), settings.listenerArn(), handover.priority());
    }

    private String evidence() {
        return """
                {'workload': '%s', 'term': %d, 'execution': $states.context.Execution.Name, 'outcome': $outcome, 'mode': $mode,
                'reason': $reason, 'acceptDataLoss': $acceptDataLoss, 'expectedLossSeconds': $loss, 'fenced': $fenced,
                'replayedTo': $exists($seen.replayedTo) ? $fromMillis($seen.replayedTo) : 'unknown', 'times': $times,
                'findings': $findings, 'failedStep': $failedStep, 'why': $why}""".formatted(settings.workload(), settings.term());
    }

    /** A look whose answer is a finding or none; that it could not be had is a finding too. */
    private void check(
            String name, String comment, String call, Map<String, Object> arguments, String finding, String next) {
        machine.task(name, comment, call, arguments)
                .patience(Patience.BRIEF)
                .assign(map("findings", findings(finding)))
                .onAnyError(unchecked(), next)
                .next(next);
    }

    private static String findings(String finding) {
        return is("$append($findings, [" + finding + "])");
    }

    private static Map<String, Object> unchecked() {
        return map(
                "findings",
                is("$append($findings, $states.context.State.Name & ': ' & $states.errorOutput.Error & '.')"));
    }

    /** Creates a listener rule; if its place is taken, the verification that follows says by whom. */
    private void createRule(
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
                                List.of(map("Key", SIGN_TAG, "Value", kind))))
                .patience(patience)
                .on("ElasticLoadBalancingV2.PriorityInUseException", map(), next)
                .onAnyError(caught(), "Give up")
                .next(next);
    }

    private Machine.Task readRules(String name, String comment) {
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

    private Map<String, Object> databaseFacts() {
        String tag = "$append([''], $states.result.DbInstances[0].TagList[Key = '" + PROMOTION_TAG + "'].Value)[-1]";
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

    private static String databaseObject() {
        return """
                $states.result.DbInstances[0].{'status': DbInstanceStatus, 'version': EngineVersion,
                'source': ReadReplicaSourceDBInstanceIdentifier,
                'replication': StatusInfos[StatusType = 'read replication'].Status}""";
    }

    private static String groupFacts() {
        return """
                $states.result.AutoScalingGroups[0].{'desired': DesiredCapacity, 'min': MinSize, 'max': MaxSize,
                'template': LaunchTemplate.LaunchTemplateId, 'version': LaunchTemplate.Version}""";
    }

    private Map<String, Object> query(String id, String namespace, String name, String statistic) {
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

    private Map<String, Object> metric(String name, String value, String unit) {
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

    private static Map<String, Object> caught() {
        return map(
                "failedStep",
                is("$states.context.State.Name"),
                "why",
                is("$states.errorOutput.Error & ' ' & $states.errorOutput.Cause"));
    }

    private static Map<String, Object> because(String why) {
        return map("failedStep", is("$states.context.State.Name"), "why", why);
    }

    private static Map<String, Object> at(String step) {
        return map("times", is("$merge([$times, {'" + step + "': $states.context.State.EnteredTime}])"));
    }
}
