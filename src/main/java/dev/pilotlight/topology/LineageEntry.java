package dev.pilotlight.topology;

import java.time.Instant;

/** One database in the order of creation. */
public sealed interface LineageEntry {

    RegionName region();

    /**
     * A new database with nothing of its own: the origin, or a replica. If it is in the leader's region, the entry also
     * says that leadership has moved to the other region.
     */
    record Seeded(RegionName region) implements LineageEntry {}

    /** A database restored to a point in time from its region's previous database, which must have led. */
    record RestoreTo(RegionName region, Instant time) implements LineageEntry {}

    /** A database restored from a snapshot or recovery point that is in its region. */
    record RestoreFrom(RegionName region, String snapshotArn) implements LineageEntry {}
}
