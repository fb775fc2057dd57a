package dev.pilotlight.cli.drill;

import dev.pilotlight.cli.Progress;
import dev.pilotlight.cli.drill.DrillRecord.Check;
import dev.pilotlight.cli.drill.DrillRecord.Clock;
import dev.pilotlight.cli.drill.DrillRecord.Moment;
import dev.pilotlight.cli.drill.DrillRecord.Movement;
import dev.pilotlight.cli.drill.DrillRecord.Outcome;
import dev.pilotlight.cli.drill.DrillRecord.Phase;
import dev.pilotlight.cli.drill.DrillRecord.Span;
import dev.pilotlight.cli.drill.DrillRecord.State;
import dev.pilotlight.cli.drill.DrillRecord.Step;
import dev.pilotlight.cli.drill.DrillRecord.Track;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * Notes what happens in a drill, and says it on the terminal. Whatever happened so far can be had at any moment, from any
 * thread: a drill that is stopped leaves its report as well.
 */
final class Recorder {

    private final Progress progress;
    private final List<OpenPhase> phases = new ArrayList<>();
    private final Map<String, OpenTrack> tracks = new LinkedHashMap<>();
    private final List<Moment> moments = new ArrayList<>();
    private final List<Movement> movements = new ArrayList<>();
    private InstantSource clock;
    private Instant began;
    private OpenPhase current;
    private Instant last;
    private Instant lost;

    /** @param clock virtual time, as far as it is known: before there is an emulator it is the real one */
    Recorder(Progress progress, InstantSource clock) {
        this.progress = progress;
        this.clock = clock;
        this.began = clock.instant();
        this.last = began;
    }

    private static final class OpenPhase {
        private final DrillPhase plan;
        private final List<Step> steps = new ArrayList<>();
        private final List<Check> checks = new ArrayList<>();
        private Outcome outcome = Outcome.NOT_REACHED;
        private long start;
        private long end;
        private long realStart;
        private long realEnd;
        private String why;
        private OpenStep step;

        OpenPhase(DrillPhase plan) {
            this.plan = plan;
        }
    }

    private record OpenStep(String title, Clock clock, long start, long realStart) {}

    private static final class OpenTrack {
        private final String title;
        private final List<Span> spans = new ArrayList<>();
        private long since;
        private State state;
        private String label;

        OpenTrack(String title) {
            this.title = title;
        }
    }

    /** The emulator's clock takes over from the real one, which it was equal to. */
    synchronized void follow(InstantSource virtual) {
        clock = virtual;
    }

    synchronized void announce(List<DrillPhase> plans) {
        plans.forEach(plan -> phases.add(new OpenPhase(plan)));
    }

    /** Never goes back, though two clocks on one machine may differ by a moment. */
    synchronized Instant now() {
        Instant now = clock.instant();
        last = now.isAfter(last) ? now : last;
        return last;
    }

    private long millis() {
        return millis(now());
    }

    synchronized long millis(Instant at) {
        return at.toEpochMilli() - began.toEpochMilli();
    }

    synchronized Instant began() {
        return began;
    }

    synchronized void begin(DrillPhase plan) {
        current = phases.stream()
                .filter(phase -> phase.plan.equals(plan))
                .findFirst()
                .orElseThrow();
        current.start = millis();
        current.realStart = System.nanoTime();
        current.outcome = Outcome.INTERRUPTED;
        progress.print("%n%s".formatted(plan.title()));
    }

    /** @param why it failed; empty if it did not */
    synchronized void end(Outcome outcome, Optional<String> why) {
        closeStep(outcome, "");
        current.end = millis();
        current.realEnd = System.nanoTime();
        current.outcome = outcome;
        current.why = why.orElse(null);
        why.ifPresent(reason -> progress.print("  failed: " + reason));
    }

    /**
     * Does something, and notes how long that took.
     *
     * @param work returns what there is to say of it
     */
    String step(String title, Clock kind, Callable<String> work) throws Exception {
        begin(title, kind);
        boolean done = false;
        try {
            String detail = work.call();
            done(detail);
            done = true;
            return detail;
        } finally {
            if (!done) {
                fail();
            }
        }
    }

    private synchronized void fail() {
        closeStep(Outcome.FAILED, "");
    }

    private synchronized void begin(String title, Clock kind) {
        current.step = new OpenStep(title, kind, millis(), System.nanoTime());
        progress.begin("  " + title, "");
    }

    private synchronized void done(String detail) {
        closeStep(Outcome.DONE, detail);
    }

    private void closeStep(Outcome outcome, String detail) {
        if (current == null || current.step == null) {
            return;
        }
        OpenStep open = current.step;
        current.step = null;
        Step step = new Step(
                open.title(), detail, outcome, open.clock(), open.start(), millis(), realMillisSince(open.realStart()));
        current.steps.add(step);
        progress.end(line(step));
    }

    /** A step that somebody else timed, such as one of the runbook's. */
    synchronized void step(String title, String detail, Instant start, Instant end) {
        Step step = new Step(title, detail, Outcome.DONE, Clock.SPED_UP, millis(start), millis(end), 0);
        current.steps.add(step);
        progress.print("  %s   %s (%s virtual)"
                .formatted(
                        Times.against(origin(), step.endMillis()),
                        title,
                        Times.length((step.endMillis() - step.startMillis()) / 1000.0)));
    }

    private String line(Step step) {
        String real = Times.length(step.realMillis() / 1000.0);
        String took = step.clock() == Clock.REAL_TIME
                ? real + " real"
                : "%s virtual, %s real".formatted(Times.length((step.endMillis() - step.startMillis()) / 1000.0), real);
        String said = step.detail().isEmpty() ? "" : ": " + step.detail();
        return "  %s %s%s%s (%s)"
                .formatted(
                        Times.against(origin(), step.endMillis()),
                        step.title(),
                        said,
                        step.outcome() == Outcome.DONE
                                ? ""
                                : ": " + step.outcome().name().toLowerCase(java.util.Locale.ROOT),
                        took);
    }

    private long origin() {
        return lost == null ? 0 : millis(lost);
    }

    /** What the step at work is doing. */
    void saying(String what) {
        progress.now(what);
    }

    /** A check that does not hold fails its phase when that is over: what else is wrong is worth knowing. */
    synchronized void check(String rule, boolean holds, String observed) {
        current.checks.add(new Check(rule, holds, observed));
        progress.print("  %s %s%s".formatted(holds ? "✓" : "✗", rule, observed.isEmpty() ? "" : ": " + observed));
    }

    synchronized List<Check> checksOf(DrillPhase plan) {
        return phases.stream()
                .filter(phase -> phase.plan.equals(plan))
                .findFirst()
                .map(phase -> List.copyOf(phase.checks))
                .orElseThrow();
    }

    /** An instant that the picture marks. */
    synchronized void moment(String id, String label, Instant at) {
        moments.add(new Moment(millis(at), id, label));
    }

    /** The region is lost: times are told from here on. */
    synchronized void lost(Instant at, String label) {
        lost = at;
        moment("lost", label, at);
    }

    synchronized void movement(Movement movement) {
        movements.add(movement);
    }

    /** Something is in this state from now on. Called again with the same, it changes nothing. */
    synchronized void track(String id, String title, Instant at, State state, String label) {
        OpenTrack track = tracks.computeIfAbsent(id, ignored -> new OpenTrack(title));
        long since = Math.max(0, millis(at));
        if (state == track.state && label.equals(track.label)) {
            return;
        }
        close(track, since);
        track.since = since;
        track.state = state;
        track.label = label;
    }

    /** Something that is over, such as a step of the runbook. */
    synchronized void span(String id, String title, Instant from, Instant to, State state, String label) {
        OpenTrack track = tracks.computeIfAbsent(id, ignored -> new OpenTrack(title));
        track.spans.add(new Span(Math.max(0, millis(from)), millis(to), state, label));
    }

    private static void close(OpenTrack track, long at) {
        if (track.state != null && at > track.since) {
            track.spans.add(new Span(track.since, at, track.state, track.label));
        }
    }

    synchronized Long lostAtMillis() {
        return lost == null ? null : millis(lost);
    }

    synchronized List<Movement> movements() {
        return List.copyOf(movements);
    }

    synchronized List<Moment> moments() {
        return moments.stream().sorted(Comparator.comparing(Moment::atMillis)).toList();
    }

    synchronized List<Track> tracks() {
        List<Track> closed = new ArrayList<>();
        long now = millis();
        tracks.forEach((id, track) -> {
            List<Span> spans = new ArrayList<>(track.spans);
            if (track.state != null && now > track.since) {
                spans.add(new Span(track.since, now, track.state, track.label));
            }
            closed.add(new Track(id, track.title, List.copyOf(spans)));
        });
        return List.copyOf(closed);
    }

    synchronized List<Phase> phases() {
        List<Phase> closed = new ArrayList<>();
        for (OpenPhase phase : phases) {
            boolean open = phase == current && phase.realEnd == 0;
            List<Step> steps = new ArrayList<>(phase.steps);
            if (open && phase.step != null) {
                OpenStep step = phase.step;
                steps.add(new Step(
                        step.title(),
                        "",
                        Outcome.INTERRUPTED,
                        step.clock(),
                        step.start(),
                        millis(),
                        realMillisSince(step.realStart())));
            }
            closed.add(new Phase(
                    phase.plan.id(),
                    phase.plan.title(),
                    phase.outcome,
                    phase.plan.clock(),
                    phase.start,
                    open ? millis() : phase.end,
                    phase.outcome == Outcome.NOT_REACHED
                            ? 0
                            : open ? realMillisSince(phase.realStart) : (phase.realEnd - phase.realStart) / 1_000_000,
                    phase.why,
                    List.copyOf(steps),
                    List.copyOf(phase.checks)));
        }
        return List.copyOf(closed);
    }

    private static long realMillisSince(long nanos) {
        return (System.nanoTime() - nanos) / 1_000_000;
    }
}
