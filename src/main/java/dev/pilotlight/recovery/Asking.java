package dev.pilotlight.recovery;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;
import dev.pilotlight.topology.RegionAnswer;
import java.util.Map;

/**
 * How a runbook asks the {@linkplain OutsideDefinition outside look}: it starts it and goes on, and reads later what was
 * found. Both steps fail nothing; what could not be had is {@code said}.
 */
public final class Asking {

    private static final String NOW = "$toMillis($states.context.State.EnteredTime)";

    /**
     * Longer than any question takes, two requests of five seconds, and than Step Functions takes to describe what has
     * ended: its answers lag [doc].
     */
    public static final int PATIENCE_SECONDS = 60;

    private final Machine machine;
    private final String outsideArn;

    /** @param outsideArn of the state machine that asks */
    public Asking(Machine machine, String outsideArn) {
        this.machine = machine;
        this.outsideArn = outsideArn;
    }

    /** The variable before anything was asked. */
    public static Map<String, Object> unasked() {
        return map("run", "", "since", 0, "done", true, "right", false, "said", "it was not asked");
    }

    /** One state, which waits for no answer. */
    public void start(Question question, String name, String comment, String next) {
        machine.task(
                        name,
                        comment,
                        "sfn:startExecution",
                        map("StateMachineArn", outsideArn, "Input", "{\"ask\":\"" + question.word() + "\"}"))
                .patience(Patience.BRIEF)
                .assign(map(
                        question.variable(),
                        is("{'run': $states.result.ExecutionArn, 'since': " + NOW
                                + ", 'done': false, 'right': false, 'said': 'no answer came'}")))
                .onAnyError(
                        map(
                                question.variable(),
                                is(
                                        "{'run': '', 'since': " + NOW
                                                + ", 'done': true, 'right': false, 'said': 'it could not be asked: ' & $states.errorOutput.Error}")),
                        next)
                .next(next);
    }

    /**
     * Four states.
     *
     * @param patienceSeconds from the start on: a number or an expression of one
     */
    public void read(Question question, String name, String comment, String patienceSeconds, String next) {
        String variable = "$" + question.variable();
        String answered = name + " (answered?)";
        String pause = name + " (wait)";
        machine.choice(name, comment).when(variable + ".done", next).otherwise(name + " (look)");
        machine.task(
                        name + " (look)",
                        "What the execution that asks has found.",
                        "sfn:describeExecution",
                        map("ExecutionArn", is(variable + ".run")))
                .patience(Patience.BRIEF)
                .assign(map(question.variable(), is("""
                                $merge([%1$s, $states.result.Status = 'SUCCEEDED' ? $merge([{'done': true}, $parse($states.result.Output)])
                                : $states.result.Status = 'RUNNING' ? {}
                                : {'done': true, 'said': 'the look ended with ' & $states.result.Status & ': ' & $states.result.Error
                                & ' ' & $substring($string($states.result.Cause), 0, 200)}])""".formatted(variable))))
                // It may not show for seconds after it was started: what is known stays.
                .onAnyError(map(), answered)
                .next(answered);
        machine.choice(answered, "Or long enough waited for.")
                .when(variable + ".done or " + NOW + " >= " + variable + ".since + 1000 * " + patienceSeconds, next)
                .otherwise(pause);
        machine.pause(pause, "It asks twice at most, for five seconds.", 2, name + " (look)");
    }

    /**
     * A finding, as an expression that gives one or nothing: where the region's answer is not as it should be, signs and
     * claims would not be read either.
     *
     * @param origin of the region's own name, as a URL
     */
    public static String regionFinding(String origin) {
        return sentence(Question.REGION)
                + "'%s does not answer from outside as it should, so signs and claims would not be read either: ' & $%s.said & '. Look at DNS name, certificate, security group, and rules of the listener with a priority below %d.'"
                        .formatted(origin + RegionAnswer.PATH, Question.REGION.variable(), RegionAnswer.PRIORITY);
    }

    /**
     * A remark, as an expression that gives one or nothing.
     *
     * @param region AWS's name of it
     */
    public static String witnessRemark(String region) {
        return sentence(Question.WITNESSES)
                + "'Witnesses asked from %s: ' & $%s.said & '.'".formatted(region, Question.WITNESSES.variable());
    }

    private static String sentence(Question question) {
        return "$%1$s.since = 0 or $%1$s.right ? [] : ".formatted(question.variable());
    }
}
