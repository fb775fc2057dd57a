package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.Children;
import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Terminal;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code ./pilot failover}. */
@Command(
        name = "failover",
        description = {
            "Moves the workload to its standby's region: the same command fails over and fails back.",
            "It shows the plan and what may be lost, asks, starts the runbook there, and follows it. Ctrl-C stops"
                    + " watching, not the failover. Nothing of the leader's region is needed."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:The standby leads now; with --dry-run: the drill is over.",
            "1:The failover failed, or was refused; the message says what is true now and the way on.",
            "2:The command was not understood.",
            "130:Watching was stopped. The failover, or the drill, goes on."
        })
public final class FailoverCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private OperatorOptions options;

    @ArgGroup
    private ModeOptions modes = new ModeOptions();

    static final class ModeOptions {
        @Option(
                names = "--planned",
                description = "Both regions live: lose nothing, or take it back and leave the leader leading.")
        private boolean planned;

        @Option(
                names = "--dry-run",
                description =
                        "Run the runbook as a drill: preflight and what would be lost. It changes nothing, takes no failover's name and"
                                + " is in no failover's way.")
        private boolean dryRun;
    }

    @Option(
            names = "--accept-data-loss",
            description = "You answer for losing more than the objective allows, or an unknown amount.")
    private boolean acceptDataLoss;

    @Option(names = "--reason", paramLabel = "TEXT", description = "Why; kept with the evidence. Asked for if missing.")
    private String reason;

    @Option(
            names = "--yes",
            description = "Ask nothing: start, and append to the configuration file afterwards. Needs --reason.")
    private boolean yes;

    @Override
    public Integer call() {
        Terminal terminal = Terminal.ofThisProcess();
        Mode mode = modes == null
                ? Mode.EMERGENCY
                : modes.planned ? Mode.PLANNED : modes.dryRun ? Mode.DRILL : Mode.EMERGENCY;
        if (reason != null && reason.isBlank()) {
            throw misused("--reason is empty: say why");
        }
        if (mode == Mode.DRILL && acceptDataLoss) {
            throw misused("--accept-data-loss means nothing with --dry-run: a drill loses nothing");
        }
        if (mode == Mode.PLANNED && acceptDataLoss) {
            throw misused("--accept-data-loss means nothing with --planned: it loses nothing, or gives up");
        }
        if (mode != Mode.DRILL && yes && reason == null) {
            throw misused("--yes needs --reason: nobody is asked for it");
        }
        if (mode != Mode.DRILL && !yes && !terminal.asks()) {
            throw new Failure("There is no terminal to ask at: add --yes and --reason, or run it in one.");
        }
        Children.interruptionMeans("Interrupted; no failover was started.");
        try (Site site = options.site()) {
            return new FailoverDialogue(site, terminal, mode, acceptDataLoss, reason, yes).hold();
        }
    }

    private ParameterException misused(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }

    /** As a person reads a moment. */
    static String time(Instant at) {
        return java.time.format.DateTimeFormatter.ofPattern("HH:mm:ss")
                .withZone(java.time.ZoneOffset.UTC)
                .format(at);
    }
}
