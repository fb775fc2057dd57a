package dev.pilotlight.cli.drill;

import java.time.Instant;
import java.util.List;
import software.amazon.awssdk.services.sfn.model.HistoryEvent;
import software.amazon.awssdk.services.sfn.model.HistoryEventType;

/** What a run of a runbook waited: that is as long on every machine, its calls are not. */
final class Waits {

    private Waits() {}

    /**
     * The length of all Wait states, in seconds. The emulator notes that a Wait is left when it begins, AWS when it ends:
     * it is over when something else happens.
     *
     * @param history of one execution, the oldest event first
     */
    static double seconds(List<HistoryEvent> history) {
        double seconds = 0;
        Instant since = null;
        for (HistoryEvent event : history) {
            if (since != null && event.type() != HistoryEventType.WAIT_STATE_EXITED) {
                seconds += Rto.between(since, event.timestamp());
                since = null;
            }
            if (event.type() == HistoryEventType.WAIT_STATE_ENTERED) {
                since = event.timestamp();
            }
        }
        return seconds;
    }
}
