package dev.pilotlight.data;

import dev.pilotlight.compliance.Acknowledge;
import dev.pilotlight.compliance.Permissions;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.s3.BlockPublicAccess;
import software.amazon.awscdk.services.s3.Bucket;
import software.amazon.awscdk.services.s3.BucketEncryption;
import software.amazon.awscdk.services.s3.BucketProps;
import software.amazon.awscdk.services.s3.CfnBucket;
import software.amazon.awscdk.services.s3.IBucket;
import software.amazon.awscdk.services.s3.LifecycleRule;
import software.constructs.Construct;

/**
 * The workload's objects in one region: versioned, encrypted, private, and replicated to the other region's bucket once
 * this region has led.
 */
public final class DataBucket extends Construct {

    private final Bucket bucket;

    /**
     * @param region where this bucket is
     * @param replicating whether the region leads or once did; the other region's bucket then exists
     * @param replicationTimeControl pays for S3's promise to replicate 99.9 % of objects within 15 minutes
     * @param accessLogs receives the server access logs
     */
    public record Props(
            Names names,
            RegionName region,
            IKey key,
            boolean replicating,
            boolean replicationTimeControl,
            IBucket accessLogs) {}

    public DataBucket(Construct scope, String id, Props props) {
        super(scope, id);
        this.bucket = new Bucket(
                this,
                "Bucket",
                BucketProps.builder()
                        // A fixed name: the other region replicates into it.
                        .bucketName(props.names().bucket(props.region()))
                        .versioned(true)
                        .encryption(BucketEncryption.KMS)
                        .encryptionKey(props.key())
                        .bucketKeyEnabled(true)
                        .blockPublicAccess(BlockPublicAccess.BLOCK_ALL)
                        .enforceSsl(true)
                        .minimumTlsVersion(1.2)
                        .serverAccessLogsBucket(props.accessLogs())
                        .serverAccessLogsPrefix("s3/")
                        .lifecycleRules(List.of(LifecycleRule.builder()
                                .id("versions-and-uploads")
                                .noncurrentVersionExpiration(Duration.days(30))
                                .abortIncompleteMultipartUploadAfter(Duration.days(7))
                                .build()))
                        .removalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
                        .build());
        // AWS Backup needs the bucket's events and would switch them on by itself, behind the template's back.
        // The L2 switch for it is a Lambda function.
        cfn().setNotificationConfiguration(CfnBucket.NotificationConfigurationProperty.builder()
                .eventBridgeConfiguration(CfnBucket.EventBridgeConfigurationProperty.builder()
                        .eventBridgeEnabled(true)
                        .build())
                .build());
        // In both roles: a region that takes over must not need IAM's control plane for it.
        Permissions permissions = replicationPermissions(props);
        if (props.replicating()) {
            replicate(props, permissions);
        } else {
            acknowledgeMissingReplication();
        }
    }

    /** The rule under which a region's bucket replicates; S3 reports its metrics by it. */
    public static String replicationRuleId(RegionName region) {
        return "to-" + region.other().id();
    }

    public Bucket bucket() {
        return bucket;
    }

    private CfnBucket cfn() {
        return (CfnBucket) bucket.getNode().getDefaultChild();
    }

    private Permissions replicationPermissions(Props props) {
        Names names = props.names();
        RegionName other = props.region().other();
        String source = names.bucketArn(props.region());
        String destination = names.bucketArn(other);
        Permissions permissions = new Permissions(
                this,
                "Replication",
                "s3.amazonaws.com",
                List.of(
                        Permissions.allow(List.of("s3:GetReplicationConfiguration", "s3:ListBucket"), source),
                        Permissions.allow(
                                List.of(
                                        "s3:GetObjectVersionForReplication",
                                        "s3:GetObjectVersionAcl",
                                        "s3:GetObjectVersionTagging"),
                                source + "/*"),
                        Permissions.allow(
                                List.of("s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"),
                                destination + "/*"),
                        Permissions.allow(List.of("kms:Decrypt"), props.key().getKeyArn()),
                        // An alias ARN in an IAM statement grants nothing, and the key's id is the other stack's to
                        // know: any key there that bears the alias.
                        PolicyStatement.Builder.create()
                                // GenerateDataKey for a destination with a bucket key, where Encrypt alone fails
                                // silently.
                                .actions(List.of("kms:Encrypt", "kms:GenerateDataKey"))
                                .resources(List.of(names.keysArn(other)))
                                .conditions(Map.of(
                                        "ForAnyValue:StringEquals",
                                        Map.of("kms:ResourceAliases", names.foundationKeyAlias(other))))
                                .build()));
        Acknowledge.wildcards(
                permissions.policy(),
                List.of(
                        "Resource::" + source + "/*",
                        "Resource::" + destination + "/*",
                        "Resource::" + names.keysArn(other)),
                "Replication covers every object of the one bucket; the destination's key is narrowed to the one that bears our alias by a condition.");
        return permissions;
    }

    private void replicate(Props props, Permissions permissions) {
        Names names = props.names();
        RegionName other = props.region().other();
        CfnBucket cfn = cfn();
        cfn.setReplicationConfiguration(CfnBucket.ReplicationConfigurationProperty.builder()
                .role(permissions.role().getRoleArn())
                .rules(List.of(rule(props, names.bucketArn(other), names.foundationKeyAliasArn(other))))
                .build());
        cfn.getNode().addDependency(permissions.policy());
    }

    private static CfnBucket.ReplicationRuleProperty rule(Props props, String destination, String keyAliasArn) {
        CfnBucket.ReplicationDestinationProperty.Builder to = CfnBucket.ReplicationDestinationProperty.builder()
                .bucket(destination)
                .encryptionConfiguration(CfnBucket.EncryptionConfigurationProperty.builder()
                        .replicaKmsKeyId(keyAliasArn)
                        .build());
        if (props.replicationTimeControl()) {
            CfnBucket.ReplicationTimeValueProperty quarterHour =
                    CfnBucket.ReplicationTimeValueProperty.builder().minutes(15).build();
            to.replicationTime(CfnBucket.ReplicationTimeProperty.builder()
                            .status("Enabled")
                            .time(quarterHour)
                            .build())
                    .metrics(CfnBucket.MetricsProperty.builder()
                            .status("Enabled")
                            .eventThreshold(quarterHour)
                            .build());
        }
        return CfnBucket.ReplicationRuleProperty.builder()
                .id(replicationRuleId(props.region()))
                .priority(1)
                .status("Enabled")
                .filter(CfnBucket.ReplicationRuleFilterProperty.builder()
                        .prefix("")
                        .build())
                // A failed-over application must not see objects that users deleted. The versions stay for 30 days.
                .deleteMarkerReplication(CfnBucket.DeleteMarkerReplicationProperty.builder()
                        .status("Enabled")
                        .build())
                .sourceSelectionCriteria(CfnBucket.SourceSelectionCriteriaProperty.builder()
                        .sseKmsEncryptedObjects(CfnBucket.SseKmsEncryptedObjectsProperty.builder()
                                .status("Enabled")
                                .build())
                        .build())
                .destination(to.build())
                .build();
    }

    private void acknowledgeMissingReplication() {
        Acknowledge.finding(
                bucket,
                "NIST.800.53.R5-S3BucketReplicationEnabled",
                "This bucket is the destination of the leader's replication; it replicates back once its region has led.");
    }
}
