package dev.pilotlight.cli.drill;

import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.cloudformation.model.StackResource;

/** What the stacks hold, to tell a change from a replacement. */
final class Stacks {

    /** Whose replacement loses data, or takes the region off the air. */
    private static final Set<String> PRECIOUS = Set.of(
            "AWS::RDS::DBInstance",
            "AWS::S3::Bucket",
            "AWS::DynamoDB::GlobalTable",
            "AWS::KMS::Key",
            "AWS::Backup::BackupVault",
            "AWS::SecretsManager::Secret",
            "AWS::Logs::LogGroup",
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "AWS::ElasticLoadBalancingV2::TargetGroup",
            "AWS::AutoScaling::AutoScalingGroup",
            "AWS::Route53::HealthCheck",
            "AWS::EC2::VPC");

    private final Aws aws;
    private final Names names;

    Stacks(Aws aws, Names names) {
        this.aws = aws;
        this.names = names;
    }

    /** Logical and physical ids of what must not be replaced, by type and logical id. */
    Map<String, String> precious(RegionName region) {
        Map<String, String> ids = new TreeMap<>();
        String stack = Names.stack(names.workload(), region.id());
        for (StackResource resource : aws.in(names.regionOf(region))
                .cloudFormation()
                .describeStackResources(request -> request.stackName(stack))
                .stackResources()) {
            if (PRECIOUS.contains(resource.resourceType())) {
                ids.put(
                        resource.resourceType() + " " + resource.logicalResourceId(),
                        String.valueOf(resource.physicalResourceId()));
            }
        }
        return ids;
    }

    /**
     * What is not as before: another physical id, or gone.
     *
     * @return for people; empty if nothing
     */
    static String replaced(Map<String, String> before, Map<String, String> after) {
        return before.entrySet().stream()
                .filter(entry -> !entry.getValue().equals(after.get(entry.getKey())))
                .map(entry -> "%s was %s and is %s"
                        .formatted(
                                entry.getKey(),
                                entry.getValue(),
                                after.getOrDefault(entry.getKey(), "no longer in the stack")))
                .collect(Collectors.joining("; "));
    }
}
