package dev.pilotlight.cli.local;

import dev.pilotlight.cli.Progress;
import dev.pilotlight.cli.Project;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./pilot local}. */
@Command(
        name = "local",
        description = {
            "Deploys both regions to an emulator of AWS on this machine, and checks what it holds.",
            "Run it again to deploy what has changed. No workload runs in the emulator; a model of what would",
            "happen plays against it, so that the runbooks can be run."
        },
        mixinStandardHelpOptions = true,
        subcommands = {LocalDownCommand.class, LocalRuntimeCommand.class})
public final class LocalCommand implements Callable<Integer> {

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

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = {
                "The emulator's port on 127.0.0.1; 0 takes a free one",
                "(default: that of the running one, or else 4566)."
            })
    private Integer port;

    @Option(names = "--app", hidden = true, description = "A cloud assembly to deploy instead of cdk.json's app.")
    private Path app;

    @Mixin
    private StateOption state;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (port != null && (port < 0 || port > 65_535)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--port %d is no port: choose one from 1 to 65535, or 0 for any that is free".formatted(port));
        }
        Project project = Project.current();
        StateFolder folder = state.folder(project);
        return folder.alone(() -> {
            try (Progress progress = Progress.toTerminal()) {
                return new LocalDeploy(project, folder, progress)
                        .run(new LocalDeploy.Request(
                                environment,
                                Optional.ofNullable(configurations).map(Path::toAbsolutePath),
                                Optional.ofNullable(port),
                                Optional.ofNullable(app).map(Path::toAbsolutePath)));
            }
        });
    }
}
