package dev.pilotlight.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pilotlight.cli.aws.Aws;
import java.util.Map;
import java.util.stream.Stream;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.AvailabilityZone;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Listener;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.LoadBalancer;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.LoadBalancerAttribute;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Tag;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TagDescription;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroup;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetGroupAttribute;

/** Elastic Load Balancing. */
final class LoadBalancingChecks implements ServiceChecks {

    @Override
    public Map<String, ResourceCheck> checks() {
        return Map.of(
                "AWS::ElasticLoadBalancingV2::LoadBalancer", LoadBalancingChecks::loadBalancer,
                "AWS::ElasticLoadBalancingV2::Listener", LoadBalancingChecks::listener,
                "AWS::ElasticLoadBalancingV2::ListenerRule", LoadBalancingChecks::rule,
                "AWS::ElasticLoadBalancingV2::TargetGroup", LoadBalancingChecks::targetGroup);
    }

    @Override
    public Map<String, Attribute> attributes() {
        return Map.of(
                "AWS::ElasticLoadBalancingV2::LoadBalancer.DNSName",
                        (arn, place) -> describe(arn, place.aws()).dnsName(),
                "AWS::ElasticLoadBalancingV2::LoadBalancer.CanonicalHostedZoneID",
                        (arn, place) -> describe(arn, place.aws()).canonicalHostedZoneId(),
                // …:loadbalancer/app/NAME/ID
                "AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerFullName",
                        (arn, place) -> arn.substring(arn.indexOf(":loadbalancer/") + ":loadbalancer/".length()),
                // …:targetgroup/NAME/ID
                "AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupFullName",
                        (arn, place) -> arn.substring(arn.indexOf(":targetgroup/") + 1),
                "AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupArn", (arn, place) -> arn,
                "AWS::ElasticLoadBalancingV2::Listener.ListenerArn", (arn, place) -> arn);
    }

    private static LoadBalancer describe(String arn, Aws.InRegion aws) {
        return Missing.ifEmpty(aws.loadBalancing()
                .describeLoadBalancers(request -> request.loadBalancerArns(arn))
                .loadBalancers());
    }

    private static void loadBalancer(Declared declared, Aws.InRegion aws, Comparison comparison) {
        LoadBalancer balancer = describe(declared.id(), aws);
        Map<String, String> attributes = aws
                .loadBalancing()
                .describeLoadBalancerAttributes(request -> request.loadBalancerArn(declared.id()))
                .attributes()
                .stream()
                .collect(Comparison.byKey(LoadBalancerAttribute::key, LoadBalancerAttribute::value));
        comparison
                .same("Subnets", balancer.availabilityZones().stream().map(AvailabilityZone::subnetId))
                .tags("LoadBalancerAttributes", attributes)
                .same("Name", balancer.loadBalancerName())
                .tags("Tags", tags(aws, declared.id()))
                .rest(balancer);
    }

    private static void listener(Declared declared, Aws.InRegion aws, Comparison comparison) {
        Listener listener = Missing.ifEmpty(aws.loadBalancing()
                .describeListeners(request -> request.listenerArns(declared.id()))
                .listeners());
        comparison
                .same(
                        "DefaultActions",
                        actions(declared.property("DefaultActions"), Answer.of(listener.defaultActions())))
                .rest(listener);
    }

    private static void rule(Declared declared, Aws.InRegion aws, Comparison comparison) {
        Rule rule = Missing.ifEmpty(aws.loadBalancing()
                .describeRules(request -> request.ruleArns(declared.id()))
                .rules());
        comparison
                .same("Actions", actions(declared.property("Actions"), Answer.of(rule.actions())))
                .notShown("asked by it", "ListenerArn")
                .rest(rule);
    }

    /** A forward to one target group can be said in two ways. */
    private static JsonNode actions(JsonNode declared, JsonNode actual) {
        for (JsonNode action : actual) {
            JsonNode groups = action.path("ForwardConfig").path("TargetGroups");
            if (groups.size() == 1 && !action.has("TargetGroupArn")) {
                ((ObjectNode) action).set("TargetGroupArn", groups.get(0).path("TargetGroupArn"));
            }
        }
        return declared.isMissingNode() ? declared : actual;
    }

    private static void targetGroup(Declared declared, Aws.InRegion aws, Comparison comparison) {
        TargetGroup group = Missing.ifEmpty(aws.loadBalancing()
                .describeTargetGroups(request -> request.targetGroupArns(declared.id()))
                .targetGroups());
        Map<String, String> attributes = aws
                .loadBalancing()
                .describeTargetGroupAttributes(request -> request.targetGroupArn(declared.id()))
                .attributes()
                .stream()
                .collect(Comparison.byKey(TargetGroupAttribute::key, TargetGroupAttribute::value));
        comparison
                .tags("TargetGroupAttributes", attributes)
                .same("Name", group.targetGroupName())
                .tags("Tags", tags(aws, declared.id()))
                .rest(group);
    }

    private static Map<String, String> tags(Aws.InRegion aws, String arn) {
        Stream<TagDescription> descriptions =
                aws.loadBalancing().describeTags(request -> request.resourceArns(arn)).tagDescriptions().stream();
        return descriptions
                .flatMap(description -> description.tags().stream())
                .collect(Comparison.byKey(Tag::key, Tag::value));
    }
}
