package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.LineageEntry;
import dev.pilotlight.topology.LineageEntry.Seeded;
import dev.pilotlight.topology.RegionName;
import java.nio.file.Path;
import java.util.stream.Collectors;

/**
 * Records a failover in the environment's configuration file: one more entry at the end of {@code databaseLineage}, and
 * every other byte of the file as it was.
 */
public final class LineageFile {

    private static final String KEY = "databaseLineage";

    private final ConfigurationFile file;

    /**
     * Reads nothing yet.
     *
     * @param folder of the configuration files
     */
    public LineageFile(Path folder, String environment) {
        this.file = new ConfigurationFile(folder, environment);
    }

    /** What was done to the file. */
    public enum Change {
        APPENDED,
        /** It held the entry already. */
        NONE
    }

    /**
     * Appends the region that lost leadership: its database is seeded anew, from the new leader's.
     *
     * @param before the lineage that the failover began with; a file that has changed meanwhile is left alone
     * @throws Failure if the file cannot be changed, with what to do by hand
     */
    public Change append(DatabaseLineage before, RegionName region) {
        DatabaseLineage after = before.append(new Seeded(region));
        Configuration now = file.load();
        if (now.databaseLineage().equals(after)) {
            return Change.NONE;
        }
        if (!now.databaseLineage().equals(before)) {
            throw new Failure(
                    "databaseLineage in %s has changed meanwhile, from %s to %s: nothing was appended; look at who changed it, and append \"%s\" by hand if it is still missing."
                            .formatted(file.path(), shown(before), shown(now.databaseLineage()), region.id()));
        }
        String entry = '"' + region.id() + '"';
        file.change(
                // The default is written out, and the failover after it.
                text -> text.append(KEY, entry, "[\"primary\", \"dr\", %s]".formatted(entry)),
                outcome -> outcome.databaseLineage().equals(after),
                "append \"%s\" to %s by hand".formatted(region.id(), KEY));
        return Change.APPENDED;
    }

    /** As it stands in a file, on one line. */
    public static String shown(DatabaseLineage lineage) {
        return lineage.entries().stream().map(LineageFile::shown).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String shown(LineageEntry entry) {
        if (entry instanceof LineageEntry.RestoreTo restore) {
            return "{\"region\": \"%s\", \"restoreTo\": \"%s\"}"
                    .formatted(entry.region().id(), restore.time());
        }
        if (entry instanceof LineageEntry.RestoreFrom restore) {
            return "{\"region\": \"%s\", \"snapshot\": \"%s\"}"
                    .formatted(entry.region().id(), restore.snapshotArn());
        }
        return '"' + entry.region().id() + '"';
    }
}
