package dev.pilotlight.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.recovery.asl.Definition;
import dev.pilotlight.simulation.TestRunbooks;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * An execution has 25,000 events; the one that writes the last of them fails where no catch sees it [doc]. The worst history
 * of the failover is every wait to its end, in one run, with as many failing calls in each round as write most.
 */
class HistoryTest {

    private static final int MOST = 25_000;
    private static final int FAST_SECONDS = 20 * 60;

    private final Definition failover = TestRunbooks.definitions().get("failover");

    @Test
    void theWorstHistoryFits() {
        double events = 0;
        // The standby's instances, twenty minutes.
        events += waited(
                20 * 60,
                "Look whether the standby is ready",
                "Look whether the leader lives",
                "Ready?",
                "Light for the switchover",
                "Wait for instances");
        events += waited(60, "Verify the sign", "Sign shown?", "Wait for the sign");
        events += waited(10 * 60, "Look at fence and replay", "Enough known?", "Wait for fence and replay");
        // Two hours from the start: before the mark with all its fast rounds, and after the order with its own.
        double before = waited(
                3600,
                "Look at fence and replay",
                "Enough known?",
                "Is the loss accepted?",
                "Free to be promoted?",
                "Busy?",
                "Wait until it is free");
        double refused = rounds(
                3600.0 / 40,
                "Look at fence and replay",
                "Enough known?",
                "Is the loss accepted?",
                "Free to be promoted?",
                "Busy?",
                "Mark the point of no return",
                "Promote");
        double after = waited(3600, "Database alone and available?", "Promoted?", "Wait for the promotion");
        events += before + refused + after;
        // An hour, or what is left of the two, with a look at RDS and a new order to Auto Scaling in each round.
        events += waited(
                3600,
                "Look at the targets",
                "Look whether it writes",
                "Able to serve?",
                "Does RDS say that it is up?",
                "Claim without the metric?",
                "Look at the group again",
                "Light again",
                "Still in order meanwhile?",
                "Stuck meanwhile?",
                "Wait for service");
        events += waited(10 * 60, "Verify the claim", "Claim held?", "Wait for the claim");
        // Looks before and after, the claim's looks from outside, and the way back.
        events += 2_000;
        assertThat(events).isLessThan(MOST);
        // The count means something: ten seconds all along would not fit by half.
        assertThat(events).isGreaterThan(MOST / 4.0);
    }

    @Test
    void everyWaitThatLastsSlowsDownAfterTwentyMinutes() {
        for (String wait : List.of("Wait until it is free", "Wait for the promotion", "Wait for service")) {
            assertThat(failover.state(wait).get("Seconds").toString()).as(wait).contains("+ 1200000 ? 10 : 30");
        }
    }

    private double waited(int seconds, String... round) {
        int fast = Math.min(seconds, FAST_SECONDS);
        return most(fast, 10, round) + most(seconds - fast, 30, round);
    }

    /** Each call of a round may fail some times before it is answered: that writes events, and takes time. */
    private double most(int seconds, int pause, String... round) {
        double most = 0;
        for (int failures = 0; failures <= 20; failures++) {
            double events = 0;
            double time = pause;
            for (String state : round) {
                events += events(state, failures);
                time += seconds(state, failures);
            }
            most = Math.max(most, seconds / time * events);
        }
        return most;
    }

    private double rounds(double count, String... round) {
        double events = 0;
        for (String state : round) {
            events += events(state, 1);
        }
        return count * events;
    }

    /** Entered and exited; of a call, for each try: scheduled, started, and how it ended. */
    private int events(String state, int failures) {
        return 2 + (isTask(state) ? 3 * (1 + Math.min(failures, retries(state))) : 0);
    }

    /** The delays as full jitter draws them on average, and a quarter of a second for each try. */
    private double seconds(String state, int failures) {
        if (!isTask(state)) {
            return 0;
        }
        double seconds = 0.25;
        for (int failure = 0; failure < Math.min(failures, retries(state)); failure++) {
            seconds += 0.25 + Math.min(Math.pow(2, failure), number(retry(state), "MaxDelaySeconds")) / 2;
        }
        return seconds;
    }

    private boolean isTask(String state) {
        return failover.state(state).get("Type").equals("Task");
    }

    private int retries(String state) {
        return number(retry(state), "MaxAttempts");
    }

    private Map<?, ?> retry(String state) {
        return (Map<?, ?>) ((List<?>) failover.state(state).get("Retry")).get(1);
    }

    private static int number(Map<?, ?> map, String key) {
        return ((Number) map.get(key)).intValue();
    }
}
