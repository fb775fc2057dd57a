package dev.pilotlight.topology;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What RDS permits, by a database's origin and state: PostgreSQL, one instance (multi-AZ or not), from 14.1 on.
 * CloudFormation's schemas know nothing of it. Templates, lineage rules and the emulator are held against this table;
 * {@code docs/rds.md} and the emulator's copy are generated from it.
 *
 * <p>Sources: [doc] the RDS user guide or API reference, by page; [pg] PostgreSQL's documentation; [handler] the source of
 * CloudFormation's handler, aws-cloudformation-resource-providers-rds, folder aws-rds-dbinstance; [issues] field reports;
 * [inferred] reasoned, not seen. Nothing was tried on AWS.
 */
public final class RdsPermits {

    /** How a database came to be, and whether it is what it was created as. */
    public enum Origin {
        /** Created empty. */
        ORIGINAL,
        /** A cross-region read replica. */
        REPLICA,
        /** A replica that was promoted and stands alone. */
        PROMOTED,
        /** Restored to a point in time or from a snapshot. */
        RESTORED
    }

    /** What is asked of a database. */
    public enum Operation {
        RESTORE_TO_TIME("restoreToTime", "point-in-time restore from it"),
        PROMOTE("promote", "promotion"),
        CHANGE_CLASS("changeClass", "change of class"),
        CHANGE_VERSION("changeVersion", "change of version"),
        CHANGE_STORAGE("changeStorage", "change of storage"),
        DELETE("delete", "deletion"),
        SNAPSHOT("snapshot", "snapshot"),
        REPLICATE_BACKUPS("replicateBackups", "replicated automated backups");

        private final String id;
        private final String title;

        Operation(String id, String title) {
            this.id = id;
            this.title = title;
        }

        /** In the emulator's copy of the table. */
        public String id() {
            return id;
        }

        /** As a person calls it. */
        public String title() {
            return title;
        }
    }

    /**
     * One line of the table.
     *
     * @param when the state in which it holds, in words; empty: in every state that no other line names
     * @param error the API's code of the refusal; empty if it is permitted
     * @param follows what happens, or how it is done instead
     */
    public record Rule(Origin origin, Operation operation, String when, String error, String follows, String source) {

        public boolean permitted() {
            return error.isEmpty();
        }
    }

    private static final List<Rule> RULES = rules();

    private RdsPermits() {}

    /** The table, by origin and operation; of each pair the line without a state comes first. */
    public static List<Rule> table() {
        return RULES;
    }

    /** What holds of a database in no special state. */
    public static Rule of(Origin origin, Operation operation) {
        return find(origin, operation, "").orElseThrow();
    }

    /** What holds of a database in a state that the table names. */
    public static Optional<Rule> find(Origin origin, Operation operation, String when) {
        return RULES.stream()
                .filter(rule -> rule.origin() == origin
                        && rule.operation() == operation
                        && rule.when().equals(when))
                .findFirst();
    }

    private static List<Rule> rules() {
        List<Rule> rules = new ArrayList<>();
        for (Origin origin : Origin.values()) {
            Lines lines = new Lines(origin, rules);
            restoreToTime(lines);
            promote(lines);
            changeClass(lines);
            changeVersion(lines);
            changeStorage(lines);
            delete(lines);
            snapshot(lines);
            replicateBackups(lines);
        }
        return List.copyOf(rules);
    }

    private static void restoreToTime(Lines lines) {
        Operation restore = Operation.RESTORE_TO_TIME;
        if (lines.origin() == Origin.REPLICA) {
            lines.refused(
                    restore,
                    "",
                    "InvalidDBInstanceState",
                    "Only a database that writes can be restored to a time. The ways that exist: a snapshot of the replica, the"
                            + " copies in its region's vault, replicated automated backups of its source.",
                    "[doc] USER_PostgreSQL.Replication.ReadReplicas, limitations; the error's code [inferred]");
            return;
        }
        String from =
                "Makes another database, in the same region, from RestoreWindow.EarliestTime to LatestTime (about five"
                        + " minutes ago), with its source's key and, unless they are named, the default groups.";
        switch (lines.origin()) {
            case PROMOTED ->
                lines.permitted(
                        restore,
                        from
                                + " Of the time before its promotion it was a replica: none of those times can be relied on.",
                        "[doc] USER_PIT; the time before a promotion [inferred]");
            case RESTORED ->
                lines.permitted(
                        restore,
                        from + " The window begins with its own first backup: none of the time before it was restored.",
                        "[doc] USER_PIT, USER_WorkingWithAutomatedBackups");
            default -> lines.permitted(restore, from, "[doc] USER_PIT");
        }
        lines.refused(
                restore,
                "deleted",
                "DBInstanceNotFound",
                "Its identifier names nothing any more. Backups that were retained (DeleteAutomatedBackups false) are restored"
                        + " by its resource id or the backup's ARN; CloudFormation then wants Engine as well.",
                "[doc] USER_WorkingWithAutomatedBackups.Retaining; [handler] CreateHandler.fetchEngine");
    }

    private static void promote(Lines lines) {
        Operation promote = Operation.PROMOTE;
        if (lines.origin() != Origin.REPLICA) {
            lines.refused(
                    promote, "", "InvalidDBInstanceState", "It replicates nothing.", "[doc] API_PromoteReadReplica");
            return;
        }
        lines.permitted(
                promote,
                "Takes minutes, reboots it, and cannot be undone. Backup retention becomes one day unless the call names it.",
                "[doc] API_PromoteReadReplica, USER_ReadRepl.Promote");
        lines.refused(
                promote,
                "backing-up",
                "InvalidDBInstanceState",
                "Wait until the backup is over.",
                "[doc] USER_ReadRepl.Promote");
    }

    private static void changeClass(Lines lines) {
        if (lines.origin() == Origin.REPLICA) {
            lines.permitted(
                    Operation.CHANGE_CLASS,
                    "Independent of its source's. With less memory than its source it has a smaller max_connections, and stops"
                            + " replaying as soon as it hears of the larger one: grow the replica first, shrink it last.",
                    "[doc] USER_ModifyInstance.Settings; [pg] Hot Standby, administrator's overview");
        } else {
            lines.permitted(
                    Operation.CHANGE_CLASS,
                    "An outage of minutes, with multi-AZ of the failover. max_connections follows the memory: a replica that"
                            + " has less stops replaying.",
                    "[doc] USER_ModifyInstance.Settings; [pg] Hot Standby, administrator's overview");
        }
    }

    private static void changeVersion(Lines lines) {
        String follows = lines.origin() == Origin.REPLICA
                ? "To a later minor only. The replica goes first, its source after it."
                : "To a later minor only, with an outage of minutes. Replicas go first.";
        if (lines.origin() != Origin.ORIGINAL) {
            follows +=
                    " What it is created with is its source's: CloudFormation sends a template's EngineVersion afterwards.";
        }
        lines.permitted(
                Operation.CHANGE_VERSION,
                follows,
                "[doc] USER_UpgradeDBInstance.PostgreSQL.MinorVersion; [handler] Translator.modifyDbInstanceAfterCreateRequest");
        lines.refused(
                Operation.CHANGE_VERSION,
                "to an older one",
                "InvalidParameterCombination",
                "\"Cannot upgrade postgres from 18.2 to 18.1\". In a create that is its last step: the database is left.",
                "[issues] terraform-provider-aws; [handler] Translator.modifyDbInstanceAfterCreateRequest");
    }

    private static void changeStorage(Lines lines) {
        String follows = "Grows only, online, at most once in six hours; storage autoscaling grows it by itself.";
        if (lines.origin() != Origin.ORIGINAL) {
            follows += " What it is created with is what its source has then.";
        }
        lines.permitted(
                Operation.CHANGE_STORAGE, follows, "[doc] USER_PIOPS.ModifyingExisting, USER_PIOPS.Autoscaling");
        lines.refused(
                Operation.CHANGE_STORAGE,
                "to less",
                "InvalidParameterCombination",
                "Restore beside, with the rows copied over: there is no other way.",
                "[doc] USER_PIOPS.ModifyingExisting");
        lines.refused(
                Operation.CHANGE_STORAGE,
                "MaxAllocatedStorage less than a tenth above",
                "InvalidParameterCombination",
                "\"The maximum allocated storage must be increased by at least 10 percent\". In a create that is its last step:"
                        + " the database is left.",
                "[issues] ministryofjustice/cloud-platform-environments #15253; [handler] Translator.modifyDbInstanceAfterCreateRequest");
    }

    private static void delete(Lines lines) {
        Operation delete = Operation.DELETE;
        if (lines.origin() == Origin.REPLICA) {
            lines.permitted(
                    delete,
                    "Without a final snapshot, which a replica cannot have. Its source lets go of the log that it retained.",
                    "[doc] USER_DeleteInstance, API_DeleteDBInstance");
        } else {
            lines.permitted(
                    delete,
                    "Ends the replication to a replica in another region, which stays a read-only replica of nothing and is"
                            + " not promoted. Automated backups go as well unless DeleteAutomatedBackups is false.",
                    "[doc] USER_ReadRepl.XRgn, USER_DeleteInstance");
        }
        lines.refused(
                delete,
                "protected",
                "InvalidParameterCombination",
                "Modify it with --no-deletion-protection first. A stack's rollback does not.",
                "[doc] USER_DeleteInstance, deletion protection");
    }

    private static void snapshot(Lines lines) {
        lines.permitted(
                Operation.SNAPSHOT,
                lines.origin() == Origin.REPLICA
                        ? "In its own region, under its own key: what a restore there can begin with. A single-AZ database"
                                + " pauses for seconds."
                        : "A single-AZ database pauses for seconds; multi-AZ takes it from the second zone.",
                "[doc] USER_CreateSnapshot");
        lines.refused(
                Operation.SNAPSHOT,
                "not available",
                "InvalidDBInstanceState",
                "Wait until the status is available.",
                "[doc] API_CreateDBSnapshot");
    }

    private static void replicateBackups(Lines lines) {
        if (lines.origin() == Origin.REPLICA) {
            lines.refused(
                    Operation.REPLICATE_BACKUPS,
                    "",
                    "InvalidDBInstanceState",
                    "Replicate its source's into this region: then there is point-in-time restore here.",
                    "[doc] USER_ReplicateBackups; the error's code [inferred]");
            return;
        }
        lines.permitted(
                Operation.REPLICATE_BACKUPS,
                "Asked for in the destination region, with a key of that region, for 1 to 35 days; 20 databases in a region"
                        + " and account; not between all regions. Stopping keeps what was replicated until it expires.",
                "[doc] USER_ReplicateBackups, API_StartDBInstanceAutomatedBackupsReplication");
    }

    /** Writes the lines of one origin. */
    private record Lines(Origin origin, List<Rule> rules) {

        void permitted(Operation operation, String follows, String source) {
            rules.add(new Rule(origin, operation, "", "", follows, source));
        }

        void refused(Operation operation, String when, String error, String follows, String source) {
            rules.add(new Rule(origin, operation, when, error, follows, source));
        }
    }
}
