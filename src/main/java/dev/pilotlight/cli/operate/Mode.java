package dev.pilotlight.cli.operate;

import java.util.Locale;

/** What the failover runbook is asked for. */
public enum Mode {
    /** Both regions live: nothing is lost, or it does not happen. */
    PLANNED,
    /** The leader is lost: within the objective, or as a person accepts it, writes may be. */
    EMERGENCY,
    /** Looks and reports, changes nothing. */
    DRILL;

    /** As the runbook's input has it. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
