package dev.pilotlight.cli.local.runtime;

import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.cli.local.EmulatorControl;
import dev.pilotlight.cli.local.EmulatorControl.RegionState;
import dev.pilotlight.cli.local.runtime.Observation.Landing;
import dev.pilotlight.cli.local.runtime.Observation.Region;
import dev.pilotlight.cli.local.runtime.Transition.Kind;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.dns.Route53Model.HttpAnswer;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Plays against the emulator what it has not: Step Functions' executions, the agents of instances, databases that fall
 * behind, Route 53 and the users that it sends somewhere, alarms and what they start. Everything that exists at AWS it
 * reads and writes by AWS's API, with the real SDK; what only happens inside instances, databases and DNS is a model. Its
 * time is the emulator's virtual time.
 *
 * <p>To drive it:
 * <pre>{@code
 * EmulatorControl control = new EmulatorControl(endpoint);
 * control.pace(Map.of("promotionSeconds", 600, "promotionUnseenSeconds", 20, "launchSeconds", 240));
 * try (LocalRuntime runtime = new LocalRuntime(control, configuration, account)) {
 *     runtime.onTransition(transition -> timeline.add(transition));   // from threads of the runtime; be quick
 *     runtime.start();
 *     runtime.speed(30);
 *     runtime.await(seen -> seen.users().written(), Duration.ofMinutes(10));         // virtual minutes
 *     control.region("eu-central-1", RegionState.HANGS);
 *     // start the failover by the standby's StartExecution, or wait for the alarm
 *     runtime.await(seen -> seen.users().region() == RegionName.DR && seen.users().written(), Duration.ofMinutes(40));
 * }
 * }</pre>
 * It needs no restart after a {@code cdk deploy}: what a deploy changes (records, health checks, launch templates,
 * schedules) is read again once in a virtual minute, and at once after {@link #deployed()}. Two runtimes at one emulator
 * would both run every execution: end that of {@code ./pilot local} first. Executions that were running when a runtime
 * ended are begun anew by the next one; the runbooks can be repeated.
 *
 * <p>Set the speed through {@link #speed}. Virtual time that is made faster waits for the runtime where the machine is too busy to follow
 * ({@link Pacer}). Above a speed of about 60 a call costs more virtual time than it would at AWS: the runtime looks at the
 * world every five virtual seconds, but not more often than twenty times a real second.
 */
public final class LocalRuntime implements AutoCloseable {

    private static final Duration DEPLOYED_EVERY = Duration.ofSeconds(60);
    private static final long DEPLOYED_AT_MOST_EVERY_MILLIS = 1_000;
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
    private static final long LOOK_AT_MOST_EVERY_MILLIS = 50;
    private static final long TICK_MILLIS = 20;
    private static final long LONGEST_TICK_MILLIS = 1_000;

    private final Names names;
    private final EmulatorControl control;
    private final InstantSource clock;
    /** Of what happens by itself: it is as it is. */
    private final Aws aws;
    /** Of the runbooks: they see what the services show, which may be a while ago. */
    private final Aws runbooksAws;

    private final Reach reach;
    private final Pacer pacer;
    private final Map<RegionName, RegionView> views = new EnumMap<>(RegionName.class);
    private final Dns dns;
    private final Databases databases;
    private final Agents agents;
    private final Users users;
    private final Alarms alarms;
    private final Schedules schedules;
    private final Executions executions;
    private final List<Consumer<Transition>> listeners = new CopyOnWriteArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Object changed = new Object();
    private volatile Observation observation;
    private volatile boolean deployed = true;

    /**
     * A runtime that does nothing yet.
     *
     * @param control of the emulator
     * @param configuration of the environment that is deployed to it: names, regions and zone are taken from it; not the
     *     lineage, which is read from what is deployed
     * @param account that the emulator plays
     */
    public LocalRuntime(EmulatorControl control, Configuration configuration, String account) {
        this(control, configuration, account, line -> {});
    }

    /** @param log gets a line about what could not be done, once for every new reason */
    public LocalRuntime(EmulatorControl control, Configuration configuration, String account, Consumer<String> log) {
        this.names = new Names(
                configuration.name(),
                "aws",
                account,
                Map.of(
                        RegionName.PRIMARY, configuration.primary().region(),
                        RegionName.DR, configuration.dr().region()),
                configuration.dns().recordName());
        this.control = control;
        this.clock = control.clock();
        this.aws = Aws.emulatedWorld(control.endpoint());
        this.runbooksAws = Aws.emulatedInside(control.endpoint());
        this.reach = new Reach(control, aws, names, log);
        this.pacer = new Pacer(control, reach);
        for (RegionName region : RegionName.values()) {
            views.put(region, new RegionView(reach, region, names.autoScalingGroup(region)));
        }
        this.dns = new Dns(reach, views, configuration.dns().hostedZoneId(), names.recordName(), this::tell);
        this.databases = new Databases(reach, views, this::tell);
        this.agents = new Agents(reach, views, dns, databases);
        this.users = new Users(reach, views, dns, databases, agents, names.recordName());
        Events events = new Events(reach, this::tell);
        this.alarms = new Alarms(reach, events, this::tell);
        this.schedules = new Schedules(reach, events);
        this.executions = new Executions(
                control,
                reach,
                region -> runbooksAws.in(names.regionOf(region)),
                clock,
                pacer,
                this::answer,
                this::tell);
    }

    /** What is told of every change, from the runtime's own threads. */
    public void onTransition(Consumer<Transition> listener) {
        listeners.add(listener);
    }

    /** Virtual time. */
    public InstantSource clock() {
        return clock;
    }

    public void start() {
        control.pace();
        reach.look();
        observation = observed(clock.instant());
        run("regions", reach::watch);
        run("world", this::play);
        run("executions", executions::watch);
    }

    private void run(String name, Runnable task) {
        Thread thread = new Thread(task, "local runtime: " + name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    /** How things stand. Never waits. */
    public Observation observe() {
        return observation;
    }

    /** Says that a deploy has changed what is there, so that it is read at once. */
    public void deployed() {
        deployed = true;
    }

    /**
     * Makes virtual time faster, or slower.
     *
     * @param speed virtual seconds per real one
     */
    public void speed(double speed) {
        pacer.speed(speed);
    }

    /** Does what takes an operator a moment: virtual time does not run away from it, however busy this machine is. */
    public <T> T operatorsWork(Supplier<T> work) {
        return pacer.during(null, work);
    }

    /** Whether the emulator was there when it was last asked. */
    public boolean emulatorAnswers() {
        return reach.answers();
    }

    /**
     * Waits until something is so.
     *
     * @param limit in virtual time
     * @return whether it is so
     */
    public boolean await(java.util.function.Predicate<Observation> wanted, Duration limit) throws InterruptedException {
        Instant deadline = clock.instant().plus(limit);
        synchronized (changed) {
            while (!wanted.test(observation)) {
                if (clock.instant().isAfter(deadline)) {
                    return false;
                }
                changed.wait(TICK_MILLIS);
            }
        }
        return true;
    }

    private void play() {
        Instant nextDeployed = Instant.MIN;
        Instant nextLook = Instant.MIN;
        long lastDeployed = 0;
        long lastLook = 0;
        while (!Thread.currentThread().isInterrupted()) {
            try {
                double speed = control.knownPace().speed();
                executions.speed(speed);
                Instant now = clock.instant();
                long real = System.currentTimeMillis();
                if (deployed || (!now.isBefore(nextDeployed) && real - lastDeployed >= DEPLOYED_AT_MOST_EVERY_MILLIS)) {
                    if (deployed) {
                        alarms.deployed();
                    }
                    deployed = false;
                    nextDeployed = now.plus(DEPLOYED_EVERY);
                    lastDeployed = real;
                    views.values().forEach(RegionView::refreshDeployed);
                    dns.refreshDeployed();
                    views.keySet().forEach(schedules::refreshDeployed);
                    views.keySet().forEach(this::prepareRunbooks);
                }
                if (!now.isBefore(nextLook) && real - lastLook >= LOOK_AT_MOST_EVERY_MILLIS) {
                    nextLook = now.plus(LOOK_EVERY);
                    lastLook = real;
                    views.values().forEach(RegionView::refresh);
                    readPlayed();
                }
                Instant ticked = clock.instant();
                tick(ticked);
                pacer.played(ticked);
                Thread.sleep(Math.min(LONGEST_TICK_MILLIS, Math.max(TICK_MILLIS, (long) (1000 / speed))));
            } catch (InterruptedException e) {
                return;
            } catch (RuntimeException e) {
                // One that would end here would leave a world that stands still.
                reach.say("world", String.valueOf(e));
            }
        }
    }

    private void readPlayed() {
        databases.broken(control.databases().stream()
                .filter(database -> !database.replicates())
                .map(database -> database.region() + " " + database.identifier())
                .collect(Collectors.toSet()));
    }

    private void prepareRunbooks(RegionName region) {
        reach.ask(region, "state machines of", in -> {
            in.stepFunctions()
                    .listStateMachines(request -> {})
                    .stateMachines()
                    .forEach(machine -> executions.prepare(
                            region,
                            in.stepFunctions()
                                    .describeStateMachine(request -> request.stateMachineArn(machine.stateMachineArn()))
                                    .definition()));
            return true;
        });
    }

    private void tick(Instant now) {
        databases.play(now);
        agents.play(now);
        dns.play(now);
        users.play(now);
        alarms.play(now);
        schedules.play(now);
        Observation before = observation;
        Observation after = observed(now);
        observation = after;
        compare(before, after);
        synchronized (changed) {
            changed.notifyAll();
        }
    }

    private Observation observed(Instant now) {
        Map<RegionName, Region> regions = new EnumMap<>(RegionName.class);
        views.forEach((region, view) -> regions.put(region, observed(region, view)));
        return new Observation(now, regions, users.fresh(), users.cached(), alarms.inAlarm());
    }

    private Region observed(RegionName region, RegionView view) {
        boolean up = reach.isUp(region);
        var database = view.database();
        return new Region(
                !up && reach.state(region) == RegionState.UP ? RegionState.REFUSES : reach.state(region),
                Set.copyOf(view.claims()),
                Set.copyOf(view.signs()),
                view.targets().size(),
                view.healthyTargets(),
                up ? agents.serving(region) : 0,
                agents.stoppedBySign(region),
                agents.superseded(region),
                database.map(RegionView.Database::identifier).orElse(""),
                up && database.map(RegionView.Database::writable).orElse(false),
                database.map(RegionView.Database::source).orElse(""));
    }

    private void compare(Observation before, Observation after) {
        Instant at = after.at();
        for (RegionName name : RegionName.values()) {
            Region old = before.region(name);
            Region now = after.region(name);
            if (old.state() != now.state()) {
                tell(new Transition(at, Kind.REGION, name, now.up() ? "is back" : "is lost: it " + word(now.state())));
            }
            newOnes(old.claims(), now.claims())
                    .forEach(term -> tell(new Transition(at, Kind.CLAIM, name, "claims term " + term)));
            newOnes(now.claims(), old.claims())
                    .forEach(term -> tell(new Transition(at, Kind.CLAIM, name, "claims term " + term + " no more")));
            newOnes(old.signs(), now.signs())
                    .forEach(term ->
                            tell(new Transition(at, Kind.SIGN, name, "shows the handover sign of term " + term)));
            newOnes(now.signs(), old.signs())
                    .forEach(term -> tell(
                            new Transition(at, Kind.SIGN, name, "takes the handover sign of term " + term + " back")));
            if (old.targets() != now.targets() || old.healthy() != now.healthy()) {
                tell(new Transition(
                        at, Kind.TARGETS, name, "%d of %d targets healthy".formatted(now.healthy(), now.targets())));
            }
            if (old.serving() != now.serving()
                    || old.stopped() != now.stopped()
                    || old.superseded() != now.superseded()) {
                tell(new Transition(
                        at,
                        Kind.AGENTS,
                        name,
                        "the workload runs on %d, is stopped by a sign on %d and for good on %d instances"
                                .formatted(now.serving(), now.stopped(), now.superseded())));
            }
            if (!old.database().equals(now.database()) || old.writable() != now.writable()) {
                tell(new Transition(
                        at,
                        Kind.DATABASE,
                        name,
                        (now.database().isEmpty() ? "no database" : now.database())
                                + (now.writable() ? " takes writes" : " takes no writes")));
            }
        }
        landing(Kind.USERS, "new users: ", at, before.users(), after.users());
        landing(Kind.CACHED_USERS, "users with an old answer of DNS: ", at, before.cachedUsers(), after.cachedUsers());
    }

    private void landing(Kind kind, String who, Instant at, Landing before, Landing after) {
        if (!Objects.equals(before, after)) {
            tell(new Transition(at, kind, after.region(), who + after));
        }
    }

    private static String word(RegionState state) {
        return switch (state) {
            case HANGS -> "hangs";
            case ISOLATED -> "is cut off from everybody else";
            default -> "refuses";
        };
    }

    private static Set<Integer> newOnes(Set<Integer> before, Set<Integer> after) {
        Set<Integer> added = new TreeSet<>(after);
        added.removeAll(before);
        return added;
    }

    private void tell(Transition transition) {
        listeners.forEach(listener -> listener.accept(transition));
    }

    /**
     * What an HTTP task of Step Functions gets from a URL: one more user, who asks DNS anew; of a host that is none of the
     * workload's, such as a witness, that it is there. By what was observed last, which is for any thread.
     */
    private Optional<HttpAnswer> answer(RegionName from, String url) {
        if (!reach.isConnected(from)) {
            return Optional.empty();
        }
        URI uri = URI.create(url);
        Observation seen = observation;
        String host = String.valueOf(uri.getHost());
        if (!host.equals(names.recordName()) && !host.endsWith("." + names.recordName())) {
            return Optional.of(new HttpAnswer(200, "healthy: " + host));
        }
        RegionName region = seen.users().region();
        for (RegionName named : RegionName.values()) {
            region = names.host(named).equals(host) ? named : region;
        }
        if (region == null || !reach.isConnected(region)) {
            return Optional.empty();
        }
        Optional<HttpAnswer> fixed = views.get(region).fixedAnswer(uri.getPath());
        if (fixed.isPresent()) {
            return fixed;
        }
        // Else the load balancer's own answer, or that of the agents in the stopped workload's place.
        return Optional.of(new HttpAnswer(seen.region(region).serving() > 0 ? 200 : 503, ""));
    }

    @Override
    public void close() {
        executions.close();
        threads.forEach(Thread::interrupt);
        for (Thread thread : threads) {
            try {
                thread.join(2_000);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        pacer.release();
        reach.close();
        aws.close();
        runbooksAws.close();
    }
}
