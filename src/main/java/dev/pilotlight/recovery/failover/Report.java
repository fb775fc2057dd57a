package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;
import dev.pilotlight.recovery.Signals;
import java.util.List;

/** The same for success and failure. None of it can fail the failover. */
final class Report extends Phase {

    Report(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        machine.task(
                        "Write the evidence",
                        "What was done, when, and what it may have lost, kept with the data of this region.",
                        "s3:putObject",
                        map(
                                "Bucket",
                                settings.bucket(),
                                "Key",
                                is("'pilotlight/failover/' & $states.context.Execution.Name & '.json'"),
                                "ContentType",
                                "application/json",
                                "Body",
                                is(evidence())))
                .patience(Patience.BRIEF)
                .onAnyError(map(), "Count it")
                .next("Count it");
        machine.task(
                        "Count it",
                        "For dashboards and alarms.",
                        "cloudwatch:putMetricData",
                        map(
                                "Namespace",
                                Signals.NAMESPACE,
                                "MetricData",
                                List.of(
                                        metric("FailoverSucceeded", "$outcome = 'succeeded' ? 1 : 0", "Count"),
                                        metric("FailoverSeconds", "(" + NOW + " - $startedAt) / 1000", "Seconds"))))
                .patience(Patience.BRIEF)
                .onAnyError(map(), "Tell people")
                .next("Tell people");
        machine.task(
                        "Tell people",
                        "What is true now, and the way on.",
                        "sns:publish",
                        map(
                                "TopicArn",
                                settings.topicArn(),
                                "Subject",
                                is("'Pilotlight: failover of %s to term %d ' & $outcome"
                                        .formatted(settings.workload(), settings.term())),
                                "Message",
                                is(message())))
                .patience(Patience.BRIEF)
                .onAnyError(map(), "How did it end?")
                .next("How did it end?");
        machine.choice("How did it end?", "The execution's own status says it too.")
                .when("$outcome = 'failed'", "Failed")
                .otherwise("Done");
        machine.succeed("Done", "The output is the evidence.", is(evidence()));
        machine.fail(
                "Failed",
                "The cause says what is true now and how to go on.",
                "Pilotlight.FailoverFailed",
                is(message()));
    }

    private String message() {
        return """
                $outcome = 'succeeded' ? 'This region leads in term %1$d. ' & ($unseen = '' ? '' : $unseen & ' ') & ($missing = '' ? '' : $missing & ' ') & ($count($remarks) = 0 ? '' : $join($remarks, ' ') & ' ')
                & 'Writes that may be lost: ' & $string($loss) & ' seconds. First change
                now: append to databaseLineage, deploy this region alone with --exclusively while the other is down.'
                : $outcome = 'drilled' ? 'Drill: nothing was changed. An emergency now would lose up to ' & $string($loss)
                & ' seconds of writes. ' & $join($append($findings, $remarks), ' ')
                : ('The failover stopped at "' & $failedStep & '": ' & $why & '.' & ($rdsSaid = '' ? '' : ' RDS said: ' & $rdsSaid & '.')
                & ' Now: ' & ($claimError = '' ? '' : 'whether the claim of term %1$d stands is unknown; ') & (""".formatted(settings.term()) + nowTrue() + """
                ) & ($count($remarks) = 0 ? '' : ' ' & $join($remarks, ' '))
                & ' To go on, when the cause is gone: aws stepfunctions start-execution --region %s --state-machine-arn '
                & $states.context.StateMachine.Id & ' --name ' & $replace($states.context.Execution.Name, /[0-9]+$/, $string($attempt + 1))
                & " --input '" & $replace($string({'mode': $mode, 'acceptDataLoss': $acceptDataLoss, 'reason': $reason}), "'", '`') & "'")""".formatted(settings.region());
    }

    /** After a failure. */
    private String nowTrue() {
        return """
                $claimed and $claimError != '' ? 'it was made and taken away again. If it is gone, users are sent to the other region, which the handover sign and the claim have stopped, and NOBODY SERVES until you go on.'
                : $claimed ? 'this region holds the claim of term %1$d and users are sent here.'
                : $not($looked) ? 'this attempt has changed nothing, and what an earlier one did, a handover sign or a claim perhaps, could not be read.'
                : ($committed or $promoted) and $sign = 'stands' ? 'the database here is or may be promoted, the sign keeps the old leader stopped, and NOBODY SERVES until you go on.'
                : ($committed or $promoted) and $sign = 'maybe' ? 'the database here is or may be promoted, whether the handover sign stands is unknown, and nobody may serve until you go on.'
                : $committed or $promoted ? 'the database here is or may be promoted, and neither sign nor claim was seen here: one of an earlier attempt may stand; if not, the old leader may serve, and what it writes is lost if you go on.'
                : $signLeft and $sign = 'maybe' ? 'nothing was promoted, but whether the handover sign stands is unknown: it may keep the leader stopped. Look, and let it serve again: %2$s'
                : $signLeft ? 'nothing was promoted, but the handover sign could not be taken back: the leader stays stopped. Go on, or let it serve again: %2$s'
                : 'nothing was promoted, no sign stands, the other region leads if it lives.'""".formatted(settings.term(), takeBack());
    }

    private String evidence() {
        return """
                {'workload': '%s', 'term': %d, 'execution': $states.context.Execution.Name, 'outcome': $outcome, 'mode': $mode,
                'reason': $reason, 'acceptDataLoss': $acceptDataLoss, 'expectedLossSeconds': $loss, 'fenced': $fenced,
                'replayedTo': $exists($seen.replayedTo) ? $fromMillis($seen.replayedTo) : 'unknown', 'times': $times,
                'capacity': {'lit': $lit, 'waitedFor': $wanted, 'healthy': $healthy},
                'findings': $findings, 'remarks': $remarks, 'failedStep': $failedStep, 'why': $why, 'rdsSaid': $rdsSaid}""".formatted(settings.workload(), settings.term());
    }
}
