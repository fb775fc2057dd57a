package dev.pilotlight.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.zeroturnaround.exec.InvalidExitValueException;
import org.zeroturnaround.exec.ProcessExecutor;
import org.zeroturnaround.exec.ProcessResult;

/** A command line as a person would run it, in the project's folder. */
public final class Command {

    /**
     * @param output standard output and standard error, as they came
     */
    public record Result(int exitValue, String output) {}

    private final List<String> command;
    private final Map<String, String> environment = new HashMap<>();

    private Command(List<String> command) {
        this.command = List.copyOf(command);
        // The unit tests switch the validation off for themselves; real commands validate.
        environment.put("CDK_VALIDATION", null);
    }

    public static Command of(String... command) {
        return new Command(List.of(command));
    }

    /** The CDK command line of package.json with the app of cdk.json. */
    public static Command cdk(String... arguments) {
        List<String> command = new ArrayList<>(List.of("node_modules/.bin/cdk"));
        command.addAll(List.of(arguments));
        return new Command(command);
    }

    public Command with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    public Result run() {
        try {
            ProcessResult result = new ProcessExecutor(command)
                    .directory(new File("").getAbsoluteFile())
                    .environment(environment)
                    .readOutput(true)
                    .redirectErrorStream(true)
                    .timeout(30, TimeUnit.MINUTES)
                    .execute();
            return new Result(result.getExitValue(), result.getOutput().getString(StandardCharsets.UTF_8.name()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException | TimeoutException | InvalidExitValueException e) {
            throw new IllegalStateException(command.toString(), e);
        }
    }
}
