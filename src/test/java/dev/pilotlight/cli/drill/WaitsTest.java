package dev.pilotlight.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.sfn.model.HistoryEvent;
import software.amazon.awssdk.services.sfn.model.HistoryEventType;

class WaitsTest {

    private static HistoryEvent event(HistoryEventType type, double second) {
        return HistoryEvent.builder()
                .type(type)
                .timestamp(Instant.ofEpochMilli((long) (1000 * second)))
                .build();
    }

    @Test
    void aWaitLastsUntilTheNextThingHappensWheneverItsEndIsNoted() {
        for (double noted : new double[] {1, 4}) {
            assertThat(Waits.seconds(List.of(
                            event(HistoryEventType.EXECUTION_STARTED, 0),
                            event(HistoryEventType.TASK_STATE_ENTERED, 0),
                            event(HistoryEventType.TASK_STATE_EXITED, 1),
                            event(HistoryEventType.WAIT_STATE_ENTERED, 1),
                            event(HistoryEventType.WAIT_STATE_EXITED, noted),
                            event(HistoryEventType.TASK_STATE_ENTERED, 4),
                            event(HistoryEventType.TASK_STATE_EXITED, 4.5),
                            event(HistoryEventType.WAIT_STATE_ENTERED, 4.5),
                            event(HistoryEventType.WAIT_STATE_EXITED, 4.5),
                            event(HistoryEventType.WAIT_STATE_ENTERED, 5),
                            event(HistoryEventType.WAIT_STATE_EXITED, 5),
                            event(HistoryEventType.SUCCEED_STATE_ENTERED, 7))))
                    .isEqualTo(3 + 0.5 + 2);
        }
    }

    @Test
    void aRunWithoutAWaitStateHasWaitedNothing() {
        assertThat(Waits.seconds(List.of(
                        event(HistoryEventType.TASK_STATE_ENTERED, 0), event(HistoryEventType.TASK_STATE_EXITED, 9))))
                .isZero();
    }
}
