package dev.pilotlight.topology;

import java.time.Instant;

/**
 * How a database came to be. It never changes afterwards: CloudFormation reads a changed or missing source as an order
 * to promote or to replace, and the database serves.
 */
public sealed interface Creation {

    /** The first database, created empty. */
    record Origin() implements Creation {}

    /** A cross-region read replica. It keeps its source in the template for ever, promoted or not. */
    record ReplicaOf(DatabaseRef source) implements Creation {}

    /** Restored from the automated backups of the database that its region had before. */
    record RestoredToTime(DatabaseRef source, Instant time) implements Creation {}

    /** Restored from a snapshot or recovery point in its own region. */
    record RestoredFromSnapshot(String snapshotArn) implements Creation {}
}
