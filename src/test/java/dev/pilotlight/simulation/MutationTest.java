package dev.pilotlight.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runbooks with a mistake. The simulation must notice each of them: an invariant that no mistake violates proves nothing.
 */
class MutationTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** Up to this one, every second is of a term. */
    private static final int LAST_SEED = 3000;

    private static final Map<String, Invariant> CAUGHT = new LinkedHashMap<>();

    static Stream<Mutation> rehearsalMutations() {
        return Stream.of(
                new Mutation("the rehearsal takes the group from a failover", states -> {
                    ObjectNode stop = Mutation.state(states, "Stop it");
                    stop.put("Resource", "arn:aws:states:::aws-sdk:autoscaling:updateAutoScalingGroup");
                    ((ObjectNode) stop.get("Arguments")).remove("HonorCooldown");
                    ((ObjectNode) stop.get("Arguments")).put("MinSize", 0);
                    Mutation.next(states, "Healthy?", "A failover meanwhile?", "Stop it");
                }),
                new Mutation(
                        "the rehearsal takes a drill for a failover",
                        states ->
                                Mutation.replace(states, "A failover running?", "[$contains(Name, /^failover-/)]", "")),
                new Mutation(
                        "the rehearsal begins though the group serves",
                        states -> Mutation.state(states, "May it begin?")
                                .withArray("Choices")
                                .removeAll()
                                .add(JSON.createObjectNode()
                                        .put("Condition", "{% false %}")
                                        .put("Next", "Report"))));
    }

    @ParameterizedTest
    @MethodSource("dev.pilotlight.simulation.FailoverMutations#all")
    void aMistakeInTheFailoverIsNoticed(Mutation mutation) {
        noticed(mutation.name(), Runbooks.dev().with(mutation.in(Runbooks.dev().failoverText())), Set.of());
    }

    @ParameterizedTest
    @MethodSource("rehearsalMutations")
    void aMistakeInTheRehearsalIsNoticed(Mutation mutation) {
        noticed(
                mutation.name(),
                Runbooks.dev().withRehearsal(mutation.in(Runbooks.dev().rehearsalText())),
                Set.of());
    }

    static Stream<Mutation> starterMutations() {
        return Stream.of(
                new Mutation(
                        "the starter asks no witnesses",
                        states -> Mutation.next(states, "Still lost?", "Ask the witnesses", "Start the failover")),
                new Mutation(
                        "the starter believes the first answer of the witnesses",
                        states -> Mutation.next(states, "Do they answer?", "For long enough?", "Start the failover")),
                new Mutation(
                        "a minute of answers is enough for the starter",
                        states -> Mutation.replace(states, "For long enough?", "180000", "60000")),
                new Mutation(
                        "the starter looks once at its signals",
                        states -> Mutation.next(
                                states, "Look again in a minute", "Look at both signals", "Ask the witnesses")));
    }

    @ParameterizedTest
    @MethodSource("starterMutations")
    void aMistakeInTheStarterIsNoticed(Mutation mutation) {
        noticed(
                mutation.name(),
                Runbooks.dev().withStarter(mutation.in(Runbooks.dev().starterText())),
                Set.of());
    }

    @ParameterizedTest
    @MethodSource("dev.pilotlight.simulation.FailoverMutations#stale")
    void aMistakeInTheRunbookOfTheRegionThatLeadsIsNoticed(Mutation mutation) {
        noticed(
                mutation.name(),
                Runbooks.failback().withStale(mutation.in(Runbooks.failback().staleText())),
                Set.of());
    }

    @ParameterizedTest
    @MethodSource("dev.pilotlight.simulation.FailoverMutations#outside")
    void aMistakeInTheLookFromOutsideIsNoticed(Mutation mutation) {
        noticed(
                mutation.name(),
                Runbooks.dev().withOutside(mutation.in(Runbooks.dev().outsideText())),
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
            noticed(agent(mistake, term), Runbooks.ofTerm(term), mistakes);
        }
    }

    /** What is noticed without a mistake would prove nothing of those with one. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void theTrueRunbookIsNotNoticed(int term) {
        for (Plan plan : plans(term)) {
            assertThatCode(() -> new Disaster(plan, 1, Runbooks.ofTerm(term)).run())
                    .as(plan.toString())
                    .doesNotThrowAnyException();
        }
    }

    @Test
    void theListIsLong() {
        assertThat(FailoverMutations.all()).hasSizeGreaterThan(60);
    }

    /** Each invariant is violated by some mistake, when all of them were made. */
    @AfterAll
    static void everyInvariantNoticesAMistake() {
        CAUGHT.forEach((mutation, by) -> System.out.println("  " + mutation + ": " + by));
        EnumSet<Invariant> idle = EnumSet.allOf(Invariant.class);
        CAUGHT.values().forEach(idle::remove);
        if (CAUGHT.keySet().containsAll(made())) {
            assertThat(idle).as("what no mistake violates proves nothing").isEmpty();
        }
    }

    private static List<String> made() {
        Stream<String> runbooks = Stream.of(
                        FailoverMutations.all().stream(),
                        FailoverMutations.stale().stream(),
                        FailoverMutations.outside().stream(),
                        rehearsalMutations())
                .flatMap(each -> each.map(Mutation::name));
        Stream<String> agents = Stream.of(AgentMistake.values()).map(mistake -> agent(mistake, 2));
        return Stream.concat(runbooks, agents).toList();
    }

    private static String agent(AgentMistake mistake, int term) {
        return "the agent: " + mistake + ", term " + term;
    }

    private static void noticed(String mistake, Runbooks runbooks, Set<AgentMistake> mistakes) {
        int term = runbooks.facts().term();
        for (Plan calm : plans(term)) {
            if (violates(mistake, calm, 1, runbooks, mistakes)) {
                return;
            }
        }
        for (long seed = 1; seed <= LAST_SEED; seed++) {
            // The campaign's own, which the runbook without the mistake passes.
            if (Runbooks.term(seed) == term && violates(mistake, RandomPlan.of(seed, term), seed, runbooks, mistakes)) {
                return;
            }
        }
        throw new AssertionError(LAST_SEED / 2 + " disasters, and nobody noticed: " + mistake);
    }

    private static List<Plan> plans(int term) {
        List<Plan> plans = new ArrayList<>(List.of(
                Scenarios.calm(term, "planned"),
                Scenarios.lostRegion(term),
                Scenarios.calm(term, "drill"),
                Scenarios.drilled(term),
                Scenarios.unseen(term, false),
                Scenarios.unseen(term, true),
                Scenarios.abandoned(term),
                Scenarios.delayed(term),
                Scenarios.deadAgent(term),
                Scenarios.cutOff(term),
                Scenarios.rebooted(term),
                Scenarios.refused(term),
                Scenarios.stubborn(term),
                Scenarios.woken(term),
                Scenarios.slept(term),
                Scenarios.unaccepted(term),
                Scenarios.slow(term),
                Scenarios.initializing(term),
                Scenarios.odd(term),
                Scenarios.full(term, 14 * Plan.MINUTE),
                Scenarios.full(term, 18 * Plan.MINUTE),
                Scenarios.refusing(term),
                Scenarios.lagLost(term),
                Scenarios.silent(term),
                Scenarios.unwritable(term),
                Scenarios.diesMeanwhile(term),
                Scenarios.needsALeader(term, "planned"),
                Scenarios.large(term),
                Scenarios.hidden(term),
                Scenarios.together(term),
                Scenarios.miscounted(term),
                Scenarios.taken(term),
                Scenarios.disclaimed(term),
                Scenarios.blindfolded(term),
                Scenarios.unreadable(term, false),
                Scenarios.unreadable(term, true),
                Scenarios.isolated(term, 40 * 60),
                Scenarios.unattended(term)));
        if (term == 2) {
            plans.add(Scenarios.inTheLeadersRegion());
        }
        for (int seconds = 1; seconds < 60; seconds += 3) {
            plans.add(Scenarios.hurried(term, seconds));
        }
        for (int until = 10 * 60; until <= 24 * 60; until += 47) {
            plans.add(Scenarios.isolated(term, until));
        }
        for (int seconds = 1250; seconds <= 1420; seconds += 10) {
            plans.add(Scenarios.restarted(term, seconds));
        }
        return plans;
    }

    private static boolean violates(
            String mistake, Plan plan, long seed, Runbooks runbooks, Set<AgentMistake> mistakes) {
        try {
            new Disaster(plan, seed, runbooks, null, mistakes, false).run();
            return false;
        } catch (Violation violation) {
            CAUGHT.put(mistake, violation.invariant());
            return true;
        }
    }
}
