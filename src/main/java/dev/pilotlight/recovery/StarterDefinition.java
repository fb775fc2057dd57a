package dev.pilotlight.recovery;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;
import java.util.List;
import java.util.Map;

/**
 * Starts the failover without a person, where the configuration wants it: some time after the alarm, if both signals still
 * stand and witnesses have said for minutes that it is not this region that is cut off. It never accepts a loss: a failover that would lose
 * more than promised waits for a person all the same.
 */
final class StarterDefinition {

    /**
     * With {@link #STEADY_SECONDS} as long as a person would take (the published figure of the objectives), and longer than
     * an Auto Scaling group needs to replace its only instance, which looks like a lost region meanwhile. Whoever is woken
     * can stop the execution.
     */
    static final int WAIT_SECONDS = 120;

    /**
     * How long witnesses must answer, and both signals stand, at every look. When an isolation of this region ends, the
     * witnesses answer at once, and the signals stand for another minute or two: CloudWatch judges whole minutes.
     */
    static final int STEADY_SECONDS = 180;

    /** How long it looks again, every minute, while both signals stand and something else is in the way. */
    static final int PATIENCE_SECONDS = 600;

    /** A planned run that gave up has used a name; a dozen of them in one term are a person's affair. */
    private static final int ATTEMPTS = 12;

    private static final String NOW = "$toMillis($states.context.State.EnteredTime)";

    private StarterDefinition() {}

    /**
     * What its text is made of.
     *
     * @param term that the failover claims
     * @param failoverArn of the failover's state machine
     * @param outsideArn of the state machine that asks the witnesses
     * @param alarm name of the alarm that starts this
     * @param signals names of the two alarms that it is made of
     */
    record Settings(
            String workload,
            int term,
            String failoverArn,
            String outsideArn,
            String alarm,
            List<String> signals,
            String topicArn) {}

    /** The definition as JSON. */
    static String of(Settings settings) {
        Machine machine = new Machine(
                "Starts the failover of the workload %s if its region still seems lost after %d seconds, and this region is not cut off."
                        .formatted(settings.workload(), WAIT_SECONDS + STEADY_SECONDS),
                "Wait",
                WAIT_SECONDS + STEADY_SECONDS + PATIENCE_SECONDS + 3600);
        machine.pause(
                "Wait",
                "For a person who knows better, and for a region that is not lost. Stop this execution to prevent the failover.",
                WAIT_SECONDS,
                "Begin");
        machine.pass(
                "Begin",
                "When it began to look, and with which attempt.",
                map(
                        "began",
                        is(NOW),
                        "answeredSince",
                        0,
                        "attempt",
                        1,
                        "standing",
                        0,
                        "taken",
                        map("status", "", "planned", false),
                        Question.WITNESSES.variable(),
                        Asking.unasked(),
                        "outcome",
                        "failed",
                        "message",
                        ""),
                "Look at both signals");
        look(machine, settings);
        askWitnesses(machine, settings);
        start(machine, settings);
        tell(machine, settings);
        return machine.json();
    }

    private static void look(Machine machine, Settings settings) {
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
                .when("$standing = " + settings.signals().size(), "Ask the witnesses")
                .otherwise("Recovered");
        machine.pass(
                "Recovered",
                "An instance was replaced, or a network came back.",
                outcome("recovered", "the region answers or is heard again: no failover was started"),
                "Tell people");
        machine.pause("Look again in a minute", "What is in the way may go.", 60, "Look at both signals");
    }

    /** Both signals are of this region: if it is the one that is cut off, they say the same, and the leader serves. */
    private static void askWitnesses(Machine machine, Settings settings) {
        Asking asking = new Asking(machine, settings.outsideArn());
        String witnesses = "$" + Question.WITNESSES.variable();
        asking.start(
                Question.WITNESSES,
                "Ask the witnesses",
                "Whether this region reaches anybody. A cut between just the two regions stays unseen.",
                "Read how the witnesses answer");
        asking.read(
                Question.WITNESSES,
                "Read how the witnesses answer",
                "They are asked twice, for five seconds.",
                String.valueOf(Asking.PATIENCE_SECONDS),
                "Do they answer?");
        machine.choice("Do they answer?", "If not, again every minute, for as long as both signals stand.")
                .when(
                        witnesses + ".right",
                        map("answeredSince", is("$answeredSince = 0 ? " + NOW + " : $answeredSince")),
                        "For long enough?")
                .when(
                        late(PATIENCE_SECONDS),
                        map(
                                "outcome",
                                "failed",
                                "message",
                                is(
                                        "'nothing was started, because not enough witnesses answered for %d minutes: ' & %s.said & '. If the region is lost, start it yourself'"
                                                .formatted(PATIENCE_SECONDS / 60, witnesses))),
                        "Tell people")
                .when("true", map("answeredSince", 0), "Look again in a minute")
                .otherwise("Look again in a minute");
        machine.choice(
                        "For long enough?",
                        "An isolation that has just ended looks like a lost region for another minute or two.")
                .when(NOW + " >= $answeredSince + " + STEADY_SECONDS * 1000L, "Start the failover")
                .otherwise("Look again in a minute");
    }

    /**
     * The name is the lock: of this and a person, who comes second is refused. A planned run that gave up early leaves its
     * name used, and so does one that was refused for its input; then the next number is tried. Whatever else has used one
     * is a person's affair.
     */
    private static void start(Machine machine, Settings settings) {
        String name = "'" + prefix(settings.term()) + "' & $string($attempt)";
        machine.task(
                        "Start the failover",
                        "The name is the lock: who comes second, this or a person, is refused. The loss of data is never"
                                + " accepted here.",
                        "sfn:startExecution",
                        map(
                                "StateMachineArn",
                                settings.failoverArn(),
                                "Name",
                                is(name),
                                "Input",
                                is(
                                        "$string({'mode': 'emergency', 'acceptDataLoss': false, 'reason': 'started by the alarm %s: no heartbeat and no answer'})"
                                                .formatted(settings.alarm()))))
                .assign(map("outcome", "started", "message", is("'the failover was started as ' & " + name)))
                .on("Sfn.ExecutionAlreadyExistsException", map(), "Who has used the name?")
                .onAnyError(
                        failed("the failover could not be started; if the region is lost, start it yourself"),
                        "Tell people")
                .next("Tell people");
        machine.task(
                        "Who has used the name?",
                        "A switchover that gave up, or somebody who was faster.",
                        "sfn:describeExecution",
                        map(
                                "ExecutionArn",
                                is("'" + settings.failoverArn().replace(":stateMachine:", ":execution:") + ":' & "
                                        + name)))
                .assign(
                        map(
                                "taken",
                                is(
                                        "{'status': $states.result.Status, 'planned': $parse($states.result.Input).mode = 'planned'"
                                                + " or ($exists($states.result.Error) and $states.result.Error = 'Pilotlight.InvalidInput')}")))
                .onAnyError(map("taken", map("status", "unknown", "planned", false)), "Did a switchover give it up?")
                .next("Did a switchover give it up?");
        machine.choice("Did a switchover give it up?", "Only then the next name is this one's to try.")
                .when(
                        "$taken.planned and $not($taken.status in ['RUNNING', 'SUCCEEDED']) and $attempt < " + ATTEMPTS,
                        map("attempt", is("$attempt + 1")),
                        "Start the failover")
                .when(
                        "$taken.planned and $taken.status = 'RUNNING' and $not("
                                + late(STEADY_SECONDS + PATIENCE_SECONDS) + ")",
                        "Look again in a minute")
                .otherwise("Somebody was first");
        machine.pass(
                "Somebody was first",
                "That is no failure.",
                map(
                        "outcome",
                        "there",
                        "message",
                        is(
                                name
                                        + " & ' had been started before (' & $taken.status & '): look how it ended; a further attempt is a person\\u0027s'")),
                "Tell people");
    }

    private static void tell(Machine machine, Settings settings) {
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
    }

    private static String late(int seconds) {
        return NOW + " >= $began + " + seconds * 1000L;
    }

    /** The first attempt's: it is what people are told to start. */
    static String name(int term) {
        return prefix(term) + "1";
    }

    private static String prefix(int term) {
        return "failover-term-%d-attempt-".formatted(term);
    }

    private static Map<String, Object> outcome(String outcome, String message) {
        return map("outcome", outcome, "message", message);
    }

    private static Map<String, Object> failed(String message) {
        return map(
                "outcome",
                "failed",
                "message",
                is("'%s (' & $states.errorOutput.Error & ' ' & $states.errorOutput.Cause & ')'".formatted(message)));
    }
}
