package dev.pilotlight.proofs;

import static dev.pilotlight.proofs.GuardTable.Guard.CLAIMS;
import static dev.pilotlight.proofs.GuardTable.Guard.DELETION_PROTECTION;
import static dev.pilotlight.proofs.GuardTable.Guard.DIFF_CHECK;
import static dev.pilotlight.proofs.GuardTable.Guard.LINEAGE_RULES;
import static dev.pilotlight.proofs.GuardTable.Guard.RETENTION;
import static dev.pilotlight.proofs.GuardTable.Guard.ROLL_OUT_ALARMS;
import static dev.pilotlight.proofs.GuardTable.Guard.TERMINATION_PROTECTION;
import static dev.pilotlight.proofs.GuardTable.Guard.VAULT_LOCK;
import static dev.pilotlight.proofs.GuardTable.Repair.APPEND;
import static dev.pilotlight.proofs.GuardTable.Repair.PREVIOUS_COMMIT;
import static dev.pilotlight.proofs.GuardTable.Repair.RESEED;
import static dev.pilotlight.proofs.GuardTable.Repair.RESTORE;
import static dev.pilotlight.proofs.GuardTable.Repair.TAKING_DOWN;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Every guard, tripped or not, met by every repair: what happens, and the way on. */
final class GuardTable {

    /** What stands in the way of a mistake. */
    enum Guard {
        ROLL_OUT_ALARMS(
                "Roll-out alarms",
                "An instance refresh names `RollOutErrors` and `UnhealthyTargets`: it is stopped when one begins to ring, and"
                        + " refused while one rings or has no data.",
                "one of them is in `ALARM` or `INSUFFICIENT_DATA`"),
        DELETION_PROTECTION(
                "Deletion protection",
                "Databases and the table in both profiles, load balancers in production, cannot be deleted.",
                "something protected is in the way: a create failed late and could not be rolled back, or it is to go"),
        VAULT_LOCK(
                "Vault lock",
                "In governance mode: a recovery point is kept for at least 7 days, and for at most the longest configured"
                        + " retention and 35 days.",
                "a retention is beyond the lock, or recovery points are to go"),
        RETENTION(
                "Retention",
                "What holds data stays when it leaves its template or its stack is deleted, under its fixed name.",
                "the name that something new wants is taken by what was retained"),
        CLAIMS(
                "Claims",
                "A region whose successor claims a later term stops its workload for good, and asks its group for zero.",
                "the other region has claimed a later term than the deployed lineage knows"),
        LINEAGE_RULES(
                "Lineage rules",
                "Synth refuses a `databaseLineage` that cannot have happened; `./pilot status` one that does not fit what is"
                        + " deployed.",
                "the file's lineage is not the next step from what is deployed"),
        TERMINATION_PROTECTION("Termination protection", "In production no stack can be deleted.", "production"),
        DIFF_CHECK(
                "Diff check",
                "A pull request fails whose diff replaces, deletes or orphans a resource.",
                "the change is destructive");

        final String title;
        final String does;
        final String tripped;

        Guard(String title, String does, String tripped) {
            this.title = title;
            this.does = does;
            this.tripped = tripped;
        }
    }

    /** What somebody does to mend something. */
    enum Repair {
        PREVIOUS_COMMIT("Deploy the previous commit"),
        RESTORE("Restore"),
        APPEND("Append after a failover"),
        RESEED("Seed the replica anew"),
        TAKING_DOWN("Taking down");

        final String title;

        Repair(String title) {
            this.title = title;
        }
    }

    /** Who says so. */
    sealed interface Evidence {}

    /**
     * A test that fails if it is not so.
     *
     * @param method {@code package.Class#method} below {@code dev.pilotlight}
     */
    record Held(String method) implements Evidence {}

    /** Only a document: nothing here could show it. */
    record Said(String by, String url) implements Evidence {}

    /**
     * A cell, or several that are the same.
     *
     * @param happens one sentence or two
     * @param wayOn empty: the repair goes through
     */
    record Cell(
            Guard guard, boolean tripped, Set<Repair> repairs, String happens, String wayOn, List<Evidence> evidence) {}

    private GuardTable() {}

    private static Cell quiet(Guard guard, Set<Repair> repairs, String happens, Evidence... evidence) {
        return new Cell(guard, false, repairs, happens, "", List.of(evidence));
    }

    private static Cell tripped(Guard guard, Set<Repair> repairs, String happens, String wayOn, Evidence... evidence) {
        return new Cell(guard, true, repairs, happens, wayOn, List.of(evidence));
    }

    private static Evidence held(String method) {
        return new Held(method);
    }

    private static final String LEFT_BY_A_RESTORE =
            "`./pilot discard`, then the same deploy. What it keeps is looked at, and"
                    + " [deleted by hand](first-deployment.md#taking-it-down) if it holds nothing of users.";

    private static final Evidence REFUSED = new Said(
            "EC2 Auto Scaling, instance refresh and alarms",
            "https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html");
    private static final Evidence REFRESH_ON = new Said(
            "CloudFormation, AutoScalingInstanceRefresh: which properties start a refresh",
            "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html");
    private static final Evidence LOCK = new Said(
            "AWS Backup, Vault Lock", "https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html");
    private static final Evidence TERMINATION = new Said(
            "CloudFormation, termination protection",
            "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-protect-stacks.html");
    private static final Evidence LISTENERS = new Said(
            "Elastic Load Balancing, DeleteListener and DeleteLoadBalancer",
            "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteLoadBalancer.html");

    static final List<Cell> CELLS = cells();

    private static List<Cell> cells() {
        List<Cell> cells = new ArrayList<>();
        rollOutAlarms(cells);
        deletionProtection(cells);
        vaultLock(cells);
        retention(cells);
        claims(cells);
        lineageRules(cells);
        terminationProtection(cells);
        diffCheck(cells);
        return List.copyOf(cells);
    }

    private static void rollOutAlarms(List<Cell> cells) {
        cells.add(quiet(
                ROLL_OUT_ALARMS,
                Set.of(PREVIOUS_COMMIT),
                "The instances are replaced; if one of the alarms begins to ring, the refresh stops and the stack rolls back.",
                held("stacks.RollOutTemplateTest#theRefreshNamesTheseTwoAlarmsUnderTheirLogicalIds"),
                REFUSED));
        cells.add(quiet(
                ROLL_OUT_ALARMS,
                Set.of(RESTORE),
                "The instances are replaced, for the restored database's address. The stand-in's 503 while the workload is"
                        + " stopped is no roll-out error.",
                held("stacks.RollOutTemplateTest#errorsOfAStoppedWorkloadGuardNothing"),
                held("proofs.RollOutTransitionTest#aRestoreReplacesTheLeadersInstances")));
        cells.add(quiet(
                ROLL_OUT_ALARMS,
                Set.of(APPEND),
                "No instance of the serving region is replaced, so no refresh is started.",
                held("proofs.RollOutTransitionTest#anAppendOrANewReplicaReplacesNoInstanceThatServes"),
                held("proofs.RollOutTransitionTest#noEntryChangesAnImageThatTheConfigurationNames")));
        cells.add(quiet(
                ROLL_OUT_ALARMS,
                Set.of(RESEED),
                "The leader's instances stay. The standby's group gets the new database's address; it holds none to replace.",
                held("proofs.RollOutTransitionTest#anAppendOrANewReplicaReplacesNoInstanceThatServes")));
        cells.add(quiet(ROLL_OUT_ALARMS, Set.of(TAKING_DOWN), "A deletion refreshes nothing.", REFRESH_ON));
        cells.add(tripped(
                ROLL_OUT_ALARMS,
                Set.of(PREVIOUS_COMMIT),
                "The refresh is refused. If the rollback needs one, that is refused too, and the stack ends in"
                        + " `UPDATE_ROLLBACK_FAILED` **[inferred]**.",
                "The command that `./pilot status` prints, with `-c rollout=unguarded`:"
                        + " [roll-out](runbooks/rollout.md#a-release-is-bad).",
                held("stacks.RollOutTemplateTest#anUnguardedDeployNamesNoAlarmAndKeepsThemAll"),
                held("cli.operate.RollOutGuardTest#whileAnAlarmRingsTheCommandThatIsNotRefusedIsPrinted"),
                held("cli.operate.GuardsInEmulatorTest#statusSeesTheAlarmsThatTheStackNames"),
                held("cli.operate.GuardsInEmulatorTest#whileAnAlarmRingsARepairIsRefusedUnlessItIsUnguarded"),
                REFUSED));
        cells.add(tripped(
                ROLL_OUT_ALARMS,
                Set.of(RESTORE),
                "While the workload is stopped `RollOutErrors` is quiet. `UnhealthyTargets` may ring: the refresh is refused.",
                "Deploy with `-c rollout=unguarded`.",
                held("stacks.RollOutTemplateTest#errorsOfAStoppedWorkloadGuardNothing"),
                held("stacks.RollOutTemplateTest#anUnguardedDeployNamesNoAlarmAndKeepsThemAll"),
                REFUSED));
        cells.add(tripped(
                ROLL_OUT_ALARMS,
                Set.of(APPEND),
                "No refresh, so nothing is refused. The alarms of the new leader were there before, with a past.",
                "",
                held("proofs.RollOutTransitionTest#anAppendOrANewReplicaReplacesNoInstanceThatServes"),
                held("proofs.RollOutTransitionTest#theAlarmsOfARollOutWereThereBefore"),
                held("cli.operate.GuardsInEmulatorTest#whileAnAlarmRingsAnAppendIsNotRefused")));
        cells.add(tripped(
                ROLL_OUT_ALARMS,
                Set.of(RESEED),
                "The leader's alarms refuse nothing of the standby's stack. The standby's own ring only while it is lit.",
                "Put the light out and wait, or `-c rollout=unguarded`.",
                held("proofs.RollOutTransitionTest#anAppendOrANewReplicaReplacesNoInstanceThatServes"),
                held("stacks.RollOutTemplateTest#silenceNeverRefusesARollOut")));
        cells.add(tripped(ROLL_OUT_ALARMS, Set.of(TAKING_DOWN), "A deletion refreshes nothing.", "", REFRESH_ON));
    }

    private static void deletionProtection(List<Cell> cells) {
        cells.add(quiet(
                DELETION_PROTECTION,
                Set.of(PREVIOUS_COMMIT, RESTORE, APPEND, RESEED),
                "Nothing protected is deleted or replaced by any deploy: a database that leaves its template is retained.",
                held("proofs.LineageTransitionTest#nothingIsLostAndNothingThatServesIsReplaced"),
                held("stacks.StatefulResourcesTest#areRetained")));
        cells.add(quiet(
                DELETION_PROTECTION,
                Set.of(TAKING_DOWN),
                "Once the protection is taken away by hand, it can be deleted.",
                held("cli.operate.GuardsInEmulatorTest#oneCommandLetsTheDeployBeRepeated")));
        cells.add(tripped(
                DELETION_PROTECTION,
                Set.of(PREVIOUS_COMMIT),
                "What a failed create left behind is in no template of an earlier commit: it costs money and stops nothing.",
                "`./pilot discard` before the next try of the entry that made it.",
                held("cli.operate.GuardsInEmulatorTest#aRetryMeetsWhatAFailedCreateLeftBehind")));
        cells.add(tripped(
                DELETION_PROTECTION,
                Set.of(RESTORE),
                "A restored database whose create failed late could not be rolled back; the retry meets `DBInstanceAlreadyExists`."
                        + " `./pilot discard` keeps it if its stack ever held it whole, or if no create on record made it: one of"
                        + " that name may be of an earlier life, and hold what users wrote.",
                LEFT_BY_A_RESTORE,
                held("cli.operate.GuardsInEmulatorTest#aRetryMeetsWhatAFailedCreateLeftBehind"),
                held("cli.operate.GuardsInEmulatorTest#aRestoredDatabaseThatNoCreateOnRecordMadeIsKept"),
                held("cli.operate.LeftoverTest#theFirstTryIsTheOldestCreateOfThatDatabase"),
                held("cli.operate.LeftoverTest#whatAStackHasFinishedIsNoLeftover")));
        cells.add(tripped(
                DELETION_PROTECTION,
                Set.of(APPEND, RESEED),
                "A database whose create failed late could not be rolled back; the retry meets `DBInstanceAlreadyExists`.",
                "`./pilot discard`, then the same deploy:"
                        + " [if something already exists](first-deployment.md#if-something-already-exists).",
                held("cli.operate.GuardsInEmulatorTest#aRetryMeetsWhatAFailedCreateLeftBehind"),
                held("cli.operate.GuardsInEmulatorTest#oneCommandLetsTheDeployBeRepeated"),
                held("cli.operate.GuardsInEmulatorTest#aDatabaseThatStandsAloneIsKept"),
                held("cli.operate.GuardsInEmulatorTest#aReplicaWhoseSourceIsNotSeenIsKept")));
        cells.add(tripped(
                DELETION_PROTECTION,
                Set.of(TAKING_DOWN),
                "RDS refuses to delete the database, DynamoDB the table, and in production ELB the load balancer.",
                "[Take the protection away](first-deployment.md#taking-it-down), the replica first.",
                held("cli.operate.GuardsInEmulatorTest#aDatabaseThatIsProtectedCannotBeDeleted"),
                held("stacks.RegionTemplateTest$Database#isEncryptedPrivateProtectedAndBackedUpFor7Days"),
                held("stacks.RegionTemplateTest$LoadBalancer#isProtectedFromDeletionInProduction")));
    }

    private static void vaultLock(List<Cell> cells) {
        cells.add(quiet(
                VAULT_LOCK,
                Set.of(PREVIOUS_COMMIT, RESTORE, APPEND, RESEED, TAKING_DOWN),
                "Backups and copies are made and read; both vaults have the same lock, in either role.",
                held("stacks.RegionTemplateTest$Backup#vaultsAreLockedInGovernanceModeForLongerThanAnyRetention"),
                held("proofs.GuardTransitionTest#noEntryTouchesAVaultOrItsLock")));
        cells.add(tripped(
                VAULT_LOCK,
                Set.of(PREVIOUS_COMMIT),
                "If its retentions differ by more than 35 days, the lock changes in place with them; recovery points that are"
                        + " there keep their own.",
                "Nothing: it is governance mode, which a deploy may change.",
                held("proofs.GuardTransitionTest#anotherRetentionChangesTheLockInPlace"),
                LOCK));
        cells.add(tripped(
                VAULT_LOCK,
                Set.of(RESTORE, APPEND, RESEED),
                "The lock guards against deletion and against retentions, not against reading; no entry changes a retention.",
                "",
                held("proofs.GuardTransitionTest#noEntryTouchesAVaultOrItsLock"),
                LOCK));
        cells.add(tripped(
                VAULT_LOCK,
                Set.of(TAKING_DOWN),
                "Recovery points younger than 7 days cannot be deleted, and a vault that holds any cannot either.",
                "`aws backup delete-backup-vault-lock-configuration`, which governance mode permits:"
                        + " [taking it down](first-deployment.md#taking-it-down).",
                held("stacks.RegionTemplateTest$Backup#vaultsAreLockedInGovernanceModeForLongerThanAnyRetention"),
                LOCK));
    }

    private static void retention(List<Cell> cells) {
        cells.add(quiet(
                RETENTION,
                Set.of(PREVIOUS_COMMIT, RESTORE, APPEND, RESEED),
                "No name is used twice: each new database has its own number for ever.",
                held("proofs.LineageTransitionTest#noNameIsUsedTwiceInALongHistory")));
        cells.add(quiet(
                RETENTION,
                Set.of(TAKING_DOWN),
                "The stacks go; databases, buckets, table, vaults, keys, logs and secret stay, and cost money.",
                held("stacks.StatefulResourcesTest#areRetained")));
        cells.add(tripped(
                RETENTION,
                Set.of(PREVIOUS_COMMIT),
                "A commit from before an append that was deployed asks for a database that left its template: the name is taken.",
                "Take the code back, not `databaseLineage`: `git checkout COMMIT -- src`.",
                held("cli.operate.AssessorTest#aCloneThatIsBehindWhatIsDeployedIsPulledAndNothingIsAppended"),
                held("cli.operate.GuardsInEmulatorTest#aRetryMeetsWhatAFailedCreateLeftBehind")));
        cells.add(tripped(
                RETENTION,
                Set.of(RESTORE),
                "The number is new, so only a failed try can have taken the name.",
                LEFT_BY_A_RESTORE,
                held("proofs.LineageTransitionTest#noNameIsUsedTwiceInALongHistory"),
                held("cli.operate.GuardsInEmulatorTest#aRestoredDatabaseThatNoCreateOnRecordMadeIsKept"),
                held("cli.operate.LeftoverTest#theFirstTryIsTheOldestCreateOfThatDatabase")));
        cells.add(tripped(
                RETENTION,
                Set.of(APPEND, RESEED),
                "The number is new, so only a failed try can have taken the name.",
                "`./pilot discard`, then the same deploy.",
                held("proofs.LineageTransitionTest#noNameIsUsedTwiceInALongHistory"),
                held("cli.operate.GuardsInEmulatorTest#oneCommandLetsTheDeployBeRepeated")));
        cells.add(tripped(
                RETENTION,
                Set.of(TAKING_DOWN),
                "Founding anew under the same name meets what the first life retained. `./pilot discard` keeps the first"
                        + " database, and any that may have led.",
                "[Delete by hand](first-deployment.md#taking-it-down) what was retained, or choose another `name`.",
                held("cli.operate.GuardsInEmulatorTest#whatAStackHoldsIsKept"),
                held("cli.operate.GuardsInEmulatorTest#aDatabaseThatStandsAloneIsKept"),
                held("cli.operate.GuardsInEmulatorTest#aRestoredDatabaseThatNoCreateOnRecordMadeIsKept")));
    }

    private static void claims(List<Cell> cells) {
        cells.add(quiet(
                CLAIMS,
                Set.of(PREVIOUS_COMMIT, RESTORE, APPEND, RESEED),
                "Claims of failovers are in no template, so no deploy makes, changes or removes one.",
                held("stacks.LineageTemplateTest#claimsOfFailoversStandInNoTemplate")));
        cells.add(quiet(CLAIMS, Set.of(TAKING_DOWN), "They go with the load balancer.", LISTENERS));
        cells.add(tripped(
                CLAIMS,
                Set.of(PREVIOUS_COMMIT, RESEED),
                "The superseded region's instances start, see the claim, stop, and ask for zero, again and again while the"
                        + " deployed least size is above zero. The serving region may be scaled down to nothing.",
                "The append first: `./pilot status` says it.",
                held("cli.operate.AssessorTest#afterAFailoverTheFirstChangeIsTheAppend"),
                held("topology.FenceTest#exactlyTheDatabasesOfThePastAreSuperseded")));
        cells.add(tripped(
                CLAIMS,
                Set.of(RESTORE),
                "In the region that claims: it serves on in its term. In the other: the deployment claims the next term after"
                        + " everything else, unless somebody has taken that place by hand, which fails it.",
                "Never claim by hand before that deployment: [restore](runbooks/restore.md).",
                held("stacks.LineageTemplateTest#aRestoreThatTakesLeadershipClaimsItsTermAsTheRunbookWould"),
                held("dns.RestoreDnsTest#theClaimMovesUsersBeforeTheOldLeadersStackIsDeployed")));
        cells.add(tripped(
                CLAIMS,
                Set.of(APPEND),
                "The append is the way on: checks change in place, and the old leader's fresh replica is of the new term, so the"
                        + " claim supersedes it no more.",
                "",
                held("stacks.RegionTemplateTest$Compute#theAgentsTermComesWithTheDatabase"),
                held("cli.operate.AssessorTest#afterTheAppendItIsToBeDeployedInTheServingRegionAlone")));
        cells.add(tripped(CLAIMS, Set.of(TAKING_DOWN), "They go with the load balancer.", "", LISTENERS));
    }

    private static void lineageRules(List<Cell> cells) {
        cells.add(quiet(
                LINEAGE_RULES,
                Set.of(PREVIOUS_COMMIT, RESTORE, APPEND, RESEED, TAKING_DOWN),
                "Synth and `./pilot status` say nothing.",
                held("cli.operate.AssessorTest#whateverTheLineageASystemAsItSaysIsWell")));
        cells.add(tripped(
                LINEAGE_RULES,
                Set.of(PREVIOUS_COMMIT),
                "A commit from before an append synthesizes the past: `./pilot status` forbids to deploy it, synth cannot know.",
                "Take the code back, not `databaseLineage`: `git checkout COMMIT -- src`.",
                held("cli.operate.AssessorTest#aCloneThatIsBehindWhatIsDeployedIsPulledAndNothingIsAppended"),
                held("cli.operate.AssessorTest#aFileThatIsBehindIsNotDeployed")));
        cells.add(tripped(
                LINEAGE_RULES,
                Set.of(RESTORE),
                "Synth refuses, with the entry and the reason: a time before the database existed, a time of a database that"
                        + " never led.",
                "Correct the entry; nothing was deployed.",
                held("topology.DatabaseLineageTest#aDatabaseIsNotRestoredToATimeBeforeItExisted"),
                held("topology.DatabaseLineageTest#aDatabaseThatNeverLedIsNotRestoredToATime"),
                held("config.BadConfigurationTest#isRefusedWithItsFix")));
        cells.add(tripped(
                LINEAGE_RULES,
                Set.of(APPEND),
                "Appended without a failover: synth cannot know, `./pilot status` says that it has not happened. To a standby that"
                        + " does not replicate the leader: synth refuses.",
                "Take the entry back; if it was deployed: [stuck](runbooks/stuck.md#the-append-was-deployed-before-the-failover).",
                held("cli.operate.AssessorTest#aRecordedFailoverThatNeverHappenedIsTakenBack"),
                held("topology.DatabaseLineageTest#leadershipIsNotHandedToADatabaseThatDoesNotReplicateTheLeaders")));
        cells.add(tripped(
                LINEAGE_RULES,
                Set.of(RESEED),
                "The leader's region instead of the standby's records a failover that has not happened.",
                "Take the entry back, append the standby's region.",
                held("cli.operate.AssessorTest#aRecordedFailoverThatNeverHappenedIsTakenBack")));
        cells.add(tripped(
                LINEAGE_RULES,
                Set.of(TAKING_DOWN),
                "Taking down goes through. A lineage longer than two cannot be founded again in an empty account.",
                "`[\"primary\", \"dr\"]`, and another `name` or nothing retained.",
                held("cli.local.LocalRefusalsTest#aLongLineageNeedsAnEmulatorThatIsKept")));
    }

    private static void terminationProtection(List<Cell> cells) {
        cells.add(quiet(
                TERMINATION_PROTECTION,
                Set.of(PREVIOUS_COMMIT, RESTORE, APPEND, RESEED, TAKING_DOWN),
                "Economy: stacks can be deleted.",
                held("stacks.StatefulResourcesTest#productionStacksAreProtectedFromTermination")));
        cells.add(tripped(
                TERMINATION_PROTECTION,
                Set.of(PREVIOUS_COMMIT, RESTORE, APPEND, RESEED),
                "It guards a stack against deletion, not against an update.",
                "",
                held("stacks.StatefulResourcesTest#productionStacksAreProtectedFromTermination"),
                TERMINATION));
        cells.add(tripped(
                TERMINATION_PROTECTION,
                Set.of(TAKING_DOWN),
                "`cdk destroy` is refused; so is the CLI's own deletion of a stack whose first create failed.",
                "`aws cloudformation update-termination-protection --no-enable-termination-protection`:"
                        + " [taking it down](first-deployment.md#taking-it-down).",
                held("stacks.StatefulResourcesTest#productionStacksAreProtectedFromTermination"),
                TERMINATION));
    }

    private static void diffCheck(List<Cell> cells) {
        cells.add(quiet(
                DIFF_CHECK,
                Set.of(PREVIOUS_COMMIT),
                "A release of instances changes the launch template in place: the check passes.",
                held("docs.ToolsTest#theCommentOnPullRequestsPassesItsTests")));
        cells.add(quiet(
                DIFF_CHECK,
                Set.of(RESTORE, APPEND, RESEED),
                "Never: the stale database leaves its template, which the check counts.",
                held("proofs.GuardTransitionTest#everyEntryIsDestructiveToTheDiffCheck")));
        cells.add(quiet(
                DIFF_CHECK,
                Set.of(TAKING_DOWN),
                "No pull request: `cdk destroy` asks by itself.",
                new Said("CDK CLI, destroy", "https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-destroy.html")));
        cells.add(tripped(
                DIFF_CHECK,
                Set.of(PREVIOUS_COMMIT, RESTORE, APPEND, RESEED),
                "The pull request's check fails and names the label. Nothing else is stopped: `npx cdk deploy` asks no check.",
                "Read what goes, then the label `allow-destructive-changes`; in a disaster deploy from the branch.",
                held("docs.ToolsTest#theCommentOnPullRequestsPassesItsTests"),
                held("proofs.GuardTransitionTest#everyEntryIsDestructiveToTheDiffCheck")));
        cells.add(tripped(
                DIFF_CHECK,
                Set.of(TAKING_DOWN),
                "No pull request: `cdk destroy` asks by itself.",
                "",
                new Said("CDK CLI, destroy", "https://docs.aws.amazon.com/cdk/v2/guide/ref-cli-cmd-destroy.html")));
    }
}
