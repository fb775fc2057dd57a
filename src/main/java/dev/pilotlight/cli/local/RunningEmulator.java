package dev.pilotlight.cli.local;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Project;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The emulator of this clone, for commands that ask it what they otherwise ask AWS.
 *
 * @param environment what is deployed to it
 * @param workload its name
 * @param account the AWS account that it plays
 */
public record RunningEmulator(String endpoint, String environment, String workload, String account) {

    /**
     * The one that {@code ./pilot local} started last.
     *
     * @param stateFolder if it is not the clone's
     * @throws Failure if it does not run
     */
    public static RunningEmulator of(Project project, Optional<Path> stateFolder) {
        StateFolder state = new StateFolder(stateFolder.orElse(project.home().resolve(".pilot")));
        Emulator.Condition condition = new Emulator(project, state).condition();
        if (condition == Emulator.Condition.HUNG) {
            throw new Failure("The emulator (process %d) does not answer: run `./pilot local`, which starts a new one."
                    .formatted(state.emulator().orElseThrow().pid()));
        }
        if (condition != Emulator.Condition.RUNNING) {
            throw new Failure(
                    "No emulator is running: start one with `./pilot local`, or leave --local out to ask AWS.");
        }
        EmulatorRecord running = state.emulator().orElseThrow();
        return new RunningEmulator(
                running.endpoint(),
                running.settings().environment(),
                running.settings().workload(),
                running.settings().account());
    }
}
