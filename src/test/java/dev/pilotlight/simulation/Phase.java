package dev.pilotlight.simulation;

/** How far a disaster has come, whatever the runbook believes. */
enum Phase {
    PEACE,
    SIGN_STANDS,
    MARKED,
    ORDERED,
    PROMOTED,
    CLAIMED;

    static Phase of(World world) {
        if (world.listener().claimStands()) {
            return CLAIMED;
        }
        if (world.database().doneAt() <= world.clock().now()) {
            return PROMOTED;
        }
        if (world.database().promotionOrdered()) {
            return ORDERED;
        }
        if (world.database().marked()) {
            return MARKED;
        }
        return world.listener().signStands() ? SIGN_STANDS : PEACE;
    }
}
