package dev.pilotlight.stacks;

import static dev.pilotlight.testing.Intrinsics.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pilotlight.testing.Intrinsics;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import dev.pilotlight.testing.TestConfigurations;
import dev.pilotlight.topology.Handover;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awscdk.assertions.Match;
import software.amazon.awscdk.assertions.Template;

/** What the two regions consist of, in both profiles. */
class RegionTemplateTest {

    private static final SynthesizedApp DEV = SynthesizedApp.dev();
    private static final SynthesizedApp PROD = SynthesizedApp.prod();

    /** Both regions of both profiles. */
    static List<StackTemplate> regions() {
        return List.of(DEV.primary(), DEV.dr(), PROD.primary(), PROD.dr());
    }

    static List<StackTemplate> leaders() {
        return List.of(DEV.primary(), PROD.primary());
    }

    static List<StackTemplate> standbys() {
        return List.of(DEV.dr(), PROD.dr());
    }

    static List<SynthesizedApp> profiles() {
        return List.of(DEV, PROD);
    }

    @Nested
    class Network {

        @Test
        void economyHasNoNatAndNoPrivateSubnets() {
            for (StackTemplate stack : DEV.stacks().subList(1, 3)) {
                assertThat(stack.ofType("AWS::EC2::NatGateway")).isEmpty();
                assertThat(subnetNames(stack)).containsExactlyInAnyOrder("public", "public", "database", "database");
            }
        }

        @Test
        void productionHasANatGatewayPerZoneInBothRegions() {
            for (StackTemplate stack : PROD.stacks().subList(1, 3)) {
                assertThat(stack.ofType("AWS::EC2::NatGateway")).hasSize(2);
                assertThat(subnetNames(stack))
                        .containsExactlyInAnyOrder("public", "public", "workload", "workload", "database", "database");
            }
        }

        @Test
        void everySubnetIsASixteenthOfItsVpc() {
            assertThat(DEV.primary().ofType("AWS::EC2::Subnet").values())
                    .extracting(subnet -> subnet.at("/Properties/CidrBlock").asText())
                    .containsExactlyInAnyOrder("10.0.0.0/20", "10.0.16.0/20", "10.0.32.0/20", "10.0.48.0/20");
            assertThat(PROD.dr().ofType("AWS::EC2::Subnet").values())
                    .extracting(subnet -> subnet.at("/Properties/CidrBlock").asText())
                    .allMatch(cidr -> cidr.startsWith("10.17.") && cidr.endsWith("/20"));
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#regions")
        void spansTwoZonesByIndex(StackTemplate stack) {
            Set<String> zones = new TreeSet<>();
            stack.ofType("AWS::EC2::Subnet")
                    .values()
                    .forEach(subnet ->
                            zones.add(subnet.at("/Properties/AvailabilityZone").toString()));
            assertThat(zones)
                    .containsExactly(
                            "{\"Fn::Select\":[0,{\"Fn::GetAZs\":\"\"}]}", "{\"Fn::Select\":[1,{\"Fn::GetAZs\":\"\"}]}");
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#regions")
        void theDatabasesSubnetsHaveNoRouteOut(StackTemplate stack) {
            assertThat(stack.ofType("AWS::EC2::Route").keySet()).noneMatch(id -> id.contains("database"));
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#regions")
        void reachesS3AndDynamoDbWithoutTheInternet(StackTemplate stack) {
            assertThat(stack.ofType("AWS::EC2::VPCEndpoint").values())
                    .hasSize(2)
                    .allSatisfy(endpoint -> assertThat(
                                    endpoint.at("/Properties/VpcEndpointType").asText())
                            .isEqualTo("Gateway"))
                    .extracting(endpoint -> text(endpoint.at("/Properties/ServiceName")))
                    .containsExactlyInAnyOrder(
                            "com.amazonaws.${AWS::Region}.s3", "com.amazonaws.${AWS::Region}.dynamodb");
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#regions")
        void logsItsFlowsEncrypted(StackTemplate stack) {
            assertThat(stack.only("AWS::EC2::FlowLog").path("TrafficType").asText())
                    .isEqualTo("ALL");
            assertThat(stack.resource("NetworkFlowLogs2BEC3212").at("/Properties/KmsKeyId"))
                    .isNotEmpty();
        }

        private List<String> subnetNames(StackTemplate stack) {
            List<String> names = new ArrayList<>();
            for (JsonNode subnet : stack.ofType("AWS::EC2::Subnet").values()) {
                subnet.at("/Properties/Tags").forEach(tag -> {
                    if (tag.path("Key").asText().equals("aws-cdk:subnet-name")) {
                        names.add(tag.path("Value").asText());
                    }
                });
            }
            return names;
        }
    }

    @Nested
    class LoadBalancer {

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#regions")
        void servesHttpsWithACurrentPolicyAndRedirectsHttp(StackTemplate stack) {
            JsonNode https = stack.resource("EndpointLoadBalancerHttps998FDEB0").path("Properties");
            assertThat(https.path("Protocol").asText()).isEqualTo("HTTPS");
            assertThat(https.path("SslPolicy").asText()).isEqualTo("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09");
            assertThat(https.at("/Certificates/0/CertificateArn/Ref").asText())
                    .isEqualTo("EndpointCertificate9E0928B4");
            JsonNode http = stack.resource("EndpointLoadBalancerHttp89D00B33").path("Properties");
            assertThat(http.at("/DefaultActions/0/RedirectConfig/Protocol").asText())
                    .isEqualTo("HTTPS");
            assertThat(http.at("/DefaultActions/0/RedirectConfig/StatusCode").asText())
                    .isEqualTo("HTTP_301");
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#regions")
        void dropsInvalidHeadersAndLogsAccesses(StackTemplate stack) {
            assertThat(attributes(stack))
                    .containsEntry("routing.http.drop_invalid_header_fields.enabled", "true")
                    .containsEntry("access_logs.s3.enabled", "true")
                    .containsEntry("access_logs.s3.bucket", "${EndpointAccessLogsBucket70F7440B}");
        }

        @Test
        void isProtectedFromDeletionInProduction() {
            assertThat(attributes(PROD.primary())).containsEntry("deletion_protection.enabled", "true");
            assertThat(attributes(PROD.dr())).containsEntry("deletion_protection.enabled", "true");
            assertThat(attributes(DEV.primary())).containsEntry("deletion_protection.enabled", "false");
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#regions")
        void answers503UnderTheReservedPathUntilARegionClaims(StackTemplate stack) {
            JsonNode rule = rule(stack, "/.well-known/pilotlight/*");
            assertThat(rule.at("/Actions/0/FixedResponseConfig/StatusCode").asText())
                    .isEqualTo("503");
            // Claims are created with smaller numbers, which are asked first.
            assertThat(rule.path("Priority").asInt()).isEqualTo(10_000);
        }

        /** Before the 503, and behind whatever would hide a sign, so that it is hidden as well. */
        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#regions")
        void answersWhichRegionOfWhichWorkloadItIs(StackTemplate stack) {
            JsonNode rule = rule(stack, "/.well-known/pilotlight/region");
            JsonNode answer = rule.at("/Actions/0/FixedResponseConfig");
            assertThat(answer.path("StatusCode").asText()).isEqualTo("200");
            assertThat(answer.path("ContentType").asText()).isEqualTo("text/plain");
            assertThat(answer.path("MessageBody").asText())
                    .isEqualTo("pilotlight: %s %s"
                            .formatted(
                                    stack.terminationProtection() ? "pilotlight-prod" : "pilotlight-dev",
                                    stack.region()));
            assertThat(rule.path("Priority").asInt())
                    .isEqualTo(9_999)
                    .isGreaterThan(new Handover("w", 4_000).priority());
            assertThat(rule.path("ListenerArn"))
                    .isEqualTo(rule(stack, "/.well-known/pilotlight/*").path("ListenerArn"));
        }

        private static JsonNode rule(StackTemplate stack, String path) {
            return stack.ofType("AWS::ElasticLoadBalancingV2::ListenerRule").values().stream()
                    .map(rule -> rule.path("Properties"))
                    .filter(rule -> rule.at("/Conditions/0/PathPatternConfig/Values/0")
                            .asText()
                            .equals(path))
                    .findFirst()
                    .orElseThrow();
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#regions")
        void hasACertificateForThePublicAndTheRegionsOwnName(StackTemplate stack) {
            String publicName = stack.terminationProtection() ? "www.example.com" : "app.example.com";
            String region = stack.name().equals("PrimaryStack") ? "primary." : "dr.";
            JsonNode certificate = stack.only("AWS::CertificateManager::Certificate");
            assertThat(certificate.path("DomainName").asText()).isEqualTo(publicName);
            assertThat(certificate.path("SubjectAlternativeNames"))
                    .extracting(JsonNode::asText)
                    .containsExactly(region + publicName);
            assertThat(certificate.path("ValidationMethod").asText()).isEqualTo("DNS");
        }

        private Map<String, String> attributes(StackTemplate stack) {
            Map<String, String> attributes = new TreeMap<>();
            stack.only("AWS::ElasticLoadBalancingV2::LoadBalancer")
                    .path("LoadBalancerAttributes")
                    .forEach(a -> attributes.put(a.path("Key").asText(), text(a.path("Value"))));
            return attributes;
        }
    }

    @Nested
    class Compute {

        @Test
        void theLeaderServesAndTheStandbyIsZeroThatCanBecomeAsMuch() {
            for (SynthesizedApp app : profiles()) {
                JsonNode leader = app.primary().only("AWS::AutoScaling::AutoScalingGroup");
                JsonNode standby = app.dr().only("AWS::AutoScaling::AutoScalingGroup");
                assertThat(leader.path("MinSize").asInt()).isPositive();
                assertThat(standby.path("MinSize").asInt()).isZero();
                assertThat(standby.path("MaxSize")).isEqualTo(leader.path("MaxSize"));
            }
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#regions")
        void noDeployResetsTheCapacityOfALiveGroup(StackTemplate stack) {
            assertThat(stack.only("AWS::AutoScaling::AutoScalingGroup").has("DesiredCapacity"))
                    .isFalse();
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#regions")
        void replacesUnhealthyInstancesAndScalesWithLoad(StackTemplate stack) {
            JsonNode group = stack.only("AWS::AutoScaling::AutoScalingGroup");
            assertThat(group.path("HealthCheckType").asText()).isEqualTo("ELB");
            assertThat(group.path("TargetGroupARNs")).hasSize(1);
            assertThat(stack.only("AWS::AutoScaling::ScalingPolicy")
                            .path("PolicyType")
                            .asText())
                    .isEqualTo("TargetTrackingScaling");
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#regions")
        void refreshesInstancesOnChange(StackTemplate stack) {
            JsonNode refresh = stack.ofType("AWS::AutoScaling::AutoScalingGroup")
                    .values()
                    .iterator()
                    .next()
                    .at("/UpdatePolicy/AutoScalingInstanceRefresh");
            assertThat(refresh.path("Strategy").asText()).isEqualTo("Rolling");
            assertThat(refresh.at("/Preferences/MinHealthyPercentage").asInt()).isEqualTo(100);
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#regions")
        void launchesHardenedInstances(StackTemplate stack) {
            JsonNode data = stack.only("AWS::EC2::LaunchTemplate").path("LaunchTemplateData");
            assertThat(data.at("/MetadataOptions/HttpTokens").asText()).isEqualTo("required");
            assertThat(data.at("/BlockDeviceMappings/0/Ebs/Encrypted").asBoolean())
                    .isTrue();
            assertThat(data.at("/BlockDeviceMappings/0/Ebs/VolumeType").asText())
                    .isEqualTo("gp3");
            assertThat(data.has("KeyName")).isFalse();
        }

        @Test
        void instancesHaveAPublicAddressInEconomyOnly() {
            assertThat(publicAddress(DEV.primary())).isTrue();
            assertThat(publicAddress(DEV.dr())).isTrue();
            assertThat(publicAddress(PROD.primary())).isFalse();
            assertThat(publicAddress(PROD.dr())).isFalse();
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#regions")
        void onlyTheLoadBalancerReachesTheWorkloadAndOnlyTheWorkloadTheDatabase(StackTemplate stack) {
            assertThat(stack.ofType("AWS::EC2::SecurityGroupIngress").values())
                    .extracting(rule -> "%s <- %s:%s"
                            .formatted(
                                    text(rule.at("/Properties/GroupId")),
                                    text(rule.at("/Properties/SourceSecurityGroupId")),
                                    rule.at("/Properties/FromPort").asText()))
                    .containsExactlyInAnyOrder(
                            "${SecurityGroupsWorkload6039C8BD.GroupId} <- ${EndpointSecurityGroup3A4D971B.GroupId}:8080",
                            "${SecurityGroupsDatabase03711F2A.GroupId} <- ${SecurityGroupsWorkload6039C8BD.GroupId}:5432");
            List<String> open = new ArrayList<>();
            stack.ofType("AWS::EC2::SecurityGroup")
                    .forEach((id, group) -> group.at("/Properties/SecurityGroupIngress")
                            .forEach(rule ->
                                    open.add(id + ":" + rule.path("FromPort").asText())));
            assertThat(open)
                    .containsExactlyInAnyOrder("EndpointSecurityGroup3A4D971B:443", "EndpointSecurityGroup3A4D971B:80");
        }

        @Test
        void instancesAreToldTheirOwnRegionsDatabase() {
            for (StackTemplate stack : regions()) {
                String userData =
                        text(stack.only("AWS::EC2::LaunchTemplate").at("/LaunchTemplateData/UserData/Fn::Base64"));
                String database =
                        stack.ofType("AWS::RDS::DBInstance").keySet().iterator().next();
                assertThat(userData)
                        .contains("DATABASE_HOST=${" + database + ".Endpoint.Address}\n")
                        .contains("AWS_REGION=" + stack.region() + "\n")
                        .contains("PILOTLIGHT_DATABASE_TERM=0\n")
                        .contains("AWS_DOMAIN=${AWS::URLSuffix}\n")
                        .contains("\nexec bash /opt/pilotlight/boot\n")
                        // EC2's limit, with room for what CloudFormation puts in.
                        .hasSizeLessThan(16 * 1024 - 200)
                        .doesNotContainIgnoringCase("password");
            }
        }

        @Test
        void aChangeOfRoleLeavesTheLaunchTemplateAlone() {
            SynthesizedApp after = SynthesizedApp.of(
                    TestConfigurations.with("dev", "{'databaseLineage': ['primary', 'dr', 'primary']}"));
            assertThat(after.dr().only("AWS::EC2::LaunchTemplate"))
                    .isEqualTo(DEV.dr().only("AWS::EC2::LaunchTemplate"));
        }

        /** The other region's name, never one's own: who reads its own claims cannot be superseded. */
        @Test
        void theAgentLooksAtTheOtherRegion() {
            assertThat(userData(DEV.primary()))
                    .contains("PILOTLIGHT_OTHER_HOST=dr.app.example.com\n")
                    .contains("PILOTLIGHT_OTHER_AWS_REGION=eu-west-1\n")
                    .contains("PILOTLIGHT_GROUP=pilotlight-dev-primary\n");
            assertThat(userData(DEV.dr()))
                    .contains("PILOTLIGHT_OTHER_HOST=primary.app.example.com\n")
                    .contains("PILOTLIGHT_OTHER_AWS_REGION=eu-central-1\n")
                    .contains("PILOTLIGHT_GROUP=pilotlight-dev-dr\n");
        }

        /** A fresh replica is not superseded by the claim of the leader that it replicates. */
        @Test
        void theAgentsTermComesWithTheDatabase() {
            SynthesizedApp after = SynthesizedApp.of(
                    TestConfigurations.with("dev", "{'databaseLineage': ['primary', 'dr', 'primary']}"));
            assertThat(userData(after.primary())).contains("PILOTLIGHT_DATABASE_TERM=1\n");
            assertThat(userData(after.dr())).contains("PILOTLIGHT_DATABASE_TERM=0\n");
        }

        private String userData(StackTemplate stack) {
            return text(stack.only("AWS::EC2::LaunchTemplate").at("/LaunchTemplateData/UserData/Fn::Base64"));
        }

        private boolean publicAddress(StackTemplate stack) {
            return stack.only("AWS::EC2::LaunchTemplate")
                    .at("/LaunchTemplateData/NetworkInterfaces/0/AssociatePublicIpAddress")
                    .asBoolean();
        }
    }

    @Nested
    class Database {

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#regions")
        void isEncryptedPrivateProtectedAndBackedUpFor7Days(StackTemplate stack) {
            JsonNode database = stack.only("AWS::RDS::DBInstance");
            assertThat(text(database.path("KmsKeyId"))).isEqualTo("${Key9BCD29C7.Arn}");
            assertThat(database.path("PubliclyAccessible").asBoolean(true)).isFalse();
            assertThat(database.path("DeletionProtection").asBoolean()).isTrue();
            assertThat(database.path("BackupRetentionPeriod").asInt()).isEqualTo(7);
            assertThat(database.path("EnablePerformanceInsights").asBoolean()).isTrue();
            assertThat(database.path("MaxAllocatedStorage").asInt()).isGreaterThan(20);
            assertThat(database.path("EnableCloudwatchLogsExports"))
                    .extracting(JsonNode::asText)
                    .containsExactly("postgresql", "upgrade");
            assertThat(stack.only("AWS::RDS::DBParameterGroup")
                            .at("/Parameters/rds.force_ssl")
                            .asText())
                    .isEqualTo("1");
            assertThat(stack.only("AWS::RDS::DBParameterGroup").path("Family").asText())
                    .isEqualTo("postgres18");
        }

        @Test
        void isMultiAzInProductionInBothRegions() {
            assertThat(PROD.primary()
                            .only("AWS::RDS::DBInstance")
                            .path("MultiAZ")
                            .asBoolean())
                    .isTrue();
            assertThat(PROD.dr().only("AWS::RDS::DBInstance").path("MultiAZ").asBoolean())
                    .isTrue();
            assertThat(DEV.primary()
                            .only("AWS::RDS::DBInstance")
                            .path("MultiAZ")
                            .asBoolean(true))
                    .isFalse();
        }

        @Test
        void theReplicasSourceIsTheOriginsArn() {
            assertThat(text(DEV.dr().only("AWS::RDS::DBInstance").path("SourceDBInstanceIdentifier")))
                    .isEqualTo("arn:aws:rds:eu-central-1:${AWS::AccountId}:db:pilotlight-dev-db-0");
            assertThat(text(PROD.dr().only("AWS::RDS::DBInstance").path("SourceDBInstanceIdentifier")))
                    .isEqualTo("arn:aws:rds:eu-central-1:${AWS::AccountId}:db:pilotlight-prod-db-0");
            assertThat(DEV.dr()
                            .only("AWS::RDS::DBInstance")
                            .path("SourceRegion")
                            .asText())
                    .isEqualTo("eu-central-1");
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#standbys")
        void theReplicaLeavesOutWhatItsSourceDecides(StackTemplate stack) {
            assertThat(stack.only("AWS::RDS::DBInstance").properties())
                    .extracting(Map.Entry::getKey)
                    .doesNotContain(
                            "Engine",
                            "MasterUsername",
                            "MasterUserPassword",
                            "AllocatedStorage",
                            "StorageEncrypted",
                            "DBName");
        }

        /** So that a promotion, of which CloudFormation knows nothing, leaves no difference to deploy. */
        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#profiles")
        void originAndReplicaDifferInTheirCreationOnly(SynthesizedApp app) {
            JsonNode origin = app.primary().only("AWS::RDS::DBInstance");
            JsonNode replica = app.dr().only("AWS::RDS::DBInstance");
            Set<String> creation = Set.of(
                    "DBInstanceIdentifier",
                    "Engine",
                    "EngineVersion",
                    "DBName",
                    "MasterUsername",
                    "MasterUserPassword",
                    "AllocatedStorage",
                    "StorageEncrypted",
                    "SourceDBInstanceIdentifier",
                    "SourceRegion",
                    "Tags");
            Stream.of(origin, replica)
                    .flatMap(database -> database.properties().stream())
                    .map(Map.Entry::getKey)
                    .filter(property -> !creation.contains(property))
                    .forEach(property -> assertThat(text(replica.path(property)))
                            .as(property)
                            .isEqualTo(text(origin.path(property))));
        }

        /** CloudFormation sends a version after the create, which RDS refuses if the source runs a later one. */
        @Test
        void onlyTheOriginNamesAVersion() {
            for (SynthesizedApp app : List.of(DEV, PROD)) {
                assertThat(app.primary()
                                .only("AWS::RDS::DBInstance")
                                .path("EngineVersion")
                                .asText())
                        .isEqualTo("18");
                assertThat(app.dr().only("AWS::RDS::DBInstance").has("EngineVersion"))
                        .isFalse();
            }
        }

        @Test
        void aPinnedMinorVersionIsNotUpgradedByRds() {
            SynthesizedApp pinned =
                    SynthesizedApp.of(TestConfigurations.with("dev", "{'database': {'engineVersion': '18.1'}}"));
            for (SynthesizedApp app : List.of(DEV, pinned)) {
                for (StackTemplate stack : List.of(app.primary(), app.dr())) {
                    assertThat(stack.only("AWS::RDS::DBInstance")
                                    .path("AutoMinorVersionUpgrade")
                                    .asBoolean())
                            .isEqualTo(app == DEV);
                }
            }
        }

        /** In MB, and in both roles: what leads tomorrow has it before. */
        @Test
        void theLogKeptForALostStandbyIsBoundedInBothRegions() {
            Map<SynthesizedApp, Integer> bounds = Map.of(
                    DEV,
                    8,
                    PROD,
                    40,
                    SynthesizedApp.of(TestConfigurations.with("dev", "{'database': {'maxRetainedLogGiB': 12}}")),
                    12);
            bounds.forEach((app, bound) -> {
                for (StackTemplate stack : List.of(app.primary(), app.dr())) {
                    assertThat(stack.only("AWS::RDS::DBParameterGroup")
                                    .at("/Parameters/max_slot_wal_keep_size")
                                    .asText())
                            .isEqualTo(String.valueOf(bound * 1024));
                }
                JsonNode half = alarm(app.primary(), "AlarmsReplicationSlot[0-9A-F]{8}");
                assertThat(half.path("Threshold").asLong()).isEqualTo(bound * 1024L * 1024 * 1024 / 2);
                assertThat(half.path("AlarmDescription").asText()).contains("the %d GiB".formatted(bound));
            });
        }

        @Test
        void aLostSlotIsAnAlarmOfTheLeaderAlone() {
            JsonNode lost = alarm(DEV.primary(), "AlarmsReplicationSlotLost[0-9A-F]{8}");
            assertThat(lost.path("MetricName").asText()).isEqualTo("OldestReplicationSlotLag");
            assertThat(lost.path("ComparisonOperator").asText()).isEqualTo("LessThanThreshold");
            assertThat(lost.path("Statistic").asText()).isEqualTo("Minimum");
            assertThat(lost.path("Threshold").asInt()).isZero();
            assertThat(lost.path("TreatMissingData").asText()).isEqualTo("breaching");
            assertThat(lost.path("AlarmDescription").asText())
                    .contains("Rings rightly while the workload is founded", "from a failover", "reseed.md");
            assertThat(DEV.dr().ofType("AWS::CloudWatch::Alarm").keySet())
                    .noneMatch(id -> id.startsWith("AlarmsReplicationSlot"));
        }

        private static JsonNode alarm(StackTemplate stack, String id) {
            return stack.ofType("AWS::CloudWatch::Alarm").entrySet().stream()
                    .filter(alarm -> alarm.getKey().matches(id))
                    .findFirst()
                    .orElseThrow()
                    .getValue()
                    .path("Properties");
        }

        @Test
        void thePasswordIsInNoTemplate() {
            assertThat(text(DEV.primary().only("AWS::RDS::DBInstance").path("MasterUserPassword")))
                    .isEqualTo("{{resolve:secretsmanager:${DatabaseSecretBD1F58AE}:SecretString:password::}}");
            JsonNode secret = DEV.primary().only("AWS::SecretsManager::Secret");
            assertThat(secret.has("SecretString")).isFalse();
            assertThat(secret.at("/GenerateSecretString/GenerateStringKey").asText())
                    .isEqualTo("password");
        }

        @Test
        void theSecretIsReplicatedUnderAKeyOfTheReplicasRegion() {
            JsonNode secret = DEV.primary().only("AWS::SecretsManager::Secret");
            assertThat(secret.path("Name").asText()).isEqualTo("pilotlight-dev/database");
            assertThat(secret.at("/ReplicaRegions/0/Region").asText()).isEqualTo("eu-west-1");
            // Not an ARN of this region, which CDK's own builder renders.
            assertThat(secret.at("/ReplicaRegions/0/KmsKeyId").asText())
                    .isEqualTo("alias/pilotlight-dev-dr-foundation");
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#regions")
        void itsLogGroupsExistBeforeRdsWouldMakeThemWithoutKeyAndEnd(StackTemplate stack) {
            Map.Entry<String, JsonNode> database =
                    stack.ofType("AWS::RDS::DBInstance").entrySet().iterator().next();
            String identifier =
                    database.getValue().at("/Properties/DBInstanceIdentifier").asText();
            List<String> before = StreamSupport.stream(
                            database.getValue().path("DependsOn").spliterator(), false)
                    .map(JsonNode::asText)
                    .filter(id -> stack.resource(id).path("Type").asText().equals("AWS::Logs::LogGroup"))
                    .map(id -> stack.resource(id).at("/Properties/LogGroupName").asText())
                    .toList();
            assertThat(before)
                    .containsExactlyInAnyOrder(
                            "/aws/rds/instance/" + identifier + "/postgresql",
                            "/aws/rds/instance/" + identifier + "/upgrade");
        }
    }

    @Nested
    class Storage {

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#profiles")
        void bothBucketsAreVersionedEncryptedAndPrivateAndForgetOldVersions(SynthesizedApp app) {
            for (StackTemplate stack : List.of(app.primary(), app.foundation())) {
                JsonNode bucket = bucket(stack);
                assertThat(bucket.at("/VersioningConfiguration/Status").asText())
                        .isEqualTo("Enabled");
                assertThat(bucket.at(
                                        "/BucketEncryption/ServerSideEncryptionConfiguration/0/ServerSideEncryptionByDefault/SSEAlgorithm")
                                .asText())
                        .isEqualTo("aws:kms");
                assertThat(bucket.path("PublicAccessBlockConfiguration"))
                        .hasSize(4)
                        .allMatch(JsonNode::asBoolean);
                JsonNode rule = bucket.at("/LifecycleConfiguration/Rules/0");
                assertThat(rule.at("/NoncurrentVersionExpiration/NoncurrentDays")
                                .asInt())
                        .isEqualTo(30);
                assertThat(rule.at("/AbortIncompleteMultipartUpload/DaysAfterInitiation")
                                .asInt())
                        .isEqualTo(7);
                assertThat(rule.has("ExpirationInDays")).isFalse();
            }
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#profiles")
        void everyBucketRefusesPlainHttp(SynthesizedApp app) {
            for (StackTemplate stack : app.stacks()) {
                Template.fromJSON(new ObjectMapper()
                                .convertValue(stack.template(), new TypeReference<Map<String, Object>>() {}))
                        .allResourcesProperties(
                                "AWS::S3::BucketPolicy",
                                Map.of(
                                        "PolicyDocument",
                                        Match.objectLike(Map.of(
                                                "Statement",
                                                Match.arrayWith(List.of(Match.objectLike(Map.of(
                                                        "Effect",
                                                        "Deny",
                                                        "Action",
                                                        "s3:*",
                                                        "Condition",
                                                        Map.of("Bool", Map.of("aws:SecureTransport", "false"))))))))));
                assertThat(stack.ofType("AWS::S3::BucketPolicy")).hasSameSizeAs(stack.ofType("AWS::S3::Bucket"));
            }
        }

        @Test
        void theLeadersBucketReplicatesToTheFoundations() {
            JsonNode rule = bucket(DEV.primary()).at("/ReplicationConfiguration/Rules/0");
            assertThat(text(rule.at("/Destination/Bucket")))
                    .isEqualTo("arn:aws:s3:::pilotlight-dev-${AWS::AccountId}-eu-west-1");
            assertThat(text(rule.at("/Destination/EncryptionConfiguration/ReplicaKmsKeyID")))
                    .isEqualTo("arn:aws:kms:eu-west-1:${AWS::AccountId}:alias/pilotlight-dev-dr-foundation");
            assertThat(rule.at("/DeleteMarkerReplication/Status").asText()).isEqualTo("Enabled");
            assertThat(rule.at("/Destination").has("ReplicationTime")).isFalse();
            assertThat(bucket(DEV.foundation()).has("ReplicationConfiguration")).isFalse();
        }

        @Test
        void productionPaysForReplicationWithin15Minutes() {
            assertThat(bucket(PROD.primary())
                            .at("/ReplicationConfiguration/Rules/0/Destination/ReplicationTime/Time/Minutes")
                            .asInt())
                    .isEqualTo(15);
        }

        @Test
        void replicationMayReadTheSourceAndWriteTheDestinationAndNothingElse() {
            JsonNode policy = DEV.primary().resource("FoundationDataReplicationPolicyDE02CC0F");
            List<String> allowed = new ArrayList<>();
            policy.at("/Properties/PolicyDocument/Statement")
                    .forEach(statement ->
                            allowed.add(statement.path("Action").toString().replace("\"", "") + " on "
                                    + text(statement.path("Resource"))));
            assertThat(allowed)
                    .containsExactly(
                            "[s3:GetReplicationConfiguration,s3:ListBucket] on arn:aws:s3:::pilotlight-dev-${AWS::AccountId}-eu-central-1",
                            "[s3:GetObjectVersionAcl,s3:GetObjectVersionForReplication,s3:GetObjectVersionTagging] on arn:aws:s3:::pilotlight-dev-${AWS::AccountId}-eu-central-1/*",
                            "[s3:ReplicateDelete,s3:ReplicateObject,s3:ReplicateTags] on arn:aws:s3:::pilotlight-dev-${AWS::AccountId}-eu-west-1/*",
                            "kms:Decrypt on ${FoundationCopiesKey2D0EC613.Arn}",
                            "[kms:Encrypt,kms:GenerateDataKey] on arn:aws:kms:eu-west-1:${AWS::AccountId}:key/*");
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#profiles")
        void theTableIsGlobalOnDemandProtectedAndRecoverableInBothRegions(SynthesizedApp app) {
            JsonNode table = app.primary().only("AWS::DynamoDB::GlobalTable");
            assertThat(table.path("BillingMode").asText()).isEqualTo("PAY_PER_REQUEST");
            assertThat(table.path("Replicas"))
                    .hasSize(2)
                    .allSatisfy(replica -> {
                        assertThat(replica.at("/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled")
                                        .asBoolean())
                                .isTrue();
                        assertThat(replica.path("DeletionProtectionEnabled").asBoolean())
                                .isTrue();
                        assertThat(replica.has("SSESpecification")).isTrue();
                    })
                    .extracting(replica -> replica.path("Region").asText())
                    .containsExactlyInAnyOrder("eu-central-1", "eu-west-1");
            assertThat(table.at("/SSESpecification/SSEType").asText()).isEqualTo("KMS");
        }

        private JsonNode bucket(StackTemplate stack) {
            return stack.resource("FoundationDataBucketA384A1E7").path("Properties");
        }
    }

    @Nested
    class Backup {

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#leaders")
        void theLeaderBacksUpDailyAndMonthlyWithCopiesOfBoth(StackTemplate stack) {
            JsonNode rules = stack.only("AWS::Backup::BackupPlan").at("/BackupPlan/BackupPlanRule");
            assertThat(rules)
                    .extracting(rule -> "%s %s %s %s"
                            .formatted(
                                    rule.path("RuleName").asText(),
                                    rule.at("/Lifecycle/DeleteAfterDays").asInt(),
                                    rule.at("/CopyActions/0/Lifecycle/DeleteAfterDays")
                                            .asInt(),
                                    text(rule.at("/CopyActions/0/DestinationBackupVaultArn"))
                                            .replace("prod", "dev")))
                    .containsExactly(
                            "daily 35 35 arn:aws:backup:eu-west-1:${AWS::AccountId}:backup-vault:pilotlight-dev-dr",
                            "monthly 365 365 arn:aws:backup:eu-west-1:${AWS::AccountId}:backup-vault:pilotlight-dev-dr");
        }

        @Test
        void selectsDatabaseTableAndBucketByArn() {
            assertThat(DEV.primary().only("AWS::Backup::BackupSelection").at("/BackupSelection/Resources"))
                    .extracting(Intrinsics::text)
                    .containsExactly(
                            "${DatabaseDb0C2B698BF.DBInstanceArn}",
                            "arn:aws:dynamodb:eu-central-1:${AWS::AccountId}:table/pilotlight-dev",
                            "arn:aws:s3:::pilotlight-dev-${AWS::AccountId}-eu-central-1");
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#standbys")
        void theStandbyHasNoPlan(StackTemplate stack) {
            assertThat(stack.ofType("AWS::Backup::BackupPlan")).isEmpty();
            assertThat(stack.ofType("AWS::Backup::BackupSelection")).isEmpty();
        }

        /** With ChangeableForDays the lock would become irreversible. */
        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#profiles")
        void vaultsAreLockedInGovernanceModeForLongerThanAnyRetention(SynthesizedApp app) {
            for (StackTemplate stack : List.of(app.primary(), app.foundation())) {
                JsonNode lock = stack.only("AWS::Backup::BackupVault").path("LockConfiguration");
                assertThat(lock.has("ChangeableForDays")).isFalse();
                assertThat(lock.path("MinRetentionDays").asInt()).isEqualTo(7);
                assertThat(lock.path("MaxRetentionDays").asInt()).isGreaterThanOrEqualTo(365);
            }
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#regions")
        void theRoleBacksUpAndRestores(StackTemplate stack) {
            // In both roles: AWS Backup manages what it made with a role only as long as that exists.
            assertThat(stack.ofType("AWS::IAM::Role").entrySet().stream()
                            .filter(role -> role.getKey().startsWith("BackupRole"))
                            .findFirst()
                            .orElseThrow()
                            .getValue()
                            .at("/Properties/ManagedPolicyArns"))
                    .extracting(arn -> text(arn).replaceFirst(".*/", ""))
                    .containsExactlyInAnyOrder(
                            "AWSBackupServiceRolePolicyForBackup",
                            "AWSBackupServiceRolePolicyForRestores",
                            "AWSBackupServiceRolePolicyForS3Backup",
                            "AWSBackupServiceRolePolicyForS3Restore");
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#leaders")
        void jobsThatFailOrExpireAreTold(StackTemplate stack) {
            assertThat(stack.ofType("AWS::Events::Rule").values())
                    .allSatisfy(rule -> assertThat(text(rule.at("/Properties/Targets/0/Arn")))
                            .isEqualTo("${AlertsTopicCF7C81C9}"))
                    .extracting(rule ->
                            rule.at("/Properties/EventPattern/detail-type").toString()
                                    + rule.at("/Properties/EventPattern/detail"))
                    .containsExactlyInAnyOrder(
                            "[\"Backup Job State Change\",\"Copy Job State Change\"]{\"state\":[\"FAILED\",\"EXPIRED\",\"ABORTED\"]}",
                            "[\"Restore Job State Change\"]{\"status\":[\"FAILED\",\"EXPIRED\",\"ABORTED\"]}");
        }
    }

    @Nested
    class Dns {

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#profiles")
        void bothChecksWatchTheStandbysClaimAndTheLeadersIsInverted(SynthesizedApp app) {
            JsonNode leader = app.primary().only("AWS::Route53::HealthCheck").path("HealthCheckConfig");
            JsonNode standby = app.dr().only("AWS::Route53::HealthCheck").path("HealthCheckConfig");
            assertThat(leader.path("Inverted").asBoolean()).isTrue();
            assertThat(standby.path("Inverted").asBoolean(true)).isFalse();
            assertThat((JsonNode) ((ObjectNode) leader.deepCopy()).put("Inverted", false))
                    .isEqualTo(standby);
            assertThat(standby.path("Type").asText()).isEqualTo("HTTPS_STR_MATCH");
            assertThat(standby.path("EnableSNI").asBoolean()).isTrue();
            assertThat(standby.path("FullyQualifiedDomainName").asText()).startsWith("dr.");
            assertThat(standby.path("ResourcePath").asText()).isEqualTo("/.well-known/pilotlight/leader/1");
            assertThat(standby.path("SearchString").asText())
                    .matches("pilotlight: pilotlight-(dev|prod) is led from here in term 1");
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#profiles")
        void theFailoverPairSharesOneNameAndEachNamesItsOwnCheck(SynthesizedApp app) {
            assertThat(failover(app.primary())).isEqualTo("PRIMARY primary");
            assertThat(failover(app.dr())).isEqualTo("SECONDARY dr");
            JsonNode primary = app.primary().resource("DnsFailover85C7191B").path("Properties");
            JsonNode dr = app.dr().resource("DnsFailover85C7191B").path("Properties");
            assertThat(primary.path("Name")).isEqualTo(dr.path("Name"));
            for (JsonNode record : List.of(primary, dr)) {
                assertThat(record.at("/AliasTarget/EvaluateTargetHealth").asBoolean())
                        .isTrue();
                assertThat(text(record.path("HealthCheckId"))).isEqualTo("${DnsStandbyClaims9E4E8CDE}");
            }
        }

        @ParameterizedTest
        @MethodSource("dev.pilotlight.stacks.RegionTemplateTest#regions")
        void everyRegionHasItsOwnName(StackTemplate stack) {
            JsonNode record = stack.resource("DnsRegionNameDBBDA592").path("Properties");
            String place = stack.name().equals("PrimaryStack") ? "primary" : "dr";
            assertThat(record.path("Name").asText()).startsWith(place + ".").endsWith(".example.com.");
            assertThat(record.has("Failover")).isFalse();
        }

        private String failover(StackTemplate stack) {
            JsonNode record = stack.resource("DnsFailover85C7191B").path("Properties");
            return record.path("Failover").asText() + " "
                    + record.path("SetIdentifier").asText();
        }
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void everythingThatCanBeTaggedIs(SynthesizedApp app) {
        Set<String> cannot =
                Set.of("AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule");
        for (StackTemplate stack : app.stacks()) {
            String role = Map.of("DrFoundationStack", "foundation", "PrimaryStack", "primary", "DrStack", "dr")
                    .get(stack.name());
            stack.resources().forEach((id, resource) -> {
                JsonNode properties = resource.path("Properties");
                JsonNode tags = Stream.of(
                                "/Tags",
                                "/HealthCheckTags",
                                "/BackupVaultTags",
                                "/BackupPlanTags",
                                "/Replicas/0/Tags",
                                "/TagSpecifications/0/Tags")
                        .map(properties::at)
                        .filter(node -> !node.isMissingNode())
                        .findFirst()
                        .orElse(MissingNode.getInstance());
                if (tags.isMissingNode()
                        || cannot.contains(resource.path("Type").asText())) {
                    assertThat(UNTAGGABLE).as(id).contains(resource.path("Type").asText());
                } else {
                    assertThat(tags.toString())
                            .as(id)
                            .contains("pilotlight:workload", "pilotlight:environment", "pilotlight:profile")
                            .containsPattern("pilotlight:stack-role\"[^}]*\"" + role + "\"");
                }
            });
        }
    }

    /** Types whose CloudFormation schema has no tags, and the two that cfn-lint does not let us tag. */
    private static final Set<String> UNTAGGABLE = Set.of(
            "AWS::AutoScaling::ScalingPolicy",
            "AWS::Backup::BackupSelection",
            "AWS::EC2::Route",
            "AWS::EC2::SecurityGroupEgress",
            "AWS::EC2::SecurityGroupIngress",
            "AWS::EC2::SubnetRouteTableAssociation",
            "AWS::EC2::VPCGatewayAttachment",
            "AWS::ElasticLoadBalancingV2::Listener",
            "AWS::ElasticLoadBalancingV2::ListenerRule",
            "AWS::Events::Connection",
            "AWS::IAM::InstanceProfile",
            "AWS::IAM::ManagedPolicy",
            "AWS::KMS::Alias",
            "AWS::Route53::RecordSet",
            "AWS::Scheduler::Schedule",
            "AWS::S3::BucketPolicy",
            "AWS::SNS::Subscription",
            "AWS::SNS::TopicPolicy");

    @ParameterizedTest
    @MethodSource("regions")
    void outputsOnlyWhatAPersonOrStatusNeeds(StackTemplate stack) {
        assertThat(stack.template().path("Outputs").properties())
                .extracting(Map.Entry::getKey)
                .containsExactly("ServiceUrl", "RegionUrl", "RollOutAlarms");
    }

    @Test
    void alertsGoToTheConfiguredAddress() {
        SynthesizedApp app = SynthesizedApp.of(TestConfigurations.with("dev", "{'alertEmail': 'sre@example.com'}"));
        for (StackTemplate stack : List.of(app.primary(), app.dr())) {
            assertThat(stack.only("AWS::SNS::Subscription").path("Endpoint").asText())
                    .isEqualTo("sre@example.com");
        }
        assertThat(DEV.primary().ofType("AWS::SNS::Subscription")).isEmpty();
    }

    /** What a wrong zone breaks must break before there is something that a rollback may not delete. */
    @Test
    void whatIsProtectedFromDeletionWaitsForTheCertificate() {
        for (StackTemplate stack : regions()) {
            stack.resources().forEach((id, resource) -> {
                if (Set.of("AWS::RDS::DBInstance", "AWS::DynamoDB::GlobalTable")
                        .contains(resource.path("Type").asText())) {
                    assertThat(resource.path("DependsOn").toString()).as(id).contains("EndpointCertificate9E0928B4");
                }
            });
        }
    }

    /** Silence is an alarm where there is always something to say. */
    @Test
    void aLeaderWithoutTargetsAndASilentReplicaAreAlarms() {
        for (SynthesizedApp app : profiles()) {
            assertThat(missing(app.primary(), "HealthyHostCount")).isEqualTo("breaching");
            assertThat(missing(app.primary(), "FreeStorageSpace")).isEqualTo("breaching");
            assertThat(missing(app.dr(), "ReplicaLag")).isEqualTo("breaching");
            assertThat(missing(app.dr(), "HealthyHostCount")).isEqualTo("no such alarm");
        }
        assertThat(missing(PROD.primary(), "OperationsFailedReplication")).isEqualTo("notBreaching");
        assertThat(missing(DEV.primary(), "OperationsFailedReplication")).isEqualTo("no such alarm");
    }

    private static String missing(StackTemplate stack, String metric) {
        return stack.ofType("AWS::CloudWatch::Alarm").values().stream()
                .map(alarm -> alarm.path("Properties"))
                .filter(alarm -> alarm.path("MetricName").asText().equals(metric))
                .map(alarm -> alarm.path("TreatMissingData").asText())
                .findFirst()
                .orElse("no such alarm");
    }

    @ParameterizedTest
    @MethodSource("regions")
    void everyAlarmSaysWhatItMeansAndTellsSomebody(StackTemplate stack) {
        assertThat(stack.ofType("AWS::CloudWatch::Alarm").values()).isNotEmpty().allSatisfy(alarm -> {
            assertThat(text(alarm.at("/Properties/AlarmDescription"))).hasSizeBetween(60, 1024);
            assertThat(text(alarm.at("/Properties/AlarmActions/0"))).isEqualTo("${AlertsTopicCF7C81C9}");
        });
    }
}
