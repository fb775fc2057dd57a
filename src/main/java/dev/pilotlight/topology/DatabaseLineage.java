package dev.pilotlight.topology;

import dev.pilotlight.topology.Creation.ReplicaOf;
import dev.pilotlight.topology.Creation.RestoredFromSnapshot;
import dev.pilotlight.topology.Creation.RestoredToTime;
import dev.pilotlight.topology.LineageEntry.RestoreFrom;
import dev.pilotlight.topology.LineageEntry.RestoreTo;
import dev.pilotlight.topology.LineageEntry.Seeded;
import dev.pilotlight.topology.RdsPermits.Operation;
import dev.pilotlight.topology.RdsPermits.Origin;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The append-only log of every database that the workload ever had, oldest first. Which region leads, which database
 * replicates which, and the term are a fold over it ({@link #topology()}), so that a failover is recorded by appending
 * one entry, and no earlier entry, and with it no existing database, ever changes.
 *
 * <pre>
 * ["primary", "dr"]                        as founded: primary leads with db-0, dr replicates it with db-1
 * ["primary", "dr", "primary"]             dr leads with db-1, primary replicates it with db-2
 * ["primary", "dr", "dr"]                  the replica was seeded anew: db-2 replicates db-0
 * ["primary", "dr", {"region": "primary",  primary still leads, with db-2, restored from db-0
 *     "restoreTo": "2026-11-20T10:00:00Z"}]
 * </pre>
 */
public record DatabaseLineage(List<LineageEntry> entries) {

    /**
     * @throws IllegalLineageException if the entries do not describe a history that can have happened; the message says
     *     which entry and what to write instead
     */
    public DatabaseLineage {
        entries = List.copyOf(entries);
        fold(entries);
    }

    /** Primary leads, dr replicates it. */
    public static DatabaseLineage founded() {
        return new DatabaseLineage(List.of(new Seeded(RegionName.PRIMARY), new Seeded(RegionName.DR)));
    }

    /** This lineage with one more database. */
    public DatabaseLineage append(LineageEntry entry) {
        List<LineageEntry> longer = new ArrayList<>(entries);
        longer.add(entry);
        return new DatabaseLineage(longer);
    }

    /** What the lineage amounts to now. */
    public Topology topology() {
        return fold(entries);
    }

    /**
     * The term in which a database joined. It never changes, and is all that its region's agents need to know: whoever
     * leads with a database leads in this term or in the next, so a claim of the other region for any later one
     * supersedes that database.
     */
    public int termOf(DatabaseRef database) {
        // The origin and its replica come together.
        return fold(entries.subList(0, Math.max(database.index(), 1) + 1)).term();
    }

    /**
     * The terms in which a region took leadership by a restore, oldest first. No failover runbook claims them, so the
     * region's template does, from then on for ever: the lineage only grows, and so does this list.
     */
    public List<Integer> restoredTermsIn(RegionName region) {
        List<Integer> terms = new ArrayList<>();
        for (int index = 2; index < entries.size(); index++) {
            Topology before = fold(entries.subList(0, index));
            Topology after = fold(entries.subList(0, index + 1));
            boolean restored = !(entries.get(index) instanceof Seeded);
            if (restored && after.leader() == region && before.leader() != region) {
                terms.add(after.term());
            }
        }
        return List.copyOf(terms);
    }

    /** How a database came to be, and whether it has led since: what RDS permits depends on it. */
    public Origin originOf(DatabaseRef database) {
        Set<DatabaseRef> led = new HashSet<>();
        Database found = null;
        for (int length = 2; length <= entries.size(); length++) {
            Topology then = fold(entries.subList(0, length));
            led.add(then.leadingDatabase().ref());
            found = then.databaseIn(database.region()).ref().equals(database)
                    ? then.databaseIn(database.region())
                    : found;
        }
        if (found == null) {
            throw new IllegalArgumentException(database + " is not of this lineage");
        }
        return origin(found, led);
    }

    private static Topology fold(List<LineageEntry> entries) {
        for (int index = 0; index < 2; index++) {
            Seeded expected = new Seeded(index == 0 ? RegionName.PRIMARY : RegionName.DR);
            if (index >= entries.size() || !entries.get(index).equals(expected)) {
                throw new IllegalLineageException(
                        index, "a lineage begins with \"primary\", \"dr\": the origin and its replica");
            }
        }
        Topology now = Topology.founded();
        Set<DatabaseRef> led = new HashSet<>(Set.of(now.leadingDatabase().ref()));
        for (int index = 2; index < entries.size(); index++) {
            if (entries.get(index) instanceof RestoreTo restore) {
                Database source = now.databaseIn(restore.region());
                requireRestorable(index, source, origin(source, led));
                requireLivedThrough(entries, index, restore, source);
            }
            now = step(now, index, entries.get(index));
            led.add(now.leadingDatabase().ref());
        }
        return now;
    }

    private static Origin origin(Database database, Set<DatabaseRef> led) {
        if (database.creation() instanceof Creation.Origin) {
            return Origin.ORIGINAL;
        }
        if (database.creation() instanceof ReplicaOf) {
            return led.contains(database.ref()) ? Origin.PROMOTED : Origin.REPLICA;
        }
        return Origin.RESTORED;
    }

    /** RDS restores to a time only what has written: there is no point-in-time restore from a read replica. */
    private static void requireRestorable(int index, Database source, Origin origin) {
        if (!RdsPermits.of(origin, Operation.RESTORE_TO_TIME).permitted()) {
            throw new IllegalLineageException(
                    index,
                    "db-%d, from which this restores, has never led: RDS restores no read replica to a time; restore a snapshot instead, such as a copy in the vault of %s: {\"region\": \"%s\", \"snapshot\": \"arn:…\"}"
                            .formatted(
                                    source.ref().index(),
                                    source.ref().region().id(),
                                    source.ref().region().id()));
        }
    }

    /** A database is younger than every time that an entry up to its own was restored to: it has no backup of those. */
    private static void requireLivedThrough(List<LineageEntry> entries, int index, RestoreTo restore, Database source) {
        for (LineageEntry earlier : entries.subList(0, source.ref().index() + 1)) {
            if (earlier instanceof RestoreTo older && !restore.time().isAfter(older.time())) {
                throw new IllegalLineageException(
                        index,
                        "db-%d, from which this restores, did not exist yet at %s: it came after the restore to %s; write a later time, or restore a snapshot"
                                .formatted(source.ref().index(), restore.time(), older.time()));
            }
        }
    }

    private static Topology step(Topology now, int index, LineageEntry entry) {
        RegionName region = entry.region();
        DatabaseRef added = new DatabaseRef(index, region);
        DatabaseRef previous = now.databaseIn(region).ref();
        boolean ofLeader = region == now.leader();
        if (entry instanceof RestoreTo restore) {
            Database restored = new Database(added, new RestoredToTime(previous, restore.time()));
            return ofLeader ? now.withDatabase(restored) : now.ledBy(region).withDatabase(restored);
        }
        if (entry instanceof RestoreFrom restore) {
            Database restored = new Database(added, new RestoredFromSnapshot(restore.snapshotArn()));
            return ofLeader ? now.withDatabase(restored) : now.ledBy(region).withDatabase(restored);
        }
        if (!ofLeader) {
            return now.withDatabase(
                    new Database(added, new ReplicaOf(now.leadingDatabase().ref())));
        }
        if (!now.standbyReplicatesLeader()) {
            throw new IllegalLineageException(
                    index,
                    "\"%s\" would hand leadership to %s, whose db-%d does not replicate the leader's db-%d; append \"%s\" first to seed its replica anew, or a restore in %s to lead from a backup"
                            .formatted(
                                    region.id(),
                                    region.other().id(),
                                    now.databaseIn(region.other()).ref().index(),
                                    now.leadingDatabase().ref().index(),
                                    region.other().id(),
                                    region.other().id()));
        }
        Topology moved = now.ledBy(region.other());
        return moved.withDatabase(
                new Database(added, new ReplicaOf(moved.leadingDatabase().ref())));
    }
}
