package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.data.RegionDatabase;
import dev.pilotlight.recovery.Machine.Patience;
import java.util.List;

/** From the mark on, the old leader must stay stopped, whatever happens here. */
final class Promotion extends Phase {

    Promotion(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
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
                                        FailoverDefinition.PROMOTION_TAG,
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
}
