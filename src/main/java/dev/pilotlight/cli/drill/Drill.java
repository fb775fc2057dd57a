package dev.pilotlight.cli.drill;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Progress;
import dev.pilotlight.cli.Project;
import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.cli.drill.DrillRecord.Clock;
import dev.pilotlight.cli.drill.DrillRecord.Movement;
import dev.pilotlight.cli.drill.DrillRecord.Part;
import dev.pilotlight.cli.drill.DrillRecord.State;
import dev.pilotlight.cli.local.EmulatorControl;
import dev.pilotlight.cli.local.EmulatorControl.RegionState;
import dev.pilotlight.cli.local.PrivateEmulator;
import dev.pilotlight.cli.local.runtime.LocalRuntime;
import dev.pilotlight.cli.local.runtime.Observation;
import dev.pilotlight.cli.operate.Failover;
import dev.pilotlight.cli.operate.Findings;
import dev.pilotlight.cli.operate.LineageFile;
import dev.pilotlight.cli.operate.Mode;
import dev.pilotlight.cli.operate.Outcome;
import dev.pilotlight.cli.operate.Site;
import dev.pilotlight.cli.operate.StepEvent;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.objectives.Durations;
import dev.pilotlight.recovery.Signals;
import dev.pilotlight.topology.DatabaseRef;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingGroup;
import software.amazon.awssdk.services.cloudwatch.model.AlarmType;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.rds.model.DBInstance;
import software.amazon.awssdk.services.sfn.model.HistoryEvent;
import software.amazon.awssdk.services.sfn.model.HistoryEventType;

/** The drill's script: what is done, in which order, and what must hold after each act. */
final class Drill implements AutoCloseable {

    private static final List<String> BOTH = List.of("PrimaryStack", "DrStack");
    /** Real time. A deployment of everything takes half a minute on two cores. */
    /** In real time, whatever else this machine does. */
    private static final Duration LIMIT = Duration.ofHours(1);

    private static final RegionName HOME = RegionName.PRIMARY;
    private static final RegionName AWAY = RegionName.DR;

    /** How long a replica looks as before after its promotion was ordered, in virtual seconds. */
    private static final int UNSEEN_SECONDS = 20;

    /** How old an answer of ELBv2, Auto Scaling, RDS or Step Functions may be to the runbooks and the operator. */
    private static final int STALE_SECONDS = 5;

    /** While nothing is timed. */
    private static final double FAST = 40;

    private static final double FASTEST = 60;
    /** As far as alarms look back: what the speed-up has done to them before is forgotten. */
    private static final Duration ALARMS_LOOK_BACK = Duration.ofMinutes(5);

    private static final double LEAST_SPEED = 4;
    private static final double MOST_SPEED = 40;
    /**
     * What the emulator's own answers may add to the recovery time, of what physics sets: they are real work, and the
     * speed-up makes them longer.
     */
    private static final double OWN_SHARE = 0.02;
    /** A failover's calls, by those of a dry run. */
    private static final double CALLS_OF_A_DRY_RUN = 2;

    private static final Duration SETTLE = Duration.ofMinutes(6);
    private static final Duration PATIENCE = Duration.ofMinutes(60);
    private static final int TIME_TO_LIVE_AND_CHECKS_SECONDS = 300;

    private final Request request;
    private final Project project;
    private final Progress progress;
    private final Recorder recorder;
    private final Durations durations;
    private final ConfigurationCopy configurations;
    private final Names names;
    private final String workload;

    private PrivateEmulator emulator;
    private EmulatorControl control;
    private LocalRuntime runtime;
    private Watch watch;
    private Aws aws;

    private Instant lost;
    private Instant alarmed;
    private Instant served;
    private String composite = "";
    private double timed;
    private double untimed;

    /**
     * What is asked for.
     *
     * @param folder for state and logs
     * @param outage how the region is lost
     * @param speed virtual seconds per real one; empty: chosen by how fast this machine answers
     * @param assemblies to deploy instead of synthesizing, by phase id: for tests
     */
    record Request(
            String environment,
            Path configurations,
            Path folder,
            RegionState outage,
            OptionalDouble speed,
            Map<String, Path> assemblies) {}

    Drill(Request request, Project project, Progress progress, Recorder recorder) {
        this.request = request;
        this.project = project;
        this.progress = progress;
        this.recorder = recorder;
        this.configurations = ConfigurationCopy.of(
                request.configurations(),
                request.environment(),
                request.folder().resolve("config"));
        Configuration configuration = configurations.load();
        this.durations = durationsOf(configuration);
        this.timed = request.speed().orElse(LEAST_SPEED);
        this.untimed = request.speed().orElse(FAST);
        this.workload = configuration.name();
        this.names = new Names(
                workload,
                "aws",
                configuration.account().orElse(""),
                Map.of(
                        RegionName.PRIMARY, configuration.primary().region(),
                        RegionName.DR, configuration.dr().region()),
                configuration.dns().recordName());
    }

    /** The published ones, with the interval of the health checks that the profile has. */
    static Durations durationsOf(Configuration configuration) {
        Durations published = Durations.published();
        return configuration.production()
                ? new Durations(published.detection(), published.promotion(), published.launch(), 30, published.dns())
                : published;
    }

    Configuration configuration() {
        return configurations.load();
    }

    /** Of what is timed. */
    double speed() {
        return timed;
    }

    Durations durations() {
        return durations;
    }

    List<DrillPhase> phases() {
        return List.of(
                new DrillPhase("deploy", "Deploy both regions", Clock.REAL_TIME, LIMIT, this::deployBoth),
                new DrillPhase(
                        "calm", "Calm: the leader serves, the standby listens", Clock.SPED_UP, LIMIT, this::calm),
                new DrillPhase("loss", "The primary region is lost", Clock.SPED_UP, LIMIT, this::lose),
                new DrillPhase(
                        "failover",
                        "Fail over, with nothing of the primary region",
                        Clock.SPED_UP,
                        LIMIT,
                        this::failOver),
                new DrillPhase("recovered", "Is it recovered?", Clock.SPED_UP, LIMIT, this::recovered),
                new DrillPhase(
                        "release",
                        "Append, and release a new version to DR alone",
                        Clock.REAL_TIME,
                        LIMIT,
                        this::release),
                new DrillPhase("return", "The primary region comes back", Clock.SPED_UP, LIMIT, this::comeBack),
                new DrillPhase(
                        "reseed",
                        "Deploy both: a fresh replica for the primary region",
                        Clock.REAL_TIME,
                        LIMIT,
                        this::reseed),
                new DrillPhase("failback", "Planned failback", Clock.SPED_UP, LIMIT, this::failBack),
                new DrillPhase("final", "Append, and deploy both", Clock.REAL_TIME, LIMIT, this::settle));
    }

    private String region(RegionName region) {
        return names.regionOf(region);
    }

    private Aws.InRegion in(RegionName region) {
        return aws.in(region(region));
    }

    // 1

    private void deployBoth() throws Exception {
        Configuration configuration = configuration();
        step("Start an emulator", Clock.REAL_TIME, () -> {
            emulator = PrivateEmulator.start(project, request.folder(), configuration, progress);
            control = new EmulatorControl(emulator.endpoint());
            control.pace(Map.of(
                    "speed",
                    1,
                    "promotionSeconds",
                    durations.promotion(),
                    "promotionUnseenSeconds",
                    UNSEEN_SECONDS,
                    "launchSeconds",
                    durations.launch(),
                    "staleSeconds",
                    STALE_SECONDS));
            recorder.follow(control.clock());
            aws = Aws.emulatedWorld(emulator.endpoint());
            return emulator.endpoint();
        });
        step("cdk bootstrap of both regions", Clock.REAL_TIME, () -> {
            emulator.bootstrap(configuration);
            return "";
        });
        deploy("deploy", BOTH, false);
        step("Begin to play agents, DNS, alarms and runbooks", Clock.REAL_TIME, () -> {
            runtime = new LocalRuntime(control, configuration, emulator.account(), this::log);
            runtime.onTransition(transition -> log(transition.toString()));
            runtime.start();
            watch = new Watch(runtime, recorder, names);
            watch.start();
            return "";
        });
    }

    /** In real time: twenty seconds of synthesis would be ten minutes of a replica's life. */
    private void deploy(String phase, List<String> stacks, boolean exclusively) throws Exception {
        control.speed(1);
        String command = "cdk deploy %s%s".formatted(String.join(" ", stacks), exclusively ? " --exclusively" : "");
        step(
                command,
                Clock.REAL_TIME,
                () -> String.join(
                        ", ",
                        emulator.deploy(
                                request.environment(),
                                configurations.folder(),
                                stacks,
                                exclusively,
                                Optional.ofNullable(request.assemblies().get(phase)),
                                recorder::saying)));
        if (runtime != null) {
            runtime.deployed();
        }
    }

    /** Beside the emulator's own and the CDK CLI's. */
    private synchronized void log(String line) {
        try {
            Files.writeString(
                    request.folder().resolve("runtime.log"),
                    line + System.lineSeparator(),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.APPEND);
        } catch (IOException e) {
            progress.print("  runtime.log cannot be written: " + e.getMessage());
        }
    }

    private String step(String title, Clock clock, Callable<String> work) throws Exception {
        return recorder.step(title, clock, work);
    }

    /** Waits in virtual time. */
    private void await(String title, Predicate<Observation> wanted, Duration limit) throws Exception {
        step(title, Clock.SPED_UP, () -> {
            if (!runtime.await(wanted, limit)) {
                Observation seen = watch.now();
                throw new Failure(
                        "after %s of virtual time it is still not so; new users: %s; users with an old answer: %s"
                                .formatted(Times.length(limit), seen.users(), seen.cachedUsers()));
            }
            return "";
        });
    }

    private void pause(String title, Duration virtual) throws Exception {
        Instant until = control.clock().instant().plus(virtual);
        step(title, Clock.SPED_UP, () -> {
            while (control.clock().instant().isBefore(until)) {
                Thread.sleep(20);
            }
            return "";
        });
    }

    // 2

    private void calm() throws Exception {
        runtime.speed(untimed);
        await("Users are served by " + region(HOME), Watch.servedBy(HOME), PATIENCE);
        Instant from = recorder.now();
        pause("Nothing happens", SETTLE);
        checkHeard(HOME, from);
        checkServed(HOME, from);
        checkQuiet(AWAY);
        checkStatus();
        dryRun();
    }

    /**
     * The runbook in its dry mode: it must find nothing in its way. How long its calls take says how fast this machine
     * answers, the second time, when all is loaded; nobody needs that if the speed was chosen.
     */
    private void dryRun() throws Exception {
        boolean measures = request.speed().isEmpty();
        if (measures) {
            control.speed(1);
        }
        double seconds = 0;
        JsonNode findings = null;
        try (Site site = site(configuration())) {
            Failover failover = new Failover(site);
            for (String which : measures ? List.of(", the first", ", the second") : List.of("")) {
                Outcome[] outcome = new Outcome[1];
                step("Dry run of the runbook" + which, measures ? Clock.REAL_TIME : Clock.SPED_UP, () -> {
                    Failover.Run run = failover.start(
                            failover.plan(), new Failover.Request(Mode.DRILL, false, "Drill: a dry run"));
                    outcome[0] = failover.follow(run.executionArn(), event -> recorder.saying(event.state()));
                    return outcome[0].status().toLowerCase(Locale.ROOT);
                });
                if (!outcome[0].succeeded()) {
                    throw new Failure("the dry run ended as %s: %s".formatted(outcome[0].status(), outcome[0].cause()));
                }
                seconds = Rto.between(outcome[0].started(), outcome[0].stopped()) - waited(outcome[0].executionArn());
                findings = outcome[0].evidence().path("findings");
            }
        }
        recorder.check(
                "A dry run of the runbook finds nothing in its way",
                findings != null && findings.isArray() && findings.isEmpty(),
                "findings: " + findings);
        if (measures) {
            timed = Math.max(
                    LEAST_SPEED,
                    Math.min(
                            MOST_SPEED,
                            Math.floor(
                                    OWN_SHARE * durations.bound() / (CALLS_OF_A_DRY_RUN * Math.max(0.05, seconds)))));
            untimed = Math.min(FASTEST, 3 * timed);
            progress.print("  Speed of what is timed: %.0f virtual seconds per real one; the calls of a dry run took %s"
                    .formatted(timed, Times.length(seconds)));
        }
    }

    /** How long a run's Wait states took, in seconds: that is no work of this machine. */
    private double waited(String executionArn) {
        List<HistoryEvent> events = in(AWAY)
                .stepFunctions()
                .getExecutionHistoryPaginator(ask -> ask.executionArn(executionArn))
                .events()
                .stream()
                .toList();
        double seconds = 0;
        Instant since = null;
        for (HistoryEvent event : events) {
            if (since != null && event.type() != HistoryEventType.WAIT_STATE_EXITED) {
                seconds += Rto.between(since, event.timestamp());
                since = null;
            }
            since = event.type() == HistoryEventType.WAIT_STATE_ENTERED ? event.timestamp() : since;
        }
        return seconds;
    }

    /** The agents of the leader are heard in the other region, once in a minute. */
    private void checkHeard(RegionName leader, Instant from) {
        double heartbeats = datapoints(leader.other(), Signals.HEARTBEAT, from);
        recorder.check(
                "The leader's agents are heard in " + region(leader.other()),
                heartbeats >= SETTLE.toMinutes() - 2,
                "Heartbeat in %.0f of the last %d minutes".formatted(heartbeats, SETTLE.toMinutes()));
    }

    /** How many minutes have one. */
    private double datapoints(RegionName region, String metric, Instant from) {
        return in(region)
                .cloudWatch()
                .getMetricStatistics(ask -> ask.namespace(Signals.NAMESPACE)
                        .metricName(metric)
                        .dimensions(Dimension.builder()
                                .name(Signals.WORKLOAD)
                                .value(workload)
                                .build())
                        .startTime(from)
                        .endTime(recorder.now())
                        .period(60)
                        .statisticsWithStrings("SampleCount"))
                .datapoints()
                .size();
    }

    /** As {@code ./pilot status} says it. */
    private void checkStatus() {
        try (Site site = site(configuration())) {
            List<String> concerns = Findings.ofConcern(site);
            recorder.check("./pilot status says that all is well", concerns.isEmpty(), String.join("; ", concerns));
        }
    }

    private Site site(Configuration configuration) {
        return Site.emulated(
                configuration,
                configurations.folder(),
                false,
                emulator.endpoint(),
                emulator.account(),
                control.clock());
    }

    private void checkServed(RegionName leader, Instant from) {
        Watch.Throughout throughout = watch.throughout(from, recorder.now(), Watch.servedBy(leader));
        recorder.check(
                "Users are served by %s, without a break".formatted(region(leader)),
                throughout.held(),
                throughout.inWords(recorder));
    }

    private void checkQuiet(RegionName region) {
        Set<String> alarms = watch.now().alarms().getOrDefault(region, Set.of());
        recorder.check(
                "No alarm rings in " + region(region), alarms.isEmpty(), alarms.isEmpty() ? "" : alarms.toString());
    }

    // 3

    private void lose() throws Exception {
        composite =
                in(AWAY)
                        .cloudWatch()
                        .describeAlarms(ask -> ask.alarmTypes(AlarmType.COMPOSITE_ALARM))
                        .compositeAlarms()
                        .stream()
                        .map(alarm -> alarm.alarmName())
                        .findFirst()
                        .orElseThrow(() -> new Failure(region(AWAY) + " holds no composite alarm that would go off"));
        runtime.speed(timed);
        pause("Alarms have seen nothing but this speed", ALARMS_LOOK_BACK);
        lost = recorder.now();
        control.region(region(HOME), request.outage());
        recorder.lost(lost, region(HOME) + " is lost");
        watch.lost(HOME, request.outage(), lost);
        await(
                "The alarm goes off",
                seen -> seen.alarms().getOrDefault(AWAY, Set.of()).contains(composite),
                Duration.ofMinutes(30));
        alarmed = watch.first(
                        lost, seen -> seen.alarms().getOrDefault(AWAY, Set.of()).contains(composite))
                .orElseGet(recorder::now);
        recorder.moment("alarm", "The alarm goes off", alarmed);
    }

    // 4

    private void failOver() throws Exception {
        int asked = control.asked(region(HOME));
        Configuration before = configuration();
        Moved moved = move(before, Mode.EMERGENCY, "Drill: %s is lost".formatted(region(HOME)));
        int more = control.asked(region(HOME)) - asked;
        recorder.check(
                "Nothing was asked of %s, which is lost".formatted(region(HOME)),
                more == 0,
                more + " requests signed for it reached the emulator while the failover ran");
        Rto rto = rto(moved, lost, AWAY);
        served = rto.served();
        recorder.movement(new Movement(
                "failover",
                region(HOME),
                region(AWAY),
                moved.plan().term(),
                recorder.millis(lost),
                recorder.millis(rto.served()),
                rto.seconds(),
                rto.parts(),
                Rto.bound(durations),
                (double) durations.bound(),
                rto.overhead(durations),
                rto.added(durations),
                number(moved.outcome().expectedLossSeconds()),
                moved.outcome().evidence().path("fenced").asBoolean()));
    }

    /** A failover that has run, and when it ordered the promotion. */
    private record Moved(Failover.Plan plan, Outcome outcome, Instant started, Instant ordered) {}

    /** As {@code ./pilot failover --yes} does it. */
    private Moved move(Configuration configuration, Mode mode, String reason) throws Exception {
        try (Site site = site(configuration)) {
            Failover failover = new Failover(site);
            Failover.Plan[] plan = new Failover.Plan[1];
            step("Plan", Clock.SPED_UP, () -> {
                plan[0] = runtime.operatorsWork(failover::plan);
                return plan[0].expected()
                        .loss()
                        .map(loss -> "an emergency would lose at most " + Times.length(loss))
                        .orElse("the loss of an emergency is unknown");
            });
            Failover.Run[] run = new Failover.Run[1];
            step("Start the runbook", Clock.SPED_UP, () -> {
                run[0] =
                        runtime.operatorsWork(() -> failover.start(plan[0], new Failover.Request(mode, false, reason)));
                return run[0].name();
            });
            recorder.moment("started-" + plan[0].term(), "The runbook starts", run[0].started());
            Follow follow = new Follow(plan[0].to());
            Outcome[] outcome = new Outcome[1];
            step("The runbook " + run[0].name(), Clock.SPED_UP, () -> {
                outcome[0] = failover.follow(run[0].executionArn(), follow::accept);
                follow.end(outcome[0].stopped());
                if (!outcome[0].moved()) {
                    throw new Failure("the runbook ended as %s: %s"
                            .formatted(
                                    outcome[0].status(),
                                    outcome[0].cause().isEmpty()
                                            ? outcome[0].evidence().toString()
                                            : outcome[0].cause()));
                }
                return "it is done";
            });
            await("All users are served by " + region(plan[0].to()), Watch.servedBy(plan[0].to()), PATIENCE);
            return new Moved(
                    plan[0],
                    outcome[0],
                    run[0].started(),
                    follow.ordered().orElseThrow(() -> new Failure("the runbook never ordered a promotion")));
        }
    }

    /** Turns the runbook's states into steps of the report, one per phase of it. */
    private final class Follow {

        private static final String ORDER = "Promote";

        private final RegionName standby;
        private StepEvent open;
        private Instant ordered;

        Follow(RegionName standby) {
            this.standby = standby;
        }

        void accept(StepEvent event) {
            if (event.kind() != StepEvent.Kind.ENTERED) {
                progress.print("    %s: %s".formatted(event.state(), event.says()));
                return;
            }
            recorder.saying(event.state());
            if (event.state().equals(ORDER) && ordered == null) {
                ordered = event.at();
                watch.promoting(standby);
            }
            if (open == null || open.phase() != event.phase()) {
                end(event.at());
                open = event;
            }
        }

        void end(Instant at) {
            if (open == null) {
                return;
            }
            recorder.step("Runbook: " + open.phase().title(), open.phase().meaning(), open.at(), at);
            recorder.span(
                    "runbook",
                    "Runbook",
                    open.at(),
                    at,
                    State.WORK,
                    open.phase().title());
            open = null;
        }

        Optional<Instant> ordered() {
            return Optional.ofNullable(ordered);
        }
    }

    private Rto rto(Moved moved, Instant from, RegionName leader) {
        Instant ready = when(
                moved.ordered(),
                "the database took writes and instances were healthy",
                seen -> seen.region(leader).writable() && seen.region(leader).healthy() > 0);
        Instant claimed = when(
                ready,
                "the term was claimed",
                seen -> seen.region(leader).claims().contains(moved.plan().term()));
        Instant seen = when(claimed, "DNS answered with it", look -> Watch.writesIn(look.users(), leader));
        Instant all = when(seen, "all users were served", Watch.servedBy(leader));
        int term = moved.plan().term();
        recorder.moment("ready-" + term, "Database and instances ready", ready);
        recorder.moment("claimed-" + term, "Claimed", claimed);
        recorder.moment("seen-" + term, "DNS answers with " + region(leader), seen);
        recorder.moment("served-" + term, "All users served", all);
        return new Rto(from, moved.started(), moved.ordered(), ready, claimed, seen, all);
    }

    private Instant when(Instant from, String what, Predicate<Observation> wanted) {
        return watch.first(from, wanted).orElseThrow(() -> new Failure("it was not seen when " + what));
    }

    private static Double number(String text) {
        try {
            return Double.valueOf(text);
        } catch (NumberFormatException unknown) {
            return null;
        }
    }

    // 5

    private void recovered() throws Exception {
        Movement failover = recorder.movements().get(0);
        Configuration configuration = configuration();
        recorder.check(
                "Users were served within the objective",
                failover.seconds() <= configuration.objectives().rtoMinutes() * 60.0,
                "%s of %s"
                        .formatted(
                                Times.length(failover.seconds()),
                                Times.length(configuration.objectives().rtoMinutes() * 60)));
        // A speed that somebody chose may be one at which the emulator's own time shows.
        if (request.speed().isEmpty()) {
            recorder.check(
                    "At most a tenth over what physics sets",
                    failover.overheadPercent() <= 10,
                    "%s over %s"
                            .formatted(
                                    ReportPage.percent(failover.overheadPercent()),
                                    Times.length(failover.boundSeconds())));
            recorder.check(
                    "The runbook itself adds at most a tenth",
                    failover.addedSeconds() <= failover.boundSeconds() / 10,
                    "%s, %.1f %%"
                            .formatted(
                                    Times.length(failover.addedSeconds()),
                                    100 * failover.addedSeconds() / failover.boundSeconds()));
        }
        runtime.speed(untimed);
        pause("Users go on", Duration.ofMinutes(2));
        Double loss = failover.expectedLossSeconds();
        recorder.check(
                "The loss was known before the promotion, and within the objective",
                loss != null && loss <= configuration.objectives().rpoMinutes() * 60,
                loss == null
                        ? "unknown"
                        : "at most %s of %s"
                                .formatted(
                                        Times.length(loss),
                                        Times.length(configuration.objectives().rpoMinutes() * 60)));
        checkServed(AWAY, served);
        checkStandsAlone(AWAY, configuration);
        checkCapacity(AWAY, configuration);
        checkClaimed(AWAY, failover.term());
    }

    private void checkStandsAlone(RegionName leader, Configuration configuration) {
        DatabaseRef ref =
                configuration.databaseLineage().topology().databaseIn(leader).ref();
        DBInstance database = database(leader, names.database(ref));
        recorder.check(
                "The database stands alone, is available, and keeps its backups as long as configured",
                (database.readReplicaSourceDBInstanceIdentifier() == null
                                || database.readReplicaSourceDBInstanceIdentifier()
                                        .isEmpty())
                        && database.dbInstanceStatus().equals("available")
                        && database.backupRetentionPeriod()
                                == configuration.database().backupRetentionDays(),
                "%s is %s, %s, backups kept for %d days"
                        .formatted(
                                database.dbInstanceIdentifier(),
                                database.dbInstanceStatus(),
                                database.readReplicaSourceDBInstanceIdentifier() == null
                                        ? "no replica"
                                        : "a replica of " + database.readReplicaSourceDBInstanceIdentifier(),
                                database.backupRetentionPeriod()));
    }

    private DBInstance database(RegionName region, String identifier) {
        return in(region)
                .rds()
                .describeDBInstances(ask -> ask.dbInstanceIdentifier(identifier))
                .dbInstances()
                .get(0);
    }

    private void checkCapacity(RegionName leader, Configuration configuration) {
        AutoScalingGroup group = group(leader);
        int healthy = watch.now().region(leader).healthy();
        recorder.check(
                "Serving capacity is there, and healthy",
                healthy >= configuration.compute().minCapacity(),
                "%d healthy, %d desired; serving takes %d"
                        .formatted(
                                healthy,
                                group.desiredCapacity(),
                                configuration.compute().minCapacity()));
    }

    private AutoScalingGroup group(RegionName region) {
        return in(region)
                .autoScaling()
                .describeAutoScalingGroups(ask -> ask.autoScalingGroupNames(names.autoScalingGroup(region)))
                .autoScalingGroups()
                .get(0);
    }

    private void checkClaimed(RegionName leader, int term) {
        Set<Integer> claims = watch.now().region(leader).claims();
        recorder.check(
                "The claim of term %d stands, and DNS has seen it".formatted(term),
                claims.contains(term) && watch.now().users().region() == leader,
                "%s claims %s; DNS sends new users to %s"
                        .formatted(
                                region(leader),
                                claims,
                                region(watch.now().users().region())));
    }

    // 6

    private void release() throws Exception {
        append(HOME);
        configurations.release("2");
        Stacks stacks = new Stacks(aws, names);
        Map<String, String> before = stacks.precious(AWAY);
        AutoScalingGroup groupBefore = group(AWAY);
        long templateBefore = launchTemplateVersion(AWAY);
        int asked = control.asked(region(HOME));
        Instant from = recorder.now();
        deploy("release", List.of("DrStack"), true);
        Instant to = recorder.now();
        String replaced = Stacks.replaced(before, stacks.precious(AWAY));
        recorder.check(
                "Nothing that holds data or serves was replaced",
                replaced.isEmpty() && !before.isEmpty(),
                replaced.isEmpty() ? "%d physical ids are as before".formatted(before.size()) : replaced);
        AutoScalingGroup groupAfter = group(AWAY);
        recorder.check(
                "The deployment put out no instance that the runbook lit",
                groupAfter.desiredCapacity() >= groupBefore.desiredCapacity() && groupAfter.desiredCapacity() > 0,
                "desired capacity %d before, %d after"
                        .formatted(groupBefore.desiredCapacity(), groupAfter.desiredCapacity()));
        long templateAfter = launchTemplateVersion(AWAY);
        recorder.check(
                "The new version arrived",
                templateAfter > templateBefore,
                "launch template version %d before, %d after".formatted(templateBefore, templateAfter));
        recorder.check(
                "The deployment asked nothing of " + region(HOME),
                control.asked(region(HOME)) == asked,
                "%d requests".formatted(control.asked(region(HOME)) - asked));
        runtime.speed(untimed);
        pause("DNS and its health checks have time to change their minds", SETTLE);
        checkNoFlap("during the deployment and after it", AWAY, from, recorder.now());
        recorder.moment("released", "New version in DR", to);
    }

    /** The first change after a failover. */
    private void append(RegionName lostLeadership) throws Exception {
        step("Append \"%s\" to databaseLineage".formatted(lostLeadership.id()), Clock.SPED_UP, () -> {
            configurations.append(configuration().databaseLineage(), lostLeadership);
            return LineageFile.shown(configuration().databaseLineage());
        });
    }

    private long launchTemplateVersion(RegionName region) {
        return in(region).ec2().describeLaunchTemplates().launchTemplates().stream()
                .filter(template -> template.launchTemplateName() != null)
                .mapToLong(template -> template.latestVersionNumber())
                .max()
                .orElse(0);
    }

    private void checkNoFlap(String when, RegionName leader, Instant from, Instant to) {
        Watch.Throughout throughout = watch.throughout(from, to, Watch.servedBy(leader));
        recorder.check(
                "Users stayed with %s, served, %s".formatted(region(leader), when),
                throughout.held(),
                throughout.inWords(recorder));
    }

    // 7

    private void comeBack() throws Exception {
        runtime.speed(untimed);
        Instant back = recorder.now();
        control.region(region(HOME), RegionState.UP);
        watch.isBack(HOME);
        recorder.moment("back", region(HOME) + " is back", back);
        await(
                "Its agents see the claim, and the workload there stops",
                seen -> seen.region(HOME).up()
                        && seen.region(HOME).serving() == 0
                        && (seen.region(HOME).superseded() > 0
                                || seen.region(HOME).targets() == 0),
                PATIENCE);
        await(
                "Its group goes to zero",
                seen -> seen.region(HOME).up() && seen.region(HOME).targets() == 0,
                PATIENCE);
        Duration stopped = Duration.between(
                back,
                when(
                        back,
                        "the old leader stopped",
                        seen -> seen.region(HOME).up()
                                && seen.region(HOME).serving() == 0
                                && seen.at().isAfter(back.plusMillis(1))));
        pause(
                "DNS and its health checks have time to change their minds",
                Duration.ofSeconds(TIME_TO_LIVE_AND_CHECKS_SECONDS));
        AutoScalingGroup group = group(HOME);
        recorder.check(
                "The woken leader stopped by itself, for good",
                group.desiredCapacity() == 0 && watch.now().region(HOME).serving() == 0,
                "no workload runs there %s after it woke; its group wants %d instances"
                        .formatted(Times.length(stopped), group.desiredCapacity()));
        checkNoFlap("while the old leader woke", AWAY, back, recorder.now());
    }

    // 8

    private void reseed() throws Exception {
        Stacks stacks = new Stacks(aws, names);
        Map<String, String> away = stacks.precious(AWAY);
        Map<String, String> home = stacks.precious(HOME);
        Instant from = recorder.now();
        deploy("reseed", BOTH, false);
        Configuration configuration = configuration();
        checkKept(stacks, AWAY, away, home, 0);
        DatabaseRef fresh =
                configuration.databaseLineage().topology().databaseIn(HOME).ref();
        DatabaseRef leading =
                configuration.databaseLineage().topology().databaseIn(AWAY).ref();
        DBInstance replica = database(HOME, names.database(fresh));
        recorder.check(
                "%s has a fresh replica of the leader's database".formatted(region(HOME)),
                String.valueOf(replica.readReplicaSourceDBInstanceIdentifier()).endsWith(names.database(leading)),
                "%s replicates %s"
                        .formatted(
                                replica.dbInstanceIdentifier(),
                                String.valueOf(replica.readReplicaSourceDBInstanceIdentifier())
                                        .replaceAll(".*:", "")));
        runtime.speed(untimed);
        pause("The replica catches up, the leader's agents are heard", SETTLE);
        checkNoFlap("during the deployment and after it", AWAY, from, recorder.now());
        checkHeard(AWAY, recorder.now().minus(SETTLE));
    }

    /** But for the stale database of the region that lost leadership, and its logs, which leave the template. */
    private void checkKept(
            Stacks stacks, RegionName leader, Map<String, String> leaders, Map<String, String> standbys, int stale) {
        String database = workload + "-db-" + stale;
        Map<String, String> butStale = new LinkedHashMap<>(standbys);
        butStale.values().removeIf(id -> belongsTo(id, database));
        String replaced = Stream.of(
                        Stacks.replaced(leaders, stacks.precious(leader)),
                        Stacks.replaced(butStale, stacks.precious(leader.other())))
                .filter(words -> !words.isEmpty())
                .collect(Collectors.joining("; "));
        recorder.check(
                "Nothing that holds data or serves was replaced in either region",
                replaced.isEmpty() && !leaders.isEmpty() && !butStale.isEmpty(),
                replaced.isEmpty()
                        ? "%d physical ids are as before".formatted(leaders.size() + butStale.size())
                        : replaced);
        Set<String> left = new TreeSet<>(standbys.values());
        left.removeAll(butStale.values());
        Set<String> there = databasesAndTheirLogs(leader.other());
        recorder.check(
                "The stale database and its logs left the template, and were retained",
                left.contains(database) && there.containsAll(left),
                "%s holds %s"
                        .formatted(
                                region(leader.other()),
                                there.stream()
                                        .map(id -> id.replaceFirst(".*/(" + workload + "-db-)", "logs of $1"))
                                        .collect(Collectors.joining(", "))));
    }

    private static boolean belongsTo(String physicalId, String database) {
        return physicalId.equals(database) || physicalId.contains("/" + database + "/");
    }

    private Set<String> databasesAndTheirLogs(RegionName region) {
        Set<String> there = new TreeSet<>();
        in(region).rds().describeDBInstances().dbInstances().forEach(one -> there.add(one.dbInstanceIdentifier()));
        in(region)
                .logs()
                .describeLogGroupsPaginator(ask -> ask.logGroupNamePrefix("/aws/rds/instance/" + workload + "-db-"))
                .logGroups()
                .forEach(one -> there.add(one.logGroupName()));
        return there;
    }

    // 9

    private void failBack() throws Exception {
        runtime.speed(timed);
        Moved moved = move(configuration(), Mode.PLANNED, "Drill: planned failback");
        Rto times = rto(moved, moved.started(), HOME);
        Instant stopped = when(
                moved.started(),
                "the old leader's workload stopped",
                seen -> seen.region(AWAY).serving() == 0);
        Double loss = number(moved.outcome().expectedLossSeconds());
        boolean fenced = moved.outcome().evidence().path("fenced").asBoolean();
        recorder.movement(new Movement(
                "failback",
                region(AWAY),
                region(HOME),
                moved.plan().term(),
                recorder.millis(moved.started()),
                recorder.millis(times.served()),
                times.seconds(),
                failbackParts(times, stopped),
                List.of(),
                null,
                null,
                null,
                loss,
                fenced));
        recorder.check("The old leader had stopped before the promotion", fenced, "fenced: " + fenced);
        recorder.check(
                "Nothing was lost",
                loss != null && loss == 0,
                loss == null ? "unknown" : "the runbook proved a loss of %s".formatted(Times.length(loss)));
        checkStandsAlone(HOME, configuration());
        checkCapacity(HOME, configuration());
        checkClaimed(HOME, moved.plan().term());
        await("The old leader's group goes to zero", seen -> seen.region(AWAY).targets() == 0, PATIENCE);
        checkServed(HOME, times.served());
    }

    private static List<Part> failbackParts(Rto times, Instant stopped) {
        return List.of(
                new Part("until the workload stops, users served", Rto.between(times.started(), stopped)),
                new Part(Rto.FENCE, Rto.between(stopped, times.ordered())),
                new Part(Rto.READY, Rto.between(times.ordered(), times.ready())),
                new Part("until the claim", Rto.between(times.ready(), times.claimed())),
                new Part(Rto.SEEN, Rto.between(times.claimed(), times.seen())),
                new Part(Rto.DNS, Rto.between(times.seen(), times.served())));
    }

    // 10

    private void settle() throws Exception {
        append(AWAY);
        Stacks stacks = new Stacks(aws, names);
        Map<String, String> home = stacks.precious(HOME);
        Map<String, String> away = stacks.precious(AWAY);
        Instant from = recorder.now();
        deploy("final", BOTH, false);
        checkKept(stacks, HOME, home, away, 1);
        runtime.speed(untimed);
        pause("The replica catches up, the leader's agents are heard", SETTLE);
        checkNoFlap("during the deployment and after it", HOME, from, recorder.now());
        checkHeard(HOME, recorder.now().minus(SETTLE));
        // Alarms that a deployment made begin without data, and take a while to find that all is well.
        await(
                "The new alarms of the standby see that all is well",
                seen -> seen.alarms().getOrDefault(AWAY, Set.of()).isEmpty(),
                Duration.ofMinutes(30));
        checkQuiet(AWAY);
        checkStatus();
        List<String> lineage = new ArrayList<>();
        configuration()
                .databaseLineage()
                .entries()
                .forEach(entry -> lineage.add(entry.region().id()));
        recorder.check(
                "The lineage tells what happened",
                lineage.equals(List.of("primary", "dr", "primary", "dr")),
                lineage.toString());
    }

    /** Ends what plays in this process, and nothing else. */
    private void rest() {
        if (watch != null) {
            watch.close();
        }
        if (runtime != null) {
            runtime.close();
        }
        if (aws != null) {
            aws.close();
        }
    }

    /**
     * Leaves the emulator running, at the pace of the clock on the wall.
     *
     * @return how to look at it, and how to end it
     */
    List<String> keep() {
        rest();
        if (emulator == null) {
            return List.of();
        }
        control.speed(1);
        return emulator.keep(configuration(), configurations.folder());
    }

    @Override
    public void close() {
        rest();
        if (emulator != null) {
            emulator.close();
        }
    }
}
