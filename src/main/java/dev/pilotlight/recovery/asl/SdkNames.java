package dev.pilotlight.recovery.asl;

import java.util.Map;
import java.util.Optional;

/** How Step Functions names a service's errors: by the SDK's client class, without "Client". */
public final class SdkNames {

    private static final Map<String, String> PREFIXES = Map.ofEntries(
            Map.entry("acm", "Acm"),
            Map.entry("autoscaling", "AutoScaling"),
            Map.entry("cloudwatch", "CloudWatch"),
            Map.entry("ec2", "Ec2"),
            Map.entry("elasticloadbalancingv2", "ElasticLoadBalancingV2"),
            Map.entry("eventbridge", "EventBridge"),
            Map.entry("rds", "Rds"),
            Map.entry("s3", "S3"),
            Map.entry("secretsmanager", "SecretsManager"),
            Map.entry("servicequotas", "ServiceQuotas"),
            Map.entry("sfn", "Sfn"),
            Map.entry("sns", "Sns"));

    private SdkNames() {}

    /** Empty for a service that no runbook of ours calls. */
    public static Optional<String> errorPrefix(String service) {
        return Optional.ofNullable(PREFIXES.get(service));
    }
}
