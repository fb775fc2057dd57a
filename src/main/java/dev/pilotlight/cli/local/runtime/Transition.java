package dev.pilotlight.cli.local.runtime;

import dev.pilotlight.topology.RegionName;
import java.time.Instant;

/**
 * Something changed.
 *
 * @param at in virtual time
 * @param region which it is about; null if about none
 * @param what in words, without time and region
 */
public record Transition(Instant at, Kind kind, RegionName region, String what) {

    /** What it is about. */
    public enum Kind {
        /** A region is lost, or back. */
        REGION,
        /** A claim is held from now on. */
        CLAIM,
        /** A handover sign is shown, or taken back. */
        SIGN,
        /** Users that ask DNS anew land elsewhere, or find another answer. */
        USERS,
        /** The same of users whose answer is as old as its time to live allows. */
        CACHED_USERS,
        /** The workload was stopped, or runs, on some instances. */
        AGENTS,
        /** The number of healthy targets. */
        TARGETS,
        /** The database takes writes, or takes none any more. */
        DATABASE,
        /** A health check of Route 53 has changed its mind. */
        CHECK,
        ALARM,
        /** An execution begins or ends. */
        EXECUTION
    }

    @Override
    public String toString() {
        return "%s %s%s: %s".formatted(at, kind, region == null ? "" : " " + region.id(), what);
    }
}
