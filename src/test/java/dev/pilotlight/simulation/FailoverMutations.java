package dev.pilotlight.simulation;

import static dev.pilotlight.simulation.Mutation.condition;
import static dev.pilotlight.simulation.Mutation.next;
import static dev.pilotlight.simulation.Mutation.replace;
import static dev.pilotlight.simulation.Mutation.skip;
import static dev.pilotlight.simulation.Mutation.state;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Stream;

/** Mistakes that the failover could make, and those that it made before it was mended. */
final class FailoverMutations {

    /** Where every run begins its report. */
    private static final String REPORT = "All answers known?";

    private static final List<String> LIGHTS =
            List.of("Light the pilot", "Raise the light", "Light again", "Light for the switchover");
    private static final List<String> BEFORE_THE_SIGN = List.of("May it go on?", "Still in order?");

    private FailoverMutations() {}

    static List<Mutation> all() {
        return Stream.of(steps(), reads(), states(), waits())
                .flatMap(List::stream)
                .toList();
    }

    /** Of the runbook by which the leader's region took over. */
    static List<Mutation> stale() {
        return List.of(
                new Mutation(
                        "the old runbook takes the least capacity away",
                        states -> LIGHTS.forEach(light -> state(states, light)
                                .withObject("/Arguments")
                                .put("MinSize", 0)
                                .put("DesiredCapacity", 1))),
                new Mutation(
                        "the old runbook tags the database that leads",
                        states ->
                                next(states, "The right database?", "First attempt?", "Mark the point of no return")));
    }

    /** Of the state machine that asks from outside. */
    static List<Mutation> outside() {
        return List.of(
                new Mutation(
                        "whatever answers outside is the claim",
                        states -> state(states, "Ask for the claim")
                                .withObject("/Assign")
                                .put("right", true)),
                new Mutation(
                        "whatever answers outside is this region",
                        states -> state(states, "Ask for the region's answer")
                                .withObject("/Assign")
                                .put("right", true)),
                new Mutation(
                        "what was said is not in the output",
                        states -> state(states, "Answered").put("Output", "{% $right.nothing %}")),
                new Mutation(
                        "a witness that is silent has answered",
                        states -> replace(states, "Do enough answer?", "answer = 'reached'", "answer != 'not asked'")));
    }

    private static List<Mutation> steps() {
        return List.of(
                // Steps removed.
                new Mutation(
                        "the group is not lit",
                        states -> LIGHTS.forEach(light -> skip(light).accept(states))),
                new Mutation(
                        "no handover sign",
                        states -> BEFORE_THE_SIGN.forEach(
                                state -> next(states, state, "Raise the handover sign", "Look at fence and replay"))),
                new Mutation("no mark of the point of no return", skip("Mark the point of no return")),
                new Mutation(
                        "no wait for service",
                        states -> next(states, "Promoted?", "Look at the targets", "Claim the term")),
                new Mutation("no evidence, nobody told", states -> next(states, "Seen from outside?", REPORT, "Done")),
                new Mutation(
                        "nobody asks for the claim from outside",
                        states -> next(states, "Claim still held?", "Ask for the claim", REPORT)),
                new Mutation(
                        "that the claim is not seen is passed over",
                        states -> next(states, "Seen from outside?", "Not seen from outside", REPORT)),
                new Mutation("a claim that nobody sees is taken back", states -> {
                    state(states, "Claim the term")
                            .withObject("/Assign")
                            .put("signArn", "{% $states.result.Rules[0].RuleArn %}");
                    next(states, "Seen from outside?", "Not seen from outside", "Take the sign back");
                }),
                new Mutation(
                        "a field is read that no answer has",
                        states -> condition(states, "Seen from outside?", "$claimLook.right", "$claimLook.seen")),
                new Mutation(
                        "any answer is taken for the claim",
                        states -> state(states, "Read what answers (look)")
                                .withObject("/Assign")
                                .put("claimLook", "{% $merge([$claimLook, {'done': true, 'right': true}]) %}")),
                new Mutation(
                        "an unanswered question is taken for a claim that is seen",
                        states -> condition(states, "Seen from outside?", "$claimLook.right", "true")),
                new Mutation(
                        "something else is asked for than the claim",
                        states -> replace(states, "Ask for the claim", "\\\"claim\\\"", "\\\"region\\\"")),
                new Mutation(
                        "that this region cannot be read is passed over",
                        states -> state(states, "Weigh how this region answers")
                                .withObject("/Assign")
                                .put("findings", "{% $findings %}")),
                new Mutation(
                        "something else is asked for than this region",
                        states ->
                                replace(states, "Ask this region from outside", "\\\"region\\\"", "\\\"witnesses\\\"")),
                new Mutation(
                        "the sign is not taken back",
                        states ->
                                next(states, "Is there a sign to take back?", "Take the sign back", "Was it planned?")),
                new Mutation(
                        "the light is not put out",
                        states -> next(states, "Was it planned?", "Put the light out", REPORT)),
                new Mutation(
                        "the predecessor is not looked at",
                        states -> next(states, "Alone?", "The attempt before", "Read the signs")),
                // Orders swapped.
                new Mutation(
                        "promoted before the sign is raised",
                        states -> next(
                                states, "May it go on?", "Raise the handover sign", "Mark the point of no return")),
                new Mutation(
                        "claimed before the promotion",
                        states -> next(states, "Mark the point of no return", "Promote", "Claim the term")),
                new Mutation(
                        "claimed before the database is alone",
                        states -> next(states, "Promote", "Wait for the promotion", "Claim the term")),
                new Mutation(
                        "what may be lost is not asked again after a backup",
                        states -> next(states, "Wait until it is free", "Room for the sign?", "Free to be promoted?")),
                // Waits too short.
                new Mutation(
                        "a database that is not free is looked at every second",
                        states -> state(states, "Wait until it is free").put("Seconds", 1)),
                new Mutation(
                        "the wait for Route 53 is too short",
                        states -> state(states, "Until the claim is seen").put("Seconds", 5)),
                // Conditions dropped or weakened.
                new Mutation(
                        "the source of the replica is not compared",
                        states -> condition(states, "The right database?", "source != ", "false")),
                new Mutation(
                        "a drill goes on",
                        states -> condition(states, "The right database?", "$mode = 'drill'", "false")),
                new Mutation(
                        "reports of fences from before the sign count",
                        states -> replace(
                                states, "Look at fence and replay", "and at >= $signedAt and at > $lastServing", "")),
                new Mutation(
                        "a fence without proof of replay",
                        states ->
                                replace(states, "Enough known?", "and $seen.replayedTo >= $seen.fencedAt + 5000", "")),
                new Mutation(
                        "a planned switchover accepts a loss",
                        states -> next(states, "Enough known?", "Give up", "Is the loss accepted?")),
                new Mutation(
                        "any loss is accepted",
                        states -> condition(states, "Is the loss accepted?", "$exists($seen.loss)", "true")),
                new Mutation(
                        "the lag of now is added instead of taken away",
                        states -> replace(
                                states, "Look at fence and replay", "(at - value * 1000)", "(at + value * 1000)")),
                new Mutation(
                        "the lag is not looked at",
                        states -> replace(states, "Look at fence and replay", "(at - value * 1000)", "at")),
                // Either alone is harmless: that it writes is asked as well.
                new Mutation("available is enough, replica or not, writable or not", states -> {
                    replace(states, "Promoted?", "$not($exists($database.source)) and ", "");
                    replace(states, "Able to serve?", "$writable and ", "");
                }),
                new Mutation("alone is enough, rebooting or not, writable or not", states -> {
                    replace(
                            states,
                            "Promoted?",
                            " and ($not($database.status in ['modifying', 'rebooting']) or",
                            " and (true or");
                    replace(states, "Able to serve?", "$writable and ", "");
                }),
                new Mutation(
                        "healthy is enough, writable or not",
                        states -> replace(states, "Able to serve?", "$writable and ", "")),
                new Mutation(
                        "writable is enough, healthy or not",
                        states -> condition(states, "Able to serve?", "$writable and", "true")),
                new Mutation(
                        "the sign is taken back after the promotion, too",
                        states -> replace(
                                states,
                                "Give up",
                                "$claimed or $promoted or $not($looked) or $unanswered > 0 or $earlier",
                                "$claimed")),
                new Mutation("who could not look takes the sign back", states -> {
                    replace(states, "Begin", "\"committed\":true", "\"committed\":false");
                    replace(states, "Give up", " or $not($looked)", "");
                    next(states, "Give up", "Begin to look", "Is there a sign to take back?");
                }),
                new Mutation(
                        "what an earlier attempt marked is not read",
                        states -> List.of(
                                        "Look at the database",
                                        "Look again at the database",
                                        "Still a replica?",
                                        "Free to be promoted?")
                                .forEach(look -> replace(states, look, "/^term=1 ", "/^term=9 "))),
                new Mutation(
                        "a drill counts as another run",
                        states -> replace(states, "Another run?", "$contains(Name, /^failover-/) and ", "")),
                new Mutation(
                        "a drill looks for another run",
                        states -> condition(states, "Only a drill?", "$mode = 'drill'", "false")),
                // Parameters.
                new Mutation(
                        "the retention of backups is forgotten",
                        states -> ((ObjectNode) state(states, "Promote").get("Arguments"))
                                .remove("BackupRetentionPeriod")),
                new Mutation(
                        "the least capacity is not held",
                        states -> LIGHTS.forEach(light -> {
                            ObjectNode arguments =
                                    (ObjectNode) state(states, light).get("Arguments");
                            arguments.set("DesiredCapacity", arguments.remove("MinSize"));
                        })),
                new Mutation(
                        "the claim has another text",
                        states -> replace(states, "Claim the term", "is led from here", "is lead from here")),
                new Mutation(
                        "the claim is of another term",
                        states -> replace(states, "Claim the term", "leader/1", "leader/2")));
    }

    /** What a read after a write made it believe. */
    private static List<Mutation> reads() {
        return List.of(
                new Mutation("the answer of the call that raises the sign is not believed", states -> {
                    next(states, "Raise the handover sign", "Look at fence and replay", "Verify the sign");
                    next(states, "Sign shown?", "Wait for the sign", "Sign not shown");
                }),
                new Mutation("the answer of the call that claims is not believed", states -> {
                    next(states, "Claim the term", "Until the claim is seen", "Verify the claim");
                    next(states, "Claim held?", "Wait for the claim", "Claim not held");
                }),
                new Mutation(
                        "a place that is taken is taken by somebody else",
                        states -> next(states, "Raise the handover sign", "Verify the sign", "Sign not shown")),
                new Mutation(
                        "the sign is never raised, and taken for unknown",
                        states -> BEFORE_THE_SIGN.forEach(
                                state -> next(states, state, "Raise the handover sign", "Verify the sign"))),
                new Mutation("Route 53 is not waited for after a claim that was made again", states -> {
                    state(states, "Claim it again").withObject("/Assign").put("outcome", "succeeded");
                    next(states, "Claim it again", "Until the claim is seen", "Ask for the claim");
                }),
                new Mutation(
                        "one look is enough for a later attempt to take the sign back",
                        states -> replace(states, "Settled?", "$quiet >= 2", "$quiet >= 1")),
                new Mutation(
                        "a rule that is not found is gone",
                        states -> next(states, "Take the sign back", "Really gone?", "It is gone")),
                new Mutation("the sign goes and the mark stays", skip("Withdraw the mark")),
                new Mutation(
                        "an attempt that was refused is over",
                        states -> condition(states, "Over?", "$refused", "false")),
                new Mutation(
                        "an attempt that does not show was never made",
                        states -> next(states, "The attempt before", "Not yet seen?", "Refuse to run beside another")),
                new Mutation(
                        "the claim is looked at once more without end",
                        states -> replace(states, "Claim still held?", "$visible or $rounds >= 3", "$visible")),
                new Mutation(
                        "an empty source is a source",
                        states -> states.fieldNames()
                                .forEachRemaining(name -> replaceIfThere(
                                        states,
                                        name,
                                        "ReadReplicaSourceDBInstanceIdentifier != '' ? ReadReplicaSourceDBInstanceIdentifier",
                                        "ReadReplicaSourceDBInstanceIdentifier"))));
    }

    /** Lists of states, and orders whose answers were lost. */
    private static List<Mutation> states() {
        return List.of(
                new Mutation(
                        "what was promoted must be in a state that is known",
                        states -> replace(
                                states,
                                "Promoted?",
                                "$not($exists($database.source)) and ",
                                "$not($exists($database.source)) and $database.status in ['available', 'backing-up'] and ")),
                new Mutation(
                        "an emergency waits for a state that is known",
                        states -> replace(
                                states,
                                "Busy?",
                                "$mode = 'planned' and $not($database.status in",
                                "$not($database.status in")),
                new Mutation("an order without an answer was never given", states -> {
                    replace(states, "Promote", "$unanswered + 1", "$unanswered");
                }),
                new Mutation("nobody is told of a database that is stuck", states -> {
                    skip("Tell of the stuck database").accept(states);
                    skip("Tell of the stuck promotion").accept(states);
                }),
                new Mutation(
                        "what RDS said is forgotten",
                        states -> replace(states, "Promote", "{% $states.errorOutput.Cause %}", "")),
                new Mutation(
                        "looks are as frequent for hours as a second apart",
                        states -> state(states, "Wait for the promotion").put("Seconds", 1)));
    }

    /** Gates: of metrics, instances, capacity. */
    private static List<Mutation> waits() {
        return List.of(
                new Mutation(
                        "a lag of -1 erases what was known",
                        states -> List.of("Look at fence and replay", "Look at the loss again")
                                .forEach(look -> {
                                    ArrayNode queries =
                                            (ArrayNode) state(states, look).at("/Arguments/MetricDataQueries");
                                    for (int index = queries.size() - 1; index >= 0; index--) {
                                        ObjectNode query = (ObjectNode) queries.get(index);
                                        if (query.has("Expression")) {
                                            queries.remove(index);
                                        } else if (query.has("ReturnData")) {
                                            query.remove("ReturnData");
                                            query.put("Id", "lag");
                                        }
                                    }
                                })),
                new Mutation(
                        "without its metric nothing is claimed",
                        states -> next(states, "Able to serve?", "Does RDS say that it is up?", "Wait for service")),
                new Mutation(
                        "an instance that cannot write is no answer",
                        states -> replace(states, "Able to serve?", "$max([$promotedAt, $writableAt])", "$promotedAt")),
                new Mutation(
                        "the leader is stopped before an instance has run here",
                        states -> next(
                                states,
                                "May it go on?",
                                "Look whether the standby is ready",
                                "Raise the handover sign")),
                new Mutation(
                        "a switchover goes on without its leader",
                        states -> condition(states, "Ready?", "$beatAt", "false")),
                new Mutation(
                        "the light is put out when the leader falls silent",
                        states -> replace(states, "Was it planned?", " and $not($keepLight)", "")),
                new Mutation(
                        "the least capacity of the configuration is enough",
                        states -> List.of("Reckon the capacity", "Reckon with the quota")
                                .forEach(reckon -> {
                                    replace(states, reckon, "$ceil($peak)", "2");
                                    replace(states, reckon, "$ceil($hour)", "2");
                                })));
    }

    private static void replaceIfThere(ObjectNode states, String name, String from, String to) {
        if (states.get(name).toString().contains(from)) {
            replace(states, name, from, to);
        }
    }
}
