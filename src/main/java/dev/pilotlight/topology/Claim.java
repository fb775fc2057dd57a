package dev.pilotlight.topology;

import java.util.OptionalInt;

/**
 * A region's public claim to lead a term: a fixed answer of its load balancer under a well-known path, created by the
 * failover runbook and never deleted. The health checks that move users, and the agents that stop a superseded leader,
 * look for exactly this path and text.
 *
 * @param workload the workload's name, so that no other system's answer is taken for a claim
 * @param term the term claimed, from 1
 */
public record Claim(String workload, int term) {

    private static final String PATH = "/.well-known/pilotlight/leader/";

    /**
     * Everything below but {@link RegionAnswer} answers 503 unless claimed, from the first deploy: a catch-all page of the
     * workload is no claim.
     */
    public static final String RESERVED_PATH = "/.well-known/pilotlight/*";

    /** The body of that 503: a definite no, unlike any other failure to answer. */
    public static final String NONE = "pilotlight: no claim";

    public String path() {
        return PATH + term;
    }

    /** The term that a path claims; empty if it is no claim's. */
    public static OptionalInt termOf(String path) {
        return Terms.behind(PATH, path);
    }

    /** The body of the answer. Route 53 searches for it in the first 5,120 bytes. */
    public String text() {
        return "pilotlight: " + workload + " is led from here in term " + term;
    }

    /** The rule's place on the listener. One place per term, so that two runs cannot both create it. */
    public int priority() {
        return term;
    }
}
