package dev.pilotlight.cli.local;

import dev.pilotlight.cli.Children;
import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Project;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/** The ordinary CDK CLI of package.json, whose AWS is the emulator. */
final class CdkCli {

    private static final Duration LIMIT = Duration.ofMinutes(30);

    private final Project project;
    private final EmulatorRecord emulator;
    private final Path log;
    private final Path home;

    /**
     * A CLI for one run.
     *
     * @param log gets all of its output
     * @param home for its caches, in place of a person's own
     */
    CdkCli(Project project, EmulatorRecord emulator, Path log, Path home) {
        this.home = home;
        this.project = project;
        this.emulator = emulator;
        this.log = log;
    }

    /**
     * Runs {@code cdk} with these arguments; its output goes to the log and, line by line, to {@code watcher}.
     *
     * @param folder whose cdk.json it reads, if there is one
     * @return its exit code
     */
    int run(Path folder, List<String> arguments, Consumer<String> watcher) {
        List<String> command = new ArrayList<>();
        command.add(project.nodeTools().resolve("cdk").toString());
        command.addAll(arguments);
        // They come from the internet, and are about AWS.
        command.add("--no-notices");
        try (PrintWriter copy =
                new PrintWriter(Files.newBufferedWriter(log, StandardOpenOption.CREATE, StandardOpenOption.APPEND))) {
            copy.println("$ cdk " + String.join(" ", arguments));
            ProcessHandle companion = Emulator.process(emulator)
                    .orElseThrow(() -> new Failure("The emulator has ended: run this again."));
            return Children.run(folder, command, environment(), companion, LIMIT, line -> {
                String plain = line.replaceAll("\u001b\\[[0-9;]*m", "").stripTrailing();
                copy.println(plain);
                copy.flush();
                watcher.accept(plain);
            });
        } catch (IOException e) {
            throw new Failure("%s cannot be written: %s".formatted(log, e.getMessage()));
        }
    }

    void clearLog() {
        try {
            Files.deleteIfExists(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Nothing of a person's own AWS set-up must be seen, or touched. */
    private Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>();
        for (String name : System.getenv().keySet()) {
            if (name.startsWith("AWS_")
                    || name.startsWith("CDK_")
                    || name.endsWith("CA_BUNDLE")
                    || name.toUpperCase(Locale.ROOT).endsWith("_PROXY")) {
                environment.put(name, null);
            }
        }
        environment.put("PATH", project.nodeTools() + ":" + System.getenv("PATH"));
        environment.put("AWS_ENDPOINT_URL", emulator.endpoint());
        // The CLI takes a template's bucket from the host name, which an IP address has no room for.
        environment.put("AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION", "http://localhost:" + emulator.port());
        // The CLI remembers, by key, which account a key belongs to.
        environment.put("CDK_HOME", home.toString());
        environment.put("AWS_ACCESS_KEY_ID", "emulated" + emulator.settings().account());
        environment.put("AWS_SECRET_ACCESS_KEY", "emulated");
        environment.put("AWS_CONFIG_FILE", "/dev/null");
        environment.put("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        environment.put("AWS_EC2_METADATA_DISABLED", "true");
        environment.put("CDK_DISABLE_CLI_TELEMETRY", "true");
        environment.put("NO_COLOR", "1");
        return environment;
    }
}
