package dev.pilotlight.recovery;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.recovery.asl.Definition;
import dev.pilotlight.recovery.asl.Execution;
import dev.pilotlight.recovery.asl.Execution.Status;
import dev.pilotlight.recovery.asl.Services;
import dev.pilotlight.testing.Intrinsics;
import dev.pilotlight.testing.StateMachines;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.TestConfigurations;
import java.time.Instant;
import java.util.Map;

/** The standby's small state machines, as its template holds them, and runs of them. */
final class Machines {

    static final Instant START = Instant.parse("2026-11-24T03:00:00Z");

    private Machines() {}

    static SynthesizedApp app() {
        return StateMachines.withAutomaticStart();
    }

    static Definition probe() {
        return definition("-probe-dr");
    }

    static Definition starter() {
        return definition("-starter-dr");
    }

    static Definition rehearsal() {
        return definition("-rehearsal-dr");
    }

    static Definition outside() {
        return definition("-outside-dr");
    }

    /** What replicates automated backups into a region, by a lineage. */
    static Definition backups(String region, String lineage) {
        SynthesizedApp app = SynthesizedApp.of(TestConfigurations.with(
                "dev", "{'database': {'replicatedBackups': true}, 'databaseLineage': [" + lineage + "]}"));
        return definition(region.equals("dr") ? app.dr() : app.primary(), "-backups-" + region);
    }

    static Execution run(Definition definition, Services services) {
        return run(definition, Map.of(), services, START);
    }

    static Execution run(Definition definition, Object input, Services services) {
        return run(definition, input, services, START);
    }

    static Execution run(Definition definition, Services services, Instant start) {
        return run(definition, Map.of(), services, start);
    }

    private static Execution run(Definition definition, Object input, Services services, Instant start) {
        Execution execution =
                new Execution(definition, "arn:aws:states:r:a:stateMachine:m", "name", input, start, services, () -> 1);
        while (execution.status() == Status.RUNNING) {
            execution.step();
        }
        return execution;
    }

    private static Definition definition(String name) {
        return definition(app().dr(), name);
    }

    private static Definition definition(SynthesizedApp.StackTemplate stack, String name) {
        for (JsonNode machine : stack.ofType("AWS::StepFunctions::StateMachine").values()) {
            if (Intrinsics.text(machine.at("/Properties/StateMachineName")).endsWith(name)) {
                return Definition.parse(Intrinsics.text(machine.at("/Properties/DefinitionString")));
            }
        }
        throw new AssertionError("no state machine " + name);
    }
}
