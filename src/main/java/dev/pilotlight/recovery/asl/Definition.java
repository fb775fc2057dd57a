package dev.pilotlight.recovery.asl;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.format.DateTimeParseException;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A state machine's text, checked: every state and field is one that {@link Execution} runs, every state that is named
 * exists and is reached, every expression parses, names nothing but {@code $states} and variables, and reads only variables
 * that are assigned on every way to it.
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
            "Parallel", Set.of("Branches", "Assign", "Next"),
            "Wait", Set.of("Seconds", "Timestamp", "Next"),
            "Succeed", Set.of("Output"),
            "Fail", Set.of("Error", "Cause"));
    private static final Set<String> BRANCH = Set.of("StartAt", "States");
    private static final Set<String> RETRY =
            Set.of("ErrorEquals", "IntervalSeconds", "BackoffRate", "MaxDelaySeconds", "MaxAttempts", "JitterStrategy");
    private static final Set<String> CATCH = Set.of("ErrorEquals", "Assign", "Next");
    private static final Set<String> RULE = Set.of("Condition", "Assign", "Next");

    /** Of the context object, what {@link Execution} holds. */
    private static final Set<List<String>> CONTEXT = Set.of(
            List.of("Execution", "Id"),
            List.of("Execution", "Input"),
            List.of("Execution", "Name"),
            List.of("Execution", "StartTime"),
            List.of("State", "EnteredTime"),
            List.of("State", "Name"),
            List.of("StateMachine", "Id"));

    private static final Pattern VARIABLE = Pattern.compile("[a-zA-Z][a-zA-Z0-9_]{0,79}");
    /** The longest wait, timeout and count of retries, in Step Functions' schema. */
    private static final int MOST = 99_999_999;
    /** A retrier's longest delay, in seconds: less than a year and a day. */
    private static final int LONGEST_DELAY = 31_622_399;

    private final Map<String, Object> top;
    private final Map<String, Map<String, Object>> states = new LinkedHashMap<>();
    private final Map<String, List<Definition>> branches = new LinkedHashMap<>();
    private final Expressions expressions;

    private Definition(Map<String, Object> top) {
        this(top, new Expressions());
        refuseOthers("the state machine", top, TOP);
        require("JSONata".equals(top.get("QueryLanguage")), "the state machine: QueryLanguage must be JSONata");
        checkWhole("the state machine", top, "TimeoutSeconds", 1, MOST);
        checkReached(Set.of());
        checkNames(new LinkedHashSet<>());
        checkScopes(Set.of());
    }

    /** The states of a machine, or of a branch, whose time is limited by its machine's. */
    private Definition(Map<String, Object> top, Expressions expressions) {
        this.top = top;
        this.expressions = expressions;
        object(top.get("States")).forEach((name, state) -> states.put(name, object(state)));
        states.forEach(this::check);
        checkNext("the state machine", (String) top.get("StartAt"));
    }

    /** @param known the variables that are assigned before it begins */
    void checkReached(Set<String> known) {
        Set<String> dead = new LinkedHashSet<>(states.keySet());
        dead.removeAll(new Assignments(this, known).reached());
        require(dead.isEmpty(), "no way leads to " + dead);
    }

    /** The names of states are unique in the whole machine. */
    private void checkNames(Set<String> names) {
        states.keySet().forEach(name -> require(names.add(name), "two states are called " + name));
        branches.values().forEach(list -> list.forEach(branch -> branch.checkNames(names)));
    }

    /** A branch must not assign a name of whatever it is inside of [doc: workflow-variables]. */
    private void checkScopes(Set<String> outer) {
        Set<String> own = new LinkedHashSet<>();
        states.values().forEach(state -> {
            collectAssigned(state, own);
            list(state.get("Catch")).forEach(catcher -> collectAssigned(catcher, own));
            list(state.get("Choices")).forEach(rule -> collectAssigned(rule, own));
        });
        own.forEach(variable -> require(!outer.contains(variable), "an outer state assigns $" + variable + " too"));
        own.addAll(outer);
        branches.values().forEach(list -> list.forEach(branch -> branch.checkScopes(own)));
    }

    private static void collectAssigned(Map<String, Object> holder, Set<String> names) {
        if (holder.containsKey("Assign")) {
            names.addAll(object(holder.get("Assign")).keySet());
        }
    }

    /** @throws UnsupportedDefinitionException if it holds what is not known here */
    public static Definition parse(String json) {
        try {
            Map<String, Object> top = JSON.readValue(json, new TypeReference<>() {});
            return new Definition(object(Json.of(top)));
        } catch (JsonProcessingException e) {
            throw new UnsupportedDefinitionException(e.getMessage());
        }
    }

    /** The branches of a state that runs several at once; none of another. */
    public List<Definition> branches(String state) {
        return branches.getOrDefault(state, List.of());
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
        return ((Number) top.getOrDefault("TimeoutSeconds", MOST)).intValue();
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
        boolean answered = Set.of("Task", "Parallel").contains((String) state.get("Type"));
        state.forEach((field, value) -> {
            if (!field.equals("Branches")) {
                expressions.parse(value, name);
            }
            if (!Set.of("Branches", "Choices", "Catch", "Comment").contains(field)) {
                checkPaths(name, value, answered && field.equals("Assign") ? "result" : null);
            }
        });
        checkAssign(name, state);
        switch ((String) state.get("Type")) {
            case "Task" -> checkTask(name, state);
            case "Choice" -> {
                list(state.get("Choices")).forEach(rule -> {
                    refuseOthers(name, rule, RULE);
                    require(Expressions.isExpression(rule.get("Condition")), name + ": a condition is an expression");
                    checkPaths(name, rule, null);
                    checkAssign(name, rule);
                    checkNext(name, (String) rule.get("Next"));
                });
                checkNext(name, (String) state.get("Default"));
            }
            case "Wait" -> checkWait(name, state);
            case "Parallel" -> {
                List<Map<String, Object>> parts = list(state.get("Branches"));
                require(!parts.isEmpty(), name + ": there is no branch");
                parts.forEach(part -> refuseOthers(name, part, BRANCH));
                branches.put(
                        name,
                        parts.stream()
                                .map(part -> new Definition(part, expressions))
                                .toList());
            }
            default -> {
                // Nothing of its own.
            }
        }
        if (allowed.contains("Next")) {
            checkNext(name, (String) state.get("Next"));
        }
    }

    private void checkTask(String name, Map<String, Object> state) {
        String resource = (String) state.get("Resource");
        require(
                resource != null
                        && (resource.equals(HTTP_TASK)
                                || resource.matches(Pattern.quote(SDK_INTEGRATION) + "[a-z0-9]+:[a-zA-Z0-9]+")),
                name + ": only SDK integrations and http:invoke are supported, not " + resource);
        require(state.containsKey("TimeoutSeconds"), name + ": a task without a timeout could hang for a year");
        checkWhole(name, state, "TimeoutSeconds", 1, MOST);
        require(state.containsKey("Arguments"), name + ": a task has Arguments");
        list(state.get("Retry")).forEach(retry -> {
            refuseOthers(name, retry, RETRY);
            checkErrors(name, retry);
            checkWhole(name, retry, "IntervalSeconds", 1, MOST);
            checkWhole(name, retry, "MaxAttempts", 0, MOST);
            checkWhole(name, retry, "MaxDelaySeconds", 1, LONGEST_DELAY);
            require(
                    !(retry.get("BackoffRate") instanceof Number rate) || rate.doubleValue() >= 1,
                    name + ": BackoffRate is at least 1");
            require(
                    Set.of("FULL", "NONE").contains(retry.getOrDefault("JitterStrategy", "NONE")),
                    name + ": JitterStrategy is FULL or NONE");
        });
        list(state.get("Catch")).forEach(catcher -> {
            refuseOthers(name, catcher, CATCH);
            checkErrors(name, catcher);
            checkPaths(name, catcher, "errorOutput");
            checkAssign(name, catcher);
            checkNext(name, (String) catcher.get("Next"));
        });
    }

    private static void checkWait(String name, Map<String, Object> state) {
        require(
                state.containsKey("Seconds") != state.containsKey("Timestamp"),
                name + ": a wait has either Seconds or Timestamp");
        if (!Expressions.isExpression(state.get("Seconds"))) {
            checkWhole(name, state, "Seconds", 0, MOST);
        }
        if (state.get("Timestamp") instanceof String time && !Expressions.isExpression(time)) {
            try {
                Execution.timestamp(time);
            } catch (DateTimeParseException e) {
                throw new UnsupportedDefinitionException(name + ": no time: " + time);
            }
        } else {
            require(
                    !state.containsKey("Timestamp") || state.get("Timestamp") instanceof String,
                    name + ": no time: " + state.get("Timestamp"));
        }
    }

    private static void checkWhole(String name, Map<String, Object> holder, String field, int least, int most) {
        Object value = holder.get(field);
        require(
                !holder.containsKey(field) || (value instanceof Integer number && number >= least && number <= most),
                "%s: %s is a whole number from %,d to %,d, not %s".formatted(name, field, least, most, value));
    }

    private static void checkErrors(String name, Map<String, Object> handler) {
        List<?> errors = (List<?>) handler.get("ErrorEquals");
        require(
                !errors.isEmpty() && (errors.size() == 1 || !errors.contains("States.ALL")),
                name + ": States.ALL stands alone");
    }

    private static void checkAssign(String name, Map<String, Object> holder) {
        if (!holder.containsKey("Assign")) {
            return;
        }
        require(holder.get("Assign") instanceof Map, name + ": Assign is an object");
        for (String variable : object(holder.get("Assign")).keySet()) {
            require(VARIABLE.matcher(variable).matches(), name + ": no name for a variable: " + variable);
            require(
                    !variable.equals("states") && !Expressions.FUNCTIONS.contains(variable),
                    name + ": $" + variable + " is taken");
        }
    }

    /** @param more what is there of {@code $states} beside input and context; null if nothing */
    private void checkPaths(String name, Object value, String more) {
        if (value instanceof Map<?, ?> map) {
            map.values().forEach(item -> checkPaths(name, item, more));
        } else if (value instanceof List<?> items) {
            items.forEach(item -> checkPaths(name, item, more));
        } else if (Expressions.isExpression(value)) {
            for (List<String> path : expressions.tree((String) value).statesPaths()) {
                String first = path.isEmpty() ? "" : path.get(0);
                boolean known = first.equals("context")
                        ? path.size() >= 3 && CONTEXT.contains(path.subList(1, 3))
                        : first.equals("input") || first.equals(more);
                require(known, "%s: there is no $states%s here: %s".formatted(name, dotted(path), value));
            }
        }
    }

    private static String dotted(List<String> path) {
        return path.isEmpty() ? " as a whole" : "." + String.join(".", path);
    }

    private void checkNext(String name, String next) {
        require(states.containsKey(next), name + ": there is no state " + next);
    }

    private static void refuseOthers(String where, Map<String, Object> object, Set<String> known) {
        Set<String> others = new LinkedHashSet<>(object.keySet());
        others.removeAll(known);
        require(others.isEmpty(), where + ": these fields are not supported: " + others);
    }

    static void require(boolean condition, String message) {
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
