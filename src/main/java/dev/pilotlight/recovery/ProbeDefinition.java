package dev.pilotlight.recovery;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;
import java.util.List;

/**
 * The outside probe: once a minute the standby's region asks for the name that users know, as they would, and reports
 * whether it answered.
 *
 * <p>Any answer below 500 is one: a page, a redirect, a refusal to who is not logged in. What counts is that a workload is
 * there, not that it likes the question.
 */
final class ProbeDefinition {

    private ProbeDefinition() {}

    /**
     * The definition as JSON.
     *
     * @param url the name that users know
     * @param connection ARN of the EventBridge connection
     */
    static String of(String workload, String url, String connection) {
        Machine machine = new Machine(
                "Asks %s for the workload %s and reports whether it answered.".formatted(url, workload), "Ask", 50);
        machine.get(
                        "Ask",
                        "As a user would, from this region. Step Functions says what is not 2xx by an error.",
                        url,
                        connection)
                .patience(Patience.ONCE)
                .assign(map("answers", 1))
                // More than 256 KiB is an answer; States.ALL does not hold this error.
                .on("States.DataLimitExceeded", map("answers", 1), "Report")
                // Whether redirects are followed or reported as 3xx is not documented: either is an answer.
                .onAnyError(map("answers", is("""
                                $contains($states.errorOutput.Error, /^States\\.Http\\.StatusCode\\.[1-4][0-9][0-9]/) ? 1 : 0""")), "Report")
                .next("Report");
        machine.task(
                        "Report",
                        "A metric of this region, whose silence is an alarm as well.",
                        "cloudwatch:putMetricData",
                        map(
                                "Namespace",
                                Signals.NAMESPACE,
                                "MetricData",
                                List.of(Signals.datum(workload, Signals.SERVICE_ANSWERS, "$answers", "Count"))))
                .patience(Patience.BRIEF)
                .onAnyError(map(), "Not reported")
                .next("Reported");
        machine.succeed("Reported", "The output is what was reported.", map("answers", is("$answers")));
        machine.fail(
                "Not reported",
                "The alarm takes silence for no answer.",
                "Pilotlight.ProbeNotReported",
                is("'the metric could not be put: ' & $states.input.Error & ' ' & $states.input.Cause"));
        return machine.json();
    }
}
