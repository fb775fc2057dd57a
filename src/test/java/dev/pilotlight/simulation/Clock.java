package dev.pilotlight.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/** Virtual time, and the journal of what happened. Times are milliseconds from the beginning. */
final class Clock {

    static final Instant BEGINNING = Instant.parse("2026-11-24T03:00:00Z");
    static final long BEGINNING_MILLIS = BEGINNING.toEpochMilli();

    private record Event(long at, long order, Runnable what) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
    private final List<String> journal = new ArrayList<>();
    private final boolean recording;
    private long order;
    private long now;
    private boolean interrupted;
    private long healedAt = Plan.NEVER;

    /** @param recording whether to keep a journal: it costs more than all the rest */
    Clock(boolean recording) {
        this.recording = recording;
    }

    static Instant instant(long millis) {
        return BEGINNING.plusMillis(millis);
    }

    static long millis(Instant instant) {
        return Duration.between(BEGINNING, instant).toMillis();
    }

    long now() {
        return now;
    }

    void at(long time, Runnable what) {
        events.add(new Event(time, order++, what));
    }

    void every(long interval, long first, Runnable what) {
        at(first, () -> {
            what.run();
            every(interval, now + interval, what);
        });
    }

    /** Lets everything happen that happens before a time, or until something begins that may do more before it. */
    void advanceTo(long time) {
        interrupted = false;
        while (!interrupted && !events.isEmpty() && events.peek().at() <= time) {
            Event event = events.poll();
            now = Math.max(now, event.at());
            event.what().run();
        }
        now = interrupted ? now : Math.max(now, time);
    }

    /** Something began. */
    void interrupt() {
        interrupted = true;
    }

    /** From now on nothing new goes wrong; what is lost stays lost. */
    void heal() {
        healedAt = now;
        log("the standby's region works again; nothing new goes wrong");
    }

    boolean healed() {
        return healedAt <= now;
    }

    /** Whether something that can be repaired is so now. */
    boolean is(Plan.Span span) {
        return was(span, now);
    }

    /** Whether it was so at a time that has come. */
    boolean was(Plan.Span span, long time) {
        return span.holds(time) && time < healedAt;
    }

    /** Whether it has been so at any time from then until now. */
    boolean within(Plan.Span span, long since) {
        return span.from() <= now && Math.min(span.to(), healedAt) > since;
    }

    /** Whether it has been so within the last two minutes. */
    boolean recently(Plan.Span span) {
        return span.from() <= now && span.to() > now - 2 * Plan.MINUTE;
    }

    boolean recording() {
        return recording;
    }

    @SuppressWarnings("AnnotateFormatMethod") // The annotation is on no class path of ours.
    void log(String format, Object... values) {
        if (recording) {
            journal.add("%8.1f s  %s".formatted(now / 1000.0, values.length == 0 ? format : format.formatted(values)));
        }
    }

    List<String> journal() {
        return journal;
    }
}
