package dev.pilotlight.recovery;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;
import java.util.List;
import java.util.Map;

/**
 * Keeps a region's replicated automated backups as the lineage says: those of the leader's database in the standby's
 * region, and of no other. RDS is asked in the region that receives them; what was replicated before a stop stays until it
 * expires [doc: USER_ReplicateBackups].
 *
 * <p>Outside GovCloud the call needs no presigned URL, even with a key [doc:
 * API_StartDBInstanceAutomatedBackupsReplication]; in GovCloud it fails here, and the mail has the line that presigns.
 */
final class ReplicatedBackupsDefinition {

    /** UTC; the machine runs every hour, and of what fails in a row nobody wants more than one mail a day. */
    static final int HOUR_OF_MAILS = 9;

    private ReplicatedBackupsDefinition() {}

    /** A database of the other region. */
    record Source(String identifier, String arn) {}

    /**
     * What its text is made of.
     *
     * @param region AWS's name of the region that receives
     * @param sourceRegion AWS's name of the other one
     * @param wanted the leader's database; null in the leader's region, which receives none
     * @param unwanted the other databases that the other region ever had
     * @param keyArn of this region
     */
    record Settings(
            String workload,
            String region,
            String sourceRegion,
            Source wanted,
            List<Source> unwanted,
            int retentionDays,
            String keyArn,
            String topicArn) {

        /** What a person types instead. */
        String startByHand() {
            return "aws rds start-db-instance-automated-backups-replication --region %s --source-region %s --source-db-instance-arn %s --backup-retention-period %d --kms-key-id %s"
                    .formatted(region, sourceRegion, wanted.arn(), retentionDays, keyArn);
        }

        /** What shows whether RDS replicates between the two regions at all. */
        String isOffered() {
            return "aws rds describe-source-regions --region %s --region-name %s".formatted(region, sourceRegion);
        }
    }

    /** The definition as JSON. */
    static String of(Settings settings) {
        Machine machine = new Machine(
                settings.wanted() == null
                        ? "Stops replicating automated backups of %s into this region, which leads."
                                .formatted(settings.workload())
                        : "Replicates the automated backups of %s, which leads, into this region."
                                .formatted(settings.wanted().identifier()),
                "Begin",
                1800);
        machine.pass(
                "Begin",
                "What is found out later.",
                map(
                        "unwanted",
                        settings.unwanted().stream().map(Source::arn).toList(),
                        "index",
                        0,
                        "replicating",
                        List.of(),
                        "marker",
                        "",
                        "did",
                        "nothing",
                        "problem",
                        ""),
                "List the backups here");
        list(machine, settings.wanted() == null ? "Another one?" : "Replicated?");
        if (settings.wanted() != null) {
            start(machine, settings, settings.wanted());
        }
        stop(machine);
        report(machine, settings);
        return machine.json();
    }

    /**
     * All that the region holds: RDS takes a database's identifier only while a database of that name exists in the region
     * that is asked [doc: API_DescribeDBInstanceAutomatedBackups], and the leader's exists in the other.
     */
    private static void list(Machine machine, String next) {
        look(machine, "List the backups here", map());
        machine.choice("More of them?", "RDS shows a hundred at a time.")
                .when("$marker != ''", "List more backups")
                .otherwise(next);
        look(machine, "List more backups", map("Marker", is("$marker")));
    }

    private static void look(Machine machine, String name, Map<String, Object> arguments) {
        machine.task(
                        name,
                        "Of every database, its own ones as well.",
                        "rds:describeDBInstanceAutomatedBackups",
                        arguments)
                .assign(map("replicating", is("""
                                $append($replicating, $states.result.DbInstanceAutomatedBackups[
                                Status in ['pending', 'replicating']].DbInstanceArn)"""), "marker", is("$append([''], $states.result.Marker)[-1]")))
                .onAnyError(problem("what is replicated here could not be listed"), "How did it go?")
                .next("More of them?");
    }

    private static void start(Machine machine, Settings settings, Source wanted) {
        machine.choice("Replicated?", "Or about to be.")
                .when("'" + wanted.arn() + "' in $replicating", "Another one?")
                .otherwise("Start");
        machine.task(
                        "Start",
                        "Refused while the database has no backup of its own yet: the next run asks again.",
                        "rds:startDBInstanceAutomatedBackupsReplication",
                        map(
                                "SourceDBInstanceArn",
                                wanted.arn(),
                                "BackupRetentionPeriod",
                                settings.retentionDays(),
                                "KmsKeyId",
                                settings.keyArn()))
                .assign(map("did", "started"))
                .onAnyError(
                        problem("the automated backups of " + wanted.identifier()
                                + " are not replicated, so a restore to a time is not possible in this region; by hand: "
                                + settings.startByHand()
                                + " ; if RDS does not offer it between the two regions ("
                                + settings.isOffered()
                                + " shows it as SupportsDBInstanceAutomatedBackupsReplication), write false as"
                                + " database.replicatedBackups, and deploy"),
                        "Another one?")
                .next("Another one?");
    }

    private static void stop(Machine machine) {
        machine.choice("Another one?", "One after another, the databases that the other region had before.")
                .when("$index < $count($unwanted)", "Still replicated?")
                .otherwise("How did it go?");
        machine.choice("Still replicated?", "Since it led.")
                .when("$unwanted[$index] in $replicating", "Stop")
                .otherwise("Next one");
        machine.task(
                        "Stop",
                        "What was replicated stays until it expires.",
                        "rds:stopDBInstanceAutomatedBackupsReplication",
                        map("SourceDBInstanceArn", is("$unwanted[$index]")))
                .patience(Patience.ONCE)
                .assign(map("did", "stopped"))
                .onAnyError(
                        problem("the backups of a former database are still replicated, which costs money"), "Next one")
                .next("Next one");
        machine.pass("Next one", "Of the list.", map("index", is("$index + 1")), "Another one?");
    }

    private static void report(Machine machine, Settings settings) {
        machine.choice("How did it go?", "Once a day a failure is told: the next run tries again.")
                .when("$problem = ''", "Done")
                .when(
                        "$substring($states.context.Execution.StartTime, 11, 2) = '%02d'".formatted(HOUR_OF_MAILS),
                        "Tell people")
                .otherwise("Failed");
        machine.task(
                        "Tell people",
                        "Of what could not be done.",
                        "sns:publish",
                        map(
                                "TopicArn",
                                settings.topicArn(),
                                "Subject",
                                "Pilotlight: replicated backups of " + settings.workload(),
                                "Message",
                                is("$problem & '.'")))
                .patience(Patience.BRIEF)
                .onAnyError(map(), "Failed")
                .next("Failed");
        machine.succeed("Done", "The output says what it did last.", map("did", is("$did")));
        machine.fail("Failed", "The cause says why.", "Pilotlight.BackupsNotReplicated", is("$problem"));
    }

    private static Map<String, Object> problem(String message) {
        return map(
                "problem",
                is("'%s (' & $states.errorOutput.Error & ' ' & $states.errorOutput.Cause & ')'".formatted(message)));
    }
}
