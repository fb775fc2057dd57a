package dev.pilotlight.recovery;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a state machine in the Amazon States Language with JSONata, state by state in the order in which they run.
 *
 * <p>Plain text rather than CDK's chain of constructs: what is written here is what runs, it needs no jsii, and the
 * simulation interprets it as it is.
 */
public final class Machine {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, Object> top = new LinkedHashMap<>();
    private final Map<String, Map<String, Object>> states = new LinkedHashMap<>();

    public Machine(String comment, String startAt, int timeoutSeconds) {
        top.put("Comment", comment);
        top.put("QueryLanguage", "JSONata");
        top.put("StartAt", startAt);
        // No catch sees this one: every wait inside has a deadline of its own that comes earlier.
        top.put("TimeoutSeconds", timeoutSeconds);
        top.put("States", states);
    }

    private Machine(String startAt) {
        top.put("StartAt", startAt);
        top.put("States", states);
    }

    /** One of the branches of a {@link #parallel} state; the names of its states are unique in the whole machine. */
    public static Machine branch(String startAt) {
        return new Machine(startAt);
    }

    public String json() {
        try {
            return JSON.writeValueAsString(top);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A JSONata expression as a field's value. */
    public static String is(String expression) {
        return "{% " + expression.strip().replaceAll("\\s*\\n\\s*", " ") + " %}";
    }

    /** An ordered map: the definition must be the same in every JVM. */
    public static Map<String, Object> map(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int index = 0; index < keysAndValues.length; index += 2) {
            map.put((String) keysAndValues[index], keysAndValues[index + 1]);
        }
        return map;
    }

    private Map<String, Object> state(String name, String type, String comment) {
        Map<String, Object> state = map("Type", type, "Comment", comment);
        if (states.put(name, state) != null) {
            throw new IllegalArgumentException("two states are called " + name);
        }
        return state;
    }

    /** @param call service and action as Step Functions names them, such as {@code rds:promoteReadReplica} */
    public Task task(String name, String comment, String call, Map<String, Object> arguments) {
        return new Task(state(name, "Task", comment), "aws-sdk:" + call, arguments);
    }

    /**
     * A request over HTTPS. Its answer is an error unless it is 2xx: {@code States.Http.StatusCode.404}.
     *
     * @param connection ARN of the EventBridge connection, without which Step Functions asks nobody
     */
    public Task get(String name, String comment, String url, String connection) {
        return new Task(
                state(name, "Task", comment),
                "http:invoke",
                map("ApiEndpoint", url, "Method", "GET", "Authentication", map("ConnectionArn", connection)));
    }

    public Choice choice(String name, String comment) {
        return new Choice(state(name, "Choice", comment));
    }

    public void pass(String name, String comment, Map<String, Object> assign, String next) {
        Map<String, Object> state = state(name, "Pass", comment);
        state.put("Assign", assign);
        state.put("Next", next);
    }

    /**
     * Runs all branches at once and goes on when the last has ended. The result is the list of their outputs.
     *
     * @param branches none of which may fail
     */
    public void parallel(String name, String comment, List<Machine> branches, Map<String, Object> assign, String next) {
        Map<String, Object> state = state(name, "Parallel", comment);
        state.put("Branches", branches.stream().map(branch -> branch.top).toList());
        state.put("Assign", assign);
        state.put("Next", next);
    }

    /** @param seconds a number or an expression */
    public void pause(String name, String comment, Object seconds, String next) {
        Map<String, Object> state = state(name, "Wait", comment);
        state.put("Seconds", seconds);
        state.put("Next", next);
    }

    public void succeed(String name, String comment, Object output) {
        state(name, "Succeed", comment).put("Output", output);
    }

    public void fail(String name, String comment, String error, String cause) {
        Map<String, Object> state = state(name, "Fail", comment);
        state.put("Error", error);
        state.put("Cause", cause);
    }

    /** How stubbornly a call is tried again. */
    public enum Patience {
        /** A look that is repeated every minute anyway. */
        ONCE(10, 0, 2),
        /** A look that nothing depends on: twice, within 15 seconds. */
        BRIEF(5, 1, 2),
        /** A look that nothing depends on, and that takes its time: twice, within a minute. */
        SLOW(30, 1, 2),
        /** A step on which the failover depends: for about three minutes, with the delays halved by jitter. */
        LONG(10, 20, 20),
        /**
         * A step after the point of no return, when nobody serves until it is done: for about ten minutes. In a region's
         * loss everybody moves to the next one, whose services throttle.
         */
        STUBBORN(10, 60, 20);

        private final int timeoutSeconds;
        private final int attempts;
        private final int longestDelay;

        Patience(int timeoutSeconds, int attempts, int longestDelay) {
            this.timeoutSeconds = timeoutSeconds;
            this.attempts = attempts;
            this.longestDelay = longestDelay;
        }
    }

    public static final class Task {
        private final Map<String, Object> state;
        private final List<Object> catchers = new ArrayList<>();
        private final List<String> expected = new ArrayList<>(List.of("States.QueryEvaluationError"));
        private Patience patience = Patience.LONG;

        private Task(Map<String, Object> state, String call, Map<String, Object> arguments) {
            this.state = state;
            state.put("Resource", "arn:aws:states:::" + call);
            state.put("Arguments", arguments);
        }

        public Task patience(Patience chosen) {
            this.patience = chosen;
            return this;
        }

        public Task assign(Map<String, Object> variables) {
            state.put("Assign", variables);
            return this;
        }

        /** An error that is an answer: it is not tried again. */
        public Task on(String error, Map<String, Object> assign, String next) {
            expected.add(error);
            catchers.add(catcher(error, assign, next));
            return this;
        }

        public Task onAnyError(Map<String, Object> assign, String next) {
            catchers.add(catcher("States.ALL", assign, next));
            return this;
        }

        public void next(String next) {
            state.put("TimeoutSeconds", patience.timeoutSeconds);
            state.put(
                    "Retry",
                    List.of(
                            map("ErrorEquals", List.copyOf(expected), "MaxAttempts", 0),
                            map(
                                    "ErrorEquals",
                                    List.of("States.TaskFailed", "States.Timeout"),
                                    "IntervalSeconds",
                                    1,
                                    "BackoffRate",
                                    2,
                                    "MaxDelaySeconds",
                                    patience.longestDelay,
                                    "MaxAttempts",
                                    patience.attempts,
                                    "JitterStrategy",
                                    "FULL")));
            state.put("Catch", catchers);
            state.put("Next", next);
        }

        private static Map<String, Object> catcher(String error, Map<String, Object> assign, String next) {
            Map<String, Object> catcher = map("ErrorEquals", List.of(error));
            if (!assign.isEmpty()) {
                catcher.put("Assign", assign);
            }
            catcher.put("Next", next);
            return catcher;
        }
    }

    public static final class Choice {
        private final Map<String, Object> state;
        private final List<Object> rules = new ArrayList<>();

        private Choice(Map<String, Object> state) {
            this.state = state;
            state.put("Choices", rules);
        }

        public Choice when(String condition, String next) {
            return when(condition, map(), next);
        }

        public Choice when(String condition, Map<String, Object> assign, String next) {
            Map<String, Object> rule = map("Condition", is(condition));
            if (!assign.isEmpty()) {
                rule.put("Assign", assign);
            }
            rule.put("Next", next);
            rules.add(rule);
            return this;
        }

        public void otherwise(String next) {
            state.put("Default", next);
        }
    }
}
