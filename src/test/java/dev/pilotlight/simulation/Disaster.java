package dev.pilotlight.simulation;

import dev.pilotlight.recovery.asl.Definition;
import dev.pilotlight.recovery.asl.Execution;
import dev.pilotlight.recovery.asl.Execution.Status;
import dev.pilotlight.simulation.Plan.Start;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;

/** One disaster from beginning to end: what happens, what people do, and what must be so all the while. */
final class Disaster {

    private static final Set<String> BEFORE_ADMISSION = Set.of(
            "Check the input",
            "Refuse the input",
            "Begin",
            "Only a drill?",
            "Another run?",
            "Alone?",
            "The attempt before",
            "Over?",
            "Refuse to run beside another");
    private static final long LONGEST = 20L * 3600_000;

    private final Plan plan;
    private final World world;
    private final Facts facts;
    private final Definition failover;
    private final Definition rehearsal;
    private final Definition stale;
    private final Random random;
    private int faultsInjected;

    Disaster(Plan plan, long seed, Runbooks runbooks) {
        this(plan, seed, runbooks, null);
    }

    /** @param faults null: at random, as often as the plan says */
    Disaster(Plan plan, long seed, Runbooks runbooks, Fault.Source faults) {
        this(plan, seed, runbooks, faults, Set.of(), false);
    }

    /** @param recording whether to keep a timeline */
    Disaster(
            Plan plan,
            long seed,
            Runbooks runbooks,
            Fault.Source faults,
            Set<AgentMistake> mistakes,
            boolean recording) {
        this.plan = plan;
        this.facts = runbooks.facts();
        this.failover = runbooks.failover();
        this.rehearsal = runbooks.rehearsal();
        this.stale = runbooks.stale();
        this.random = new Random(seed ^ 0x5DEECE66DL);
        Fault.Source chosen = faults != null ? faults : (caller, call) -> randomFault();
        this.world = new World(
                plan,
                facts,
                seed,
                (caller, call) -> {
                    Fault fault = chosen.of(caller, call);
                    faultsInjected += fault == Fault.NONE ? 0 : 1;
                    return fault;
                },
                mistakes,
                recording);
        for (Start start : plan.starts) {
            world.clock().at(start.at(), () -> start(start));
        }
        if (plan.rehearsal < Plan.NEVER) {
            world.clock().at(plan.rehearsal, () -> {
                world.clock().log("a rehearsal starts");
                world.executions()
                        .runs(new Execution(
                                rehearsal,
                                facts.failoverArn().replace("failover", "rehearsal"),
                                "rehearsal-1",
                                Map.of(),
                                Clock.instant(world.clock().now()),
                                world,
                                random::nextDouble));
            });
        }
        if (plan.inLedRegion != null) {
            world.clock().at(plan.inLedRegion.at(), this::startInLedRegion);
        }
        if (plan.aborted < Plan.NEVER) {
            world.clock()
                    .at(
                            plan.aborted,
                            () -> world.executions().all().stream()
                                    .filter(execution -> execution.status() == Status.RUNNING)
                                    .forEach(execution -> {
                                        world.clock()
                                                .log("somebody stops " + execution.name() + " at \"" + execution.state()
                                                        + "\"");
                                        execution.abort();
                                    }));
        }
    }

    World world() {
        return world;
    }

    Plan plan() {
        return plan;
    }

    int faultsInjected() {
        return faultsInjected;
    }

    /** Lives through it. */
    void run() {
        play();
        if (!succeeded() && !onlyDrills() && !plan.wrongSource) {
            resume();
        }
        // Whoever sleeps may wake.
        long end = Math.min(lastChange(), world.clock().now() + 90 * Plan.MINUTE) + 5 * Plan.MINUTE;
        for (Execution next = next(); next != null; next = next()) {
            step(next);
        }
        world.clock().advanceTo(Math.max(world.clock().now(), end));
        for (Execution next = next(); next != null; next = next()) {
            step(next);
        }
        world.leader().checkThatItStopped();
    }

    /** Only what was planned: without the resumption. */
    void play() {
        long begun = 0;
        for (Start start : plan.starts) {
            begun = Math.max(begun, start.at());
        }
        world.clock().advanceTo(0);
        while (true) {
            Execution next = next();
            if (next == null) {
                if (world.clock().now() >= begun
                        && (plan.rehearsal == Plan.NEVER || world.clock().now() >= plan.rehearsal)) {
                    return;
                }
                world.clock().advanceTo(world.clock().now() + 1000);
            } else {
                step(next);
            }
        }
    }

    Execution execution(String name) {
        return world.executions().all().stream()
                .filter(execution -> !world.executions().inLedRegion(execution)
                        && execution.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void step(Execution execution) {
        world.clock().advanceTo(Clock.millis(execution.due()));
        if (execution.status() != Status.RUNNING) {
            return;
        }
        if (world.clock().now() > LONGEST) {
            world.violated(Invariant.EVERY_RUN_ENDS_IN_TIME, execution.name() + " at " + execution.state());
        }
        world.executions().stepping(execution);
        String before = execution.state();
        execution.step();
        if (world.clock().recording() && !before.equals(execution.state())) {
            world.clock().log(execution.name() + ": " + before + " → " + execution.state());
        }
        if (execution.status() != Status.RUNNING) {
            ended(execution);
        } else if (admitted(execution)) {
            for (Execution other : world.executions().all()) {
                if (other != execution && other.status() == Status.RUNNING && admitted(other)) {
                    world.violated(Invariant.ONE_RUN_AT_A_TIME, execution.name() + " and " + other.name());
                }
            }
        }
    }

    private boolean admitted(Execution execution) {
        return !world.executions().inLedRegion(execution)
                && failsOver(execution)
                && !BEFORE_ADMISSION.contains(execution.state());
    }

    /** What must be so at the end of a run. */
    private void ended(Execution execution) {
        if (world.clock().recording()) {
            world.clock()
                    .log(execution.name() + " " + execution.status()
                            + (execution.cause() == null ? "" : ": " + execution.cause()));
        }
        Map<String, Object> variables = execution.variables();
        if (execution.status() == Status.TIMED_OUT) {
            world.violated(Invariant.EVERY_RUN_ENDS_IN_TIME, execution.name());
        }
        if ((execution.error() != null && execution.error().startsWith("States."))
                || String.valueOf(variables.get("why")).contains("QueryEvaluationError")) {
            world.violated(
                    Invariant.EVERY_EXPRESSION_HAS_A_VALUE,
                    execution.state() + ": " + execution.cause() + " " + variables.get("why"));
        }
        checkInWhoseWay(execution);
        if (world.executions().inLedRegion(execution)
                || !failsOver(execution)
                || "Pilotlight.AnotherRun".equals(execution.error())
                || "Pilotlight.InvalidInput".equals(execution.error())) {
            return;
        }
        boolean drill = "drill".equals(variables.get("mode"));
        if (execution.status() == Status.SUCCEEDED && !drill) {
            boolean seen = ((Map<?, ?>) variables.get("times")).containsKey("seen");
            boolean unseen = variables.get("findings").toString().contains("could not be seen from outside");
            if (!world.listener().claimStands() || !world.database().writable() || seen == unseen) {
                world.violated(Invariant.DONE_MEANS_SEEN_AND_REPORTED, "done, but seen " + seen);
            }
            if (seen && !world.users().claimSeen() && !world.users().opened()) {
                world.violated(Invariant.DONE_MEANS_SEEN_AND_REPORTED, "Route 53 does not see the claim yet");
            }
            if (unseen && plan.outside.from() == Plan.NEVER && faultsInjected == 0) {
                world.violated(Invariant.DONE_MEANS_SEEN_AND_REPORTED, "a false alarm: everybody sees the claim");
            }
            if (plan.faultRate == 0 && faultsInjected == 0 && !world.reported()) {
                world.violated(Invariant.DONE_MEANS_SEEN_AND_REPORTED, "no evidence, or nobody was told");
            }
        }
        boolean believesNothingPromoted = Boolean.FALSE.equals(variables.get("committed"))
                && Boolean.FALSE.equals(variables.get("promoted"))
                && Boolean.FALSE.equals(variables.get("claimed"));
        if (execution.status() == Status.FAILED && believesNothingPromoted && !drill) {
            if (world.listener().signStands() && !Boolean.TRUE.equals(variables.get("signLeft"))) {
                world.violated(Invariant.WHO_GIVES_UP_BEFORE_THE_PROMOTION_TAKES_BACK_WHAT_HE_DID, "the sign stands");
            }
            if ("planned".equals(variables.get("mode"))
                    && world.group().desired() > 0
                    && faultsInjected == 0
                    && plan.rehearsal == Plan.NEVER
                    && plan.impaired.from() == Plan.NEVER) {
                world.violated(Invariant.WHO_GIVES_UP_BEFORE_THE_PROMOTION_TAKES_BACK_WHAT_HE_DID, "the group is lit");
            }
        }
    }

    /** By the name, which a drill does not have. */
    private static boolean failsOver(Execution execution) {
        return execution.name().startsWith("failover");
    }

    /** Who was refused because others run was refused because of a failover; a drill is never. */
    private void checkInWhoseWay(Execution execution) {
        if (execution.name().startsWith("drill") && "Pilotlight.AnotherRun".equals(execution.error())) {
            world.violated(Invariant.A_DRILL_IS_IN_NOBODYS_WAY, execution.name() + " looked for others");
        }
        Map<String, Object> variables = execution.variables();
        boolean sawOthers = Stream.of("others", "running")
                .anyMatch(name -> variables.get(name) instanceof Number count && count.longValue() > 0);
        boolean anyFailover = world.executions().all().stream()
                .anyMatch(other -> other != execution && !world.executions().inLedRegion(other) && failsOver(other));
        if (sawOthers && !anyFailover) {
            world.violated(Invariant.A_DRILL_IS_IN_NOBODYS_WAY, execution.name() + " was refused by a drill");
        }
    }

    private Execution next() {
        Execution next = null;
        for (Execution execution : world.executions().all()) {
            if (execution.status() == Status.RUNNING
                    && (next == null || execution.due().isBefore(next.due()))) {
                next = execution;
            }
        }
        return next;
    }

    /** StartExecution: a name is taken once, and the same input under a name that runs is the same run [doc]. */
    private void start(Start start) {
        Map<String, Object> input = input(start);
        if (used(start.name())) {
            world.clock().log(start.name() + " is refused: the name is taken");
            return;
        }
        world.clock().log("start %s %s", start.name(), input);
        world.executions()
                .runs(new Execution(
                        failover,
                        facts.failoverArn(),
                        start.name(),
                        input,
                        Clock.instant(world.clock().now()),
                        world,
                        random::nextDouble));
    }

    /** Nothing happens where the region is lost. */
    private void startInLedRegion() {
        Start start = plan.inLedRegion;
        if (world.leader().up()) {
            world.clock().log("start in the leader's region: " + start);
            world.executions()
                    .runsInLedRegion(new Execution(
                            stale,
                            facts.failoverArn().replaceAll("[^:]+$", "the-leaders-failover"),
                            start.name(),
                            input(start),
                            Clock.instant(world.clock().now()),
                            world,
                            random::nextDouble));
        }
    }

    private static Map<String, Object> input(Start start) {
        Map<String, Object> input = new LinkedHashMap<>();
        input.put("mode", start.mode());
        input.put("acceptDataLoss", start.acceptDataLoss());
        input.put("reason", "simulated");
        return input;
    }

    /** When nothing new goes wrong, one more attempt is enough; a refused one may have used up a number. */
    private void resume() {
        world.clock().heal();
        for (int attempt = 1; attempt <= 2; attempt++) {
            String name = plan.attempt(nextAttempt());
            long at = world.clock().now() + 6 * Plan.MINUTE;
            world.clock().advanceTo(at);
            start(new Start(at, name, "emergency", true));
            for (Execution next = next(); next != null; next = next()) {
                step(next);
            }
            if (succeeded()) {
                return;
            }
        }
        world.violated(Invariant.EVERY_RUN_CAN_BE_RESUMED, "two more attempts did not succeed");
    }

    /** The first number that was never used: what the command line would choose. */
    private int nextAttempt() {
        int number = 1;
        while (used(plan.attempt(number))) {
            number++;
        }
        return number;
    }

    private boolean used(String name) {
        return world.executions().all().stream()
                .anyMatch(execution -> !world.executions().inLedRegion(execution)
                        && execution.name().equals(name));
    }

    boolean succeeded() {
        return world.executions().all().stream()
                .anyMatch(execution -> !world.executions().inLedRegion(execution)
                        && failsOver(execution)
                        && execution.status() == Status.SUCCEEDED
                        && !"drill".equals(execution.variables().get("mode")));
    }

    private boolean onlyDrills() {
        return plan.starts.stream().allMatch(start -> start.mode().equals("drill"));
    }

    private long lastChange() {
        long last = world.clock().now();
        for (Plan.Span span : new Plan.Span[] {
            plan.leaderDown, plan.leaderCannotReachStandby, plan.outside, plan.leaderAgentsDown, plan.groupStays
        }) {
            if (span.to() < Plan.NEVER) {
                last = Math.max(last, span.to());
            }
        }
        return last;
    }

    private Fault randomFault() {
        if (random.nextDouble() >= plan.faultRate) {
            return Fault.NONE;
        }
        Fault[] faults = Fault.values();
        return faults[1 + random.nextInt(faults.length - 1)];
    }
}
