package dev.pilotlight.cli;

import java.io.PrintStream;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * One line per step. On a terminal the line of the step at work is live, with the time that it has taken so far;
 * elsewhere each step leaves one line when it is done.
 */
public final class Progress implements AutoCloseable {

    private static final String CLEAR_LINE = "\r\u001b[2K";
    private static final Duration TICK = Duration.ofMillis(200);

    private final PrintStream out;
    private final boolean live;
    private final LongSupplier millis;
    private final String format;
    private final int width;
    private String step = "";
    private Supplier<String> doing = () -> "";
    private long since;

    public Progress(PrintStream out, boolean live) {
        this(out, live, () -> System.nanoTime() / 1_000_000, 18);
    }

    /**
     * Of something whose time is not ours.
     *
     * @param millis its time
     * @param nameWidth characters that steps' names are given
     */
    public Progress(PrintStream out, boolean live, LongSupplier millis, int nameWidth) {
        this.out = out;
        this.live = live;
        this.millis = millis;
        this.format = "%-" + nameWidth + "s %s";
        this.width = Terminal.width() - 1;
        if (live) {
            Thread ticker = new Thread(this::tick, "progress");
            ticker.setDaemon(true);
            ticker.start();
        }
    }

    /** To standard output, live if it is a terminal; {@code ./pilot} knows. */
    public static Progress toTerminal() {
        return new Progress(System.out, Terminal.isLive());
    }

    /** Begins a step, such as "PrimaryStack". */
    public synchronized void begin(String name, String now) {
        begin(name, millis.getAsLong(), () -> now);
    }

    /** Begins a step that has been at work since then. */
    public synchronized void begin(String name, long sinceMillis, Supplier<String> now) {
        step = name;
        doing = now;
        since = sinceMillis;
        redraw();
    }

    /** What the step at work is doing now. */
    public synchronized void now(String what) {
        doing = () -> what;
        redraw();
    }

    /** The step at work is not worth a line. */
    public synchronized void forget() {
        step = "";
        if (live) {
            out.print(CLEAR_LINE);
            out.flush();
        }
    }

    /** Ends the step at work. */
    public synchronized void done(String result) {
        done(result, millis.getAsLong());
    }

    /** Ends the step at work, which was done then. */
    public synchronized void done(String result, long atMillis) {
        String line = (format + " (%.1f s)").formatted(step, result, (atMillis - since) / 1e3);
        step = "";
        print(line);
    }

    /** Ends the step at work with a line of the caller's own. */
    public synchronized void end(String line) {
        step = "";
        print(line);
    }

    /** A line of its own. */
    public synchronized void print(String line) {
        out.println(live ? CLEAR_LINE + line : line);
        out.flush();
        redraw();
    }

    /** A step that is still at work has failed. */
    @Override
    public synchronized void close() {
        if (!step.isEmpty()) {
            done(Children.areEnding() ? "interrupted" : "failed");
        }
    }

    private double seconds() {
        return (millis.getAsLong() - since) / 1e3;
    }

    private synchronized void redraw() {
        if (live && !step.isEmpty()) {
            String seconds = " … %.0f s".formatted(Math.max(0, seconds()));
            String line = format.formatted(step, doing.get());
            // The time is what shows that it lives.
            int room = width - seconds.length();
            out.print(CLEAR_LINE + (line.length() > room ? line.substring(0, room) : line) + seconds);
            out.flush();
        }
    }

    private void tick() {
        try {
            while (true) {
                Thread.sleep(TICK.toMillis());
                redraw();
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }
}
