package dev.pilotlight.cli.operate;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * How a failover ended.
 *
 * @param status as Step Functions says: SUCCEEDED, FAILED, TIMED_OUT or ABORTED
 * @param evidence the runbook's output; missing unless it succeeded
 * @param cause what is true now and how to go on, in the runbook's words; empty if it succeeded
 */
public record Outcome(
        String executionArn, String status, Instant started, Instant stopped, JsonNode evidence, String cause) {

    /** A step that is done, and when. */
    public record Milestone(String name, Instant at) {}

    public boolean succeeded() {
        return status.equals("SUCCEEDED");
    }

    /** Whether the region leads now; a drill succeeds without. */
    public boolean moved() {
        return succeeded() && evidence.path("outcome").asText().equals("succeeded");
    }

    /** In the order in which they were done, the start first. */
    public List<Milestone> milestones() {
        List<Milestone> milestones = new ArrayList<>();
        evidence.path("times")
                .properties()
                .forEach(time -> milestones.add(new Milestone(
                        time.getKey(), Instant.parse(time.getValue().asText()))));
        milestones.sort(Comparator.comparing(Milestone::at));
        return milestones;
    }

    /** What the runbook reckons may be lost: a number of seconds, or "unknown". */
    public String expectedLossSeconds() {
        return evidence.path("expectedLossSeconds").asText("unknown");
    }
}
