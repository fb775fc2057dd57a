"""Virtual time, and how long in it the things take that AWS does by itself.

Virtual time runs `speed` times as fast as the clock on the wall, without ever jumping or going back: a change of speed
begins where the last one left off. Everything that the emulator stamps is stamped with it. As shipped the speed is 1,
virtual time is the real one, and everything is done at once.
"""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

MAX_SPEED = 10_000_000
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
                "speed": self._speed,
                "realOriginMillis": self._real_origin,
                "virtualOriginMillis": self._virtual_origin,
            }
            return described | {name: getattr(self._durations, field) for name, field in DURATIONS.items()}

    def change(self, wanted: Any) -> dict[str, Any]:
        """Take the named settings, or raise `Invalid` and take none."""
        if not isinstance(wanted, dict):
            raise Invalid("The body must be a JSON object such as {'speed': 20, 'promotionSeconds': 480}.")
        known = ["speed", *DURATIONS]
        for name in wanted:
            if name not in known:
                raise Invalid(f"{name!r} is no setting of the pace: it must be one of {', '.join(known)}.")
        speed = _number(wanted, "speed", least=0.001, most=MAX_SPEED)
        durations = {field: _number(wanted, name, least=0, most=864_000) for name, field in DURATIONS.items()}
        with self._lock:
            if speed is not None:
                # read once: the two origins must be the same moment
                real = self._real()
                self._virtual_origin += (real - self._real_origin) * self._speed
                self._real_origin = real
                self._speed = float(speed)
            given = {field: value for field, value in durations.items() if value is not None}
            self._durations = replace(self._durations, **given)
        return self.describe()

    def _now(self) -> float:
        return self._virtual_origin + (self._real() - self._real_origin) * self._speed


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
