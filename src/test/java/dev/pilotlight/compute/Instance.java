package dev.pilotlight.compute;

import dev.pilotlight.testing.FreePorts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.zeroturnaround.exec.InvalidExitValueException;
import org.zeroturnaround.exec.ProcessExecutor;

/** An instance of the primary region: its folders, its systemd (a fake), its workload and the agent, as a real process. */
final class Instance implements AutoCloseable {

    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    static final String PYTHON = python();

    private final Path folder;
    private final Path program;
    private final int port = FreePorts.take();
    private final Map<String, String> environment = new TreeMap<>();
    private final List<String> log = new CopyOnWriteArrayList<>();
    private Process agent;
    private Thread reader;

    /** @param program the agent's text: the true one or a mutation */
    Instance(Path folder, String workload, String program) {
        try {
            this.folder = Files.createDirectory(folder.resolve(workload));
            this.program = Files.writeString(this.folder.resolve("agent.py"), program);
            for (String each : List.of("run", "state", "systemd")) {
                Files.createDirectory(this.folder.resolve(each));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        environment.putAll(Map.of(
                "PATH",
                System.getenv("PATH"),
                "PYTHON",
                PYTHON,
                "PILOTLIGHT_WORKLOAD",
                workload,
                "PILOTLIGHT_REGION",
                "primary",
                "PILOTLIGHT_DATABASE_TERM",
                "0",
                "PILOTLIGHT_INTERVAL",
                "0.05",
                "PORT",
                String.valueOf(port)));
        environment.putAll(Map.of(
                "RUNTIME_DIRECTORY", this.folder.resolve("run").toString(),
                "STATE_DIRECTORY", this.folder.resolve("state").toString(),
                "FAKE_SYSTEMD", this.folder.resolve("systemd").toString(),
                "PILOTLIGHT_SYSTEMCTL", resource("systemctl"),
                "WORKLOAD", resource("workload.py")));
    }

    /** The oldest Python here that Amazon Linux 2023 could have. */
    private static String python() {
        List<String> reasons = new ArrayList<>();
        for (String candidate : List.of("python3.9", "python3")) {
            try {
                // The interpreter itself, not what a version manager puts before it.
                return new ProcessExecutor(candidate, "-c", "import ssl, sys; print(sys.executable)")
                        .readOutput(true)
                        .exitValueNormal()
                        .execute()
                        .outputUTF8()
                        .strip();
            } catch (IOException | InterruptedException | TimeoutException | InvalidExitValueException e) {
                reasons.add(candidate + ": " + e.getMessage());
            }
        }
        throw new IllegalStateException("there is no Python: " + reasons);
    }

    private static String resource(String name) {
        return Path.of("src/test/resources/agent", name).toAbsolutePath().toString();
    }

    Instance with(Map<String, String> variables) {
        environment.putAll(variables);
        return this;
    }

    Instance with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    Instance file(String name, String text) {
        try {
            Files.writeString(folder.resolve(name), text);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean has(String name) {
        return Files.exists(folder.resolve(name));
    }

    Instance start() {
        try {
            ProcessBuilder builder = new ProcessBuilder(PYTHON, program.toString()).redirectErrorStream(true);
            builder.environment().clear();
            builder.environment().putAll(environment);
            agent = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        BufferedReader output = agent.inputReader(StandardCharsets.UTF_8);
        reader = new Thread(() -> {
            try (output) {
                output.lines().forEach(log::add);
            } catch (IOException | UncheckedIOException e) {
                // Killed in the middle of a line.
            }
        });
        reader.setDaemon(true);
        reader.start();
        return this;
    }

    /** As systemd does when it restarts the agent. */
    Instance restartAgent() {
        kill();
        log.clear();
        return start();
    }

    /** What is in memory is gone, what is on disk stays. */
    Instance reboot() {
        kill();
        systemctl("stop", "workload.service");
        delete(folder.resolve("run/workload-may-run"));
        log.clear();
        return start();
    }

    /** The workload runs on. */
    void kill() {
        agent.destroyForcibly();
        agent.onExit().join();
        try {
            // Else its last lines would be taken for those of the next.
            reader.join(Await.LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As a person or systemd would. */
    void systemctl(String... arguments) {
        try {
            ProcessBuilder builder = new ProcessBuilder(
                    Stream.concat(Stream.of(environment.get("PILOTLIGHT_SYSTEMCTL")), Stream.of(arguments))
                            .toList());
            builder.environment().putAll(environment);
            builder.start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    boolean agentLives() {
        return agent.isAlive();
    }

    List<String> log() {
        return List.copyOf(log);
    }

    List<String> systemdCalls() {
        try {
            Path calls = folder.resolve("systemd/calls");
            return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Until the agent has stopped the workload, as it does in every round, this often more: at least one round is whole. */
    Instance awaitMoreStops(int rounds) {
        long before = stops();
        Await.until("the workload is stopped again", () -> stops() > before + rounds);
        return this;
    }

    private long stops() {
        return systemdCalls().stream()
                .filter("is-active workload.service"::equals)
                .count();
    }

    Instance awaitLog(String part) {
        Await.until(() -> part + " in " + log, () -> log.stream().anyMatch(line -> line.contains(part)));
        return this;
    }

    /** Who answers on the workload's port: "workload", "stand-in" or "nobody". */
    String answers() {
        return get("/orders")
                .map(answer -> answer.body().contains("does not serve now") && answer.statusCode() == 503)
                .map(standIn -> standIn ? "stand-in" : "workload")
                .orElse("nobody");
    }

    int health() {
        return get("/health").map(HttpResponse::statusCode).orElse(0);
    }

    private Optional<HttpResponse<String>> get(String path) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                    // A workload that is killed while it accepts may leave the question unanswered.
                    .timeout(Duration.ofSeconds(10))
                    .build();
            return Optional.of(HTTP.send(request, HttpResponse.BodyHandlers.ofString()));
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    Instance awaitAnswers(String who) {
        Await.until(
                () -> who + " answers; it is " + answers() + ", log: " + log,
                () -> answers().equals(who));
        return this;
    }

    @Override
    public void close() {
        delete(folder.resolve("systemd/stubborn"));
        // Nothing is started any more, not by a call that is on its way either.
        file("systemd/over", "");
        if (agent != null) {
            kill();
        }
        systemctl("stop", "workload.service");
    }
}
