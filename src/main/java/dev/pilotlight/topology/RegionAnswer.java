package dev.pilotlight.topology;

/**
 * What a region's load balancer answers, from the first deploy on, at a well-known path of the region's own name. Whoever
 * reads it there has come through DNS, certificate, security group and listener to the right region: the proof, in peace,
 * that signs and claims will be read. A 503 in that place would look like a failed handshake or an empty target group.
 *
 * @param workload the workload's name
 * @param region AWS's name of the region
 */
public record RegionAnswer(String workload, String region) {

    public static final String PATH = "/.well-known/pilotlight/region";

    /**
     * The rule's place on the listener: beside the signs and before the rule that answers 503. Whatever rule is in a sign's
     * way hides this one as well.
     */
    public static final int PRIORITY = 9_999;

    /** The body of the answer, which has the status 200. */
    public String text() {
        return "pilotlight: " + workload + " " + region;
    }
}
