package dev.pilotlight.cli.local.runtime;

import dev.pilotlight.cli.local.EmulatorControl.RegionState;
import dev.pilotlight.topology.RegionName;
import java.time.Instant;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * How things stood at a virtual time.
 *
 * @param users where users land who ask DNS anew
 * @param cachedUsers where those land whose answer is as old as its time to live allows
 * @param alarms that are in the state ALARM, by region
 */
public record Observation(
        Instant at,
        Map<RegionName, Region> regions,
        Landing users,
        Landing cachedUsers,
        Map<RegionName, Set<String>> alarms) {

    public Observation {
        regions = Collections.unmodifiableMap(new EnumMap<>(regions));
        alarms = Collections.unmodifiableMap(new EnumMap<>(alarms));
    }

    public Region region(RegionName region) {
        return regions.get(region);
    }

    /**
     * A region, as its own load balancer and databases show it. Of a lost region it is what was seen last, and nothing
     * of it serves.
     *
     * @param claims the terms that it holds claims of
     * @param signs the terms that it shows handover signs of
     * @param targets registered instances
     * @param healthy of these, those that pass the health check
     * @param serving instances whose workload runs
     * @param stopped instances whose workload is stopped by a sign
     * @param superseded instances whose workload is stopped for good
     * @param database which the instances are told of; empty if unknown
     * @param writable whether that database takes writes: it stands alone and is available
     * @param source whose replica it is; empty if none's
     */
    public record Region(
            RegionState state,
            Set<Integer> claims,
            Set<Integer> signs,
            int targets,
            int healthy,
            int serving,
            int stopped,
            int superseded,
            String database,
            boolean writable,
            String source) {

        public boolean up() {
            return state == RegionState.UP;
        }
    }

    /**
     * What became of a user.
     *
     * @param region where DNS led; null if the name does not resolve
     * @param answered whether the workload there answered
     * @param written whether it could write
     */
    public record Landing(RegionName region, boolean answered, boolean written) {

        @Override
        public String toString() {
            return region == null
                    ? "the name does not resolve"
                    : region.id()
                            + (written
                                    ? ", answered and written"
                                    : answered ? ", answered, not written" : ", no answer");
        }
    }
}
