package dev.pilotlight.cli.check;

import dev.pilotlight.cli.aws.Aws;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import software.amazon.awssdk.services.cloudwatch.model.AlarmType;
import software.amazon.awssdk.services.cloudwatch.model.CompositeAlarm;
import software.amazon.awssdk.services.cloudwatch.model.DescribeAlarmsResponse;
import software.amazon.awssdk.services.cloudwatch.model.MetricAlarm;
import software.amazon.awssdk.services.cloudwatch.model.Tag;
import software.amazon.awssdk.services.cloudwatchlogs.model.LogGroup;
import software.amazon.awssdk.services.eventbridge.model.DescribeConnectionResponse;
import software.amazon.awssdk.services.eventbridge.model.DescribeRuleResponse;
import software.amazon.awssdk.services.eventbridge.model.Target;
import software.amazon.awssdk.services.sns.model.Subscription;

/** CloudWatch, its logs, EventBridge and SNS. */
final class ObservabilityChecks implements ServiceChecks {

    @Override
    public Map<String, ResourceCheck> checks() {
        return Map.of(
                "AWS::CloudWatch::Alarm", ObservabilityChecks::alarm,
                "AWS::CloudWatch::CompositeAlarm", ObservabilityChecks::compositeAlarm,
                "AWS::Logs::LogGroup", ObservabilityChecks::logGroup,
                "AWS::Events::Connection", ObservabilityChecks::connection,
                "AWS::Events::Rule", ObservabilityChecks::rule,
                "AWS::SNS::Topic", ObservabilityChecks::topic,
                "AWS::SNS::TopicPolicy", ObservabilityChecks::topicPolicy,
                "AWS::SNS::Subscription", ObservabilityChecks::subscription);
    }

    @Override
    public Map<String, Attribute> attributes() {
        return Map.of(
                "AWS::CloudWatch::Alarm.Arn", (name, place) -> place.arn("cloudwatch", "alarm:" + name),
                "AWS::CloudWatch::CompositeAlarm.Arn", (name, place) -> place.arn("cloudwatch", "alarm:" + name),
                "AWS::Events::Connection.Arn",
                        (name, place) -> describe(name, place.aws()).connectionArn(),
                "AWS::Events::Connection.SecretArn",
                        (name, place) -> describe(name, place.aws()).secretArn(),
                "AWS::Logs::LogGroup.Arn", (name, place) -> place.arn("logs", "log-group:" + name + ":*"),
                "AWS::SNS::Topic.TopicName", (arn, place) -> arn.substring(arn.lastIndexOf(':') + 1),
                "AWS::SNS::Topic.TopicArn", (arn, place) -> arn,
                "AWS::Events::Rule.Arn", (name, place) -> place.arn("events", "rule/" + name));
    }

    private static void alarm(Declared declared, Aws.InRegion aws, Comparison comparison) {
        DescribeAlarmsResponse answer = aws.cloudWatch().describeAlarms(request -> request.alarmNames(declared.id()));
        MetricAlarm alarm = Missing.ifEmpty(answer.metricAlarms());
        comparison
                .tags(
                        "Tags",
                        aws
                                .cloudWatch()
                                .listTagsForResource(request -> request.resourceARN(alarm.alarmArn()))
                                .tags()
                                .stream()
                                .collect(Comparison.byKey(Tag::key, Tag::value)))
                .rest(alarm);
    }

    private static void compositeAlarm(Declared declared, Aws.InRegion aws, Comparison comparison) {
        DescribeAlarmsResponse answer = aws.cloudWatch()
                .describeAlarms(request -> request.alarmNames(declared.id()).alarmTypes(AlarmType.COMPOSITE_ALARM));
        CompositeAlarm alarm = Missing.ifEmpty(answer.compositeAlarms());
        comparison
                .tags(
                        "Tags",
                        aws
                                .cloudWatch()
                                .listTagsForResource(request -> request.resourceARN(alarm.alarmArn()))
                                .tags()
                                .stream()
                                .collect(Comparison.byKey(Tag::key, Tag::value)))
                .rest(alarm);
    }

    private static void connection(Declared declared, Aws.InRegion aws, Comparison comparison) {
        DescribeConnectionResponse connection = describe(declared.id(), aws);
        comparison
                .same(
                        "the name of the connection's key",
                        declared.property("AuthParameters").at("/ApiKeyAuthParameters/ApiKeyName"),
                        connection.authParameters().apiKeyAuthParameters().apiKeyName())
                .notShown("its name is compared above, its value is kept in a secret", "AuthParameters")
                .rest(connection);
    }

    private static DescribeConnectionResponse describe(String connection, Aws.InRegion aws) {
        return aws.events().describeConnection(request -> request.name(connection));
    }

    private static void logGroup(Declared declared, Aws.InRegion aws, Comparison comparison) {
        LogGroup group = Missing.ifEmpty(
                aws.logs().describeLogGroups(request -> request.logGroupNamePrefix(declared.id())).logGroups().stream()
                        .filter(entry -> entry.logGroupName().equals(declared.id()))
                        .toList());
        comparison
                .same("LogGroupName", group.logGroupName())
                .same("RetentionInDays", group.retentionInDays())
                .same("KmsKeyId", group.kmsKeyId())
                .tags(
                        "Tags",
                        aws.logs()
                                .listTagsForResource(request ->
                                        request.resourceArn(group.arn().replaceAll(":\\*$", "")))
                                .tags())
                .rest(group);
    }

    private static void rule(Declared declared, Aws.InRegion aws, Comparison comparison) {
        DescribeRuleResponse rule = aws.events().describeRule(request -> request.name(declared.id()));
        List<Target> targets = aws.events()
                .listTargetsByRule(request -> request.rule(declared.id()))
                .targets();
        comparison
                .samePolicy("EventPattern", rule.eventPattern())
                .same("Targets", targets)
                .tags(
                        "Tags",
                        aws.events().listTagsForResource(request -> request.resourceARN(rule.arn())).tags().stream()
                                .collect(Comparison.byKey(tag -> tag.key(), tag -> tag.value())))
                .rest(rule);
    }

    private static void topic(Declared declared, Aws.InRegion aws, Comparison comparison) {
        Map<String, String> attributes = aws.sns()
                .getTopicAttributes(request -> request.topicArn(declared.id()))
                .attributes();
        comparison
                .tags(
                        "Tags",
                        aws.sns().listTagsForResource(request -> request.resourceArn(declared.id())).tags().stream()
                                .collect(Comparison.byKey(tag -> tag.key(), tag -> tag.value())))
                .same("TopicName", declared.id().substring(declared.id().lastIndexOf(':') + 1))
                .rest(attributes);
    }

    private static void topicPolicy(Declared declared, Aws.InRegion aws, Comparison comparison) {
        for (var topic : declared.property("Topics")) {
            String policy = aws.sns()
                    .getTopicAttributes(request -> request.topicArn(topic.asText()))
                    .attributes()
                    .get("Policy");
            comparison.same(
                    "PolicyDocument of " + topic.asText(),
                    declared.property("PolicyDocument"),
                    policy == null ? null : Comparison.policy(policy));
        }
        comparison.notShown("compared above, topic by topic", "PolicyDocument", "Topics");
    }

    private static void subscription(Declared declared, Aws.InRegion aws, Comparison comparison) {
        Stream<Subscription> all = aws
                .sns()
                .listSubscriptionsByTopicPaginator(request -> request.topicArn(declared.text("TopicArn")))
                .subscriptions()
                .stream();
        comparison.rest(
                Missing.ifEmpty(all.filter(entry -> declared.text("Endpoint").equals(entry.endpoint()))
                        .toList()));
    }
}
