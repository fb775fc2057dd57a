package dev.pilotlight.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.recovery.asl.Definition;
import dev.pilotlight.recovery.asl.Execution;
import dev.pilotlight.recovery.asl.Execution.Status;
import dev.pilotlight.recovery.asl.Services.Reply;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What the scheduled machine of a region asks RDS for, by the region's role and by what is replicated there. */
class ReplicatedBackupsDefinitionTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final int PAGE = 100;
    private static final Instant MORNING = Instant.parse("2026-11-24T09:17:00Z");
    private static final String PRIMARY = "arn:aws:rds:eu-central-1:${AWS::AccountId}:db:pilotlight-dev-db-";
    private static final String DR = "arn:aws:rds:eu-west-1:${AWS::AccountId}:db:pilotlight-dev-db-";

    /** Replicated into the region: status by the source's ARN. */
    private final Map<String, String> replicated = new TreeMap<>();

    private final List<String> asked = new ArrayList<>();
    private final List<Map<String, Object>> started = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private String refusedAction = "";
    private String refusal = "";

    @Test
    void theStandbyReplicatesTheBackupsOfWhatLeads() {
        Execution execution = run(Machines.backups("dr", "'primary', 'dr'"));
        assertThat(execution.output()).isEqualTo(Map.of("did", "started"));
        assertThat(replicated).containsExactly(Map.entry(PRIMARY + 0, "pending"));
        assertThat(started.get(0))
                .containsEntry("BackupRetentionPeriod", 7)
                .containsEntry("KmsKeyId", "${Key9BCD29C7.Arn}");
    }

    @Test
    void whatIsReplicatedIsLeftAlone() {
        for (String status : List.of("pending", "replicating")) {
            replicated.put(PRIMARY + 0, status);
            assertThat(run(Machines.backups("dr", "'primary', 'dr'")).output()).isEqualTo(Map.of("did", "nothing"));
        }
        assertThat(started).isEmpty();
    }

    @Test
    void whatWasStoppedIsStartedAgainOnceItLeads() {
        replicated.put(PRIMARY + 0, "retained");
        run(Machines.backups("dr", "'primary', 'dr'"));
        assertThat(replicated).containsEntry(PRIMARY + 0, "pending");
    }

    /** After a failover each region's own machine does its part. */
    @Test
    void afterAFailoverTheOldReplicationEndsAndTheNewOneBegins() {
        replicated.put(PRIMARY + 0, "replicating");
        Execution leader = run(Machines.backups("dr", "'primary', 'dr', 'primary'"));
        assertThat(leader.output()).isEqualTo(Map.of("did", "stopped"));
        assertThat(replicated).containsEntry(PRIMARY + 0, "retained");
        assertThat(started).as("a leader receives none").isEmpty();

        replicated.clear();
        run(Machines.backups("primary", "'primary', 'dr', 'primary'"));
        assertThat(replicated).containsExactly(Map.entry(DR + 1, "pending"));
    }

    @Test
    void everyFormerDatabaseOfTheOtherRegionIsLookedAt() {
        replicated.put(PRIMARY + 0, "replicating");
        replicated.put(PRIMARY + 2, "replicating");
        run(Machines.backups("dr", "'primary', 'dr', 'primary', 'dr'"));
        assertThat(replicated).containsEntry(PRIMARY + 0, "retained").containsEntry(PRIMARY + 2, "replicating");
        assertThat(asked).containsExactly("describe", "stop " + PRIMARY + 0);
    }

    /** RDS knows a database's identifier only in its own region. */
    @Test
    void theLeadersBackupsAreFoundWithoutItsIdentifier() {
        replicated.put(PRIMARY + 0, "replicating");
        assertThat(run(Machines.backups("dr", "'primary', 'dr'")).output()).isEqualTo(Map.of("did", "nothing"));
        assertThat(asked).containsExactly("describe");
    }

    @Test
    void everyPageOfTheListIsRead() {
        for (int other = 0; other < 2 * PAGE; other++) {
            replicated.put("arn:aws:rds:eu-central-1:1:db:another-%03d".formatted(other), "replicating");
        }
        replicated.put(PRIMARY + 0, "replicating");
        replicated.put(PRIMARY + 2, "replicating");
        assertThat(run(Machines.backups("dr", "'primary', 'dr', 'primary', 'dr'"))
                        .output())
                .isEqualTo(Map.of("did", "stopped"));
        assertThat(asked).containsExactly("describe", "describe", "describe", "stop " + PRIMARY + 0);
        assertThat(started).isEmpty();
    }

    /** Another region's backups of the same name are none of ours. */
    @Test
    void onlyTheDatabaseItselfCounts() {
        replicated.put("arn:aws:rds:us-east-1:1:db:pilotlight-dev-db-0", "replicating");
        run(Machines.backups("dr", "'primary', 'dr'"));
        assertThat(replicated).containsEntry(PRIMARY + 0, "pending");
    }

    @Test
    void whatFailsIsToldOnceADayWithTheLineThatDoesItByHand() {
        refusedAction = "startDBInstanceAutomatedBackupsReplication";
        refusal = "Rds.RdsException";
        Execution night = run(Machines.backups("dr", "'primary', 'dr'"));
        assertThat(night.status()).isEqualTo(Status.FAILED);
        assertThat(night.cause()).contains("are not replicated", "because");
        assertThat(told).isEmpty();
        Machines.run(Machines.backups("dr", "'primary', 'dr'"), this::answer, MORNING);
        assertThat(told)
                .hasSize(1)
                .first()
                .asString()
                .contains("aws rds start-db-instance-automated-backups-replication --region eu-west-1 --source-region"
                        + " eu-central-1 --source-db-instance-arn " + PRIMARY + 0)
                .contains("--backup-retention-period 7 --kms-key-id ${Key9BCD29C7.Arn}")
                .contains(
                        "aws rds describe-source-regions --region eu-west-1 --region-name eu-central-1",
                        "write false as");
    }

    /** Without the list nothing is started or stopped; what cannot be done, as when a region is lost, ends nothing else. */
    @Test
    void aFailureEndsNothingElse() {
        for (String action : List.of(
                "describeDBInstanceAutomatedBackups",
                "startDBInstanceAutomatedBackupsReplication",
                "stopDBInstanceAutomatedBackupsReplication")) {
            refusedAction = action;
            refusal = "Rds.RdsException";
            asked.clear();
            replicated.clear();
            replicated.put(PRIMARY + 0, "replicating");
            replicated.put(PRIMARY + 2, "replicating");
            Execution execution = run(Machines.backups("dr", "'primary', 'dr', 'primary', 'dr', 'primary', 'dr'"));
            assertThat(execution.status()).as(action).isEqualTo(Status.FAILED);
            boolean listed = !action.equals("describeDBInstanceAutomatedBackups");
            assertThat(asked.contains("start")).as(action).isEqualTo(listed);
            assertThat(asked)
                    .as(action)
                    .filteredOn(call -> call.startsWith("stop"))
                    .hasSize(listed ? 2 : 0);
        }
    }

    private Execution run(Definition definition) {
        return Machines.run(definition, this::answer);
    }

    private Reply answer(Instant at, String service, String action, Map<String, Object> arguments, Duration timeout) {
        String arn = (String) arguments.get("SourceDBInstanceArn");
        switch (action) {
            case "describeDBInstanceAutomatedBackups" -> asked.add("describe");
            case "startDBInstanceAutomatedBackupsReplication" -> asked.add("start");
            case "stopDBInstanceAutomatedBackupsReplication" -> asked.add("stop " + arn);
            default -> {}
        }
        if (action.equals(refusedAction)) {
            return Reply.failed(refusal, "because", SECOND);
        }
        switch (action) {
            case "describeDBInstanceAutomatedBackups" -> {
                // The databases themselves are in the other region.
                if (arguments.containsKey("DbInstanceIdentifier")) {
                    return Reply.failed("Rds.DbInstanceAutomatedBackupNotFoundException", "none", SECOND);
                }
                List<Map<String, Object>> found = new ArrayList<>();
                int from = Integer.parseInt((String) arguments.getOrDefault("Marker", "0"));
                replicated.entrySet().stream()
                        .skip(from)
                        .limit(PAGE)
                        .forEach(backup ->
                                found.add(Map.of("DbInstanceArn", backup.getKey(), "Status", backup.getValue())));
                return Reply.of(
                        from + PAGE < replicated.size()
                                ? Map.of("DbInstanceAutomatedBackups", found, "Marker", "" + (from + PAGE))
                                : Map.of("DbInstanceAutomatedBackups", found),
                        SECOND);
            }
            case "startDBInstanceAutomatedBackupsReplication" -> {
                started.add(arguments);
                replicated.put(arn, "pending");
            }
            case "stopDBInstanceAutomatedBackupsReplication" -> {
                replicated.put(arn, "retained");
            }
            case "publish" -> told.add((String) arguments.get("Message"));
            default -> throw new AssertionError(service + ":" + action);
        }
        return Reply.of(Map.of(), SECOND);
    }
}
