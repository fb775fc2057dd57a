package dev.pilotlight.testing;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an agent meets and what must follow, round by round: the table that the program and each of its models are tested
 * against. What its words mean is said in {@code scenarios.py}, which plays it with the program.
 */
public final class AgentScenarios {

    public static final Path TABLE = Path.of("src/test/resources/agent/scenarios.json");

    private static final Instant ORIGIN = Instant.parse("2026-11-24T03:00:00Z");

    private AgentScenarios() {}

    public record Scenario(String name, List<Round> rounds) {

        /** Whether a round changes this. */
        public boolean changes(String what) {
            return rounds.stream().anyMatch(round -> round.node.has(what));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /** What follows of one round. */
    public record Outcome(
            boolean runs, Map<String, Double> putHere, Map<String, Double> putThere, boolean groupAsked) {}

    /** @param node the round as it is written */
    public record Round(JsonNode node) {

        public Instant at() {
            String[] clock = node.get("at").asText().split(":", -1);
            return ORIGIN.plus(Duration.ofMinutes(Long.parseLong(clock[0])).plusSeconds(Long.parseLong(clock[1])));
        }

        public Outcome wanted() {
            return new Outcome(
                    node.get("workload").asText().equals("runs"),
                    metrics("here"),
                    metrics("there"),
                    node.path("group").asText().equals("asked"));
        }

        private Map<String, Double> metrics(String where) {
            Map<String, Double> metrics = new TreeMap<>();
            node.path(where)
                    .properties()
                    .forEach(metric ->
                            metrics.put(metric.getKey(), metric.getValue().asDouble()));
            return metrics;
        }
    }

    public static List<Scenario> all() {
        try {
            List<Scenario> scenarios = new ArrayList<>();
            new ObjectMapper().readTree(TABLE.toFile()).properties().forEach(scenario -> {
                List<Round> rounds = new ArrayList<>();
                scenario.getValue().forEach(round -> rounds.add(new Round(round)));
                scenarios.add(new Scenario(scenario.getKey(), rounds));
            });
            return scenarios;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
