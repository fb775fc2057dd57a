package dev.pilotlight.cli.operate;

import static dev.pilotlight.cli.operate.DatabaseFindings.attention;
import static dev.pilotlight.cli.operate.DatabaseFindings.ok;

import dev.pilotlight.cli.operate.Assessment.Finding;
import dev.pilotlight.cli.operate.DatabaseFindings.Sight;
import dev.pilotlight.cli.operate.Observed.DatabaseDetails;
import dev.pilotlight.cli.operate.Observed.ExpectedDatabase;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import java.util.List;
import java.util.Set;

/** Whether the leader's automated backups are in the standby's region, as the configuration says. */
final class ReplicatedBackupsFindings {

    private static final String ID = "replicated-backups";
    private static final String SUBJECT = "Backups there";

    private ReplicatedBackupsFindings() {}

    static List<Finding> of(Sight sight, ExpectedDatabase expected) {
        if (sight.leaders().isEmpty()) {
            return List.of();
        }
        Names names = expected.names();
        RegionName leads = sight.inForce().leader();
        RegionName standby = leads.other();
        Set<String> places = sight.leaders().get().backupsReplicatedTo();
        String source = names.databaseArn(sight.inForce().leadingDatabase().ref());
        boolean there = places.contains(names.regionOf(standby));
        boolean offered =
                sight.standbys().flatMap(DatabaseDetails::backupsComeHere).orElse(true);
        if (expected.settings().replicatedBackups() && !there && !offered) {
            return List.of(attention(
                    ID,
                    SUBJECT,
                    "RDS does not offer replicated automated backups from %s to %s: a restore there begins with a snapshot"
                            .formatted(
                                    sight.called().apply(leads), sight.called().apply(standby)),
                    "write false as database.replicatedBackups in %s, and deploy"
                            .formatted(sight.instructions().file())));
        }
        if (expected.settings().replicatedBackups() && !there) {
            return List.of(attention(
                    ID,
                    SUBJECT,
                    "the automated backups of the leader's %s are not replicated to %s: a restore there would begin with a snapshot"
                            .formatted(sight.name(leads), sight.called().apply(standby)),
                    "the state machine %s starts it every hour; see why it fails, or start it by hand: `aws rds start-db-instance-automated-backups-replication --region %s --source-region %s --source-db-instance-arn %s --backup-retention-period %d --kms-key-id $(aws kms describe-key --region %2$s --key-id %6$s --query KeyMetadata.Arn --output text)`"
                            .formatted(
                                    names.runbook(standby, "backups"),
                                    names.regionOf(standby),
                                    names.regionOf(leads),
                                    source,
                                    expected.settings().backupRetentionDays(),
                                    names.regionKeyAlias(standby))));
        }
        if (!expected.settings().replicatedBackups() && there) {
            return List.of(attention(
                    ID,
                    SUBJECT,
                    "the automated backups of the leader's %s are replicated to %s, which costs money, and database.replicatedBackups is false"
                            .formatted(sight.name(leads), sight.called().apply(standby)),
                    "`aws rds stop-db-instance-automated-backups-replication --region %s --source-db-instance-arn %s`"
                            .formatted(names.regionOf(standby), source)));
        }
        return there
                ? List.of(ok(
                        ID,
                        SUBJECT,
                        "those of the leader's %s are replicated to %s"
                                .formatted(sight.name(leads), sight.called().apply(standby))))
                : List.of();
    }
}
