package dev.pilotlight.cli.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.cli.Children;
import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Progress;
import dev.pilotlight.cli.Project;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The AWS emulator of this clone: one process on loopback, which outlives the command that started it. */
final class Emulator {

    /** The port on which people expect an emulator of AWS. */
    static final int DEFAULT_PORT = 4566;

    /** The port of {@link #start} for any that is free. */
    static final int ANY_PORT = 0;

    /** It starts within seconds, but not on a machine that has other things to do. */
    private static final Duration START_LIMIT = Duration.ofMinutes(5);
    /** The same of an answer of ours; one that has ended refuses at once. */
    private static final Duration ANSWER_LIMIT = Duration.ofMinutes(1);
    /** Given back by the system, in a moment. */
    private static final Duration PORT_LIMIT = Duration.ofSeconds(30);
    /** A stranger may take a connection and say nothing. */
    private static final Duration STRANGERS_LIMIT = Duration.ofSeconds(2);

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Project project;
    private final StateFolder state;

    Emulator(Project project, StateFolder state) {
        this.project = project;
        this.state = state;
    }

    /** What became of the emulator that was started last. */
    enum Condition {
        /** None was started, or it was stopped. */
        ABSENT,
        /** It answers. */
        RUNNING,
        /** Its process exists and is surely ours, but does not answer. */
        HUNG,
        /** Its process has ended; its id may belong to a stranger by now. */
        DEAD
    }

    Condition condition() {
        return state.emulator().map(Emulator::conditionOf).orElse(Condition.ABSENT);
    }

    private static Condition conditionOf(EmulatorRecord emulator) {
        boolean alive = process(emulator).isPresent();
        OptionalLong answering = pidAnsweringAt(emulator.port(), alive ? ANSWER_LIMIT : STRANGERS_LIMIT);
        if (answering.isPresent() && answering.getAsLong() == emulator.pid()) {
            return Condition.RUNNING;
        }
        return alive ? Condition.HUNG : Condition.DEAD;
    }

    /** The emulator's process: not a stranger's that was given the same id later. */
    static Optional<ProcessHandle> process(EmulatorRecord emulator) {
        return Background.process(emulator.pid(), emulator.startedAt());
    }

    /** The process id that an emulator of ours gives at a port; empty if nothing or a stranger answers there. */
    private static OptionalLong pidAnsweringAt(int port, Duration limit) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/pilotlight/health")
                            .toURL()
                            .openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout((int) limit.toMillis());
            connection.setReadTimeout((int) limit.toMillis());
            try (InputStream body = connection.getInputStream()) {
                JsonNode answer = JSON.readTree(body);
                return answer.path("emulator").asText().equals("pilotlight")
                        ? OptionalLong.of(answer.path("pid").asLong())
                        : OptionalLong.empty();
            }
        } catch (IOException nothingOrStranger) {
            return OptionalLong.empty();
        }
    }

    /**
     * Starts the emulator and waits until it answers.
     *
     * @param wanted its port, or {@link #ANY_PORT}
     * @throws Failure if the port is taken or the process ends
     */
    EmulatorRecord start(EmulatorSettings settings, int wanted, Progress progress) {
        if (wanted != ANY_PORT) {
            refuseBusy(wanted);
        }
        state.forgetPort();
        Process process = launch(settings, wanted);
        // Written before anything else can go wrong, so that the next run finds the process.
        EmulatorRecord started = new EmulatorRecord(
                process.pid(),
                process.info().startInstant().orElseGet(Instant::now).toEpochMilli(),
                wanted,
                settings,
                false);
        state.emulator(started);
        progress.now("starting");
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (System.nanoTime() < deadline) {
            if (!process.isAlive()) {
                state.forgetEmulator();
                throw new Failure(
                        "The emulator ended while it started%s See %s.".formatted(lastWords(), state.emulatorLog()));
            }
            OptionalInt port = state.port();
            if (port.isPresent()) {
                started = started.port(port.getAsInt());
                state.emulator(started);
                OptionalLong answering = pidAnsweringAt(port.getAsInt(), ANSWER_LIMIT);
                if (answering.isPresent() && answering.getAsLong() == started.pid()) {
                    return started;
                }
            }
            pause();
        }
        Children.end(process.toHandle());
        state.forgetEmulator();
        throw new Failure("The emulator did not answer within %d s and was stopped: see %s."
                .formatted(START_LIMIT.toSeconds(), state.emulatorLog()));
    }

    /** Ends the emulator that was started last, if its process is surely ours. */
    void stop(EmulatorRecord emulator) {
        Optional<ProcessHandle> process = process(emulator);
        if (process.isEmpty() && conditionOf(emulator) == Condition.RUNNING) {
            process = ProcessHandle.of(emulator.pid());
        }
        process.ifPresent(ended -> {
            Children.end(ended);
            waitForPort(emulator.port());
        });
        state.forgetEmulator();
    }

    /** One that was just ended gives its port back when its last thread is gone, a moment after it counts as ended. */
    private static void waitForPort(int port) {
        long deadline = System.nanoTime() + PORT_LIMIT.toNanos();
        while (whyBusy(port).isPresent() && System.nanoTime() < deadline) {
            pause();
        }
    }

    private static Optional<IOException> whyBusy(int port) {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
            return Optional.empty();
        } catch (IOException busy) {
            return Optional.of(busy);
        }
    }

    static void refuseBusy(int port) {
        whyBusy(port).ifPresent(busy -> {
            OptionalLong other = pidAnsweringAt(port, STRANGERS_LIMIT);
            throw new Failure(
                    other.isPresent()
                            ? "Port %d is taken by an emulator that this clone did not start (process %d): end it with `kill %2$d`, or choose another port with --port."
                                    .formatted(port, other.getAsLong())
                            : "Port %d of 127.0.0.1 cannot be used (%s): end the program that uses it, or choose another port with --port."
                                    .formatted(port, busy.getMessage()));
        });
    }

    private Process launch(EmulatorSettings settings, int port) {
        List<String> command = List.of(
                project.python().toString(),
                "-m",
                "pilotlight_local",
                "--port",
                Integer.toString(port),
                "--port-file",
                state.portFile().toString(),
                "--hosted-zone",
                settings.hostedZone());
        try {
            return Background.start(
                    project,
                    command,
                    state.emulatorLog(),
                    Map.of(
                            "PYTHONPATH",
                            project.emulatorSources().toString(),
                            "PYTHONUNBUFFERED",
                            "1",
                            "MOTO_ACCOUNT_ID",
                            settings.account()));
        } catch (IOException e) {
            throw new Failure("The emulator cannot be started with %s (%s): delete %s and run this again."
                    .formatted(project.python(), e.getMessage(), project.home().resolve(".venv")));
        }
    }

    /** The last line of the emulator's log, as the end of a sentence. */
    String lastWords() {
        try {
            List<String> lines = Files.readAllLines(state.emulatorLog());
            return lines.stream()
                    .filter(line -> !line.isBlank())
                    .reduce((first, second) -> second)
                    .map(line -> ": " + line.strip())
                    .orElse(".");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted");
        }
    }
}
