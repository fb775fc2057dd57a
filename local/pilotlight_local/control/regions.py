"""Regions that are lost: their AWS API refuses requests, or takes them and never answers; and regions that are cut off
from everybody else, and go on inside.

A request belongs to the region that it is signed for. The services that have one endpoint for all of AWS (IAM,
Route 53) are signed for us-east-1 and go on unless that region is lost too.

What our CloudFormation types do for a stack happens inside the process and passes no endpoint. There the rule is kept
by `check`: while a region is lost, a stack of another region fails where it needs it.
"""

import json
import re
import select
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import parse_qs

from pilotlight_local.control.pace import Invalid

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]

UP, REFUSES, HANGS, ISOLATED = "up", "refuses", "hangs", "isolated"
STATES = (UP, REFUSES, HANGS, ISOLATED)
INSIDE = "HTTP_X_PILOTLIGHT_INSIDE"
"""Names the region that a request is made in, by who plays the world; whoever does not say so is outside of all."""
LONGEST_HANG_SECONDS = 300
"""The clients that we know give up earlier; it only keeps a forgotten one from holding a thread for ever."""
_LOOK_SECONDS = 0.2
_GLOBAL = {"iam": "us-east-1", "route53": "us-east-1"}

_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_SCOPE = re.compile(r"Credential=[^/,\s]+/\d{8}/(?P<region>[^/,\s]+)/(?P<service>[^/,\s]+)/aws4_request")
_serving: ContextVar[str | None] = ContextVar("region whose stack is being deployed", default=None)


class RegionLost(Exception):  # noqa: N818 - it is what happened, not an error of ours
    """A call into a region that is lost. The message is one sentence."""


class Regions:
    """Which regions are lost. Thread-safe: one dictionary, replaced and never changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._states: dict[str, str] = {}
        self._asked: dict[str, int] = {}

    def describe(self) -> dict[str, str]:
        return dict(self._states)

    def describe_one(self, region: str) -> dict[str, Any]:
        """With the number of requests that came for it since it was lost last, however they were answered."""
        with self._lock:
            return {"state": self.state(region), "asked": self._asked.get(region, 0)}

    def state(self, region: str | None) -> str:
        return self._states.get(region, UP) if region else UP

    def is_up(self, region: str | None) -> bool:
        """For whoever is elsewhere."""
        return self.state(region) == UP

    def lives(self, region: str | None) -> bool:
        """Whether what is inside it goes on."""
        return self.state(region) in (UP, ISOLATED)

    def change(self, region: str, wanted: Any) -> dict[str, str]:
        if not _REGION.fullmatch(region):
            raise Invalid(f"{region!r} is no region: it must look like eu-central-1.")
        if not isinstance(wanted, dict) or set(wanted) != {"state"} or wanted["state"] not in STATES:
            raise Invalid(f"The body must be {{'state': one of {', '.join(STATES)}}}, not {json.dumps(wanted)}.")
        with self._lock:
            if self.is_up(region):
                self._asked[region] = 0
            self._states = {**self._states, region: wanted["state"]}
        return self.describe()

    # Inside the process

    @contextmanager
    def serving(self, region: str) -> Iterator[None]:
        """While a stack of `region` is deployed."""
        token = _serving.set(region)
        try:
            yield
        finally:
            _serving.reset(token)

    def check(self, region: str, what: str) -> None:
        """Raise `RegionLost` if what is being done for another region needs one that is lost."""
        home = _serving.get()
        if home is None or region == home or self.is_up(region):
            return
        raise RegionLost(f"{what} needs region {region}, which does not answer: this stack of {home} depends on it.")

    def check_service(self, service: str, region: str, operation: str) -> None:
        """The same for a call of an API."""
        self.check(_GLOBAL.get(service, region), f"{service}:{operation}")

    # Over HTTP

    def middleware(self, app: WsgiApp) -> WsgiApp:
        def guarded(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            region, service = signed_for(environ)
            # with an endpoint of their own, SDKs sign for whatever region they were given
            region = _GLOBAL.get(service or "", region)
            if region is None or self.is_up(region):
                return app(environ, start_response)
            if self.state(region) == ISOLATED and environ.get(INSIDE) == region:
                return app(environ, start_response)
            with self._lock:
                self._asked[region] = self._asked.get(region, 0) + 1
            _read_body(environ)
            if self.state(region) == REFUSES:
                return _refuse(environ, start_response, region, service)
            self._hang(environ, region)
            raise ConnectionAbortedError(f"region {region} is lost")  # the server closes without an answer

        return guarded

    def _hang(self, environ: dict[str, Any], region: str) -> None:
        """Until the client goes, or the region is back."""
        client = environ.get("werkzeug.socket")
        end = time.monotonic() + LONGEST_HANG_SECONDS
        while self.state(region) in (HANGS, ISOLATED) and time.monotonic() < end:
            if client is None:
                time.sleep(_LOOK_SECONDS)
            elif _is_gone(client):
                return


def signed_for(environ: dict[str, Any]) -> tuple[str | None, str | None]:
    """(region, service) of the credential scope in the header or, for a presigned request, in the query."""
    found = _SCOPE.search(environ.get("HTTP_AUTHORIZATION") or "")
    if not found and "X-Amz-Credential=" in (query := environ.get("QUERY_STRING") or ""):
        found = _SCOPE.search("Credential=" + parse_qs(query).get("X-Amz-Credential", [""])[0])
    return (found["region"], found["service"]) if found else (None, None)


def _read_body(environ: dict[str, Any]) -> None:
    """What is sent must be taken, or the end of the connection could not be seen behind it."""
    stream = environ["wsgi.input"]
    if environ.get("wsgi.input_terminated"):
        while stream.read(1 << 20):
            pass
        return
    left = int(environ.get("CONTENT_LENGTH") or 0)
    while left > 0 and (piece := stream.read(min(left, 1 << 20))):
        left -= len(piece)


def _is_gone(client: socket.socket) -> bool:
    """Waits a moment for the client to close its side."""
    try:
        readable, _, _ = select.select([client], [], [], _LOOK_SECONDS)
        if not readable:
            return False
        if client.recv(1, socket.MSG_PEEK) == b"":
            return True
    except (OSError, ValueError):
        return True
    time.sleep(_LOOK_SECONDS)  # it sends more than it announced: let it
    return False


def _refuse(environ: dict[str, Any], start_response: Any, region: str, service: str | None) -> Iterable[bytes]:
    """503 with the code that every SDK takes for a passing fault and tries again."""
    code, message = "ServiceUnavailable", f"The emulator plays that region {region} is lost: it refuses every request."
    kind = environ.get("CONTENT_TYPE") or ""
    error = f"<Code>{code}</Code><Message>{message}</Message>"
    if service == "s3":
        kind, body = "application/xml", f"<Error>{error}</Error>"
    elif service == "ec2":
        kind, body = "text/xml", f"<Response><Errors><Error>{error}</Error></Errors></Response>"
    elif service in ("route53", "cloudfront") or kind.startswith("application/x-www-form-urlencoded"):
        kind, body = "text/xml", f"<ErrorResponse><Error><Type>Receiver</Type>{error}</Error></ErrorResponse>"
    else:
        kind = kind if "json" in kind else "application/json"
        body = json.dumps({"__type": code, "message": message})
    data = b"" if environ["REQUEST_METHOD"] == "HEAD" else body.encode()
    headers = [("Content-Type", kind), ("Content-Length", str(len(data))), ("x-amzn-ErrorType", code)]
    start_response("503 Service Unavailable", headers)
    return [data]


regions = Regions()
