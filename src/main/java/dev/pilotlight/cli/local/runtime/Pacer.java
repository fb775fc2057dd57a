package dev.pilotlight.cli.local.runtime;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.local.EmulatorControl;
import dev.pilotlight.topology.RegionName;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Keeps virtual time from running away from a busy machine: it goes no further than a little ahead of what has been
 * played, and of the beginning of every piece of work that takes no time at AWS. A slow machine then makes a drill longer
 * and nothing in it late. Only time that was made faster is bounded: at the speed 1 it is that of the clock on the wall.
 */
final class Pacer {

    private static final double AHEAD_SECONDS = 10;
    /** At a high speed a moment on a quiet machine is more. */
    private static final double AHEAD_REAL_SECONDS = 0.2;
    /** What happens once in a minute must not be missed. */
    private static final double MOST_AHEAD_SECONDS = 40;

    private final EmulatorControl control;
    private final Reach reach;
    private final Set<Work> under = ConcurrentHashMap.newKeySet();
    private volatile Instant bound;

    Pacer(EmulatorControl control, Reach reach) {
        this.control = control;
        this.reach = reach;
    }

    /** Work that is being done. */
    private final class Work {
        private final RegionName region;
        private final Instant began;

        private Work(RegionName region, Instant began) {
            this.region = region;
            this.began = began;
        }

        /** What hangs in a lost region hangs for as long as it likes. */
        private boolean counts() {
            return region == null || reach.isUp(region);
        }
    }

    /** @param region that the work needs; null if none */
    <T> T during(RegionName region, Supplier<T> what) {
        return during(region, control.clock().instant(), what);
    }

    /**
     * @param region that the work needs; null if none
     * @param due when it is to begin, which may be later
     */
    <T> T during(RegionName region, Instant due, Supplier<T> what) {
        Work work = new Work(region, due);
        under.add(work);
        try {
            return what.get();
        } finally {
            under.remove(work);
        }
    }

    /** Changes the speed, bounded from the first: whoever plays may be asleep. */
    void speed(double speed) {
        if (speed <= 1) {
            control.speed(speed);
            release();
            return;
        }
        bound = control.clock().instant().plus(ahead(speed));
        control.pace(Map.of("speed", speed, "untilMillis", bound.toEpochMilli()));
    }

    private static Duration ahead(double speed) {
        double seconds = Math.max(AHEAD_SECONDS, AHEAD_REAL_SECONDS * speed);
        return Duration.ofMillis((long) (1000 * Math.min(MOST_AHEAD_SECONDS, seconds)));
    }

    /** All that happens until then has been played. */
    void played(Instant until) {
        double speed = control.knownPace().speed();
        if (speed <= 1) {
            release();
            return;
        }
        Duration ahead = ahead(speed);
        Instant next = under.stream()
                .filter(Work::counts)
                .map(work -> work.began)
                .min(Comparator.naturalOrder())
                .filter(until::isAfter)
                .orElse(until)
                .plus(ahead);
        if (control.knownPace().untilMillis() == null
                || bound == null
                || Duration.between(bound, next).compareTo(ahead.dividedBy(4)) > 0) {
            bound = next;
            control.bound(next);
        }
    }

    /** Lets time run free. */
    void release() {
        if (bound != null || control.knownPace().untilMillis() != null) {
            bound = null;
            try {
                control.bound(null);
            } catch (Failure emulatorHasEnded) {
                Objects.requireNonNull(emulatorHasEnded);
            }
        }
    }
}
