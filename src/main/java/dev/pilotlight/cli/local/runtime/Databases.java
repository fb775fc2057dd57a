package dev.pilotlight.cli.local.runtime;

import dev.pilotlight.cli.local.runtime.RegionView.Database;
import dev.pilotlight.cli.local.runtime.Transition.Kind;
import dev.pilotlight.topology.RegionName;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;

/**
 * What the databases would hold: the times of commits. A replica replays its source's a second later, as long as both
 * regions are there, and reports once a minute how old the newest commit is that it has replayed: so it does on RDS, and
 * so its lag grows by a second per second once the source is dead.
 */
final class Databases {

    static final String LAG = "ReplicaLag";
    /** Of a source: how much log it keeps for the replica that is furthest behind; -1 if there is none [doc]. */
    static final String SLOT_LAG = "OldestReplicationSlotLag";

    /** What a database writes when nobody uses it: RDS's own writes, about 18 GB a day. */
    private static final double IDLE_BYTES_PER_SECOND = 200_000;

    private static final Duration REPLAY_DELAY = Duration.ofSeconds(1);
    private static final int KEPT = 20_000;

    /** What is known of one database, by its ARN. */
    private static final class Contents {
        /** Times of commits, and whether a user's was among them. */
        private final NavigableMap<Instant, Boolean> commits = new TreeMap<>();

        private Instant replayedTo;
        private Instant lastReplayed;
        private String source = "";
        private long reportedMinute = -1;
    }

    private final Reach reach;
    private final Map<RegionName, RegionView> views;
    private final Consumer<Transition> transitions;
    private final Map<String, Contents> contents = new HashMap<>();
    /** Who holds a lock on all tables, by the database's host. */
    private final Map<String, Set<Object>> locks = new HashMap<>();
    /** Replicas whose replication is broken, by order of the control API: AWS's name of the region, and their own. */
    private volatile Set<String> broken = Set.of();

    Databases(Reach reach, Map<RegionName, RegionView> views, Consumer<Transition> transitions) {
        this.reach = reach;
        this.views = views;
        this.transitions = transitions;
    }

    /** Shuts out users' writes until every holder has let go; false if the database does not take that. */
    boolean lock(RegionName region, String host, Object holder) {
        if (writable(region, host).isEmpty()) {
            return false;
        }
        locks.computeIfAbsent(host, any -> new HashSet<>()).add(holder);
        return true;
    }

    void unlock(String host, Object holder) {
        locks.getOrDefault(host, new HashSet<>()).remove(holder);
    }

    private Optional<Database> writable(RegionName region, String host) {
        return reach.isUp(region) ? views.get(region).database(host).filter(Database::writable) : Optional.empty();
    }

    /** Whether a user could write now. */
    boolean takesWrites(RegionName region, String host) {
        return writable(region, host).isPresent()
                && locks.getOrDefault(host, Set.of()).isEmpty();
    }

    /** Commits at a time. False if the database takes no writes, or its region is lost. */
    boolean commit(RegionName region, String host, Instant at, boolean aUsers) {
        Optional<Database> database = writable(region, host);
        if (aUsers && !takesWrites(region, host)) {
            return false;
        }
        database.ifPresent(found -> {
            NavigableMap<Instant, Boolean> commits = of(found.arn()).commits;
            commits.merge(at, aUsers, Boolean::logicalOr);
            if (commits.size() > KEPT) {
                commits.pollFirstEntry();
            }
        });
        return database.isPresent();
    }

    private Contents of(String arn) {
        return contents.computeIfAbsent(arn, any -> new Contents());
    }

    /** @param replicas that do not replicate, though both regions are there: region and identifier */
    void broken(Set<String> replicas) {
        broken = replicas;
    }

    void play(Instant now) {
        views.values().forEach(view -> {
            if (reach.isUp(view.region())) {
                view.databases().forEach(database -> play(view.region(), database, now));
            }
        });
    }

    private void play(RegionName region, Database database, Instant now) {
        Contents own = of(database.arn());
        if (database.source().isEmpty()) {
            if (!own.source.isEmpty()) {
                promoted(region, database, own, now);
            }
            everyMinute(own, now, () -> report(region, database, SLOT_LAG, "Bytes", slotLag(database, now), now));
            return;
        }
        own.source = database.source();
        // Between the regions only: neither is asked whether it reaches the other.
        boolean replicates = !broken.contains(regionOf(database.arn()) + " " + database.identifier());
        if (replicates
                && reach.region(regionOf(database.source()))
                        .map(source -> reach.reaches(source, region))
                        .orElse(true)) {
            replay(own, now);
        }
        if (own.lastReplayed != null) {
            double lag = Duration.between(own.lastReplayed, now).toMillis() / 1000.0;
            // RDS says -1 of a replication that is not active [doc].
            everyMinute(own, now, () -> report(region, database, LAG, "Seconds", replicates ? lag : -1, now));
        }
    }

    private static void everyMinute(Contents own, Instant now, BooleanSupplier report) {
        long minute = now.toEpochMilli() / 60_000;
        if (own.reportedMinute != minute && report.getAsBoolean()) {
            own.reportedMinute = minute;
        }
    }

    /** By what is known of the replicas, also in a lost region: the slot stays. */
    private double slotLag(Database source, Instant now) {
        return views.values().stream()
                .flatMap(view -> view.databases().stream())
                .filter(replica -> replica.source().equals(source.arn()))
                .map(replica -> of(replica.arn()).replayedTo)
                .mapToDouble(replayed -> replayed == null
                        ? 0
                        : IDLE_BYTES_PER_SECOND
                                * Duration.between(replayed, now).toMillis()
                                / 1000.0)
                .max()
                .orElse(-1);
    }

    private void replay(Contents replica, Instant now) {
        replica.replayedTo = now.minus(REPLAY_DELAY);
        NavigableMap<Instant, Boolean> source = of(replica.source).commits;
        Instant last = source.floorKey(replica.replayedTo);
        if (last != null) {
            replica.lastReplayed = last;
        }
    }

    private boolean report(
            RegionName region, Database database, String metric, String unit, double value, Instant now) {
        return reach.tell(
                region,
                metric + " in",
                in -> in.cloudWatch()
                        .putMetricData(request -> request.namespace("AWS/RDS")
                                .metricData(MetricDatum.builder()
                                        .metricName(metric)
                                        .dimensions(Dimension.builder()
                                                .name("DBInstanceIdentifier")
                                                .value(database.identifier())
                                                .build())
                                        .timestamp(now)
                                        .unit(unit)
                                        .value(value)
                                        .build())));
    }

    /** From now on it lives alone. What its source had committed and it had not replayed is lost. */
    private void promoted(RegionName region, Database database, Contents own, Instant now) {
        NavigableMap<Instant, Boolean> source = of(own.source).commits;
        NavigableMap<Instant, Boolean> missing =
                own.replayedTo == null ? source : source.tailMap(own.replayedTo, false);
        long users = missing.values().stream().filter(aUsers -> aUsers).count();
        own.source = "";
        transitions.accept(new Transition(
                now,
                Kind.DATABASE,
                region,
                "%s is no replica any more; it lacks %d of its source's commits, %d of users"
                        .formatted(database.identifier(), missing.size(), users)));
    }

    private static String regionOf(String source) {
        // arn:aws:rds:REGION:ACCOUNT:db:NAME
        String[] parts = source.split(":", -1);
        return parts.length > 3 ? parts[3] : "";
    }
}
