package dev.pilotlight.simulation;

import dev.pilotlight.recovery.asl.Definition;
import dev.pilotlight.recovery.asl.Execution;
import dev.pilotlight.recovery.asl.Execution.Status;
import dev.pilotlight.recovery.asl.Services.Reply;
import dev.pilotlight.topology.RegionAnswer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.DoubleSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The state machine that asks from outside for the runbooks: as it is synthesized, in executions of its own beside those
 * that are judged. What it asks is answered by the load balancer, or by witnesses.
 */
final class OutsideMachine {

    private static final Pattern QUESTION = Pattern.compile("\\{\"ask\":\"([a-z]+)\"}");

    private final World world;
    private final Plan plan;
    private final Clock clock;
    private final Definition definition;
    private final DoubleSupplier jitter;
    private final RegionAnswer region;
    private final String host;
    private final Map<String, Execution> runs = new LinkedHashMap<>();
    private final Map<String, Long> endedAt = new LinkedHashMap<>();
    private final TreeSet<String> witnesses = new TreeSet<>();

    /** @param jitter random numbers from 0 to 1 */
    OutsideMachine(World world, Plan plan, Facts facts, Definition definition, DoubleSupplier jitter) {
        this.world = world;
        this.plan = plan;
        this.clock = world.clock();
        this.definition = definition;
        this.jitter = jitter;
        this.region = new RegionAnswer(facts.workload(), facts.failoverArn().split(":", -1)[3]);
        this.host = facts.failoverArn().replaceFirst(".*-", "") + ".";
    }

    static boolean is(Object arn) {
        return String.valueOf(arn).contains("-outside-");
    }

    /** Whether the answer is there, and what it is: for who asks with a name that leads to the world. */
    Map<String, Object> start(Map<String, Object> arguments) {
        Matcher question = QUESTION.matcher((String) arguments.get("Input"));
        if (!question.matches()) {
            throw new AssertionError("no question: " + arguments);
        }
        String machine = (String) arguments.get("StateMachineArn");
        String name = "outside-" + runs.size();
        String arn = machine.replace(":stateMachine:", ":execution:") + ":" + name;
        Execution execution = new Execution(
                definition,
                machine,
                name,
                Map.of("ask", question.group(1)),
                Clock.instant(clock.now()),
                (at, service, action, asked, timeout) -> call(String.valueOf(asked.get("ApiEndpoint")), timeout, arn),
                jitter);
        runs.put(arn, execution);
        schedule(arn, execution);
        return Map.of("ExecutionArn", arn, "StartDate", execution.started().toString());
    }

    private void schedule(String arn, Execution execution) {
        clock.at(Clock.millis(execution.due()), () -> {
            execution.step();
            if (execution.status() == Status.TIMED_OUT) {
                world.violated(Invariant.EVERY_RUN_ENDS_IN_TIME, arn);
            }
            if (execution.status() == Status.FAILED) {
                world.violated(Invariant.EVERY_EXPRESSION_HAS_A_VALUE, arn + ": " + execution.cause());
            }
            if (execution.status() == Status.RUNNING) {
                schedule(arn, execution);
            } else {
                endedAt.put(arn, Clock.millis(execution.due()));
                clock.log("%s %s", execution.name(), execution.output());
            }
        });
    }

    Map<String, Object> describe(String arn) throws Refused {
        Execution execution = runs.get(arn);
        long asOf = world.copies().asOf(Read.EXECUTIONS);
        boolean running = endedAt.getOrDefault(arn, Plan.NEVER) > asOf;
        if (running != endedAt.getOrDefault(arn, Plan.NEVER) > clock.now()) {
            world.copies().countStale();
        }
        if (execution == null || Clock.millis(execution.started()) > asOf) {
            throw new Refused("Sfn.ExecutionDoesNotExistException", "Execution Does Not Exist: '" + arn + "'");
        }
        if (running) {
            return Map.of("Status", "RUNNING");
        }
        return execution.status() == Status.SUCCEEDED
                ? Map.of("Status", "SUCCEEDED", "Output", json(execution.output()))
                : Map.of("Status", execution.status().name(), "Error", execution.error(), "Cause", execution.cause());
    }

    private static String json(Object output) {
        Map<?, ?> found = (Map<?, ?>) output;
        return "{\"right\":%s,\"said\":\"%s\"}"
                .formatted(
                        found.get("right"),
                        found.get("said").toString().replace("\\", "\\\\").replace("\"", "\\\""));
    }

    /** Its own calls. */
    private Reply call(String url, Duration timeout, String arn) {
        switch (world.fault(runs.get(arn), "http:invoke")) {
            case THROTTLED, FAILED, FAILS_AFTER_EFFECT -> {
                // Nobody's status reaches a region that is cut off.
                return clock.is(plan.isolated)
                        ? Reply.failed("States.Http.Socket", "no route", Duration.ofMillis(150))
                        : Reply.failed("States.Http.StatusCode.503", "Service unavailable", Duration.ofMillis(150));
            }
            case HANGS, HANGS_AFTER_EFFECT -> {
                return Reply.timeout(timeout);
            }
            default -> {
                // Slow is an answer.
            }
        }
        if (!url.startsWith("https://" + host)) {
            witnesses.add(url);
            boolean silent = clock.is(plan.isolated)
                    || (!clock.healed() && witnesses.headSet(url).size() < plan.witnessesDown);
            return silent ? Reply.timeout(timeout) : Reply.of(Listener.httpAnswer("healthy"), Duration.ofMillis(150));
        }
        try {
            Object answer = url.endsWith(RegionAnswer.PATH)
                    ? world.listener().get(url, region.text())
                    : world.listener().get(url);
            return Reply.of(answer, Duration.ofMillis(150));
        } catch (Refused refused) {
            return Reply.failed(refused.error(), refused.getMessage(), Duration.ofMillis(150));
        }
    }
}
