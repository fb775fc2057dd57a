package dev.pilotlight.recovery;

import dev.pilotlight.compliance.Permissions;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.recovery.ReplicatedBackupsDefinition.Settings;
import dev.pilotlight.recovery.ReplicatedBackupsDefinition.Source;
import dev.pilotlight.topology.DatabaseRef;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.scheduler.CfnSchedule;
import software.amazon.awscdk.services.sns.ITopic;
import software.constructs.Construct;

/**
 * The leader's automated backups in the standby's region, from which a restore to a time is possible there.
 *
 * <p>The same machine in both regions and both roles: after a failover the new standby's begins with the new leader's
 * backups, and the new leader's ends those of the former one. A property of the database would do it as well
 * (AutomaticBackupReplicationRegion), but it would differ by role, is refused on a replica, and makes a deploy of the
 * leader's region need the other one.
 */
public final class ReplicatedBackups extends Construct {

    static final String PURPOSE = "backups";

    /**
     * @param logGroup of the region's runbooks
     * @param key of the region, which encrypts what is replicated, as it does the databases
     */
    public record Props(
            Names names, RegionName region, Configuration configuration, ITopic alerts, ILogGroup logGroup, IKey key) {}

    public ReplicatedBackups(Construct scope, String id, Props props) {
        super(scope, id);
        Names names = props.names();
        RegionName region = props.region();
        Runbook machine = new Runbook(
                this,
                "Machine",
                names.runbook(region, PURPOSE),
                ReplicatedBackupsDefinition.of(settings(props)),
                props.logGroup(),
                permissions(props));
        machine.acknowledge(
                List.of(
                        names.allDatabasesArn(region),
                        names.databasesArn(region.other()),
                        names.automatedBackupsArn(region)),
                "The databases that this workload ever has, and their replicated backups, whose ARNs hold an id that AWS"
                        + " chooses; and the list of the region's backups, which RDS gives as a whole.");
        schedule(names.workload(), machine);
    }

    private static Settings settings(Props props) {
        Names names = props.names();
        RegionName region = props.region();
        Configuration configuration = props.configuration();
        Topology topology = configuration.databaseLineage().topology();
        DatabaseRef leading = topology.leadingDatabase().ref();
        List<Source> unwanted = new ArrayList<>();
        for (int index = 0; index < configuration.databaseLineage().entries().size(); index++) {
            RegionName place =
                    configuration.databaseLineage().entries().get(index).region();
            DatabaseRef database = new DatabaseRef(index, place);
            if (place == region.other() && !database.equals(leading)) {
                unwanted.add(source(names, database));
            }
        }
        return new Settings(
                names.workload(),
                names.regionOf(region),
                names.regionOf(region.other()),
                topology.leader() == region ? null : source(names, leading),
                List.copyOf(unwanted),
                configuration.database().backupRetentionDays(),
                props.key().getKeyArn(),
                props.alerts().getTopicArn());
    }

    private static Source source(Names names, DatabaseRef database) {
        return new Source(names.database(database), names.databaseArn(database));
    }

    private static List<PolicyStatement> permissions(Props props) {
        Names names = props.names();
        RegionName region = props.region();
        String key = props.key().getKeyArn();
        return List.of(
                // A list of all is of whatever the region holds.
                Permissions.allow(
                        List.of("rds:DescribeDBInstanceAutomatedBackups"),
                        names.allDatabasesArn(region),
                        names.automatedBackupsArn(region)),
                Permissions.allow(
                        List.of(
                                "rds:StartDBInstanceAutomatedBackupsReplication",
                                "rds:StopDBInstanceAutomatedBackupsReplication"),
                        names.databasesArn(region.other()),
                        names.automatedBackupsArn(region)),
                Permissions.allow(List.of("kms:DescribeKey"), key),
                // RDS encrypts with it for as long as the backups exist.
                PolicyStatement.Builder.create()
                        .actions(List.of("kms:CreateGrant"))
                        .resources(List.of(key))
                        .conditions(Map.of("Bool", Map.of("kms:GrantIsForAWSResource", "true")))
                        .build(),
                Permissions.allow(List.of("sns:Publish"), props.alerts().getTopicArn()),
                Permissions.allow(List.of("kms:Decrypt", "kms:GenerateDataKey"), key));
    }

    private void schedule(String workload, Runbook runbook) {
        Permissions permissions = new Permissions(
                this,
                "Schedule",
                "scheduler.amazonaws.com",
                List.of(Permissions.allow(
                        List.of("states:StartExecution"), runbook.machine().getAttrArn())));
        CfnSchedule schedule = CfnSchedule.Builder.create(this, "Regularly")
                .description("Keeps the replicated automated backups of " + workload + " as the lineage says")
                .scheduleExpression("cron(17 * * * ? *)")
                .scheduleExpressionTimezone("UTC")
                .flexibleTimeWindow(CfnSchedule.FlexibleTimeWindowProperty.builder()
                        .mode("OFF")
                        .build())
                .target(CfnSchedule.TargetProperty.builder()
                        .arn(runbook.machine().getAttrArn())
                        .roleArn(permissions.role().getRoleArn())
                        .build())
                .build();
        schedule.getNode().addDependency(permissions.policy());
    }
}
