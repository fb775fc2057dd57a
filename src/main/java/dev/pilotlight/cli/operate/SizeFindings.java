package dev.pilotlight.cli.operate;

import static dev.pilotlight.cli.operate.DatabaseFindings.attention;
import static dev.pilotlight.cli.operate.DatabaseFindings.note;
import static dev.pilotlight.cli.operate.DatabaseFindings.ok;

import dev.pilotlight.cli.operate.Assessment.Finding;
import dev.pilotlight.cli.operate.DatabaseFindings.Sight;
import dev.pilotlight.cli.operate.Observed.DatabaseDetails;
import dev.pilotlight.config.Configuration.DatabaseSettings;
import dev.pilotlight.topology.RegionName;
import java.util.ArrayList;
import java.util.List;

/** Classes, storage, and the log that the leader keeps for a standby. */
final class SizeFindings {

    private static final String PAGE = "docs/runbooks/database-changes.md";

    /** Of the storage: more leaves the data too little. The configuration is held to it for the storage at creation. */
    private static final double MOST_LOG = 0.6;

    private SizeFindings() {}

    static List<Finding> of(Sight sight, DatabaseSettings settings) {
        List<Finding> findings = new ArrayList<>();
        sight.leaders().ifPresent(leader -> {
            sight.standbys().ifPresent(standby -> findings.add(classes(sight, settings, leader, standby)));
            findings.add(storage(sight, settings, leader));
            findings.add(retainedLog(sight, settings, leader));
        });
        return findings;
    }

    private static Finding classes(
            Sight sight, DatabaseSettings settings, DatabaseDetails leader, DatabaseDetails standby) {
        String id = "database-class";
        String subject = "Class";
        RegionName leads = sight.inForce().leader();
        String wanted = settings.instanceClass();
        String both = "the leader's %s is %s, the standby's %s %s"
                .formatted(
                        sight.name(leads), leader.instanceClass(), sight.name(leads.other()), standby.instanceClass());
        String standbyFirst = "`%s`".formatted(sight.instructions().deployAlone(leads.other()));
        String leaderFirst = "`%s`".formatted(sight.instructions().deployAlone(leads));
        if (DatabaseClass.isLarger(leader.instanceClass(), standby.instanceClass())) {
            boolean configured = !DatabaseClass.isLarger(leader.instanceClass(), wanted);
            return attention(
                    id,
                    subject,
                    both
                            + ": with less memory than its source the replica stops replaying, and a failover loses more and more",
                    configured
                            ? "give the standby the same now: " + standbyFirst
                            : "shrink the leader as the configuration says: " + leaderFirst);
        }
        if (!DatabaseClass.areComparable(leader.instanceClass(), standby.instanceClass())) {
            return attention(
                    id,
                    subject,
                    both + ": which has more memory cannot be told from their names",
                    "compare max_connections of both: the standby's must not be less (%s)".formatted(PAGE));
        }
        if (wanted.equals(leader.instanceClass()) && wanted.equals(standby.instanceClass())) {
            return ok(id, subject, "both are " + wanted);
        }
        if (wanted.equals(leader.instanceClass())) {
            return note(id, subject, both + ", which the next deploy of its stack makes the same");
        }
        boolean shrinks = DatabaseClass.isLarger(leader.instanceClass(), wanted);
        return attention(
                id,
                subject,
                "%s; the configuration says %s".formatted(both, wanted),
                shrinks
                        ? "shrink the leader first: %s, then the standby: %s".formatted(leaderFirst, standbyFirst)
                        : "grow the standby first: %s, then the leader: %s (a deploy of both begins with the leader)"
                                .formatted(standbyFirst, leaderFirst));
    }

    private static Finding storage(Sight sight, DatabaseSettings settings, DatabaseDetails leader) {
        String id = "database-storage";
        String subject = "Storage";
        // RDS wants a tenth of room above what is allocated.
        int least = (leader.allocatedGiB() * 11 + 9) / 10;
        if (settings.maxAllocatedStorageGiB() < least) {
            return attention(
                    id,
                    subject,
                    "the leader's has grown to %d GiB, less than a tenth below database.maxAllocatedStorageGiB, %d: an append or restore now would fail at its very end"
                            .formatted(leader.allocatedGiB(), settings.maxAllocatedStorageGiB()),
                    "write at least %d in %s, and deploy"
                            .formatted(least, sight.instructions().file()));
        }
        String standby = sight.standbys()
                .filter(other -> other.allocatedGiB() != leader.allocatedGiB())
                .map(other -> ", the standby's %d".formatted(other.allocatedGiB()))
                .orElse("");
        String says = "the leader's is %d GiB%s, of at most %d"
                .formatted(leader.allocatedGiB(), standby, settings.maxAllocatedStorageGiB());
        return standby.isEmpty() ? ok(id, subject, says) : note(id, subject, says);
    }

    private static Finding retainedLog(Sight sight, DatabaseSettings settings, DatabaseDetails leader) {
        String id = "retained-log";
        String subject = "Retained log";
        int bound = settings.maxRetainedLogGiB();
        int most = (int) (leader.allocatedGiB() * MOST_LOG);
        if (leader.parameters().equals("pending-reboot")) {
            return attention(
                    id,
                    subject,
                    "a changed parameter of the leader's %s waits for a reboot, perhaps the bound of the log that is kept for a lost standby"
                            .formatted(sight.name(sight.inForce().leader())),
                    "reboot it when users can spare it for a minute");
        }
        if (bound > most) {
            return attention(
                    id,
                    subject,
                    "the leader keeps up to %d GiB of log for a lost standby, and has %d GiB of storage now: its disk could run full first"
                            .formatted(bound, leader.allocatedGiB()),
                    "write at most %d as database.maxRetainedLogGiB in %s, and deploy"
                            .formatted(most, sight.instructions().file()));
        }
        int usual = DatabaseSettings.usualMaxRetainedLogGiB(leader.allocatedGiB());
        // RDS writes 64 MB of log in five minutes when nothing else does.
        String says = "the leader keeps up to %d GiB for a lost standby, about %d hours at idle"
                .formatted(bound, bound * 4 / 3);
        return usual >= 2 * bound
                ? note(
                        id,
                        subject,
                        "%s; its storage has grown to %d GiB, of which %d would be the usual part: write both, as database.allocatedStorageGiB and maxRetainedLogGiB"
                                .formatted(says, leader.allocatedGiB(), usual))
                : ok(id, subject, says);
    }
}
