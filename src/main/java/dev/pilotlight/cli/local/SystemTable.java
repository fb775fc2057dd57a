package dev.pilotlight.cli.local;

import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Topology;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingGroup;
import software.amazon.awssdk.services.rds.model.DBInstance;
import software.amazon.awssdk.services.route53.model.HealthCheckConfig;
import software.amazon.awssdk.services.route53.model.ResourceRecordSet;
import software.amazon.awssdk.services.s3.model.ReplicationRule;

/** What runs where: one column per region, filled from the services' answers. */
final class SystemTable {

    private static final String NOT_THERE = "not there";

    private final Aws aws;
    private final Configuration configuration;
    private final Topology topology;
    private final Names names;

    SystemTable(Aws aws, String account, Configuration configuration) {
        this.aws = aws;
        this.configuration = configuration;
        this.topology = configuration.databaseLineage().topology();
        this.names = new Names(
                configuration.name(),
                "aws",
                account,
                Map.of(
                        RegionName.PRIMARY, configuration.primary().region(),
                        RegionName.DR, configuration.dr().region()),
                configuration.dns().recordName());
    }

    List<String> lines() {
        TextTable table = new TextTable();
        row(table, "", region -> configuration.region(region).region());
        row(table, "stack", region -> region == RegionName.PRIMARY ? "PrimaryStack" : "DrStack, DrFoundationStack");
        row(table, "role", region -> "%s, term %d".formatted(topology.roleOf(region), topology.term()));
        row(table, "load balancer", this::loadBalancer);
        row(table, "instances", this::group);
        row(table, "database", this::databases);
        row(table, "bucket", this::bucket);
        row(table, "table", this::table);
        row(table, "backup vault", this::vault);
        row(table, names.recordName(), this::failoverRecord);
        row(table, "its own name", region -> names.host(region) + (hasOwnName(region) ? "" : ": " + NOT_THERE));
        return table.lines();
    }

    private void row(TextTable table, String name, Function<RegionName, String> cell) {
        table.row(name, orNotThere(cell, RegionName.PRIMARY), orNotThere(cell, RegionName.DR));
    }

    private static String orNotThere(Function<RegionName, String> cell, RegionName region) {
        try {
            return cell.apply(region);
        } catch (SdkException absent) {
            return NOT_THERE;
        }
    }

    private Aws.InRegion in(RegionName region) {
        return aws.in(names.regionOf(region));
    }

    private String loadBalancer(RegionName region) {
        return in(region).loadBalancing().describeLoadBalancers().loadBalancers().stream()
                .map(balancer -> balancer.loadBalancerName() + " (" + balancer.schemeAsString() + ")")
                .collect(Collectors.joining("\n"));
    }

    private String group(RegionName region) {
        Optional<AutoScalingGroup> group = in(region)
                .autoScaling()
                .describeAutoScalingGroups(request -> request.autoScalingGroupNames(names.autoScalingGroup(region)))
                .autoScalingGroups()
                .stream()
                .findFirst();
        return group.map(found -> "%d of %d to %d".formatted(found.desiredCapacity(), found.minSize(), found.maxSize()))
                .orElse(NOT_THERE);
    }

    /** With those that an append has retired: they are retained. */
    private String databases(RegionName region) {
        String current = names.database(topology.databaseIn(region).ref());
        return in(region).rds().describeDBInstances().dbInstances().stream()
                .map(database -> database.dbInstanceIdentifier() + ": " + databaseKind(database)
                        + (database.dbInstanceIdentifier().equals(current) ? "" : ", retired but retained"))
                .collect(Collectors.joining("\n"));
    }

    private static String databaseKind(DBInstance database) {
        String source = database.readReplicaSourceDBInstanceIdentifier();
        // arn:aws:rds:REGION:ACCOUNT:db:NAME
        return source == null ? "origin" : "replica of " + source.substring(source.lastIndexOf(':') + 1);
    }

    private String bucket(RegionName region) {
        String bucket = names.bucket(region);
        try {
            return bucket
                    + in(region)
                            .s3()
                            .getBucketReplication(request -> request.bucket(bucket))
                            .replicationConfiguration()
                            .rules()
                            .stream()
                            .map(ReplicationRule::destination)
                            // arn:aws:s3:::NAME
                            .map(destination -> "\n→ " + destination.bucket().replaceAll(".*:", ""))
                            .collect(Collectors.joining());
        } catch (SdkException withoutReplication) {
            in(region).s3().headBucket(request -> request.bucket(bucket));
            return bucket;
        }
    }

    private String table(RegionName region) {
        return in(region)
                        .dynamoDb()
                        .describeTable(request -> request.tableName(names.table()))
                        .table()
                        .tableName() + " (replica of a global table)";
    }

    private String vault(RegionName region) {
        return in(region)
                .backup()
                .describeBackupVault(request -> request.backupVaultName(names.backupVault(region)))
                .backupVaultName();
    }

    private List<ResourceRecordSet> records() {
        return in(RegionName.PRIMARY)
                .route53()
                .listResourceRecordSetsPaginator(
                        request -> request.hostedZoneId(configuration.dns().hostedZoneId()))
                .resourceRecordSets()
                .stream()
                .toList();
    }

    private String failoverRecord(RegionName region) {
        return records().stream()
                .filter(record -> record.name().equals(names.recordName() + ".")
                        && region.id().equals(record.setIdentifier()))
                .map(record -> record.failoverAsString() + "\n" + condition(record.healthCheckId()))
                .findFirst()
                .orElse(NOT_THERE);
    }

    private String condition(String healthCheck) {
        HealthCheckConfig check = in(RegionName.PRIMARY)
                .route53()
                .getHealthCheck(request -> request.healthCheckId(healthCheck))
                .healthCheck()
                .healthCheckConfig();
        return "%s %s claims term %d"
                .formatted(
                        Boolean.TRUE.equals(check.inverted()) ? "unless" : "only while",
                        check.fullyQualifiedDomainName().replaceAll("\\..*", ""),
                        topology.nextTerm());
    }

    private boolean hasOwnName(RegionName region) {
        return records().stream().anyMatch(record -> record.name().equals(names.host(region) + "."));
    }
}
