"""Reads that lag behind writes: everything the runbooks read may be of a few seconds ago, and is the truth later."""

import itertools

import pytest
from botocore.exceptions import ClientError
from conftest import DR, resource
from test_databases import describe, pair  # noqa: F401 - a fixture
from test_executions import machine_of
from test_network_and_compute import PARAMETERS, fleet, group_of

SECONDS = 10
_priorities = itertools.count(1)


def code(refused):
    return refused.value.response["Error"]["Code"]


@pytest.fixture
def stale(control):
    """Call it to have reads lag behind from now on; time stands still."""

    def begin(seed=1):
        control.freeze()
        control.put("pace", {"staleSeconds": SECONDS, "staleSeed": seed})

    return begin


def pass_seconds(control, seconds):
    control.put("pace", {"advanceSeconds": seconds})


@pytest.fixture
def listener(deploy):
    """ARN of a listener in the DR region."""
    balancer = resource("AWS::ElasticLoadBalancingV2::LoadBalancer", {"Type": "network"})
    listening = {
        "LoadBalancerArn": {"Ref": "Balancer"},
        "Port": 80,
        "Protocol": "HTTP",
        "DefaultActions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
    }
    balancer["Properties"] = {"Subnets": [{"Ref": "One"}, {"Ref": "Two"}], "Scheme": "internal"}
    vpc = resource("AWS::EC2::VPC", {"CidrBlock": "10.77.0.0/16"})
    subnets = {
        name: resource(
            "AWS::EC2::Subnet",
            {"VpcId": {"Ref": "Vpc"}, "CidrBlock": f"10.77.{number}.0/24", "AvailabilityZone": f"{DR}{zone}"},
        )
        for name, number, zone in (("One", 1, "a"), ("Two", 2, "b"))
    }
    resources = {
        "Vpc": vpc,
        **subnets,
        "Balancer": balancer,
        "Listener": resource("AWS::ElasticLoadBalancingV2::Listener", listening),
    }
    return deploy(resources, DR).id_of("Listener")


def create_rule(aws, listener):
    created = aws("elbv2", DR).create_rule(
        ListenerArn=listener,
        Priority=next(_priorities),
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/claim"]}}],
        Actions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    )
    return created["Rules"][0]["RuleArn"]


def rules(aws, listener):
    return [rule["RuleArn"] for rule in aws("elbv2", DR).describe_rules(ListenerArn=listener)["Rules"]]


class TestRules:
    def test_a_new_one_is_seen_later_and_a_deleted_one_for_a_while(self, control, aws, listener, stale):
        stale()
        arn = create_rule(aws, listener)
        assert arn not in rules(aws, listener)
        pass_seconds(control, SECONDS)
        assert arn in rules(aws, listener)
        aws("elbv2", DR).delete_rule(RuleArn=arn)
        assert arn in rules(aws, listener)
        pass_seconds(control, SECONDS)
        assert arn not in rules(aws, listener)

    def test_meanwhile_answers_go_back_and_forth_by_the_seed(self, control, aws, listener, stale):
        def answers(seed):
            stale(seed)
            arn = create_rule(aws, listener)
            pass_seconds(control, SECONDS / 2)
            seen = [arn in rules(aws, listener) for _ in range(20)]
            pass_seconds(control, SECONDS)
            return seen

        first = answers(1)
        assert set(first) == {True, False}
        assert answers(1) == first
        assert answers(2) != first

    def test_the_priority_is_taken_at_once_and_nothing_can_be_deleted_before_it_is_seen(
        self, control, aws, listener, stale
    ):
        stale()
        arn = create_rule(aws, listener)
        again = next(_priorities) - 1
        with pytest.raises(ClientError) as refused:
            aws("elbv2", DR).create_rule(
                ListenerArn=listener,
                Priority=again,
                Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/other"]}}],
                Actions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
            )
        assert code(refused) == "PriorityInUse"
        with pytest.raises(ClientError) as refused:
            aws("elbv2", DR).delete_rule(RuleArn=arn)
        assert code(refused) == "RuleNotFound"
        pass_seconds(control, SECONDS)
        aws("elbv2", DR).delete_rule(RuleArn=arn)

    def test_what_was_there_before_is_there(self, control, aws, listener, stale):
        arn = create_rule(aws, listener)
        stale()
        assert arn in rules(aws, listener)

    def test_who_plays_the_world_sees_it_as_it_is(self, control, aws, listener, stale):
        stale()
        arn = create_rule(aws, listener)
        client = aws("elbv2", DR)
        event = "before-call.elastic-load-balancing-v2.DescribeRules"

        def consistently(params, **_):
            params["headers"]["x-pilotlight-read"] = "consistent"

        client.meta.events.register(event, consistently)
        try:
            assert arn in rules(aws, listener)
        finally:
            client.meta.events.unregister(event, consistently)
        assert arn not in rules(aws, listener)


def test_a_group_and_its_targets_are_of_a_moment_ago(control, aws, deploy, stale):
    stack = deploy(fleet(), Parameters=PARAMETERS)
    stale()
    name = stack.id_of("Fleet")
    aws("autoscaling").update_auto_scaling_group(AutoScalingGroupName=name, MinSize=2, DesiredCapacity=2)

    def seen():
        group = group_of(aws, stack)
        health = aws("elbv2").describe_target_health(TargetGroupArn=stack.id_of("Targets"))
        return group["MinSize"], len(group["Instances"]), len(health["TargetHealthDescriptions"])

    assert seen() == (0, 0, 0)
    pass_seconds(control, SECONDS)
    assert seen() == (2, 2, 2)
    control.put("pace", {"launchSeconds": 60})
    aws("autoscaling").set_desired_capacity(AutoScalingGroupName=name, DesiredCapacity=3)
    pass_seconds(control, 60)
    states = [
        item["TargetHealth"]["State"]
        for item in aws("elbv2").describe_target_health(TargetGroupArn=stack.id_of("Targets"))[
            "TargetHealthDescriptions"
        ]
    ]
    assert states == ["healthy", "healthy", "initial"], "it became healthy this very moment"


def test_a_database_and_its_tags_are_of_a_moment_ago(control, aws, pair, stale):  # noqa: F811
    stale()
    rds, name = aws("rds", DR), pair[2]
    arn = describe(aws, name, DR)["DBInstanceArn"]
    tag = {"Key": "purpose", "Value": "reading"}
    rds.add_tags_to_resource(ResourceName=arn, Tags=[tag])
    rds.promote_read_replica(DBInstanceIdentifier=name)

    def seen():
        database = describe(aws, name, DR)
        tags = rds.list_tags_for_resource(ResourceName=arn)["TagList"]
        return "ReadReplicaSourceDBInstanceIdentifier" in database, tag in database["TagList"], tag in tags

    assert seen() == (True, False, False)
    with pytest.raises(ClientError) as refused:
        rds.promote_read_replica(DBInstanceIdentifier=name)
    assert code(refused) == "InvalidDBInstanceState", "orders are judged by what is"
    rds.modify_db_instance(DBInstanceIdentifier=name, BackupRetentionPeriod=9)
    pass_seconds(control, SECONDS)
    assert seen() == (False, True, True)
    assert describe(aws, name, DR)["BackupRetentionPeriod"] == 9, "what was ordered by a stale look is kept"


def test_executions_begin_and_end_a_moment_later(control, aws, deploy, stale):
    machine = machine_of(aws, deploy)
    stale()
    states = aws("stepfunctions", DR)
    arn = states.start_execution(stateMachineArn=machine, name="attempt-1")["executionArn"]
    assert states.list_executions(stateMachineArn=machine)["executions"] == []
    with pytest.raises(ClientError) as refused:
        states.describe_execution(executionArn=arn)
    assert code(refused) == "ExecutionDoesNotExist"
    pass_seconds(control, SECONDS)
    control.post("executions/end", {"executionArn": arn, "status": "SUCCEEDED", "output": "{}", "millis": control.now})
    assert states.describe_execution(executionArn=arn)["status"] == "RUNNING"
    assert "output" not in states.describe_execution(executionArn=arn)
    assert len(states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]) == 1
    assert states.get_execution_history(executionArn=arn)["events"][-1]["type"] == "ExecutionStarted"
    pass_seconds(control, SECONDS)
    assert states.describe_execution(executionArn=arn)["output"] == "{}"
    assert states.get_execution_history(executionArn=arn)["events"][-1]["type"] == "ExecutionSucceeded"


def test_a_stack_is_deployed_by_what_is(control, aws, deploy, stale):
    stale()
    stack = deploy(fleet(minimum=1), Parameters=PARAMETERS)
    assert (
        aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[stack.id_of("Fleet")])[
            "AutoScalingGroups"
        ]
        == []
    )
    stack.update(
        fleet(minimum=2),
        parameters=[{"ParameterKey": name, "UsePreviousValue": True} for name in PARAMETERS],
        Parameters=PARAMETERS,
    )
    pass_seconds(control, SECONDS)
    assert group_of(aws, stack)["MinSize"] == 2
