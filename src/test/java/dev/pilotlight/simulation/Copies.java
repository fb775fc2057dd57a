package dev.pilotlight.simulation;

import java.util.EnumMap;
import java.util.Map;
import java.util.Random;

/**
 * A control plane answers reads from one of three copies, each of which catches up at times of its own: an answer is up to
 * half a minute old, and the next may be older [assumed, from what is reported of ELBv2, Auto Scaling, RDS's tags, Step
 * Functions and CloudWatch].
 */
final class Copies {

    /** No copy is older. */
    static final int OLDEST_MILLIS = 30_000;

    private static final int COPIES = 3;

    private final Plan plan;
    private final Clock clock;
    private final Random random;
    private final Map<Read, long[]> offsets = new EnumMap<>(Read.class);
    private int staleReads;

    Copies(Clock clock, Plan plan, Random random) {
        this.clock = clock;
        this.plan = plan;
        this.random = random;
        for (Read read : Read.values()) {
            offsets.put(read, random.longs(COPIES, 0, OLDEST_MILLIS).toArray());
        }
    }

    /** As of when the copy is that answers now. */
    long asOf(Read read) {
        long oldest = plan.oldest(read);
        if (oldest == 0) {
            return clock.now();
        }
        return clock.now() - (clock.now() + offsets.get(read)[random.nextInt(COPIES)]) % oldest;
    }

    /** What one of the copies holds. */
    <T> T read(Read read, History<T> history) {
        T answer = history.at(asOf(read));
        if (answer != history.newest()) {
            staleReads++;
        }
        return answer;
    }

    /** How many answers were not the truth. */
    int staleReads() {
        return staleReads;
    }

    void countStale() {
        staleReads++;
    }
}
