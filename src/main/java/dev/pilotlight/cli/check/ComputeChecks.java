package dev.pilotlight.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pilotlight.cli.aws.Aws;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingGroup;
import software.amazon.awssdk.services.autoscaling.model.NotificationConfiguration;
import software.amazon.awssdk.services.autoscaling.model.ScalingPolicy;
import software.amazon.awssdk.services.autoscaling.model.TagDescription;
import software.amazon.awssdk.services.ec2.model.LaunchTemplateVersion;

/** Auto Scaling groups and what they start. */
final class ComputeChecks implements ServiceChecks {

    @Override
    public Map<String, ResourceCheck> checks() {
        return Map.of(
                "AWS::AutoScaling::AutoScalingGroup", ComputeChecks::group,
                "AWS::AutoScaling::ScalingPolicy", ComputeChecks::scalingPolicy,
                "AWS::EC2::LaunchTemplate", ComputeChecks::launchTemplate);
    }

    @Override
    public Map<String, Attribute> attributes() {
        return Map.of(
                "AWS::EC2::LaunchTemplate.LatestVersionNumber",
                        (id, place) -> latest(id, place.aws()).versionNumber().toString(),
                "AWS::EC2::LaunchTemplate.LaunchTemplateId", (id, place) -> id);
    }

    private static void group(Declared declared, Aws.InRegion aws, Comparison comparison) {
        AutoScalingGroup group = Missing.ifEmpty(aws.autoScaling()
                .describeAutoScalingGroups(request -> request.autoScalingGroupNames(declared.id()))
                .autoScalingGroups());
        boolean withinBounds = group.minSize() <= group.desiredCapacity()
                && group.desiredCapacity() <= group.maxSize()
                && group.instances().size() == group.desiredCapacity();
        comparison
                .same("as many instances as desired, within the bounds", Answer.of(true), withinBounds)
                .same("VPCZoneIdentifier", Stream.of(group.vpcZoneIdentifier().split(",")))
                .same("NotificationConfigurations", notifications(declared.id(), aws))
                .tags(
                        "Tags",
                        group.tags().stream().collect(Comparison.byKey(TagDescription::key, TagDescription::value)))
                .notShown("moto keeps neither", "DefaultInstanceWarmup", "MetricsCollection")
                .rest(group);
    }

    private static JsonNode notifications(String group, Aws.InRegion aws) {
        Map<String, java.util.List<String>> byTopic = aws
                .autoScaling()
                .describeNotificationConfigurations(request -> request.autoScalingGroupNames(group))
                .notificationConfigurations()
                .stream()
                .collect(Collectors.groupingBy(
                        NotificationConfiguration::topicARN,
                        Collectors.mapping(NotificationConfiguration::notificationType, Collectors.toList())));
        ArrayNode actual = JsonNodeFactory.instance.arrayNode();
        byTopic.forEach(
                (topic, types) -> actual.addObject().put("TopicARN", topic).set("NotificationTypes", Answer.of(types)));
        return actual;
    }

    private static void scalingPolicy(Declared declared, Aws.InRegion aws, Comparison comparison) {
        // Ref is the ARN, …:policyName/NAME, and AWS takes either; moto knows the name only.
        String name = declared.id().substring(declared.id().lastIndexOf("policyName/") + "policyName/".length());
        ScalingPolicy policy = Missing.ifEmpty(aws.autoScaling()
                .describePolicies(request -> request.autoScalingGroupName(declared.text("AutoScalingGroupName"))
                        .policyNames(name))
                .scalingPolicies());
        comparison.rest(policy);
    }

    private static LaunchTemplateVersion latest(String id, Aws.InRegion aws) {
        return Missing.ifEmpty(aws.ec2()
                .describeLaunchTemplateVersions(
                        request -> request.launchTemplateId(id).versions("$Latest"))
                .launchTemplateVersions());
    }

    private static void launchTemplate(Declared declared, Aws.InRegion aws, Comparison comparison) {
        JsonNode data = Answer.of(latest(declared.id(), aws).launchTemplateData());
        // moto counts the template's own tags among those of what it starts.
        ((ObjectNode) data)
                .set(
                        "TagSpecifications",
                        Answer.of(StreamSupport.stream(
                                        data.path("TagSpecifications").spliterator(), false)
                                .filter(tags ->
                                        !tags.path("ResourceType").asText().equals("launch-template"))));
        comparison
                .same("LaunchTemplateData", data)
                .same("TagSpecifications", tagsOf(declared, aws))
                .rest(latest(declared.id(), aws));
    }

    private static JsonNode tagsOf(Declared declared, Aws.InRegion aws) {
        var template = Missing.ifEmpty(aws.ec2()
                .describeLaunchTemplates(request -> request.launchTemplateIds(declared.id()))
                .launchTemplates());
        ArrayNode actual = JsonNodeFactory.instance.arrayNode();
        JsonNode declaredTags = declared.property("TagSpecifications").path(0).path("Tags");
        ArrayNode tags =
                actual.addObject().put("ResourceType", "launch-template").putArray("Tags");
        template.tags().stream()
                .filter(tag -> declaredTags.findValuesAsText("Key").contains(tag.key()))
                .forEach(tag -> tags.addObject().put("Key", tag.key()).put("Value", tag.value()));
        return actual;
    }
}
