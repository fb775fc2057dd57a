package dev.pilotlight.data;

import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.iam.AnyPrincipal;
import software.amazon.awscdk.services.iam.IPrincipal;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.CfnAlias;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.kms.Key;
import software.amazon.awscdk.services.kms.KeyProps;
import software.constructs.Construct;

/** A customer managed key of one region, rotated every year, retained when its stack goes: data outlives stacks. */
public final class RegionKey extends Construct {

    private final Key key;

    /**
     * @param alias with the prefix {@code alias/}
     * @param description says what it protects
     */
    public RegionKey(Construct scope, String id, String alias, String description) {
        super(scope, id);
        this.key = new Key(
                this,
                "Key",
                KeyProps.builder()
                        .alias(alias)
                        .description(description)
                        .enableKeyRotation(true)
                        .removalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
                        .build());
        // The other region and the instances know the key by its alias. A retained key that had lost it would leave
        // what it protects unreadable to them.
        key.getNode().findAll().stream()
                .filter(CfnAlias.class::isInstance)
                .forEach(cfn -> ((CfnAlias) cfn).applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE));
    }

    public IKey key() {
        return key;
    }

    /** Lets CloudWatch Logs encrypt this account's log groups of the region. */
    public RegionKey forLogGroups(String region) {
        key.addToResourcePolicy(PolicyStatement.Builder.create()
                .sid("LogGroupsOfThisAccount")
                .principals(List.of(new ServicePrincipal("logs." + region + ".amazonaws.com")))
                .actions(List.of(
                        "kms:Encrypt*", "kms:Decrypt*", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:Describe*"))
                .resources(List.of("*"))
                .conditions(Map.of(
                        "ArnLike",
                        Map.of(
                                "kms:EncryptionContext:aws:logs:arn",
                                "arn:" + Aws.PARTITION + ":logs:" + region + ":" + Aws.ACCOUNT_ID + ":log-group:*")))
                .build());
        return this;
    }

    /** Lets alarms and the Auto Scaling group publish to this account's encrypted topics. */
    public RegionKey forNotifications() {
        key.addToResourcePolicy(publishing(
                "NotificationsOfAlarms",
                new ServicePrincipal("cloudwatch.amazonaws.com"),
                Map.of("StringEquals", Map.of("aws:SourceAccount", Aws.ACCOUNT_ID))));
        // Auto Scaling publishes as its service-linked role, which has no permission of its own for any key. Named in a
        // condition, not as principal: in an account that never had a group the role does not exist yet, and KMS
        // refuses a policy with an unknown principal.
        key.addToResourcePolicy(
                publishing(
                        "NotificationsOfAutoScaling",
                        new AnyPrincipal(),
                        Map.of(
                                "ArnEquals",
                                Map.of(
                                        "aws:PrincipalArn",
                                        "arn:" + Aws.PARTITION + ":iam::" + Aws.ACCOUNT_ID
                                                + ":role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"))));
        return this;
    }

    private static PolicyStatement publishing(String sid, IPrincipal principal, Map<String, Object> conditions) {
        return PolicyStatement.Builder.create()
                .sid(sid)
                .principals(List.of(principal))
                .actions(List.of("kms:Decrypt", "kms:GenerateDataKey*"))
                .resources(List.of("*"))
                .conditions(conditions)
                .build();
    }
}
