package dev.pilotlight.cli.check;

import dev.pilotlight.cli.aws.Aws;
import java.util.Map;
import software.amazon.awssdk.services.kms.model.AliasListEntry;
import software.amazon.awssdk.services.kms.model.KeyMetadata;
import software.amazon.awssdk.services.kms.model.Tag;

/** KMS. */
final class KeyChecks implements ServiceChecks {

    @Override
    public Map<String, ResourceCheck> checks() {
        return Map.of("AWS::KMS::Key", KeyChecks::key, "AWS::KMS::Alias", KeyChecks::alias);
    }

    @Override
    public Map<String, Attribute> attributes() {
        return Map.of(
                "AWS::KMS::Key.Arn", (id, place) -> place.arn("kms", "key/" + id),
                "AWS::KMS::Key.KeyId", (id, place) -> id);
    }

    private static void key(Declared declared, Aws.InRegion aws, Comparison comparison) {
        String id = declared.id();
        KeyMetadata key = aws.kms().describeKey(request -> request.keyId(id)).keyMetadata();
        comparison
                .samePolicy(
                        "KeyPolicy",
                        aws.kms()
                                .getKeyPolicy(request -> request.keyId(id).policyName("default"))
                                .policy())
                .same(
                        "EnableKeyRotation",
                        aws.kms()
                                .getKeyRotationStatus(request -> request.keyId(id))
                                .keyRotationEnabled())
                .tags(
                        "Tags",
                        aws.kms().listResourceTags(request -> request.keyId(id)).tags().stream()
                                .collect(Comparison.byKey(Tag::tagKey, Tag::tagValue)))
                .notShown("how long a deletion waits is said when it is asked for", "PendingWindowInDays")
                .rest(key);
    }

    private static void alias(Declared declared, Aws.InRegion aws, Comparison comparison) {
        AliasListEntry alias = Missing.ifEmpty(aws.kms().listAliasesPaginator().aliases().stream()
                .filter(entry -> entry.aliasName().equals(declared.text("AliasName")))
                .toList());
        String target = declared.text("TargetKeyId");
        comparison
                .same(
                        "TargetKeyId",
                        target.startsWith("arn:")
                                ? target.replaceAll("[^/]*$", "") + alias.targetKeyId()
                                : alias.targetKeyId())
                .rest(alias);
    }
}
