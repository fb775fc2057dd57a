package dev.pilotlight.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Runbooks with a mistake. The simulation must notice each of them: an invariant that no mistake violates proves nothing.
 */
class MutationTest {

    /** Where every run begins its report. */
    private static final String REPORT = "All answers known?";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SEEDS = 1500;
    private static final Map<String, String> CAUGHT = new LinkedHashMap<>();

    /** A mistake, and the states in which it is made. */
    record Mutation(String name, Consumer<ObjectNode> mistake) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Mutation> failoverMutations() {
        return Stream.of(
                // Steps removed.
                new Mutation("the group is not lit", skip("Light the pilot")),
                new Mutation(
                        "no handover sign",
                        states -> next(states, "May it go on?", "Raise the handover sign", "Look at fence and replay")),
                new Mutation("no mark of the point of no return", skip("Mark the point of no return")),
                new Mutation(
                        "no wait for service",
                        states -> next(states, "Promoted?", "Look at the targets", "Claim the term")),
                new Mutation(
                        "no evidence, nobody told",
                        states -> next(states, "Seen from outside?", REPORT, "Done")),
                new Mutation(
                        "nobody asks for the claim from outside",
                        states -> next(states, "Claim still held?", "Ask for the claim", REPORT)),
                new Mutation(
                        "that the claim is not seen is passed over",
                        states -> next(states, "Seen from outside?", "Not seen from outside", REPORT)),
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
                        states -> replace(
                                states, "Ask this region from outside", "\\\"region\\\"", "\\\"witnesses\\\"")),
                new Mutation(
                        "the sign is not taken back",
                        states -> next(states, "Give up", "Look for the sign", REPORT)),
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
                        states -> next(
                                states, "Wait until it is free", "Look at fence and replay", "Free to be promoted?")),
                // Waits too short.
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
                new Mutation("alone is enough, available or not, writable or not", states -> {
                    replace(states, "Promoted?", " and ($database.status = 'backing-up'", " and (true");
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
                        states -> replace(states, "Give up", "$committed or $promoted or $claimed", "$claimed")),
                new Mutation(
                        "nothing is presumed of earlier attempts",
                        states -> replace(states, "Begin", "\"committed\":true", "\"committed\":false")),
                new Mutation(
                        "what an earlier attempt marked is not read",
                        states -> replace(states, "Look at the database", "'term=1 '", "'term=x '")),
                new Mutation(
                        "a drill counts as another run",
                        states -> replace(states, "Another run?", "$contains(Name, /^failover-/) and ", "")),
                new Mutation(
                        "a drill looks for another run",
                        states -> condition(states, "Only a drill?", "$mode = 'drill'", "false")),
                new Mutation("a second run may join", states -> condition(states, "Alone?", "$others > 0", "false")),
                // Parameters.
                new Mutation(
                        "the retention of backups is forgotten",
                        states -> ((ObjectNode) state(states, "Promote").get("Arguments"))
                                .remove("BackupRetentionPeriod")),
                new Mutation(
                        "the least capacity is forgotten",
                        states -> ((ObjectNode) state(states, "Light the pilot").get("Arguments")).remove("MinSize")),
                new Mutation(
                        "the claim has another text",
                        states -> replace(states, "Claim the term", "is led from here", "is lead from here")),
                new Mutation(
                        "the claim is of another term",
                        states -> replace(states, "Claim the term", "leader/1", "leader/2")));
    }

    static Stream<Mutation> rehearsalMutations() {
        return Stream.of(
                new Mutation("the rehearsal takes the group from a failover", states -> {
                    ObjectNode stop = state(states, "Stop it");
                    stop.put("Resource", "arn:aws:states:::aws-sdk:autoscaling:updateAutoScalingGroup");
                    ((ObjectNode) stop.get("Arguments")).remove("HonorCooldown");
                    ((ObjectNode) stop.get("Arguments")).put("MinSize", 0);
                    next(states, "Healthy?", "A failover meanwhile?", "Stop it");
                }),
                new Mutation(
                        "the rehearsal takes a drill for a failover",
                        states -> replace(states, "A failover running?", "[$contains(Name, /^failover-/)]", "")),
                new Mutation(
                        "the rehearsal begins though the group serves",
                        states -> state(states, "May it begin?")
                                .withArray("Choices")
                                .removeAll()
                                .add(JSON.createObjectNode()
                                        .put("Condition", "{% false %}")
                                        .put("Next", "Report"))));
    }

    @ParameterizedTest
    @MethodSource("failoverMutations")
    void aMistakeInTheFailoverIsNoticed(Mutation mutation) {
        noticed(mutation.name(), Runbooks.dev().with(mutated(Runbooks.dev().failoverText(), mutation)), Set.of());
    }

    @ParameterizedTest
    @MethodSource("rehearsalMutations")
    void aMistakeInTheRehearsalIsNoticed(Mutation mutation) {
        noticed(
                mutation.name(),
                Runbooks.dev().withRehearsal(mutated(Runbooks.dev().rehearsalText(), mutation)),
                Set.of());
    }

    /** Each agent in both terms. */
    @ParameterizedTest
    @EnumSource(AgentMistake.class)
    void aMistakeOfTheAgentsIsNoticed(AgentMistake mistake) {
        Set<AgentMistake> mistakes = EnumSet.of(mistake);
        // In the first term no region leads again.
        int first = mistake == AgentMistake.EMPTIES_A_GROUP_THAT_LEADS_AGAIN ? 2 : 1;
        for (int term = first; term <= 2; term++) {
            noticed("the agent: " + mistake + ", term " + term, Runbooks.ofTerm(term), mistakes);
        }
    }

    @Test
    void theListIsLong() {
        assertThat(failoverMutations().count()).isGreaterThan(15);
    }

    @AfterAll
    static void list() {
        CAUGHT.forEach((mutation, by) -> System.out.println("  " + mutation + ": " + by));
    }

    private static void noticed(String mistake, Runbooks runbooks, Set<AgentMistake> mistakes) {
        int term = runbooks.facts().term();
        List<Plan> plans = new ArrayList<>(List.of(
                Plan.calm(term, "planned"),
                Plan.lostRegion(term),
                Plan.calm(term, "drill"),
                Plan.drilled(term),
                Plan.unseen(term, false),
                Plan.unseen(term, true),
                Plan.abandoned(term),
                Plan.delayed(term),
                Plan.deadAgent(term),
                Plan.cutOff(term),
                Plan.rebooted(term),
                Plan.refused(term),
                Plan.stubborn(term),
                Plan.woken(term),
                Plan.slept(term)));
        for (int seconds = 1050; seconds < 1200; seconds += 10) {
            plans.add(Plan.restarted(term, seconds));
        }
        for (Plan calm : plans) {
            if (violates(mistake, calm, 1, runbooks, mistakes)) {
                return;
            }
        }
        for (long seed = 1; seed <= SEEDS; seed++) {
            if (violates(mistake, RandomPlan.of(seed, term), seed, runbooks, mistakes)) {
                return;
            }
        }
        throw new AssertionError(SEEDS + " disasters, and nobody noticed: " + mistake);
    }

    private static boolean violates(
            String mistake, Plan plan, long seed, Runbooks runbooks, Set<AgentMistake> mistakes) {
        try {
            new Disaster(plan, seed, runbooks, null, mistakes, false).run();
            return false;
        } catch (Violation violation) {
            CAUGHT.put(mistake, violation.invariant().toString());
            return true;
        }
    }

    private static String mutated(String text, Mutation mutation) {
        try {
            ObjectNode machine = (ObjectNode) JSON.readTree(text);
            ObjectNode states = (ObjectNode) machine.get("States");
            String before = states.toString();
            mutation.mistake().accept(states);
            assertThat(states.toString()).as("the mistake changes something").isNotEqualTo(before);
            removeDead(machine.get("StartAt").asText(), states);
            return machine.toString();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The interpreter refuses states that nothing leads to; here they are the mistake's consequence. */
    private static void removeDead(String start, ObjectNode states) {
        Set<String> reached = new TreeSet<>(Set.of(start));
        Deque<String> open = new ArrayDeque<>(reached);
        while (!open.isEmpty()) {
            for (JsonNode next : states.get(open.pop()).findValues("Next")) {
                if (reached.add(next.asText())) {
                    open.push(next.asText());
                }
            }
            states.fieldNames();
            for (String name : Set.copyOf(reached)) {
                JsonNode otherwise = states.get(name).get("Default");
                if (otherwise != null && reached.add(otherwise.asText())) {
                    open.push(otherwise.asText());
                }
            }
        }
        states.retain(reached);
    }

    private static Consumer<ObjectNode> skip(String name) {
        return states -> {
            String next = state(states, name).get("Next").asText();
            states.fieldNames().forEachRemaining(other -> next(states, other, name, next));
        };
    }

    private static ObjectNode state(ObjectNode states, String name) {
        return (ObjectNode) states.get(name);
    }

    /** Wherever a state goes to one, it goes to another. */
    private static void next(ObjectNode states, String name, String from, String to) {
        redirect(states.get(name), from, to);
    }

    private static void redirect(JsonNode node, String from, String to) {
        for (String field : new String[] {"Next", "Default"}) {
            if (node.has(field) && node.get(field).asText().equals(from)) {
                ((ObjectNode) node).put(field, to);
            }
        }
        node.forEach(child -> {
            if (child.isContainerNode()) {
                redirect(child, from, to);
            }
        });
    }

    private static void replace(ObjectNode states, String name, String from, String to) {
        try {
            String text = states.get(name).toString();
            assertThat(text).contains(from);
            states.set(name, JSON.readTree(text.replace(from, to)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Puts another condition for the first that holds the words. */
    private static void condition(ObjectNode states, String name, String words, String condition) {
        for (JsonNode rule : (ArrayNode) states.get(name).get("Choices")) {
            if (rule.get("Condition").asText().contains(words)) {
                ((ObjectNode) rule).put("Condition", "{% " + condition + " %}");
                return;
            }
        }
        throw new AssertionError(name + " has no condition with " + words);
    }
}
