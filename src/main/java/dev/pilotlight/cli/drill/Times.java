package dev.pilotlight.cli.drill;

import java.time.Duration;
import java.util.Locale;

/** Times as people read them. */
final class Times {

    private Times() {}

    /** Against an origin, such as {@code +12:05} or {@code −0:30}, minutes and seconds. */
    static String against(long originMillis, long millis) {
        long seconds = Math.round((millis - originMillis) / 1000.0);
        return (seconds < 0 ? "−" : "+") + clock(Math.abs(seconds));
    }

    /** Minutes and seconds, such as {@code 12:05}; with hours only where there are any. */
    static String clock(long seconds) {
        return seconds < 3600
                ? "%d:%02d".formatted(seconds / 60, seconds % 60)
                : "%d:%02d:%02d".formatted(seconds / 3600, seconds / 60 % 60, seconds % 60);
    }

    static String length(Duration duration) {
        return length(duration.toMillis() / 1000.0);
    }

    /** Such as {@code 15 min 30 s}, {@code 42 s} or, where it matters, {@code 0.4 s}. */
    static String length(double seconds) {
        if (seconds < 9.95) {
            return seconds == Math.rint(seconds)
                    ? "%.0f s".formatted(seconds)
                    : String.format(Locale.ROOT, "%.1f s", seconds);
        }
        long whole = Math.round(seconds);
        if (whole < 60) {
            return whole + " s";
        }
        String minutes = whole / 60 + " min";
        return whole % 60 == 0 ? minutes : minutes + " " + whole % 60 + " s";
    }
}
