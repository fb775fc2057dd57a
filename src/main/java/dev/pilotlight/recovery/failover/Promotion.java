package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.data.RegionDatabase;
import dev.pilotlight.recovery.Machine.Patience;

/**
 * From the mark on, the old leader must stay stopped, until it is certain that RDS has taken no order.
 *
 * <p>Only a backup is documented to refuse a promotion, so an emergency orders it in every state but that and those that a
 * database does not leave by itself. An order that RDS did not answer by refusing it may be a promotion under way: it is
 * counted, and from then on there is no way back.
 */
final class Promotion extends Phase {

    private static final String HAS_SOURCE = "$exists($database.source)";
    /** Two looks 30 seconds apart, and ten for the first one to be answered. */
    private static final String QUIET = "$quietSince > 0 and " + NOW + " >= $quietSince + 40000";

    private static final String RETURNABLE = "$unanswered = 0 and $not($earlier)";

    Promotion(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        beforeTheMark();
        order();
        await();
    }

    private String stuck() {
        return "$contains($database.status, " + STUCK + ")";
    }

    private String tooLong() {
        return NOW + " > $startedAt + " + settings.promotionPatienceSeconds() * 1000L;
    }

    private void beforeTheMark() {
        // Asked before the mark, and what may be lost is asked again after every wait: a leader that is not fenced
        // goes on acknowledging while a backup keeps its replica from being promoted.
        lookAtDatabase("Free to be promoted?", "A backup in progress would refuse the promotion.")
                .assign(map(
                        "database",
                        is(databaseObject()),
                        "stuckSince",
                        is(stuckSince()),
                        "earlier",
                        is("$earlier or " + earlier()),
                        "markedBy",
                        is(markedBy()),
                        "committed",
                        is("$committed or " + earlier())))
                .onAnyError(caught(), "Give up")
                .next("Busy?");
        String busy = HAS_SOURCE + " and ($database.status = 'backing-up' or " + stuck()
                + " or ($mode = 'planned' and $not($database.status in " + OPERATIONAL + ")))";
        machine.choice(
                        "Busy?",
                        "Waits for the end of a backup, and then looks anew at what may be lost. A planned switchover does not"
                                + " keep the leader stopped for it longer than for anything else.")
                .when(
                        busy + " and " + IS_STUCK
                                + " and ($mode = 'planned' or ($exists($seen.heard) and $seen.heard + 180000 >= " + NOW
                                + "))",
                        because(
                                is(
                                        "'the database is ' & $database.status & ', which it does not leave by itself, and the leader lives'")),
                        "Give up")
                .when(
                        busy + " and (" + tooLong() + " or ($mode = 'planned' and " + NOW
                                + " > ($refusedSince > 0 ? $refusedSince : $signedAt) + "
                                + settings.fencePatienceSeconds() * 1000L + "))",
                        because(is("'the database was never free to be promoted: it is ' & $database.status")),
                        "Give up")
                .when(busy + " and " + IS_STUCK + " and $not($paged)", "Tell of the stuck database")
                .when(busy, map("busySince", is("$busySince = 0 ? " + NOW + " : $busySince")), "Wait until it is free")
                // The mark of an attempt that was just stopped may not show yet.
                .when("$attempt > 1 and " + NOW + " < $startedAt + 40000", "Wait until it is free")
                .otherwise("Mark the point of no return");
        page(
                "Tell of the stuck database",
                "A full disk may be mended by autoscaling; most else takes a person. It is looked at on.",
                "'" + prefix()
                        + "the database is ' & $database.status & ', which it does not leave by itself. The leader is not heard, the run looks on and promotes it once it can. See docs/runbooks/failover.md.'",
                "Wait until it is free");
        machine.pause(
                "Wait until it is free",
                "A backup takes minutes.",
                cadence("$busySince = 0 ? " + NOW + " : $busySince"),
                Signing.RAISE_AGAIN);
    }

    private String prefix() {
        return "The failover of %s to term %d waits: ".formatted(settings.workload(), settings.term());
    }

    private void order() {
        java.util.Map<String, Object> unsure = caught();
        unsure.put("marked", true);
        unsure.put("committed", true);
        machine.task(
                        "Mark the point of no return",
                        "A run that resumes finds here what may be lost, and which attempt has gone this far.",
                        "rds:addTagsToResource",
                        mark("$attempt"))
                .assign(map("committed", true, "marked", true, "times", timed("committed")))
                .onAnyError(unsure, "Give up")
                .next("Promote");
        String ordered = is("$orderedAt = 0 ? " + NOW + " : $orderedAt");
        machine.task(
                        "Promote",
                        "Without the retention RDS would keep backups for one day, and without the window make them at any time. Whatever it answers, the database is looked at.",
                        "rds:promoteReadReplica",
                        map(
                                "DbInstanceIdentifier",
                                settings.database(),
                                "BackupRetentionPeriod",
                                settings.backupRetentionDays(),
                                "PreferredBackupWindow",
                                RegionDatabase.BACKUP_WINDOW))
                .patience(Patience.ONCE)
                .assign(map("unanswered", is("$unanswered + 1"), "orderedAt", ordered, "quietSince", 0))
                .on(
                        "Rds.InvalidDbInstanceStateException",
                        map(
                                "rdsSaid",
                                is("$states.errorOutput.Cause"),
                                "refusedSince",
                                is("$refusedSince = 0 ? " + NOW + " : $refusedSince"),
                                "orderedAt",
                                ordered,
                                "quietSince",
                                0),
                        "Wait for the promotion")
                .onAnyError(
                        map(
                                "rdsSaid",
                                is("$states.errorOutput.Error & ' ' & $states.errorOutput.Cause"),
                                "unanswered",
                                is("$unanswered + 1"),
                                "orderedAt",
                                ordered,
                                "quietSince",
                                0),
                        "Wait for the promotion")
                .next("Wait for the promotion");
    }

    private void await() {
        machine.pause(
                "Wait for the promotion",
                "It takes minutes.",
                cadence("$orderedAt = 0 ? $startedAt : $orderedAt"),
                "Database alone and available?");
        lookAtDatabase(
                        "Database alone and available?",
                        "Right after the order it is still a replica and still available: both must be right.")
                .patience(Patience.BRIEF)
                .assign(map(
                        "database",
                        is(databaseObject()),
                        "stuckSince",
                        is(stuckSince()),
                        "aloneSince",
                        is(source() + " != '' ? 0 : $aloneSince = 0 ? " + NOW + " : $aloneSince"),
                        "quietSince",
                        is(quiet() + " ? ($quietSince = 0 ? " + NOW + " : $quietSince) : 0")))
                // The promotion goes on while RDS does not answer: what was seen last decides whether to wait on.
                .onAnyError(map("quietSince", 0), "Promoted?")
                .next("Promoted?");
        machine.choice(
                        "Promoted?",
                        "The source is gone, and the database is up or has had five minutes for it; that instances write is"
                                + " asked next.")
                .when(
                        "$not(" + HAS_SOURCE + ") and $not(" + stuck() + ") and ($not($database.status in ['modifying',"
                                + " 'rebooting']) or " + NOW + " > $aloneSince + 300000)",
                        map("promotedAt", is(NOW), "promoted", true, "times", timed("promoted")),
                        "Look at the targets")
                .when(
                        tooLong(),
                        because(is("'the promotion took too long: the database is ' & $database.status & (" + HAS_SOURCE
                                + " ? ', a replica still' : ', alone')")),
                        "Give up")
                .when(IS_STUCK + " and $not($paged)", "Tell of the stuck promotion")
                .when(
                        HAS_SOURCE + " and " + QUIET + " and " + RETURNABLE
                                + " and $mode = 'planned' and $refusedSince > 0 and " + NOW + " > $refusedSince + "
                                + settings.fencePatienceSeconds() * 1000L,
                        because("RDS refused the promotion for ten minutes"),
                        "Give up")
                // Nothing is under way: what may be lost is asked and marked anew.
                .when(
                        HAS_SOURCE + " and " + QUIET + " and " + RETURNABLE,
                        map("quietSince", 0),
                        "Look at fence and replay")
                // Something may be under way, and did not begin: the order goes out again.
                .when(
                        HAS_SOURCE + " and " + QUIET + " and $not($database.status = 'backing-up') and $not(" + stuck()
                                + ")",
                        map("quietSince", 0),
                        "Look at the loss again")
                .otherwise("Wait for the promotion");
        page(
                "Tell of the stuck promotion",
                "It was ordered, so nobody serves until it is through: a person must mend it. It is looked at on.",
                "'" + prefix()
                        + "its promotion was ordered, and the database is ' & $database.status & ', which it does not leave by itself. NOBODY SERVES: mend it, the run goes on once it is through. See docs/runbooks/failover.md.'",
                "Wait for the promotion");
    }
}
