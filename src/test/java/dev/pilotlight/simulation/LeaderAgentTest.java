package dev.pilotlight.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.simulation.Plan.Span;
import dev.pilotlight.testing.AgentScenarios;
import dev.pilotlight.testing.AgentScenarios.Round;
import dev.pilotlight.testing.AgentScenarios.Scenario;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The simulation's agent does what agent.py does, as far as anybody in the simulation can tell. */
class LeaderAgentTest {

    /** Its region never leads again, its database has no tables, and its own region's metrics are nobody's business. */
    private static final Set<String> NOT_MODELLED = Set.of("own", "tables", "hereTakes");

    private static final Span ALWAYS = new Span(0, Plan.NEVER);

    static Stream<Scenario> scenarios() {
        return AgentScenarios.all().stream()
                .filter(scenario -> NOT_MODELLED.stream().noneMatch(scenario::changes))
                // It knows one term, and no other workload.
                .filter(scenario -> scenario.rounds().stream()
                        .allMatch(round -> signs(round.node())
                                .allMatch(
                                        sign -> List.of("claim 1", "handover 1").contains(sign))));
    }

    private static Stream<String> signs(JsonNode round) {
        return round.path("other").valueStream().map(JsonNode::asText);
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void theSimulatedAgentDoesWhatTheProgramDoes(Scenario scenario) {
        Met met = new Met();
        LeaderAgent agent =
                new LeaderAgent(0, met, met.clock, met.plan, new Facts("shop", "arn", 1, 0, 2, true, 30, 5, 7, "arn"));
        for (Round round : scenario.rounds()) {
            met.clock.advanceTo(Clock.millis(round.at()));
            met.change(round.node());
            switch (round.node().path("agent").asText()) {
                case "restarts" -> agent.restart();
                case "boots" -> {
                    met.up = false;
                    agent.loop();
                    met.up = true;
                }
                default -> {
                    if (scenario.rounds().indexOf(round) == 0) {
                        agent.restart();
                    }
                }
            }
            agent.loop();
            assertThat(agent.serving())
                    .as(round.node().toString())
                    .isEqualTo(round.wanted().runs());
            // What does not arrive is seen by nobody here.
            assertThat(met.put)
                    .as(round.node().toString())
                    .isEqualTo(met.takes ? round.wanted().putThere() : Map.of());
            assertThat(met.groupAsked())
                    .as(round.node().toString())
                    .isEqualTo(round.wanted().groupAsked() && met.groupTakes);
        }
    }

    /** What the agent meets, until a round changes it, and what arrived in this one. */
    private static final class Met implements LeaderAgent.Surroundings {

        private final Plan plan = new Plan(1);
        private final Clock clock = new Clock(true);
        private final Map<String, Double> put = new TreeMap<>();
        private boolean up = true;
        private boolean database = true;
        private boolean takes = true;
        private boolean groupTakes = true;
        private Set<String> signs = Set.of();
        private int journalRead;

        void change(JsonNode round) {
            put.clear();
            journalRead = clock.journal().size();
            if (round.has("other")) {
                JsonNode other = round.get("other");
                plan.blind = other.isTextual() ? ALWAYS : Span.NEVER_SPAN;
                signs = other.isTextual() ? signs : Set.copyOf(signs(round).toList());
            }
            database = round.path("database")
                    .asText(database ? "leader" : "silent")
                    .equals("leader");
            plan.lockRefused = span(round, "lockable", plan.lockRefused, false);
            plan.stubborn = span(round, "stubborn", plan.stubborn, true);
            takes = round.path("thereTakes").asBoolean(takes);
            plan.metricsLost = takes ? Span.NEVER_SPAN : ALWAYS;
            groupTakes = round.path("groupTakes").asBoolean(groupTakes);
            plan.groupStays = groupTakes ? Span.NEVER_SPAN : ALWAYS;
        }

        private static Span span(JsonNode round, String what, Span before, boolean when) {
            if (!round.has(what)) {
                return before;
            }
            return round.get(what).asBoolean() == when ? ALWAYS : Span.NEVER_SPAN;
        }

        /** In this round. */
        boolean groupAsked() {
            return clock.journal().subList(journalRead, clock.journal().size()).stream()
                    .anyMatch(line -> line.contains("asks its group for zero"));
        }

        @Override
        public boolean up() {
            return up;
        }

        @Override
        public boolean groupEmptied() {
            return false;
        }

        @Override
        public boolean databaseUp() {
            return database;
        }

        @Override
        public boolean claimStands() {
            return signs.contains("claim 1");
        }

        @Override
        public boolean signStands() {
            return signs.contains("handover 1");
        }

        @Override
        public void committed() {}

        @Override
        public void reported(int number, boolean beat, boolean counted, int fencedTerm) {
            assertThat(put).as("reports of this round before").isEmpty();
            put.put("FencedTerm", (double) fencedTerm);
            if (beat) {
                put.put("Heartbeat", 1.0);
            }
            if (counted) {
                put.put("Instance", 1.0);
            }
        }

        @Override
        public void emptyGroup() {}

        @Override
        public boolean makes(AgentMistake mistake) {
            return false;
        }

        @Override
        public void violated(Invariant invariant, String detail) {
            throw new AssertionError(invariant + ": " + detail);
        }
    }
}
