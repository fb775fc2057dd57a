package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.operate.Assessment.Finding;
import dev.pilotlight.cli.operate.Assessment.Level;
import dev.pilotlight.cli.operate.Observed.Database;
import dev.pilotlight.cli.operate.Observed.DatabaseDetails;
import dev.pilotlight.cli.operate.Observed.ExpectedDatabase;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What RDS would make of the databases as they are, and of the configuration's next deploy. */
final class DatabaseFindings {

    /**
     * What is judged.
     *
     * @param inForce what the deployed stacks amount to
     * @param deployed how many entries of the file's lineage that is
     * @param tookOver whether a failover is claimed whose append is not deployed
     * @param called a region as people are told of it
     */
    record Sight(
            Observed seen,
            Topology inForce,
            int deployed,
            boolean tookOver,
            Function<RegionName, String> called,
            Instructions instructions) {

        Optional<ExpectedDatabase> expected() {
            return seen.expected().database();
        }

        /** Empty where it could not be seen, or is not there. */
        Optional<Database> database(RegionName region) {
            int index = inForce.databaseIn(region).ref().index();
            return seen.regions()
                    .get(region)
                    .databases()
                    .ifSeen()
                    .flatMap(databases -> databases.stream()
                            .filter(database -> database.index() == index)
                            .findFirst());
        }

        Optional<DatabaseDetails> leaders() {
            return database(inForce.leader()).flatMap(Database::details);
        }

        Optional<DatabaseDetails> standbys() {
            return database(inForce.standby()).flatMap(Database::details);
        }

        String name(RegionName region) {
            return "db-" + inForce.databaseIn(region).ref().index();
        }
    }

    private DatabaseFindings() {}

    static List<Finding> of(Sight sight) {
        List<Finding> findings = new ArrayList<>();
        if (sight.expected().isPresent()) {
            ExpectedDatabase expected = sight.expected().get();
            findings.addAll(RestoreFindings.of(sight));
            // Until the append is deployed, what leads and what is configured are not the same two databases.
            if (!sight.tookOver()) {
                findings.addAll(SizeFindings.of(sight, expected.settings()));
                findings.addAll(VersionFindings.of(sight, expected));
                findings.addAll(ReplicatedBackupsFindings.of(sight, expected));
            }
        }
        return findings;
    }

    static Finding ok(String id, String subject, String says) {
        return new Finding(id, Level.OK, subject, says, "");
    }

    static Finding note(String id, String subject, String says) {
        return new Finding(id, Level.NOTE, subject, says, "");
    }

    static Finding attention(String id, String subject, String says, String todo) {
        return new Finding(id, Level.ATTENTION, subject, says, todo);
    }
}
