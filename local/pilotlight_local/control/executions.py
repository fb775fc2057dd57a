"""Step Functions executions: the API's side of them.

Nothing here runs a state machine. Whoever does takes what is running from `running`, reports what happens with
`append_events`, and ends it with `end`; meanwhile the API answers as AWS documents it. moto's own engine knows no
JSONata, and its other store of executions answers constants.
"""

import json
import threading
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from uuid import uuid4

import botocore.session

from pilotlight_local.control.pace import Invalid, at, pace
from pilotlight_local.control.regions import RegionLost, regions

RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED = "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"
STATUSES = (RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED)
RETENTION_MILLIS = 90 * 24 * 3600 * 1000
"""AWS keeps an execution, and with it its name, for so long after its end."""

_NOT_REDRIVABLE = {
    RUNNING: "Execution is RUNNING and cannot be redriven",
    SUCCEEDED: "Execution is SUCCEEDED and cannot be redriven",
}


class Unknown(Exception):  # noqa: N818
    """No such execution."""


class NotRunning(Exception):  # noqa: N818
    """It has ended."""


@dataclass
class Execution:
    """One execution. The definition is the machine's at the start: an update does not touch what runs."""

    arn: str
    name: str
    region: str
    machine: Any
    machine_arn: str
    definition: str
    role_arn: str
    express: bool
    input: str
    started: int
    status: str = RUNNING
    stopped: int | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    events: list[dict[str, Any]] = field(default_factory=list)

    def add_event(self, kind: str, millis: int, **details: Any) -> None:
        previous = details.pop("previousEventId", len(self.events))
        number = len(self.events) + 1
        self.events.append(
            {"id": number, "previousEventId": previous, "timestamp": at(millis), "type": kind, **details}
        )

    def end(self, status: str, millis: int, **outcome: str | None) -> None:
        self.status, self.stopped = status, max(millis, self.started)
        self.output, self.error, self.cause = outcome.get("output"), outcome.get("error"), outcome.get("cause")
        details = {name: value for name, value in outcome.items() if value is not None}
        if "output" in details:
            details["outputDetails"] = {"truncated": False}
        kind = {SUCCEEDED: "Succeeded", FAILED: "Failed", TIMED_OUT: "TimedOut", ABORTED: "Aborted"}[status]
        self.add_event(f"Execution{kind}", self.stopped, **{f"execution{kind}EventDetails": details})

    def seen_at(self, moment: int | None) -> "Execution | None":
        """As it was then; None if it had not begun."""
        if moment is None:
            return self
        if self.started > moment:
            return None
        events = [event for event in self.events if event["timestamp"] <= at(moment)] or self.events[:1]
        if self.stopped is None or self.stopped <= moment:
            return replace(self, events=events)
        return replace(self, events=events, status=RUNNING, stopped=None, output=None, error=None, cause=None)

    def summary(self) -> dict[str, Any]:
        summary = {
            "executionArn": self.arn,
            "stateMachineArn": self.machine_arn,
            "name": self.name,
            "status": self.status,
            "startDate": at(self.started),
            "redriveCount": 0,
        }
        return summary if self.stopped is None else {**summary, "stopDate": at(self.stopped)}

    def description(self) -> dict[str, Any]:
        described = {**self.summary(), "input": self.input, "inputDetails": {"included": True}}
        if self.output is not None:
            described |= {"output": self.output, "outputDetails": {"included": True}}
        for name in ("error", "cause"):
            if getattr(self, name) is not None:
                described[name] = getattr(self, name)
        if self.status in _NOT_REDRIVABLE:
            return {
                **described,
                "redriveStatus": "NOT_REDRIVABLE",
                "redriveStatusReason": _NOT_REDRIVABLE[self.status],
            }
        return {**described, "redriveStatus": "REDRIVABLE"}


class Store:
    """All executions of all regions, oldest first. Thread-safe."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._executions: dict[str, Execution] = {}

    def start(self, machine: Any, machine_arn: str, definition: str, name: str | None, text: str) -> Execution:
        """Begin one; whether the name is free has been asked before, under the lock."""
        name = name or str(uuid4())
        _, _, _, region, account, _, machine_name = machine.arn.split(":")[:7]
        express = machine.type == "EXPRESS"
        kind, tail = ("express", f":{uuid4()}") if express else ("execution", "")
        arn = f"arn:aws:states:{region}:{account}:{kind}:{machine_name}:{name}{tail}"
        execution = Execution(
            arn=arn,
            name=name,
            region=region,
            machine=machine,
            machine_arn=machine_arn,
            definition=definition,
            role_arn=machine.roleArn,
            express=express,
            input=text,
            started=pace.millis(),
        )
        execution.add_event(
            "ExecutionStarted",
            execution.started,
            executionStartedEventDetails={
                "input": text,
                "inputDetails": {"truncated": False},
                "roleArn": machine.roleArn,
            },
        )
        self._executions[arn] = execution
        return execution

    def get(self, arn: str) -> Execution | None:
        self._forget()
        return self._executions.get(arn)

    def of(self, machine_arn: str) -> list[Execution]:
        self._forget()
        return [execution for execution in self._executions.values() if execution.machine_arn == machine_arn]

    def running(self) -> list[Execution]:
        return [execution for execution in self._executions.values() if execution.status == RUNNING]

    def drop_machine(self, machine: Any) -> None:
        """A deleted state machine takes its executions along."""
        for arn in [arn for arn, execution in self._executions.items() if execution.machine is machine]:
            del self._executions[arn]

    def drop(self, execution: Execution) -> None:
        self._executions.pop(execution.arn, None)

    def _forget(self) -> None:
        before = pace.millis() - RETENTION_MILLIS
        for arn in [a for a, e in self._executions.items() if e.stopped is not None and e.stopped < before]:
            del self._executions[arn]


store = Store()


# The control API


def running() -> list[dict[str, Any]]:
    """What waits to be run or runs, in the regions that are up."""
    with store.lock:
        return [
            {
                "executionArn": execution.arn,
                "stateMachineArn": execution.machine_arn,
                "region": execution.region,
                "name": execution.name,
                "input": execution.input,
                "definition": execution.definition,
                "type": "EXPRESS" if execution.express else "STANDARD",
                "startedMillis": execution.started,
            }
            for execution in store.running()
            if regions.lives(execution.region)
        ]


def append_events(body: Any) -> dict[str, Any]:
    """Add events to the history, in the API's own shape, but with `millis` for the timestamp."""
    events = body.get("events") if isinstance(body, dict) else None
    if not isinstance(events, list):
        raise Invalid("The body must be {'executionArn': …, 'events': [{'type': …, 'millis': …}, …]}.")
    for event in events:
        _check_event(event)
    with store.lock:
        execution = _running(body.get("executionArn"))
        for event in events:
            details = {key: value for key, value in event.items() if key not in ("type", "millis")}
            execution.add_event(event["type"], event["millis"], **details)
        return {"events": len(execution.events)}


def end(body: Any) -> dict[str, Any]:
    """End an execution."""
    if not isinstance(body, dict):
        raise Invalid("The body must be a JSON object with executionArn and status.")
    known = {"executionArn", "status", "output", "error", "cause", "millis"}
    if set(body) - known:
        raise Invalid(f"{', '.join(sorted(set(body) - known))}: the end of an execution has no such field.")
    status = body.get("status")
    if status not in (SUCCEEDED, FAILED, TIMED_OUT):
        raise Invalid(f"status {status!r} is none to end with: it must be {SUCCEEDED}, {FAILED} or {TIMED_OUT}.")
    millis = body.get("millis", pace.millis())
    if isinstance(millis, bool) or not isinstance(millis, (int, float)):
        raise Invalid(f"millis {millis!r} is no number of virtual milliseconds since 1970.")
    outcome = {name: body[name] for name in ("output", "error", "cause") if body.get(name) is not None}
    for name, value in outcome.items():
        if not isinstance(value, str):
            raise Invalid(f"{name} must be a text, not {value!r}.")
    if status == SUCCEEDED:
        if set(outcome) != {"output"}:
            raise Invalid(f"An execution that ends as {SUCCEEDED} has an output, and neither error nor cause.")
        try:
            json.loads(outcome["output"])
        except ValueError:
            raise Invalid("output must be a text that holds JSON.") from None
    elif "output" in outcome:
        raise Invalid(f"An execution that ends as {status} has no output.")
    with store.lock:
        execution = _running(body.get("executionArn"))
        execution.end(status, int(millis), **outcome)
        if execution.express:
            store.drop(execution)  # the API shows none of them, and one may be started every minute
        return {"executionArn": execution.arn, "status": status}


def _running(arn: Any) -> Execution:
    execution = store.get(arn) if isinstance(arn, str) else None
    if execution is None:
        raise Unknown(f"There is no execution {arn}.")
    if execution.status != RUNNING:
        raise NotRunning(f"The execution {arn} is {execution.status}.")
    if not regions.lives(execution.region):
        raise RegionLost(f"The execution {arn} makes no progress: region {execution.region} is lost.")
    return execution


@lru_cache
def _history_event() -> Any:
    return botocore.session.get_session().get_service_model("stepfunctions").shape_for("HistoryEvent")


def _check_event(event: Any) -> None:
    shape = _history_event()
    if not isinstance(event, dict):
        raise Invalid(f"An event must be a JSON object, not {event!r}.")
    if event.get("type") not in shape.members["type"].enum:
        raise Invalid(f"type {event.get('type')!r} is no type of the API's HistoryEvent.")
    millis = event.get("millis")
    if isinstance(millis, bool) or not isinstance(millis, (int, float)):
        raise Invalid(f"millis {millis!r} of a {event['type']} is no number of virtual milliseconds since 1970.")
    for name in event:
        if name not in ("type", "millis", "previousEventId") and not (
            name in shape.members and shape.members[name].type_name == "structure"
        ):
            raise Invalid(f"{name}: the API's HistoryEvent has no such details.")
