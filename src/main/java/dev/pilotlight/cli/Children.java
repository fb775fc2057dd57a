package dev.pilotlight.cli;

import java.io.IOException;
import java.io.OutputStream;
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

    private static final Duration GRACE = Duration.ofSeconds(3);
    private static final Set<ProcessHandle> RUNNING = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> RUNNING.forEach(Children::end), "end children"));
    }

    private Children() {}

    /**
     * Runs a command to its end.
     *
     * @param environment variables to set, or, where the value is null, to unset
     * @param line called with each line of its output and errors
     * @return its exit code
     * @throws Failure if it takes longer than {@code limit}
     */
    public static int run(
            Path folder, List<String> command, Map<String, String> environment, Duration limit, Consumer<String> line) {
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
                    }

                    @Override
                    public void afterStop(Process process) {
                        RUNNING.remove(process.toHandle());
                    }
                });
        try {
            return executor.execute().getExitValue();
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

    /** Ends a process and all that it started: politely, then not. */
    public static void end(ProcessHandle process) {
        List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
        family.add(process);
        family.forEach(ProcessHandle::destroy);
        long deadline = System.nanoTime() + GRACE.toNanos();
        for (ProcessHandle member : family) {
            try {
                member.onExit().get(Math.max(1, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
            } catch (TimeoutException | java.util.concurrent.ExecutionException stubborn) {
                member.destroyForcibly();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                member.destroyForcibly();
            }
        }
    }
}
