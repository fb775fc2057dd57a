package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.Project;
import dev.pilotlight.cli.local.RunningEmulator;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.config.Configurations;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which system is meant: an environment, on AWS or in the emulator of this machine. */
final class OperatorOptions {

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = "--env",
            paramLabel = "NAME",
            defaultValue = "dev",
            description = "The environment: a file of config/ without .json (default: ${DEFAULT-VALUE}).")
    private String environment;

    @Option(
            names = "--config",
            paramLabel = "FOLDER",
            description = "Where the configuration files are (default: config/ of this clone).")
    private Path configurations;

    @Option(names = "--local", description = "Ask the emulator that `./pilot local` started, not AWS.")
    private boolean local;

    @Option(names = "--state", paramLabel = "FOLDER", hidden = true)
    private Path state;

    /** Reads the configuration, which needs no connection, and then finds out where to ask. */
    Site site() {
        if (state != null && !local) {
            throw new ParameterException(spec.commandLine(), "--state is of --local only");
        }
        Project project = Project.current();
        Path folder = Optional.ofNullable(configurations).orElse(project.configurations());
        Configuration configuration = new Configurations(folder).load(environment);
        return local
                ? Site.emulated(
                        configuration,
                        folder,
                        configurations == null,
                        RunningEmulator.of(project, Optional.ofNullable(state)))
                : Site.onAws(configuration, folder, configurations == null);
    }
}
