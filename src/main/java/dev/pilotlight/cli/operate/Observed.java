package dev.pilotlight.cli.operate;

import dev.pilotlight.config.Configuration.DatabaseSettings;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.PromotionTag;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Role;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Everything that {@code ./pilot status} looked at, and nothing that it makes of it.
 *
 * @param at when, by the clock there
 * @param inspected what is looked at besides, each in a file of its own
 */
record Observed(Instant at, Expected expected, Map<RegionName, InRegion> regions, List<Inspected<?>> inspected) {

    Observed(Instant at, Expected expected, Map<RegionName, InRegion> regions) {
        this(at, expected, regions, List.of());
    }

    /**
     * What the configuration file of this clone says.
     *
     * @param rpo a greater expected loss takes a person
     * @param capacity instances that serve, at least
     * @param database what the databases are to be; empty where nobody asks
     */
    record Expected(DatabaseLineage lineage, Duration rpo, int capacity, Optional<ExpectedDatabase> database) {
        Expected(DatabaseLineage lineage, Duration rpo, int capacity) {
            this(lineage, rpo, capacity, Optional.empty());
        }
    }

    /** @param names by which the commands that are told call the databases */
    record ExpectedDatabase(DatabaseSettings settings, Names names) {}

    /**
     * One region.
     *
     * @param stack empty: there is none
     * @param outside over HTTPS from here, by the region's own name; empty where there is no DNS
     * @param databases those of the workload, with those that have left the lineage
     * @param group empty: there is none
     * @param healthyTargets of the load balancer
     * @param certificate its status, such as ISSUED
     * @param secret empty: there is none; else whether it is scheduled for deletion
     * @param rehearsal the newest; empty: none was ever written
     * @param runbook empty: the region holds none
     */
    record InRegion(
            Look<Optional<Stack>> stack,
            Look<Signs.Rules> rules,
            Optional<Look<Map<String, Shown>>> outside,
            Look<List<Database>> databases,
            Look<Optional<Group>> group,
            Look<Integer> healthyTargets,
            Look<String> certificate,
            Look<Optional<Boolean>> secret,
            Look<Metrics> metrics,
            Look<Optional<Rehearsal>> rehearsal,
            Look<Optional<Runs>> runbook) {

        /** Whether AWS's services there answer at all. */
        boolean answers() {
            return List.of(stack, databases, group, secret, metrics, rehearsal, runbook).stream()
                    .anyMatch(Look::isAnswered);
        }
    }

    /**
     * What is deployed, from the template that the stack holds.
     *
     * @param role by which way round its health check looks at the claim
     * @param term the one before the claim that it looks for
     * @param database its place in the lineage
     * @param status CloudFormation's
     */
    record Stack(Role role, int term, int database, String status, Instant created) {}

    /** What a name answers under a path of ours. */
    enum Shown {
        YES,
        /** It says itself that it is not. */
        NO,
        /** Something else, or nothing. */
        UNCLEAR
    }

    /**
     * A database.
     *
     * @param index its place in the lineage
     * @param source the place of the database that it replicates; empty: it stands alone
     * @param promotion the runbook's mark on it, see {@link PromotionTag}
     * @param details what RDS says of it beyond that; empty where nobody asked
     */
    record Database(
            int index,
            Optional<Integer> source,
            String status,
            Optional<String> promotion,
            Optional<DatabaseDetails> details) {

        Database(int index, Optional<Integer> source, String status, Optional<String> promotion) {
            this(index, source, status, promotion, Optional.empty());
        }

        boolean markedFor(int term) {
            return promotion
                    .flatMap(PromotionTag::parse)
                    .map(mark -> mark.term() == term)
                    .orElse(false);
        }
    }

    /**
     * What a database is at present.
     *
     * @param instanceClass such as db.t4g.micro
     * @param version its engine's, a minor one
     * @param allocatedGiB of storage, which may have grown
     * @param parameters whether its parameter group is in force: RDS's word, such as in-sync or pending-reboot
     * @param backupsReplicatedTo AWS's names of the regions
     * @param restorable the times to which it can be restored; empty if RDS names none, or nobody asked
     * @param promoted when a failover runbook promoted it, by its evidence; empty if there is none, or nobody asked
     * @param backupsComeHere whether RDS replicates the other region's automated backups into this one at all; empty if it
     *     did not say, or nobody asked
     */
    record DatabaseDetails(
            String instanceClass,
            String version,
            int allocatedGiB,
            String parameters,
            Set<String> backupsReplicatedTo,
            Optional<Window> restorable,
            Optional<Instant> promoted,
            Optional<Boolean> backupsComeHere) {}

    /** Times, both included. */
    record Window(Instant earliest, Instant latest) {
        boolean contains(Instant time) {
            return !time.isBefore(earliest) && !time.isAfter(latest);
        }
    }

    record Group(int least, int most, int desired, int inService) {}

    /**
     * Datapoints of a minute, newest first.
     *
     * @param heartbeat from the other region's agents
     * @param writable from this region's own
     * @param lag in seconds, by the replica's place in the lineage
     */
    record Metrics(
            List<ExpectedLoss.Point> heartbeat,
            List<ExpectedLoss.Point> writable,
            Map<Integer, List<ExpectedLoss.Point>> lag) {}

    /** @param outcome succeeded, failed or refused */
    record Rehearsal(Instant at, String outcome, String why) {}

    /**
     * The failover runbook's runs.
     *
     * @param newest failover, if there ever was one
     * @param drill one that is running
     */
    record Runs(Optional<Run> newest, Optional<Run> drill) {
        Runs(Optional<Run> newest) {
            this(newest, Optional.empty());
        }
    }

    /** @param status as Step Functions says */
    record Run(String name, String status, Instant started) {
        boolean isGoing() {
            return status.equals("RUNNING");
        }
    }
}
