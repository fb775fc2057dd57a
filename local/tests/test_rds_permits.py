"""The emulator refuses what RDS refuses: every refusal of the table that a call of ours could meet."""

import json
from pathlib import Path

import pytest
from botocore.exceptions import ClientError
from conftest import DR, PRIMARY
from test_data import ACCOUNT
from test_databases import REGION, describe, origin, pair, replica

__all__ = ["pair"]

TABLE = json.loads((Path(__file__).parents[1] / "pilotlight_local" / "rds_permits.json").read_text())["rules"]
ORIGINS = ("original", "replica", "promoted", "restored")
NOW = "2026-11-20T10:00:00Z"


@pytest.fixture
def databases(aws, pair):
    """One database of each origin, in the region where it is: its client, by origin."""
    first, _, second, _ = pair
    here, there = aws("rds"), aws("rds", DR)
    promoted = f"{second}-promoted"
    there.create_db_instance_read_replica(
        DBInstanceIdentifier=promoted,
        SourceDBInstanceIdentifier=f"arn:aws:rds:{PRIMARY}:{ACCOUNT}:db:{first}",
        KmsKeyId=describe(aws, second, DR)["KmsKeyId"],
        DBSubnetGroupName=describe(aws, second, DR)["DBSubnetGroup"]["DBSubnetGroupName"],
    )
    there.promote_read_replica(DBInstanceIdentifier=promoted, BackupRetentionPeriod=7)
    restored = f"{first}-restored"
    here.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier=first, TargetDBInstanceIdentifier=restored, UseLatestRestorableTime=True
    )
    return {
        "original": (here, first),
        "replica": (there, second),
        "promoted": (there, promoted),
        "restored": (here, restored),
    }


def code(call, **arguments):
    """How a call is refused, by its code; empty if it is not."""
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"].removesuffix("Fault")
    return ""


def expected(kind, operation, when=""):
    key = (kind, operation, when)
    return next(line["error"] for line in TABLE if (line["origin"], line["operation"], line["when"]) == key)


def test_the_table_is_whole():
    operations = {line["operation"] for line in TABLE}
    assert len(operations) == 8
    assert {(line["origin"], line["operation"]) for line in TABLE if not line["when"]} == {
        (kind, operation) for kind in ORIGINS for operation in operations
    }


def test_restores_to_a_time(databases):
    for kind, (rds, name) in databases.items():
        answer = code(
            rds.restore_db_instance_to_point_in_time,
            SourceDBInstanceIdentifier=name,
            TargetDBInstanceIdentifier=f"{name}-at",
            UseLatestRestorableTime=True,
        )
        assert answer == expected(kind, "restoreToTime"), kind


def test_promotions(databases):
    for kind, (rds, name) in databases.items():
        assert code(rds.promote_read_replica, DBInstanceIdentifier=name) == expected(kind, "promote"), kind


def test_versions_and_storage_go_one_way(databases):
    for kind, (rds, name) in databases.items():
        database = {"DBInstanceIdentifier": name}
        assert rds.describe_db_instances(**database)["DBInstances"][0]["EngineVersion"] == "17.3", kind
        older = code(rds.modify_db_instance, EngineVersion="17.2", **database)
        assert older == expected(kind, "changeVersion", "to an older one"), kind
        assert not code(rds.modify_db_instance, EngineVersion="17", **database), kind
        assert not code(rds.modify_db_instance, EngineVersion="17.10", **database), kind
        assert not code(rds.modify_db_instance, AllocatedStorage=100, MaxAllocatedStorage=110, **database), kind
        less = code(rds.modify_db_instance, AllocatedStorage=50, **database)
        assert less == expected(kind, "changeStorage", "to less"), kind
        close = code(rds.modify_db_instance, MaxAllocatedStorage=109, **database)
        assert close == expected(kind, "changeStorage", "MaxAllocatedStorage less than a tenth above"), kind


def test_classes_and_snapshots(databases):
    for kind, (rds, name) in databases.items():
        database = {"DBInstanceIdentifier": name}
        larger = code(rds.modify_db_instance, DBInstanceClass="db.m7g.large", **database)
        assert larger == expected(kind, "changeClass"), kind
        snapshot = code(rds.create_db_snapshot, DBSnapshotIdentifier=f"{name}-now", **database)
        assert snapshot == expected(kind, "snapshot"), kind


def test_deletions(databases):
    for kind in ("restored", "promoted", "replica", "original"):
        rds, name = databases[kind]
        database = {"DBInstanceIdentifier": name}
        rds.modify_db_instance(DeletionProtection=True, **database)
        protected = code(rds.delete_db_instance, SkipFinalSnapshot=True, **database)
        assert protected == expected(kind, "delete", "protected"), kind
        rds.modify_db_instance(DeletionProtection=False, **database)
        assert code(rds.delete_db_instance, SkipFinalSnapshot=True, **database) == expected(kind, "delete"), kind
    rds, name = databases["original"]
    gone = code(
        rds.restore_db_instance_to_point_in_time,
        SourceDBInstanceIdentifier=name,
        TargetDBInstanceIdentifier=f"{name}-at",
        UseLatestRestorableTime=True,
    )
    assert gone == expected("original", "restoreToTime", "deleted")


def test_a_template_cannot_restore_a_replica_to_a_time(pair, deploy):
    _, _, second, _ = pair
    restored = replica(f"{second}-at", "x", SourceDBInstanceIdentifier=second, RestoreTime=NOW)
    del restored["Properties"]["SourceRegion"]
    del restored["Properties"]["KmsKeyId"]
    with pytest.raises(AssertionError, match=r"(?s)Only a database that writes"):
        deploy(REGION | {"Db": restored}, DR)


@pytest.mark.parametrize(
    ("grown", "properties"),
    [
        ({"EngineVersion": "17.9"}, {"EngineVersion": "17.8"}),
        ({"AllocatedStorage": 95}, {"MaxAllocatedStorage": 100}),
    ],
)
def test_a_replica_of_what_has_grown_fails_at_the_end_of_its_creation(aws, pair, deploy, grown, properties):
    """The handler modifies what it has created."""
    first, _, second, _ = pair
    aws("rds").modify_db_instance(DBInstanceIdentifier=first, **grown)
    with pytest.raises(AssertionError, match=r"(?s)(Cannot upgrade|at least 10 percent)"):
        deploy(REGION | {"Db": replica(f"{second}-late", first, **properties)}, DR)


def test_a_replica_without_a_version_has_its_sources(aws, pair, deploy):
    first, _, second, _ = pair
    aws("rds").modify_db_instance(DBInstanceIdentifier=first, EngineVersion="17.9")
    deploy(REGION | {"Db": replica(f"{second}-new", first)}, DR)
    assert describe(aws, f"{second}-new", DR)["EngineVersion"] == "17.9"


def test_an_origin_is_not_taken_back_to_an_older_version(deploy):
    stack = deploy(REGION | {"Db": origin("older", EngineVersion="17.5")})
    with pytest.raises(AssertionError, match=r"(?s)Cannot upgrade postgres from 17.5 to 17.4"):
        stack.update(REGION | {"Db": origin("older", EngineVersion="17.4")})
