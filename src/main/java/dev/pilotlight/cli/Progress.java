package dev.pilotlight.cli;

import java.io.PrintStream;
import java.time.Duration;

/**
 * One line per step. On a terminal the line of the step at work is live, with the time that it has taken so far;
 * elsewhere each step leaves one line when it is done.
 */
public final class Progress implements AutoCloseable {

    private static final String CLEAR_LINE = "\r\u001b[2K";
    private static final int WIDTH = 100;
    private static final Duration TICK = Duration.ofMillis(200);

    private final PrintStream out;
    private final boolean live;
    private String step = "";
    private String doing = "";
    private long since;

    public Progress(PrintStream out, boolean live) {
        this.out = out;
        this.live = live;
        if (live) {
            Thread ticker = new Thread(this::tick, "progress");
            ticker.setDaemon(true);
            ticker.start();
        }
    }

    /** To standard output, live if it is a terminal; {@code ./pilot} knows. */
    public static Progress toTerminal() {
        return new Progress(System.out, Boolean.getBoolean("pilotlight.tty"));
    }

    /** Begins a step, such as "PrimaryStack". */
    public synchronized void begin(String name, String now) {
        step = name;
        doing = now;
        since = System.nanoTime();
        redraw();
    }

    /** What the step at work is doing now. */
    public synchronized void now(String what) {
        doing = what;
        redraw();
    }

    /** Ends the step at work. */
    public synchronized void done(String result) {
        String line = "%-18s %s (%.1f s)".formatted(step, result, seconds());
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
        return (System.nanoTime() - since) / 1e9;
    }

    private synchronized void redraw() {
        if (live && !step.isEmpty()) {
            String line = "%-18s %s … %.0f s".formatted(step, doing, seconds());
            out.print(CLEAR_LINE + (line.length() > WIDTH ? line.substring(0, WIDTH) : line));
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
