package dev.pilotlight.cli.local.runtime;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.local.EmulatorControl;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Writes executions' histories, in a thread of its own: a runbook does not wait until its step is written down. What
 * cannot be written while a region is lost is written when it is back.
 */
final class History {

    private static final long AGAIN_MILLIS = 100;

    /** What is to be written of one execution. */
    private static final class Pending {
        private final List<Map<String, Object>> events = new ArrayList<>();
        private Map<String, Object> end;
    }

    private final EmulatorControl control;
    private final Reach reach;
    private final Map<String, Pending> pending = new LinkedHashMap<>();
    private final Set<String> over = ConcurrentHashMap.newKeySet();

    History(EmulatorControl control, Reach reach) {
        this.control = control;
        this.reach = reach;
    }

    /** Adds an event, as GetExecutionHistory shows it. */
    void add(String executionArn, Instant at, String type, String details, Map<String, Object> values) {
        Map<String, Object> event = new LinkedHashMap<>();
        event.put("type", type);
        event.put("millis", at.toEpochMilli());
        event.put(details, values);
        synchronized (pending) {
            pending.computeIfAbsent(executionArn, any -> new Pending()).events.add(event);
            pending.notifyAll();
        }
    }

    void end(String executionArn, Map<String, Object> end) {
        synchronized (pending) {
            pending.computeIfAbsent(executionArn, any -> new Pending()).end = end;
            pending.notifyAll();
        }
    }

    /** Whether somebody has ended it from outside. */
    boolean isOver(String executionArn) {
        return over.contains(executionArn);
    }

    /** Writes what is added, until it is interrupted. */
    void post() {
        try {
            while (true) {
                Map<String, Pending> batch;
                synchronized (pending) {
                    while (pending.isEmpty()) {
                        pending.wait();
                    }
                    batch = new LinkedHashMap<>(pending);
                    pending.clear();
                }
                boolean all = true;
                for (Map.Entry<String, Pending> entry : batch.entrySet()) {
                    if (!send(entry.getKey(), entry.getValue())) {
                        putBack(entry.getKey(), entry.getValue());
                        all = false;
                    }
                }
                if (!all) {
                    Thread.sleep(AGAIN_MILLIS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void putBack(String executionArn, Pending unsent) {
        synchronized (pending) {
            Pending later = pending.get(executionArn);
            if (later != null) {
                unsent.events.addAll(later.events);
                unsent.end = later.end == null ? unsent.end : later.end;
            }
            pending.put(executionArn, unsent);
        }
    }

    /** Whether nothing is left to be sent. */
    private boolean send(String executionArn, Pending what) {
        try {
            if (!what.events.isEmpty()) {
                if (!control.addEvents(executionArn, what.events)) {
                    over.add(executionArn);
                    return true;
                }
                what.events.clear();
            }
            if (what.end != null && !control.end(executionArn, what.end)) {
                over.add(executionArn);
            }
            return true;
        } catch (Failure refused) {
            reach.say("history", refused.getMessage());
            return false;
        }
    }
}
