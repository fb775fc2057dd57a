"""What RDS permits by a database's origin and state: the emulator does as the table says, for every line of it."""

import itertools
import json
from datetime import datetime, timezone

import pytest
from botocore.exceptions import ClientError
from conftest import DR, LOCAL, PRIMARY
from test_data import ACCOUNT
from test_databases import REGION, describe, origin, pair, replica  # noqa: F401 - a fixture

RULES = json.loads((LOCAL / "pilotlight_local" / "rds_permits.json").read_text())["rules"]
NOT_AVAILABLE = "storage-initialization"
_numbers = itertools.count(1)


def code(refused):
    return refused.value.response["Error"]["Code"]


def arn(name, region=PRIMARY):
    return f"arn:aws:rds:{region}:{ACCOUNT}:db:{name}"


@pytest.fixture
def database(control, aws):
    """Call it with an origin for a database of an hour ago: its client and name."""
    control.freeze()

    def made(kind):
        number = next(_numbers)
        first, second = f"permits-{number}-a", f"permits-{number}-b"
        aws("rds").create_db_instance(
            DBInstanceIdentifier=first,
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            EngineVersion="17.5",
            AllocatedStorage=100,
            MaxAllocatedStorage=500,
            BackupRetentionPeriod=7,
            MasterUsername="pilot",
            MasterUserPassword="not-so-secret",
        )
        client, name = aws("rds"), first
        if kind in ("replica", "promoted"):
            client, name = aws("rds", DR), second
            client.create_db_instance_read_replica(
                DBInstanceIdentifier=second, SourceDBInstanceIdentifier=arn(first), MaxAllocatedStorage=500
            )
        if kind == "promoted":
            client.promote_read_replica(DBInstanceIdentifier=second, BackupRetentionPeriod=7)
        if kind == "restored":
            client.create_db_snapshot(DBInstanceIdentifier=first, DBSnapshotIdentifier=f"{first}-snap")
            name = second
            client.restore_db_instance_from_db_snapshot(
                DBInstanceIdentifier=second, DBSnapshotIdentifier=f"{first}-snap"
            )
        control.pass_hours(1)
        return client, name

    return made


def prepare(control, client, name, when):
    region = client.meta.region_name
    if when == "deleted":
        client.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True, DeleteAutomatedBackups=False)
    elif when == "protected":
        client.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=True)
    elif when in ("backing-up", "not available"):
        status = NOT_AVAILABLE if when == "not available" else when
        control.put(f"databases/{region}/{name}", {"status": status})


def perform(client, name, operation, when):
    of = {"DBInstanceIdentifier": name}
    if operation == "restoreToTime":
        client.restore_db_instance_to_point_in_time(
            SourceDBInstanceIdentifier=name, TargetDBInstanceIdentifier=f"{name}-back", UseLatestRestorableTime=True
        )
    elif operation == "promote":
        client.promote_read_replica(**of)
    elif operation == "changeClass":
        client.modify_db_instance(**of, DBInstanceClass="db.t4g.small")
    elif operation == "changeVersion":
        client.modify_db_instance(**of, EngineVersion="17.4" if when == "to an older one" else "17.6")
    elif operation == "changeStorage":
        storage = {
            "": {"AllocatedStorage": 200},
            "to less": {"AllocatedStorage": 50},
            "MaxAllocatedStorage less than a tenth above": {"MaxAllocatedStorage": 109},
        }
        client.modify_db_instance(**of, **storage[when])
    elif operation == "delete":
        client.delete_db_instance(**of, SkipFinalSnapshot=True)
    elif operation == "snapshot":
        client.create_db_snapshot(**of, DBSnapshotIdentifier=f"{name}-taken")
    elif operation == "replicateBackups":
        region = client.meta.region_name
        other = client.elsewhere("rds", DR if region == PRIMARY else PRIMARY)
        other.start_db_instance_automated_backups_replication(SourceDBInstanceArn=arn(name, region))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule['origin']}-{rule['operation']}-{rule['when']}")
def test_the_emulator_does_as_the_table_says(control, aws, database, rule):
    client, name = database(rule["origin"])
    client.elsewhere = aws
    prepare(control, client, name, rule["when"])
    if rule["permitted"]:
        perform(client, name, rule["operation"], rule["when"])
        return
    with pytest.raises(ClientError) as refused:
        perform(client, name, rule["operation"], rule["when"])
    assert code(refused) == rule["error"]


def test_the_table_is_whole():
    operations = {rule["operation"] for rule in RULES}
    assert len(operations) == 8
    assert {(rule["origin"], rule["operation"]) for rule in RULES if not rule["when"]} == {
        (kind, operation) for kind in ("original", "replica", "promoted", "restored") for operation in operations
    }


def test_a_template_cannot_restore_a_replica_to_a_time(deploy, pair):  # noqa: F811
    restored = replica(f"{pair[2]}-at", "x", SourceDBInstanceIdentifier=pair[2], UseLatestRestorableTime=True)
    del restored["Properties"]["SourceRegion"], restored["Properties"]["KmsKeyId"]
    stack = deploy(REGION | {"Db": restored}, DR, expect="ROLLBACK_COMPLETE")
    assert "Point-in-time restore is not supported for the read replica" in stack.reasons


def test_an_origin_is_not_taken_back_to_an_older_version(deploy):
    stack = deploy(REGION | {"Db": origin("older", EngineVersion="17.5")})
    stack.update(REGION | {"Db": origin("older", EngineVersion="17.4")}, expect="UPDATE_ROLLBACK_COMPLETE")
    assert "Cannot upgrade postgres from 17.5 to 17.4" in stack.reasons


class TestAfterCreating:
    """CloudFormation modifies what it has created as a copy; what RDS refuses there fails the creation at its end."""

    @pytest.mark.parametrize(
        ("more", "grown", "says"),
        [
            ({"EngineVersion": "17.4"}, {}, "Cannot upgrade postgres from 17.7 to 17.4"),
            ({"MaxAllocatedStorage": 100}, {"allocatedStorage": 95}, "at least 10 percent"),
        ],
    )
    def test_a_replica_of_a_source_that_has_moved_on_fails_late_and_is_left(
        self,
        control,
        aws,
        deploy,
        pair,  # noqa: F811
        more,
        grown,
        says,
    ):
        first, third = pair[0], f"late-{next(_numbers)}"
        control.put(f"databases/{PRIMARY}/{first}", grown)
        stack = deploy(REGION | {"Db": replica(third, first, **more)}, DR, expect="ROLLBACK_COMPLETE")
        assert says in stack.reasons

    def test_without_them_it_is_as_its_source(self, control, aws, deploy, pair):  # noqa: F811
        first, third = pair[0], f"late-{next(_numbers)}"
        control.put(f"databases/{PRIMARY}/{first}", {"engineVersion": "17.9", "allocatedStorage": 450})
        deploy(REGION | {"Db": replica(third, first, MaxAllocatedStorage=500)}, DR)
        made = describe(aws, third, DR)
        assert (made["EngineVersion"], made["AllocatedStorage"], made["MaxAllocatedStorage"]) == ("17.9", 450, 500)


class TestStates:
    def test_one_that_is_played_ends_by_itself(self, control, aws, pair):  # noqa: F811
        control.freeze()
        control.put(f"databases/{DR}/{pair[2]}", {"status": "backing-up", "forSeconds": 3600})
        rds = aws("rds", DR)
        assert describe(aws, pair[2], DR)["DBInstanceStatus"] == "backing-up"
        with pytest.raises(ClientError, match="does not permit that: backing-up") as refused:
            rds.promote_read_replica(DBInstanceIdentifier=pair[2])
        assert code(refused) == "InvalidDBInstanceState"
        control.pass_hours(1)
        assert describe(aws, pair[2], DR)["DBInstanceStatus"] == "available"
        rds.promote_read_replica(DBInstanceIdentifier=pair[2])

    @pytest.mark.parametrize(
        ("status", "taken"),
        [("storage-initialization", True), ("storage-optimization", True), ("configuring-log-exports", True)]
        + [(status, False) for status in ("storage-full", "failed", "incompatible-network", "stopped")],
    )
    def test_only_a_backup_and_what_never_ends_refuse_a_promotion(self, control, aws, pair, status, taken):  # noqa: F811
        control.put(f"databases/{DR}/{pair[2]}", {"status": status})
        promote = aws("rds", DR).promote_read_replica
        if taken:
            promote(DBInstanceIdentifier=pair[2])
            return
        with pytest.raises(ClientError) as refused:
            promote(DBInstanceIdentifier=pair[2])
        assert code(refused) == "InvalidDBInstanceState"

    def test_they_are_listed_and_nonsense_is_refused(self, control, pair):  # noqa: F811
        mine = {"region": DR, "identifier": pair[2]}
        control.put(f"databases/{DR}/{pair[2]}", {"replicates": False})
        found = [item for item in control.get("databases") if mine.items() <= item.items()]
        assert [(item["status"], item["replicates"]) for item in found] == [("available", False)]
        assert control.ask("PUT", f"databases/{DR}/nobody", {})[0] == 404
        for body in ({"state": "x"}, {"status": 3}, {"replicates": "no"}, {"forSeconds": "long", "status": "failed"}):
            assert control.ask("PUT", f"databases/{DR}/{pair[2]}", body)[0] == 400


class TestTime:
    def test_a_restore_is_to_a_time_that_the_database_wrote_in(self, control, aws, database):
        client, name = database("original")

        def restore(hours_ago, target):
            time = datetime.fromtimestamp(control.now / 1000 - hours_ago * 3600, tz=timezone.utc)
            client.restore_db_instance_to_point_in_time(
                SourceDBInstanceIdentifier=name, TargetDBInstanceIdentifier=target, RestoreTime=time
            )

        restore(0.5, f"{name}-then")
        for hours in (2, 0.01):
            with pytest.raises(ClientError, match="is not between") as refused:
                restore(hours, f"{name}-never")
            assert code(refused) == "InvalidParameterValue"


class TestBackups:
    @staticmethod
    def listed(client, name, **more):
        found = client.describe_db_instance_automated_backups(**more)["DBInstanceAutomatedBackups"]
        return [item for item in found if item["DBInstanceIdentifier"] == name]

    def test_of_a_database_that_writes_and_not_of_a_replica(self, aws, database):
        client, name = database("original")
        (backup,) = self.listed(client, name)
        window = backup["RestoreWindow"]
        assert backup["Status"] == "active"
        assert (window["LatestTime"] - window["EarliestTime"]).total_seconds() == 55 * 60
        client, name = database("replica")
        assert self.listed(client, name) == []

    def test_they_are_replicated_to_the_other_region_and_stay_when_that_ends(self, control, aws, database):
        client, name = database("original")
        there = aws("rds", DR)
        started = there.start_db_instance_automated_backups_replication(
            SourceDBInstanceArn=arn(name), BackupRetentionPeriod=14
        )["DBInstanceAutomatedBackup"]
        assert (started["Status"], started["Region"], started["BackupRetentionPeriod"]) == ("replicating", PRIMARY, 14)
        replications = self.listed(client, name)[0]["DBInstanceAutomatedBackupsReplications"]
        assert replications == [{"DBInstanceAutomatedBackupsArn": started["DBInstanceAutomatedBackupsArn"]}]
        with pytest.raises(ClientError):
            there.start_db_instance_automated_backups_replication(SourceDBInstanceArn=arn(name))
        control.lose(PRIMARY)
        there.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=arn(name))
        control.lose(PRIMARY, "up")
        assert [item["Status"] for item in self.listed(there, name)] == ["retained"]

    def test_a_name_is_known_only_where_its_database_is(self, aws, database):
        client, name = database("original")
        there = aws("rds", DR)
        there.start_db_instance_automated_backups_replication(SourceDBInstanceArn=arn(name))
        assert [item["Status"] for item in self.listed(client, name, DBInstanceIdentifier=name)] == ["active"]
        with pytest.raises(ClientError) as refused:
            self.listed(there, name, DBInstanceIdentifier=name)
        assert code(refused) == "DBInstanceAutomatedBackupNotFound"
        assert [item["DBInstanceArn"] for item in self.listed(there, name)] == [arn(name)]
        client.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True, DeleteAutomatedBackups=False)
        with pytest.raises(ClientError) as refused:
            self.listed(client, name, DBInstanceIdentifier=name)
        assert code(refused) == "DBInstanceAutomatedBackupNotFound"

    def test_a_region_says_from_where_it_replicates(self, aws):
        (source,) = aws("rds", DR).describe_source_regions(RegionName=PRIMARY)["SourceRegions"]
        assert (source["RegionName"], source["SupportsDBInstanceAutomatedBackupsReplication"]) == (PRIMARY, True)
        assert aws("rds", DR).describe_source_regions(RegionName=DR)["SourceRegions"] == []

    def test_retained_ones_are_restored_by_resource_id_and_not_by_name(self, aws, database):
        client, name = database("original")
        resource_id = describe(aws, name)["DbiResourceId"]
        client.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True, DeleteAutomatedBackups=False)
        assert [item["Status"] for item in self.listed(client, name)] == ["retained"]
        back = {"TargetDBInstanceIdentifier": f"{name}-back", "UseLatestRestorableTime": True}
        with pytest.raises(ClientError) as refused:
            client.restore_db_instance_to_point_in_time(SourceDBInstanceIdentifier=name, **back)
        assert code(refused) == "DBInstanceNotFound"
        client.restore_db_instance_to_point_in_time(SourceDbiResourceId=resource_id, **back)
        assert describe(aws, f"{name}-back")["AllocatedStorage"] == 100

    def test_replicated_ones_are_restored_by_their_arn(self, control, aws, database):
        _, name = database("original")
        there = aws("rds", DR)
        backup = there.start_db_instance_automated_backups_replication(SourceDBInstanceArn=arn(name))
        control.pass_hours(1)
        control.lose(PRIMARY)
        there.restore_db_instance_to_point_in_time(
            SourceDBInstanceAutomatedBackupsArn=backup["DBInstanceAutomatedBackup"]["DBInstanceAutomatedBackupsArn"],
            TargetDBInstanceIdentifier=f"{name}-away",
            UseLatestRestorableTime=True,
        )
        assert describe(aws, f"{name}-away", DR)["DBInstanceArn"] == arn(f"{name}-away", DR)
