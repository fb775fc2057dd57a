package dev.pilotlight.topology;

import java.util.Map;

/**
 * The names of everything that the other region, a runbook or a person must know without asking AWS. They are fixed,
 * unlike CDK's generated ones, and all derived here: a reference from one region to the other would make each
 * deployable only while the other answers, which is when it is not needed.
 *
 * @param workload the workload's name: unique per account
 * @param partition the AWS partition, a literal or a CloudFormation pseudo parameter
 * @param account the AWS account, a literal or a CloudFormation pseudo parameter
 * @param regions the AWS region of each of the two
 * @param recordName the name that users know
 */
public record Names(
        String workload, String partition, String account, Map<RegionName, String> regions, String recordName) {

    public String regionOf(RegionName region) {
        return regions.get(region);
    }

    /** At most 63 characters: RDS's limit for an identifier. */
    public String database(DatabaseRef database) {
        return workload + "-db-" + database.index();
    }

    public String databaseArn(DatabaseRef database) {
        return arn("rds", database.region(), "db:" + database(database));
    }

    /** Every database that the region ever has, of this workload. */
    public String databasesArn(RegionName region) {
        return arn("rds", region, "db:" + workload + "-db-*");
    }

    /** Every database of the region, of any workload: what a list of its automated backups is about. */
    public String allDatabasesArn(RegionName region) {
        return arn("rds", region, "db:*");
    }

    /** Every automated backup of the region, replicated ones included: their ARNs hold ids that AWS chooses. */
    public String automatedBackupsArn(RegionName region) {
        return arn("rds", region, "auto-backup:*");
    }

    /** Alias of the key that protects what lives in the region only: database, logs, notifications. */
    public String regionKeyAlias(RegionName region) {
        return "alias/" + workload + "-" + region.id();
    }

    /** At most 63 characters: S3's limit. The account makes it unique in the world. */
    public String bucket(RegionName region) {
        return workload + "-" + account + "-" + regionOf(region);
    }

    public String bucketArn(RegionName region) {
        return "arn:" + partition + ":s3:::" + bucket(region);
    }

    /** Alias of the key that protects what the other region copies into this one: bucket, vault, table and secret. */
    public String foundationKeyAlias(RegionName region) {
        return "alias/" + workload + "-" + region.id() + "-foundation";
    }

    public String foundationKeyAliasArn(RegionName region) {
        return arn("kms", region, foundationKeyAlias(region));
    }

    /** Every key of the region: for statements that narrow it to one by its alias. */
    public String keysArn(RegionName region) {
        return arn("kms", region, "key/*");
    }

    /** At most 50 characters: AWS Backup's limit for a vault. */
    public String backupVault(RegionName region) {
        return workload + "-" + region.id();
    }

    public String backupVaultArn(RegionName region) {
        return arn("backup", region, "backup-vault:" + backupVault(region));
    }

    /** The same in both regions: the replicas of a global table share its name. */
    public String table() {
        return workload;
    }

    public String tableArn(RegionName region) {
        return arn("dynamodb", region, "table/" + table());
    }

    /** The same in both regions: a replicated secret keeps its name. */
    public String databaseSecret() {
        return workload + "/database";
    }

    /** Secrets Manager appends six random characters to the ARN of a secret. */
    public String databaseSecretArnPattern(RegionName region) {
        return arn("secretsmanager", region, "secret:" + databaseSecret() + "-??????");
    }

    /** At most 255 characters. The runbook and the agent scale it by name. */
    public String autoScalingGroup(RegionName region) {
        return workload + "-" + region.id();
    }

    /** The group's ARN holds an id that AWS chooses; its name alone decides. */
    public String autoScalingGroupArn(RegionName region) {
        return arn("autoscaling", region, "autoScalingGroup:*:autoScalingGroupName/" + autoScalingGroup(region));
    }

    /** The rules of all listeners of a load balancer, given as {@code app/NAME/ID}. */
    public String listenerRulesArn(RegionName region, String loadBalancer) {
        return arn("elasticloadbalancing", region, "listener-rule/" + loadBalancer + "/*");
    }

    /** At most 80 characters: Step Functions' limit. People and alarms start it by name. */
    public String runbook(RegionName region, String purpose) {
        return workload + "-" + purpose + "-" + region.id();
    }

    public String runbookArn(RegionName region, String purpose) {
        return arn("states", region, "stateMachine:" + runbook(region, purpose));
    }

    /** Every run of a runbook. */
    public String runbookExecutionsArn(RegionName region, String purpose) {
        return arn("states", region, "execution:" + runbook(region, purpose) + ":*");
    }

    /** Every instance of the region: the group's have no ids before they start. */
    public String instancesArn(RegionName region) {
        return arn("ec2", region, "instance/*");
    }

    /**
     * CloudFormation's name of a stack: with the workload's, so that two environments in one account and region are two
     * systems, and deploying one never changes the other.
     *
     * @param stackRole {@code primary}, {@code dr} or {@code foundation}
     */
    public static String stack(String workload, String stackRole) {
        return workload + "-" + stackRole;
    }

    /** The region's own name in DNS, which always leads to it. */
    public String host(RegionName region) {
        return region.id() + "." + recordName;
    }

    private String arn(String service, RegionName region, String resource) {
        return "arn:" + partition + ":" + service + ":" + regionOf(region) + ":" + account + ":" + resource;
    }
}
