package dev.pilotlight.cli.local;

import dev.pilotlight.cli.Project;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where the state of {@code ./pilot local} is. Another folder is another emulator. */
final class StateOption {

    @Option(names = "--state", paramLabel = "FOLDER", hidden = true)
    private Path folder;

    StateFolder folder(Project project) {
        return new StateFolder(Optional.ofNullable(folder).orElse(project.home().resolve(".pilot")));
    }
}
