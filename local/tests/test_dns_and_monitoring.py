"""Records, health checks, topics, queues, rules, alarms."""

import json

from conftest import PRIMARY, ZONE, att, outputs, policy, ref, resource

ALIAS = {"HostedZoneId": "Z215JYRZR1TBD5", "DNSName": "lb.example.com", "EvaluateTargetHealth": True}


def record(name, **more):
    properties = {"HostedZoneId": ZONE, "Name": name, "Type": "A", "AliasTarget": ALIAS}
    return resource("AWS::Route53::RecordSet", properties | more)


def check(**more):
    config = {
        "Type": "HTTPS_STR_MATCH",
        "FullyQualifiedDomainName": "dr.example.com",
        "ResourcePath": "/.well-known/pilotlight/leader/1",
        "SearchString": "leads 1",
        "Port": 443,
        "EnableSNI": True,
        "RequestInterval": 10,
        "FailureThreshold": 3,
        "Inverted": True,
    }
    tags = [{"Key": "Name", "Value": "claim"}]
    return resource("AWS::Route53::HealthCheck", {"HealthCheckConfig": config | more, "HealthCheckTags": tags})


def records(aws, name):
    found = aws("route53").list_resource_record_sets(HostedZoneId=ZONE)["ResourceRecordSets"]
    return {item.get("SetIdentifier"): item for item in found if item["Name"] == f"{name}."}


def failover(name, which, identifier=None, **more):
    return record(name, Failover=which, SetIdentifier=identifier or which.lower(), **more)


class TestRecords:
    def test_failover_aliases_with_a_health_check(self, aws, deploy):
        name = "failover.example.com"
        stack = deploy(
            {
                "Check": check(),
                "Primary": failover(name, "PRIMARY", HealthCheckId=att("Check", "HealthCheckId")),
                "Secondary": failover(name, "SECONDARY"),
                "Own": record("own.example.com."),
            }
        )
        both = records(aws, name)
        assert both["primary"]["HealthCheckId"] == stack.id_of("Check")
        assert both["primary"]["AliasTarget"]["EvaluateTargetHealth"] is True
        assert both["secondary"]["Failover"] == "SECONDARY"
        assert stack.id_of("Own") == "own.example.com"
        stack.delete()
        assert records(aws, name) == {}

    def test_two_primaries_of_one_name_are_refused(self, deploy):
        deploy({"One": failover("twice.example.com", "PRIMARY", "one")})
        stack = deploy({"Two": failover("twice.example.com", "PRIMARY", "two")}, expect="ROLLBACK_COMPLETE")
        assert "A PRIMARY failover record of twice.example.com type A already exists" in stack.reasons

    def test_an_update_changes_the_record_in_place(self, aws, deploy):
        def plain(value):
            properties = {"HostedZoneId": ZONE, "Name": "txt.example.com", "Type": "TXT", "TTL": "60"}
            return {"Record": resource("AWS::Route53::RecordSet", properties | {"ResourceRecords": [f'"{value}"']})}

        stack = deploy(plain("one"))
        stack.update(plain("two"))
        assert records(aws, "txt.example.com")[None]["ResourceRecords"] == [{"Value": '"two"'}]


class TestHealthChecks:
    def test_name_path_text_and_inversion_change_in_place(self, aws, deploy):
        stack = deploy({"Check": check()})
        first = stack.id_of("Check")
        config = aws("route53").get_health_check(HealthCheckId=first)["HealthCheck"]["HealthCheckConfig"]
        assert (config["Inverted"], config["EnableSNI"], config["SearchString"]) == (True, True, "leads 1")
        tags = aws("route53").list_tags_for_resource(ResourceType="healthcheck", ResourceId=first)
        assert tags["ResourceTagSet"]["Tags"] == [{"Key": "Name", "Value": "claim"}]

        moved = {
            "FullyQualifiedDomainName": "primary.example.com",
            "ResourcePath": "/.well-known/pilotlight/leader/2",
            "SearchString": "leads 2",
        }
        changed = check(**moved)
        del changed["Properties"]["HealthCheckConfig"]["Inverted"]
        stack.update({"Check": changed})
        assert stack.id_of("Check") == first
        config = aws("route53").get_health_check(HealthCheckId=first)["HealthCheck"]["HealthCheckConfig"]
        assert {name: config[name] for name in moved} == moved
        assert config["Inverted"] is False

    def test_another_interval_replaces_it(self, deploy):
        stack = deploy({"Check": check()})
        first = stack.id_of("Check")
        stack.update({"Check": check(RequestInterval=30)})
        assert stack.id_of("Check") != first


def test_a_topic_with_key_policy_and_subscription(aws, deploy):
    publish = policy("sns:Publish", principal={"Service": "events.amazonaws.com"}, resources=ref("Topic"))

    def resources(name):
        return {
            "Topic": resource("AWS::SNS::Topic", {"KmsMasterKeyId": "alias/aws/sns", "DisplayName": name}),
            "Policy": resource("AWS::SNS::TopicPolicy", {"Topics": [ref("Topic")], "PolicyDocument": publish}),
            "Mail": resource(
                "AWS::SNS::Subscription", {"TopicArn": ref("Topic"), "Protocol": "email", "Endpoint": "ops@example.com"}
            ),
        }

    stack = deploy(resources("one"), Outputs=outputs(Name=att("Topic", "TopicName")))
    sns, arn = aws("sns"), stack.id_of("Topic")
    assert arn == f"arn:aws:sns:{PRIMARY}:123456789012:{stack.outputs['Name']}"
    stack.update(resources("two"))
    attributes = sns.get_topic_attributes(TopicArn=arn)["Attributes"]
    assert (attributes["KmsMasterKeyId"], attributes["DisplayName"]) == ("alias/aws/sns", "two")
    assert json.loads(attributes["Policy"])["Statement"][0]["Resource"] == arn
    mails = sns.list_subscriptions_by_topic(TopicArn=arn)["Subscriptions"]
    assert [mail["Endpoint"] for mail in mails] == ["ops@example.com"]


def test_an_inline_topic_policy(aws, deploy):
    document = policy("sns:Publish", principal={"Service": "backup.amazonaws.com"})
    inline = {"TopicArn": ref("Topic"), "PolicyDocument": document}
    stack = deploy({"Topic": resource("AWS::SNS::Topic"), "Inline": resource("AWS::SNS::TopicInlinePolicy", inline)})
    attributes = aws("sns").get_topic_attributes(TopicArn=stack.id_of("Topic"))["Attributes"]
    assert json.loads(attributes["Policy"]) == document


def test_a_queue_with_policy_and_dead_letters(aws, deploy):
    send = policy("sqs:SendMessage", principal={"Service": "events.amazonaws.com"})
    redrive = {"deadLetterTargetArn": att("Dead", "Arn"), "maxReceiveCount": 3}
    stack = deploy(
        {
            "Dead": resource("AWS::SQS::Queue"),
            "Queue": resource("AWS::SQS::Queue", {"QueueName": "live", "RedrivePolicy": redrive}),
            "Policy": resource("AWS::SQS::QueuePolicy", {"Queues": [ref("Queue")], "PolicyDocument": send}),
        },
        Outputs=outputs(Arn=att("Queue", "Arn")),
    )
    assert stack.outputs["Arn"] == f"arn:aws:sqs:{PRIMARY}:123456789012:live"
    attributes = aws("sqs").get_queue_attributes(QueueUrl=stack.id_of("Queue"), AttributeNames=["All"])["Attributes"]
    assert json.loads(attributes["RedrivePolicy"])["maxReceiveCount"] == 3
    assert json.loads(attributes["Policy"]) == send


def test_a_rule_with_its_target_on_a_bus(aws, deploy):
    def resources(state, targets):
        rule = {
            "EventBusName": ref("Bus"),
            "EventPattern": {"source": ["aws.backup"], "detail": {"state": ["FAILED"]}},
            "State": state,
            "Targets": targets,
        }
        return {
            "Topic": resource("AWS::SNS::Topic"),
            "Bus": resource("AWS::Events::EventBus", {"Name": "pilot"}),
            "Rule": resource("AWS::Events::Rule", rule),
        }

    target = {"Id": "Topic", "Arn": ref("Topic")}
    stack = deploy(
        resources("ENABLED", [target, target | {"Id": "Second"}]),
        Outputs=outputs(Bus=ref("Bus"), Arn=att("Rule", "Arn")),
    )
    events = aws("events")
    assert stack.outputs["Bus"] == "pilot"
    name = events.list_rules(EventBusName="pilot")["Rules"][0]["Name"]
    assert stack.id_of("Rule") == f"pilot|{name}"
    assert stack.outputs["Arn"].endswith(f":rule/pilot/{name}")
    stack.update(resources("DISABLED", [target]))
    assert events.describe_rule(Name=name, EventBusName="pilot")["State"] == "DISABLED"
    targets = events.list_targets_by_rule(Rule=name, EventBusName="pilot")["Targets"]
    assert [(item["Id"], item["Arn"]) for item in targets] == [("Topic", stack.id_of("Topic"))]
    stack.delete()
    assert "pilot" not in {bus["Name"] for bus in events.list_event_buses()["EventBuses"]}


def test_alarms_by_metric_by_expression_and_composite(aws, deploy):
    def resources(threshold):
        one = {
            "AlarmName": "by-metric",
            "Namespace": "AWS/RDS",
            "MetricName": "ReplicaLag",
            "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": "db"}],
            "Statistic": "Maximum",
            "Period": 60,
            "EvaluationPeriods": 3,
            "Threshold": threshold,
            "ComparisonOperator": "GreaterThanThreshold",
            "TreatMissingData": "breaching",
        }
        metric = {"Namespace": "AWS/RDS", "MetricName": "FreeStorageSpace"}
        two = {
            "AlarmName": "by-expression",
            "EvaluationPeriods": 1,
            "Threshold": 1,
            "ComparisonOperator": "LessThanThreshold",
            "Metrics": [
                {"Id": "m", "MetricStat": {"Metric": metric, "Period": 300, "Stat": "Minimum"}, "ReturnData": False},
                {"Id": "e", "Expression": "m / 2", "ReturnData": True},
            ],
        }
        rule = {"AlarmName": "both", "AlarmRule": {"Fn::Sub": "ALARM(${One}) AND ALARM(${Two})"}}
        return {
            "One": resource("AWS::CloudWatch::Alarm", one),
            "Two": resource("AWS::CloudWatch::Alarm", two),
            "Both": resource("AWS::CloudWatch::CompositeAlarm", rule),
        }

    stack = deploy(resources(30), Outputs=outputs(Arn=att("One", "Arn"), Both=att("Both", "Arn")))
    cloudwatch = aws("cloudwatch")
    assert stack.outputs["Arn"] == f"arn:aws:cloudwatch:{PRIMARY}:123456789012:alarm:by-metric"
    stack.update(resources(60))
    found = cloudwatch.describe_alarms(
        AlarmNames=["by-metric", "by-expression", "both"], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    metric = {alarm["AlarmName"]: alarm for alarm in found["MetricAlarms"]}
    assert metric["by-metric"]["Threshold"] == 60
    assert [query["Id"] for query in metric["by-expression"]["Metrics"]] == ["m", "e"]
    assert found["CompositeAlarms"][0]["AlarmRule"] == "ALARM(by-metric) AND ALARM(by-expression)"
    stack.delete()
    assert cloudwatch.describe_alarms(AlarmNames=["by-metric"])["MetricAlarms"] == []
