package dev.pilotlight.cli.operate;

import static dev.pilotlight.cli.operate.DatabaseFindings.attention;
import static dev.pilotlight.cli.operate.DatabaseFindings.ok;

import dev.pilotlight.cli.operate.Assessment.Finding;
import dev.pilotlight.cli.operate.DatabaseFindings.Sight;
import dev.pilotlight.cli.operate.Observed.Database;
import dev.pilotlight.cli.operate.Observed.DatabaseDetails;
import dev.pilotlight.cli.operate.Observed.ExpectedDatabase;
import dev.pilotlight.topology.Creation.Origin;
import dev.pilotlight.topology.RegionName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Minor versions. Only the origin's template names one: replicas and restored databases have their source's, and are
 * upgraded by a call.
 */
final class VersionFindings {

    private static final String ID = "database-version";
    private static final String SUBJECT = "PostgreSQL";

    private VersionFindings() {}

    static List<Finding> of(Sight sight, ExpectedDatabase expected) {
        Optional<DatabaseDetails> leader = sight.leaders();
        Optional<DatabaseDetails> standby = sight.standbys();
        if (leader.isEmpty()) {
            return List.of();
        }
        RegionName leads = sight.inForce().leader();
        if (standby.isPresent() && compare(leader.get().version(), standby.get().version()) > 0) {
            return List.of(attention(
                    ID,
                    SUBJECT,
                    "the leader runs %s, the standby only %s: a replica must not be older than its source"
                            .formatted(leader.get().version(), standby.get().version()),
                    "`%s`"
                            .formatted(upgrade(
                                    sight, expected, leads.other(), leader.get().version()))));
        }
        if (expected.settings().pinsMinorVersion()) {
            return pinned(sight, expected, expected.settings().engineVersion());
        }
        return List.of(ok(
                ID,
                SUBJECT,
                standby.isEmpty() || standby.get().version().equals(leader.get().version())
                        ? "the databases run " + leader.get().version()
                        : "the leader runs %s, the standby %s"
                                .formatted(leader.get().version(), standby.get().version())));
    }

    private static List<Finding> pinned(Sight sight, ExpectedDatabase expected, String version) {
        RegionName leads = sight.inForce().leader();
        List<String> older = new ArrayList<>();
        List<String> newer = new ArrayList<>();
        List<String> steps = new ArrayList<>();
        // The standby first: a replica may be ahead of its source, never behind.
        for (RegionName region : List.of(leads.other(), leads)) {
            Optional<DatabaseDetails> found = sight.database(region).flatMap(Database::details);
            if (found.isEmpty()) {
                continue;
            }
            int order = compare(found.get().version(), version);
            if (order > 0) {
                newer.add("%s %s".formatted(sight.name(region), found.get().version()));
            } else if (order < 0) {
                older.add("%s %s".formatted(sight.name(region), found.get().version()));
                steps.add(
                        sight.inForce().databaseIn(region).creation() instanceof Origin
                                ? sight.instructions().deployAlone(region)
                                : upgrade(sight, expected, region, version));
            }
        }
        if (!newer.isEmpty()) {
            return List.of(attention(
                    ID,
                    SUBJECT,
                    "the configuration pins %s, but %s: RDS goes back to no older version, and a deploy that tried would fail"
                            .formatted(version, runs(newer)),
                    "write \"%s\" in %s"
                            .formatted(
                                    newer.get(newer.size() - 1).replaceFirst(".* ", ""),
                                    sight.instructions().file())));
        }
        if (!older.isEmpty()) {
            return List.of(attention(
                    ID,
                    SUBJECT,
                    "the configuration says %s, but %s".formatted(version, runs(older)),
                    "in this order: `%s`".formatted(String.join("`, `", steps))));
        }
        return List.of(ok(ID, SUBJECT, "the databases run %s, as pinned".formatted(version)));
    }

    private static String runs(List<String> databases) {
        return String.join(", ", databases).replaceAll("(db-\\d+) ", "$1 runs ");
    }

    private static String upgrade(Sight sight, ExpectedDatabase expected, RegionName region, String version) {
        return "aws rds modify-db-instance --region %s --db-instance-identifier %s --engine-version %s --apply-immediately"
                .formatted(
                        expected.names().regionOf(region),
                        expected.names()
                                .database(sight.inForce().databaseIn(region).ref()),
                        version);
    }

    /** By their numbers: 18.10 is after 18.9. */
    static int compare(String one, String other) {
        String[] left = one.split("\\.", -1);
        String[] right = other.split("\\.", -1);
        for (int i = 0; i < Math.min(left.length, right.length); i++) {
            int order = Integer.compare(number(left[i]), number(right[i]));
            if (order != 0) {
                return order;
            }
        }
        return 0;
    }

    private static int number(String text) {
        String digits = text.replaceAll("\\D.*", "");
        return digits.isEmpty() ? 0 : Integer.parseInt(digits);
    }
}
