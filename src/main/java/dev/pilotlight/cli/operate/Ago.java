package dev.pilotlight.cli.operate;

import java.time.Duration;
import java.time.Instant;

/** Durations as people say them. */
final class Ago {

    private Ago() {}

    static String of(Instant then, Instant now) {
        return of(Duration.between(then, now));
    }

    static String of(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        if (seconds < 120) {
            return seconds + " s";
        }
        if (seconds < 2 * 3600) {
            long rest = seconds % 60;
            return seconds / 60 + " min" + (rest == 0 || seconds >= 600 ? "" : " " + rest + " s");
        }
        if (seconds < 48 * 3600) {
            return seconds / 3600 + " h";
        }
        return seconds / 86400 + " days";
    }

    /** As a stopwatch shows it: 0:07, 12:31, 1:02:03. */
    static String clock(Duration duration) {
        long seconds = Math.max(0, duration.toSeconds());
        return seconds < 3600
                ? "%d:%02d".formatted(seconds / 60, seconds % 60)
                : "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
}
