package dev.pilotlight.objectives;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/**
 * How long AWS's own work takes in a failover, in seconds: <b>modelled</b> from published figures, all in
 * {@code objectives/durations.json} with their sources.
 *
 * @param detection from the loss of the leader until the runbook is started; a person's decision comes on top
 * @param promotion of the replica, until it stands alone and is available
 * @param launch of an instance, until it is a healthy target
 * @param claimSeen by Route 53
 * @param dns until the last cached answer is gone
 */
public record Durations(int detection, int promotion, int launch, int claimSeen, int dns) {

    public static Durations published() {
        try (InputStream file = Durations.class.getResourceAsStream("/objectives/durations.json")) {
            JsonNode json = new ObjectMapper().readTree(file);
            return new Durations(
                    seconds(json, "detection"),
                    seconds(json, "promotion"),
                    seconds(json, "launch"),
                    seconds(json, "claimSeen"),
                    seconds(json, "dns"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What no runbook can beat: promotion and launch overlap, the rest follows one upon the other. */
    public int bound() {
        return rto(Math.max(promotion, launch));
    }

    /** @param untilClaim seconds from the runbook's start to its claim */
    public int rto(int untilClaim) {
        return detection + untilClaim + claimSeen + dns;
    }

    private static int seconds(JsonNode json, String name) {
        return json.path(name).path("seconds").asInt();
    }
}
