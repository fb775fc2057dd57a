"""What RDS permits, by a database's origin and state: Java's table, RdsPermits, and refusals by it."""

import json
from pathlib import Path
from typing import Any

from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBInstance, RDSBackend

TABLE: list[dict[str, Any]] = json.loads((Path(__file__).parents[1] / "rds_permits.json").read_text())["rules"]

# Of each major, what RDS takes for it. Which it is proves nothing; that it is one does.
_NEWEST_MINOR = "3"

_restore_to_time = RDSBackend.restore_db_instance_to_point_in_time
_restore_from_snapshot = RDSBackend.restore_db_instance_from_db_snapshot
_create_snapshot = RDSBackend.create_db_snapshot


def install() -> None:
    RDSBackend.restore_db_instance_to_point_in_time = restore_db_instance_to_point_in_time
    RDSBackend.restore_db_instance_from_db_snapshot = restore_db_instance_from_db_snapshot
    RDSBackend.create_db_snapshot = create_db_snapshot


def rule(origin: str, operation: str, when: str = "") -> dict[str, Any]:
    """The line of the table."""
    return next(
        line for line in TABLE if (line["origin"], line["operation"], line["when"]) == (origin, operation, when)
    )


def origin_of(database: DBInstance) -> str:
    if database.is_replica:
        return "replica"
    return getattr(database, "pilotlight_origin", "original")


def require(database: DBInstance, operation: str, when: str = "", message: str = "") -> None:
    """Refuse what the table refuses, with its code."""
    line = rule(origin_of(database), operation, when)
    if not line["permitted"]:
        raise RDSClientError(line["error"], message or line["follows"])


def full_version(engine: str | None, version: str | None) -> str | None:
    """RDS takes the newest minor version of a major one."""
    return f"{version}.{_NEWEST_MINOR}" if engine == "postgres" and version and "." not in version else version


def check_modification(database: DBInstance, changes: dict[str, Any]) -> None:
    """What a modification may not do; a version that names the major alone asks for nothing."""
    version = changes.get("engine_version")
    if version and database.engine == "postgres":
        if "." not in version and str(database.engine_version).split(".")[0] == version:
            changes.pop("engine_version")
        elif _numbers(version) < _numbers(database.engine_version):
            require(
                database,
                "changeVersion",
                "to an older one",
                f"Cannot upgrade postgres from {database.engine_version} to {version}",
            )
    allocated = int(changes.get("allocated_storage") or database.allocated_storage)
    if allocated < int(database.allocated_storage):
        require(database, "changeStorage", "to less", "Allocated storage size can't be less than the current size.")
    most = changes.get("max_allocated_storage")
    if most and int(most) * 10 < allocated * 11:
        require(
            database,
            "changeStorage",
            "MaxAllocatedStorage less than a tenth above",
            "The maximum allocated storage must be increased by at least 10 percent.",
        )


def restore_db_instance_to_point_in_time(
    self: RDSBackend, source_db_identifier: str, target_db_identifier: str, overrides: dict[str, Any]
) -> DBInstance:
    """moto restores anything to any time."""
    source = self.describe_db_instances(db_instance_identifier=source_db_identifier)[0]
    require(source, "restoreToTime")
    return _restored(_restore_to_time(self, source_db_identifier, target_db_identifier, overrides))


def restore_db_instance_from_db_snapshot(
    self: RDSBackend, from_snapshot_id: str, overrides: dict[str, Any]
) -> DBInstance:
    return _restored(_restore_from_snapshot(self, from_snapshot_id, overrides))


def create_db_snapshot(self: RDSBackend, db_instance_identifier: str, *args: Any, **kwargs: Any) -> Any:
    found = self.databases.get(db_instance_identifier)
    if found is not None and found.status != "available":
        require(found, "snapshot", "not available", f"The database instance is {found.status}.")
    return _create_snapshot(self, db_instance_identifier, *args, **kwargs)


def _restored(database: DBInstance) -> DBInstance:
    database.pilotlight_origin = "restored"
    return database


def _numbers(version: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in str(version).split(".") if part.isdigit())
