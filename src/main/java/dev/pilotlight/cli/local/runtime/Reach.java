package dev.pilotlight.cli.local.runtime;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.cli.local.EmulatorControl;
import dev.pilotlight.cli.local.EmulatorControl.RegionState;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import software.amazon.awssdk.core.exception.SdkException;

/**
 * What of the emulator can be reached now. A region may be lost in the middle of a call, and then answers nothing, not
 * even a time-out that is worth waiting for: the call is left alone as soon as the region is known to be lost.
 */
final class Reach implements AutoCloseable {

    private static final long PACE_EVERY_MILLIS = 1_000;
    private static final long MOST_OFTEN_MILLIS = 100;
    private static final long LEAST_OFTEN_MILLIS = 500;
    private static final long LIMIT_MILLIS = 120_000;

    private final EmulatorControl control;
    private final Aws aws;
    private final Names names;
    private final Consumer<String> log;
    private final ExecutorService callers = Executors.newCachedThreadPool(Reach::daemon);
    private final Map<String, String> said = new HashMap<>();
    private volatile Map<RegionName, RegionState> states = new EnumMap<>(RegionName.class);
    private volatile boolean answers = true;
    private long paceRead;

    Reach(EmulatorControl control, Aws aws, Names names, Consumer<String> log) {
        this.control = control;
        this.aws = aws;
        this.names = names;
        this.log = log;
    }

    static Thread daemon(Runnable task) {
        Thread thread = new Thread(task, "local runtime");
        thread.setDaemon(true);
        return thread;
    }

    /** Looks every now and then which regions are lost, until it is interrupted. */
    void watch() {
        while (!Thread.currentThread().isInterrupted()) {
            look();
            try {
                Thread.sleep(pollMillis());
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    /** How often the emulator is asked what is new: every few virtual seconds, within bounds. */
    long pollMillis() {
        return (long) Math.max(
                MOST_OFTEN_MILLIS,
                Math.min(LEAST_OFTEN_MILLIS, 3_000 / control.knownPace().speed()));
    }

    void look() {
        try {
            Map<String, RegionState> known = control.regions();
            Map<RegionName, RegionState> now = new EnumMap<>(RegionName.class);
            for (RegionName region : RegionName.values()) {
                now.put(region, known.getOrDefault(names.regionOf(region), RegionState.UP));
            }
            states = now;
            if (System.currentTimeMillis() - paceRead >= PACE_EVERY_MILLIS) {
                control.pace();
                paceRead = System.currentTimeMillis();
            }
            answers = true;
        } catch (Failure silent) {
            answers = false;
            say("emulator", silent.getMessage());
        }
    }

    /** Whether the emulator itself answers. */
    boolean answers() {
        return answers;
    }

    RegionState state(RegionName region) {
        return states.getOrDefault(region, RegionState.UP);
    }

    /** Whether what is inside goes on. */
    boolean isUp(RegionName region) {
        return answers && (state(region) == RegionState.UP || state(region) == RegionState.ISOLATED);
    }

    /** Whether it is reached from outside, and reaches others. */
    boolean isConnected(RegionName region) {
        return answers && state(region) == RegionState.UP;
    }

    /** Whether something in one region reaches something in another, or in the same. */
    boolean reaches(RegionName from, RegionName to) {
        return from == to ? isUp(from) : isConnected(from) && isConnected(to);
    }

    Aws.InRegion in(RegionName region) {
        return aws.in(names.regionOf(region));
    }

    Optional<RegionName> region(String awsRegion) {
        for (RegionName region : RegionName.values()) {
            if (names.regionOf(region).equals(awsRegion)) {
                return Optional.of(region);
            }
        }
        return Optional.empty();
    }

    /** What a region's services answer; nothing if it is lost, or they refuse. */
    <T> Optional<T> ask(RegionName region, String what, Function<Aws.InRegion, T> question) {
        if (!isUp(region)) {
            return Optional.empty();
        }
        Future<T> answer = callers.submit(() -> question.apply(in(region)));
        long deadline = System.currentTimeMillis() + LIMIT_MILLIS;
        while (true) {
            try {
                T value = answer.get(50, TimeUnit.MILLISECONDS);
                say(what + " " + region.id(), "");
                return Optional.ofNullable(value);
            } catch (TimeoutException e) {
                if (!isUp(region) || System.currentTimeMillis() > deadline) {
                    answer.cancel(true);
                    return Optional.empty();
                }
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof SdkException) || isUp(region)) {
                    say(what + " " + region.id(), String.valueOf(e.getCause()));
                }
                return Optional.empty();
            } catch (InterruptedException e) {
                answer.cancel(true);
                Thread.currentThread().interrupt();
                return Optional.empty();
            }
        }
    }

    boolean tell(RegionName region, String what, Consumer<Aws.InRegion> order) {
        return ask(region, what, in -> {
                    order.accept(in);
                    return true;
                })
                .isPresent();
    }

    /** A line in the log, if the state of a thing is another than before. */
    synchronized void say(String topic, String state) {
        String before = said.put(topic, state);
        if (!state.isEmpty() && !state.equals(before)) {
            log.accept(topic + ": " + state);
        }
    }

    @Override
    public void close() {
        callers.shutdownNow();
    }
}
