package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Asking;
import dev.pilotlight.recovery.Question;
import java.util.List;
import java.util.Map;

/** Who may run: one execution at a time, with an input that says what is meant. */
final class Admission extends Phase {

    Admission(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        String namePattern = "/^%s-term-" + settings.term() + "-attempt-[1-9][0-9]{0,2}$/";
        machine.choice("Check the input", "The mode, who accepts a loss of data, and why: nothing is guessed.")
                .when("""
                        $type($states.input) = 'object'
                        and $states.input.mode in ['planned', 'emergency', 'drill']
                        and $type($states.input.acceptDataLoss) = 'boolean'
                        and $type($states.input.reason) = 'string'
                        and $length($trim($states.input.reason)) > 0
                        and $count($keys($states.input)) = 3
                        and $contains($states.context.Execution.Name, $states.input.mode = 'drill' ? %s : %s)""".formatted(namePattern.formatted("drill"), namePattern.formatted("failover")), "Begin")
                .otherwise("Refuse the input");
        machine.fail(
                "Refuse the input",
                "Nothing was touched.",
                "Pilotlight.InvalidInput",
                ("Nothing was done. The input must be {\"mode\": \"planned\", \"emergency\" or \"drill\", \"acceptDataLoss\": true or"
                                + " false, \"reason\": a text that is not empty} and nothing else, and the execution's name"
                                + " failover-term-%d-attempt- and a number, or drill-term-%d-attempt- and a number if the mode is"
                                + " drill. A failover of another term than %d is begun with the other region's runbook, or after"
                                + " this region's next deploy.")
                        .formatted(settings.term(), settings.term(), settings.term()));
        Map<String, Object> begin = map(
                "mode",
                is("$states.input.mode"),
                "acceptDataLoss",
                is("$states.input.acceptDataLoss"),
                "reason",
                is("$states.input.reason"),
                "attempt",
                is("$number($match($states.context.Execution.Name, /[0-9]+$/).match)"),
                "startedAt",
                is(NOW),
                "claimed",
                false,
                // Presumed until the database has been asked: a resumed run that cannot ask it must not take the sign
                // back.
                "committed",
                true,
                "looked",
                false,
                "promoted",
                false,
                "earlier",
                false,
                "marked",
                false,
                "unanswered",
                0,
                "sign",
                "none",
                "signArn",
                "",
                "signTried",
                false,
                "signTaken",
                false,
                "other",
                "",
                "otherSince",
                0,
                "since",
                0,
                "rulesRead",
                false,
                "quiet",
                0,
                "quietSince",
                0,
                "aloneSince",
                0,
                "stuckSince",
                0,
                "upSince",
                0,
                "paged",
                false,
                "signedAt",
                0,
                "busySince",
                0,
                "orderedAt",
                0,
                "refusedSince",
                0,
                "promotedAt",
                0,
                "unsettledAt",
                0,
                "markedBy",
                0,
                "rdsSaid",
                "",
                "others",
                0,
                "before",
                "",
                "refused",
                false,
                "looking",
                is("$number($match($states.context.Execution.Name, /[0-9]+$/).match) - 1"),
                "database",
                map(),
                "group",
                map(),
                "lit",
                0,
                "litAt",
                0,
                "keepLight",
                false,
                "peak",
                0,
                "hour",
                0,
                "target",
                settings.capacity(),
                "wanted",
                settings.capacity(),
                "affordable",
                1000,
                "image",
                "",
                "quota",
                0,
                "healthy",
                0,
                "beatAt",
                0,
                "writable",
                false,
                "writableAt",
                0,
                "missing",
                "",
                "claimError",
                "",
                "findings",
                List.of(),
                "remarks",
                List.of(),
                Question.REGION.variable(),
                Asking.unasked(),
                Question.CLAIM.variable(),
                Asking.unasked(),
                Question.WITNESSES.variable(),
                Asking.unasked(),
                "times",
                map("started", is("$states.context.State.EnteredTime")),
                "seen",
                map(),
                "loss",
                "unknown",
                "fenced",
                false,
                "outcome",
                "failed",
                "rounds",
                0,
                "asked",
                0,
                "visible",
                false,
                "unseen",
                "",
                "failedStep",
                "",
                "why",
                "",
                "signLeft",
                false);
        machine.pass(
                "Begin", "Notes the input, and the defaults of all that is found out later.", begin, "Only a drill?");
        machine.choice("Only a drill?", "It changes nothing: it waits for no failover, and no failover for it.")
                .when("$mode = 'drill'", "Read the signs")
                .otherwise("Another run?");
        // Two starts at the same moment choose the same name, and Step Functions refuses one. Other names: a later
        // attempt needs its predecessor closed, and nobody older may be running. Both looks are eventually consistent
        // for seconds; either alone would leave a gap that the other closes: numbers begin anew with each term. A
        // predecessor that was refused closes none: whoever it was refused for, or a number that was left out, may
        // begin meanwhile.
        machine.task(
                        "Another run?",
                        "One at a time: two with different modes would undo each other's sign.",
                        "sfn:listExecutions",
                        map(
                                "StateMachineArn",
                                is("$states.context.StateMachine.Id"),
                                "StatusFilter",
                                "RUNNING",
                                "MaxResults",
                                100))
                .assign(map("others", is("""
                                $count($states.result.Executions[$contains(Name, %s)
                                and ExecutionArn != $states.context.Execution.Id
                                and ($toMillis(StartDate) < $toMillis($states.context.Execution.StartTime)
                                or ($toMillis(StartDate) = $toMillis($states.context.Execution.StartTime)
                                and Name < $states.context.Execution.Name))])""".formatted(FailoverDefinition.FAILOVERS))))
                .onAnyError(map("why", is("$states.errorOutput.Error")), "Refuse to run beside another")
                .next("Alone?");
        machine.choice("Alone?", "Refuses if an older run is still going; a first attempt has no predecessor.")
                .when("$others > 0", "Refuse to run beside another")
                .when("$attempt > 1", "The attempt before")
                .otherwise("Read the signs");
        machine.task(
                        "The attempt before",
                        "A later attempt follows one that is over.",
                        "sfn:describeExecution",
                        map("ExecutionArn", is("$replace($states.context.Execution.Id, /[0-9]+$/, $string($looking))")))
                .assign(map(
                        "before",
                        is("$states.result.Status"),
                        "refused",
                        is(
                                "$exists($states.result.Error) and $states.result.Error in ['Pilotlight.AnotherRun', 'Pilotlight.InvalidInput']"),
                        "why",
                        ""))
                .on("Sfn.ExecutionDoesNotExistException", map("why", is("$states.errorOutput.Error")), "Not yet seen?")
                .onAnyError(map("why", is("$states.errorOutput.Error")), "Refuse to run beside another")
                .next("Over?");
        machine.choice("Not yet seen?", "An execution shows seconds after it was started; a number may be left out.")
                .when(NOW + " < $startedAt + 30000", "Wait for the attempt before")
                .otherwise("Refuse to run beside another");
        machine.pause("Wait for the attempt before", "It is eventually consistent.", 5, "The attempt before");
        machine.choice(
                        "Over?",
                        "Whether the attempt before this one has ended. One that was refused is none: the one before.")
                .when("$before = 'RUNNING'", "Refuse to run beside another")
                .when("$refused and $looking > 1", map("looking", is("$looking - 1")), "The attempt before")
                .otherwise("Read the signs");
        machine.fail("Refuse to run beside another", "Nothing was touched.", "Pilotlight.AnotherRun", is("""
                        'Nothing was done. Another attempt is running, or the number before this one was never used, or neither
                        could be found out: ' & $why & '. Look at the executions of this state machine; when none is running, start
                        the next number, beginning with 1.'"""));
    }
}
