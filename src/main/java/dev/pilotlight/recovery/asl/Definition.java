package dev.pilotlight.recovery.asl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A state machine's text, checked: every state and field is one that {@link Execution} runs, every state that is named
 * exists and is reached, every expression parses and uses variables that some state assigns.
 *
 * <p>Not for use by several threads at once.
 */
public final class Definition {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String INTEGRATION = "arn:aws:states:::";
    private static final String SDK_INTEGRATION = INTEGRATION + "aws-sdk:";
    /** A request over HTTPS, with an EventBridge connection. */
    private static final String HTTP_TASK = INTEGRATION + "http:invoke";

    private static final Set<String> TOP = Set.of("Comment", "QueryLanguage", "StartAt", "TimeoutSeconds", "States");
    private static final Map<String, Set<String>> FIELDS = Map.of(
            "Task", Set.of("Resource", "Arguments", "Assign", "TimeoutSeconds", "Retry", "Catch", "Next"),
            "Choice", Set.of("Choices", "Default"),
            "Pass", Set.of("Assign", "Next"),
            "Wait", Set.of("Seconds", "Next"),
            "Succeed", Set.of("Output"),
            "Fail", Set.of("Error", "Cause"));
    private static final Set<String> RETRY =
            Set.of("ErrorEquals", "IntervalSeconds", "BackoffRate", "MaxDelaySeconds", "MaxAttempts", "JitterStrategy");
    private static final Set<String> CATCH = Set.of("ErrorEquals", "Assign", "Next");
    private static final Set<String> RULE = Set.of("Condition", "Assign", "Next");

    private static final Pattern STRING = Pattern.compile("'[^']*'|\"[^\"]*\"");
    private static final Pattern VARIABLE = Pattern.compile("\\$([a-zA-Z][a-zA-Z0-9_]*+)(?!\\s*\\()");
    private static final Pattern LOCAL = Pattern.compile("\\$([a-zA-Z][a-zA-Z0-9_]*)\\s*:=|function\\(([^)]*)\\)");

    private final Map<String, Object> top;
    private final Map<String, Map<String, Object>> states = new LinkedHashMap<>();
    private final Expressions expressions = new Expressions();

    private Definition(Map<String, Object> top) {
        this.top = top;
        refuseOthers("the state machine", top, TOP);
        require("JSONata".equals(top.get("QueryLanguage")), "the state machine: QueryLanguage must be JSONata");
        object(top.get("States")).forEach((name, state) -> states.put(name, object(state)));
        states.forEach(this::check);
        checkNext("the state machine", (String) top.get("StartAt"));
        checkReached();
        checkVariables();
    }

    /** @throws UnsupportedDefinitionException if it holds what is not known here */
    public static Definition parse(String json) {
        try {
            return new Definition(JSON.readValue(json, new TypeReference<>() {}));
        } catch (JsonProcessingException e) {
            throw new UnsupportedDefinitionException(e.getMessage());
        }
    }

    public Set<String> stateNames() {
        return states.keySet();
    }

    /** The state's fields, as they stand in the text. */
    public Map<String, Object> state(String name) {
        return states.get(name);
    }

    /** {@code service:action} of a task's call; {@code http:invoke} if it is no SDK integration but a request over HTTPS. */
    public static String call(Map<String, Object> task) {
        String resource = (String) task.get("Resource");
        return resource.substring((resource.equals(HTTP_TASK) ? INTEGRATION : SDK_INTEGRATION).length());
    }

    String startAt() {
        return (String) top.get("StartAt");
    }

    int timeoutSeconds() {
        return ((Number) top.get("TimeoutSeconds")).intValue();
    }

    Expressions expressions() {
        return expressions;
    }

    private void check(String name, Map<String, Object> state) {
        Set<String> allowed = FIELDS.get((String) state.get("Type"));
        require(allowed != null, name + ": states of type " + state.get("Type") + " are not supported");
        Set<String> fields = new LinkedHashSet<>(allowed);
        fields.addAll(List.of("Type", "Comment"));
        refuseOthers(name, state, fields);
        expressions.parse(state, name);
        if (state.get("Type").equals("Task")) {
            String resource = (String) state.get("Resource");
            require(
                    resource != null
                            && (resource.equals(HTTP_TASK)
                                    || resource.matches(Pattern.quote(SDK_INTEGRATION) + "[a-z0-9]+:[a-zA-Z0-9]+")),
                    name + ": only SDK integrations and http:invoke are supported, not " + resource);
            require(state.containsKey("TimeoutSeconds"), name + ": a task without a timeout could hang for a year");
            list(state.get("Retry")).forEach(retry -> {
                refuseOthers(name, retry, RETRY);
                checkErrors(name, retry);
            });
            list(state.get("Catch")).forEach(catcher -> {
                refuseOthers(name, catcher, CATCH);
                checkErrors(name, catcher);
                checkNext(name, (String) catcher.get("Next"));
            });
        }
        if (state.get("Type").equals("Choice")) {
            list(state.get("Choices")).forEach(rule -> {
                refuseOthers(name, rule, RULE);
                require(Expressions.isExpression(rule.get("Condition")), name + ": a condition is an expression");
                checkNext(name, (String) rule.get("Next"));
            });
            checkNext(name, (String) state.get("Default"));
        } else if (allowed.contains("Next")) {
            checkNext(name, (String) state.get("Next"));
        }
    }

    private static void checkErrors(String name, Map<String, Object> handler) {
        List<?> errors = (List<?>) handler.get("ErrorEquals");
        require(
                !errors.isEmpty() && (errors.size() == 1 || !errors.contains("States.ALL")),
                name + ": States.ALL stands alone");
    }

    private void checkNext(String name, String next) {
        require(states.containsKey(next), name + ": there is no state " + next);
    }

    private void checkReached() {
        Set<String> reached = new LinkedHashSet<>(List.of(startAt()));
        List<String> open = new java.util.ArrayList<>(reached);
        while (!open.isEmpty()) {
            Map<String, Object> state = states.get(open.remove(open.size() - 1));
            List<Object> nexts = new java.util.ArrayList<>();
            nexts.add(state.get("Next"));
            nexts.add(state.get("Default"));
            list(state.get("Catch")).forEach(catcher -> nexts.add(catcher.get("Next")));
            list(state.get("Choices")).forEach(rule -> nexts.add(rule.get("Next")));
            for (Object next : nexts) {
                if (next != null && reached.add((String) next)) {
                    open.add((String) next);
                }
            }
        }
        Set<String> dead = new LinkedHashSet<>(states.keySet());
        dead.removeAll(reached);
        require(dead.isEmpty(), "no way leads to " + dead);
    }

    private void checkVariables() {
        Set<String> assigned = new LinkedHashSet<>(List.of("states"));
        states.values().forEach(state -> {
            assigned.addAll(assignedBy(state));
            list(state.get("Catch")).forEach(catcher -> assigned.addAll(assignedBy(catcher)));
            list(state.get("Choices")).forEach(rule -> assigned.addAll(assignedBy(rule)));
        });
        states.forEach((name, state) -> checkVariables(name, state, assigned));
    }

    private static Set<String> assignedBy(Map<String, Object> holder) {
        return holder.containsKey("Assign") ? object(holder.get("Assign")).keySet() : Set.of();
    }

    private static void checkVariables(String name, Object value, Set<String> assigned) {
        if (value instanceof Map<?, ?> map) {
            map.values().forEach(item -> checkVariables(name, item, assigned));
        } else if (value instanceof List<?> items) {
            items.forEach(item -> checkVariables(name, item, assigned));
        } else if (Expressions.isExpression(value)) {
            String text = STRING.matcher((String) value).replaceAll("''");
            Set<String> known = new LinkedHashSet<>(assigned);
            Matcher local = LOCAL.matcher(text);
            while (local.find()) {
                if (local.group(1) != null) {
                    known.add(local.group(1));
                } else {
                    for (String parameter : local.group(2).split(",", -1)) {
                        known.add(parameter.strip().replace("$", ""));
                    }
                }
            }
            Matcher variable = VARIABLE.matcher(text);
            while (variable.find()) {
                require(known.contains(variable.group(1)), name + ": no state assigns $" + variable.group(1));
            }
        }
    }

    private static void refuseOthers(String where, Map<String, Object> object, Set<String> known) {
        Set<String> others = new LinkedHashSet<>(object.keySet());
        others.removeAll(known);
        require(others.isEmpty(), where + ": these fields are not supported: " + others);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new UnsupportedDefinitionException(message);
        }
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(Object value) {
        return (Map<String, Object>) value;
    }

    @SuppressWarnings("unchecked")
    static List<Map<String, Object>> list(Object value) {
        return value == null ? List.of() : (List<Map<String, Object>>) value;
    }
}
