package dev.pilotlight.cli.operate;

import java.time.Instant;

/**
 * Something that happened while a failover was followed.
 *
 * @param at when, by Step Functions' clock; for what we ran into ourselves, by ours
 * @param phase the step that it belongs to
 * @param state the runbook's state
 * @param says what it is for, in plain words; for an error, what it was
 */
public record StepEvent(Kind kind, Instant at, Phase phase, String state, String says) {

    /** What happened. */
    public enum Kind {
        /** The runbook came to this state. */
        ENTERED,
        /** A call of the runbook's failed; it tries again, or goes another way. */
        CALL_FAILED,
        /** We could not look. The failover goes on meanwhile. */
        CANNOT_SEE
    }
}
