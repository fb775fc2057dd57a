package dev.pilotlight.simulation;

import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.PromotionTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The leader's region as its own old runbook finds it: the one that made it the leader, and which its stack holds until
 * the append is deployed there. It was promoted, it claims the term before, and it serves. Whoever starts that runbook
 * instead of the other region's must not harm it.
 */
final class LedRegion {

    private final World world;
    private final Facts facts;

    LedRegion(World world, Facts facts) {
        this.world = world;
        this.facts = facts;
    }

    Object answer(String call, Map<String, Object> arguments) throws Refused {
        return switch (call) {
            case "sfn:listExecutions" -> Map.of("Executions", List.of());
            // The attempts of its own failover, and what it asks from outside, where all is as it should be.
            case "sfn:describeExecution" ->
                Map.of("Status", "SUCCEEDED", "Output", "{\"right\":true,\"said\":\"as it should\"}");
            case "rds:describeDBInstances" -> Map.of("DbInstances", List.of(database()));
            case "rds:describeOrderableDBInstanceOptions" ->
                Map.of("OrderableDBInstanceOptions", List.of(Map.of("Engine", "postgres")));
            case "autoscaling:describeAutoScalingGroups" ->
                Map.of(
                        "AutoScalingGroups",
                        List.of(Map.of(
                                "DesiredCapacity",
                                (long) facts.capacity(),
                                "MinSize",
                                (long) facts.capacity(),
                                "MaxSize",
                                4L,
                                "LaunchTemplate",
                                Map.of("LaunchTemplateId", "lt-1", "Version", "1"),
                                "SuspendedProcesses",
                                List.of())));
            case "autoscaling:updateAutoScalingGroup" -> updateGroup(arguments);
            case "secretsmanager:describeSecret" -> Map.of("Name", arguments.get("SecretId"));
            case "acm:describeCertificate" -> Map.of("Certificate", Map.of("Status", "ISSUED"));
            case "ec2:describeLaunchTemplateVersions" ->
                Map.of("LaunchTemplateVersions", List.of(Map.of("LaunchTemplateData", Map.of("ImageId", "ami-1"))));
            case "ec2:describeImages" -> Map.of("Images", List.of(Map.of("State", "available")));
            case "ec2:describeInstanceTypes" ->
                Map.of("InstanceTypes", List.of(Map.of("VCpuInfo", Map.of("DefaultVCpus", 2L))));
            case "servicequotas:getServiceQuota" -> Map.of("Quota", Map.of("Value", 32L));
            case "elasticloadbalancingv2:describeRules" ->
                Map.of("Rules", List.of(Listener.rule("arn:rule/claim", 1, claim().path(), claim().text())));
            case "elasticloadbalancingv2:createRule" -> throw createRule(arguments);
            case "elasticloadbalancingv2:describeTargetHealth" -> Map.of("TargetHealthDescriptions", targets());
            case "cloudwatch:getMetricData" ->
                Map.of(
                        "MetricDataResults",
                        List.of(Map.of(
                                "Id",
                                "writable",
                                "Timestamps",
                                List.of(Clock.instant(world.clock().now()).toString()),
                                "Values",
                                List.of(world.leader().databaseUp() ? 1.0 : 0.0))));
            case "sfn:startExecution" -> Map.of("ExecutionArn", "arn:outside");
            case "cloudwatch:putMetricData", "s3:putObject" -> Map.of();
            case "sns:publish" -> Map.of("MessageId", "1");
            default -> {
                world.violated(Invariant.A_RUN_IN_THE_LEADERS_REGION_CHANGES_NOTHING, call + " " + arguments);
                yield null;
            }
        };
    }

    private int claimed() {
        return facts.term() - 1;
    }

    private Claim claim() {
        return new Claim(facts.workload(), claimed());
    }

    private Map<String, Object> database() {
        return Map.of(
                "DbInstanceStatus",
                "available",
                "EngineVersion",
                "18.1",
                "TagList",
                List.of(Map.of("Key", PromotionTag.KEY, "Value", new PromotionTag(claimed(), 1, "60", false).value())));
    }

    private Refused createRule(Map<String, Object> arguments) {
        int priority = ((Number) arguments.get("Priority")).intValue();
        if (priority != claimed()) {
            world.violated(Invariant.A_RUN_IN_THE_LEADERS_REGION_CHANGES_NOTHING, "a rule: " + arguments);
        }
        return new Refused("ElasticLoadBalancingV2.PriorityInUseException", "Priority " + priority + " is in use");
    }

    private Object updateGroup(Map<String, Object> arguments) {
        if (((Number) arguments.getOrDefault("DesiredCapacity", facts.capacity())).intValue() < facts.capacity()
                || ((Number) arguments.get("MinSize")).intValue() < facts.capacity()) {
            world.violated(Invariant.A_RUN_IN_THE_LEADERS_REGION_CHANGES_NOTHING, "the group: " + arguments);
        }
        return Map.of();
    }

    /** Healthy while they are there: the agent answers for a stopped workload [agent]. */
    private List<Map<String, Object>> targets() {
        List<Map<String, Object>> list = new ArrayList<>();
        for (int target = 0; target < facts.capacity() && world.leader().up(); target++) {
            list.add(Map.of("TargetHealth", Map.of("State", "healthy")));
        }
        return list;
    }
}
