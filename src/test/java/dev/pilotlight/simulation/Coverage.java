package dev.pilotlight.simulation;

import dev.pilotlight.recovery.asl.Definition;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Which of the failover's states has called while what was going wrong, in which phase: triples of state, fault and phase.
 * The states are those of one definition; runs of others are not counted.
 */
final class Coverage {

    private static final String STALE = "A STALE ANSWER";
    private static final List<Phase> PHASES = List.of(Phase.values());
    private static final List<String> FAULTS = Stream.concat(
                    Stream.concat(
                            Stream.of(Fault.values())
                                    .filter(fault -> fault != Fault.NONE)
                                    .map(Fault::name),
                            Stream.of(STALE)),
                    new Plan(1).spans().keySet().stream())
            .toList();

    private final List<String> states;
    private final Map<String, Integer> index = new HashMap<>();
    private final BitSet triples = new BitSet();

    Coverage(Definition failover) {
        this.states = failover.stateNames().stream()
                .filter(name -> failover.state(name).get("Type").equals("Task"))
                .toList();
        for (String state : states) {
            index.put(state, index.size());
        }
    }

    private Coverage(Coverage other) {
        this.states = other.states;
        this.index.putAll(other.index);
    }

    /** The same states, nothing reached. */
    Coverage empty() {
        return new Coverage(this);
    }

    Coverage copy() {
        Coverage copy = empty();
        copy.add(this);
        return copy;
    }

    /** One call. */
    void called(String state, Phase phase, Fault fault, boolean stale, Plan plan, Clock clock) {
        Integer at = index.get(state);
        if (at == null) {
            return;
        }
        int first = FAULTS.indexOf(STALE);
        if (fault != Fault.NONE) {
            triples.set(triple(at, FAULTS.indexOf(fault.name()), phase));
        }
        if (stale) {
            triples.set(triple(at, first, phase));
        }
        int span = first + 1;
        for (Plan.Span each : plan.spans().values()) {
            if (clock.is(each)) {
                triples.set(triple(at, span, phase));
            }
            span++;
        }
        triples.set(triple(at, FAULTS.size(), phase));
    }

    private static int triple(int state, int fault, Phase phase) {
        return (state * (FAULTS.size() + 1) + fault) * PHASES.size() + PHASES.indexOf(phase);
    }

    void add(Coverage other) {
        triples.or(other.triples);
    }

    int size() {
        return (int)
                triples.stream().filter(triple -> fault(triple) < FAULTS.size()).count();
    }

    /** Whether it has reached a triple that the other has not. */
    boolean exceeds(Coverage other) {
        BitSet more = (BitSet) triples.clone();
        more.andNot(other.triples);
        return more.stream().anyMatch(triple -> fault(triple) < FAULTS.size());
    }

    /** Of all states in all phases in which they were reached at all, by name. */
    List<String> missing() {
        TreeSet<String> missing = new TreeSet<>();
        for (int state = 0; state < states.size(); state++) {
            for (Phase phase : PHASES) {
                for (int fault = 0;
                        fault < FAULTS.size() && triples.get(triple(state, FAULTS.size(), phase));
                        fault++) {
                    if (!triples.get(triple(state, fault, phase))) {
                        missing.add("%s × %s × %s".formatted(states.get(state), FAULTS.get(fault), phase));
                    }
                }
            }
        }
        return new ArrayList<>(missing);
    }

    private static int fault(int triple) {
        return triple / PHASES.size() % (FAULTS.size() + 1);
    }
}
