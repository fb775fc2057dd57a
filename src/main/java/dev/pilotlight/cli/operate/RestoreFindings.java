package dev.pilotlight.cli.operate;

import static dev.pilotlight.cli.operate.DatabaseFindings.attention;
import static dev.pilotlight.cli.operate.DatabaseFindings.ok;

import dev.pilotlight.cli.operate.Assessment.Finding;
import dev.pilotlight.cli.operate.Assessment.Level;
import dev.pilotlight.cli.operate.DatabaseFindings.Sight;
import dev.pilotlight.cli.operate.Observed.Database;
import dev.pilotlight.cli.operate.Observed.DatabaseDetails;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.DatabaseRef;
import dev.pilotlight.topology.LineageEntry.RestoreTo;
import dev.pilotlight.topology.RdsPermits.Origin;
import dev.pilotlight.topology.RegionName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether RDS can do what an entry with {@code restoreTo} asks for, before a deploy finds out: the source is there, and the
 * time is one that it has lived through as a writer.
 */
final class RestoreFindings {

    private static final String ID = "restore";
    private static final String SUBJECT = "Restore";
    private static final String PAGE = "docs/runbooks/restore.md";

    private RestoreFindings() {}

    static List<Finding> of(Sight sight) {
        List<Finding> findings = new ArrayList<>();
        DatabaseLineage lineage = sight.seen().expected().lineage();
        // What is deployed was restored already; what comes first in the file creates no source that is there yet.
        for (int index = sight.deployed(); index < lineage.entries().size(); index++) {
            if (lineage.entries().get(index) instanceof RestoreTo restore) {
                DatabaseLineage before = new DatabaseLineage(lineage.entries().subList(0, index));
                DatabaseRef source =
                        before.topology().databaseIn(restore.region()).ref();
                if (source.index() < sight.deployed()) {
                    findings.add(judge(sight, restore, source, before.originOf(source)));
                }
            }
        }
        return findings;
    }

    private static Finding judge(Sight sight, RestoreTo restore, DatabaseRef source, Origin origin) {
        String name = "db-" + source.index();
        String file = sight.instructions().file();
        RegionName region = restore.region();
        Optional<List<Database>> seen =
                sight.seen().regions().get(region).databases().ifSeen();
        if (seen.isEmpty()) {
            return unknown("whether %s can be restored to %s: %s was not seen"
                    .formatted(name, restore.time(), sight.called().apply(region)));
        }
        Optional<Database> database = seen.get().stream()
                .filter(found -> found.index() == source.index())
                .findFirst();
        if (database.isEmpty()) {
            return attention(
                    ID,
                    SUBJECT,
                    "%s, from which the last entries of databaseLineage restore, is not there: RDS restores no deleted database by its name"
                            .formatted(name),
                    "take that entry out of %s, and restore its retained backups by their ARN beside, then from a snapshot of that: %s, \"The source is deleted\""
                            .formatted(file, PAGE));
        }
        Optional<DatabaseDetails> details = database.get().details();
        Instant time = restore.time();
        if (details.flatMap(DatabaseDetails::restorable).isEmpty()) {
            return unknown("whether %s can be restored to %s: RDS names no times for it".formatted(name, time));
        }
        Observed.Window window = details.get().restorable().get();
        if (!window.contains(time)) {
            return attention(
                    ID,
                    SUBJECT,
                    "%s cannot be restored to %s: RDS has it from %s to %s"
                            .formatted(name, time, window.earliest(), window.latest()),
                    "write a time within that in %s, or restore a snapshot".formatted(file));
        }
        if (origin != Origin.PROMOTED) {
            return ok(ID, SUBJECT, "RDS has %s at %s".formatted(name, time));
        }
        if (details.get().promoted().isEmpty()) {
            return unknown(
                    "whether %s led at %s: there is no evidence of its promotion, and before it RDS restores nothing"
                            .formatted(name, time));
        }
        Instant promoted = details.get().promoted().get();
        return time.isBefore(promoted)
                ? attention(
                        ID,
                        SUBJECT,
                        "%s was promoted at %s, and was a replica at %s: RDS restores no replica to a time"
                                .formatted(name, promoted, time),
                        "write a later time in %s, or restore a snapshot: a recovery point of the leader of that time, or its copy"
                                .formatted(file))
                : ok(ID, SUBJECT, "RDS has %s at %s, after its promotion".formatted(name, time));
    }

    private static Finding unknown(String says) {
        return new Finding(ID, Level.UNKNOWN, SUBJECT, says, "look at its restore window: " + PAGE);
    }
}
