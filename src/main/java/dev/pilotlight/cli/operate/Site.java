package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.cli.local.RunningEmulator;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Topology;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.regions.Region;

/**
 * One environment where it is deployed: what the configuration says of it, and the clients to ask it.
 *
 * @param clock the time there; an emulator may run faster
 */
public record Site(Configuration configuration, Instructions instructions, Names names, Aws aws, InstantSource clock)
        implements AutoCloseable {

    /**
     * In an emulator.
     *
     * @param folder of the configuration file
     * @param usualFolder whether that is {@code config/} of this clone
     */
    public static Site emulated(
            Configuration configuration,
            Path folder,
            boolean usualFolder,
            String endpoint,
            String account,
            InstantSource clock) {
        return new Site(
                configuration,
                new Instructions(configuration.environment(), folder, usualFolder, true),
                names(configuration, account),
                Aws.emulatedForTheOperator(endpoint),
                clock);
    }

    /** In the emulator of this clone. */
    static Site emulated(Configuration configuration, Path folder, boolean usualFolder, RunningEmulator emulator) {
        if (!emulator.environment().equals(configuration.environment())
                || !emulator.workload().equals(configuration.name())) {
            throw new Failure(
                    "The emulator holds %s of the environment %s, not %s of %s: run `./pilot local --env %4$s`, or choose with --env %2$s."
                            .formatted(
                                    emulator.workload(),
                                    emulator.environment(),
                                    configuration.name(),
                                    configuration.environment()));
        }
        return emulated(
                configuration,
                folder,
                usualFolder,
                emulator.endpoint(),
                emulator.account(),
                new VirtualTime(emulator.endpoint()));
    }

    /**
     * On AWS, with the operator's credentials.
     *
     * @throws Failure if there are none, or they are another account's
     */
    static Site onAws(Configuration configuration, Path folder, boolean usualFolder) {
        Aws aws = Aws.ofTheOperator();
        try {
            Optional<String> problem = aws.credentialsProblem();
            if (problem.isPresent()) {
                throw new Failure(
                        "There are no AWS credentials to work with (%s): sign in, as with `aws sso login`, or set AWS_PROFILE; --local asks the emulator."
                                .formatted(problem.get()));
            }
            String account = new AccountLookUp(aws, configuration).account();
            return new Site(
                    configuration,
                    new Instructions(configuration.environment(), folder, usualFolder, false),
                    names(configuration, account),
                    aws,
                    InstantSource.system());
        } catch (RuntimeException e) {
            aws.close();
            throw e;
        }
    }

    private static Names names(Configuration configuration, String account) {
        Region region = Region.of(configuration.primary().region());
        return new Names(
                configuration.name(),
                region.metadata() == null
                        ? "aws"
                        : region.metadata().partition().id(),
                account,
                Map.of(
                        RegionName.PRIMARY, configuration.primary().region(),
                        RegionName.DR, configuration.dr().region()),
                configuration.dns().recordName());
    }

    /** What the configuration file says of who leads. */
    public Topology topology() {
        return configuration.databaseLineage().topology();
    }

    public Aws.InRegion in(RegionName region) {
        return aws.in(names.regionOf(region));
    }

    /** As people are told of a region: "dr (eu-west-1)". */
    public String called(RegionName region) {
        return "%s (%s)".formatted(region.id(), names.regionOf(region));
    }

    /** Whether this is an emulator and no AWS: there is no DNS then, and no figure is a measured one. */
    public boolean emulated() {
        return instructions.emulated();
    }

    @Override
    public void close() {
        aws.close();
    }
}
