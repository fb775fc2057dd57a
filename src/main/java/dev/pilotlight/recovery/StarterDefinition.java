package dev.pilotlight.recovery;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;
import java.util.List;

/**
 * Starts the failover without a person, where the configuration wants it: some time after the alarm, if both signals still
 * stand. It never accepts a loss: a failover that would lose more than promised waits for a person all the same.
 */
final class StarterDefinition {

    /**
     * As long as a person would take (the published figure of the objectives), and longer than an Auto Scaling group needs
     * to replace its only instance, which looks like a lost region meanwhile. Whoever is woken can stop the execution.
     */
    static final int WAIT_SECONDS = 300;

    private StarterDefinition() {}

    /**
     * What its text is made of.
     *
     * @param term that the failover claims
     * @param failoverArn of the failover's state machine
     * @param alarm name of the alarm that starts this
     * @param signals names of the two alarms that it is made of
     */
    record Settings(
            String workload, int term, String failoverArn, String alarm, List<String> signals, String topicArn) {}

    /** The definition as JSON. */
    static String of(Settings settings) {
        Machine machine = new Machine(
                "Starts the failover of the workload %s if its region still seems lost after %d seconds."
                        .formatted(settings.workload(), WAIT_SECONDS),
                "Wait",
                WAIT_SECONDS + 1800);
        machine.pause(
                "Wait",
                "For a person who knows better, and for a region that is not lost. Stop this execution to prevent the failover.",
                WAIT_SECONDS,
                "Look at both signals");
        machine.task(
                        "Look at both signals",
                        "Both must still stand: either alone has other causes than a lost region.",
                        "cloudwatch:describeAlarms",
                        map("AlarmNames", settings.signals()))
                .assign(map("standing", is("$count($states.result.MetricAlarms[StateValue = 'ALARM'])")))
                .onAnyError(
                        failed(
                                "its alarms could not be read, so nothing was started; if the region is lost, start it yourself"),
                        "Tell people")
                .next("Still lost?");
        machine.choice("Still lost?", "Heartbeats missing and no answer.")
                .when("$standing = " + settings.signals().size(), "Start the failover")
                .otherwise("Recovered");
        machine.pass(
                "Recovered",
                "An instance was replaced, or a network came back.",
                outcome("recovered", "the region answers or is heard again: no failover was started"),
                "Tell people");
        machine.task(
                        "Start the failover",
                        "The name is the lock: who comes second, this or a person, is refused. The loss of data is never"
                                + " accepted here.",
                        "sfn:startExecution",
                        map(
                                "StateMachineArn",
                                settings.failoverArn(),
                                "Name",
                                name(settings.term()),
                                "Input",
                                is(
                                        "$string({'mode': 'emergency', 'acceptDataLoss': false, 'reason': 'started by the alarm %s: no heartbeat and no answer'})"
                                                .formatted(settings.alarm()))))
                .assign(outcome("started", "the failover was started as " + name(settings.term())))
                .on(
                        "Sfn.ExecutionAlreadyExistsException",
                        outcome(
                                "there",
                                name(settings.term())
                                        + " had been started before: look how it ended; a further attempt is a person's"),
                        "Tell people")
                .onAnyError(
                        failed("the failover could not be started; if the region is lost, start it yourself"),
                        "Tell people")
                .next("Tell people");
        machine.task(
                        "Tell people",
                        "Of what was started, and of what was not.",
                        "sns:publish",
                        map(
                                "TopicArn",
                                settings.topicArn(),
                                "Subject",
                                "Pilotlight: automatic failover of " + settings.workload(),
                                "Message",
                                is("'The alarm %s went off in this region: ' & $message & '.'"
                                        .formatted(settings.alarm()))))
                .patience(Patience.BRIEF)
                .onAnyError(map(), "How did it end?")
                .next("How did it end?");
        machine.choice("How did it end?", "That somebody else was first is no failure.")
                .when("$outcome = 'failed'", "Failed")
                .otherwise("Done");
        machine.succeed("Done", "The output says which.", map("outcome", is("$outcome"), "message", is("$message")));
        machine.fail("Failed", "The cause says why.", "Pilotlight.NotStarted", is("$message"));
        return machine.json();
    }

    /** The first attempt's: later ones are for people. */
    static String name(int term) {
        return "failover-term-%d-attempt-1".formatted(term);
    }

    private static java.util.Map<String, Object> outcome(String outcome, String message) {
        return map("outcome", outcome, "message", message);
    }

    private static java.util.Map<String, Object> failed(String message) {
        return map(
                "outcome",
                "failed",
                "message",
                is("'%s (' & $states.errorOutput.Error & ' ' & $states.errorOutput.Cause & ')'".formatted(message)));
    }
}
