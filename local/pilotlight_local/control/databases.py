"""What happens to databases by itself at AWS, played from outside: states, a replication that is broken, storage that
has grown, a newer minor version.
"""

import threading
from typing import Any

from moto.core.utils import camelcase_to_underscores
from moto.rds.models import DBInstance, rds_backends

from pilotlight_local.control.pace import Invalid, pace

_FIELDS = ("status", "forSeconds", "replicates", "engineVersion", "allocatedStorage")
_lock = threading.RLock()


class NoDatabase(Exception):  # noqa: N818 - it is a request's, not ours
    """There is none of that name."""


def describe() -> list[dict[str, Any]]:
    """All of all regions, as they are."""
    return [_described(database) for database in _all()]


def change(region: str, name: str, wanted: Any) -> dict[str, Any]:
    """`status` stays for `forSeconds` of virtual time, or, without, until it is set again; null ends it."""
    if not isinstance(wanted, dict) or not set(wanted) <= set(_FIELDS):
        raise Invalid(f"The body must be a JSON object with some of {', '.join(_FIELDS)}.")
    database = next((found for found in _all() if (found.region, found.db_instance_identifier) == (region, name)), None)
    if database is None:
        raise NoDatabase(f"There is no database {name} in {region}.")
    with _lock:
        if "status" in wanted:
            status, seconds = wanted["status"], wanted.get("forSeconds")
            if status is not None and not (isinstance(status, str) and status):
                raise Invalid(f"status {status!r} is no state of a database.")
            if seconds is not None and (isinstance(seconds, bool) or not isinstance(seconds, (int, float))):
                raise Invalid(f"forSeconds {seconds!r} is no number.")
            until = None if seconds is None else pace.millis() + int(seconds * 1000)
            database.played_status = None if status is None else (status, until)
            if status is None:
                database.status = "available"
        if "replicates" in wanted:
            if not isinstance(wanted["replicates"], bool):
                raise Invalid(f"replicates {wanted['replicates']!r} is neither true nor false.")
            database.replicates = wanted["replicates"]
        for name in ("engineVersion", "allocatedStorage"):
            if name in wanted:
                setattr(database, camelcase_to_underscores(name), wanted[name])
        play(database)
        return _described(database)


def play(database: DBInstance) -> None:
    """Give the database the state that is played, for as long as it is."""
    with _lock:
        played = getattr(database, "played_status", None)
        if played is None:
            return
        status, until = played
        if until is not None and pace.millis() >= until:
            database.played_status = None
            status = "available"
        database.status = status


def _all() -> list[DBInstance]:
    return [
        database
        for account in list(rds_backends.values())
        for backend in list(account.values())
        for database in list(backend.databases.values())
    ]


def _described(database: DBInstance) -> dict[str, Any]:
    return {
        "region": database.region,
        "identifier": database.db_instance_identifier,
        "status": database.status,
        "replicates": getattr(database, "replicates", True),
        "engineVersion": database.engine_version,
        "allocatedStorage": database.allocated_storage,
    }
