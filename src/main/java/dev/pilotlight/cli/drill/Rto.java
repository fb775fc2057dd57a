package dev.pilotlight.cli.drill;

import dev.pilotlight.cli.drill.DrillRecord.Part;
import dev.pilotlight.objectives.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * A recovery's times, cut so that each part stands beside what physics sets for it: detection + max(promotion, launch) +
 * claim seen + DNS.
 *
 * @param lost when the region was lost
 * @param started when the runbook was
 * @param ordered when it ordered the promotion
 * @param ready when the database took writes and instances were healthy
 * @param claimed when the claim stood
 * @param seen when Route 53 answered with the new leader
 * @param served when also users with the oldest answer still allowed could write there
 */
record Rto(
        Instant lost, Instant started, Instant ordered, Instant ready, Instant claimed, Instant seen, Instant served) {

    static final String DETECTION = "detection";
    static final String READY = "promotion and launch";
    static final String OWN = "the runbook's own work";
    static final String SEEN = "claim seen";
    static final String DNS = "DNS";
    /** Of a planned switchover: the workload has stopped, and what it wrote last has to be replayed. */
    static final String FENCE = "fence and replay proven";

    double seconds() {
        return between(lost, served);
    }

    /** They make up the whole. */
    List<Part> parts() {
        return List.of(
                new Part(DETECTION, between(lost, started)),
                new Part(READY, between(ordered, ready)),
                new Part(OWN, between(started, ordered) + between(ready, claimed)),
                new Part(SEEN, between(claimed, seen)),
                new Part(DNS, between(seen, served)));
    }

    static List<Part> bound(Durations durations) {
        return List.of(
                new Part(DETECTION, durations.detection()),
                new Part(READY, Math.max(durations.promotion(), durations.launch())),
                new Part(OWN, 0),
                new Part(SEEN, durations.claimSeen()),
                new Part(DNS, durations.dns()));
    }

    /** @return percent over the bound; negative if something took less than its published figure */
    double overhead(Durations durations) {
        return 100.0 * seconds() / durations.bound() - 100;
    }

    /** What the runbook added: its own work, and what it waited beyond promotion and launch. */
    double added(Durations durations) {
        return between(started, ordered)
                + between(ready, claimed)
                + Math.max(0, between(ordered, ready) - Math.max(durations.promotion(), durations.launch()));
    }

    static double between(Instant from, Instant to) {
        return Duration.between(from, to).toMillis() / 1000.0;
    }
}
