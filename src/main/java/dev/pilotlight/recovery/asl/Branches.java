package dev.pilotlight.recovery.asl;

import dev.pilotlight.recovery.asl.Execution.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** The branches of a state that runs them at once, on the clock of the execution that they belong to. */
final class Branches {

    private final List<Execution> runs;

    Branches(List<Execution> runs) {
        this.runs = runs;
    }

    /** One step of the branch that is due first. Nothing happens before this time. */
    void step(Instant now) {
        running().ifPresent(first -> {
            first.notBefore(now);
            first.step();
        });
    }

    /** The branch that has failed: the others are left alone then. */
    Optional<Execution> failed() {
        return runs.stream().filter(run -> run.status() == Status.FAILED).findFirst();
    }

    boolean done() {
        return running().isEmpty();
    }

    /** When the next step is to be done; if none is left, when the last was. */
    Instant due() {
        return running()
                .map(Execution::due)
                .orElseGet(() -> runs.stream()
                        .map(Execution::due)
                        .max(Comparator.naturalOrder())
                        .orElseThrow());
    }

    List<Object> outputs() {
        List<Object> outputs = new ArrayList<>();
        runs.forEach(run -> outputs.add(run.output()));
        return outputs;
    }

    /** In the history of the execution that they belong to. A branch neither starts nor ends an execution there. */
    int events() {
        return runs.stream().mapToInt(run -> run.events() - 2).sum();
    }

    private Optional<Execution> running() {
        return runs.stream().filter(run -> run.status() == Status.RUNNING).min(Comparator.comparing(Execution::due));
    }
}
