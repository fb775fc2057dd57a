package dev.pilotlight.topology;

import dev.pilotlight.topology.Creation.Origin;
import dev.pilotlight.topology.Creation.ReplicaOf;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/**
 * What a {@link DatabaseLineage} amounts to: who leads, in which term, and which database each region holds.
 *
 * @param leader the region that serves
 * @param term how often leadership has changed, from 0
 * @param databases the current database of each region: the one that its template holds
 * @param everLed the regions that lead or once did: their buckets replicate to the other region
 */
public record Topology(RegionName leader, int term, Map<RegionName, Database> databases, Set<RegionName> everLed) {

    public Topology {
        // Enum collections: their order is the declaration's, in every JVM, and templates must not vary.
        databases = java.util.Collections.unmodifiableMap(new EnumMap<>(databases));
        everLed = java.util.Collections.unmodifiableSet(EnumSet.copyOf(everLed));
    }

    static Topology founded() {
        DatabaseRef origin = new DatabaseRef(0, RegionName.PRIMARY);
        DatabaseRef replica = new DatabaseRef(1, RegionName.DR);
        return new Topology(
                RegionName.PRIMARY,
                0,
                Map.of(
                        RegionName.PRIMARY, new Database(origin, new Origin()),
                        RegionName.DR, new Database(replica, new ReplicaOf(origin))),
                Set.of(RegionName.PRIMARY));
    }

    public RegionName standby() {
        return leader.other();
    }

    public Role roleOf(RegionName region) {
        return region == leader ? Role.LEADER : Role.STANDBY;
    }

    public Database databaseIn(RegionName region) {
        return databases.get(region);
    }

    public Database leadingDatabase() {
        return databaseIn(leader);
    }

    /** Whether promoting the standby's database would carry on from the leader's: not so after a restore, until it is seeded anew. */
    public boolean standbyReplicatesLeader() {
        return databaseIn(standby()).creation() instanceof ReplicaOf replica
                && replica.source().equals(leadingDatabase().ref());
    }

    /** The term that the standby claims when it takes over. */
    public int nextTerm() {
        return term + 1;
    }

    public boolean hasEverLed(RegionName region) {
        return everLed.contains(region);
    }

    Topology ledBy(RegionName next) {
        Set<RegionName> led = EnumSet.copyOf(everLed);
        led.add(next);
        return new Topology(next, term + 1, databases, led);
    }

    Topology withDatabase(Database added) {
        Map<RegionName, Database> changed = new EnumMap<>(databases);
        changed.put(added.ref().region(), added);
        return new Topology(leader, term, changed, everLed);
    }
}
