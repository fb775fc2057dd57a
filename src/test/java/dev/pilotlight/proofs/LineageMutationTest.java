package dev.pilotlight.proofs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pilotlight.stacks.DrFoundationStack;
import dev.pilotlight.stacks.DrStack;
import dev.pilotlight.stacks.PrimaryStack;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The proofs can fail: each of these mistakes, made by hand in the templates of a failover that is proven otherwise, is
 * reported, by the rule that is there for it.
 */
class LineageMutationTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final LineageProof FAILOVER =
            new LineageProof("dev", Transition.all().get(0));

    private static final String DATABASE = "AWS::RDS::DBInstance";
    private static final String CHECK = "AWS::Route53::HealthCheck";
    private static final String GROUP = "AWS::AutoScaling::AutoScalingGroup";

    /**
     * @param expected a part of what must be reported
     */
    record Mutation(String mistake, Consumer<LineageProof> make, String expected) {
        @Override
        public String toString() {
            return mistake;
        }
    }

    static List<Mutation> mutations() {
        List<Mutation> all = new ArrayList<>();
        databases(all);
        retention(all);
        dns(all);
        serving(all);
        all.add(after(
                "the bucket is renamed",
                DrFoundationStack.ID,
                "AWS::S3::Bucket",
                bucket -> properties(bucket).put("BucketName", "another"),
                "DrFoundationStack: AWS::S3::Bucket Foundation/AccessLogs/Bucket: REPLACED because of BucketName"));
        all.add(after(
                "the table gets another key",
                PrimaryStack.ID,
                "AWS::DynamoDB::GlobalTable",
                table -> properties(table).withArray("KeySchema").remove(1),
                "AWS::DynamoDB::GlobalTable Table/Table: REPLACED because of KeySchema"));
        all.add(after(
                "the secret is renamed",
                PrimaryStack.ID,
                "AWS::SecretsManager::Secret",
                secret -> properties(secret).put("Name", "another"),
                "AWS::SecretsManager::Secret DatabaseSecret/Secret: REPLACED because of Name"));
        all.add(after(
                "the vault is renamed",
                DrFoundationStack.ID,
                "AWS::Backup::BackupVault",
                vault -> properties(vault).put("BackupVaultName", "another"),
                "AWS::Backup::BackupVault Foundation/Vault: REPLACED because of BackupVaultName"));
        all.add(after(
                "a log group is renamed",
                DrStack.ID,
                "AWS::Logs::LogGroup",
                group -> properties(group).put("LogGroupName", "another"),
                "AWS::Logs::LogGroup Network/FlowLogs: REPLACED because of LogGroupName"));
        all.add(new Mutation(
                "the key gets another logical id, and its aliases and database follow",
                proof -> renameId(proof.templateAfter(DrStack.ID), "AWS::KMS::Key"),
                "AWS::RDS::DBInstance Database/Db1: REPLACED because of KmsKeyId"));
        return all;
    }

    private static void databases(List<Mutation> all) {
        all.add(promoted(
                "its source is dropped", database -> database.remove("SourceDBInstanceIdentifier"), "promotes"));
        all.add(promoted(
                "its source is another",
                database -> database.put("SourceDBInstanceIdentifier", "arn:aws:rds:eu-central-1:1:db:another"),
                "CONDITIONAL because of SourceDBInstanceIdentifier"));
        all.add(promoted(
                "its source's region is dropped",
                database -> database.remove("SourceRegion"),
                "REPLACED because of SourceRegion"));
        all.add(promoted(
                "its identifier changes",
                database -> database.put("DBInstanceIdentifier", "another"),
                "REPLACED because of DBInstanceIdentifier"));
        all.add(promoted(
                "its key changes", database -> database.put("KmsKeyId", "another"), "REPLACED because of KmsKeyId"));
        all.add(promoted("an engine is added", database -> database.put("Engine", "postgres"), "NotUpdatable"));
        all.add(promoted(
                "it is declared encrypted",
                database -> database.put("StorageEncrypted", true),
                "REPLACED because of StorageEncrypted"));
        all.add(promoted(
                "it gets a user",
                database -> database.put("MasterUsername", "x"),
                "REPLACED because of MasterUsername"));
        all.add(promoted(
                "its backups are switched off",
                database -> database.put("BackupRetentionPeriod", 0),
                "CONDITIONAL because of BackupRetentionPeriod"));
        all.add(promoted(
                "its backups are kept for a day more",
                database -> database.put("BackupRetentionPeriod", 8),
                "property BackupRetentionPeriod of a database changes"));
        all.add(promoted(
                "it becomes multi-AZ with its role",
                database -> database.put("MultiAZ", true),
                "CONDITIONAL because of MultiAZ"));
        all.add(promoted(
                "it grows with its role",
                database -> database.put("DBInstanceClass", "db.m7g.large"),
                "property DBInstanceClass of a database changes"));
        all.add(promoted(
                "a time to restore to is added",
                database -> database.put("RestoreTime", "2026-11-20T10:00:00Z"),
                "RestoreTime is set on a database that exists"));
        all.add(new Mutation(
                "the standby's database is touched by an append that is not about it",
                proof -> properties(only(proof.templateAfter(DrStack.ID), DATABASE))
                        .put("EngineVersion", "18.9"),
                "property EngineVersion of a database changes"));
        all.add(new Mutation(
                "the subnet group is named, and takes the database along",
                proof -> properties(only(proof.templateAfter(DrStack.ID), "AWS::RDS::DBSubnetGroup"))
                        .put("DBSubnetGroupName", "named"),
                "Database/Db1: REPLACED because of DBSubnetGroupName through DatabaseSubnets"));
        all.add(new Mutation(
                "the fresh replica takes the stale database's name",
                proof -> properties(only(proof.templateAfter(PrimaryStack.ID), DATABASE))
                        .put("DBInstanceIdentifier", "pilotlight-dev-db-0"),
                "its name is that of Database/Db0"));
        all.add(new Mutation(
                "the fresh replica follows the stale database",
                proof -> properties(only(proof.templateAfter(PrimaryStack.ID), DATABASE))
                        .put("SourceDBInstanceIdentifier", "arn:aws:rds:eu-central-1:1:db:pilotlight-dev-db-0"),
                "replicates arn:aws:rds:eu-central-1:1:db:pilotlight-dev-db-0 instead of"));
        all.add(new Mutation(
                "the promoted database leaves the template",
                proof -> resources(proof.templateAfter(DrStack.ID))
                        .remove(id(proof.templateAfter(DrStack.ID), DATABASE)),
                "AWS::RDS::DBInstance Database/Db1: leaves the template"));
        all.add(new Mutation(
                "the lineage is ignored",
                proof -> resources(proof.templateAfter(PrimaryStack.ID))
                        .setAll(resources(proof.templateBefore(PrimaryStack.ID))),
                "PrimaryStack: databases are"));
    }

    private static Mutation promoted(String mistake, Consumer<ObjectNode> change, String expected) {
        return after(
                "the promoted database: " + mistake,
                DrStack.ID,
                DATABASE,
                database -> change.accept(properties(database)),
                expected);
    }

    private static void retention(List<Mutation> all) {
        all.add(new Mutation(
                "the stale database was deployed without DeletionPolicy",
                proof -> only(proof.templateBefore(PrimaryStack.ID), DATABASE).remove("DeletionPolicy"),
                "AWS::RDS::DBInstance Database/Db0: DELETED"));
        all.add(new Mutation(
                "its log groups were",
                proof -> all(proof.templateBefore(PrimaryStack.ID), "AWS::Logs::LogGroup")
                        .forEach(group -> group.put("DeletionPolicy", "Delete")),
                "AWS::Logs::LogGroup Database/Db0Log: DELETED"));
        all.add(after(
                "a bucket is no longer retained",
                DrFoundationStack.ID,
                "AWS::S3::Bucket",
                bucket -> bucket.put("DeletionPolicy", "Delete"),
                "has no DeletionPolicy that retains it"));
        all.add(after(
                "a key is no longer retained when it is replaced",
                DrStack.ID,
                "AWS::KMS::Key",
                key -> key.remove("UpdateReplacePolicy"),
                "has no UpdateReplacePolicy that retains it"));
        all.add(new Mutation(
                "a bucket leaves, retained",
                proof -> resources(proof.templateAfter(DrFoundationStack.ID))
                        .remove(id(proof.templateAfter(DrFoundationStack.ID), "AWS::S3::Bucket")),
                "AWS::S3::Bucket Foundation/AccessLogs/Bucket: leaves the template"));
    }

    private static void dns(List<Mutation> all) {
        for (String property : List.of("Type", "RequestInterval", "MeasureLatency")) {
            all.add(after(
                    "the health check's " + property + " changes",
                    DrStack.ID,
                    CHECK,
                    check -> ((ObjectNode) check.at("/Properties/HealthCheckConfig")).put(property, "another"),
                    "REPLACED because of HealthCheckConfig." + property));
        }
        all.add(new Mutation(
                "the health check gets another logical id",
                proof -> renameId(proof.templateAfter(DrStack.ID), CHECK),
                "a health check is new"));
        all.add(after(
                "the failover records swap places",
                DrStack.ID,
                "AWS::Route53::RecordSet",
                record -> properties(record).put("Failover", "PRIMARY"),
                "a record changes: UPDATED"));
        all.add(after(
                "a record's name changes",
                DrStack.ID,
                "AWS::Route53::RecordSet",
                record -> properties(record).put("Name", "another.example.com."),
                "a record changes: REPLACED"));
    }

    private static void serving(List<Mutation> all) {
        all.add(after(
                "the group is renamed",
                DrStack.ID,
                GROUP,
                group -> properties(group).put("AutoScalingGroupName", "another"),
                "REPLACED because of AutoScalingGroupName"));
        all.add(after(
                "the group's desired capacity is set",
                DrStack.ID,
                GROUP,
                group -> properties(group).put("DesiredCapacity", "1"),
                "DesiredCapacity would reset"));
        all.add(after(
                "the serving instances get another user data",
                DrStack.ID,
                "AWS::EC2::LaunchTemplate",
                template -> ((ObjectNode) template.at("/Properties/LaunchTemplateData")).put("UserData", "another"),
                "would be replaced by an instance refresh"));
        all.add(new Mutation(
                "the group is replaced with its launch template",
                proof -> {
                    JsonNode dr = proof.templateAfter(DrStack.ID);
                    ((ObjectNode) only(dr, "AWS::EC2::LaunchTemplate").at("/Properties/LaunchTemplateData"))
                            .put("UserData", "another");
                    ((ObjectNode) only(dr, GROUP).path("UpdatePolicy"))
                            .putObject("AutoScalingReplacingUpdate")
                            .put("WillReplace", true);
                },
                "CONDITIONAL because of LaunchTemplate.Version through ComputeLaunchTemplate"));
        all.add(after(
                "the load balancer becomes internal, and takes its listeners along",
                DrStack.ID,
                "AWS::ElasticLoadBalancingV2::LoadBalancer",
                balancer -> properties(balancer).put("Scheme", "internal"),
                "AWS::ElasticLoadBalancingV2::Listener Endpoint/LoadBalancer/Https: REPLACED because of LoadBalancerArn"
                        + " through"));
        all.add(after(
                "the target group's port changes",
                DrStack.ID,
                "AWS::ElasticLoadBalancingV2::TargetGroup",
                targets -> properties(targets).put("Port", 9090),
                "AWS::ElasticLoadBalancingV2::TargetGroup Endpoint/Targets: REPLACED because of Port"));
        all.add(after(
                "the VPC's range changes, and takes its subnets along",
                PrimaryStack.ID,
                "AWS::EC2::VPC",
                vpc -> properties(vpc).put("CidrBlock", "10.9.0.0/16"),
                "AWS::EC2::Subnet Network/Vpc/publicSubnet1/Subnet: REPLACED because of VpcId through NetworkVpc"));
        all.add(after(
                "the certificate gets another name",
                DrStack.ID,
                "AWS::CertificateManager::Certificate",
                certificate -> properties(certificate).put("DomainName", "another.example.com"),
                "AWS::CertificateManager::Certificate Endpoint/Certificate: REPLACED because of DomainName"));
        all.add(new Mutation(
                "the fixed 503 of the claims' paths leaves",
                proof -> resources(proof.templateAfter(DrStack.ID))
                        .remove(id(proof.templateAfter(DrStack.ID), "AWS::ElasticLoadBalancingV2::ListenerRule")),
                "AWS::ElasticLoadBalancingV2::ListenerRule Endpoint/NoClaim: DELETED"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mutations")
    void isReported(Mutation mutation) {
        LineageProof mutated = FAILOVER.copy();
        mutation.make().accept(mutated);
        assertThat(mutated.violations())
                .as(mutation.mistake())
                .anySatisfy(violation -> assertThat(violation).contains(mutation.expected()));
    }

    @Test
    void withoutAMistakeNothingIsReported() {
        assertThat(FAILOVER.copy().violations()).isEmpty();
    }

    /** A standby whose replication is broken must not be updated: after a restore of the leader it is. */
    @Test
    void anUpdateOfABrokenReplicaIsReported() {
        Transition restore = Transition.all().stream()
                .filter(transition -> transition.title().startsWith("restore in the leader's region"))
                .findFirst()
                .orElseThrow();
        LineageProof mutated = new LineageProof("dev", restore).copy();
        properties(only(mutated.templateAfter(DrStack.ID), DATABASE)).put("CopyTagsToSnapshot", false);
        assertThat(mutated.violations()).anyMatch(violation -> violation.contains("if its replication is broken"));
    }

    /** The handler modifies what it has created: what RDS refuses then fails a deploy at its very end. */
    @Test
    void whatTheHandlerSendsAfterACreateIsReported() {
        for (String property : List.of("EngineVersion", "AllocatedStorage", "MasterUserPassword")) {
            for (LineageProof proof : List.of(
                    FAILOVER.copy(),
                    new LineageProof("dev", transition("restore in the leader's region to a point in time")).copy(),
                    new LineageProof("dev", transition("restore in the leader's region from a snapshot")).copy())) {
                assertThat(proof.violations()).isEmpty();
                properties(only(proof.templateAfter(PrimaryStack.ID), DATABASE)).put(property, "1");
                assertThat(proof.violations())
                        .as(property)
                        .hasSize(1)
                        .allMatch(violation -> violation.contains("its source's"));
            }
        }
    }

    @Test
    void whatARestoreDoesNotTakeIsReported() {
        for (String property : List.of("KmsKeyId", "StorageEncrypted", "MasterUsername", "DBName", "SourceRegion")) {
            LineageProof proof =
                    new LineageProof("dev", transition("restore in the leader's region from a snapshot")).copy();
            properties(only(proof.templateAfter(PrimaryStack.ID), DATABASE)).put(property, "x");
            assertThat(proof.violations())
                    .anyMatch(violation -> violation.contains(property + " is given for a restore"));
        }
    }

    @Test
    void aRestoreToATimeFromAReplicaIsReported() {
        LineageProof proof =
                new LineageProof("dev", transition("restore in the leader's region to a point in time")).copy();
        properties(only(proof.templateAfter(PrimaryStack.ID), DATABASE))
                .put("SourceDBInstanceIdentifier", "pilotlight-dev-db-1");
        assertThat(proof.violations()).anyMatch(violation -> violation.contains("InvalidDBInstanceState"));
    }

    /** In the region that takes over, in the one that is left, and in the foundation. */
    @Test
    void aRoleThatBelongsToLeadershipIsReported() {
        Map<String, String> roles = Map.of(
                DrStack.ID, "BackupRole",
                DrFoundationStack.ID, "FoundationDataReplicationRole");
        roles.forEach((stack, role) -> {
            LineageProof late = FAILOVER.copy();
            resources(late.templateBefore(stack)).remove(idWith(late.templateBefore(stack), role));
            assertThat(late.violations()).anyMatch(violation -> violation.contains("comes with leadership"));
        });
        LineageProof gone = FAILOVER.copy();
        resources(gone.templateAfter(PrimaryStack.ID))
                .remove(idWith(gone.templateAfter(PrimaryStack.ID), "BackupRole"));
        assertThat(gone.violations()).anyMatch(violation -> violation.contains("goes with leadership"));
    }

    private static String idWith(JsonNode template, String beginning) {
        return resources(template).properties().stream()
                .map(Map.Entry::getKey)
                .filter(id -> id.startsWith(beginning))
                .findFirst()
                .orElseThrow();
    }

    /** The claim of a restore is what fences the old leader: each way of losing it is reported. */
    @Test
    void aLostClaimIsReported() {
        Transition restore = transition("restore in the standby's region from a snapshot");
        Transition failback = transition("then failback");
        for (Consumer<LineageProof> mistake : List.<Consumer<LineageProof>>of(
                proof -> resources(proof.templateAfter(DrStack.ID)).remove(claim(proof)),
                proof -> properties(claimOf(proof)).put("Priority", 2),
                proof -> ((ObjectNode) claimOf(proof).at("/Properties/Actions/0/FixedResponseConfig"))
                        .put("MessageBody", "another"),
                proof -> claimOf(proof).put("DeletionPolicy", "Delete"))) {
            LineageProof mutated = new LineageProof("dev", restore).copy();
            mistake.accept(mutated);
            assertThat(mutated.violations()).anyMatch(violation -> violation.contains("DrStack: claims are ["));
        }
        LineageProof forgotten = new LineageProof("dev", failback).copy();
        assertThat(forgotten.violations()).isEmpty();
        resources(forgotten.templateAfter(DrStack.ID)).remove(claim(forgotten));
        assertThat(forgotten.violations())
                .anyMatch(violation -> violation.contains("changes: LEFT_RETAINED"))
                .anyMatch(violation -> violation.contains("claims are [] instead of [1 "));
    }

    private static Transition transition(String title) {
        return Transition.all().stream()
                .filter(transition -> transition.title().startsWith(title)
                        && !transition.before().equals(List.of("'primary'", "'dr'", "'primary'"))
                        && (title.startsWith("restore in the leader's")
                                || transition.after().stream().anyMatch(entry -> entry.contains("'region': 'dr'"))))
                .findFirst()
                .orElseThrow();
    }

    private static String claim(LineageProof proof) {
        return resources(proof.templateAfter(DrStack.ID)).properties().stream()
                .filter(resource -> resource.getKey().startsWith("RestoreClaimsTerm1"))
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    private static ObjectNode claimOf(LineageProof proof) {
        return (ObjectNode) resources(proof.templateAfter(DrStack.ID)).get(claim(proof));
    }

    /** The sources are read as we think: what the facts name is there, and what only one of the two knows counts. */
    @Test
    void bothSourcesAreHeard() {
        ResourceSchemas schemas = ResourceSchemas.of("eu-west-1");
        assertThat(schemas.replacing(DATABASE))
                .contains(
                        "DBInstanceIdentifier",
                        "DBSubnetGroupName",
                        "KmsKeyId",
                        "StorageEncrypted",
                        "MasterUsername",
                        "DBName",
                        "SourceRegion",
                        "SourceDBInstanceIdentifier",
                        "BackupRetentionPeriod",
                        "MultiAZ",
                        "Engine",
                        "StorageType",
                        "DBParameterGroupName");
        assertThat(schemas.replacing(CHECK))
                .contains(
                        "HealthCheckConfig/Type",
                        "HealthCheckConfig/RequestInterval",
                        "HealthCheckConfig/MeasureLatency");
        assertThat(schemas.replacing(GROUP)).contains("AutoScalingGroupName", "LaunchTemplate");
        assertThat(schemas.replacement(DATABASE, List.of("StorageType")))
                .as("the CDK CLI's database alone has it")
                .isEqualTo(ResourceSchemas.Replacement.CONDITIONAL);
        assertThat(schemas.replacement(GROUP, List.of("LaunchTemplate", "Version")))
                .as("the resource schema alone has it")
                .isEqualTo(ResourceSchemas.Replacement.CONDITIONAL);
        assertThat(schemas.replacement(DATABASE, List.of("EngineVersion"))).isEqualTo(ResourceSchemas.Replacement.NO);
    }

    /** The first resource of the type in the template after. */
    private static Mutation after(
            String mistake, String stack, String type, Consumer<ObjectNode> change, String expected) {
        return new Mutation(
                mistake,
                proof -> change.accept(
                        all(proof.templateAfter(stack), type).findFirst().orElseThrow()),
                expected);
    }

    private static ObjectNode resources(JsonNode template) {
        return (ObjectNode) template.path("Resources");
    }

    private static Stream<ObjectNode> all(JsonNode template, String type) {
        return resources(template).properties().stream()
                .map(Map.Entry::getValue)
                .filter(resource -> resource.path("Type").asText().equals(type))
                .map(ObjectNode.class::cast);
    }

    private static ObjectNode only(JsonNode template, String type) {
        return all(template, type).findFirst().orElseThrow();
    }

    private static String id(JsonNode template, String type) {
        return resources(template).properties().stream()
                .filter(resource -> resource.getValue().path("Type").asText().equals(type))
                .findFirst()
                .orElseThrow()
                .getKey();
    }

    private static ObjectNode properties(ObjectNode resource) {
        return (ObjectNode) resource.path("Properties");
    }

    /** As if its construct had moved: the resource and every reference to it. */
    private static void renameId(JsonNode template, String type) {
        try {
            String renamed = resources(template).toString().replace("\"" + id(template, type) + "\"", "\"Renamed\"");
            resources(template).removeAll();
            resources(template).setAll((ObjectNode) JSON.readTree(renamed));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
