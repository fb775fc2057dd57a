package dev.pilotlight.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pilotlight.cli.aws.Aws;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.ReplicaDescription;
import software.amazon.awssdk.services.dynamodb.model.TableDescription;
import software.amazon.awssdk.services.dynamodb.model.Tag;

/** DynamoDB: a global table is asked in each of its regions. */
final class TableChecks implements ServiceChecks {

    @Override
    public Map<String, ResourceCheck> checks() {
        return Map.of("AWS::DynamoDB::GlobalTable", TableChecks::globalTable);
    }

    @Override
    public Map<String, Attribute> attributes() {
        return Map.of("AWS::DynamoDB::GlobalTable.Arn", (id, place) -> place.arn("dynamodb", "table/" + id));
    }

    private static void globalTable(Declared declared, Aws.InRegion aws, Comparison comparison) {
        TableDescription table = describe(aws.dynamoDb(), declared.id());
        for (JsonNode replica : declared.property("Replicas")) {
            replica(declared, replica, aws.in(replica.path("Region").asText()), comparison);
        }
        comparison
                .same(
                        "BillingMode",
                        table.billingModeSummary() == null
                                ? null
                                : table.billingModeSummary().billingMode())
                .same("SSESpecification", sse(table))
                .same("StreamSpecification", table.streamSpecification())
                .notShown("compared above, region by region", "Replicas")
                .rest(table);
        // Each replica knows of all of them.
        for (JsonNode replica : declared.property("Replicas")) {
            String region = replica.path("Region").asText();
            if (!region.equals(declared.region())) {
                comparison.same(
                        "a replica in " + region,
                        Answer.of(true),
                        table.replicas().stream()
                                .map(ReplicaDescription::regionName)
                                .anyMatch(region::equals));
            }
        }
    }

    private static void replica(Declared declared, JsonNode replica, Aws.InRegion aws, Comparison comparison) {
        String region = replica.path("Region").asText();
        TableDescription table = describe(aws.dynamoDb(), declared.id());
        String recovery = aws.dynamoDb()
                .describeContinuousBackups(request -> request.tableName(declared.id()))
                .continuousBackupsDescription()
                .pointInTimeRecoveryDescription()
                .pointInTimeRecoveryStatusAsString();
        ObjectNode actual = JsonNodeFactory.instance.objectNode();
        actual.put("Region", region);
        actual.put("DeletionProtectionEnabled", Boolean.TRUE.equals(table.deletionProtectionEnabled()));
        actual.putObject("PointInTimeRecoverySpecification")
                .put("PointInTimeRecoveryEnabled", "ENABLED".equals(recovery));
        if (table.sseDescription() != null && table.sseDescription().kmsMasterKeyArn() != null) {
            String declaredKey =
                    replica.path("SSESpecification").path("KMSMasterKeyId").asText();
            // DynamoDB shows the key where a template may name its alias.
            String key = table.sseDescription().kmsMasterKeyArn();
            actual.putObject("SSESpecification")
                    .put("KMSMasterKeyId", KeyNames.same(declaredKey, key, aws) ? declaredKey : key);
        }
        if (replica.has("Tags")) {
            Map<String, String> tags =
                    aws.dynamoDb().listTagsOfResource(request -> request.resourceArn(table.tableArn())).tags().stream()
                            .collect(Comparison.byKey(Tag::key, Tag::value));
            for (JsonNode tag : replica.path("Tags")) {
                comparison.same(
                        "tag " + tag.path("Key").asText() + " in " + region,
                        tag.path("Value"),
                        tags.get(tag.path("Key").asText()));
            }
        }
        JsonNode expected = ((ObjectNode) replica.deepCopy()).without("Tags");
        comparison.same("replica in " + region, expected, actual);
    }

    private static ObjectNode sse(TableDescription table) {
        ObjectNode actual = JsonNodeFactory.instance.objectNode();
        if (table.sseDescription() != null) {
            actual.put("SSEEnabled", table.sseDescription().statusAsString().startsWith("ENABL"));
            actual.put("SSEType", table.sseDescription().sseTypeAsString());
        }
        return actual;
    }

    private static TableDescription describe(DynamoDbClient dynamoDb, String name) {
        return dynamoDb.describeTable(request -> request.tableName(name)).table();
    }
}
