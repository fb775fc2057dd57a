package dev.pilotlight.cli.local.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.dns.Route53Model.HttpAnswer;
import dev.pilotlight.testing.AgentScenarios;
import dev.pilotlight.testing.AgentScenarios.Outcome;
import dev.pilotlight.testing.AgentScenarios.Round;
import dev.pilotlight.testing.AgentScenarios.Scenario;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.Handover;
import dev.pilotlight.topology.RegionName;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The model does what agent.py does, whose scenarios {@code AgentTest} plays with the program itself. */
class AgentModelTest {

    /** The local runtime restarts no agent, its workload always stops, and its database has no tables. */
    private static final Set<String> NOT_MODELLED = Set.of("agent", "stubborn", "tables");

    private static final InstanceEnvironment ENVIRONMENT = new InstanceEnvironment(
            "shop", RegionName.PRIMARY, "eu-central-1", "eu-west-1", 0, "db", "own", "other", "shop-primary");

    static Stream<Scenario> scenarios() {
        return AgentScenarios.all().stream()
                .filter(scenario -> NOT_MODELLED.stream().noneMatch(scenario::changes));
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void theModelDoesWhatTheProgramDoes(Scenario scenario) {
        Met met = new Met();
        Agent agent = new Agent(ENVIRONMENT, met);
        for (Round round : scenario.rounds()) {
            met.change(round.node());
            agent.fence();
            agent.pulse(round.at());
            Outcome seen = new Outcome(
                    agent.serving(),
                    met.put.getOrDefault("eu-central-1", Map.of()),
                    met.put.getOrDefault("eu-west-1", Map.of()),
                    met.groupAsked);
            assertThat(seen).as(round.node().toString()).isEqualTo(round.wanted());
            assertThat(met.locked && agent.serving())
                    .as("who serves locks nobody out")
                    .isFalse();
        }
    }

    /** What the agent meets, until a round changes it, and what it has done in this one. */
    private static final class Met implements Agent.Surroundings {

        private final Map<String, JsonNode> met = new TreeMap<>();
        private final Map<String, Map<String, Double>> put = new TreeMap<>();
        private boolean groupAsked;
        private boolean locked;

        Met() {
            try {
                change(new ObjectMapper().readTree("""
                        {"other": [], "own": [], "database": "leader", "lockable": true,
                         "hereTakes": true, "thereTakes": true, "groupTakes": true}"""));
            } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        }

        void change(JsonNode round) {
            round.properties().forEach(each -> met.put(each.getKey(), each.getValue()));
            put.clear();
            groupAsked = false;
        }

        private boolean is(String what) {
            return met.get(what).asBoolean();
        }

        private boolean database(String what) {
            return met.get("database").asText().equals(what);
        }

        @Override
        public Optional<HttpAnswer> get(String host, String path) {
            JsonNode shows = met.get(host);
            if (shows.isTextual()) {
                return shows.asText().equals("silent")
                        ? Optional.empty()
                        : Optional.of(new HttpAnswer(404, "not found"));
            }
            return Optional.of(StreamSupport.stream(shows.spliterator(), false)
                    .map(sign -> sign.asText().split(" ", -1))
                    .map(sign -> sign(sign, sign.length > 2 ? "another" : "shop"))
                    .filter(sign -> sign.getKey().equals(path))
                    .map(sign -> new HttpAnswer(200, sign.getValue()))
                    .findFirst()
                    .orElse(new HttpAnswer(503, Claim.NONE)));
        }

        private static Map.Entry<String, String> sign(String[] sign, String workload) {
            int term = Integer.parseInt(sign[1]);
            return sign[0].equals("claim")
                    ? Map.entry(new Claim(workload, term).path(), new Claim(workload, term).text())
                    : Map.entry(new Handover(workload, term).path(), new Handover(workload, term).text());
        }

        @Override
        public boolean beat(InstanceEnvironment environment, Instant at) {
            return database("leader");
        }

        @Override
        public boolean lock(InstanceEnvironment environment, Agent holder) {
            locked = is("lockable") && !database("silent");
            return locked;
        }

        @Override
        public void unlock(InstanceEnvironment environment, Agent holder) {
            locked = false;
        }

        @Override
        public boolean put(String awsRegion, String workload, Map<String, Double> metrics, Instant at) {
            assertThat(put.put(awsRegion, new TreeMap<>(metrics)))
                    .as("reports to " + awsRegion + " before")
                    .isNull();
            return is(awsRegion.equals("eu-central-1") ? "hereTakes" : "thereTakes");
        }

        @Override
        public boolean emptyGroup(InstanceEnvironment environment) {
            groupAsked = true;
            return is("groupTakes");
        }
    }
}
