package dev.pilotlight.cli.local;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Progress;
import dev.pilotlight.cli.Project;
import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.config.Configuration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * An emulator for one command alone: on a free port, with a state folder of its own, so that nobody's {@code ./pilot
 * local} is touched. It ends when it is closed.
 */
public final class PrivateEmulator implements AutoCloseable {

    private final Project project;
    private final StateFolder state;
    private final Emulator emulator;
    private final EmulatorRecord running;
    private final CdkCli cdk;
    private final Deployment deployment;

    private PrivateEmulator(Project project, StateFolder state, Emulator emulator, EmulatorRecord running) {
        this.project = project;
        this.state = state;
        this.emulator = emulator;
        this.running = running;
        this.cdk = new CdkCli(project, running, state.cdkLog(), state.cdkHome());
        this.deployment = new Deployment(project, state, running, cdk);
    }

    /**
     * Starts one.
     *
     * @param folder for its state: logs, the CDK CLI's caches and assemblies
     * @throws Failure if it does not start
     */
    public static PrivateEmulator start(Project project, Path folder, Configuration configuration, Progress progress) {
        StateFolder state = new StateFolder(folder);
        Emulator emulator = new Emulator(project, state);
        return new PrivateEmulator(
                project,
                state,
                emulator,
                emulator.start(EmulatorSettings.of(configuration, project), Emulator.ANY_PORT, progress));
    }

    /**
     * Leaves one alone that runs already.
     *
     * @throws Failure if one runs with this state folder
     */
    public static void refuseRunning(Project project, Path folder) {
        if (!java.nio.file.Files.exists(folder)) {
            return;
        }
        StateFolder state = new StateFolder(folder);
        Emulator.Condition condition = new Emulator(project, state).condition();
        if (condition == Emulator.Condition.RUNNING || condition == Emulator.Condition.HUNG) {
            throw new Failure("The emulator of the last drill (process %d) is still running: end it with `%s`."
                    .formatted(state.emulator().orElseThrow().pid(), howToEnd(project, folder)));
        }
    }

    private static String howToEnd(Project project, Path folder) {
        return "./pilot local down --state "
                + (folder.startsWith(project.home()) ? project.home().relativize(folder) : folder);
    }

    public String endpoint() {
        return running.endpoint();
    }

    /** The AWS account that it plays. */
    public String account() {
        return running.settings().account();
    }

    public Path folder() {
        return state.folder();
    }

    public Path emulatorLog() {
        return state.emulatorLog();
    }

    public Path cdkLog() {
        return state.cdkLog();
    }

    /** What was synthesized for the last deployment. */
    public Path assembly() {
        return state.assembly();
    }

    /** Prepares both regions for the CDK CLI. */
    public void bootstrap(Configuration configuration) {
        try (Aws aws = Aws.emulated(endpoint())) {
            deployment.bootstrap(aws, configuration, regions -> {});
        }
    }

    /**
     * Runs {@code cdk deploy}.
     *
     * @param configurations the folder of the environment's file
     * @param stacks by their names in the app
     * @param exclusively without those that they depend on
     * @param app a cloud assembly, if not the clone's app
     * @param now told what is being done
     * @return a line per stack, on how it ended
     * @throws Failure if it fails
     */
    public List<String> deploy(
            String environment,
            Path configurations,
            List<String> stacks,
            boolean exclusively,
            Optional<Path> app,
            Consumer<String> now) {
        List<String> outcomes = new ArrayList<>();
        deployment.deploy(
                new Deployment.Release(environment, Optional.of(configurations), stacks, exclusively, app),
                new DeployWatch.Steps() {

                    private String step = "";

                    @Override
                    public void begin(String begun, String what) {
                        step = begun;
                        now(what);
                    }

                    @Override
                    public void now(String what) {
                        now.accept(step + " " + what);
                    }

                    @Override
                    public void done(String result) {
                        if (step.endsWith("Stack")) {
                            outcomes.add(step + " " + result);
                        }
                    }
                });
        return outcomes;
    }

    /**
     * Lets it go on when this process ends, and what plays in its regions with it.
     *
     * @param configurations the folder of the environment's file
     * @return how to look at it, and how to end it
     */
    public List<String> keep(Configuration configuration, Path configurations) {
        new RuntimeProcess(project, state).ensure(running, configuration, Optional.of(configurations));
        String options = " --env %s --config %s --state %s"
                .formatted(configuration.environment(), configurations, state.folder());
        return List.of(
                "The emulator goes on at %s, in real time.".formatted(endpoint()),
                "Look at it:  ./pilot status --local" + options,
                "End it:      " + howToEnd(project, state.folder()));
    }

    @Override
    public void close() {
        emulator.stop(running);
    }
}
