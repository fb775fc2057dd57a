"""RDS: read replicas across regions and their promotion, which are what our drill is about.

A promotion takes as long as the pace says, in virtual time. Nothing runs meanwhile: whoever asks for a database first
brings every promotion to where it is by then.
"""

import secrets
import string
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from moto.core.responses import ActionResult
from moto.rds.exceptions import (
    DBInstanceAlreadyExists,
    DBInstanceNotFoundError,
    DBSubnetGroupNotFoundError,
    InvalidParameterCombination,
    RDSClientError,
)
from moto.rds.models import DBInstance, DBSnapshot, DBSubnetGroup, RDSBackend, rds_backends
from moto.rds.responses import RDSResponse

from pilotlight_local.control.databases import play
from pilotlight_local.control.pace import Durations, at, pace
from pilotlight_local.control.regions import regions
from pilotlight_local.control.staleness import snapshot, staleness
from pilotlight_local.rds_permits import MODIFIABLE, TERMINAL, check, check_change, whole_version

_create_db_instance = RDSBackend.create_db_instance
_create_db_snapshot = RDSBackend.create_db_snapshot
_create_replica = RDSBackend.create_db_instance_read_replica
_delete_db_instance = RDSBackend.delete_db_instance
_delete_db_parameter_group = RDSBackend.delete_db_parameter_group
_describe_db_instances = RDSBackend.describe_db_instances
_describe_orderable = RDSBackend.describe_orderable_db_instance_options
_answer_db_instances = RDSResponse.describe_db_instances
_answer_tags = RDSResponse.list_tags_for_resource
_modify_db_instance = RDSBackend.modify_db_instance
_modify_db_subnet_group = RDSBackend.modify_db_subnet_group
_restore_from_snapshot = RDSBackend.restore_db_instance_from_db_snapshot
_restore_to_point_in_time = RDSBackend.restore_db_instance_to_point_in_time

_POSTGRES = ("14", "15", "16", "17", "18")
_BURSTABLE = ("micro", "small", "medium", "large", "xlarge", "2xlarge")
_STEADY = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge")
_CLASSES = [f"db.{family}.{size}" for family in ("t3", "t4g") for size in _BURSTABLE] + [
    f"db.{family}.{size}"
    for family in ("m5", "m6g", "m6i", "m7g", "m7i", "m8g", "r5", "r6g", "r6i", "r7g", "r7i", "r8g")
    for size in _STEADY
]

LATEST_RESTORABLE_MILLIS = 300_000

# From this part of a promotion on, the database has no source any more: it restarts.
_ALONE_FROM = 0.6


def install() -> None:
    RDSBackend.create_db_instance = create_db_instance
    RDSBackend.create_db_snapshot = create_db_snapshot
    RDSBackend.restore_db_instance_from_db_snapshot = restore_db_instance_from_db_snapshot
    RDSBackend.restore_db_instance_to_point_in_time = restore_db_instance_to_point_in_time
    RDSBackend.create_db_instance_read_replica = create_db_instance_read_replica
    RDSBackend.promote_read_replica = promote_read_replica
    RDSBackend.delete_db_instance = delete_db_instance
    RDSBackend.delete_db_parameter_group = delete_db_parameter_group
    RDSBackend.describe_db_instances = describe_db_instances
    RDSBackend.describe_orderable_db_instance_options = describe_orderable_db_instance_options
    RDSResponse.describe_orderable_db_instance_options = answer_orderable_db_instance_options
    RDSBackend.modify_db_instance = modify_db_instance
    RDSBackend.modify_db_subnet_group = modify_db_subnet_group
    RDSResponse.describe_db_instances = answer_db_instances
    RDSResponse.list_tags_for_resource = answer_tags
    DBInstance.remove_replica = remove_replica
    staleness.sampled_by(sampled)


def create_db_instance(self: RDSBackend, db_kwargs: dict[str, Any]) -> DBInstance:
    """moto gives every database the same resource id, which IAM authentication and restores go by. A major alone is
    its newest minor.
    """
    version = whole_version(db_kwargs.get("engine_version"))
    database = _create_db_instance(self, {**db_kwargs, "engine_version": version} if version else db_kwargs)
    database.dbi_resource_id = _resource_id()
    database.writes_since = pace.millis()
    database.origin = "original"
    return database


def create_db_snapshot(self: RDSBackend, db_instance_identifier: str, *args: Any, **kwargs: Any) -> DBSnapshot:
    _advance()
    database = self.databases.get(db_instance_identifier)
    if database is not None and database.status != "available":
        check(
            database,
            "snapshot",
            "not available",
            f"Cannot create a snapshot because the database instance {db_instance_identifier} is not currently in the "
            "available state.",
        )
    return _create_db_snapshot(self, db_instance_identifier, *args, **kwargs)


def restore_db_instance_from_db_snapshot(self: RDSBackend, *args: Any, **kwargs: Any) -> DBInstance:
    return _restored(_restore_from_snapshot(self, *args, **kwargs))


def restore_db_instance_to_point_in_time(
    self: RDSBackend, source_db_identifier: str | None, target_db_identifier: str, overrides: dict[str, Any]
) -> DBInstance:
    """moto takes any source and any time."""
    _advance()
    source = _restorable(self, source_db_identifier, overrides)
    check(
        source,
        "restoreToTime",
        "",
        f"Point-in-time restore is not supported for the read replica {source.db_instance_identifier}.",
    )
    if target_db_identifier in self.databases:
        raise DBInstanceAlreadyExists
    if not source.backup_retention_period:
        raise RDSClientError("PointInTimeRestoreNotEnabled", "Automated backups are not enabled for the source.")
    time = overrides.get("restore_time")
    if time is not None and time.tzinfo is None:
        time = time.replace(tzinfo=timezone.utc)
    earliest, latest = restore_window(source)
    if time is not None and not earliest <= time <= latest:
        raise RDSClientError(
            "InvalidParameterValue",
            f"The restore time {time.isoformat()} is not between {earliest.isoformat()} and {latest.isoformat()}.",
        )
    if time is None and not overrides.get("use_latest_restorable_time"):
        raise InvalidParameterCombination("Either RestoreTime or UseLatestRestorableTime must be specified.")
    return _restored(_copied_here(self, source, target_db_identifier, overrides))


def _restorable(self: RDSBackend, name: str | None, overrides: dict[str, Any]) -> DBInstance:
    """A database by its name; one that is gone, or is elsewhere, by its resource id or its backups' ARN only."""
    from pilotlight_local.corrections.rds_backups import retained

    resource_id = overrides.get("source_dbi_resource_id")
    arn = overrides.get("source_db_instance_automated_backups_arn")
    if not resource_id and not arn:
        if name not in self.databases:
            raise DBInstanceNotFoundError(name)
        return self.databases[name]
    own = (item for item in self.databases.values() if resource_id and item.dbi_resource_id == resource_id)
    source = next(own, None)
    backup = retained(self, resource_id, arn) if source is None else None
    if source is None and backup is None:
        raise RDSClientError(
            "DBInstanceAutomatedBackupNotFound", f"There are no automated backups of {resource_id or arn}."
        )
    return source or backup.database


def _copied_here(self: RDSBackend, source: DBInstance, target: str, overrides: dict[str, Any]) -> DBInstance:
    """moto looks for the source among the databases that there are, and copies its zone along."""
    name = source.db_instance_identifier
    if self.databases.get(name) is source:
        return _restore_to_point_in_time(self, name, target, overrides)
    if name in self.databases:
        raise DBInstanceAlreadyExists
    moved = {"availability_zone": f"{self.region_name}a"} if source.region != self.region_name else {}
    self.databases[name] = source
    try:
        return _restore_to_point_in_time(self, name, target, {**overrides, **moved})
    finally:
        del self.databases[name]


def restore_window(database: DBInstance) -> tuple[datetime, datetime]:
    """From its first own backup, but no more than the retention ago, until five minutes ago."""
    now = pace.millis()
    kept = int(database.backup_retention_period) * 86_400_000
    return at(max(getattr(database, "writes_since", 0), now - kept)), at(now - LATEST_RESTORABLE_MILLIS)


def _restored(database: DBInstance) -> DBInstance:
    database.origin = "restored"
    # a copy of the source's state would be a state of the source
    database.status, database.played_status = "available", None
    database.is_replica, database.source_db_instance_identifier, database.replicas = False, None, []
    return database


def create_db_instance_read_replica(self: RDSBackend, db_kwargs: dict[str, Any]) -> DBInstance:
    """moto copies the source, then applies the request while the copy still takes itself to be in another region."""
    if db_kwargs["db_instance_identifier"] in self.databases:
        raise DBInstanceAlreadyExists
    source = self.find_db_from_id(db_kwargs["source_db_instance_identifier"])
    crosses = source.region != self.region_name
    if crosses and not regions.is_up(source.region):
        raise RDSClientError(
            "InvalidDBInstanceState",
            f"The source database's region {source.region} does not answer.",
        )
    if not source.backup_retention_period:
        raise RDSClientError(
            "InvalidDBInstanceState",
            f"Automated backups are not enabled for the source database {source.db_instance_identifier}.",
        )
    if crosses and source.storage_encrypted and not db_kwargs.get("kms_key_id"):
        raise InvalidParameterCombination(
            "A cross-region replica of an encrypted database needs a KmsKeyId of its own."
        )
    own = {  # what a replica does not take over from its source; the copy would even share the lists
        "backend": self,
        "availability_zone": f"{self.region_name}a",
        "db_parameter_group_name": source.db_parameter_group_name if not crosses else "",
        "multi_az": False,
        "deletion_protection": False,
        "backup_retention_period": 0,
        "enabled_cloudwatch_logs_exports": list(db_kwargs.get("enable_cloudwatch_logs_exports") or []),
        "status": "available",
        "tags": [],
        "dbi_resource_id": _resource_id(),
        "max_allocated_storage": source.allocated_storage,  # that is inherited is not documented
        "origin": "replica",
        "played_status": None,
        "replicates": True,
        "replicas": [],
    }
    return _create_replica(self, {**own, **db_kwargs})


@dataclass
class Promotion:
    """One that was ordered; with the durations of that moment."""

    replica: DBInstance
    began: int
    durations: Durations
    settings: dict[str, Any]

    def advance(self) -> bool:
        """Bring the replica to where it is now; whether the promotion is over."""
        seconds = (pace.millis() - self.began) / 1000
        total = self.durations.promotion_seconds
        if seconds >= total:
            self._leave_source()
            self.replica.status = "available"
            return True
        if seconds >= total * _ALONE_FROM:
            self._leave_source()
            self.replica.status = "rebooting"
        else:
            self.replica.status = "modifying" if seconds >= self.durations.promotion_unseen_seconds else "available"
        return False

    def _leave_source(self) -> None:
        if not self.replica.is_replica:
            return
        source = _source(self.replica)
        if source:  # inside AWS: also when the API of its region is lost
            source.remove_replica(self.replica)
        self.replica.is_replica = False
        self.replica.origin = "promoted"
        self.replica.writes_since = self.began + int(self.durations.promotion_seconds * _ALONE_FROM * 1000)
        self.replica.source_db_instance_identifier = None
        self.replica.update(**self.settings)


_promotions: list[Promotion] = []
_lock = threading.RLock()


def _advance() -> None:
    with _lock:
        for promotion in list(_promotions):
            if promotion.advance():
                _promotions.remove(promotion)
        for account in list(rds_backends.values()):
            for backend in list(account.values()):
                for database in list(backend.databases.values()):
                    play(database)


def _is_being_promoted(database: DBInstance) -> bool:
    return any(promotion.replica is database for promotion in _promotions)


def describe_db_instances(self: RDSBackend, *args: Any, **kwargs: Any) -> list[DBInstance]:
    _advance()
    return _describe_db_instances(self, *args, **kwargs)


def sampled() -> Iterator[tuple[Any, DBInstance]]:
    _advance()
    for account in list(rds_backends.values()):
        for region, backend in list(account.items()):
            for name, database in list(backend.databases.items()):
                yield ("database", region, name), snapshot(database)


def answer_db_instances(self: RDSResponse) -> ActionResult:
    """As of a moment ago. moto's operations look at databases in the same way, and must see them as they are."""
    moment = staleness.moment("rds", pace.millis())
    if moment is None:
        return _answer_db_instances(self)
    seen = staleness.seen("database", self.region, moment)
    name = self.params.get("DBInstanceIdentifier")
    filters = {item["Name"]: item["Values"] for item in self.params.get("Filters", [])}
    if name:
        filters["db-instance-id"] = [name]
    if filters:
        seen = self.backend._filter_resources(seen, filters, DBInstance)
    if name and not seen:
        raise DBInstanceNotFoundError(name)
    return ActionResult({"DBInstances": list(seen.values())})


def answer_tags(self: RDSResponse) -> ActionResult:
    moment = staleness.moment("rds", pace.millis())
    arn = self.params.get("ResourceName") or ""
    if moment is None or ":db:" not in arn:
        return _answer_tags(self)
    database = staleness.seen("database", self.region, moment).get(arn.split(":")[-1])
    if database is None:
        raise DBInstanceNotFoundError(arn.split(":")[-1])
    return ActionResult({"TagList": database.get_tags()})


def modify_db_instance(self: RDSBackend, db_instance_identifier: str, db_kwargs: dict[str, Any]) -> DBInstance:
    _advance()
    database = self.databases.get(db_instance_identifier)
    if database is not None:
        if _is_being_promoted(database) or database.status not in MODIFIABLE:
            raise RDSClientError(
                "InvalidDBInstanceState", f"Database instance is not in available state: {database.status}."
            )
        check_change(database, db_kwargs)
        running = database.engine_version
        changed = _modify_db_instance(self, db_instance_identifier, db_kwargs)
        if changed.engine_version == running.split(".")[0]:
            changed.engine_version = running  # a major alone is what runs
        changed.engine_version = whole_version(changed.engine_version)
        return changed
    return _modify_db_instance(self, db_instance_identifier, db_kwargs)


def promote_read_replica(self: RDSBackend, db_kwargs: dict[str, Any]) -> DBInstance:
    """moto never clears the source, and answers an unknown database with an internal error."""
    identifier = db_kwargs["db_instance_identifier"]
    with _lock:
        _advance()
        database = self.databases.get(identifier)
        if database is None:
            raise DBInstanceNotFoundError(identifier)
        not_now = f"Cannot promote the DB instance {identifier}: it is in a state that does not permit that: "
        if _is_being_promoted(database):
            raise RDSClientError("InvalidDBInstanceState", f"{not_now}{database.status}.")
        check(database, "promote", "", "DB Instance is not a read replica.")
        check(database, "promote", database.status, f"{not_now}{database.status}.")
        if database.status in TERMINAL:
            raise RDSClientError("InvalidDBInstanceState", f"{not_now}{database.status}.")
        settings = {"backup_retention_period": 1, **db_kwargs}  # one day unless the request says more
        _promotions.append(Promotion(database, pace.millis(), pace.durations, settings))
        _advance()
    return database


def delete_db_instance(self: RDSBackend, db_instance_identifier: str, *args: Any, **kwargs: Any) -> DBInstance:
    """A replica outlives its source; moto fails when it then deletes it."""
    _advance()
    database = self.databases.get(db_instance_identifier)
    if database is not None and database.is_replica and _source(database) is None:
        database.is_replica = False
    with _lock:
        _promotions[:] = [promotion for promotion in _promotions if promotion.replica is not database]
    return _delete_db_instance(self, db_instance_identifier, *args, **kwargs)


def delete_db_parameter_group(self: RDSBackend, db_parameter_group_name: str) -> Any:
    """moto deletes one that a retained database uses, and then fails on every look at the databases."""
    if any(database.db_parameter_group_name == db_parameter_group_name for database in self.databases.values()):
        raise RDSClientError(
            "InvalidDBParameterGroupState",
            f"One or more database instances are still members of this parameter group {db_parameter_group_name}.",
        )
    return _delete_db_parameter_group(self, db_parameter_group_name)


def modify_db_subnet_group(self: RDSBackend, subnet_name: str, *args: Any, **kwargs: Any) -> DBSubnetGroup:
    """moto takes the group out to change it and forgets to put it back."""
    if subnet_name not in self.subnet_groups:
        raise DBSubnetGroupNotFoundError(subnet_name)
    group = _modify_db_subnet_group(self, subnet_name, *args, **kwargs)
    self.subnet_groups[subnet_name] = group
    return group


def remove_replica(self: DBInstance, replica: DBInstance) -> None:
    """moto lists a replica in another region by ARN, and looks for it by name when it goes."""
    names = (replica.db_instance_identifier, replica.db_instance_arn)
    self.replicas = [name for name in self.replicas if name not in names]


def describe_orderable_db_instance_options(
    self: RDSBackend, engine: str, engine_version: str | None, db_instance_class: str | None = None
) -> list[dict[str, Any]]:
    """moto knows those of Aurora and Neptune only. Here PostgreSQL runs on the classes of AWS's current families."""
    if engine != "postgres":
        return _describe_orderable(self, engine, engine_version)
    versions = [engine_version] if engine_version else list(_POSTGRES)
    return [
        {
            "Engine": engine,
            "EngineVersion": version,
            "DBInstanceClass": name,
            "LicenseModel": "postgresql-license",
            "AvailabilityZones": [{"Name": f"{self.region_name}{zone}"} for zone in "abc"],
            "MultiAZCapable": True,
            "ReadReplicaCapable": True,
            "Vpc": True,
            "SupportsStorageEncryption": True,
            "StorageType": "gp3",
            "SupportsIAMDatabaseAuthentication": True,
            "SupportsPerformanceInsights": True,
            "SupportsEnhancedMonitoring": True,
        }
        for version in versions
        if version.split(".")[0] in _POSTGRES
        for name in ([db_instance_class] if db_instance_class else _CLASSES)
        if name in _CLASSES
    ]


def answer_orderable_db_instance_options(self: RDSResponse) -> ActionResult:
    options = self.backend.describe_orderable_db_instance_options(
        self.params.get("Engine"), self.params.get("EngineVersion"), self.params.get("DBInstanceClass")
    )
    return ActionResult({"OrderableDBInstanceOptions": options})


def _source(replica: DBInstance) -> DBInstance | None:
    """The source itself, which an ARN names if it is in another region."""
    parts = (replica.source_db_instance_identifier or "").split(":")
    backend = rds_backends[replica.account_id][parts[3]] if len(parts) > 1 else replica.backend
    return backend.databases.get(parts[-1])


def _resource_id() -> str:
    return "db-" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(26))
