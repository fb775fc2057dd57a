package dev.pilotlight.cli.local;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Project;
import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.topology.RegionName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;

/** Bootstrap and deployments to one emulator, by the ordinary CDK CLI. */
final class Deployment {

    private final Project project;
    private final StateFolder state;
    private final EmulatorRecord emulator;
    private final CdkCli cdk;

    Deployment(Project project, StateFolder state, EmulatorRecord emulator, CdkCli cdk) {
        this.project = project;
        this.state = state;
        this.emulator = emulator;
        this.cdk = cdk;
    }

    /**
     * What is deployed.
     *
     * @param environment a configuration file's name
     * @param configurations its folder, if not the clone's
     * @param stacks by their names in the app
     * @param exclusively without those that they depend on: the other region may be gone
     * @param app a cloud assembly, if not the clone's app
     */
    record Release(
            String environment,
            Optional<Path> configurations,
            List<String> stacks,
            boolean exclusively,
            Optional<Path> app) {}

    /**
     * Prepares the regions for the CDK CLI.
     *
     * @param missing told which are about to be prepared
     * @return those that were not prepared before
     * @throws Failure if that fails
     */
    List<String> bootstrap(Aws aws, Configuration configuration, Consumer<List<String>> missing) {
        List<String> regions = Stream.of(RegionName.values())
                .map(region -> configuration.region(region).region())
                .filter(region -> !isThere(aws, region, "CDKToolkit"))
                .toList();
        if (regions.isEmpty()) {
            return regions;
        }
        missing.accept(regions);
        state.emulator(emulator.deploying(true));
        List<String> arguments = new ArrayList<>(List.of("bootstrap"));
        regions.forEach(region -> arguments.add("aws://" + emulator.settings().account() + "/" + region));
        List<String> output = new ArrayList<>();
        // Beside cdk.json, it would synthesize the app first, for nothing.
        if (cdk.run(state.folder(), arguments, output::add) != 0) {
            throw failed("cdk bootstrap", output.subList(Math.max(0, output.size() - 5), output.size()));
        }
        return regions;
    }

    /** @throws Failure if that fails */
    void deploy(Release release, DeployWatch.Steps steps) {
        state.emulator(emulator.deploying(true));
        List<String> arguments = new ArrayList<>(List.of("deploy"));
        arguments.addAll(release.stacks());
        if (release.exclusively()) {
            arguments.add("--exclusively");
        }
        arguments.addAll(List.of("-c", "env=" + release.environment()));
        release.configurations().ifPresent(folder -> arguments.addAll(List.of("-c", "config=" + folder)));
        release.app().ifPresent(assembly -> arguments.addAll(List.of("--app", assembly.toString())));
        if (release.app().isEmpty()) {
            arguments.addAll(List.of("--output", state.assembly().toString()));
        }
        // Change sets lose outputs in moto, and an update through one never ends.
        arguments.addAll(List.of("--method", "direct", "--require-approval", "never", "--progress", "events"));
        DeployWatch watch = new DeployWatch(steps);
        int exit = cdk.run(project.home(), arguments, watch);
        if (exit == 0) {
            state.emulator(emulator);
            return;
        }
        if (!watch.touchedEmulator()) {
            state.emulator(emulator);
        }
        throw failed("cdk deploy", watch.whatMatters());
    }

    /** Whether a region holds a stack. */
    static boolean isThere(Aws aws, String region, String stack) {
        try {
            return !aws.in(region)
                    .cloudFormation()
                    .describeStacks(request -> request.stackName(stack))
                    .stacks()
                    .isEmpty();
        } catch (CloudFormationException absent) {
            return false;
        }
    }

    private Failure failed(String what, List<String> why) {
        if (Emulator.process(emulator).isEmpty()) {
            return new Failure("The emulator (process %d) ended during %s: its log is %s; run this again."
                    .formatted(emulator.pid(), what, state.emulatorLog()));
        }
        String cause = "%s failed; all of its output is in %s.".formatted(what, state.cdkLog());
        return new Failure(Stream.concat(why.stream().map(line -> "  " + line), Stream.of(cause))
                .collect(Collectors.joining(System.lineSeparator())));
    }
}
