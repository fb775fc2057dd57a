package dev.pilotlight.simulation;

import dev.pilotlight.recovery.asl.Execution;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Step Functions in the standby's region, and the one old runbook in the leader's. */
final class Executions {

    private final Plan plan;
    private final Clock clock;
    private final Facts facts;
    private final List<Execution> all = new ArrayList<>();
    private final Set<Execution> inLedRegion = new HashSet<>();
    private Execution caller;

    Executions(Clock clock, Plan plan, Facts facts) {
        this.clock = clock;
        this.plan = plan;
        this.facts = facts;
    }

    List<Execution> all() {
        return all;
    }

    void runs(Execution execution) {
        all.add(execution);
    }

    /** A runbook that the leader's region still holds from the term in which it was the standby. */
    void runsInLedRegion(Execution execution) {
        all.add(execution);
        inLedRegion.add(execution);
    }

    boolean inLedRegion(Execution execution) {
        return inLedRegion.contains(execution);
    }

    void stepping(Execution execution) {
        caller = execution;
    }

    /** Whose call is being answered. */
    Execution caller() {
        return caller;
    }

    private boolean listed(Execution execution) {
        return clock.now() >= Clock.millis(execution.started()) + plan.listDelayMillis || execution == caller;
    }

    List<Map<String, Object>> list(Map<String, Object> arguments) {
        List<Map<String, Object>> list = new ArrayList<>();
        for (Execution execution : all) {
            if (execution.status() == Execution.Status.RUNNING
                    && !inLedRegion(execution)
                    && listed(execution)
                    && facts.failoverArn().equals(arguments.get("StateMachineArn"))
                    && !execution.name().startsWith("rehearsal")) {
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
        for (Execution execution : all) {
            if (arn.endsWith(":" + execution.name()) && !inLedRegion(execution) && listed(execution)) {
                return Map.of("Status", execution.status().toString());
            }
        }
        throw new Refused("Sfn.ExecutionDoesNotExistException", "Execution Does Not Exist: '" + arn + "'");
    }
}
