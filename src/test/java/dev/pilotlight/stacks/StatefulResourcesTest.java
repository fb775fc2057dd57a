package dev.pilotlight.stacks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.testing.Stateful;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds data keeps its logical id: a new one is, to CloudFormation, a new and empty resource. */
class StatefulResourcesTest {

    static List<SynthesizedApp> profiles() {
        return List.of(SynthesizedApp.dev(), SynthesizedApp.prod());
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void keepTheirLogicalIds(SynthesizedApp app) {
        Map<String, String> foundation = Map.of(
                "FoundationCopiesKey2D0EC613", "AWS::KMS::Key",
                "FoundationAccessLogsBucket81305C7C", "AWS::S3::Bucket",
                "FoundationDataBucketA384A1E7", "AWS::S3::Bucket",
                "FoundationVault884C09D4", "AWS::Backup::BackupVault");
        assertThat(stateful(app.foundation())).isEqualTo(foundation);

        Map<String, String> region = Map.of(
                "Key9BCD29C7", "AWS::KMS::Key",
                "NetworkFlowLogs2BEC3212", "AWS::Logs::LogGroup",
                "EndpointAccessLogsBucket70F7440B", "AWS::S3::Bucket",
                "DatabaseSubnets56F17B9A", "AWS::RDS::DBSubnetGroup",
                "DatabaseParametersF882294D", "AWS::RDS::DBParameterGroup",
                "RunbookLogsGroup02FC6A91", "AWS::Logs::LogGroup");
        Map<String, String> primary = new TreeMap<>(region);
        primary.putAll(foundation);
        primary.put("DatabaseSecretBD1F58AE", "AWS::SecretsManager::Secret");
        primary.put("Table710B521B", "AWS::DynamoDB::GlobalTable");
        primary.put("DatabaseDb0C2B698BF", "AWS::RDS::DBInstance");
        primary.put("DatabaseDb0Log4F72803E", "AWS::Logs::LogGroup");
        primary.put("DatabaseDb0UpgradeLog88D54157", "AWS::Logs::LogGroup");
        assertThat(stateful(app.primary())).isEqualTo(primary);

        Map<String, String> dr = new TreeMap<>(region);
        dr.put("DatabaseDb193A5A5EF", "AWS::RDS::DBInstance");
        dr.put("DatabaseDb1LogD005C534", "AWS::Logs::LogGroup");
        dr.put("DatabaseDb1UpgradeLogE1744846", "AWS::Logs::LogGroup");
        assertThat(stateful(app.dr())).isEqualTo(dr);
    }

    /** Retained, but for a create that fails: a fixed name would be taken at the next try. */
    @ParameterizedTest
    @MethodSource("profiles")
    void areRetained(SynthesizedApp app) {
        assertThat(app.resources()
                        .filter(entry -> Stateful.TYPES.contains(type(entry.getValue())))
                        .map(Map.Entry::getValue))
                .isNotEmpty()
                .allSatisfy(resource -> {
                    assertThat(resource.path("DeletionPolicy").asText()).isEqualTo("RetainExceptOnCreate");
                    assertThat(resource.path("UpdateReplacePolicy").asText()).isEqualTo("Retain");
                });
    }

    @Test
    void productionStacksAreProtectedFromTermination() {
        assertThat(SynthesizedApp.prod().stacks()).allMatch(StackTemplate::terminationProtection);
        assertThat(SynthesizedApp.dev().stacks()).noneMatch(StackTemplate::terminationProtection);
    }

    private static Map<String, String> stateful(StackTemplate stack) {
        Map<String, String> found = new TreeMap<>();
        stack.resources().forEach((id, resource) -> {
            if (Stateful.TYPES.contains(type(resource))) {
                found.put(id, type(resource));
            }
        });
        return found;
    }

    private static String type(JsonNode resource) {
        return resource.path("Type").asText();
    }
}
