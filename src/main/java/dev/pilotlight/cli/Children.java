package dev.pilotlight.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.zeroturnaround.exec.ProcessExecutor;
import org.zeroturnaround.exec.listener.ProcessListener;
import org.zeroturnaround.exec.stream.LogOutputStream;

/** Child processes that end with us, however we end: with their own children, which neither Java nor Node ends. */
public final class Children {

    /** 128 and the number of SIGINT, as shells have it. */
    static final int INTERRUPTED = 130;

    private static final Duration GRACE = Duration.ofSeconds(3);
    private static final Set<ProcessHandle> RUNNING = ConcurrentHashMap.newKeySet();

    private static volatile String interruption =
            "Interrupted: run it again; what was half-made does not stand in its way.";
    private static volatile boolean finished;
    private static volatile boolean ending;

    private Children() {}

    /** From now on children end with this process. */
    static void endWithUs() {
        Runtime.getRuntime().addShutdownHook(new Thread(Children::endAll, "end children"));
    }

    /**
     * Runs a command to its end.
     *
     * @param environment variables to set, or, where the value is null, to unset
     * @param companion a process without which it is pointless: when that ends, it is ended too
     * @param line called with each line of its output and errors
     * @return its exit code
     * @throws Failure if it takes longer than {@code limit}
     */
    public static int run(
            Path folder,
            List<String> command,
            Map<String, String> environment,
            ProcessHandle companion,
            Duration limit,
            Consumer<String> line) {
        OutputStream lines = new LogOutputStream() {
            @Override
            protected void processLine(String text) {
                line.accept(text);
            }
        };
        ProcessExecutor executor = new ProcessExecutor(command)
                .directory(folder.toFile())
                .environment(environment)
                .redirectErrorStream(true)
                .redirectOutput(lines)
                .redirectInput(java.io.InputStream.nullInputStream())
                .timeout(limit.toSeconds(), TimeUnit.SECONDS)
                .addListener(new ProcessListener() {
                    @Override
                    public void afterStart(Process process, ProcessExecutor executor) {
                        RUNNING.add(process.toHandle());
                        var unused = companion.onExit().thenRun(() -> end(process.toHandle()));
                    }

                    @Override
                    public void afterStop(Process process) {
                        RUNNING.remove(process.toHandle());
                    }
                });
        try {
            int exitCode = executor.execute().getExitValue();
            if (exitCode == INTERRUPTED) {
                // Ctrl-C reaches the child and us at once, and the child may be quicker.
                interrupted();
                throw new Failure("Interrupted");
            }
            return exitCode;
        } catch (TimeoutException e) {
            RUNNING.forEach(Children::end);
            throw new Failure(
                    "%s did not end within %d s and was stopped".formatted(command.get(0), limit.toSeconds()));
        } catch (IOException e) {
            throw new Failure("%s cannot be run: %s".formatted(command.get(0), e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted");
        }
    }

    /** Whether this process is being ended from outside: what fails now fails for that reason. */
    public static boolean areEnding() {
        return ending;
    }

    /** What was asked for is done: the end of this process is no interruption. */
    public static void finish() {
        finished = true;
    }

    /** What the person is told who ends this process from here on. */
    public static void interruptionMeans(String sentence) {
        interruption = sentence;
    }

    private static synchronized void interrupted() {
        if (!ending) {
            ending = true;
            // A terminal shows ^C, after which a line may be unfinished.
            System.err.println((Terminal.isLive() ? System.lineSeparator() : "") + interruption);
        }
    }

    private static void endAll() {
        if (!finished) {
            interrupted();
        }
        RUNNING.forEach(Children::end);
    }

    /** Ends a process and all that it started: politely, then not. */
    public static void end(ProcessHandle process) {
        List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
        family.add(process);
        family.forEach(ProcessHandle::destroy);
        long deadline = System.nanoTime() + GRACE.toNanos();
        while (family.stream().anyMatch(Children::isRunning) && System.nanoTime() < deadline) {
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        family.stream().filter(Children::isRunning).forEach(ProcessHandle::destroyForcibly);
    }

    /** Not so if it has ended and only nobody took note, as where process 1 is slow to, or is no init at all. */
    public static boolean isRunning(ProcessHandle process) {
        if (!process.isAlive()) {
            return false;
        }
        try {
            // PID (NAME) STATE …
            String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
            return !stat.startsWith("Z", stat.lastIndexOf(')') + 2);
        } catch (IOException notLinux) {
            return process.isAlive();
        }
    }
}
