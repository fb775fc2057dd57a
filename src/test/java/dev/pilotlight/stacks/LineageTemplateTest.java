package dev.pilotlight.stacks;

import static dev.pilotlight.testing.Intrinsics.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import dev.pilotlight.testing.TestConfigurations;
import dev.pilotlight.topology.Claim;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The stacks follow the lineage: names, sources, roles, order and direction. */
class LineageTemplateTest {

    private static final SynthesizedApp FOUNDED = SynthesizedApp.dev();
    private static final SynthesizedApp FAILED_OVER = lineage("'primary', 'dr', 'primary'");
    private static final SynthesizedApp FAILED_BACK = lineage("'primary', 'dr', 'primary', 'dr'");

    @Test
    void theStandbyIsDeployedAfterTheLeader() {
        assertThat(FOUNDED.foundation().dependsOn()).isEmpty();
        assertThat(FOUNDED.primary().dependsOn()).containsExactly("DrFoundationStack");
        assertThat(FOUNDED.dr().dependsOn()).containsExactlyInAnyOrder("DrFoundationStack", "PrimaryStack");

        assertThat(FAILED_OVER.dr().dependsOn()).containsExactly("DrFoundationStack");
        assertThat(FAILED_OVER.primary().dependsOn()).containsExactlyInAnyOrder("DrFoundationStack", "DrStack");

        assertThat(FAILED_BACK.primary().dependsOn()).containsExactly("DrFoundationStack");
        assertThat(FAILED_BACK.dr().dependsOn()).containsExactlyInAnyOrder("DrFoundationStack", "PrimaryStack");
    }

    @Test
    void aPromotedReplicaKeepsItsSource() {
        assertThat(database(FAILED_OVER.dr())).isEqualTo(database(FOUNDED.dr()));
    }

    @Test
    void theOldLeadersRegionGetsAFreshReplicaOfTheNewLeader() {
        JsonNode replica = database(FAILED_OVER.primary());
        assertThat(replica.path("DBInstanceIdentifier").asText()).isEqualTo("pilotlight-dev-db-2");
        assertThat(text(replica.path("SourceDBInstanceIdentifier")))
                .isEqualTo("arn:aws:rds:eu-west-1:${AWS::AccountId}:db:pilotlight-dev-db-1");
        assertThat(replica.path("SourceRegion").asText()).isEqualTo("eu-west-1");
        assertThat(database(FAILED_BACK.dr()).path("DBInstanceIdentifier").asText())
                .isEqualTo("pilotlight-dev-db-3");
    }

    @Test
    void theReplicaIsSeededAnew() {
        SynthesizedApp reseeded = lineage("'primary', 'dr', 'dr'");
        assertThat(database(reseeded.primary())).isEqualTo(database(FOUNDED.primary()));
        JsonNode replica = database(reseeded.dr());
        assertThat(replica.path("DBInstanceIdentifier").asText()).isEqualTo("pilotlight-dev-db-2");
        assertThat(text(replica.path("SourceDBInstanceIdentifier")))
                .isEqualTo("arn:aws:rds:eu-central-1:${AWS::AccountId}:db:pilotlight-dev-db-0");
    }

    @Test
    void aRestoreToAPointInTimeIsCloudFormationsOwn() {
        SynthesizedApp restored =
                lineage("'primary', 'dr', {'region': 'primary', 'restoreTo': '2026-11-20T10:00:00Z'}");
        JsonNode database = database(restored.primary());
        assertThat(database.path("DBInstanceIdentifier").asText()).isEqualTo("pilotlight-dev-db-2");
        assertThat(database.path("SourceDBInstanceIdentifier").asText()).isEqualTo("pilotlight-dev-db-0");
        assertThat(database.path("RestoreTime").asText()).isEqualTo("2026-11-20T10:00:00Z");
        assertThat(database.has("SourceRegion")).isFalse();
        assertThat(database.has("KmsKeyId")).isFalse();
        assertThat(database.has("Engine")).isFalse();
        // The standby still replicates the database that was replaced, until the lineage seeds it anew.
        assertThat(database(restored.dr())).isEqualTo(database(FOUNDED.dr()));
    }

    @Test
    void aRestoreInTheStandbysRegionTakesLeadership() {
        String snapshot = "arn:aws:rds:eu-west-1:123456789012:snapshot:awsbackup:copyjob-1";
        SynthesizedApp restored = lineage("'primary', 'dr', {'region': 'dr', 'snapshot': '" + snapshot + "'}");
        JsonNode database = database(restored.dr());
        assertThat(database.path("DBSnapshotIdentifier").asText()).isEqualTo(snapshot);
        assertThat(database.has("SourceDBInstanceIdentifier")).isFalse();
        assertThat(database.has("MasterUsername")).isFalse();
        assertThat(minSize(restored.dr())).isPositive();
        assertThat(minSize(restored.primary())).isZero();
        assertThat(restored.primary().dependsOn()).contains("DrStack");
    }

    /** The runbook does not run then, and an old leader that wakes must find a claim above its term. */
    @Test
    void aRestoreThatTakesLeadershipClaimsItsTermAsTheRunbookWould() {
        String restore =
                "{'region': 'dr', 'snapshot': 'arn:aws:rds:eu-west-1:123456789012:snapshot:awsbackup:copyjob-1'}";
        SynthesizedApp restored = lineage("'primary', 'dr', " + restore);
        JsonNode rule = claims(restored.dr()).get(0);
        Claim claim = new Claim("pilotlight-dev", 1);
        assertThat(claims(restored.dr())).hasSize(1);
        assertThat(rule.at("/Properties/Priority").asInt()).isEqualTo(claim.priority());
        assertThat(rule.at("/Properties/Conditions").toString())
                .isEqualTo(
                        "[{\"Field\":\"path-pattern\",\"PathPatternConfig\":{\"Values\":[\"" + claim.path() + "\"]}}]");
        assertThat(rule.at("/Properties/Actions").toString())
                .isEqualTo("[{\"FixedResponseConfig\":{\"ContentType\":\"text/plain\",\"MessageBody\":\"" + claim.text()
                        + "\",\"StatusCode\":\"200\"},\"Type\":\"fixed-response\"}]");
        assertThat(rule.path("DeletionPolicy").asText()).isEqualTo("RetainExceptOnCreate");
        assertThat(rule.path("UpdateReplacePolicy").asText()).isEqualTo("Retain");
        assertThat(rule.path("DependsOn").toString())
                .contains(restored.dr().ofType("AWS::RDS::DBInstance").keySet())
                .contains(restored.dr()
                        .ofType("AWS::AutoScaling::AutoScalingGroup")
                        .keySet())
                .contains(restored.dr().ofType("AWS::Route53::RecordSet").keySet())
                .contains(restored.dr().ofType("AWS::Route53::HealthCheck").keySet());
        assertThat(claims(restored.primary())).isEmpty();

        SynthesizedApp later = lineage("'primary', 'dr', " + restore + ", 'primary', 'dr', 'primary'");
        assertThat(claims(later.dr())).hasSize(1);
        assertThat(claims(later.dr()).get(0).path("Properties")).isEqualTo(rule.path("Properties"));
        assertThat(claims(later.primary())).isEmpty();
    }

    @Test
    void claimsOfFailoversStandInNoTemplate() {
        SynthesizedApp replaced =
                lineage("'primary', 'dr', {'region': 'primary', 'restoreTo': '2026-11-20T10:00:00Z'}");
        for (SynthesizedApp app : List.of(FOUNDED, FAILED_OVER, FAILED_BACK, replaced)) {
            assertThat(claims(app.primary())).isEmpty();
            assertThat(claims(app.dr())).isEmpty();
        }
    }

    private static List<JsonNode> claims(StackTemplate stack) {
        return stack.ofType("AWS::ElasticLoadBalancingV2::ListenerRule").values().stream()
                .filter(rule -> rule.at("/Properties/Conditions/0/PathPatternConfig/Values/0")
                        .asText()
                        .startsWith("/.well-known/pilotlight/leader/"))
                .toList();
    }

    @Test
    void capacityBackupsAndChecksFollowTheRole() {
        assertThat(minSize(FAILED_OVER.dr())).isEqualTo(minSize(FOUNDED.primary()));
        assertThat(minSize(FAILED_OVER.primary())).isZero();

        assertThat(FAILED_OVER.primary().ofType("AWS::Backup::BackupPlan")).isEmpty();
        assertThat(text(FAILED_OVER
                        .dr()
                        .only("AWS::Backup::BackupPlan")
                        .at("/BackupPlan/BackupPlanRule/0/CopyActions/0/DestinationBackupVaultArn")))
                .isEqualTo("arn:aws:backup:eu-central-1:${AWS::AccountId}:backup-vault:pilotlight-dev-primary");

        JsonNode leader = check(FAILED_OVER.dr());
        JsonNode standby = check(FAILED_OVER.primary());
        assertThat(leader.path("Inverted").asBoolean()).isTrue();
        assertThat(standby.path("Inverted").asBoolean(true)).isFalse();
        assertThat(leader.path("FullyQualifiedDomainName").asText()).isEqualTo("primary.app.example.com");
        assertThat(leader.path("ResourcePath").asText()).isEqualTo("/.well-known/pilotlight/leader/2");
        assertThat(check(FAILED_BACK.dr()).path("ResourcePath").asText()).isEqualTo("/.well-known/pilotlight/leader/3");
    }

    @Test
    void theFailoverRecordsNeverChange() {
        for (SynthesizedApp app : java.util.List.of(FAILED_OVER, FAILED_BACK)) {
            assertThat(app.primary().resource("DnsFailover85C7191B"))
                    .isEqualTo(FOUNDED.primary().resource("DnsFailover85C7191B"));
            assertThat(app.dr().resource("DnsFailover85C7191B"))
                    .isEqualTo(FOUNDED.dr().resource("DnsFailover85C7191B"));
        }
    }

    @Test
    void aBucketReplicatesOnceItsRegionHasLed() {
        assertThat(replication(FOUNDED.foundation()).isMissingNode()).isTrue();
        assertThat(text(replication(FAILED_OVER.foundation()).at("/Rules/0/Destination/Bucket")))
                .isEqualTo("arn:aws:s3:::pilotlight-dev-${AWS::AccountId}-eu-central-1");
        // And goes on: what users wrote there must not be lost.
        assertThat(replication(FAILED_BACK.foundation()).isMissingNode()).isFalse();
        assertThat(replication(FAILED_OVER.primary())).isEqualTo(replication(FOUNDED.primary()));
    }

    private static SynthesizedApp lineage(String entries) {
        return SynthesizedApp.of(TestConfigurations.with("dev", "{'databaseLineage': [" + entries + "]}"));
    }

    private static JsonNode database(StackTemplate stack) {
        return stack.only("AWS::RDS::DBInstance");
    }

    private static JsonNode check(StackTemplate stack) {
        return stack.only("AWS::Route53::HealthCheck").path("HealthCheckConfig");
    }

    private static int minSize(StackTemplate stack) {
        return stack.only("AWS::AutoScaling::AutoScalingGroup").path("MinSize").asInt();
    }

    private static JsonNode replication(StackTemplate stack) {
        return stack.resource("FoundationDataBucketA384A1E7").at("/Properties/ReplicationConfiguration");
    }
}
