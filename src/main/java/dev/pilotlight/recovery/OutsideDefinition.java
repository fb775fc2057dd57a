package dev.pilotlight.recovery;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.RegionAnswer;
import java.util.ArrayList;
import java.util.List;

/**
 * Asks over HTTPS what a runbook wants to know of the world outside of its region, in an execution of its own: an HTTP task
 * that is answered with an image or any other content that is no text ends its whole execution, uncaught [doc], and no answer
 * may end a failover. The output says whether all is {@code right}, and what was {@code said}.
 */
final class OutsideDefinition {

    private OutsideDefinition() {}

    /**
     * What its text is made of.
     *
     * @param region AWS's name of the standby's region
     * @param term that the failover claims
     * @param origin of the standby's own name, as a URL
     * @param connectionArn with which the standby's own name is asked
     * @param witnesses URLs; may be empty
     * @param namelessArn of the connection with which witnesses are asked: it shows nothing of the workload
     */
    record Settings(
            String workload,
            String region,
            int term,
            String origin,
            String connectionArn,
            List<String> witnesses,
            String namelessArn) {

        String regionUrl() {
            return origin + RegionAnswer.PATH;
        }

        String claimUrl() {
            return origin + new Claim(workload, term).path();
        }

        /** More than half. */
        int enough() {
            return witnesses.size() / 2 + 1;
        }
    }

    /** The definition as JSON. */
    static String of(Settings settings) {
        Machine machine = new Machine(
                "Asks from %s over HTTPS for the workload %s, as a stranger would."
                        .formatted(settings.region(), settings.workload()),
                "What is asked?",
                60);
        Machine.Choice what = machine.choice("What is asked?", "The input says it.")
                .when(asks(Question.REGION), "Ask for the region's answer")
                .when(asks(Question.CLAIM), "Ask for the claim");
        if (!settings.witnesses().isEmpty()) {
            what.when(asks(Question.WITNESSES), "Ask the witnesses");
        }
        what.otherwise("Nothing is asked");
        machine.fail("Nothing is asked", "A mistake of who started it.", "Pilotlight.InvalidInput", "unknown question");
        String body = "$string($exists($states.result.ResponseBody) ? $states.result.ResponseBody : '')";
        get(
                machine,
                "Ask for the region's answer",
                "By DNS, certificate, security group and the listener's rules, as Route 53's checkers and agents come.",
                settings.regionUrl(),
                settings,
                body + " = '" + new RegionAnswer(settings.workload(), settings.region()).text() + "'",
                body);
        get(
                machine,
                "Ask for the claim",
                "As Route 53's checkers and the old leader's agents do.",
                settings.claimUrl(),
                settings,
                "$contains(" + body + ", '" + new Claim(settings.workload(), settings.term()).text() + "')",
                body);
        if (!settings.witnesses().isEmpty()) {
            askWitnesses(machine, settings);
        }
        machine.succeed("Answered", "What was found.", map("right", is("$right"), "said", is("$said")));
        return machine.json();
    }

    private static String asks(Question question) {
        return "$exists($states.input.ask) and $states.input.ask = '" + question.word() + "'";
    }

    private static void get(
            Machine machine, String name, String comment, String url, Settings settings, String right, String body) {
        machine.get(name, comment, url, settings.connectionArn())
                .patience(Patience.BRIEF)
                .assign(map(
                        "right", is(right), "said", is("'something else answers: ' & $substring(" + body + ", 0, 60)")))
                // More than 256 KiB. States.ALL does not hold this error.
                .on("States.DataLimitExceeded", map("right", false, "said", "something else answers"), "Answered")
                .onAnyError(map("right", false, "said", is(error())), "Answered")
                .next("Answered");
    }

    /** All at once: whoever waits for them waits for one that is silent, not for each in turn. */
    private static void askWitnesses(Machine machine, Settings settings) {
        List<Machine> branches = new ArrayList<>();
        for (int index = 0; index < settings.witnesses().size(); index++) {
            branches.add(witness(settings.witnesses().get(index), index + 1, settings.namelessArn()));
        }
        machine.parallel(
                "Ask the witnesses",
                "In two other regions and outside of AWS: whether this region reaches anybody.",
                branches,
                map("answers", is("$states.result")),
                "Do enough answer?");
        String reached = "$count($answers[answer = 'reached'])";
        String unasked = "$count($answers[answer = 'not asked'])";
        String others = "$join($answers[answer != 'reached'].(witness & ': ' & error), '; ')";
        machine.pass(
                "Do enough answer?",
                "More than half. That one could not be asked, for want of a right or a connection, says nothing of the"
                        + " network.",
                map("right", is(reached + " >= " + settings.enough()), "said", is("""
                                $string(%1$s) & ' of %4$d witnesses answer' & (%1$s = %4$d ? '' : %1$s >= %5$d ? ' (' & %3$s & ')'
                                : %1$s + %2$s >= %5$d
                                ? ', and the others could not be asked, which is a fault of connection or permission and says nothing of the network (' & %3$s & ')'
                                : ': this region may be the one that is cut off, while the leader serves (' & %3$s & ')')""".formatted(
                                reached, unasked, others, settings.witnesses().size(), settings.enough()))),
                "Answered");
    }

    private static Machine witness(String url, int number, String connection) {
        String ask = "Ask witness " + number;
        String asked = "Witness " + number;
        Machine branch = Machine.branch(ask);
        branch.get(ask, "Any status is an answer.", url, connection)
                .patience(Patience.BRIEF)
                .assign(map("answer", "reached", "error", ""))
                .on("States.DataLimitExceeded", map("answer", "reached", "error", ""), asked)
                .onAnyError(map("answer", is("""
                                        $contains($states.errorOutput.Error, /^States\\.Http\\.StatusCode\\./) ? 'reached'
                                        : $contains($states.errorOutput.Error, /^States\\.(Http\\.|Timeout$|TaskFailed$)/) ? 'silent'
                                        : 'not asked'"""), "error", is(error())), asked)
                .next(asked);
        branch.succeed(asked, "How it answered.", map("witness", url, "answer", is("$answer"), "error", is("$error")));
        return branch;
    }

    private static String error() {
        return "$states.errorOutput.Error & ' ' & $substring($states.errorOutput.Cause, 0, 200)";
    }
}
