"""RDS: automated backups that can be seen, that outlive their database, and that are replicated to another region.

moto knows them as snapshots. Nothing is copied here: a replicated backup is a window of time that follows its source's.
"""

import secrets
import string
from dataclasses import dataclass, field
from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import DBInstanceNotFoundError, InvalidParameterCombination, RDSClientError
from moto.rds.models import DBInstance, RDSBackend, rds_backends
from moto.rds.responses import RDSResponse

from pilotlight_local.control.pace import at, pace
from pilotlight_local.control.regions import regions
from pilotlight_local.corrections.rds import restore_window
from pilotlight_local.rds_permits import check

_delete_db_instance = RDSBackend.delete_db_instance


def install() -> None:
    RDSBackend.delete_db_instance = delete_db_instance
    for operation in (
        describe_db_instance_automated_backups,
        describe_source_regions,
        start_db_instance_automated_backups_replication,
        stop_db_instance_automated_backups_replication,
    ):
        setattr(RDSResponse, operation.__name__, operation)


@dataclass
class Backup:
    """Retained, or replicated here from another region."""

    arn: str
    database: DBInstance
    source_region: str
    retention: int
    key: str | None
    since: int
    status: str
    until: int | None = None
    """The last moment that it can be restored to; None while it follows its source."""

    def description(self) -> dict[str, Any]:
        earliest, latest = restore_window(self.database)
        if self.until is not None:
            latest = at(self.until)
        return {
            **_common(self.database),
            "DBInstanceAutomatedBackupsArn": self.arn,
            "Region": self.source_region,
            "Status": self.status,
            "BackupRetentionPeriod": self.retention,
            "KmsKeyId": self.key,
            "RestoreWindow": {"EarliestTime": max(earliest, at(self.since)), "LatestTime": latest},
        }


@dataclass
class Backups:
    """Those of a region that are not of one of its own databases."""

    all: list[Backup] = field(default_factory=list)


def _backups(backend: RDSBackend) -> Backups:
    if not hasattr(backend, "other_backups"):
        backend.other_backups = Backups()
    return backend.other_backups


def _arn(backend: RDSBackend) -> str:
    name = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(26))
    return f"arn:aws:rds:{backend.region_name}:{backend.account_id}:auto-backup:ab-{name}"


def _common(database: DBInstance) -> dict[str, Any]:
    return {
        "DBInstanceArn": database.db_instance_arn,
        "DBInstanceIdentifier": database.db_instance_identifier,
        "DbiResourceId": database.dbi_resource_id,
        "Engine": database.engine,
        "EngineVersion": database.engine_version,
        "AllocatedStorage": database.allocated_storage,
        "Encrypted": bool(database.storage_encrypted),
        "MasterUsername": database.master_username,
        "StorageType": database.storage_type,
    }


def describe_db_instance_automated_backups(self: RDSResponse) -> ActionResult:
    backend = self.backend
    identifier = self.params.get("DBInstanceIdentifier")
    # Of an existing database only, not of one that is deleted, or in another region [doc].
    if identifier and identifier not in backend.databases:
        raise RDSClientError(
            "DBInstanceAutomatedBackupNotFound", f"There is no database {identifier} in {backend.region_name}."
        )
    found = [_own(backend, database) for database in list(backend.databases.values()) if _has_backups(database)]
    found += [backup.description() for backup in _backups(backend).all]
    filters = {item["Name"]: item["Values"] for item in self.params.get("Filters", [])}
    for name, member in (
        ("DBInstanceIdentifier", "DBInstanceIdentifier"),
        ("DbiResourceId", "DbiResourceId"),
        ("DBInstanceAutomatedBackupsArn", "DBInstanceAutomatedBackupsArn"),
    ):
        wanted = self.params.get(name)
        found = [item for item in found if not wanted or item[member] == wanted]
    for name, member in (
        ("status", "Status"),
        ("db-instance-id", "DBInstanceIdentifier"),
        ("dbi-resource-id", "DbiResourceId"),
    ):
        found = [item for item in found if name not in filters or item[member] in filters[name]]
    # Whole: moto cannot cut pages of what it has no unique name for, and fails beyond 100.
    return ActionResult({"DBInstanceAutomatedBackups": found})


def describe_source_regions(self: RDSResponse) -> ActionResult:
    """From where this region can replicate: everywhere else."""
    wanted = self.params.get("RegionName")
    sources = [
        {
            "RegionName": name,
            "Endpoint": f"https://rds.{name}.amazonaws.com",
            "Status": "available",
            "SupportsDBInstanceAutomatedBackupsReplication": True,
        }
        for name in sorted(rds_backends[self.backend.account_id].regions)
        if name != self.region and wanted in (None, name)
    ]
    return ActionResult({"SourceRegions": sources})


def _has_backups(database: DBInstance) -> bool:
    return bool(database.backup_retention_period) and not database.is_replica


def _own(backend: RDSBackend, database: DBInstance) -> dict[str, Any]:
    if not hasattr(database, "own_backup_arn"):
        database.own_backup_arn = _arn(backend)
    earliest, latest = restore_window(database)
    replications = [
        backup.arn
        for other in list(rds_backends[backend.account_id].values())
        for backup in _backups(other).all
        if backup.database is database and backup.status == "replicating"
    ]
    return {
        **_common(database),
        "DBInstanceAutomatedBackupsArn": database.own_backup_arn,
        "Region": backend.region_name,
        "Status": "active",
        "BackupRetentionPeriod": int(database.backup_retention_period),
        "KmsKeyId": database.kms_key_id,
        "RestoreWindow": {"EarliestTime": earliest, "LatestTime": max(earliest, latest)},
        "DBInstanceAutomatedBackupsReplications": [{"DBInstanceAutomatedBackupsArn": arn} for arn in replications],
    }


def start_db_instance_automated_backups_replication(self: RDSResponse) -> ActionResult:
    """Called in the region that the backups are to go to."""
    database = _source(self)
    backend = self.backend
    check(database, "replicateBackups", "", "Automated backups of a read replica cannot be replicated.")
    if not database.backup_retention_period:
        raise RDSClientError("InvalidDBInstanceState", "Automated backups are not enabled for the source database.")
    key = self.params.get("KmsKeyId")
    if database.storage_encrypted and not key:
        raise InvalidParameterCombination("Backups of an encrypted database need a KmsKeyId of this region.")
    retention = int(self.params.get("BackupRetentionPeriod") or 7)
    if not 1 <= retention <= 35:
        raise RDSClientError("InvalidParameterValue", f"The backup retention period {retention} is not from 1 to 35.")
    if any(item.database is database and item.status == "replicating" for item in _backups(backend).all):
        raise RDSClientError(
            "DBInstanceAutomatedBackupQuotaExceeded",
            f"The automated backups of {database.db_instance_identifier} are replicated to this region already.",
        )
    backup = Backup(_arn(backend), database, database.region, retention, key, pace.millis(), "replicating")
    _backups(backend).all.append(backup)
    return ActionResult({"DBInstanceAutomatedBackup": backup.description()})


def stop_db_instance_automated_backups_replication(self: RDSResponse) -> ActionResult:
    """What was replicated stays until it expires."""
    database = _source(self, needs_region=False)
    for backup in _backups(self.backend).all:
        if backup.database is database and backup.status == "replicating":
            backup.status, backup.until = "retained", pace.millis()
            return ActionResult({"DBInstanceAutomatedBackup": backup.description()})
    raise RDSClientError(
        "InvalidDBInstanceState",
        f"The automated backups of {database.db_instance_identifier} are not replicated to this region.",
    )


def _source(self: RDSResponse, needs_region: bool = True) -> DBInstance:
    arn = self.params.get("SourceDBInstanceArn") or ""
    parts = arn.split(":")
    if len(parts) != 7 or parts[5] != "db":
        raise RDSClientError("InvalidParameterValue", f"{arn!r} is no ARN of a database.")
    region, name = parts[3], parts[6]
    if region == self.region:
        raise RDSClientError("InvalidParameterValue", "Backups are replicated to another region than their own.")
    if needs_region and not regions.is_up(region):
        raise RDSClientError("InvalidDBInstanceState", f"The source database's region {region} does not answer.")
    database = rds_backends[self.backend.account_id][region].databases.get(name)
    known = [item.database for item in _backups(self.backend).all if item.database.db_instance_arn == arn]
    if database is None and not known:
        raise DBInstanceNotFoundError(name)
    return database or known[-1]


def delete_db_instance(
    self: RDSBackend,
    db_instance_identifier: str,
    final_db_snapshot_identifier: str | None = None,
    skip_final_snapshot: bool | None = False,
    delete_automated_backups: bool | None = True,
) -> DBInstance:
    """Backups are retained only if that is asked for. Replicated ones end and stay, wherever they are."""
    database = self.databases.get(db_instance_identifier)
    if database is not None and database.is_replica and final_db_snapshot_identifier and not skip_final_snapshot:
        raise InvalidParameterCombination("FinalDBSnapshotIdentifier cannot be specified when deleting a read replica.")
    deleted = _delete_db_instance(
        self, db_instance_identifier, final_db_snapshot_identifier, skip_final_snapshot, delete_automated_backups
    )
    now = pace.millis()
    if delete_automated_backups is False and _has_backups(deleted):
        retention = int(deleted.backup_retention_period)
        since = getattr(deleted, "writes_since", now)
        retained = Backup(
            getattr(deleted, "own_backup_arn", _arn(self)),
            deleted,
            self.region_name,
            retention,
            deleted.kms_key_id,
            since,
            "retained",
            now,
        )
        _backups(self).all.append(retained)
    for other in list(rds_backends[self.account_id].values()):
        for backup in _backups(other).all:
            if backup.database is deleted and backup.until is None:
                backup.status, backup.until = "retained", now
    return deleted


def retained(backend: RDSBackend, resource_id: str | None, arn: str | None) -> Backup | None:
    """One that can be restored though its database is gone, or is elsewhere."""
    for backup in _backups(backend).all:
        if (arn and backup.arn == arn) or (resource_id and backup.database.dbi_resource_id == resource_id):
            return backup
    return None
