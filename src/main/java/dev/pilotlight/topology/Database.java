package dev.pilotlight.topology;

/**
 * The database that a region's template holds.
 *
 * @param ref its place in the lineage
 * @param creation how it came to be
 */
public record Database(DatabaseRef ref, Creation creation) {}
