package dev.pilotlight.simulation;

import java.util.Map;

/** How Step Functions names a service's errors: by the SDK's client class, without "Client". */
final class SdkNames {

    private static final Map<String, String> PREFIXES = Map.of(
            "acm", "Acm",
            "autoscaling", "AutoScaling",
            "cloudwatch", "CloudWatch",
            "ec2", "Ec2",
            "elasticloadbalancingv2", "ElasticLoadBalancingV2",
            "rds", "Rds",
            "s3", "S3",
            "secretsmanager", "SecretsManager",
            "servicequotas", "ServiceQuotas",
            "sfn", "Sfn");

    private SdkNames() {}

    static String errorPrefix(String service) {
        return service.equals("sns") ? "Sns" : PREFIXES.get(service);
    }
}
