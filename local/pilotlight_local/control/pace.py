"""Virtual time, and how long in it the things take that AWS does by itself.

Virtual time runs `speed` times as fast as the clock on the wall and never goes back: a change of speed begins where the
last one left off. At the speed 0 it stands still. It goes ahead by itself in two ways only: as the clock on the wall
does, and where a client advances it. A client that plays the world against it bounds it (`untilMillis`), so that a busy
machine makes everything slower and nothing late. Everything that the emulator stamps is stamped with it. As shipped the
speed is 1, virtual time is the real one, and everything is done at once.
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from pilotlight_local.control.staleness import MOST_SECONDS, staleness

MAX_SPEED = 10_000_000
MAX_MILLIS = 32_503_680_000_000
"""The year 3000."""
MAX_ADVANCE_SECONDS = 10 * 365 * 86_400
DURATIONS = {
    "promotionSeconds": "promotion_seconds",
    "promotionUnseenSeconds": "promotion_unseen_seconds",
    "launchSeconds": "launch_seconds",
}


class Invalid(Exception):  # noqa: N818 - it is a request's, not ours
    """A request that makes no sense, in one sentence that names the value."""


@dataclass(frozen=True)
class Durations:
    """In virtual seconds."""

    promotion_seconds: float = 0
    """From PromoteReadReplica to a database that is available and has no source."""
    promotion_unseen_seconds: float = 0
    """The first part of that, in which nothing shows yet."""
    launch_seconds: float = 0
    """From a target's registration to its being healthy."""


class Pace:
    """The one clock. Thread-safe; `real` is a source of milliseconds that never goes back."""

    def __init__(self, real: Callable[[], float] | None = None) -> None:
        self._real = real or _real_millis()
        self._lock = threading.Lock()
        self._speed = 1.0
        self._real_origin = self._virtual_origin = self._real()
        self._until: float | None = None
        self._version = 1
        self._durations = Durations()

    def millis(self) -> int:
        """Now, in virtual milliseconds since 1970."""
        with self._lock:
            return int(self._now())

    def now(self) -> datetime:
        """Now, in virtual time."""
        return at(self.millis())

    @property
    def durations(self) -> Durations:
        return self._durations

    def describe(self) -> dict[str, Any]:
        with self._lock:
            described: dict[str, Any] = {
                "version": self._version,
                "speed": self._speed,
                "realOriginMillis": self._real_origin,
                "virtualOriginMillis": self._virtual_origin,
                "untilMillis": self._until,
                "staleSeconds": staleness.seconds,
                "staleSeed": staleness.seed,
            }
            return described | {name: getattr(self._durations, field) for name, field in DURATIONS.items()}

    def change(self, wanted: Any) -> dict[str, Any]:
        """Take the named settings, or raise `Invalid` and take none."""
        if not isinstance(wanted, dict):
            raise Invalid("The body must be a JSON object such as {'speed': 20, 'promotionSeconds': 480}.")
        known = ["speed", "advanceSeconds", "untilMillis", *DURATIONS, "staleSeconds", "staleSeed"]
        for name in wanted:
            if name not in known:
                raise Invalid(f"{name!r} is no setting of the pace: it must be one of {', '.join(known)}.")
        speed = _number(wanted, "speed", least=0, most=MAX_SPEED)
        advance = _number(wanted, "advanceSeconds", least=0, most=MAX_ADVANCE_SECONDS)
        stale = _number(wanted, "staleSeconds", least=0, most=MOST_SECONDS)
        seed = _number(wanted, "staleSeed", least=0, most=2**53)
        bound = wanted.get("untilMillis")
        until = None if bound is None else _number(wanted, "untilMillis", least=0, most=MAX_MILLIS)
        durations = {field: _number(wanted, name, least=0, most=864_000) for name, field in DURATIONS.items()}
        with self._lock:
            self._version += 1
            # read once: the two origins must be the same moment
            real = self._real()
            now = self._now(real) + (advance or 0) * 1000
            self._real_origin, self._virtual_origin = real, now
            if speed is not None:
                self._speed = float(speed)
            if "untilMillis" in wanted:
                self._until = until
            if self._until is not None:
                self._until = max(self._until, now)  # it never goes back
            given = {field: value for field, value in durations.items() if value is not None}
            self._durations = replace(self._durations, **given)
        staleness.change(stale, None if seed is None else int(seed))
        return self.describe()

    def _now(self, real: float | None = None) -> float:
        now = self._virtual_origin + ((self._real() if real is None else real) - self._real_origin) * self._speed
        return now if self._until is None else min(now, self._until)


def at(millis: float) -> datetime:
    """Milliseconds since 1970 as what moto and botocore take; to the millisecond, as AWS answers."""
    return datetime.fromtimestamp(int(millis) / 1000, tz=timezone.utc)


def _real_millis() -> Callable[[], float]:
    """The time of day, but counted from the process's start by a clock that nobody sets back."""
    offset = time.time() - time.monotonic()
    return lambda: (time.monotonic() + offset) * 1000


def _number(wanted: dict[str, Any], name: str, least: float, most: float) -> float | None:
    if name not in wanted:
        return None
    value = wanted[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise Invalid(f"{name} {value!r} is no number.")
    if not least <= value <= most:
        raise Invalid(f"{name} {value!r} is out of range: it must be from {least} to {most:,}.")
    return value


pace = Pace()
