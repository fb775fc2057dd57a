package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.Children;
import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code ./pilot discard}. */
@Command(
        name = "discard",
        description = {
            "Deletes the database that a failed create left behind, so that the deploy can be repeated.",
            "Only one that databaseLineage gives a region now, only while no stack holds it, and only if it never led: anything"
                    + " else is kept, with the reason."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:It is gone: repeat the deploy.",
            "1:There is none, it is kept, or RDS refused; the message says which.",
            "2:The command was not understood."
        })
public final class DiscardCommand implements Callable<Integer> {

    @Mixin
    private OperatorOptions options;

    @Option(names = "--yes", description = "Ask nothing.")
    private boolean yes;

    @Override
    public Integer call() {
        Terminal terminal = Terminal.ofThisProcess();
        if (!yes && !terminal.asks()) {
            throw new Failure("There is no terminal to ask at: add --yes, or run it in one.");
        }
        Children.interruptionMeans("Interrupted; RDS may be deleting the database already.");
        try (Site site = options.site()) {
            return discard(site, terminal, yes);
        }
    }

    static int discard(Site site, Terminal terminal, boolean yes) {
        Leftover leftover = Leftover.find(site);
        terminal.out().println(leftover.described());
        if (!yes && !terminal.ask("Type its name to delete it:").equals(leftover.name())) {
            throw new Failure("Nothing was deleted.");
        }
        leftover.discard();
        terminal.out()
                .println("%s is gone. Repeat the deploy: `%s`."
                        .formatted(leftover.name(), site.instructions().deployBoth()));
        return 0;
    }
}
