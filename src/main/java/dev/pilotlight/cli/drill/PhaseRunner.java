package dev.pilotlight.cli.drill;

import dev.pilotlight.cli.drill.DrillRecord.Check;
import dev.pilotlight.cli.drill.DrillRecord.Outcome;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

/** Runs phases one after the other, each within its limit, until one fails. */
final class PhaseRunner {

    private static final long GRACE_SECONDS = 5;

    private final Recorder recorder;

    PhaseRunner(Recorder recorder) {
        this.recorder = recorder;
    }

    /**
     * Runs them.
     *
     * @return which one failed and why; empty if none did
     */
    Optional<Failed> run(List<DrillPhase> phases) throws InterruptedException {
        recorder.announce(phases);
        ExecutorService worker = Executors.newSingleThreadExecutor(task -> {
            Thread thread = new Thread(task, "drill");
            thread.setDaemon(true);
            return thread;
        });
        try {
            for (DrillPhase phase : phases) {
                recorder.begin(phase);
                Optional<Failed> failed = run(phase, worker);
                recorder.end(failed.isPresent() ? Outcome.FAILED : Outcome.DONE, failed.map(Failed::why));
                if (failed.isPresent()) {
                    return failed;
                }
            }
            return Optional.empty();
        } finally {
            worker.shutdownNow();
            // What it had begun must not go on beside the clean-up.
            worker.awaitTermination(GRACE_SECONDS, TimeUnit.SECONDS);
        }
    }

    /**
     * @param why in a sentence
     * @param cause null if a check did not hold, or time ran out
     */
    record Failed(DrillPhase phase, String why, Throwable cause) {}

    private Optional<Failed> run(DrillPhase phase, ExecutorService worker) throws InterruptedException {
        Future<?> body = worker.submit(() -> {
            phase.body().run();
            return null;
        });
        try {
            body.get(phase.limit().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            body.cancel(true);
            return Optional.of(new Failed(
                    phase,
                    "it was not over within %s"
                            .formatted(Times.length(phase.limit().toMillis() / 1000.0)),
                    null));
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            return Optional.of(new Failed(
                    phase, cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage(), cause));
        }
        String broken = recorder.checksOf(phase).stream()
                .filter(check -> !check.passed())
                .map(Check::rule)
                .collect(Collectors.joining("; "));
        return broken.isEmpty()
                ? Optional.empty()
                : Optional.of(new Failed(phase, "this does not hold: " + broken, null));
    }
}
