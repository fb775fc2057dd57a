package dev.pilotlight.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.recovery.asl.Definition;
import dev.pilotlight.simulation.World.Facts;
import dev.pilotlight.testing.Intrinsics;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.TestConfigurations;

/** The runbooks as the standby's template holds them. */
record Runbooks(String failoverText, String rehearsalText, Definition failover, Definition rehearsal, Facts facts) {

    private static Runbooks dev;

    /** The economy profile, with two instances, so that some of them can be missing. */
    static synchronized Runbooks dev() {
        if (dev == null) {
            dev = of(TestConfigurations.with("dev", "{'compute': {'minCapacity': 2, 'maxCapacity': 4}}"));
        }
        return dev;
    }

    static Runbooks of(Configuration configuration) {
        SynthesizedApp app = SynthesizedApp.of(configuration);
        String failover = definition(app, "-failover-dr");
        return of(
                failover,
                definition(app, "-rehearsal-dr"),
                new Facts(
                        "arn:aws:states:eu-west-1:${AWS::AccountId}:stateMachine:" + configuration.name()
                                + "-failover-dr",
                        configuration.compute().minCapacity(),
                        configuration.production() ? 10 : 30,
                        configuration.objectives().rpoMinutes(),
                        configuration.database().backupRetentionDays(),
                        "arn:aws:rds:eu-central-1:${AWS::AccountId}:db:" + configuration.name() + "-db-0"));
    }

    private static Runbooks of(String failover, String rehearsal, Facts facts) {
        return new Runbooks(failover, rehearsal, Definition.parse(failover), Definition.parse(rehearsal), facts);
    }

    /** The same with another failover. */
    Runbooks with(String failover) {
        return of(failover, rehearsalText, facts);
    }

    Runbooks withRehearsal(String rehearsal) {
        return of(failoverText, rehearsal, facts);
    }

    /** For another thread. */
    Runbooks copy() {
        return with(failoverText);
    }

    private static String definition(SynthesizedApp app, String name) {
        for (JsonNode machine :
                app.dr().ofType("AWS::StepFunctions::StateMachine").values()) {
            if (Intrinsics.text(machine.at("/Properties/StateMachineName")).endsWith(name)) {
                return Intrinsics.text(machine.at("/Properties/DefinitionString"));
            }
        }
        throw new AssertionError("no state machine " + name);
    }
}
