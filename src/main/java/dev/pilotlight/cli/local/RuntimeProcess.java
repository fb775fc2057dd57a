package dev.pilotlight.cli.local;

import dev.pilotlight.cli.Children;
import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Project;
import dev.pilotlight.config.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The local runtime of this clone in the background: one per emulator, which it ends with. */
final class RuntimeProcess {

    private final Project project;
    private final StateFolder state;

    RuntimeProcess(Project project, StateFolder state) {
        this.project = project;
        this.state = state;
    }

    /** Starts it, unless one is running that would be no different. */
    void ensure(EmulatorRecord emulator, Configuration configuration, Optional<Path> configurations) {
        String environment = String.join(
                " ",
                configurations.map(Path::toString).orElse(""),
                configuration.environment(),
                configuration.dns().hostedZoneId(),
                configuration.dns().recordName(),
                configuration.primary().region(),
                configuration.dr().region());
        String build = build();
        boolean same = state.runtime()
                .filter(last -> last.emulator() == emulator.pid()
                        && last.environment().equals(environment)
                        && last.build().equals(build)
                        && Background.process(last.pid(), last.startedAt()).isPresent())
                .isPresent();
        if (!same) {
            stop();
            start(emulator, configurations, environment, build);
        }
    }

    private void start(EmulatorRecord emulator, Optional<Path> configurations, String environment, String build) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "-Dpilotlight.home=" + project.home(),
                "-cp",
                System.getProperty("java.class.path"),
                "dev.pilotlight.cli.Pilot",
                "local",
                "runtime",
                "--state",
                state.folder().toString()));
        configurations.ifPresent(folder -> command.addAll(List.of("--config", folder.toString())));
        try {
            Process process = Background.start(project, command, state.runtimeLog(), Map.of());
            state.runtime(new RuntimeRecord(
                    process.pid(),
                    process.info().startInstant().orElseGet(Instant::now).toEpochMilli(),
                    emulator.pid(),
                    environment,
                    build));
        } catch (IOException e) {
            throw new Failure("The local runtime cannot be started (%s): run this again.".formatted(e.getMessage()));
        }
    }

    /** Whether the one that was started last is alive. */
    boolean isRunning() {
        return state.runtime()
                .flatMap(last -> Background.process(last.pid(), last.startedAt()))
                .isPresent();
    }

    void stop() {
        state.runtime()
                .flatMap(last -> Background.process(last.pid(), last.startedAt()))
                .ifPresent(Children::end);
        state.forgetRuntime();
    }

    /** What the build notes of the sources that it was made from; see tools/build. */
    private String build() {
        try {
            byte[] sources = Files.readAllBytes(project.home().resolve("target/built-from"));
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(sources));
        } catch (IOException inTheMiddleOfABuild) {
            return "";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
