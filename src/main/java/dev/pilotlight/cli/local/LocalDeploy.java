package dev.pilotlight.cli.local;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Progress;
import dev.pilotlight.cli.Project;
import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.cli.check.Template;
import dev.pilotlight.cli.check.Verification;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.config.Configurations;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Topology;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sfn.model.ExecutionListItem;
import software.amazon.awssdk.services.sfn.model.ExecutionStatus;

/** {@code ./pilot local} from beginning to end: emulator, bootstrap, deploy, check, table. */
final class LocalDeploy {

    private static final List<String> STACKS = List.of("PrimaryStack", "DrStack");
    /** The runbook's name's middle part, and the beginning of its executions' names. */
    private static final String FAILOVER = "failover";

    private final Project project;
    private final StateFolder state;
    private final Progress progress;

    LocalDeploy(Project project, StateFolder state, Progress progress) {
        this.project = project;
        this.state = state;
        this.progress = progress;
    }

    /**
     * What is asked for.
     *
     * @param environment a configuration file's name
     * @param configurations its folder, if not the clone's
     * @param port the emulator's, if it matters
     * @param app a cloud assembly to deploy, if not the clone's app
     */
    record Request(String environment, Optional<Path> configurations, Optional<Integer> port, Optional<Path> app) {}

    /** Returns the exit code. */
    int run(Request request) {
        Path folder = request.configurations().orElse(project.configurations());
        Configuration configuration = new Configurations(folder).load(request.environment());
        EmulatorRecord emulator = emulator(request, configuration);
        CdkCli cdk = new CdkCli(project, emulator, state.cdkLog(), state.cdkHome());
        cdk.clearLog();
        try (Aws aws = Aws.emulated(emulator.endpoint())) {
            Deployment deployment = new Deployment(project, state, emulator, cdk);
            boolean empty = !Deployment.isThere(
                    aws, configuration.primary().region(), Names.stack(configuration.name(), RegionName.PRIMARY.id()));
            if (empty) {
                refuse(longLineage(request.environment(), configuration, Optional.empty()));
            }
            bootstrap(deployment, aws, configuration);
            deploy(deployment, request);
            RuntimeProcess runtime = new RuntimeProcess(project, state);
            // Now: it starts while the check goes on, and has nothing to do before.
            runtime.ensure(emulator, configuration, request.configurations());
            int exit = check(aws, emulator, configuration, request.app().orElse(state.assembly()));
            progress.print("");
            new SystemTable(aws, emulator.settings().account(), configuration)
                    .lines()
                    .forEach(progress::print);
            progress.print("");
            closingWords(emulator, configuration, empty, runtime.isRunning()).forEach(progress::print);
            return exit;
        } catch (SdkClientException e) {
            throw new Failure("The emulator ended while it was asked what it holds (%s): see %s, and run this again."
                    .formatted(e.getMessage(), state.emulatorLog()));
        }
    }

    /** One that runs, was started with these settings and holds nothing half-made; else a new one. */
    private EmulatorRecord emulator(Request request, Configuration configuration) {
        EmulatorSettings settings = EmulatorSettings.of(configuration, project);
        Emulator emulator = new Emulator(project, state);
        progress.begin("Emulator", "looking for it");
        Emulator.Condition condition = emulator.condition();
        Optional<EmulatorRecord> last = state.emulator();
        Optional<String> anew = Optional.empty();
        if (condition == Emulator.Condition.RUNNING) {
            EmulatorRecord running = last.orElseThrow();
            refuse(otherPort(running, request.port()));
            refuse(otherEnvironment(running, settings));
            refuse(runningFailover(running, configuration));
            Optional<String> outdated = whyAnew(running, settings);
            if (outdated.isEmpty()) {
                progress.done("running on port %d, and updated".formatted(running.port()));
                return running;
            }
            anew = outdated;
        } else if (condition == Emulator.Condition.HUNG) {
            anew = Optional.of("the last one (process %d) does not answer"
                    .formatted(last.orElseThrow().pid()));
        } else if (condition == Emulator.Condition.DEAD) {
            anew = Optional.of("the last one has ended, and what it held is gone");
        }
        refuse(longLineage(request.environment(), configuration, anew));
        anew.ifPresent(why -> progress.print("Starting from an empty emulator: %s.".formatted(why)));
        last.ifPresent(emulator::stop);
        EmulatorRecord started = emulator.start(
                settings,
                request.port().or(() -> last.map(EmulatorRecord::port)).orElse(Emulator.DEFAULT_PORT),
                progress);
        progress.done("started on 127.0.0.1:%d, process %d".formatted(started.port(), started.pid()));
        return started;
    }

    private void refuse(Optional<String> why) {
        why.ifPresent(sentence -> {
            progress.forget();
            throw new Failure(sentence);
        });
    }

    private static Optional<String> otherPort(EmulatorRecord running, Optional<Integer> port) {
        return port.filter(wanted -> wanted != Emulator.ANY_PORT && wanted != running.port())
                .map(wanted ->
                        "The emulator runs on port %d: leave --port %d out, or end it with `./pilot local down` first."
                                .formatted(running.port(), wanted));
    }

    /** What another environment's deploy left whole is not thrown away without a word. */
    static Optional<String> otherEnvironment(EmulatorRecord running, EmulatorSettings wanted) {
        EmulatorSettings had = running.settings();
        return running.deploying() || had.environment().equals(wanted.environment())
                ? Optional.empty()
                : Optional.of(
                        "The emulator holds %s of the environment %s, not %s of %s, and it holds one at a time: stop it with `./pilot local down` first, after which what it holds is gone."
                                .formatted(had.workload(), had.environment(), wanted.workload(), wanted.environment()));
    }

    /** A deploy, or a new emulator, would change under the runbook's hands what it works on. */
    static Optional<String> runningFailover(EmulatorRecord running, Configuration configuration) {
        Names names = names(running.settings().workload(), running.settings().account(), configuration);
        // Of regions that may be lost: with the patience of one who expects that.
        try (Aws aws = Aws.emulatedForTheOperator(running.endpoint())) {
            return Stream.of(RegionName.values())
                    .flatMap(region -> runningFailovers(aws, names, region))
                    .findFirst()
                    .map(name ->
                            "A failover is running in the emulator (%s): wait for its end with `./pilot failover --local`, or stop the emulator with `./pilot local down`."
                                    .formatted(name));
        }
    }

    private static Stream<String> runningFailovers(Aws aws, Names names, RegionName region) {
        try {
            return aws
                    .in(names.regionOf(region))
                    .stepFunctions()
                    .listExecutionsPaginator(request -> request.stateMachineArn(names.runbookArn(region, FAILOVER))
                            .statusFilter(ExecutionStatus.RUNNING))
                    .executions()
                    .stream()
                    .map(ExecutionListItem::name)
                    .filter(name -> name.startsWith(FAILOVER + "-"))
                    .toList()
                    .stream();
        } catch (SdkException absentOrLost) {
            // Nothing runs where there is no such machine, nor in a region that does not answer.
            return Stream.empty();
        }
    }

    private static Names names(String workload, String account, Configuration configuration) {
        return new Names(
                workload,
                "aws",
                account,
                Map.of(
                        RegionName.PRIMARY, configuration.primary().region(),
                        RegionName.DR, configuration.dr().region()),
                configuration.dns().recordName());
    }

    private static Optional<String> whyAnew(EmulatorRecord running, EmulatorSettings wanted) {
        EmulatorSettings had = running.settings();
        if (running.deploying()) {
            return Optional.of("the last deploy to it did not end well");
        }
        if (!had.sources().equals(wanted.sources())) {
            return Optional.of("its program has changed");
        }
        return had.equals(wanted)
                ? Optional.empty()
                : Optional.of("the workload's name, the account or the hosted zone has changed");
    }

    /**
     * Replicas need their source: what a long lineage tells of cannot all be made at once, here as on AWS.
     *
     * @param anew why the emulator would be empty although there was one
     */
    static Optional<String> longLineage(String environment, Configuration configuration, Optional<String> anew) {
        int databases = configuration.databaseLineage().entries().size();
        return databases <= 2
                ? Optional.empty()
                : Optional.of(
                        "databaseLineage of %s has %d databases, but an empty emulator%s, like an empty account, can only be founded with [\"primary\", \"dr\"]: take the appended entries back, if this was only a try-out; or deploy those two first, from a copy of the file in another folder with --config, and then append."
                                .formatted(
                                        environment,
                                        databases,
                                        anew.map(why -> " (it would be empty: %s)".formatted(why))
                                                .orElse("")));
    }

    private void bootstrap(Deployment deployment, Aws aws, Configuration configuration) {
        progress.begin("Bootstrap", "looking for it");
        List<String> regions = deployment.bootstrap(
                aws, configuration, missing -> progress.now("of " + String.join(" and ", missing)));
        progress.done(regions.isEmpty() ? "done before" : String.join(", ", regions));
    }

    private void deploy(Deployment deployment, Request request) {
        try {
            deployment.deploy(
                    new Deployment.Release(
                            request.environment(), request.configurations(), STACKS, false, request.app()),
                    DeployWatch.Steps.of(progress));
        } catch (Failure e) {
            progress.close();
            throw e;
        }
    }

    private int check(Aws aws, EmulatorRecord emulator, Configuration configuration, Path assembly) {
        progress.begin("Check", "what was declared is there");
        Verification.Result result = new Verification(aws, emulator.settings().account())
                .verify(Template.ofAssembly(assembly), type -> progress.now("asking for " + type));
        if (!result.unchecked().isEmpty()) {
            progress.print("Not checked, because no check knows it: " + String.join(", ", result.unchecked()));
        }
        List<String> findings = result.findings();
        if (findings.stream().anyMatch(LocalDeploy::isLeastCapacity)
                && isNotAppended(
                        aws,
                        names(configuration.name(), emulator.settings().account(), configuration),
                        configuration)) {
            progress.print(
                    "The failover to %s is not appended to databaseLineage yet, so the groups keep the least capacity that it set: `./pilot status --local` says what to append."
                            .formatted(configuration
                                    .databaseLineage()
                                    .topology()
                                    .standby()
                                    .id()));
            findings = findings.stream()
                    .filter(finding -> !isLeastCapacity(finding))
                    .toList();
        }
        if (findings.isEmpty()) {
            progress.done("all %d resources are there as declared%s"
                    .formatted(result.resources(), result.findings().isEmpty() ? "" : ", but for that capacity"));
            return 0;
        }
        progress.done("%d of the things declared are missing or differ:".formatted(findings.size()));
        findings.forEach(finding -> progress.print("  " + finding));
        return 1;
    }

    private static boolean isLeastCapacity(String finding) {
        return finding.contains(" AWS::AutoScaling::AutoScalingGroup ") && finding.contains(": MinSize is ");
    }

    /** Whether the runbook has promoted the database of what is the standby for the configuration. */
    private static boolean isNotAppended(Aws aws, Names names, Configuration configuration) {
        Topology topology = configuration.databaseLineage().topology();
        String database = names.database(topology.databaseIn(topology.standby()).ref());
        return aws.in(names.regionOf(topology.standby())).rds().describeDBInstances().dbInstances().stream()
                .filter(instance -> instance.dbInstanceIdentifier().equals(database))
                .anyMatch(Verification::isPromoted);
    }

    private List<String> closingWords(
            EmulatorRecord emulator, Configuration configuration, boolean founded, boolean played) {
        return List.of(
                (founded ? "Deployed" : "Updated")
                        + " in an emulator of AWS (moto) on this machine: no workload runs in it, and it is not AWS.",
                played
                        ? "Played:      the runbooks, by real API calls; and, as models, agents, users, DNS, replication and alarms (%s)"
                                .formatted(state.runtimeLog())
                        : "The local runtime has ended, so nothing is played, runbooks included: see %s, and run this again."
                                .formatted(state.runtimeLog()),
                "Look at it:  AWS_ENDPOINT_URL=%s AWS_ACCESS_KEY_ID=emulated AWS_SECRET_ACCESS_KEY=emulated aws --region %s rds describe-db-instances"
                        .formatted(emulator.endpoint(), configuration.primary().region()),
                "Stop it:     ./pilot local down");
    }
}
