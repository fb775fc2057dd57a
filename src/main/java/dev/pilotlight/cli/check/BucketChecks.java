package dev.pilotlight.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pilotlight.cli.aws.Aws;
import java.util.Map;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.Tag;

/** S3. */
final class BucketChecks implements ServiceChecks {

    @Override
    public Map<String, ResourceCheck> checks() {
        return Map.of("AWS::S3::Bucket", BucketChecks::bucket, "AWS::S3::BucketPolicy", BucketChecks::policy);
    }

    @Override
    public Map<String, Attribute> attributes() {
        return Map.of("AWS::S3::Bucket.Arn", (id, place) -> "arn:aws:s3:::" + id);
    }

    private static void bucket(Declared declared, Aws.InRegion aws, Comparison comparison) {
        S3Client s3 = aws.s3();
        String name = declared.id();
        String region = s3.getBucketLocation(request -> request.bucket(name)).locationConstraintAsString();
        comparison
                .same("region", Answer.of(declared.region()), region == null || region.isEmpty() ? "us-east-1" : region)
                .same("BucketName", name)
                .same("VersioningConfiguration", s3.getBucketVersioning(request -> request.bucket(name)));
        if (declared.properties().has("BucketEncryption")) {
            JsonNode rules = Answer.of(s3.getBucketEncryption(request -> request.bucket(name))
                    .serverSideEncryptionConfiguration()
                    .rules());
            comparison.same(
                    "BucketEncryption",
                    Answer.of(Map.of(
                            "ServerSideEncryptionConfiguration",
                            renamed(
                                    rules,
                                    Map.of("ApplyServerSideEncryptionByDefault", "ServerSideEncryptionByDefault")))));
        }
        if (declared.properties().has("PublicAccessBlockConfiguration")) {
            comparison.same(
                    "PublicAccessBlockConfiguration",
                    s3.getPublicAccessBlock(request -> request.bucket(name)).publicAccessBlockConfiguration());
        }
        if (declared.properties().has("LifecycleConfiguration")) {
            comparison.same("LifecycleConfiguration", lifecycle(s3, name));
        }
        if (declared.properties().has("ReplicationConfiguration")) {
            JsonNode replication = Answer.of(
                    s3.getBucketReplication(request -> request.bucket(name)).replicationConfiguration());
            comparison.same("ReplicationConfiguration", renamed(replication, Map.of("ID", "Id")));
        }
        if (declared.properties().has("LoggingConfiguration")) {
            JsonNode logging = Answer.of(
                    s3.getBucketLogging(request -> request.bucket(name)).loggingEnabled());
            comparison.same(
                    "LoggingConfiguration",
                    renamed(logging, Map.of("TargetBucket", "DestinationBucketName", "TargetPrefix", "LogFilePrefix")));
        }
        if (declared.properties().has("NotificationConfiguration")) {
            boolean eventBridge = s3.getBucketNotificationConfiguration(request -> request.bucket(name))
                            .eventBridgeConfiguration()
                    != null;
            comparison.same(
                    "NotificationConfiguration",
                    Answer.of(Map.of("EventBridgeConfiguration", Map.of("EventBridgeEnabled", eventBridge))));
        }
        if (declared.properties().has("OwnershipControls")) {
            comparison.same(
                    "OwnershipControls",
                    s3.getBucketOwnershipControls(request -> request.bucket(name))
                            .ownershipControls());
        }
        if (declared.properties().has("Tags")) {
            comparison.tags(
                    "Tags",
                    s3.getBucketTagging(request -> request.bucket(name)).tagSet().stream()
                            .collect(Comparison.byKey(Tag::key, Tag::value)));
        }
    }

    private static JsonNode lifecycle(S3Client s3, String bucket) {
        JsonNode rules = renamed(
                Answer.of(s3.getBucketLifecycleConfiguration(request -> request.bucket(bucket))
                        .rules()),
                Map.of("ID", "Id"));
        for (JsonNode rule : rules) {
            if (rule.path("Expiration").has("Days")) {
                ((ObjectNode) rule)
                        .set("ExpirationInDays", rule.path("Expiration").path("Days"));
            }
        }
        return Answer.of(Map.of("Rules", rules));
    }

    private static void policy(Declared declared, Aws.InRegion aws, Comparison comparison) {
        comparison
                .samePolicy(
                        "PolicyDocument",
                        aws.s3()
                                .getBucketPolicy(request -> request.bucket(declared.text("Bucket")))
                                .policy())
                .notShown("asked by it", "Bucket");
    }

    /** S3's API and CloudFormation name the same thing differently. */
    private static JsonNode renamed(JsonNode node, Map<String, String> names) {
        if (node.isArray()) {
            node.forEach(item -> renamed(item, names));
        } else if (node.isObject()) {
            ObjectNode object = (ObjectNode) node;
            object.forEach(member -> renamed(member, names));
            names.forEach((from, to) -> {
                if (object.has(from)) {
                    object.set(to, object.remove(from));
                }
            });
        }
        return node;
    }
}
