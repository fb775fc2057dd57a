package dev.pilotlight.cli.local.runtime;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.local.EmulatorControl;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;

/** Writes executions' histories, in a thread of its own: a runbook does not wait until its step is written down. */
final class History {

    /** @param end null for an event */
    private record Entry(String executionArn, Map<String, Object> event, Map<String, Object> end) {}

    private final EmulatorControl control;
    private final Reach reach;
    private final BlockingQueue<Entry> entries = new LinkedBlockingQueue<>();
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
        entries.add(new Entry(executionArn, event, null));
    }

    void end(String executionArn, Map<String, Object> end) {
        entries.add(new Entry(executionArn, null, end));
    }

    /** Whether somebody has ended it from outside. */
    boolean isOver(String executionArn) {
        return over.contains(executionArn);
    }

    /** Posts what is added, until it is interrupted. */
    void post() {
        Entry waiting = null;
        try {
            while (true) {
                Entry first = waiting == null ? entries.take() : waiting;
                List<Map<String, Object>> events = new ArrayList<>();
                waiting = first;
                while (waiting != null
                        && waiting.end() == null
                        && waiting.executionArn().equals(first.executionArn())) {
                    events.add(waiting.event());
                    waiting = entries.poll();
                }
                if (!events.isEmpty()) {
                    send(first.executionArn(), () -> control.addEvents(first.executionArn(), events));
                } else {
                    Entry end = waiting;
                    waiting = null;
                    send(end.executionArn(), () -> {
                        if (!control.end(end.executionArn(), end.end())) {
                            over.add(end.executionArn());
                        }
                    });
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One that was ended from outside is told so by the emulator's refusal. */
    private void send(String executionArn, Runnable message) {
        try {
            message.run();
        } catch (Failure refused) {
            if (refused.getMessage().contains("409") || refused.getMessage().contains("404")) {
                over.add(executionArn);
            }
            reach.say("history", refused.getMessage());
        }
    }
}
