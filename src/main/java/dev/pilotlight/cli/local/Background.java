package dev.pilotlight.cli.local;

import dev.pilotlight.cli.Children;
import dev.pilotlight.cli.Project;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Processes that outlive the command that started them. */
final class Background {

    /** Clocks are read to the tick, and corrected. */
    private static final long SAME_START_MILLIS = 2_000;

    private Background() {}

    /**
     * Starts a command in a session of its own: neither Ctrl-C nor the end of the terminal reaches it.
     *
     * @param command its program by an absolute path
     * @param log gets all of its output, and nothing of an earlier one's
     * @param environment variables to add; a person's own AWS set-up and proxies are taken away
     */
    static Process start(Project project, List<String> command, Path log, Map<String, String> environment)
            throws IOException {
        List<String> inSession = new ArrayList<>(List.of(
                project.python().toString(), "-c", "import os, sys; os.setsid(); os.execv(sys.argv[1], sys.argv[1:])"));
        inSession.addAll(command);
        Files.deleteIfExists(log);
        ProcessBuilder builder = new ProcessBuilder(inSession)
                .directory(project.home().toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment()
                .keySet()
                .removeIf(name ->
                        name.startsWith("AWS_") || name.toUpperCase(Locale.ROOT).endsWith("_PROXY"));
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** A process that was started then: not a stranger's that was given the same id later. */
    static Optional<ProcessHandle> process(long pid, long startedAt) {
        return ProcessHandle.of(pid)
                .filter(Children::isRunning)
                .filter(process -> process.info()
                        .startInstant()
                        .map(start -> Math.abs(start.toEpochMilli() - startedAt) <= SAME_START_MILLIS)
                        .orElse(false));
    }
}
