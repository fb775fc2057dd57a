package dev.pilotlight.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.recovery.asl.Definition;
import dev.pilotlight.recovery.asl.Execution;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
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
        // Those that only an earlier failure leads to are met in the next test.
        assertThat(calls(runbooks.failover()))
                .filteredOn(state -> !reached.contains(state))
                .containsExactlyInAnyOrder(
                        "The attempt before",
                        "Look again at the database",
                        "Look for the sign",
                        "Take the sign back",
                        "Put the light out");
        assertThat(runs).isEqualTo(3 * calls(runbooks.failover()).size() * Fault.values().length);
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

    /** The same for what is reached only on the way back: the fault hits after another has made the run give up. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void theWayBackMayFailToo(int term) {
        Runbooks runbooks = Runbooks.ofTerm(term);
        List<String> problems = new ArrayList<>();
        for (String state : List.of("Look for the sign", "Take the sign back", "Put the light out")) {
            for (Fault fault : Fault.values()) {
                for (int times : List.of(1, Integer.MAX_VALUE)) {
                    Once cause = new Once("Look at fence and replay", Fault.FAILED, Integer.MAX_VALUE);
                    Once second = new Once(state, fault, times);
                    Disaster disaster = new Disaster(plan(term, "planned"), 1, runbooks, (caller, call) -> {
                        Fault first = cause.of(caller, call);
                        return first == Fault.NONE ? second.of(caller, call) : first;
                    });
                    try {
                        disaster.run();
                    } catch (Violation violation) {
                        problems.add("%s, %s, %d times: %s".formatted(state, fault, times, violation.getMessage()));
                    }
                    assertThat(second.left).as(state).isLessThan(times);
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
