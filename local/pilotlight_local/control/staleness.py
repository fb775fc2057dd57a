"""Reads that lag behind writes, as AWS's do: an answer may be that of a few virtual seconds ago, and the next one newer
or older. As shipped none is.

What changes is kept in versions, each with the moment since when it has looked so. A read is answered as of a moment
before now, which the seed and the number of the read decide: the same requests in the same order get the same answers.
Only requests over HTTP are: what CloudFormation does for a stack waits until it is settled. A request with the header
`x-pilotlight-read: consistent` sees everything, for who plays the world.
"""

import contextlib
import copy
import random
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from typing import Any

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]

HEADER = "HTTP_X_PILOTLIGHT_READ"
MOST_SECONDS = 60
_KEPT_MILLIS = 2 * MOST_SECONDS * 1000
_asks: ContextVar[tuple[str, str] | None] = ContextVar("service and region of a request that may be late", default=None)

ABSENT = object()
"""The version of a thing that does not exist."""


class Staleness:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.seconds = 0.0
        self.seed = 0
        self._keeps = False
        self._reads: dict[tuple[str, str], int] = defaultdict(int)
        self._versions: dict[Any, list[tuple[int, Any]]] = {}
        self._samplers: list[Callable[[], Iterator[tuple[Any, Any]]]] = []

    def change(self, seconds: float | None, seed: int | None) -> None:
        with self._lock:
            if seconds is not None:
                self.seconds = seconds
            if seed is not None:
                self.seed = seed
                self._reads.clear()
            if not self.seconds:
                self._versions.clear()
                self._keeps = False

    # What there is

    def sampled_by(self, sampler: Callable[[], Iterator[tuple[Any, Any]]]) -> None:
        """A function that answers (key, state) of all there is, each state a copy that nobody changes."""
        self._samplers.append(sampler)

    def sample(self, now: int) -> None:
        """Keep what has changed since the last time."""
        if not self.seconds:
            return
        with self._lock:
            if not self._keeps:
                self._keeps, now = True, 0  # what is there when keeping begins has always been there
            present = set()
            for sampler in self._samplers:
                for key, state in sampler():
                    present.add(key)
                    self._keep(key, state, now)
            for key in [key for key in self._versions if key not in present]:
                self._keep(key, ABSENT, now)
                if len(self._versions[key]) == 1:  # for long
                    del self._versions[key]

    def _keep(self, key: Any, state: Any, now: int) -> None:
        versions = self._versions.setdefault(key, [])
        if not versions or not _same(versions[-1][1], state):
            versions.append((now, state))
        while len(versions) > 1 and versions[1][0] < now - _KEPT_MILLIS:
            versions.pop(0)

    # Reading

    @contextlib.contextmanager
    def asked(self, service: str | None, region: str | None, consistent: bool) -> Iterator[None]:
        token = _asks.set((service, region) if service and region and not consistent else None)
        try:
            yield
        finally:
            _asks.reset(token)

    def moment(self, service: str, now: int) -> int | None:
        """As of when this read is answered; None for as of now."""
        asks = _asks.get()
        if not self.seconds or asks is None or asks[0] != service:
            return None
        with self._lock:
            self._reads[asks] += 1
            chance = random.Random(f"{self.seed} {asks} {self._reads[asks]}")  # noqa: S311 - it must repeat
        return now - int(chance.uniform(0, self.seconds) * 1000)

    def seen(self, kind: str, region: str, moment: int) -> dict[Any, Any]:
        """Name → state of all of a kind in a region, as they were then."""
        with self._lock:
            found = {}
            for (its_kind, its_region, name), versions in self._versions.items():
                if (its_kind, its_region) == (kind, region):
                    states = [state for since, state in versions if since <= moment]
                    if states and states[-1] is not ABSENT:
                        found[name] = states[-1]
            return found

    # Over HTTP

    def middleware(
        self, app: WsgiApp, signed_for: Callable[[dict[str, Any]], Any], clock: Callable[[], int]
    ) -> WsgiApp:
        def kept(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            if not self.seconds:
                return app(environ, start_response)
            region, service = signed_for(environ)
            self.sample(clock())  # what happened by itself meanwhile
            with self.asked(service, region, environ.get(HEADER) == "consistent"):
                answer = list(app(environ, start_response))
            self.sample(clock())
            return answer

        return kept


def snapshot(thing: Any) -> Any:
    """A copy that does not change with the thing. Of what it holds, only lists and dictionaries are copied."""
    twin = copy.copy(thing)
    for name, value in vars(thing).items():
        if isinstance(value, (list, dict)):
            vars(twin)[name] = _copied(value)
    return twin


def _copied(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if hasattr(one, "__dict__") and type(one).__eq__ is object.__eq__:
        return vars(one) == vars(other)
    return one == other


staleness = Staleness()
