package dev.pilotlight.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.recovery.asl.Definition;
import dev.pilotlight.recovery.asl.Execution;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each of the runbooks' calls goes wrong in each way, there and back: once, and until somebody repairs it. */
class EveryFaultTest {

    /** A fault that passes is not noticed, but for checks that nothing waits for. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anyCallMayFailOnce(int term) {
        Runbooks runbooks = Runbooks.ofTerm(term);
        List<String> problems = new ArrayList<>();
        int runs = 0;
        Set<String> reached = new TreeSet<>();
        for (String mode : List.of("planned", "emergency", "drill")) {
            for (String state : calls(runbooks.failover())) {
                for (Fault fault : Fault.values()) {
                    runs++;
                    Once once = new Once(state, fault, 1);
                    Disaster disaster = new Disaster(plan(term, mode), runs, runbooks, once);
                    try {
                        disaster.run();
                        if (!mode.equals("drill")
                                && once.left < 1
                                && disaster.world().executions().all().size() > 1) {
                            problems.add("%s, %s, %s: took a second attempt".formatted(mode, state, fault));
                        }
                        if (state.equals("Ask for the claim")
                                && disaster.world().executions().all().stream()
                                        .anyMatch(run -> String.valueOf(
                                                        run.variables().get("findings"))
                                                .contains("could not be seen from outside"))) {
                            problems.add(
                                    "%s, %s, %s: one look that failed is no finding".formatted(mode, state, fault));
                        }
                    } catch (Violation violation) {
                        problems.add("%s, %s, %s: %s".formatted(mode, state, fault, violation.getMessage()));
                    }
                    if (once.left < 1) {
                        reached.add(state);
                    }
                }
            }
        }
        assertThat(problems).isEmpty();
        // Those that only a fault, or a later attempt, leads to are met in the next tests.
        assertThat(calls(runbooks.failover()))
                .filteredOn(state -> !reached.contains(state))
                .containsExactlyInAnyOrderElementsOf(
                        Stream.concat(LATER_ATTEMPTS.stream(), ledTo().stream().map(Led::state))
                                .distinct()
                                .toList());
    }

    /**
     * The rehearsal as well: it ends, by itself and in time, and leaves no instance behind but the one that it says it could
     * not stop.
     */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anyCallOfTheRehearsalMayFail(int term) {
        Runbooks runbooks = Runbooks.ofTerm(term);
        List<String> problems = new ArrayList<>();
        Set<String> reached = new TreeSet<>();
        int runs = 0;
        for (String state : calls(runbooks.rehearsal())) {
            for (Fault fault : Fault.values()) {
                for (int times : List.of(1, Integer.MAX_VALUE)) {
                    Plan plan = new Plan(term);
                    plan.rehearsal = 5 * Plan.MINUTE;
                    Once once = new Once(state, fault, times);
                    // Two are asked only after the instance could not be stopped.
                    boolean late = Set.of("Why not?", "Tell people").contains(state);
                    Once cause = new Once(late ? "Stop it" : "none", Fault.FAILED, Integer.MAX_VALUE);
                    Disaster disaster = new Disaster(plan, ++runs, runbooks, (caller, call) -> {
                        Fault first = cause.of(caller, call);
                        return first == Fault.NONE ? once.of(caller, call) : first;
                    });
                    String which = "%s, %s, %d times: ".formatted(state, fault, times);
                    try {
                        disaster.run();
                    } catch (Violation violation) {
                        problems.add(which + violation.getMessage());
                        continue;
                    }
                    Execution rehearsal = disaster.execution("rehearsal-1");
                    if (rehearsal.status() == Execution.Status.RUNNING) {
                        problems.add(which + "it does not end");
                    }
                    boolean says = String.valueOf(rehearsal.cause()).contains("Stop it");
                    if (disaster.world().group().desired() != 0 && !says) {
                        problems.add(which + "an instance is left, and it says " + rehearsal.cause());
                    }
                    if (once.left < times) {
                        reached.add(state);
                    }
                }
            }
        }
        assertThat(problems).isEmpty();
        assertThat(reached).containsExactlyInAnyOrderElementsOf(calls(runbooks.rehearsal()));
    }

    /** A fault that lasts ends the run, and the next attempt, when the cause is gone, completes what it began. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anyCallMayFailForGood(int term) {
        Runbooks runbooks = Runbooks.ofTerm(term);
        List<String> problems = new ArrayList<>();
        int runs = 0;
        for (String mode : List.of("planned", "emergency")) {
            for (String state : calls(runbooks.failover())) {
                for (Fault fault : Fault.values()) {
                    runs++;
                    Disaster disaster =
                            new Disaster(plan(term, mode), runs, runbooks, new Once(state, fault, Integer.MAX_VALUE));
                    try {
                        disaster.run();
                    } catch (Violation violation) {
                        problems.add("%s, %s, %s: %s".formatted(mode, state, fault, violation.getMessage()));
                    }
                }
            }
        }
        assertThat(problems).isEmpty();
    }

    /**
     * A state that only a fault, or an odd world, leads to.
     *
     * @param cause the state whose calls go wrong before
     */
    private record Led(String state, String mode, String cause, Fault fault, int times, Consumer<Plan> world) {
        Led(String state, String mode, String cause, Fault fault, int times) {
            this(state, mode, cause, fault, times, plan -> {});
        }
    }

    private static final int FOR_GOOD = Integer.MAX_VALUE;

    /** Met where a run is resumed. */
    private static final List<String> LATER_ATTEMPTS =
            List.of("The attempt before", "Look at the group", "Look again at the database");

    private static List<Led> ledTo() {
        return List.of(
                new Led("Look for the sign", "planned", "Raise the handover sign", Fault.FAILED, FOR_GOOD),
                new Led("Take the sign back", "planned", "Look at fence and replay", Fault.FAILED, FOR_GOOD),
                new Led("Put the light out", "planned", "Look at fence and replay", Fault.FAILED, FOR_GOOD),
                new Led("Verify the sign", "emergency", "Raise the handover sign", Fault.FAILS_AFTER_EFFECT, 1),
                new Led("Still a replica?", "planned", "Mark the point of no return", Fault.FAILED, FOR_GOOD),
                new Led(
                        "Withdraw the mark",
                        "planned",
                        "Mark the point of no return",
                        Fault.HANGS_AFTER_EFFECT,
                        FOR_GOOD),
                new Led("Look at the loss again", "emergency", "Promote", Fault.HANGS, 1),
                new Led("Mark the loss anew", "emergency", "Promote", Fault.HANGS, 1),
                new Led(
                        "Tell of the place of the sign",
                        "emergency",
                        "none",
                        Fault.NONE,
                        0,
                        plan -> plan.foreignSign = new Plan.Span(0, Plan.NEVER)),
                new Led("Raise the sign after all", "emergency", "none", Fault.NONE, 0, plan -> {
                    plan.foreignSign = new Plan.Span(0, 20 * Plan.MINUTE);
                    plan.backup = new Plan.Span(14 * Plan.MINUTE, 30 * Plan.MINUTE);
                }),
                new Led("Does RDS say that it is up?", "emergency", "Look whether it writes", Fault.FAILED, FOR_GOOD),
                new Led("Verify the claim", "emergency", "Claim the term", Fault.FAILS_AFTER_EFFECT, 1),
                new Led("Claim it again", "emergency", "Look at the claim once more", Fault.FAILED, 1),
                new Led(
                        "Claim it again",
                        "emergency",
                        "none",
                        Fault.NONE,
                        0,
                        plan -> plan.claimTakenAwayAfterMillis = 10_000),
                new Led(
                        "Read this region's answer at last (look)",
                        "emergency",
                        "Read how this region answers (look)",
                        Fault.FAILED,
                        FOR_GOOD),
                new Led("Raise the light", "emergency", "none", Fault.NONE, 0, plan -> plan.leaderInstances = 4),
                new Led(
                        "Tell of the stuck database",
                        "emergency",
                        "none",
                        Fault.NONE,
                        0,
                        plan -> plan.stuck = new Plan.Span(10 * Plan.MINUTE, 40 * Plan.MINUTE)),
                new Led("Tell of the database that is stuck alone", "emergency", "none", Fault.NONE, 0, plan -> {
                    plan.bootMillis = 20 * Plan.MINUTE;
                    plan.stuck = new Plan.Span(22 * Plan.MINUTE, 30 * Plan.MINUTE);
                }),
                new Led(
                        "Tell of the stuck promotion",
                        "emergency",
                        "none",
                        Fault.NONE,
                        0,
                        plan -> plan.stuck = new Plan.Span(17 * Plan.MINUTE, 40 * Plan.MINUTE)));
    }

    /** The same for what is reached only when another fault has hit before, or the database is stuck. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whatOnlyAFaultLeadsToMayFailToo(int term) {
        Runbooks runbooks = Runbooks.ofTerm(term);
        List<String> problems = new ArrayList<>();
        for (Led led : ledTo()) {
            for (Fault fault : Fault.values()) {
                for (int times : List.of(1, FOR_GOOD)) {
                    Once cause = new Once(led.cause(), led.fault(), led.times());
                    Once second = new Once(led.state(), fault, times);
                    Plan plan = plan(term, led.mode());
                    led.world().accept(plan);
                    Disaster disaster = new Disaster(plan, 1, runbooks, (caller, call) -> {
                        Fault first = cause.of(caller, call);
                        return first == Fault.NONE ? second.of(caller, call) : first;
                    });
                    try {
                        disaster.run();
                    } catch (Violation violation) {
                        problems.add(
                                "%s, %s, %d times: %s".formatted(led.state(), fault, times, violation.getMessage()));
                    }
                    if (second.left >= times) {
                        problems.add("%s, %s, %d times: not reached".formatted(led.state(), fault, times));
                    }
                }
            }
        }
        assertThat(problems).isEmpty();
    }

    private static Plan plan(int term, String mode) {
        Plan plan = mode.equals("emergency") ? Scenarios.lostRegion(term) : Scenarios.calm(term, mode);
        plan.promotionMillis = 4 * Plan.MINUTE;
        return plan;
    }

    private static List<String> calls(Definition failover) {
        return failover.stateNames().stream()
                .filter(name -> failover.state(name).get("Type").equals("Task"))
                .toList();
    }

    /** Hits the first calls of one state in every run. */
    private static final class Once implements Fault.Source {
        private final String state;
        private final Fault fault;
        private int left;

        Once(String state, Fault fault, int times) {
            this.state = state;
            this.fault = fault;
            this.left = times;
        }

        @Override
        public Fault of(Execution caller, String call) {
            if (!caller.state().equals(state) || left == 0) {
                return Fault.NONE;
            }
            left--;
            return fault;
        }
    }
}
