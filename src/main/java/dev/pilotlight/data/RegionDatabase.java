package dev.pilotlight.data;

import dev.pilotlight.compliance.Acknowledge;
import dev.pilotlight.compliance.Permissions;
import dev.pilotlight.config.Configuration.DatabaseSettings;
import dev.pilotlight.topology.Creation;
import dev.pilotlight.topology.Creation.Origin;
import dev.pilotlight.topology.Creation.ReplicaOf;
import dev.pilotlight.topology.Creation.RestoredFromSnapshot;
import dev.pilotlight.topology.Creation.RestoredToTime;
import dev.pilotlight.topology.Database;
import dev.pilotlight.topology.Names;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.ec2.ISecurityGroup;
import software.amazon.awscdk.services.ec2.ISubnet;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.LogGroupProps;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.amazon.awscdk.services.rds.CfnDBInstance;
import software.amazon.awscdk.services.rds.CfnDBParameterGroup;
import software.amazon.awscdk.services.rds.CfnDBSubnetGroup;
import software.constructs.Construct;

/**
 * PostgreSQL in one region: the origin of the lineage, a replica of the other region's database, or a restored one.
 *
 * <p>Everything but the way of creation is the same for all of them and in both roles, so that a promotion, which
 * happens outside CloudFormation, leaves nothing for the next deploy to change. What databases share belongs to the
 * region and stays when a database leaves the template.
 *
 * <p>Plain {@code CfnDBInstance}: the L2 replica emits {@code StorageEncrypted}, which CloudFormation refuses beside a
 * source, renders a broken ARN for an imported source, and refuses a backup retention that RDS accepts.
 */
public final class RegionDatabase extends Construct {

    public static final int PORT = 5432;
    public static final String DATABASE_NAME = "app";

    /** In UTC. A promotion has to name it again: RDS would choose one at random [doc]. */
    public static final String BACKUP_WINDOW = "02:00-02:30";

    private final CfnDBInstance instance;

    /**
     * @param masterPassword a dynamic reference; used by the origin only, the others have their source's users
     */
    public record Props(
            Names names,
            Database database,
            DatabaseSettings settings,
            List<ISubnet> subnets,
            ISecurityGroup securityGroup,
            IKey key,
            String masterPassword) {}

    public RegionDatabase(Construct scope, String id, Props props) {
        super(scope, id);
        CfnDBSubnetGroup subnetGroup = subnetGroup(props.subnets());
        CfnDBParameterGroup parameterGroup = parameterGroup(props.settings());
        Permissions monitoring = monitoring();

        String identifier = props.names().database(props.database().ref());
        CfnDBInstance.Builder builder = CfnDBInstance.Builder.create(
                        this, "Db" + props.database().ref().index())
                // A fixed name: replicas in the other region, runbooks and people refer to it.
                .dbInstanceIdentifier(identifier)
                .dbInstanceClass(props.settings().instanceClass())
                // A pinned minor version stays: CloudFormation would want to take back what RDS has upgraded.
                .autoMinorVersionUpgrade(!props.settings().pinsMinorVersion())
                .port(String.valueOf(PORT))
                .dbSubnetGroupName(subnetGroup.getRef())
                .dbParameterGroupName(parameterGroup.getRef())
                .vpcSecurityGroups(List.of(props.securityGroup().getSecurityGroupId()))
                .publiclyAccessible(false)
                .multiAz(props.settings().multiAz())
                .storageType("gp3")
                .maxAllocatedStorage(props.settings().maxAllocatedStorageGiB())
                .backupRetentionPeriod(props.settings().backupRetentionDays())
                // Fixed, so that a backup, which delays a promotion, never comes as a surprise.
                .preferredBackupWindow(BACKUP_WINDOW)
                // AWS Backup, at 3 and on the first of a month at 5, may not start in the hour before it.
                .preferredMaintenanceWindow("sun:07:30-sun:08:00")
                .copyTagsToSnapshot(true)
                .deleteAutomatedBackups(false)
                .deletionProtection(true)
                .enableCloudwatchLogsExports(List.of("postgresql", "upgrade"))
                .enablePerformanceInsights(true)
                .performanceInsightsKmsKeyId(props.key().getKeyArn())
                .performanceInsightsRetentionPeriod(7)
                .monitoringInterval(60)
                .monitoringRoleArn(monitoring.role().getRoleArn());
        created(builder, props);
        this.instance = builder.build();
        // A database that leaves the template may hold the only copy of the last writes.
        instance.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
        instance.getNode().addDependency(monitoring.policy());
        for (String log : List.of("postgresql", "upgrade")) {
            // RDS would create it without key and without end.
            instance.getNode().addDependency(logGroup(props, identifier, log));
        }
        acknowledgeFindings(props);
    }

    public CfnDBInstance instance() {
        return instance;
    }

    /**
     * The properties that say how the database comes to be. What the source decides is left out: RDS takes no engine,
     * user or storage for a replica, and no key for a restore. It would take a version, but CloudFormation sends that
     * after the create, which then fails at its end if the source has a newer one [code].
     */
    private static void created(CfnDBInstance.Builder builder, Props props) {
        Creation creation = props.database().creation();
        if (creation instanceof Origin) {
            builder.engine("postgres")
                    .engineVersion(props.settings().engineVersion())
                    .dbName(DATABASE_NAME)
                    .masterUsername(DatabaseSecret.USERNAME)
                    .masterUserPassword(props.masterPassword())
                    .allocatedStorage(String.valueOf(props.settings().allocatedStorageGiB()))
                    .storageEncrypted(true)
                    .kmsKeyId(props.key().getKeyArn());
        } else if (creation instanceof ReplicaOf replica) {
            // Never removed, promoted or not: CloudFormation reads its absence as an order to promote, and fails on a
            // database that was promoted already.
            builder.sourceDbInstanceIdentifier(props.names().databaseArn(replica.source()))
                    .sourceRegion(props.names().regionOf(replica.source().region()))
                    .kmsKeyId(props.key().getKeyArn());
        } else if (creation instanceof RestoredToTime restored) {
            builder.sourceDbInstanceIdentifier(props.names().database(restored.source()))
                    .restoreTime(restored.time().toString());
        } else if (creation instanceof RestoredFromSnapshot restored) {
            builder.dbSnapshotIdentifier(restored.snapshotArn());
        }
    }

    private CfnDBSubnetGroup subnetGroup(List<ISubnet> subnets) {
        CfnDBSubnetGroup group = CfnDBSubnetGroup.Builder.create(this, "Subnets")
                .dbSubnetGroupDescription("Isolated subnets of the databases")
                .subnetIds(subnets.stream().map(ISubnet::getSubnetId).toList())
                .build();
        // Databases that left the template still use it.
        group.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
        return group;
    }

    private CfnDBParameterGroup parameterGroup(DatabaseSettings settings) {
        // No statements: their literals are users' data. Performance Insights shows the slow ones.
        Map<String, String> parameters = new TreeMap<>();
        parameters.put("rds.force_ssl", "1");
        parameters.put("log_lock_waits", "1");
        // In MB. A standby that is lost for longer loses its replica, instead of filling the leader's disk.
        parameters.put("max_slot_wal_keep_size", String.valueOf(settings.maxRetainedLogGiB() * 1024));
        CfnDBParameterGroup group = CfnDBParameterGroup.Builder.create(this, "Parameters")
                .family("postgres" + settings.engineVersion().replaceFirst("\\..*", ""))
                .description("TLS forced; lock waits are logged; the log kept for a replica is bounded")
                .parameters(parameters)
                .build();
        group.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
        return group;
    }

    /** Enhanced monitoring's role: AWS's managed policy for it would do, but may write any log group named RDS*. */
    private Permissions monitoring() {
        String logGroup =
                "arn:" + Aws.PARTITION + ":logs:" + Aws.REGION + ":" + Aws.ACCOUNT_ID + ":log-group:RDSOSMetrics";
        PolicyStatement groups =
                Permissions.allow(List.of("logs:CreateLogGroup", "logs:PutRetentionPolicy"), logGroup, logGroup + ":*");
        PolicyStatement streams = Permissions.allow(
                List.of("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams", "logs:GetLogEvents"),
                logGroup + ":log-stream:*");
        Permissions permissions =
                new Permissions(this, "Monitoring", "monitoring.rds.amazonaws.com", List.of(groups, streams));
        Acknowledge.wildcards(
                permissions.policy(),
                List.of(
                        "Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:RDSOSMetrics:*",
                        "Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:RDSOSMetrics:log-stream:*"),
                "RDS names a log stream after each database's resource id, known only after creation, inside this one log group.");
        return permissions;
    }

    private LogGroup logGroup(Props props, String identifier, String log) {
        return new LogGroup(
                this,
                "Db" + props.database().ref().index() + (log.equals("upgrade") ? "UpgradeLog" : "Log"),
                LogGroupProps.builder()
                        .logGroupName("/aws/rds/instance/" + identifier + "/" + log)
                        .encryptionKey(props.key())
                        .retention(RetentionDays.THREE_MONTHS)
                        .removalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
                        .build());
    }

    private void acknowledgeFindings(Props props) {
        Acknowledge.finding(
                instance,
                "AwsSolutions-RDS11",
                "Only the workload's security group reaches the port; another number would hide nothing and surprise every"
                        + " tool.");
        if (!(props.database().creation() instanceof Origin)) {
            Acknowledge.findings(
                    instance,
                    List.of("AwsSolutions-RDS2", "NIST.800.53.R5-RDSStorageEncrypted"),
                    "Encrypted as its source is: CloudFormation refuses StorageEncrypted beside a source.");
        }
        if (!props.settings().multiAz()) {
            Acknowledge.finding(
                    instance,
                    "AwsSolutions-RDS3",
                    "The economy profile is a single-AZ database by choice; the production profile is multi-AZ.");
        }
    }
}
