package dev.pilotlight.simulation;

import dev.pilotlight.recovery.asl.Definition;
import dev.pilotlight.recovery.asl.Execution;
import dev.pilotlight.recovery.asl.Execution.Status;
import dev.pilotlight.simulation.Plan.Start;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** One disaster from beginning to end: what happens, what people do, and what must be so all the while. */
final class Disaster {

    private static final long LONGEST = 20L * 3600_000;

    private final Plan plan;
    private final World world;
    private final Clock clock;
    private final Judge judge;
    private final Coverage coverage;
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
        this.coverage = runbooks.coverage().empty();
        Fault.Source chosen = faults != null ? faults : (caller, call) -> randomFault();
        this.world = new World(
                plan,
                runbooks,
                seed,
                (caller, call) -> {
                    Fault fault = chosen.of(caller, call);
                    faultsInjected += fault == Fault.NONE ? 0 : 1;
                    return fault;
                },
                mistakes,
                coverage,
                recording);
        this.clock = world.clock();
        this.judge = new Judge(plan, world);
        for (Start start : plan.starts) {
            clock.at(start.at(), () -> start(start));
        }
        if (plan.rehearsal < Plan.NEVER) {
            clock.at(plan.rehearsal, () -> {
                clock.log("a rehearsal starts");
                world.executions()
                        .start(
                                rehearsal,
                                facts.failoverArn().replace("failover", "rehearsal"),
                                "rehearsal-1",
                                Map.of());
            });
        }
        if (plan.inLedRegion != null) {
            clock.at(plan.inLedRegion.at(), this::startInLedRegion);
        }
        if (plan.aborted < Plan.NEVER) {
            clock.at(plan.aborted, this::abort);
        }
    }

    private void abort() {
        for (Execution execution : world.executions().all()) {
            if (execution.status() == Status.RUNNING) {
                clock.log("somebody stops %s at \"%s\"", execution.name(), execution.state());
                execution.abort();
                world.executions().ended(execution);
            }
        }
    }

    World world() {
        return world;
    }

    Plan plan() {
        return plan;
    }

    Judge judge() {
        return judge;
    }

    Coverage coverage() {
        return coverage;
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
        long end = Math.min(lastChange(), clock.now() + 90 * Plan.MINUTE) + 5 * Plan.MINUTE;
        finish();
        passUntil(end);
        finish();
        world.leader().checkThatItStopped();
    }

    /** Only what was planned: without the resumption. */
    void play() {
        // An alarm comes when it comes.
        long begun = plan.automatic ? 60 * Plan.MINUTE : 0;
        for (Start start : plan.starts) {
            begun = Math.max(begun, start.at());
        }
        passUntil(begun);
        finish();
        if (plan.rehearsal < Plan.NEVER) {
            passUntil(plan.rehearsal);
            finish();
        }
    }

    /** Until nothing runs any more. */
    private void finish() {
        for (Execution next = next(); next != null; next = next()) {
            step(next);
        }
    }

    private void passUntil(long time) {
        while (clock.now() < time) {
            Execution next = next();
            if (next != null && Clock.millis(next.due()) < time) {
                step(next);
            } else {
                clock.advanceTo(time);
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
        long due = Clock.millis(execution.due());
        clock.advanceTo(due);
        // What began meanwhile may be due earlier.
        if (execution.status() != Status.RUNNING || clock.now() < due) {
            return;
        }
        if (clock.now() > LONGEST) {
            world.violated(Invariant.EVERY_RUN_ENDS_IN_TIME, execution.name() + " at " + execution.state());
        }
        world.executions().stepping(execution);
        String before = execution.state();
        execution.step();
        if (clock.recording() && !before.equals(execution.state())) {
            clock.log("%s: %s → %s", execution.name(), before, execution.state());
        }
        if (execution.status() != Status.RUNNING) {
            world.executions().ended(execution);
        }
        judge.stepped(execution, before);
        if (execution.status() != Status.RUNNING) {
            judge.ended(execution);
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
            clock.log(start.name() + " is refused: the name is taken");
            return;
        }
        clock.log("start %s %s", start.name(), input);
        world.executions().start(failover, facts.failoverArn(), start.name(), input);
    }

    /** Nothing happens where the region is lost. */
    private void startInLedRegion() {
        Start start = plan.inLedRegion;
        if (world.leader().up()) {
            clock.log("start in the leader's region: %s", start);
            world.executions()
                    .startInLedRegion(
                            stale,
                            facts.failoverArn().replaceAll("[^:]+$", "the-leaders-failover"),
                            start.name(),
                            input(start));
        }
    }

    private static Map<String, Object> input(Start start) {
        Map<String, Object> input = new LinkedHashMap<>();
        input.put("mode", start.mode());
        input.put("acceptDataLoss", start.acceptDataLoss());
        input.put("reason", "simulated");
        return input;
    }

    /**
     * When nothing new goes wrong, one more attempt is enough; a refused one may have used up a number, and one that
     * somebody stops is none.
     */
    private void resume() {
        world.heal();
        int attempts = 0;
        while (attempts < 2) {
            String name = plan.attempt(nextAttempt());
            long at = clock.now() + 6 * Plan.MINUTE;
            passUntil(at);
            start(new Start(at, name, "emergency", true));
            for (Execution next = next(); next != null; next = next()) {
                step(next);
            }
            if (succeeded()) {
                return;
            }
            attempts += execution(name).status() == Status.ABORTED ? 0 : 1;
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
                        && Judge.failsOver(execution)
                        && execution.status() == Status.SUCCEEDED
                        && !"drill".equals(execution.variables().get("mode")));
    }

    private boolean onlyDrills() {
        return plan.starts.stream().allMatch(start -> start.mode().equals("drill"))
                && world.executions().all().stream()
                        .noneMatch(run ->
                                Judge.failsOver(run) && !world.executions().inLedRegion(run));
    }

    private long lastChange() {
        long last = clock.now();
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
