package dev.pilotlight.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** A mistake, and the states in which it is made. */
record Mutation(String name, Consumer<ObjectNode> mistake) {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public String toString() {
        return name;
    }

    /** The runbook with the mistake. */
    String in(String text) {
        try {
            ObjectNode machine = (ObjectNode) JSON.readTree(text);
            ObjectNode states = (ObjectNode) machine.get("States");
            String before = states.toString();
            mistake.accept(states);
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
                // Those of a branch are in its own states.
                if (states.has(next.asText()) && reached.add(next.asText())) {
                    open.push(next.asText());
                }
            }
            for (String name : Set.copyOf(reached)) {
                JsonNode otherwise = states.get(name).get("Default");
                if (otherwise != null && reached.add(otherwise.asText())) {
                    open.push(otherwise.asText());
                }
            }
        }
        states.retain(reached);
    }

    static Consumer<ObjectNode> skip(String name) {
        return states -> {
            String next = state(states, name).get("Next").asText();
            states.fieldNames().forEachRemaining(other -> next(states, other, name, next));
        };
    }

    static ObjectNode state(ObjectNode states, String name) {
        return (ObjectNode) states.get(name);
    }

    /** Wherever a state goes to one, it goes to another. */
    static void next(ObjectNode states, String name, String from, String to) {
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

    static void replace(ObjectNode states, String name, String from, String to) {
        try {
            String text = states.get(name).toString();
            assertThat(text).contains(from);
            states.set(name, JSON.readTree(text.replace(from, to)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Puts another condition for the first that holds the words. */
    static void condition(ObjectNode states, String name, String words, String condition) {
        for (JsonNode rule : (ArrayNode) states.get(name).get("Choices")) {
            if (rule.get("Condition").asText().contains(words)) {
                ((ObjectNode) rule).put("Condition", "{% " + condition + " %}");
                return;
            }
        }
        throw new AssertionError(name + " has no condition with " + words);
    }
}
