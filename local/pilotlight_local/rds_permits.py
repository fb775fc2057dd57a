"""What RDS permits by where a database comes from and by its state.

The table is `rds_permits.json`, which the application's tests write from its own (topology/RdsPermits.java, with the
sources). Which state a refusal is about is decided here; whether it is refused, and with which code, is the table's.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from moto.rds.exceptions import RDSClientError
from moto.rds.models import DBInstance

ORIGINS = ("original", "replica", "promoted", "restored")

NEWEST_MINOR = {"14": "14.20", "15": "15.15", "16": "16.11", "17": "17.7", "18": "18.3"}
"""What a major alone means in a create."""

MODIFIABLE = ("available", "storage-initialization", "storage-optimization", "storage-full", "storage-config-upgrade")
"""States in which RDS takes a modification; it grows a full disk."""

TERMINAL = (
    "failed",
    "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable",
    "incompatible-create",
    "incompatible-network",
    "incompatible-option-group",
    "incompatible-parameters",
    "incompatible-restore",
    "insufficient-capacity",
    "restore-error",
    "stopped",
    "storage-full",
)
"""States that do not end by waiting."""


@dataclass(frozen=True)
class Rule:
    origin: str
    operation: str
    when: str
    permitted: bool
    error: str
    follows: str


RULES = {
    (rule["origin"], rule["operation"], rule["when"]): Rule(
        *(rule[name] for name in ("origin", "operation", "when", "permitted", "error", "follows"))
    )
    for rule in json.loads(Path(__file__).with_name("rds_permits.json").read_text())["rules"]
}


def origin_of(database: DBInstance) -> str:
    if database.is_replica:
        return "replica"
    return getattr(database, "origin", "original")


def check(database: DBInstance, operation: str, when: str, message: str) -> None:
    """Refuse what the table refuses, in the given words."""
    rule = RULES.get((origin_of(database), operation, when))
    if rule is not None and not rule.permitted:
        raise RDSClientError(rule.error, message)


def check_change(database: DBInstance, wanted: dict[str, Any]) -> None:
    """ModifyDBInstance, by what it would change."""
    version, had = wanted.get("engine_version"), database.engine_version
    if version and _older(version, had):
        check(database, "changeVersion", "to an older one", f"Cannot upgrade {database.engine} from {had} to {version}")
    if version and _number(version)[0] > _number(had)[0] and not wanted.get("allow_major_version_upgrade"):
        raise RDSClientError(
            "InvalidParameterCombination",
            "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.",
        )
    storage = wanted.get("allocated_storage")
    if storage and int(storage) < database.allocated_storage:
        check(
            database,
            "changeStorage",
            "to less",
            f"Invalid storage size for engine name {database.engine}: {storage} is less than it has.",
        )
    most = wanted.get("max_allocated_storage")
    allocated = max(int(storage or 0), database.allocated_storage)
    if most and int(most) != database.max_allocated_storage and int(most) * 10 < allocated * 11:
        check(
            database,
            "changeStorage",
            "MaxAllocatedStorage less than a tenth above",
            "The maximum allocated storage must be increased by at least 10 percent.",
        )


def whole_version(version: str | None) -> str | None:
    return NEWEST_MINOR.get(version, version) if version else version


def _number(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]


def _older(version: str, had: str) -> bool:
    """A major alone names any of its minors."""
    wanted, running = _number(version), _number(had)
    return wanted < running[: len(wanted)] if len(wanted) == 1 else wanted < running
