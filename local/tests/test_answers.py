"""What the CLI compares with the template must be in the answer, not only in the request."""

from conftest import DR, PRIMARY, resource

ACCOUNT = "123456789012"


def test_a_load_balancer_is_in_its_regions_hosted_zone(aws):
    ec2 = aws("ec2", DR)
    vpc = ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.99.{i}.0/24", AvailabilityZone=f"{DR}{zone}")["Subnet"]["SubnetId"]
        for i, zone in enumerate("ab")
    ]
    balancer = aws("elbv2", DR).create_load_balancer(Name="zoned", Subnets=subnets)["LoadBalancers"][0]
    assert balancer["CanonicalHostedZoneId"] == "Z32O12XQLNTSW2"


def test_a_secrets_replica_names_its_key(aws):
    secrets = aws("secretsmanager")
    replicas = [{"Region": DR, "KmsKeyId": "alias/dr-data"}]
    secrets.create_secret(Name="with-replica-key", SecretString="x", AddReplicaRegions=replicas)
    status = secrets.describe_secret(SecretId="with-replica-key")["ReplicationStatus"]
    assert [(replica["Region"], replica["KmsKeyId"]) for replica in status] == [(DR, "alias/dr-data")]


def test_a_databases_performance_insights_are_its_own(aws):
    common = {"DBInstanceClass": "db.t4g.micro", "Engine": "postgres"}
    rds = aws("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="insights",
        AllocatedStorage=20,
        MasterUsername="app",
        MasterUserPassword="secret-enough",
        BackupRetentionPeriod=7,
        EnablePerformanceInsights=True,
        PerformanceInsightsRetentionPeriod=7,
        **common,
    )
    database = rds.describe_db_instances(DBInstanceIdentifier="insights")["DBInstances"][0]
    assert (database["PerformanceInsightsEnabled"], database["PerformanceInsightsRetentionPeriod"]) == (True, 7)
    aws("rds", DR).create_db_instance_read_replica(
        DBInstanceIdentifier="insights-replica",
        SourceDBInstanceIdentifier=f"arn:aws:rds:{PRIMARY}:{ACCOUNT}:db:insights",
        SourceRegion=PRIMARY,
    )
    replica = aws("rds", DR).describe_db_instances(DBInstanceIdentifier="insights-replica")["DBInstances"][0]
    assert replica["PerformanceInsightsEnabled"] is False


def test_a_bucket_tells_its_whole_configuration(aws):
    s3 = aws("s3")
    for name in ("answers-source", "answers-target"):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": PRIMARY})
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    rule = {
        "ID": "all",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "DeleteMarkerReplication": {"Status": "Enabled"},
        "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
        "Destination": {"Bucket": "arn:aws:s3:::answers-target"},
    }
    configuration = {"Role": f"arn:aws:iam::{ACCOUNT}:role/r", "Rules": [rule]}
    s3.put_bucket_replication(Bucket="answers-source", ReplicationConfiguration=configuration)
    answer = s3.get_bucket_replication(Bucket="answers-source")["ReplicationConfiguration"]
    assert answer == configuration
    assert "EventBridgeConfiguration" not in s3.get_bucket_notification_configuration(Bucket="answers-source")
    s3.put_bucket_notification_configuration(
        Bucket="answers-source", NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    assert s3.get_bucket_notification_configuration(Bucket="answers-source")["EventBridgeConfiguration"] == {}


def test_a_rule_has_its_tags_from_the_start(aws, deploy):
    rule = resource(
        "AWS::Events::Rule",
        {"EventPattern": {"source": ["aws.backup"]}, "Tags": [{"Key": "workload", "Value": "test"}]},
    )
    stack = deploy({"Rule": rule})
    arn = f"arn:aws:events:{PRIMARY}:{ACCOUNT}:rule/{stack.id_of('Rule')}"
    assert aws("events").list_tags_for_resource(ResourceARN=arn)["Tags"] == [{"Key": "workload", "Value": "test"}]
