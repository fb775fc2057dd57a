"""RDS: origin, cross-region replica, promotion, restore. What updates do here proves nothing about AWS."""

import itertools
from datetime import datetime, timezone

import pytest
from botocore.exceptions import ClientError
from conftest import DR, PRIMARY, att, outputs, ref, resource
from test_data import ACCOUNT, KEY
from test_network_and_compute import GROUP, NETWORK

_numbers = itertools.count(1)

REGION = NETWORK | {
    "Group": GROUP,
    "Key": KEY,
    "Subnets": resource(
        "AWS::RDS::DBSubnetGroup",
        {"DBSubnetGroupDescription": "two zones", "SubnetIds": [ref("A"), ref("B")]},
    ),
    "Parameters": resource(
        "AWS::RDS::DBParameterGroup",
        {"Family": "postgres17", "Description": "TLS only", "Parameters": {"rds.force_ssl": "1"}},
    ),
}
SHARED = {
    "DBInstanceClass": "db.t4g.micro",
    "DBSubnetGroupName": ref("Subnets"),
    "DBParameterGroupName": ref("Parameters"),
    "VPCSecurityGroups": [att("Group", "GroupId")],
    "KmsKeyId": att("Key", "Arn"),
    "StorageType": "gp3",
    "BackupRetentionPeriod": 7,
    "DeletionProtection": True,
    "EnableCloudwatchLogsExports": ["postgresql"],
    "MonitoringInterval": 0,
    "EnablePerformanceInsights": True,
    "CopyTagsToSnapshot": True,
}
KEPT = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}


def origin(name, **more):
    properties = SHARED | {
        "DBInstanceIdentifier": name,
        "Engine": "postgres",
        "EngineVersion": "17",
        "AllocatedStorage": "20",
        "MaxAllocatedStorage": 100,
        "StorageEncrypted": True,
        "MasterUsername": "pilot",
        "MasterUserPassword": "{{resolve:secretsmanager:db-secret:SecretString:password::}}",
        "Tags": [{"Key": "workload", "Value": "test"}],
    }
    return resource("AWS::RDS::DBInstance", properties | more, **KEPT)


def replica(name, source, **more):
    properties = SHARED | {
        "DBInstanceIdentifier": name,
        "SourceDBInstanceIdentifier": f"arn:aws:rds:{PRIMARY}:{ACCOUNT}:db:{source}",
        "SourceRegion": PRIMARY,
    }
    return resource("AWS::RDS::DBInstance", properties | more, **KEPT)


@pytest.fixture
def pair(deploy):
    """An origin and its replica in the other region; answers their names and stacks."""
    number = next(_numbers)
    first, second = f"pair{number}-db-0", f"pair{number}-db-1"
    here = deploy(REGION | {"Db": origin(first)})
    there = deploy(REGION | {"Db": replica(second, first)}, DR)
    return first, here, second, there


def describe(aws, name, region=PRIMARY):
    return aws("rds", region).describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]


def names(aws, region=PRIMARY):
    return {item["DBInstanceIdentifier"] for item in aws("rds", region).describe_db_instances()["DBInstances"]}


def test_an_origin_with_its_groups(aws, deploy):
    stack = deploy(
        REGION | {"Db": origin("origin")},
        Outputs=outputs(
            Arn=att("Db", "DBInstanceArn"),
            Host=att("Db", "Endpoint.Address"),
            Port=att("Db", "Endpoint.Port"),
            Id=att("Db", "DbiResourceId"),
        ),
    )
    database = describe(aws, "origin")
    assert stack.outputs["Arn"] == f"arn:aws:rds:{PRIMARY}:{ACCOUNT}:db:origin"
    assert stack.outputs["Host"] == database["Endpoint"]["Address"]
    assert stack.outputs["Port"] == "5432"
    assert stack.outputs["Id"] == database["DbiResourceId"]
    assert stack.id_of("Db") == "origin"
    assert database["DBSubnetGroup"]["DBSubnetGroupName"] == stack.id_of("Subnets")
    assert database["DBParameterGroups"][0]["DBParameterGroupName"] == stack.id_of("Parameters")
    assert database["KmsKeyId"].endswith(stack.id_of("Key"))
    assert (database["BackupRetentionPeriod"], database["DeletionProtection"]) == (7, True)
    assert database["EnabledCloudwatchLogsExports"] == ["postgresql"]
    group = aws("rds").describe_db_parameters(DBParameterGroupName=stack.id_of("Parameters"))["Parameters"]
    assert {item["ParameterName"]: item["ParameterValue"] for item in group}["rds.force_ssl"] == "1"


def test_an_update_reaches_the_database(aws, deploy):
    stack = deploy(REGION | {"Db": origin("updated")})
    changed = {
        "BackupRetentionPeriod": 14,
        "MultiAZ": True,
        "EnableCloudwatchLogsExports": ["postgresql", "upgrade"],
        "Tags": [{"Key": "workload", "Value": "other"}],
    }
    stack.update(REGION | {"Db": origin("updated", **changed)})
    database = describe(aws, "updated")
    assert (database["BackupRetentionPeriod"], database["MultiAZ"]) == (14, True)
    assert sorted(database["EnabledCloudwatchLogsExports"]) == ["postgresql", "upgrade"]
    assert {"Key": "workload", "Value": "other"} in database["TagList"]


def test_a_subnet_group_survives_its_update(aws, deploy):
    stack = deploy(REGION)
    properties = REGION["Subnets"]["Properties"] | {"DBSubnetGroupDescription": "still two zones"}
    changed = REGION | {"Subnets": resource("AWS::RDS::DBSubnetGroup", properties)}
    stack.update(changed | {"Db": origin("in-changed-group")})
    group = aws("rds").describe_db_subnet_groups(DBSubnetGroupName=stack.id_of("Subnets"))["DBSubnetGroups"][0]
    assert group["DBSubnetGroupDescription"] == "still two zones"


def test_a_database_that_leaves_the_template_is_retained(aws, deploy):
    stack = deploy(REGION | {"Db": origin("left-behind")})
    stack.update(REGION)
    assert ("Db", "DELETE_SKIPPED") in stack.events
    assert "left-behind" in names(aws)


def test_a_parameter_group_that_a_retained_database_uses_stays(aws, deploy):
    stack = deploy(REGION | {"Db": origin("outlives-its-stack")})
    stack.delete()
    assert stack.status == "DELETE_FAILED"
    assert "still members of this parameter group" in stack.reasons
    assert describe(aws, "outlives-its-stack")["DBInstanceStatus"] == "available"


def test_a_failed_create_takes_a_protected_database_with_it(aws, deploy):
    broken = resource("AWS::SQS::QueuePolicy", {"Queues": ["x"], "PolicyDocument": {}}, DependsOn="Db")
    deploy(REGION | {"Db": origin("short-lived"), "Broken": broken}, expect="ROLLBACK_COMPLETE")
    assert "short-lived" not in names(aws)


def test_an_identifier_that_is_taken_is_refused_and_the_first_stays(aws, deploy):
    deploy(REGION | {"Db": origin("only-one")})
    stack = deploy(REGION | {"Db": origin("only-one")}, expect="ROLLBACK_COMPLETE")
    assert "already exists" in stack.reasons
    assert "only-one" in names(aws)


def test_a_key_alias_that_does_not_exist_is_refused(deploy):
    stack = deploy(REGION | {"Db": origin("keyless", KmsKeyId="alias/not-there")}, expect="ROLLBACK_COMPLETE")
    assert f"alias/not-there does not exist in region {PRIMARY}" in stack.reasons


def test_a_property_that_is_not_modelled_is_refused(deploy):
    stack = deploy(REGION | {"Db": origin("odd", Domain="x")}, expect="ROLLBACK_COMPLETE")
    assert "does not know Domain of AWS::RDS::DBInstance" in stack.reasons


class TestReplica:
    def test_it_belongs_to_its_own_region(self, aws, pair):
        first, here, second, there = pair
        database = describe(aws, second, DR)
        source = f"arn:aws:rds:{PRIMARY}:{ACCOUNT}:db:{first}"
        assert database["ReadReplicaSourceDBInstanceIdentifier"] == source
        assert database["DBInstanceArn"] == f"arn:aws:rds:{DR}:{ACCOUNT}:db:{second}"
        assert database["DBSubnetGroup"]["DBSubnetGroupName"] == there.id_of("Subnets")
        assert database["DBParameterGroups"][0]["DBParameterGroupName"] == there.id_of("Parameters")
        assert database["KmsKeyId"].startswith(f"arn:aws:kms:{DR}:")
        assert database["AvailabilityZone"].startswith(DR)
        assert database["Endpoint"]["Port"] == 5432
        assert (database["BackupRetentionPeriod"], database["DeletionProtection"]) == (7, True)
        leader = describe(aws, first)
        assert leader["ReadReplicaDBInstanceIdentifiers"] == [database["DBInstanceArn"]]
        assert leader["DbiResourceId"] != database["DbiResourceId"]
        assert leader["KmsKeyId"].endswith(here.id_of("Key"))  # the source is as it was
        assert leader["EnabledCloudwatchLogsExports"] == ["postgresql"]

    def test_it_needs_a_source(self, deploy):
        stack = deploy(REGION | {"Db": replica("orphan", "no-such-db")}, DR, expect="ROLLBACK_COMPLETE")
        assert "no-such-db not found" in stack.reasons

    def test_of_an_encrypted_source_it_needs_a_key_of_its_own(self, deploy):
        deploy(REGION | {"Db": origin("encrypted")})
        keyless = replica("keyless-replica", "encrypted")
        del keyless["Properties"]["KmsKeyId"]
        stack = deploy(REGION | {"Db": keyless}, DR, expect="ROLLBACK_COMPLETE")
        assert "needs a KmsKeyId" in stack.reasons

    def test_it_cannot_have_a_user_of_its_own(self, deploy):
        deploy(REGION | {"Db": origin("with-user")})
        twice = replica("user-twice", "with-user", MasterUsername="other")
        stack = deploy(REGION | {"Db": twice}, DR, expect="ROLLBACK_COMPLETE")
        assert "MasterUsername cannot be specified for a read replica" in stack.reasons

    def test_promoted_by_hand_its_stack_stays_deployable(self, aws, pair):
        first, _, second, there = pair
        answer = aws("rds", DR).promote_read_replica(DBInstanceIdentifier=second, BackupRetentionPeriod=7)
        assert answer["DBInstance"]["DBInstanceIdentifier"] == second
        there.update(REGION | {"Db": replica(second, first, MultiAZ=True)})
        database = describe(aws, second, DR)
        assert database["MultiAZ"] is True
        assert "ReadReplicaSourceDBInstanceIdentifier" not in database


class TestPromotion:
    def test_it_clears_the_source_and_unlinks_it(self, aws, pair):
        first, _, second, _ = pair
        aws("rds", DR).promote_read_replica(DBInstanceIdentifier=second)
        database = describe(aws, second, DR)
        assert "ReadReplicaSourceDBInstanceIdentifier" not in database
        assert database["DBInstanceStatus"] == "available"
        assert database["BackupRetentionPeriod"] == 1  # what RDS makes of a promotion that does not say more
        assert describe(aws, first)["ReadReplicaDBInstanceIdentifiers"] == []

    def refused(self, aws, name):
        with pytest.raises(ClientError) as caught:
            aws("rds", DR).promote_read_replica(DBInstanceIdentifier=name)
        return caught.value.response["Error"]["Code"]

    def test_of_an_unknown_database_is_an_error(self, aws):
        assert self.refused(aws, "nobody") == "DBInstanceNotFound"

    def test_twice_is_an_error(self, aws, pair):
        aws("rds", DR).promote_read_replica(DBInstanceIdentifier=pair[2])
        assert self.refused(aws, pair[2]) == "InvalidDBInstanceState"

    def test_of_a_replica_whose_source_is_gone_succeeds(self, aws, pair):
        first, _, second, _ = pair
        self.delete(aws, first, PRIMARY)
        aws("rds", DR).promote_read_replica(DBInstanceIdentifier=second)
        assert "ReadReplicaSourceDBInstanceIdentifier" not in describe(aws, second, DR)

    def test_a_replica_can_be_deleted_with_and_without_its_source(self, aws, pair):
        first, _, second, _ = pair
        self.delete(aws, second, DR)
        assert describe(aws, first)["ReadReplicaDBInstanceIdentifiers"] == []

    def test_a_replica_can_be_deleted_after_its_source(self, aws, pair):
        first, _, second, _ = pair
        self.delete(aws, first, PRIMARY)
        self.delete(aws, second, DR)
        assert second not in names(aws, DR)

    @staticmethod
    def delete(aws, name, region):
        rds = aws("rds", region)
        rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False)
        rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)

    def test_removing_the_source_from_the_template_promotes(self, aws, pair):
        first, _, second, there = pair
        independent = replica(second, first)
        for name in ("SourceDBInstanceIdentifier",):
            del independent["Properties"][name]
        there.update(REGION | {"Db": independent})
        assert "ReadReplicaSourceDBInstanceIdentifier" not in describe(aws, second, DR)
        assert there.id_of("Db") == second


class TestRestore:
    def restored(self, name, **source):
        return resource("AWS::RDS::DBInstance", SHARED | {"DBInstanceIdentifier": name} | source, **KEPT)

    def without_key(self, name, **source):
        template = self.restored(name, **source)
        del template["Properties"]["KmsKeyId"]
        return template

    def test_to_a_point_in_time(self, control, aws, deploy):
        stack = deploy(REGION | {"Db": origin("damaged")})
        control.freeze()
        control.pass_hours(2)
        time = datetime.fromtimestamp(control.now / 1000 - 3600, tz=timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        back = self.without_key("restored-in-time", SourceDBInstanceIdentifier="damaged", RestoreTime=time)
        stack.update(REGION | {"Db": origin("damaged"), "Back": back})
        database = describe(aws, "restored-in-time")
        assert database["MasterUsername"] == "pilot"
        assert database["DBSubnetGroup"]["DBSubnetGroupName"] == stack.id_of("Subnets")
        assert database["BackupRetentionPeriod"] == 7
        assert database["DbiResourceId"] != describe(aws, "damaged")["DbiResourceId"]

    def test_from_a_source_that_does_not_exist_is_refused(self, deploy):
        back = self.without_key("no", SourceDBInstanceIdentifier="nobody", RestoreTime="2026-11-20T10:00:00Z")
        stack = deploy(REGION | {"Back": back}, expect="ROLLBACK_COMPLETE")
        assert "nobody not found" in stack.reasons

    def test_from_a_snapshot(self, aws, deploy):
        stack = deploy(REGION | {"Db": origin("snapped")})
        snapshot = aws("rds").create_db_snapshot(DBInstanceIdentifier="snapped", DBSnapshotIdentifier="snap")
        arn = snapshot["DBSnapshot"]["DBSnapshotArn"]
        back = self.without_key("restored-from-snapshot", DBSnapshotIdentifier=arn)
        stack.update(REGION | {"Db": origin("snapped"), "Back": back})
        database = describe(aws, "restored-from-snapshot")
        assert database["Engine"] == "postgres"
        assert database["BackupRetentionPeriod"] == 7
