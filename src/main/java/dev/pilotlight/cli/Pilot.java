package dev.pilotlight.cli;

import dev.pilotlight.cli.drill.DrillCommand;
import dev.pilotlight.cli.local.LocalCommand;
import dev.pilotlight.cli.operate.DiscardCommand;
import dev.pilotlight.cli.operate.FailoverCommand;
import dev.pilotlight.cli.operate.ImageCommand;
import dev.pilotlight.cli.operate.StatusCommand;
import dev.pilotlight.config.ConfigurationException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The operator's commands. {@code ./pilot} runs this. */
@Command(
        name = "pilot",
        description = "Runs Pilotlight: two regions of one workload, the second a pilot light.",
        mixinStandardHelpOptions = true,
        version = "pilot 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            StatusCommand.class,
            FailoverCommand.class,
            ImageCommand.class,
            DiscardCommand.class,
            LocalCommand.class,
            DrillCommand.class
        })
public final class Pilot implements Runnable {

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    /** Exits 0 if the command did what it was asked, 1 if it could not, 2 if it was not understood. */
    public static void main(String[] arguments) {
        Locale.setDefault(Locale.ROOT);
        Children.endWithUs();
        int exitCode = commandLine().execute(arguments);
        Children.finish();
        System.exit(exitCode);
    }

    static CommandLine commandLine() {
        return new CommandLine(new Pilot())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpAutoWidth(true)
                .setParameterExceptionHandler(Pilot::misunderstood)
                .setExecutionExceptionHandler((exception, command, parsed) -> failed(exception, command.getErr()));
    }

    private static int misunderstood(ParameterException exception, String[] arguments) {
        CommandLine command = exception.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("pilot: %s; see `./%s --help`."
                .formatted(
                        inOurWords(exception.getMessage().lines().findFirst().orElse("unknown argument")),
                        command.getCommandSpec().qualifiedName()));
        return CommandLine.ExitCode.USAGE;
    }

    /** Picocli names Java's types, and says "Error" within a sentence. */
    private static String inOurWords(String message) {
        return message.replaceFirst("^Error: ", "").replaceFirst(" is not an? (int|long|double)$", " is not a number");
    }

    /** One sentence; the stack trace of what nobody foresaw goes to a file. */
    private static int failed(Exception exception, PrintWriter err) {
        if (Children.areEnding()) {
            return Children.INTERRUPTED;
        }
        if (exception instanceof Failure || exception instanceof ConfigurationException) {
            err.println(exception.getMessage());
            return CommandLine.ExitCode.SOFTWARE;
        }
        try {
            Path trace = Files.createTempFile("pilot-", ".log");
            try (PrintWriter writer = new PrintWriter(Files.newBufferedWriter(trace))) {
                exception.printStackTrace(writer);
            }
            err.println("pilot: an unexpected %s: %s; this is a defect in Pilotlight, and its trace is in %s"
                    .formatted(exception.getClass().getSimpleName(), exception.getMessage(), trace));
        } catch (java.io.IOException unwritable) {
            err.println("pilot: an unexpected " + exception);
        }
        return CommandLine.ExitCode.SOFTWARE;
    }
}
