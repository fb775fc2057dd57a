package dev.pilotlight.cli.local;

import dev.pilotlight.cli.Project;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code ./pilot local down}. */
@Command(
        name = "down",
        description = "Stops the emulator and what plays against it; what was deployed to it is gone.",
        mixinStandardHelpOptions = true)
final class LocalDownCommand implements Callable<Integer> {

    @Mixin
    private StateOption state;

    @Override
    public Integer call() throws Exception {
        Project project = Project.current();
        StateFolder folder = state.folder(project);
        System.out.println(folder.alone(() -> {
            new RuntimeProcess(project, folder).stop();
            return stop(new Emulator(project, folder), folder);
        }));
        return 0;
    }

    private static String stop(Emulator emulator, StateFolder folder) {
        Emulator.Condition found = emulator.condition();
        Optional<EmulatorRecord> last = folder.emulator();
        last.ifPresent(emulator::stop);
        return switch (found) {
            case ABSENT -> "No emulator is running: nothing to stop.";
            case DEAD -> "The emulator had ended already: nothing to stop.";
            case RUNNING, HUNG ->
                "Stopped the emulator on port %d (process %d); what was deployed to it is gone."
                        .formatted(last.orElseThrow().port(), last.orElseThrow().pid());
        };
    }
}
