package dev.pilotlight.cli.drill;

import dev.pilotlight.cli.Children;
import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Progress;
import dev.pilotlight.cli.Project;
import dev.pilotlight.cli.drill.DrillRecord.Verdict;
import dev.pilotlight.cli.local.EmulatorControl.RegionState;
import dev.pilotlight.cli.local.PrivateEmulator;
import dev.pilotlight.config.Configurations;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./pilot drill}. */
@Command(
        name = "drill",
        description = {
            "Loses the primary region of an emulator, fails over, releases, and fails back; writes a report.",
            "It has an emulator of its own: neither AWS nor that of `./pilot local` is touched."
        },
        mixinStandardHelpOptions = true)
public final class DrillCommand implements Callable<Integer> {

    private static final double MOST_SPEED = 300;

    /** How the region is lost. */
    enum Outage {
        HANGS,
        REFUSES
    }

    @Option(
            names = "--env",
            paramLabel = "NAME",
            defaultValue = "dev",
            description = "The environment: a file of config/ without .json (default: ${DEFAULT-VALUE}).")
    private String environment;

    @Option(
            names = "--config",
            paramLabel = "FOLDER",
            description = "Where the configuration files are (default: config/ of this clone). They are copied.")
    private Path configurations;

    @Option(
            names = "--speed",
            paramLabel = "N",
            description =
                    "Virtual seconds per real second (default: what this machine can do without showing in the recovery time). Deployments take real time.")
    private Double speed;

    @Option(
            names = "--outage",
            paramLabel = "HOW",
            defaultValue = "hangs",
            description = "How the region's APIs are lost: hangs or refuses (default: ${DEFAULT-VALUE}).")
    private Outage outage;

    @Option(names = "--keep", description = "Leave the emulator running, in real time, to look at it.")
    private boolean keep;

    @Option(names = "--output", paramLabel = "FOLDER", hidden = true)
    private Path output;

    @Option(names = "--app", paramLabel = "PHASE=ASSEMBLY", hidden = true)
    private Map<String, Path> assemblies = Map.of();

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws Exception {
        if (speed != null && !(speed >= 1 && speed <= MOST_SPEED)) {
            throw new ParameterException(
                    spec.commandLine(), "--speed %s: choose from 1 to %.0f".formatted(number(speed), MOST_SPEED));
        }
        Project project = Project.current();
        Path folder = Optional.ofNullable(output)
                .orElse(project.home().resolve("target").resolve("drill"))
                .toAbsolutePath();
        try (Progress progress = Progress.toTerminal()) {
            return run(project, folder, progress);
        }
    }

    private static String number(double value) {
        return value == Math.rint(value) ? "%.0f".formatted(value) : Double.toString(value);
    }

    private int run(Project project, Path folder, Progress progress) throws Exception {
        Path source = Optional.ofNullable(configurations).orElse(project.configurations());
        // What cannot work is said before the last report is removed.
        new Configurations(source).load(environment);
        Path state = folder.resolve("run");
        PrivateEmulator.refuseRunning(project, state);
        delete(state);
        for (String last : DrillReport.FILES) {
            Files.deleteIfExists(folder.resolve(last));
        }
        Drill.Request request = new Drill.Request(
                environment,
                source,
                state,
                RegionState.valueOf(outage.name()),
                speed == null ? OptionalDouble.empty() : OptionalDouble.of(speed),
                assemblies);
        Recorder recorder = new Recorder(progress, InstantSource.system());
        Drill drill = new Drill(request, project, progress, recorder);
        DrillReport report = new DrillReport(recorder, drill, request, project);
        Thread interrupted = new Thread(
                () -> {
                    DrillReport.write(report.record(Verdict.INTERRUPTED, Optional.empty()), folder);
                    drill.close();
                    delete(state);
                    System.err.println("The report of what happened until then: " + folder.resolve("report.html"));
                },
                "end drill");
        Children.interruptionMeans("Interrupted: what the drill has started is being ended.");
        Runtime.getRuntime().addShutdownHook(interrupted);
        Optional<PhaseRunner.Failed> failed = new PhaseRunner(recorder).run(drill.phases());
        if (Children.areEnding()) {
            // The hook has the word.
            interrupted.join();
            return 1;
        }
        Runtime.getRuntime().removeShutdownHook(interrupted);
        Verdict verdict = failed.isPresent() ? Verdict.FAILED : Verdict.PASSED;
        DrillRecord record = report.record(verdict, failed);
        DrillReport.write(record, folder);
        progress.print("");
        closingWords(record, folder).forEach(progress::print);
        failed.map(PhaseRunner.Failed::cause).ifPresent(cause -> trace(cause, state, progress));
        if (keep) {
            drill.keep().forEach(progress::print);
        } else {
            drill.close();
            if (failed.isPresent()) {
                progress.print("Logs: " + state);
            } else {
                delete(state);
            }
        }
        return failed.isPresent() ? 1 : 0;
    }

    private static List<String> closingWords(DrillRecord record, Path folder) {
        return Stream.concat(
                        Stream.of("%s: %s".formatted(record.verdict(), record.summary())),
                        Stream.concat(
                                record.figures().stream()
                                        .map(figure -> "  %-28s %-14s %s"
                                                .formatted(
                                                        figure.title(),
                                                        ReportPage.value(figure),
                                                        figure.source()
                                                                .name()
                                                                .toLowerCase(Locale.ROOT)
                                                                .replace('_', ' '))),
                                Stream.of("Report: " + folder.resolve("report.html"))))
                .toList();
    }

    /** What nobody foresaw is for those who mend it. */
    private static void trace(Throwable cause, Path state, Progress progress) {
        if (cause instanceof Failure) {
            return;
        }
        Path file = state.resolve("trace.log");
        try (PrintWriter writer = new PrintWriter(Files.newBufferedWriter(file))) {
            cause.printStackTrace(writer);
            progress.print("Its trace: " + file);
        } catch (IOException unwritable) {
            progress.print("Its trace cannot be written: " + unwritable.getMessage());
        }
    }

    private static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new Failure("%s cannot be deleted (%s): delete it by hand.".formatted(folder, e.getMessage()));
        }
    }
}
