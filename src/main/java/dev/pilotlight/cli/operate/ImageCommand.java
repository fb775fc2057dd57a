package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.Children;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code ./pilot image}. */
@Command(
        name = "image",
        description = {
            "Names the newest Amazon Linux 2023 that both regions have in the configuration file, as compute.ami.",
            "It deploys nothing: from then on instances get this image, whatever else a deploy changes, until this is"
                    + " run again."
        },
        mixinStandardHelpOptions = true,
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:The file names it.",
            "1:It could not be told or written, or the file names an image of your own.",
            "2:The command was not understood."
        })
public final class ImageCommand implements Callable<Integer> {

    @Spec
    private CommandSpec spec;

    @Mixin
    private OperatorOptions options;

    @Override
    public Integer call() {
        Children.interruptionMeans("Interrupted; look at the configuration file.");
        try (Site site = options.site()) {
            ImageChoice.newest(site).write().forEach(spec.commandLine().getOut()::println);
            spec.commandLine().getOut().flush();
            return 0;
        }
    }
}
