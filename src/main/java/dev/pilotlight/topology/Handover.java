package dev.pilotlight.topology;

import java.util.OptionalInt;

/**
 * The gentler sign before a {@link Claim}: while it stands, the leader's agents keep the workload stopped, so that the
 * standby's replica can catch up with the last write. The failover runbook creates it, and removes it if it gives up
 * before the promotion.
 *
 * @param workload the workload's name
 * @param term the term that is about to be claimed
 */
public record Handover(String workload, int term) {

    private static final String PATH = "/.well-known/pilotlight/handover/";

    public String path() {
        return PATH + term;
    }

    /** The term that a path announces; empty if it is no sign's. */
    public static OptionalInt termOf(String path) {
        return Terms.behind(PATH, path);
    }

    public String text() {
        return "pilotlight: " + workload + " is about to be led from here in term " + term;
    }

    /** The rule's place on the listener: behind every claim, before the rule that answers 503 for what is not claimed. */
    public int priority() {
        return 5_000 + term;
    }
}
