package dev.pilotlight.cli.local.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.cli.local.EmulatorControl;
import dev.pilotlight.cli.local.EmulatorControl.RunningExecution;
import dev.pilotlight.cli.local.runtime.Transition.Kind;
import dev.pilotlight.dns.Route53Model.HttpAnswer;
import dev.pilotlight.recovery.asl.Definition;
import dev.pilotlight.recovery.asl.Execution;
import dev.pilotlight.recovery.asl.Execution.Status;
import dev.pilotlight.recovery.asl.SdkServices;
import dev.pilotlight.recovery.asl.Services;
import dev.pilotlight.recovery.asl.UnsupportedDefinitionException;
import dev.pilotlight.topology.RegionName;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Step Functions: runs what was started, each execution in a thread of its own, with the interpreter of
 * {@code recovery/asl} and calls by the real SDK. Waits and delays are virtual. An execution stands still while its
 * region is lost, and goes on when it is back.
 */
final class Executions implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long LONGEST_SLEEP_MILLIS = 50;
    /** A call that is answered late because this machine is slow has not timed out at AWS. */
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    /** An HTTP task gives up after a minute [doc]. */
    private static final Duration HTTP_LIMIT = Duration.ofSeconds(60);

    private final EmulatorControl control;
    private final Reach reach;
    private final Function<RegionName, Aws.InRegion> services;
    private final InstantSource clock;
    private final Pacer pacer;
    private final Http http;
    private final Consumer<Transition> transitions;
    private final History history;
    private final ExecutorService threads = Executors.newCachedThreadPool(Reach::daemon);
    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private final Map<String, Deque<Definition>> parsed = new ConcurrentHashMap<>();

    /** Who answers an HTTP task. */
    interface Http {

        /** What a request from a region to a URL is answered with; nothing if nobody answers. */
        Optional<HttpAnswer> get(RegionName from, String url);
    }

    Executions(
            EmulatorControl control,
            Reach reach,
            Function<RegionName, Aws.InRegion> services,
            InstantSource clock,
            Pacer pacer,
            Http http,
            Consumer<Transition> transitions) {
        this.control = control;
        this.reach = reach;
        this.services = services;
        this.clock = clock;
        this.pacer = pacer;
        this.http = http;
        this.transitions = transitions;
        this.history = new History(control, reach);
    }

    /** Looks for started executions until it is interrupted. */
    void watch() {
        threads.execute(history::post);
        while (!Thread.currentThread().isInterrupted()) {
            try {
                for (RunningExecution running : control.executions()) {
                    if (known.add(running.executionArn())) {
                        threads.execute(() -> run(running));
                    }
                }
            } catch (RejectedExecutionException closed) {
                return;
            } catch (Failure silent) {
                reach.say("executions", silent.getMessage());
            }
            if (!sleep(reach.pollMillis())) {
                return;
            }
        }
    }

    private void run(RunningExecution running) {
        RegionName region = reach.region(running.region()).orElse(null);
        boolean quiet = running.type().equals("EXPRESS");
        if (!quiet) {
            tell(region, running.name() + " begins: " + running.input());
        }
        try {
            Definition definition = borrow(running.definition());
            Execution execution = new Execution(
                    definition,
                    running.stateMachineArn(),
                    running.name(),
                    JSON.readValue(running.input(), Object.class),
                    Instant.ofEpochMilli((long) running.startedMillis()),
                    services(region),
                    () -> ThreadLocalRandom.current().nextDouble());
            run(running, definition, execution, region);
            giveBack(running.definition(), definition);
            if (execution.status() != Status.RUNNING) {
                end(running, execution);
                if (!quiet) {
                    tell(
                            region,
                            "%s ends: %s%s"
                                    .formatted(
                                            running.name(),
                                            execution.status(),
                                            execution.error() == null
                                                    ? ""
                                                    : ", " + execution.error() + ": " + execution.cause()));
                }
            }
        } catch (UnsupportedDefinitionException | JsonProcessingException e) {
            history.end(
                    running.executionArn(),
                    failed("States.Runtime", "The interpreter does not run this: " + e.getMessage(), clock.instant()));
            tell(region, running.name() + " is not run: " + e.getMessage());
        } catch (RuntimeException e) {
            // A defect here must be seen where the execution is looked at.
            history.end(
                    running.executionArn(), failed("States.Runtime", "The interpreter failed: " + e, clock.instant()));
            tell(region, running.name() + " is not run: " + e);
        }
    }

    private void run(RunningExecution running, Definition definition, Execution execution, RegionName region) {
        String[] entered = new String[1];
        boolean goesOn = true;
        while (goesOn && execution.status() == Status.RUNNING) {
            goesOn = pacer.during(region, execution.due(), () -> step(running, definition, execution, region, entered));
        }
    }

    /** @param entered the state that the history says was entered last */
    private boolean step(
            RunningExecution running, Definition definition, Execution execution, RegionName region, String[] entered) {
        String arn = running.executionArn();
        // Of an express execution no history is kept.
        boolean quiet = running.type().equals("EXPRESS");
        if (!waitUntil(execution.due(), region) || history.isOver(arn)) {
            return false;
        }
        execution.notBefore(clock.instant());
        String state = execution.state();
        Map<String, Object> fields = definition.state(state);
        String type = (String) fields.get("Type");
        if (!quiet && !state.equals(entered[0])) {
            entered[0] = state;
            history.add(arn, execution.due(), type + "StateEntered", "stateEnteredEventDetails", Map.of("name", state));
        }
        execution.step();
        boolean left =
                execution.status() != Status.RUNNING || !execution.state().equals(state);
        if (!quiet && left && execution.status() != Status.FAILED && execution.status() != Status.TIMED_OUT) {
            history.add(arn, clock.instant(), type + "StateExited", "stateExitedEventDetails", Map.of("name", state));
            entered[0] = null;
        }
        return true;
    }

    /** Lets virtual time pass; false if this is the end of the runtime. */
    private boolean waitUntil(Instant due, RegionName region) {
        while (true) {
            boolean lost = region != null && !reach.isUp(region);
            long missing = Duration.between(clock.instant(), due).toMillis();
            if (!lost && missing <= 0) {
                return !threads.isShutdown();
            }
            double real = missing / Math.max(0.001, speed);
            if (!sleep(
                    lost
                            ? LONGEST_SLEEP_MILLIS
                            : (long) Math.max(1, Math.min(LONGEST_SLEEP_MILLIS, Math.ceil(real))))) {
                return false;
            }
        }
    }

    private volatile double speed = 1;

    /** The speed that sleeps are scaled by. */
    void speed(double now) {
        speed = now;
    }

    private Services services(RegionName region) {
        Services sdk = region == null
                ? (at, service, action, arguments, timeout) ->
                        Services.Reply.failed("States.Runtime", "the region is none of the workload's", Duration.ZERO)
                : new SdkServices(service -> client(services.apply(region), service), clock, timeout -> PATIENCE);
        return (at, service, action, arguments, timeout) -> {
            if (service.equals("http")) {
                return invoke(region, arguments, timeout);
            }
            Services.Reply reply = pacer.during(region, () -> sdk.call(at, service, action, arguments, timeout));
            if (region != null && reply.error() != null) {
                waitUntil(Instant.EPOCH, region);
            }
            // The clock is fast, this machine is not.
            return reply.error() == null && reply.took().compareTo(timeout) >= 0
                    ? Services.Reply.of(reply.result(), timeout.minusMillis(1))
                    : reply;
        };
    }

    /** {@code arn:aws:states:::http:invoke}. */
    private Services.Reply invoke(RegionName region, Map<String, Object> arguments, Duration timeout) {
        String url = String.valueOf(arguments.get("ApiEndpoint"));
        Optional<HttpAnswer> answer = http.get(region, url);
        Duration longest = timeout.compareTo(HTTP_LIMIT) < 0 ? timeout : HTTP_LIMIT;
        if (answer.isEmpty()) {
            // Nobody answers, not even with a refusal. The time passes before the next step, for all branches at once.
            return longest.equals(timeout)
                    ? Services.Reply.timeout(timeout)
                    : Services.Reply.failed("States.Http.Socket", "no answer from " + url, longest);
        }
        int status = answer.get().status();
        Duration took = Duration.ofMillis(100);
        if (status < 200 || status >= 300) {
            return Services.Reply.failed("States.Http.StatusCode." + status, "answer of " + url, took);
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("StatusCode", (long) status);
        result.put("StatusText", "OK");
        result.put("Headers", Map.of());
        result.put("ResponseBody", answer.get().body());
        return Services.Reply.of(result, took);
    }

    private static Object client(Aws.InRegion in, String service) {
        return switch (service) {
            case "acm" -> in.acm();
            case "autoscaling" -> in.autoScaling();
            case "cloudwatch" -> in.cloudWatch();
            case "ec2" -> in.ec2();
            case "elasticloadbalancingv2" -> in.loadBalancing();
            case "eventbridge" -> in.events();
            case "rds" -> in.rds();
            case "s3" -> in.s3();
            case "secretsmanager" -> in.secrets();
            case "servicequotas" -> in.serviceQuotas();
            case "sfn" -> in.stepFunctions();
            case "sns" -> in.sns();
            default -> null;
        };
    }

    private void end(RunningExecution running, Execution execution) {
        Map<String, Object> end = new LinkedHashMap<>();
        end.put("status", execution.status().name());
        end.put("millis", clock.instant().toEpochMilli());
        if (execution.status() == Status.SUCCEEDED) {
            try {
                end.put("output", JSON.writeValueAsString(execution.output()));
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(e);
            }
        } else if (execution.status() == Status.FAILED) {
            end.put("error", execution.error());
            end.put("cause", execution.cause());
        }
        history.end(running.executionArn(), end);
    }

    private static Map<String, Object> failed(String error, String cause, Instant at) {
        Map<String, Object> end = new LinkedHashMap<>();
        end.put("status", Status.FAILED.name());
        end.put("millis", at.toEpochMilli());
        end.put("error", error);
        end.put("cause", cause);
        return end;
    }

    /** Parses a definition and makes its clients ahead, so that the first run of it does not begin with that. */
    void prepare(RegionName region, String text) {
        if (parsed.containsKey(text)) {
            return;
        }
        threads.execute(() -> {
            try {
                Definition definition = borrow(text);
                for (String state : definition.stateNames()) {
                    Map<String, Object> fields = definition.state(state);
                    if (fields.get("Type").equals("Task")) {
                        Object unused = client(
                                services.apply(region), Definition.call(fields).replaceFirst(":.*", ""));
                    }
                }
                giveBack(text, definition);
            } catch (UnsupportedDefinitionException e) {
                reach.say("a state machine of " + region.id(), e.getMessage());
            }
        });
    }

    /** Parsing takes longer than many a run, and a definition is for one thread at a time. */
    private Definition borrow(String text) {
        Deque<Definition> free = parsed.computeIfAbsent(text, any -> new ArrayDeque<>());
        synchronized (free) {
            if (!free.isEmpty()) {
                return free.pop();
            }
        }
        return Definition.parse(text);
    }

    private void giveBack(String text, Definition definition) {
        Deque<Definition> free = parsed.get(text);
        synchronized (free) {
            free.push(definition);
        }
    }

    private void tell(RegionName region, String what) {
        transitions.accept(new Transition(clock.instant(), Kind.EXECUTION, region, what));
    }

    private static boolean sleep(long millis) {
        try {
            Thread.sleep(millis);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Ends what runs here; the executions go on with the next runtime that finds them, from their beginning. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
