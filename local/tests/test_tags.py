"""A failover changes the role's tag on everything that has tags: an update that every type must manage."""

import test_data as data
from conftest import PRIMARY, outputs, ref, resource
from test_databases import REGION, origin
from test_dns_and_monitoring import check
from test_network_and_compute import PARAMETERS, PREVIOUS, fleet, load_balancer

# Where a type's tags are not a list of Key and Value called Tags.
_AS_MAP = {
    "AWS::SSM::Parameter": "Tags",
    "AWS::Backup::BackupVault": "BackupVaultTags",
    "AWS::Backup::BackupPlan": "BackupPlanTags",
}
_OTHER_NAME = {"AWS::Route53::HealthCheck": "HealthCheckTags"}
_WITHOUT = {
    "AWS::AutoScaling::ScalingPolicy",
    "AWS::Backup::BackupSelection",
    "AWS::EC2::Route",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::VPCGatewayAttachment",
    "AWS::IAM::InstanceProfile",
    "AWS::KMS::Alias",
    "AWS::Route53::RecordSet",
    "AWS::SNS::Subscription",
}


def tagged(resources, role):
    return {logical_id: _tagged(item, role) for logical_id, item in resources.items()}


def _tagged(item, role):
    kind, tags = item["Type"], [{"Key": "pilotlight:role", "Value": role}]
    if kind in _WITHOUT:
        return item
    if kind in _AS_MAP:
        more = {_AS_MAP[kind]: {"pilotlight:role": role}}
    elif kind == "AWS::AutoScaling::AutoScalingGroup":
        more = {"Tags": [tags[0] | {"PropagateAtLaunch": True}]}
    elif kind == "AWS::EC2::LaunchTemplate":
        more = {"TagSpecifications": [{"ResourceType": "launch-template", "Tags": tags}]}
    elif kind == "AWS::DynamoDB::GlobalTable":
        more = {"Replicas": [replica | {"Tags": tags} for replica in item["Properties"]["Replicas"]]}
    else:
        more = {_OTHER_NAME.get(kind, "Tags"): tags}
    return item | {"Properties": item["Properties"] | more}


def everything():
    alarm = {
        "Namespace": "n",
        "MetricName": "m",
        "Statistic": "Sum",
        "Period": 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "GreaterThanThreshold",
    }
    return (
        REGION
        | {"Db": origin("tagged-db")}
        | load_balancer()
        | fleet()
        | data.TestBackup().plan("tagged-plan", ref("Vault"), "tagged-copies")
        | data.TestGlobalTable().table("tagged-table", "", regions=(PRIMARY,))
        | {
            "Key": data.KEY,
            "Vault": data.TestBackup().vault("tagged-vault"),
            "Secret": data.TestSecrets().secret("tagged-secret"),
            "Data": data.bucket("tagged-bucket"),
            "Check": check(),
            "Alarm": resource("AWS::CloudWatch::Alarm", alarm),
            "Both": resource("AWS::CloudWatch::CompositeAlarm", {"AlarmRule": {"Fn::Sub": "ALARM(${Alarm})"}}),
            "Rule": resource("AWS::Events::Rule", {"EventPattern": {"source": ["aws.backup"]}}),
            "Bus": resource("AWS::Events::EventBus", {"Name": "tagged-bus"}),
            "Queue": resource("AWS::SQS::Queue"),
            "Logs": resource("AWS::Logs::LogGroup"),
            "Note": resource("AWS::SSM::Parameter", {"Type": "String", "Value": "v"}),
            "Gateway": resource("AWS::EC2::InternetGateway"),
            "Table2": resource("AWS::EC2::RouteTable", {"VpcId": ref("Vpc")}),
            "Address": resource("AWS::EC2::EIP", {"Domain": "vpc"}),
        }
    )


def test_the_role_changes_on_everything_and_nothing_is_replaced(aws, deploy):
    aws("backup", "eu-west-1").create_backup_vault(BackupVaultName="tagged-copies")
    stack = deploy(tagged(everything(), "leader"), Parameters=PARAMETERS, Outputs=outputs(Vpc=ref("Vpc")))
    before = {logical_id: stack.id_of(logical_id) for logical_id in stack.resources}
    stack.update(tagged(everything(), "standby"), parameters=PREVIOUS, Parameters=PARAMETERS)
    assert {logical_id: stack.id_of(logical_id) for logical_id in stack.resources} == before

    def arns(role):
        pages = aws("resourcegroupstaggingapi").get_paginator("get_resources")
        found = pages.paginate(TagFilters=[{"Key": "pilotlight:role", "Values": [role]}])
        return {item["ResourceARN"] for page in found for item in page["ResourceTagMappingList"]}

    assert {
        arn for arn in arns("leader") if ":snapshot:" not in arn
    } == set()  # a snapshot keeps the tags it was taken with
    services = {arn.split(":")[2] for arn in arns("standby")}
    assert {"dynamodb", "ec2", "elasticloadbalancing", "kms", "rds", "s3", "secretsmanager", "sns"} <= services
