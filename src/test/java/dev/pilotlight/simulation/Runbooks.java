package dev.pilotlight.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.recovery.asl.Definition;
import dev.pilotlight.testing.Intrinsics;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import dev.pilotlight.testing.TestConfigurations;
import dev.pilotlight.topology.DatabaseRef;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Topology;

/**
 * The runbooks as the standby's template holds them.
 *
 * @param outside the state machine that asks from outside for both
 * @param starter what the alarm starts
 * @param stale the failover that the leader's region still holds until the append is deployed there; null in the first
 *     term, whose leader never was a standby
 * @param coverage of the failover, empty
 */
record Runbooks(
        String failoverText,
        String rehearsalText,
        Definition failover,
        Definition rehearsal,
        Definition outside,
        String outsideText,
        Definition starter,
        String starterText,
        Definition stale,
        String staleText,
        Facts facts,
        Coverage coverage) {

    private static final String CONFIGURED =
            "'compute': {'minCapacity': 2, 'maxCapacity': 8}, 'detection': {'startsFailover': true},"
                    + " 'alertEmail': 'oncall@example.com'";
    private static Runbooks there;
    private static Runbooks back;

    /** The economy profile, with two instances, so that some of them can be missing: DR takes over, in term 1. */
    static synchronized Runbooks dev() {
        if (there == null) {
            there = of(TestConfigurations.with("dev", "{" + CONFIGURED + "}"), RegionName.DR, null);
        }
        return there;
    }

    /** And back: the append is deployed in the primary region, which takes over in term 2. */
    static synchronized Runbooks failback() {
        if (back == null) {
            back = of(
                    TestConfigurations.with(
                            "dev", "{" + CONFIGURED + ", 'databaseLineage': ['primary', 'dr', 'primary']}"),
                    RegionName.PRIMARY,
                    dev().failoverText);
        }
        return back;
    }

    /** The same for an application that is not healthy beside a database that takes no writes. */
    static Runbooks notOnReplica() {
        return of(
                TestConfigurations.with(
                        "dev",
                        "{" + CONFIGURED.replace("'maxCapacity': 8", "'maxCapacity': 8, 'startsOnReplica': false")
                                + "}"),
                RegionName.DR,
                null);
    }

    /** Every second disaster is one of the failback. */
    static Runbooks of(long seed) {
        return ofTerm(term(seed));
    }

    static int term(long seed) {
        return seed % 2 == 0 ? 2 : 1;
    }

    static Runbooks ofTerm(int term) {
        return term == 2 ? failback() : dev();
    }

    private static Runbooks of(Configuration configuration, RegionName standby, String stale) {
        SynthesizedApp app = SynthesizedApp.of(configuration);
        StackTemplate stack = standby == RegionName.DR ? app.dr() : app.primary();
        Topology topology = configuration.databaseLineage().topology();
        DatabaseRef leading = topology.leadingDatabase().ref();
        return of(
                definition(stack, "-failover-" + standby.id()),
                definition(stack, "-rehearsal-" + standby.id()),
                definition(stack, "-outside-" + standby.id()),
                definition(stack, "-starter-" + standby.id()),
                stale,
                new Facts(
                        configuration.name(),
                        "arn:aws:states:" + awsRegion(standby) + ":${AWS::AccountId}:stateMachine:"
                                + configuration.name() + "-failover-" + standby.id(),
                        topology.nextTerm(),
                        configuration.databaseLineage().termOf(leading),
                        configuration.compute().minCapacity(),
                        configuration.compute().startsOnReplica(),
                        configuration.production() ? 10 : 30,
                        configuration.objectives().rpoMinutes(),
                        configuration.database().backupRetentionDays(),
                        "arn:aws:rds:" + awsRegion(standby.other()) + ":${AWS::AccountId}:db:" + configuration.name()
                                + "-db-" + leading.index()));
    }

    private static Runbooks of(
            String failover, String rehearsal, String outside, String starter, String stale, Facts facts) {
        Definition parsed = Definition.parse(failover);
        return new Runbooks(
                failover,
                rehearsal,
                parsed,
                Definition.parse(rehearsal),
                Definition.parse(outside),
                outside,
                Definition.parse(starter),
                starter,
                stale == null ? null : Definition.parse(stale),
                stale,
                facts,
                new Coverage(parsed));
    }

    /** The same with another failover. */
    Runbooks with(String other) {
        return of(other, rehearsalText, outsideText, starterText, staleText, facts);
    }

    Runbooks withRehearsal(String rehearsal) {
        return of(failoverText, rehearsal, outsideText, starterText, staleText, facts);
    }

    Runbooks withStarter(String starter) {
        return of(failoverText, rehearsalText, outsideText, starter, staleText, facts);
    }

    Runbooks withOutside(String outside) {
        return of(failoverText, rehearsalText, outside, starterText, staleText, facts);
    }

    Runbooks withStale(String stale) {
        return of(failoverText, rehearsalText, outsideText, starterText, stale, facts);
    }

    /** For another thread. */
    Runbooks copy() {
        return with(failoverText);
    }

    private static String awsRegion(RegionName region) {
        return region == RegionName.PRIMARY ? "eu-central-1" : "eu-west-1";
    }

    private static String definition(StackTemplate stack, String name) {
        for (JsonNode machine : stack.ofType("AWS::StepFunctions::StateMachine").values()) {
            if (Intrinsics.text(machine.at("/Properties/StateMachineName")).endsWith(name)) {
                return Intrinsics.text(machine.at("/Properties/DefinitionString"));
            }
        }
        throw new AssertionError("no state machine " + name);
    }
}
