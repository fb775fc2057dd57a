package dev.pilotlight.simulation;

import dev.pilotlight.recovery.asl.Execution;

/** How one call goes wrong. */
enum Fault {
    NONE,
    THROTTLED,
    FAILED,
    HANGS,
    FAILS_AFTER_EFFECT,
    HANGS_AFTER_EFFECT,
    SLOW;

    /** Decides about each call, by the state that makes it. */
    interface Source {
        Fault of(Execution caller, String call);
    }
}
