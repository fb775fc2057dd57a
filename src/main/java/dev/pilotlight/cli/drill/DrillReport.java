package dev.pilotlight.cli.drill;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Project;
import dev.pilotlight.cli.drill.DrillRecord.Check;
import dev.pilotlight.cli.drill.DrillRecord.Figure;
import dev.pilotlight.cli.drill.DrillRecord.Movement;
import dev.pilotlight.cli.drill.DrillRecord.Outcome;
import dev.pilotlight.cli.drill.DrillRecord.Part;
import dev.pilotlight.cli.drill.DrillRecord.Phase;
import dev.pilotlight.cli.drill.DrillRecord.Setting;
import dev.pilotlight.cli.drill.DrillRecord.Source;
import dev.pilotlight.cli.drill.DrillRecord.Verdict;
import dev.pilotlight.cli.drill.DrillRecord.Version;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.objectives.Durations;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Makes a drill's record of what was noted, and writes it: {@code report.json} and {@code report.html}. */
final class DrillReport {

    private static final List<String> LIMITS = List.of(
            "The emulator (moto, with an extension of ours) is not AWS. It runs no instance and no database, moves no packet, copies no data, and enforces no IAM policy and no service quota.",
            "How long AWS takes is taken from one file of published figures and practitioners' reports. None was measured by us. The recovery time shown is the runbook's critical path under those durations.",
            "Nobody decided anything: the runbook was started the moment the alarm went off. A person's decision comes on top; published practice is about five minutes.",
            "Agents, replica lag, Route 53's checks, alarms and users are models that follow the documentation. The agent's own program and the runbook's definition under faults are tested elsewhere (AgentTest, the simulation).",
            "Deployments ran against the emulator in real time. On AWS a replica alone takes tens of minutes to hours, during which the standby protects nothing.",
            "That every cached answer of DNS is gone after its time to live is the protocol's promise. Clients that keep answers longer land later.");

    static final List<String> FILES = List.of("report.json", "report.html");

    private final Recorder recorder;
    private final Drill drill;
    private final Drill.Request request;
    private final Project project;
    private final Instant startedAt = Instant.now();
    private final long startedNanos = System.nanoTime();

    DrillReport(Recorder recorder, Drill drill, Drill.Request request, Project project) {
        this.recorder = recorder;
        this.drill = drill;
        this.request = request;
        this.project = project;
    }

    DrillRecord record(Verdict verdict, Optional<PhaseRunner.Failed> failed) {
        Configuration configuration = drill.configuration();
        List<Phase> phases = recorder.phases();
        List<Movement> movements = recorder.movements();
        Durations durations = drill.durations();
        return new DrillRecord(
                DrillRecord.FORMAT,
                verdict,
                summary(verdict, failed, configuration, movements, phases),
                new Setting(
                        request.environment(),
                        configuration.name(),
                        configuration.primary().region(),
                        configuration.dr().region(),
                        request.outage().name().toLowerCase(Locale.ROOT),
                        drill.speed(),
                        startedAt.truncatedTo(ChronoUnit.SECONDS).toString(),
                        (System.nanoTime() - startedNanos) / 1_000_000,
                        configuration.databaseLineage().entries().stream()
                                .map(entry -> entry.region().id())
                                .toList(),
                        configuration.objectives().rtoMinutes() * 60,
                        configuration.objectives().rpoMinutes() * 60,
                        List.of(
                                new Part("detection", durations.detection()),
                                new Part("promotion", durations.promotion()),
                                new Part("launch", durations.launch()),
                                new Part("claim seen", durations.claimSeen()),
                                new Part("DNS", durations.dns())),
                        versions()),
                recorder.lostAtMillis(),
                movements,
                figures(configuration, movements, phases, durations),
                phases,
                recorder.tracks(),
                recorder.moments(),
                LIMITS);
    }

    private String summary(
            Verdict verdict,
            Optional<PhaseRunner.Failed> failed,
            Configuration configuration,
            List<Movement> movements,
            List<Phase> phases) {
        return switch (verdict) {
            case PASSED -> {
                Movement failover = movements.get(0);
                yield "Users were served from %s %s after %s was lost (emulated; objective %s), and back home after a planned failback. All %d checks held."
                        .formatted(
                                failover.to(),
                                Times.length(failover.seconds()),
                                failover.from(),
                                Times.length(configuration.objectives().rtoMinutes() * 60),
                                checks(phases).size());
            }
            case FAILED ->
                "In the phase “%s”: %s."
                        .formatted(
                                failed.map(one -> one.phase().title()).orElse("?"),
                                failed.map(PhaseRunner.Failed::why).orElse("?").replaceAll("[.\\s]+$", ""));
            case INTERRUPTED ->
                "Stopped from outside before it was over: what follows is what happened until then, and proves nothing else.";
        };
    }

    private static List<Check> checks(List<Phase> phases) {
        return phases.stream().flatMap(phase -> phase.checks().stream()).toList();
    }

    private List<Figure> figures(
            Configuration configuration, List<Movement> movements, List<Phase> phases, Durations durations) {
        List<Figure> figures = new ArrayList<>();
        Optional<Movement> failover =
                movements.stream().filter(one -> one.kind().equals("failover")).findFirst();
        failover.ifPresent(one -> figures.add(new Figure(
                "rto",
                "Recovery time",
                one.seconds(),
                "s",
                Source.EMULATED,
                "from the loss until all users are served")));
        figures.add(new Figure(
                "bound",
                "Bound",
                durations.bound(),
                "s",
                Source.MODELLED,
                "detection + max(promotion, launch) + claim seen + DNS"));
        failover.ifPresent(one -> figures.add(new Figure(
                "overhead",
                "Overhead",
                one.overheadPercent(),
                "%",
                Source.EMULATED,
                "over the bound, whose detection and seeing are maxima; aim: at most 10 %")));
        failover.ifPresent(one -> figures.add(new Figure(
                "added",
                "Added by the runbook",
                one.addedSeconds(),
                "s",
                Source.EMULATED,
                "%.1f %% of the bound: its own work, and waiting beyond promotion and launch"
                        .formatted(100 * one.addedSeconds() / one.boundSeconds()))));
        figures.add(new Figure(
                "objective",
                "Objective",
                configuration.objectives().rtoMinutes() * 60,
                "s",
                Source.OBJECTIVE,
                "objectives.rtoMinutes; a person's decision counts too"));
        failover.filter(one -> one.expectedLossSeconds() != null)
                .ifPresent(one -> figures.add(new Figure(
                        "expectedLoss",
                        "Writes lost, at most",
                        one.expectedLossSeconds(),
                        "s",
                        Source.EMULATED,
                        "as the runbook reckoned beforehand; objective "
                                + Times.length(configuration.objectives().rpoMinutes() * 60))));
        movements.stream()
                .filter(one -> one.kind().equals("failback"))
                .findFirst()
                .ifPresent(one -> figures.add(new Figure(
                        "failbackUnserved",
                        "Not served in the failback",
                        one.seconds() - one.parts().get(0).seconds(),
                        "s",
                        Source.EMULATED,
                        "planned, nothing lost: from the old leader's stop on")));
        List<Check> checks = checks(phases);
        figures.add(new Figure(
                "checks",
                "Checks that held",
                checks.stream().filter(Check::passed).count(),
                "of " + checks.size(),
                Source.EMULATED,
                "%d of %d phases done"
                        .formatted(
                                phases.stream()
                                        .filter(phase -> phase.outcome() == Outcome.DONE)
                                        .count(),
                                phases.size())));
        figures.add(new Figure(
                "real",
                "The drill itself",
                (System.nanoTime() - startedNanos) / 1e9,
                "s",
                Source.THIS_MACHINE,
                "real time, of which %s in real-time phases"
                        .formatted(Times.length(phases.stream()
                                        .filter(phase -> phase.clock() == DrillRecord.Clock.REAL_TIME)
                                        .mapToLong(Phase::realMillis)
                                        .sum()
                                / 1000.0))));
        return figures;
    }

    private List<Version> versions() {
        List<Version> versions = new ArrayList<>();
        found(project.home().resolve("package.json"), "\"aws-cdk\": \"([^\"]+)\"")
                .ifPresent(version -> versions.add(new Version("CDK CLI", version)));
        found(project.emulatorSources().resolve("requirements.txt"), "(?m)^moto(?:\\[[^]]*])?==(\\S+)")
                .ifPresent(version -> versions.add(new Version("moto", version)));
        versions.add(new Version("Java", Runtime.version().toString()));
        versions.add(new Version(System.getProperty("os.name"), System.getProperty("os.arch")));
        return versions;
    }

    private static Optional<String> found(Path file, String pattern) {
        try {
            Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(file));
            return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    static String json(DrillRecord record) {
        try {
            return new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(record) + "\n";
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Each file whole or not at all. */
    static void write(DrillRecord record, Path folder) {
        try {
            Files.createDirectories(folder);
            replace(folder.resolve("report.json"), json(record));
            replace(folder.resolve("report.html"), new ReportPage(record).html());
        } catch (IOException e) {
            throw new Failure("The report cannot be written to %s: %s".formatted(folder, e.getMessage()));
        }
    }

    private static void replace(Path file, String content) throws IOException {
        Path whole = file.resolveSibling(file.getFileName() + ".new");
        Files.writeString(whole, content, StandardCharsets.UTF_8);
        Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    }
}
