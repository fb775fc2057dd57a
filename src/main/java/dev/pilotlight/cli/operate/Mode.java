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

    private static final String FAILOVER = "failover";

    /** As the runbook's input has it. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The name of its execution. A drill's is another than a failover's: it takes none away and is in nobody's way. */
    String execution(int term, int attempt) {
        return "%s-term-%d-attempt-%d".formatted(noun(), term, attempt);
    }

    /** Our command for it, such as {@code failover --planned}. */
    String command() {
        return switch (this) {
            case PLANNED -> "failover --planned";
            case EMERGENCY -> "failover";
            case DRILL -> "failover --dry-run";
        };
    }

    /** What goes on, in words. */
    String noun() {
        return this == DRILL ? "drill" : FAILOVER;
    }

    /** Whether an execution of this name fails over: the others are drills. */
    static boolean isFailover(String execution) {
        return execution.startsWith(FAILOVER + "-");
    }
}
