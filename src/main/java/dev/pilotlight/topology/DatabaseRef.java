package dev.pilotlight.topology;

/**
 * A database by its place in the lineage.
 *
 * @param index its entry, from 0; part of its name for ever
 * @param region where it is
 */
public record DatabaseRef(int index, RegionName region) {}
