"""Each call that the runbooks make, on a region deployed in small, and each field that they read of the answer.

The definitions in src/main/java/dev/pilotlight/recovery name them. A call that the emulator does not answer as AWS
documents it would let the drill fail for a reason that is not the runbook's.
"""

import json

import pytest
from botocore.exceptions import ClientError
from conftest import DR, PRIMARY, att, outputs, ref, resource, trust
from test_databases import REGION, origin, replica
from test_network_and_compute import PARAMETERS, fleet, load_balancer

SIGN = "/.well-known/pilotlight/handover/1"
ACCOUNT = "123456789012"


class Region:
    """What the runbook of the standby knows by name, and its clients."""

    def __init__(self, aws, stack):
        self.aws = aws
        self.database = "called-db-1"
        self.database_arn = f"arn:aws:rds:{DR}:{ACCOUNT}:db:called-db-1"
        self.bucket = f"called-{DR}"
        for name, value in stack.outputs.items():
            setattr(self, name.lower(), value)

    def call(self, service, operation, **arguments):
        return getattr(self.aws(service, DR), operation)(**arguments)

    @property
    def group_facts(self):
        answer = self.call("autoscaling", "describe_auto_scaling_groups", AutoScalingGroupNames=[self.group])
        return answer["AutoScalingGroups"][0]

    @property
    def image(self):
        template = self.group_facts["LaunchTemplate"]
        answer = self.call(
            "ec2",
            "describe_launch_template_versions",
            LaunchTemplateId=template["LaunchTemplateId"],
            Versions=[template["Version"]],
        )
        return answer["LaunchTemplateVersions"][0]["LaunchTemplateData"]["ImageId"]

    @property
    def version(self):
        answer = self.call("rds", "describe_db_instances", DBInstanceIdentifier=self.database)
        return answer["DBInstances"][0]["EngineVersion"]


@pytest.fixture(scope="module")
def region(aws):
    """The two databases, and of the standby's region the rest."""
    for place, template in ((PRIMARY, REGION | {"Db": origin("called-db-0")}), (DR, standby())):
        aws("cloudformation", place).create_stack(
            StackName=f"Called{place}",
            TemplateBody=json.dumps({"Resources": template, "Parameters": PARAMETERS, "Outputs": OUTPUTS[place]}),
        )
        stack = aws("cloudformation", place).describe_stacks(StackName=f"Called{place}")["Stacks"][0]
        assert stack["StackStatus"] == "CREATE_COMPLETE"
    secret = {"Name": "called/database", "SecretString": "{}", "AddReplicaRegions": [{"Region": DR}]}
    aws("secretsmanager").create_secret(**secret)

    class Deployed:
        outputs = {item["OutputKey"]: item["OutputValue"] for item in stack["Outputs"]}  # noqa: RUF012

    return Region(aws, Deployed)


def standby():
    machine = {
        "StateMachineName": "called-failover",
        "DefinitionString": json.dumps({"StartAt": "End", "States": {"End": {"Type": "Succeed"}}}),
        "RoleArn": att("MachineRole", "Arn"),
    }
    return (
        REGION
        | load_balancer()
        | fleet(AutoScalingGroupName="called-dr")
        | {
            "Db": replica("called-db-1", "called-db-0"),
            "Bucket": resource("AWS::S3::Bucket", {"BucketName": f"called-{DR}"}),
            "MachineRole": resource("AWS::IAM::Role", {"AssumeRolePolicyDocument": trust("states.amazonaws.com")}),
            "Machine": resource("AWS::StepFunctions::StateMachine", machine),
        }
    )


OUTPUTS = {
    PRIMARY: {},
    DR: outputs(
        Group=ref("Fleet"),
        Targets=ref("Targets"),
        Listener=ref("Https"),
        Topic=ref("Topic"),
        Certificate=ref("Certificate"),
        Machine=ref("Machine"),
    ),
}


def sign(region, priority=5001):
    return region.call(
        "elbv2",
        "create_rule",
        ListenerArn=region.listener,
        Priority=priority,
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": [SIGN]}}],
        Actions=[
            {
                "Type": "fixed-response",
                "FixedResponseConfig": {"StatusCode": "200", "ContentType": "text/plain", "MessageBody": "handover 1"},
            }
        ],
        Tags=[{"Key": "pilotlight:sign", "Value": "sign"}],
    )["Rules"][0]


def signs(region):
    rules = region.call("elbv2", "describe_rules", ListenerArn=region.listener)["Rules"]
    shown = [
        rule
        for rule in rules
        if any(SIGN in item.get("PathPatternConfig", {}).get("Values", []) for item in rule["Conditions"])
        and rule["Actions"][0]["FixedResponseConfig"]["MessageBody"] == "handover 1"
    ]
    return [rule["RuleArn"] for rule in shown]


def metric(region, control, name, statistic, namespace="Pilotlight"):
    dimension = {"Name": "Workload", "Value": "called"}
    now = control.now / 1000
    query = {
        "Id": "q",
        "MetricStat": {
            "Metric": {"Namespace": namespace, "MetricName": name, "Dimensions": [dimension]},
            "Period": 60,
            "Stat": statistic,
        },
    }
    answer = region.call(
        "cloudwatch",
        "get_metric_data",
        StartTime=now - 43_200,
        EndTime=now + 60,
        ScanBy="TimestampDescending",
        MetricDataQueries=[query],
    )
    return answer["MetricDataResults"][0]


def test_rds_describe_db_instances(region):
    database = region.call("rds", "describe_db_instances", DBInstanceIdentifier=region.database)["DBInstances"][0]
    assert database["DBInstanceStatus"] == "available"
    assert database["EngineVersion"].startswith("17.")
    source = f"arn:aws:rds:{PRIMARY}:{ACCOUNT}:db:called-db-0"
    assert database["ReadReplicaSourceDBInstanceIdentifier"] == source
    with pytest.raises(ClientError) as refused:
        region.call("rds", "describe_db_instances", DBInstanceIdentifier="nobody")
    assert refused.value.response["Error"]["Code"] == "DBInstanceNotFound"


def test_rds_add_tags_to_resource(region):
    mark = {"Key": "pilotlight:promotion", "Value": "term=1 attempt=1 loss=0 fenced=true"}
    region.call("rds", "add_tags_to_resource", ResourceName=region.database_arn, Tags=[mark])
    region.call(
        "rds",
        "add_tags_to_resource",
        ResourceName=region.database_arn,
        Tags=[{**mark, "Value": "withdrawn term=1 attempt=1"}],
    )
    database = region.call("rds", "describe_db_instances", DBInstanceIdentifier=region.database)["DBInstances"][0]
    assert [tag["Value"] for tag in database["TagList"] if tag["Key"] == mark["Key"]] == ["withdrawn term=1 attempt=1"]


@pytest.mark.parametrize(
    ("name", "version", "offered"),
    [
        ("db.t4g.micro", None, True),
        ("db.t4g.micro", "18", True),
        ("db.m7g.large", "18.1", True),
        ("db.t1.micro", "18", False),
        ("db.t4g.micro", "9.6", False),
    ],
)
def test_rds_describe_orderable_db_instance_options(region, name, version, offered):
    answer = region.call(
        "rds",
        "describe_orderable_db_instance_options",
        Engine="postgres",
        DBInstanceClass=name,
        EngineVersion=version or region.version,
        MaxRecords=20,
    )["OrderableDBInstanceOptions"]
    assert bool(answer) is offered
    assert {option["DBInstanceClass"] for option in answer} <= {name}


def test_autoscaling(region):
    group = region.group_facts
    assert (group["DesiredCapacity"], group["MinSize"], group["MaxSize"], group["Instances"]) == (0, 0, 4, [])
    lit = {"MinSize": 1, "MaxSize": 4, "DesiredCapacity": 1}
    region.call("autoscaling", "update_auto_scaling_group", AutoScalingGroupName=region.group, **lit)
    assert len(region.group_facts["Instances"]) == 1
    health = region.call("elbv2", "describe_target_health", TargetGroupArn=region.targets)["TargetHealthDescriptions"]
    assert [item["TargetHealth"]["State"] for item in health] == ["healthy"]
    with pytest.raises(ClientError):
        region.call(
            "autoscaling",
            "set_desired_capacity",
            AutoScalingGroupName=region.group,
            DesiredCapacity=0,
            HonorCooldown=False,
        )
    dark = {"MinSize": 0, "DesiredCapacity": 0}
    region.call("autoscaling", "update_auto_scaling_group", AutoScalingGroupName=region.group, **dark)
    assert region.group_facts["Instances"] == []
    health = region.call("elbv2", "describe_target_health", TargetGroupArn=region.targets)["TargetHealthDescriptions"]
    assert health == []


def test_elbv2_rules(region):
    assert signs(region) == []
    rule = sign(region)
    assert signs(region) == [rule["RuleArn"]]
    with pytest.raises(ClientError) as refused:
        sign(region)
    assert refused.value.response["Error"]["Code"] == "PriorityInUse"
    tags = region.call("elbv2", "describe_tags", ResourceArns=[rule["RuleArn"]])["TagDescriptions"][0]["Tags"]
    assert tags == [{"Key": "pilotlight:sign", "Value": "sign"}]
    region.call("elbv2", "delete_rule", RuleArn=rule["RuleArn"])
    assert signs(region) == []
    with pytest.raises(ClientError) as refused:
        region.call("elbv2", "delete_rule", RuleArn=rule["RuleArn"])
    assert refused.value.response["Error"]["Code"] == "RuleNotFound"


def test_secretsmanager_describe_secret_of_a_replica(region):
    secret = region.call("secretsmanager", "describe_secret", SecretId="called/database")
    assert "DeletedDate" not in secret
    assert secret["PrimaryRegion"] == PRIMARY
    assert f":{DR}:" in secret["ARN"]


def test_acm_describe_certificate(region):
    answer = region.call("acm", "describe_certificate", CertificateArn=region.certificate)
    assert answer["Certificate"]["Status"] == "ISSUED"


def test_ec2_describe_images_of_what_the_launch_template_names(region):
    images = region.call("ec2", "describe_images", ImageIds=[region.image])["Images"]
    assert [image["State"] for image in images] == ["available"]
    with pytest.raises(ClientError) as refused:
        region.call("ec2", "describe_images", ImageIds=["ami-0123456789abcdef0"])
    assert refused.value.response["Error"]["Code"] == "InvalidAMIID.NotFound"


def test_ec2_describe_instance_types_and_their_quota(region):
    types = region.call("ec2", "describe_instance_types", InstanceTypes=["t4g.micro"])["InstanceTypes"]
    assert types[0]["VCpuInfo"]["DefaultVCpus"] == 2
    quota = region.call("service-quotas", "get_service_quota", ServiceCode="ec2", QuotaCode="L-1216C47A")["Quota"]
    assert quota["Value"] >= 5
    with pytest.raises(ClientError) as refused:
        region.call("service-quotas", "get_service_quota", ServiceCode="ec2", QuotaCode="L-00000000")
    assert refused.value.response["Error"]["Code"] == "NoSuchResourceException"


def test_sfn_executions(region):
    start = {"stateMachineArn": region.machine, "name": "failover-term-1-attempt-1", "input": "{}"}
    arn = region.call("stepfunctions", "start_execution", **start)["executionArn"]
    running = region.call(
        "stepfunctions", "list_executions", stateMachineArn=region.machine, statusFilter="RUNNING", maxResults=100
    )["executions"]
    assert [(item["executionArn"], item["name"]) for item in running] == [(arn, start["name"])]
    assert running[0]["startDate"]
    assert region.call("stepfunctions", "describe_execution", executionArn=arn)["status"] == "RUNNING"
    with pytest.raises(ClientError) as refused:
        region.call("stepfunctions", "describe_execution", executionArn=arn[:-1] + "0")
    assert refused.value.response["Error"]["Code"] == "ExecutionDoesNotExist"
    region.call("stepfunctions", "stop_execution", executionArn=arn)


def test_cloudwatch_metrics(region, control):
    # a minute of its own, and no other in what is looked back at
    control.freeze()
    control.pass_hours(13)
    data = {"MetricName": "FencedTerm", "Dimensions": [{"Name": "Workload", "Value": "called"}], "Value": 1.0}
    region.call("cloudwatch", "put_metric_data", Namespace="Pilotlight", MetricData=[{**data, "Unit": "Count"}])
    found = metric(region, control, "FencedTerm", "Minimum")
    assert found["Id"] == "q"
    assert found["Values"] == [1.0]
    assert abs(found["Timestamps"][0].timestamp() - control.now / 1000) < 120
    assert metric(region, control, "FencedTerm", "Minimum", "Other")["Values"] == []


def test_s3_put_object_and_sns_publish(region):
    evidence = {"Bucket": region.bucket, "Key": "pilotlight/failover/failover-term-1-attempt-1.json"}
    region.call("s3", "put_object", **evidence, ContentType="application/json", Body=b"{}")
    assert region.call("s3", "get_object", **evidence)["Body"].read() == b"{}"
    region.call("sns", "publish", TopicArn=region.topic, Subject="Pilotlight: drilled", Message="nothing was changed")


def test_all_of_it_goes_on_without_the_other_region(region, control):
    """What the runbook needs is in its own region."""
    control.lose(PRIMARY)
    for rehearsed in (
        test_rds_describe_db_instances,
        test_rds_add_tags_to_resource,
        test_autoscaling,
        test_elbv2_rules,
        test_secretsmanager_describe_secret_of_a_replica,
        test_acm_describe_certificate,
        test_ec2_describe_images_of_what_the_launch_template_names,
        test_ec2_describe_instance_types_and_their_quota,
        test_s3_put_object_and_sns_publish,
    ):
        rehearsed(region)
    test_cloudwatch_metrics(region, control)


def test_rds_promote_read_replica(region, control):
    control.lose(PRIMARY)
    region.call("rds", "promote_read_replica", DBInstanceIdentifier=region.database, BackupRetentionPeriod=7)
    database = region.call("rds", "describe_db_instances", DBInstanceIdentifier=region.database)["DBInstances"][0]
    assert database["DBInstanceStatus"] == "available"
    assert "ReadReplicaSourceDBInstanceIdentifier" not in database
    assert database["BackupRetentionPeriod"] == 7
    for name, code in ((region.database, "InvalidDBInstanceState"), ("nobody", "DBInstanceNotFound")):
        with pytest.raises(ClientError) as refused:
            region.call("rds", "promote_read_replica", DBInstanceIdentifier=name)
        assert refused.value.response["Error"]["Code"] == code
