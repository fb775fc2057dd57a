package dev.pilotlight.cli.local;

import dev.pilotlight.cli.Children;
import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Project;
import dev.pilotlight.cli.local.runtime.LocalRuntime;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.config.Configurations;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./pilot local runtime}: what {@code ./pilot local} starts in the background, beside the emulator. */
@Command(
        name = "runtime",
        hidden = true,
        description = "Plays what happens in the emulated regions, until the emulator ends.",
        mixinStandardHelpOptions = true)
final class LocalRuntimeCommand implements Callable<Integer> {

    @Option(names = "--config", paramLabel = "FOLDER")
    private Path configurations;

    @Mixin
    private StateOption state;

    @Override
    public Integer call() throws Exception {
        Project project = Project.current();
        EmulatorRecord emulator = state.folder(project)
                .emulator()
                .orElseThrow(() -> new Failure("No emulator is running: start it with `./pilot local`."));
        ProcessHandle process = Emulator.process(emulator)
                .orElseThrow(() -> new Failure("The emulator has ended: start it with `./pilot local`."));
        Configuration configuration = new Configurations(
                        Optional.ofNullable(configurations).orElse(project.configurations()))
                .load(emulator.settings().environment());
        try (LocalRuntime runtime = new LocalRuntime(
                new EmulatorControl(emulator.endpoint()),
                configuration,
                emulator.settings().account(),
                this::log)) {
            runtime.onTransition(transition -> log(transition.toString()));
            runtime.start();
            log("Plays against the emulator on " + emulator.endpoint() + " until that ends.");
            // A process that has ended and that nobody took note of counts as alive for Java, for ever.
            while (Children.isRunning(process)) {
                Thread.sleep(1_000);
            }
        }
        return 0;
    }

    /** Its standard output is its log. */
    private void log(String line) {
        System.out.println(line);
    }
}
