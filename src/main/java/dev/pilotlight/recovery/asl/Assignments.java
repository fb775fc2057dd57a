package dev.pilotlight.recovery.asl;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which variables are assigned on every way to a state. One that is read without is nothing: an error in most places, and
 * a silent false in a comparison.
 */
final class Assignments {

    private static final List<String> WAYS = List.of("Catch", "Choices");

    private final Definition definition;
    private final Map<String, Set<String>> before = new LinkedHashMap<>();
    private final Deque<String> open = new ArrayDeque<>();

    /**
     * @param known the variables that are assigned before it begins
     * @throws UnsupportedDefinitionException if an expression reads a variable that may not be assigned by then
     */
    Assignments(Definition definition, Set<String> known) {
        this.definition = definition;
        arrive(definition.startAt(), known);
        while (!open.isEmpty()) {
            follow(open.remove());
        }
        Set<String> anywhere = new LinkedHashSet<>(known);
        for (String name : definition.stateNames()) {
            Map<String, Object> state = definition.state(name);
            anywhere.addAll(assigned(state));
            WAYS.forEach(ways -> Definition.list(state.get(ways)).forEach(way -> anywhere.addAll(assigned(way))));
        }
        before.forEach((name, assigned) -> {
            definition.state(name).forEach((field, value) -> {
                if (!field.equals("Branches")) {
                    check(name, value, assigned, anywhere);
                }
            });
            definition.branches(name).forEach(branch -> branch.checkReached(assigned));
        });
    }

    /** The states that some way leads to. */
    Set<String> reached() {
        return before.keySet();
    }

    private void follow(String name) {
        Map<String, Object> state = definition.state(name);
        Set<String> known = before.get(name);
        if (state.containsKey("Next")) {
            arrive((String) state.get("Next"), with(known, state));
        }
        if (state.containsKey("Default")) {
            arrive((String) state.get("Default"), known);
        }
        for (String ways : WAYS) {
            for (Map<String, Object> way : Definition.list(state.get(ways))) {
                arrive((String) way.get("Next"), with(known, way));
            }
        }
    }

    private void arrive(String name, Set<String> known) {
        Set<String> common = new LinkedHashSet<>(known);
        Set<String> earlier = before.get(name);
        if (earlier != null) {
            common.retainAll(earlier);
            if (common.equals(earlier)) {
                return;
            }
        }
        before.put(name, common);
        open.add(name);
    }

    private static Set<String> with(Set<String> known, Map<String, Object> holder) {
        Set<String> more = new LinkedHashSet<>(known);
        more.addAll(assigned(holder));
        return more;
    }

    private static Set<String> assigned(Map<String, Object> holder) {
        return holder.containsKey("Assign")
                ? Definition.object(holder.get("Assign")).keySet()
                : Set.of();
    }

    private void check(String name, Object value, Set<String> known, Set<String> anywhere) {
        if (value instanceof Map<?, ?> map) {
            map.values().forEach(item -> check(name, item, known, anywhere));
        } else if (value instanceof List<?> items) {
            items.forEach(item -> check(name, item, known, anywhere));
        } else if (Expressions.isExpression(value)) {
            for (String variable : definition.expressions().names((String) value)) {
                Definition.require(anywhere.contains(variable), "%s: no state assigns $%s".formatted(name, variable));
                Definition.require(
                        known.contains(variable),
                        "%s: not every way here assigns $%s: %s".formatted(name, variable, value));
            }
        }
    }
}
