package dev.pilotlight.cli.operate;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What an emergency would lose now, as the failover runbook reckons it (its state "Look at fence and replay"): what the
 * leader may have committed between the point up to which the replica has replayed and the leader's last sign of life,
 * rounded up by a minute and a half for how metrics are cut. A test holds the two together.
 *
 * @param heard when the newest heartbeat came; empty: none in twelve hours
 * @param replayedTo up to when the replica had replayed; empty: no lag was measured
 * @param leaderAlive whether a heartbeat is younger than three minutes, or the replica replays what is
 * @param loss empty: unknown
 */
public record ExpectedLoss(
        Optional<Instant> heard, Optional<Instant> replayedTo, boolean leaderAlive, Optional<Duration> loss) {

    private static final int NEWEST_HEARTBEATS = 3;
    private static final int NEWEST_LAGS = 15;
    private static final Duration LEAST = Duration.ofSeconds(60);
    private static final Duration CUT = Duration.ofSeconds(90);
    private static final Duration REPLAYING = Duration.ofMinutes(2);
    private static final Duration SILENT = Duration.ofMinutes(3);

    /** One datapoint of a minute. */
    public record Point(Instant at, double value) {}

    /**
     * Reckons.
     *
     * @param heartbeats newest first
     * @param lags of the replica, in seconds, newest first
     */
    public static ExpectedLoss of(Instant now, List<Point> heartbeats, List<Point> lags) {
        Optional<Instant> replayedTo = lags.stream()
                .filter(point -> point.value() >= 0)
                .limit(NEWEST_LAGS)
                .map(point -> point.at().minusMillis((long) (point.value() * 1000)))
                .max(Comparator.naturalOrder());
        Optional<Instant> heard = heartbeats.stream()
                .limit(NEWEST_HEARTBEATS)
                .filter(point -> point.value() > 0)
                .map(Point::at)
                .max(Comparator.naturalOrder());
        boolean replaying = heard.isPresent()
                && replayedTo.isPresent()
                && replayedTo.get().isAfter(heard.get().plus(REPLAYING));
        boolean gone = heard.isEmpty() || (now.isAfter(heard.get().plus(SILENT)) && !replaying);
        Optional<Duration> loss = heard.flatMap(last -> replayedTo.map(replayed -> {
            Instant lastSign = replaying ? now : last.plus(CUT);
            Duration lost = Duration.between(replayed, lastSign);
            Duration least = lost.compareTo(LEAST) < 0 ? LEAST : lost;
            return Duration.ofSeconds((least.toMillis() + 999) / 1000);
        }));
        return new ExpectedLoss(heard, replayedTo, !gone, loss);
    }

    /** Whether an emergency needs nobody who accepts a loss. */
    public boolean within(Duration objective) {
        return loss.isPresent() && loss.get().compareTo(objective) <= 0;
    }
}
