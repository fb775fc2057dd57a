package dev.pilotlight.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Who is in front of us; {@code ./pilot} knows whether anybody is. */
public final class Terminal {

    private static final int USUAL_WIDTH = 100;
    private static final int LEAST_WIDTH = 60;
    private static final int MOST_WIDTH = 110;

    private final BufferedReader in;
    private final PrintStream out;
    private final boolean asks;

    /**
     * Another one than the process's own.
     *
     * @param asks whether somebody is there to answer
     */
    public Terminal(BufferedReader in, PrintStream out, boolean asks) {
        this.in = in;
        this.out = out;
        this.asks = asks;
    }

    public static Terminal ofThisProcess() {
        return new Terminal(
                new BufferedReader(new InputStreamReader(System.in, Charset.defaultCharset())),
                System.out,
                Boolean.getBoolean("pilotlight.asks"));
    }

    /** Whether a line that was printed can be replaced. */
    public static boolean isLive() {
        return Boolean.getBoolean("pilotlight.tty");
    }

    public boolean asks() {
        return asks;
    }

    public PrintStream out() {
        return out;
    }

    /** What is answered, without blanks around it; empty if there is no more input. */
    public String ask(String question) {
        out.print(question + " ");
        out.flush();
        try {
            String answer = in.readLine();
            return answer == null ? "" : answer.strip();
        } catch (IOException gone) {
            return "";
        }
    }

    /** Columns for a text that is read: what the terminal has, within reason. */
    public static int width() {
        int columns = isLive() ? columns() : USUAL_WIDTH;
        return Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, columns));
    }

    private static int columns() {
        try {
            Process stty = new ProcessBuilder("sh", "-c", "stty size < /dev/tty")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            String size = new String(stty.getInputStream().readAllBytes(), Charset.defaultCharset());
            if (stty.waitFor(1, TimeUnit.SECONDS) && stty.exitValue() == 0) {
                int columns = Integer.parseInt(size.strip().split(" ", 2)[1]);
                return columns > 0 ? columns : USUAL_WIDTH;
            }
        } catch (IOException | NumberFormatException | ArrayIndexOutOfBoundsException unknown) {
            return USUAL_WIDTH;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return USUAL_WIDTH;
    }

    /** A text in lines of at most so many characters, broken at blanks. */
    public static List<String> wrapped(String text, int width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (!line.isEmpty() && line.length() + 1 + word.length() > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }
}
