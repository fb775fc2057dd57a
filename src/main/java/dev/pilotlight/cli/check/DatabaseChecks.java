package dev.pilotlight.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.topology.PromotionTag;
import java.util.Map;
import software.amazon.awssdk.services.rds.model.DBInstance;
import software.amazon.awssdk.services.rds.model.DBParameterGroup;
import software.amazon.awssdk.services.rds.model.DBSubnetGroup;
import software.amazon.awssdk.services.rds.model.Parameter;
import software.amazon.awssdk.services.rds.model.Subnet;
import software.amazon.awssdk.services.rds.model.Tag;
import software.amazon.awssdk.services.rds.model.VpcSecurityGroupMembership;

/** RDS. */
final class DatabaseChecks implements ServiceChecks {

    @Override
    public Map<String, ResourceCheck> checks() {
        return Map.of(
                "AWS::RDS::DBInstance", DatabaseChecks::instance,
                "AWS::RDS::DBSubnetGroup", DatabaseChecks::subnetGroup,
                "AWS::RDS::DBParameterGroup", DatabaseChecks::parameterGroup);
    }

    @Override
    public Map<String, Attribute> attributes() {
        return Map.of(
                "AWS::RDS::DBInstance.DBInstanceArn", (id, place) -> place.arn("rds", "db:" + id),
                "AWS::RDS::DBInstance.Endpoint.Address",
                        (id, place) -> Missing.ifEmpty(place.aws()
                                        .rds()
                                        .describeDBInstances(request -> request.dbInstanceIdentifier(id))
                                        .dbInstances())
                                .endpoint()
                                .address());
    }

    private static void instance(Declared declared, Aws.InRegion aws, Comparison comparison) {
        DBInstance database = Missing.ifEmpty(aws.rds()
                .describeDBInstances(request -> request.dbInstanceIdentifier(declared.id()))
                .dbInstances());
        compare(declared, database, comparison);
    }

    static void compare(Declared declared, DBInstance database, Comparison comparison) {
        // A replica's encryption is its source's, and no template may say it again.
        if (!declared.properties().has("StorageEncrypted")) {
            comparison.same("StorageEncrypted", Answer.of(true), database.storageEncrypted());
        }
        comparison
                .same(
                        "Port",
                        database.endpoint() == null ? null : database.endpoint().port())
                .same("EngineVersion", majorLike(declared.text("EngineVersion"), database.engineVersion()))
                .same(
                        "VPCSecurityGroups",
                        database.vpcSecurityGroups().stream().map(VpcSecurityGroupMembership::vpcSecurityGroupId))
                .same(
                        "DBParameterGroupName",
                        database.dbParameterGroups().stream()
                                .map(group -> group.dbParameterGroupName())
                                .findFirst()
                                .orElse(null))
                .same(
                        "DBSubnetGroupName",
                        database.dbSubnetGroup() == null
                                ? null
                                : database.dbSubnetGroup().dbSubnetGroupName())
                .same("SourceDBInstanceIdentifier", source(declared, database))
                .same("EnableCloudwatchLogsExports", database.enabledCloudwatchLogsExports())
                .same("EnablePerformanceInsights", database.performanceInsightsEnabled())
                .same("EnableIAMDatabaseAuthentication", database.iamDatabaseAuthenticationEnabled())
                .tags("Tags", database.tagList().stream().collect(Comparison.byKey(Tag::key, Tag::value)))
                .notShown("RDS tells no password", "MasterUserPassword")
                .notShown("said at creation and at deletion only", "SourceRegion", "DeleteAutomatedBackups")
                .rest(database);
    }

    /** A database that the runbook promoted has lost its source; the template goes on to declare it, on purpose. */
    private static String source(Declared declared, DBInstance database) {
        return isPromoted(database)
                ? declared.text("SourceDBInstanceIdentifier")
                : database.readReplicaSourceDBInstanceIdentifier();
    }

    static boolean isPromoted(DBInstance database) {
        String source = database.readReplicaSourceDBInstanceIdentifier();
        return (source == null || source.isEmpty())
                && database.tagList().stream()
                        .anyMatch(tag -> tag.key().equals(PromotionTag.KEY)
                                && PromotionTag.parse(tag.value()).isPresent());
    }

    /** A template that names a major version leaves the minor one to RDS. */
    private static String majorLike(String declared, String actual) {
        return actual != null && actual.startsWith(declared + ".") ? declared : actual;
    }

    private static void subnetGroup(Declared declared, Aws.InRegion aws, Comparison comparison) {
        DBSubnetGroup group = Missing.ifEmpty(aws.rds()
                .describeDBSubnetGroups(request -> request.dbSubnetGroupName(declared.id()))
                .dbSubnetGroups());
        comparison
                .same("SubnetIds", group.subnets().stream().map(Subnet::subnetIdentifier))
                .tags("Tags", tags(aws, group.dbSubnetGroupArn()))
                .rest(group);
    }

    private static void parameterGroup(Declared declared, Aws.InRegion aws, Comparison comparison) {
        DBParameterGroup group = Missing.ifEmpty(aws.rds()
                .describeDBParameterGroups(request -> request.dbParameterGroupName(declared.id()))
                .dbParameterGroups());
        JsonNode set = Answer.of(aws
                .rds()
                .describeDBParametersPaginator(request -> request.dbParameterGroupName(declared.id()))
                .parameters()
                .stream()
                .filter(parameter -> parameter.parameterValue() != null)
                .collect(Comparison.byKey(Parameter::parameterName, Parameter::parameterValue)));
        comparison
                .same("Parameters", set)
                .same("Family", group.dbParameterGroupFamily())
                .tags("Tags", tags(aws, group.dbParameterGroupArn()))
                .rest(group);
    }

    private static Map<String, String> tags(Aws.InRegion aws, String arn) {
        return aws.rds().listTagsForResource(request -> request.resourceName(arn)).tagList().stream()
                .collect(Comparison.byKey(Tag::key, Tag::value));
    }
}
