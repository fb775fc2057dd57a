package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.Children;
import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Progress;
import dev.pilotlight.cli.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./pilot status}. */
@Command(
        name = "status",
        description = {
            "Shows who leads, by claims, lineage and databases, and whether a failover would succeed.",
            "It changes nothing. A region that does not answer is a finding, not an error."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:All is well.",
            "1:It could not be told: no credentials, or neither region answers.",
            "2:The command was not understood.",
            "3:Something needs attention."
        })
public final class StatusCommand implements Callable<Integer> {

    static final int ATTENTION = 3;

    @Mixin
    private OperatorOptions options;

    @Option(names = "--json", description = "One JSON document for programs; docs/status.md explains it.")
    private boolean json;

    @Override
    public Integer call() {
        Children.interruptionMeans("Interrupted; nothing was changed.");
        try (Site site = options.site()) {
            Observed seen = look(site);
            if (seen.regions().values().stream().noneMatch(Observed.InRegion::answers)) {
                throw new Failure("Neither %s nor %s answers: look at this machine's connection, then try again."
                        .formatted(
                                site.configuration().primary().region(),
                                site.configuration().dr().region()));
            }
            Assessment assessment = Assessor.assess(seen, site::called, site.instructions());
            if (json) {
                System.out.println(StatusJson.of(site, seen, assessment));
            } else {
                boolean coloured = Terminal.isLive() && System.getenv("NO_COLOR") == null;
                new StatusText(site, seen, assessment, Terminal.width(), coloured)
                        .lines()
                        .forEach(System.out::println);
            }
            return assessment.isWell() ? 0 : ATTENTION;
        }
    }

    private Observed look(Site site) {
        if (json || !Terminal.isLive()) {
            return new Lookout(site).look();
        }
        Progress progress = Progress.toTerminal();
        progress.begin(
                "Status",
                "asking %s and %s"
                        .formatted(
                                site.configuration().primary().region(),
                                site.configuration().dr().region()));
        Observed seen = new Lookout(site).look();
        progress.forget();
        return seen;
    }
}
