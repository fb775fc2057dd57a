package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.Progress;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A failover as it goes: a line per step, the one at work live with what it waits for and the time since the start
 * against the objective. Loops of waiting and looking again are one step.
 */
final class Timeline implements Consumer<StepEvent>, AutoCloseable {

    private static final int NAME = 26;

    private final Progress progress;
    private final InstantSource clock;
    private final Instant started;
    private final Duration objective;
    private final Set<String> told = new HashSet<>();
    private Phase phase;
    private volatile String doing = "";
    private boolean blind;
    private Instant latest;

    Timeline(PrintStream out, boolean live, InstantSource clock, Instant started, Duration objective) {
        this.progress = new Progress(out, live, clock::millis, NAME);
        this.clock = clock;
        this.started = started;
        this.objective = objective;
        this.latest = started;
    }

    @Override
    public void accept(StepEvent event) {
        switch (event.kind()) {
            case ENTERED -> entered(event);
            case CALL_FAILED -> once(event.state() + ": " + event.says());
            case CANNOT_SEE -> {
                if (!blind) {
                    progress.print("      " + event.says() + ".");
                }
                blind = true;
            }
        }
    }

    private void once(String trouble) {
        if (told.add(trouble)) {
            progress.print("      " + trouble);
        }
    }

    private void entered(StepEvent event) {
        blind = false;
        latest = event.at();
        doing = "%s: %s".formatted(event.state(), event.says());
        // Back to an earlier step is a loop of waiting: the later one goes on.
        if (phase != null && event.phase().compareTo(phase) <= 0) {
            return;
        }
        finish(event.phase() == Phase.GIVE_UP ? "did not succeed" : null, event.at());
        phase = event.phase();
        progress.begin(
                "%6s  %s".formatted(Ago.clock(Duration.between(started, event.at())), phase.title()),
                event.at().toEpochMilli(),
                () -> "%s of %s  %s"
                        .formatted(Ago.clock(Duration.between(started, clock.instant())), Ago.clock(objective), doing));
    }

    private void finish(String result, Instant at) {
        if (phase != null) {
            progress.done(result == null ? phase.result() : result, at.toEpochMilli());
        }
    }

    /** The last step's end. */
    void ended(Outcome outcome) {
        boolean refused = !outcome.succeeded() && phase != Phase.REPORT;
        finish(refused ? "did not succeed" : null, outcome.stopped().isBefore(latest) ? latest : outcome.stopped());
        phase = null;
    }

    /** Watching ends before the failover does. */
    @Override
    public void close() {
        progress.forget();
    }
}
