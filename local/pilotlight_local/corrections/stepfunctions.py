"""Step Functions: executions as AWS's API shows them, for state machines however made; and express state machines.

The executions themselves are kept, and ended, in control/executions.py.
"""

import base64
import json
from typing import Any

from moto.core.responses import ActionResult
from moto.stepfunctions.exceptions import (
    AWSError,
    ExecutionAlreadyExists,
    ExecutionDoesNotExist,
    InvalidExecutionInput,
    InvalidName,
    InvalidToken,
    StateMachineDoesNotExist,
    ValidationException,
)
from moto.stepfunctions.models import StateMachine, StepFunctionBackend
from moto.stepfunctions.responses import StepFunctionResponse

from pilotlight_local.control.executions import ABORTED, RUNNING, STATUSES, Execution, store
from pilotlight_local.control.pace import at, pace
from pilotlight_local.control.staleness import staleness

MOST_INPUT_BYTES = 256 * 1024

_create_state_machine = StepFunctionResponse.create_state_machine
_list_state_machines = StepFunctionResponse.list_state_machines
_delete_state_machine = StepFunctionBackend.delete_state_machine


def install() -> None:
    StepFunctionBackend.delete_state_machine = delete_state_machine
    for operation in (
        create_state_machine,
        list_state_machines,
        start_execution,
        describe_execution,
        list_executions,
        stop_execution,
        get_execution_history,
        describe_state_machine_for_execution,
    ):
        setattr(StepFunctionResponse, operation.__name__, operation)


class StateMachineTypeNotSupported(AWSError):  # noqa: N818 - AWS's name
    TYPE = "StateMachineTypeNotSupported"
    STATUS = 400


def create_state_machine(self: StepFunctionResponse) -> ActionResult:
    """moto makes every state machine a standard one."""
    kind = self._get_param("type") or "STANDARD"
    if kind not in ("STANDARD", "EXPRESS"):
        raise ValidationException(
            f"1 validation error detected: Value '{kind}' at 'type' failed to satisfy constraint: "
            "Member must satisfy enum value set: [STANDARD, EXPRESS]"
        )
    created = _create_state_machine(self)
    self.stepfunction_backend.describe_state_machine(created.result["stateMachineArn"]).type = kind
    return created


def list_state_machines(self: StepFunctionResponse) -> ActionResult:
    listed = _list_state_machines(self)
    types = {machine.arn: machine.type for machine in self.stepfunction_backend.state_machines}
    for machine in listed.result["stateMachines"]:
        machine["type"] = types.get(machine["stateMachineArn"], "STANDARD")
    return listed


def delete_state_machine(self: StepFunctionBackend, arn: str) -> None:
    """On AWS it is DELETING until its executions have ended; here both are gone at once."""
    machines = [machine for machine in self.state_machines if machine.arn == arn]
    _delete_state_machine(self, arn)
    with store.lock:
        for machine in machines:
            store.drop_machine(machine)


def start_execution(self: StepFunctionResponse) -> ActionResult:
    asked = self._get_param("stateMachineArn")
    name = self._get_param("name")
    text = self._get_param("input", if_none="{}")
    backend = self.stepfunction_backend
    if name is not None:
        if not name:
            raise InvalidName("Invalid Name: ''")
        backend._validate_name(name)
    version = backend.describe_state_machine(asked)
    machine = _machine(backend, version)
    _check_input(text)
    with store.lock:
        if machine.type != "EXPRESS" and name:
            for other in store.of(machine.arn):
                if other.name != name:
                    continue
                if other.status == RUNNING and other.input == text:
                    return ActionResult({"executionArn": other.arn, "startDate": at(other.started)})
                raise ExecutionAlreadyExists(f"Execution Already Exists: '{other.arn}'")
        execution = store.start(machine, machine.arn, version.definition, name, text)
    return ActionResult({"executionArn": execution.arn, "startDate": at(execution.started)})


def describe_execution(self: StepFunctionResponse) -> ActionResult:
    return ActionResult(_seen(self, _execution(self)).description())


def list_executions(self: StepFunctionResponse) -> ActionResult:
    backend = self.stepfunction_backend
    machine = _machine(backend, backend.describe_state_machine(self._get_param("stateMachineArn")))
    if machine.type == "EXPRESS":
        raise _not_supported()
    wanted = self._get_param("statusFilter")
    if wanted and wanted not in (*STATUSES, "PENDING_REDRIVE"):
        raise ValidationException(
            f"1 validation error detected: Value '{wanted}' at 'statusFilter' failed to satisfy constraint: "
            f"Member must satisfy enum value set: [{', '.join(STATUSES)}, PENDING_REDRIVE]"
        )
    with store.lock:
        moment = staleness.moment("states", pace.millis())
        seen = (execution.seen_at(moment) for execution in reversed(store.of(machine.arn)))  # newest first
        found = [execution.summary() for execution in seen if execution is not None]
    found = [summary for summary in found if not wanted or summary["status"] == wanted]
    return ActionResult(_page(self, "executions", found))


def stop_execution(self: StepFunctionResponse) -> ActionResult:
    execution = _execution(self)
    with store.lock:
        if execution.status == RUNNING:
            outcome = {"error": self._get_param("error"), "cause": self._get_param("cause")}
            execution.end(ABORTED, pace.millis(), **outcome)
    return ActionResult({"stopDate": at(execution.stopped or 0)})


def get_execution_history(self: StepFunctionResponse) -> ActionResult:
    with store.lock:
        events = list(_seen(self, _execution(self)).events)
    if self._get_param("reverseOrder"):
        events.reverse()
    if self._get_param("includeExecutionData") is False:
        events = [_without_data(event) for event in events]
    return ActionResult(_page(self, "events", events))


def describe_state_machine_for_execution(self: StepFunctionResponse) -> ActionResult:
    """As it was when the execution began."""
    execution = _execution(self)
    machine = execution.machine
    return ActionResult(
        {
            "stateMachineArn": execution.machine_arn,
            "name": machine.name,
            "definition": execution.definition,
            "roleArn": execution.role_arn,
            "updateDate": machine.update_date,
            "loggingConfiguration": machine.loggingConfiguration,
            "tracingConfiguration": machine.tracingConfiguration,
        }
    )


def _machine(backend: StepFunctionBackend, found: Any) -> StateMachine:
    """The state machine itself, where a version of it was named."""
    arn = getattr(found, "source_arn", found.arn)
    for machine in backend.state_machines:
        if machine.arn == arn:
            return machine
    raise StateMachineDoesNotExist(f"State Machine Does Not Exist: '{arn}'")


def _execution(response: StepFunctionResponse) -> Execution:
    arn = response._get_param("executionArn") or ""
    if ":express:" in arn:
        raise _not_supported()
    response.stepfunction_backend._validate_execution_arn(arn)
    with store.lock:
        execution = store.get(arn)
    parts = arn.split(":")
    if execution is None or (parts[3], parts[4]) != (response.region, response.current_account):
        raise ExecutionDoesNotExist(f"Execution Does Not Exist: '{arn}'")
    return execution


def _seen(response: StepFunctionResponse, execution: Execution) -> Execution:
    """As it was a moment ago."""
    seen = execution.seen_at(staleness.moment("states", pace.millis()))
    if seen is None:
        raise ExecutionDoesNotExist(f"Execution Does Not Exist: '{execution.arn}'")
    return seen


def _not_supported() -> StateMachineTypeNotSupported:
    return StateMachineTypeNotSupported("This operation is not supported by this type of state machine")


def _check_input(text: str) -> None:
    if len(text.encode()) > MOST_INPUT_BYTES:
        raise InvalidExecutionInput(f"Invalid State Machine Execution Input: larger than {MOST_INPUT_BYTES} bytes")
    try:
        json.loads(text)
    except ValueError as error:
        raise InvalidExecutionInput(f"Invalid State Machine Execution Input: '{error}'") from None


def _page(response: StepFunctionResponse, name: str, items: list[Any]) -> dict[str, Any]:
    """A part of them. The token is opaque to clients, as AWS's are."""
    size = response._get_int_param("maxResults") or 100
    if not 1 <= size <= 1000:
        raise ValidationException(f"Value '{size}' at 'maxResults' must be between 1 and 1000")
    start = 0
    token = response._get_param("nextToken")
    if token:
        try:
            start = int(base64.urlsafe_b64decode(token.encode()).decode().removeprefix(f"{name}:"))
        except ValueError:
            raise InvalidToken from None
    page: dict[str, Any] = {name: items[start : start + size]}
    if start + size < len(items):
        page["nextToken"] = base64.urlsafe_b64encode(f"{name}:{start + size}".encode()).decode()
    return page


def _without_data(event: dict[str, Any]) -> dict[str, Any]:
    def cut(value: Any) -> Any:
        return {k: v for k, v in value.items() if k not in ("input", "output")} if isinstance(value, dict) else value

    return {key: cut(value) for key, value in event.items()}
