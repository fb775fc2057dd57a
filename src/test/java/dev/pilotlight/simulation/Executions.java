package dev.pilotlight.simulation;

import dev.pilotlight.recovery.asl.Definition;
import dev.pilotlight.recovery.asl.Execution;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;

/** Step Functions in the standby's region, and the one old runbook in the leader's. */
final class Executions {

    private final World world;
    private final Clock clock;
    private final Facts facts;
    private final DoubleSupplier jitter;
    private final List<Execution> all = new ArrayList<>();
    private final Map<Execution, Definition> definitions = new HashMap<>();
    private final Map<Execution, Object> inputs = new HashMap<>();
    private final Map<Execution, Long> endedAt = new HashMap<>();
    private final Set<Execution> inLedRegion = new HashSet<>();
    private Execution caller;

    /** @param jitter random numbers from 0 to 1 */
    Executions(World world, Facts facts, DoubleSupplier jitter) {
        this.world = world;
        this.clock = world.clock();
        this.facts = facts;
        this.jitter = jitter;
    }

    List<Execution> all() {
        return all;
    }

    Definition definition(Execution execution) {
        return definitions.get(execution);
    }

    /** Begins now. */
    Execution start(Definition definition, String machineArn, String name, Object input) {
        Execution execution =
                new Execution(definition, machineArn, name, input, Clock.instant(clock.now()), world, jitter);
        all.add(execution);
        definitions.put(execution, definition);
        inputs.put(execution, input);
        clock.interrupt();
        return execution;
    }

    /** A runbook that the leader's region still holds from the term in which it was the standby. */
    void startInLedRegion(Definition definition, String machineArn, String name, Object input) {
        inLedRegion.add(start(definition, machineArn, name, input));
    }

    boolean inLedRegion(Execution execution) {
        return inLedRegion.contains(execution);
    }

    void stepping(Execution execution) {
        caller = execution;
    }

    void ended(Execution execution) {
        endedAt.put(execution, clock.now());
    }

    /** Whose call is being answered. */
    Execution caller() {
        return caller;
    }

    private boolean shown(Execution execution, long asOf) {
        return !inLedRegion(execution) && Clock.millis(execution.started()) <= asOf;
    }

    private boolean runs(Execution execution, long asOf) {
        return shown(execution, asOf) && endedAt.getOrDefault(execution, Plan.NEVER) > asOf;
    }

    List<Map<String, Object>> list(Map<String, Object> arguments) {
        if (!facts.failoverArn().equals(arguments.get("StateMachineArn"))) {
            return List.of();
        }
        long asOf = world.copies().asOf(Read.EXECUTIONS);
        List<Map<String, Object>> list = new ArrayList<>();
        for (Execution execution : all) {
            if (!Judge.failsOver(execution) && !execution.name().startsWith("drill")) {
                continue;
            }
            if (runs(execution, asOf) != runs(execution, clock.now())) {
                world.copies().countStale();
            }
            if (runs(execution, asOf)) {
                list.add(Map.of(
                        "ExecutionArn",
                        facts.failoverArn().replace(":stateMachine:", ":execution:") + ":" + execution.name(),
                        "Name",
                        execution.name(),
                        "StartDate",
                        execution.started().toString()));
            }
        }
        return list;
    }

    Map<String, Object> describe(String arn) throws Refused {
        long asOf = world.copies().asOf(Read.EXECUTIONS);
        for (Execution execution : all) {
            if (arn.endsWith(":" + execution.name()) && !inLedRegion(execution)) {
                if (!shown(execution, asOf)) {
                    world.copies().countStale();
                    break;
                }
                boolean running = runs(execution, asOf);
                if (running != runs(execution, clock.now())) {
                    world.copies().countStale();
                }
                Map<String, Object> described = new LinkedHashMap<>();
                described.put("Status", (running ? Execution.Status.RUNNING : execution.status()).toString());
                described.put("Input", AutomaticStart.text(inputs.get(execution)));
                if (!running && execution.error() != null) {
                    described.put("Error", execution.error());
                }
                return described;
            }
        }
        throw new Refused("Sfn.ExecutionDoesNotExistException", "Execution Does Not Exist: '" + arn + "'");
    }
}
