package dev.pilotlight.recovery.asl;

import dev.pilotlight.recovery.asl.Expressions.QueryEvaluationException;
import dev.pilotlight.recovery.asl.Services.Reply;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoubleSupplier;

/**
 * One run of a state machine, a step at a time: the caller lets time pass until {@link #due()} and calls {@link #step()},
 * so several runs and the world around them can share one clock, a virtual or the real one.
 */
public final class Execution {

    /** How a run stands. As Step Functions names it. */
    public enum Status {
        RUNNING,
        SUCCEEDED,
        FAILED,
        TIMED_OUT,
        ABORTED
    }

    /** Whether {@code States.ALL} catches {@code States.DataLimitExceeded}. A runbook must hold in both. */
    public enum DataLimit {
        /** As documented: only a catcher that names it does. */
        CAUGHT_BY_ITS_NAME,
        /** As recorded on AWS for a Lambda function that is called by its ARN. */
        CAUGHT_BY_ALL
    }

    /** Of these, Step Functions keeps that many of an execution, and the last one is its failure. */
    private static final int MOST_EVENTS = 25_000;

    private static final int LONGEST_WAIT = 99_999_999;

    private final Definition definition;
    private final Services services;
    private final DoubleSupplier jitter;
    private final Map<String, Object> executionContext = new LinkedHashMap<>();
    private final Map<String, Object> machineContext = new LinkedHashMap<>();
    private final Map<String, Object> variables = new LinkedHashMap<>();
    private final Instant started;
    private final String name;

    private DataLimit dataLimit = DataLimit.CAUGHT_BY_ITS_NAME;
    private Instant due;
    private int events = 1;
    private Status status = Status.RUNNING;
    private String state;
    private Object input;
    private Instant entered;
    private int[] attempts;
    private Branches branches;
    private Duration late = Duration.ZERO;
    private Object output;
    private String error;
    private String cause;

    /**
     * @param machineArn of the state machine
     * @param name of the execution
     * @param jitter random numbers from 0 to 1, for the delays of retries
     */
    public Execution(
            Definition definition,
            String machineArn,
            String name,
            Object input,
            Instant start,
            Services services,
            DoubleSupplier jitter) {
        this.definition = definition;
        this.services = services;
        this.jitter = jitter;
        this.name = name;
        this.started = start;
        this.input = Json.of(input);
        executionContext.put("Id", machineArn.replace(":stateMachine:", ":execution:") + ":" + name);
        executionContext.put("Name", name);
        executionContext.put("StartTime", Times.text(start));
        executionContext.put("Input", this.input);
        machineContext.put("Id", machineArn);
        enter(definition.startAt(), start);
    }

    /** A branch of another run, whose variables it reads and whose context it has; it assigns its own. */
    private Execution(Definition definition, Execution of) {
        this.definition = definition;
        this.services = of.services;
        this.jitter = of.jitter;
        this.name = of.name;
        this.started = of.started;
        this.input = of.input;
        this.dataLimit = of.dataLimit;
        executionContext.putAll(of.executionContext);
        machineContext.putAll(of.machineContext);
        variables.putAll(of.variables);
        enter(definition.startAt(), of.due);
    }

    /** Chooses how {@code States.DataLimitExceeded} is caught; documented behaviour otherwise. */
    public Execution with(DataLimit chosen) {
        dataLimit = chosen;
        return this;
    }

    public String name() {
        return name;
    }

    public Instant started() {
        return started;
    }

    public Status status() {
        return status;
    }

    /** The state that runs next, or in which the run ended. */
    public String state() {
        return state;
    }

    /** When the next step is to be done. */
    public Instant due() {
        return due;
    }

    /**
     * Nothing happens before this time: whoever runs it stood still, or was slower than the clock. That uses up none of the
     * state machine's time, since Step Functions is not slow.
     */
    public void notBefore(Instant time) {
        if (time.isAfter(due)) {
            late = late.plus(Duration.between(due, time));
            due = time;
        }
    }

    public Object output() {
        return output;
    }

    /** Null unless it failed. */
    public String error() {
        return error;
    }

    /** Null unless it failed. */
    public String cause() {
        return cause;
    }

    public Map<String, Object> variables() {
        return variables;
    }

    /** How many events its history has by now, as Step Functions counts them. */
    public int events() {
        return events;
    }

    /** Ends the run from outside, as an operator can. Nothing is caught. */
    public void abort() {
        if (status == Status.RUNNING) {
            status = Status.ABORTED;
        }
    }

    /** Does what is due: a whole state, or one attempt at a task. */
    public void step() {
        if (status != Status.RUNNING) {
            return;
        }
        if (due.isAfter(started.plusSeconds(definition.timeoutSeconds()).plus(late))) {
            status = Status.TIMED_OUT;
            return;
        }
        if (entered == null) {
            entered = due;
            events++;
        }
        if (events >= MOST_EVENTS - 1) {
            fail("States.Runtime", "The execution reached the maximum number of history events (25000).");
            events = MOST_EVENTS;
            return;
        }
        Map<String, Object> fields = definition.state(state);
        try {
            switch ((String) fields.get("Type")) {
                case "Task" -> attempt(fields);
                case "Choice" -> choose(fields);
                case "Pass" -> {
                    assign(fields, states());
                    enter((String) fields.get("Next"), due);
                }
                case "Wait" -> enter((String) fields.get("Next"), end(fields));
                case "Parallel" -> parallel(fields);
                case "Succeed" -> {
                    output = evaluate(fields.get("Output"), states());
                    status = Status.SUCCEEDED;
                    events += 2;
                }
                case "Fail" -> fail(text(fields, "Error"), text(fields, "Cause"));
                default -> throw new IllegalStateException(state);
            }
        } catch (QueryEvaluationException e) {
            // Only tasks can catch it.
            events++;
            fail("States.QueryEvaluationError", state + ": " + e.getMessage());
        }
    }

    private void parallel(Map<String, Object> fields) throws QueryEvaluationException {
        if (branches == null) {
            branches = new Branches(definition.branches(state).stream()
                    .map(branch -> new Execution(branch, this))
                    .toList());
            events++;
        }
        branches.step(due);
        due = branches.due();
        if (branches.failed().isPresent()) {
            Execution failed = branches.failed().get();
            due = failed.due();
            events += branches.events();
            fail(failed.error(), failed.cause());
        } else if (branches.done()) {
            Object result = Json.of(branches.outputs());
            events += branches.events() + 1;
            assign(fields, states("result", result));
            input = result;
            enter((String) fields.get("Next"), due);
        }
    }

    /** The end of a wait. */
    private Instant end(Map<String, Object> fields) throws QueryEvaluationException {
        if (fields.containsKey("Timestamp")) {
            String time = text(fields, "Timestamp");
            try {
                Instant end = timestamp(time);
                return end.isAfter(due) ? end : due;
            } catch (DateTimeParseException e) {
                throw new QueryEvaluationException("Timestamp is no time: " + time);
            }
        }
        Object seconds = evaluate(fields.get("Seconds"), states());
        if (!(seconds instanceof Integer whole) || whole < 0 || whole > LONGEST_WAIT) {
            throw unexpected("Seconds", "whole number from 0 to 99999999", seconds);
        }
        return due.plusSeconds(whole);
    }

    /** Seconds and more, to the second: fractions are cut off [doc: state-wait]. */
    static Instant timestamp(String text) {
        if (!text.contains("T") || !text.matches(".*(Z|[+-][0-9]{2}:[0-9]{2})")) {
            throw new DateTimeParseException("T and Z are capitals", text, 0);
        }
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.parse(text, Instant::from).truncatedTo(ChronoUnit.SECONDS);
    }

    private String text(Map<String, Object> fields, String field) throws QueryEvaluationException {
        Object value = evaluate(fields.get(field), states());
        if (!(value instanceof String text)) {
            throw unexpected(field, "string", value);
        }
        return text;
    }

    private static QueryEvaluationException unexpected(String field, String type, Object value) {
        return new QueryEvaluationException(
                "%s returned an unexpected result type. Expected '%s', but was '%s' for value: %s"
                        .formatted(
                                field,
                                type,
                                value == null
                                        ? "null"
                                        : value.getClass().getSimpleName().toLowerCase(Locale.ROOT),
                                value));
    }

    private void choose(Map<String, Object> fields) throws QueryEvaluationException {
        Map<String, Object> states = states();
        for (Map<String, Object> rule : Definition.list(fields.get("Choices"))) {
            Object holds = evaluate(rule.get("Condition"), states);
            if (!(holds instanceof Boolean yes)) {
                throw unexpected("Condition", "boolean", holds + " from " + rule.get("Condition"));
            }
            if (yes) {
                assign(rule, states);
                enter((String) rule.get("Next"), due);
                return;
            }
        }
        enter((String) fields.get("Default"), due);
    }

    private void attempt(Map<String, Object> fields) {
        String[] call = Definition.call(fields).split(":", 2);
        Duration timeout = Duration.ofSeconds(((Number) fields.get("TimeoutSeconds")).longValue());
        Reply reply;
        try {
            Object arguments = evaluate(fields.get("Arguments"), states());
            if (!(arguments instanceof Map)) {
                throw unexpected("Arguments", "object", arguments);
            }
            // Scheduled, started, and how it ended.
            events += 3;
            reply = services.call(due, call[0], call[1], Definition.object(arguments), timeout);
            if (reply.error() == null && reply.took().compareTo(timeout) > 0) {
                reply = Reply.timeout(timeout);
            }
        } catch (QueryEvaluationException e) {
            events++;
            reply = Reply.failed("States.QueryEvaluationError", e.getMessage(), Duration.ZERO);
        }
        Instant after = due.plus(reply.took());
        if (reply.error() == null) {
            try {
                Object result = Json.of(reply.result());
                assign(fields, states("result", result));
                input = result;
                enter((String) fields.get("Next"), after);
                return;
            } catch (QueryEvaluationException e) {
                events++;
                reply = Reply.failed("States.QueryEvaluationError", e.getMessage(), reply.took());
            }
        }
        failAttempt(fields, reply, after);
    }

    private void failAttempt(Map<String, Object> fields, Reply reply, Instant after) {
        List<Map<String, Object>> retries = Definition.list(fields.get("Retry"));
        if (attempts == null) {
            attempts = new int[retries.size()];
        }
        for (int index = 0; index < retries.size(); index++) {
            Map<String, Object> retry = retries.get(index);
            if (matches(retry, reply.error())) {
                int most = ((Number) retry.getOrDefault("MaxAttempts", 3)).intValue();
                if (attempts[index] < most) {
                    due = after.plusMillis((long) (delay(retry, attempts[index]) * 1000));
                    attempts[index]++;
                    return;
                }
                // The first that matches decides, even if it is exhausted.
                break;
            }
        }
        Map<String, Object> errorOutput = new LinkedHashMap<>();
        errorOutput.put("Error", reply.error());
        errorOutput.put("Cause", reply.cause());
        for (Map<String, Object> catcher : Definition.list(fields.get("Catch"))) {
            if (matches(catcher, reply.error())) {
                try {
                    assign(catcher, states("errorOutput", errorOutput));
                } catch (QueryEvaluationException e) {
                    fail("States.QueryEvaluationError", state + ": " + e.getMessage());
                    return;
                }
                input = errorOutput;
                enter((String) catcher.get("Next"), after);
                return;
            }
        }
        fail(reply.error(), reply.cause());
    }

    private double delay(Map<String, Object> retry, int attempt) {
        double interval = ((Number) retry.getOrDefault("IntervalSeconds", 1)).doubleValue();
        double rate = ((Number) retry.getOrDefault("BackoffRate", 2)).doubleValue();
        double longest = ((Number) retry.getOrDefault("MaxDelaySeconds", 31_622_400)).doubleValue();
        double delay = Math.min(longest, interval * Math.pow(rate, attempt));
        return "FULL".equals(retry.get("JitterStrategy")) ? delay * jitter.getAsDouble() : delay;
    }

    private boolean matches(Map<String, Object> handler, String error) {
        // [doc: concepts-error-handling] Nothing catches States.Runtime, and States.ALL not States.DataLimitExceeded.
        if ("States.Runtime".equals(error)) {
            return false;
        }
        boolean byItsNameOnly = "States.DataLimitExceeded".equals(error) && dataLimit == DataLimit.CAUGHT_BY_ITS_NAME;
        for (Object name : (List<?>) handler.get("ErrorEquals")) {
            if (name.equals(error)
                    || (name.equals("States.ALL") && !byItsNameOnly)
                    || (name.equals("States.TaskFailed") && !byItsNameOnly && !"States.Timeout".equals(error))) {
                return true;
            }
        }
        return false;
    }

    private void fail(String with, String why) {
        error = with;
        cause = why;
        status = Status.FAILED;
        events++;
    }

    private void enter(String next, Instant at) {
        // Left. The first state is entered from nowhere.
        events += state == null ? 0 : 1;
        state = next;
        due = at;
        entered = null;
        attempts = null;
        branches = null;
    }

    /** All expressions see the variables as they were; then all are assigned. */
    private void assign(Map<String, Object> holder, Map<String, Object> states) throws QueryEvaluationException {
        if (holder.containsKey("Assign")) {
            variables.putAll(Definition.object(evaluate(holder.get("Assign"), states)));
        }
    }

    private Object evaluate(Object value, Map<String, Object> states) throws QueryEvaluationException {
        return definition.expressions().evaluate(value, variables, states);
    }

    private Map<String, Object> states() {
        return states(null, null);
    }

    /** @param more what there is beside input and context, {@code result} or {@code errorOutput}; null if nothing */
    private Map<String, Object> states(String more, Object value) {
        Map<String, Object> stateContext = new LinkedHashMap<>();
        stateContext.put("Name", state);
        stateContext.put("EnteredTime", Times.text(entered));
        Map<String, Object> context = new LinkedHashMap<>();
        context.put("Execution", executionContext);
        context.put("State", stateContext);
        context.put("StateMachine", machineContext);
        Map<String, Object> states = new LinkedHashMap<>();
        states.put("input", input);
        states.put("context", context);
        if (more != null) {
            states.put(more, value);
        }
        return states;
    }
}
