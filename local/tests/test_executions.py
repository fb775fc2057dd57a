"""Step Functions executions: what the API says of them, and the control API by which they are run."""

import itertools
import json

import pytest
from botocore.exceptions import ClientError
from conftest import DR, PRIMARY, att, outputs, resource, trust

_numbers = itertools.count(1)
DEFINITION = json.dumps({"QueryLanguage": "JSONata", "StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})
ROLE = "arn:aws:iam::123456789012:role/runbook"


@pytest.fixture(params=["by CloudFormation", "by the API"])
def machine(request, aws, deploy):
    """The ARN of a state machine in the DR region."""
    return machine_of(aws, deploy, request.param)


def machine_of(aws, deploy, how="by the API", kind="STANDARD"):
    name = f"machine-{next(_numbers)}"
    if how == "by the API":
        states = aws("stepfunctions", DR)
        return states.create_state_machine(name=name, definition=DEFINITION, roleArn=ROLE, type=kind)["stateMachineArn"]
    machine = {
        "StateMachineName": name,
        "StateMachineType": kind,
        "DefinitionString": DEFINITION,
        "RoleArn": att("Role", "Arn"),
    }
    resources = {
        "Role": resource("AWS::IAM::Role", {"AssumeRolePolicyDocument": trust("states.amazonaws.com")}),
        "Machine": resource("AWS::StepFunctions::StateMachine", machine),
    }
    return deploy(resources, DR, Outputs=outputs(Arn=att("Machine", "Arn"))).outputs["Arn"]


@pytest.fixture
def states(aws):
    return aws("stepfunctions", DR)


def code(refused):
    return refused.value.response["Error"]["Code"]


def mine(control, machine):
    return [execution for execution in control.get("executions") if execution["stateMachineArn"] == machine]


class TestRunning:
    def test_a_started_one_waits_to_be_run(self, control, states, machine):
        control.freeze()
        started = states.start_execution(stateMachineArn=machine, name="attempt-1", input='{"mode": "drill"}')
        assert mine(control, machine) == [
            {
                "executionArn": started["executionArn"],
                "stateMachineArn": machine,
                "region": DR,
                "name": "attempt-1",
                "input": '{"mode": "drill"}',
                "definition": DEFINITION,
                "type": "STANDARD",
                "startedMillis": int(control.now),
            }
        ]
        assert round(started["startDate"].timestamp() * 1000) == int(control.now)
        described = states.describe_execution(executionArn=started["executionArn"])
        assert (described["status"], described["input"]) == ("RUNNING", '{"mode": "drill"}')
        assert described["stateMachineArn"] == machine
        assert "stopDate" not in described
        assert states.list_executions(stateMachineArn=machine)["executions"][0]["name"] == "attempt-1"

    def test_events_and_end_are_what_the_api_then_shows(self, control, states, machine):
        arn = states.start_execution(stateMachineArn=machine)["executionArn"]
        begin = int(control.now) + 1000
        entered = {"name": "Promote", "input": "{}"}
        events = [
            {"type": "TaskStateEntered", "millis": begin, "stateEnteredEventDetails": entered},
            {"type": "TaskScheduled", "millis": begin + 5, "taskScheduledEventDetails": {"resource": "promote"}},
        ]
        control.post("executions/events", {"executionArn": arn, "events": events})
        end = {"executionArn": arn, "status": "SUCCEEDED", "output": '{"loss": 0}', "millis": begin + 90_000}
        control.post("executions/end", end)
        described = states.describe_execution(executionArn=arn)
        assert (described["status"], described["output"]) == ("SUCCEEDED", '{"loss": 0}')
        assert round(described["stopDate"].timestamp() * 1000) == begin + 90_000
        history = states.get_execution_history(executionArn=arn)["events"]
        assert [(event["id"], event["previousEventId"], event["type"]) for event in history] == [
            (1, 0, "ExecutionStarted"),
            (2, 1, "TaskStateEntered"),
            (3, 2, "TaskScheduled"),
            (4, 3, "ExecutionSucceeded"),
        ]
        assert history[1]["stateEnteredEventDetails"] == entered
        assert round(history[1]["timestamp"].timestamp() * 1000) == begin
        assert history[3]["executionSucceededEventDetails"]["output"] == '{"loss": 0}'
        assert mine(control, machine) == []
        assert control.ask("POST", "executions/end", end)[0] == 409
        assert control.ask("POST", "executions/events", {"executionArn": arn, "events": events})[0] == 409

    @pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT"])
    def test_a_failure_has_an_error_and_a_cause(self, control, states, machine, status):
        arn = states.start_execution(stateMachineArn=machine)["executionArn"]
        why = {"error": "Pilotlight.FailoverFailed", "cause": "nothing was promoted"}
        control.post("executions/end", {"executionArn": arn, "status": status, **why})
        described = states.describe_execution(executionArn=arn)
        assert {"status": status, **why}.items() <= described.items()
        assert "output" not in described
        last = states.get_execution_history(executionArn=arn, reverseOrder=True)["events"][0]
        assert last["type"] == {"FAILED": "ExecutionFailed", "TIMED_OUT": "ExecutionTimedOut"}[status]

    def test_stopped_it_is_aborted_and_no_longer_to_be_run(self, control, states, machine):
        arn = states.start_execution(stateMachineArn=machine)["executionArn"]
        states.stop_execution(executionArn=arn, error="Operator", cause="wrong region")
        described = states.describe_execution(executionArn=arn)
        assert (described["status"], described["cause"]) == ("ABORTED", "wrong region")
        assert mine(control, machine) == []
        end = {"executionArn": arn, "status": "FAILED", "error": "late"}
        status, answer = control.ask("POST", "executions/end", end)
        assert (status, answer["error"]) == (409, f"The execution {arn} is ABORTED.")
        assert states.describe_execution(executionArn=arn)["status"] == "ABORTED"

    def test_what_runs_keeps_the_definition_that_it_began_with(self, control, states, machine):
        arn = states.start_execution(stateMachineArn=machine)["executionArn"]
        states.update_state_machine(stateMachineArn=machine, definition=DEFINITION.replace("Done", "End"))
        assert mine(control, machine)[0]["definition"] == DEFINITION
        assert states.describe_state_machine_for_execution(executionArn=arn)["definition"] == DEFINITION
        states.start_execution(stateMachineArn=machine)
        assert '"End"' in mine(control, machine)[1]["definition"]

    @pytest.mark.parametrize(
        ("path", "more", "says"),
        [
            ("end", {"status": "ABORTED"}, "status 'ABORTED' is none to end with"),
            ("end", {"status": "SUCCEEDED"}, "has an output"),
            ("end", {"status": "SUCCEEDED", "output": "{"}, "output must be a text that holds JSON"),
            ("end", {"status": "FAILED", "output": "{}"}, "has no output"),
            ("end", {"status": "FAILED", "why": "so"}, "why: the end of an execution has no such field."),
            ("events", {"events": [{"type": "TaskBegun", "millis": 1}]}, "'TaskBegun' is no type"),
            ("events", {"events": [{"type": "TaskStarted"}]}, "millis None of a TaskStarted"),
            ("events", {"events": [{"type": "TaskStarted", "millis": 1, "details": {}}]}, "details: the API's"),
            ("events", {}, "The body must be"),
        ],
    )
    def test_nonsense_is_refused_in_a_sentence(self, control, states, aws, deploy, path, more, says):
        arn = states.start_execution(stateMachineArn=machine_of(aws, deploy))["executionArn"]
        status, answer = control.ask("POST", f"executions/{path}", {"executionArn": arn, **more})
        assert status == 400
        assert says in answer["error"]
        assert states.describe_execution(executionArn=arn)["status"] == "RUNNING"

    def test_one_that_does_not_exist(self, control, states, machine):
        missing = f"{machine.replace(':stateMachine:', ':execution:')}:none"
        assert control.ask("POST", "executions/events", {"executionArn": missing, "events": []})[0] == 404
        for operation in (states.describe_execution, states.stop_execution, states.get_execution_history):
            with pytest.raises(ClientError) as refused:
                operation(executionArn=missing)
            assert code(refused) == "ExecutionDoesNotExist"


class TestNames:
    def test_the_same_start_again_answers_the_same_execution_while_it_runs(self, states, machine):
        start = {"stateMachineArn": machine, "name": "attempt-1", "input": "{}"}
        first, second = states.start_execution(**start), states.start_execution(**start)
        assert first["executionArn"] == second["executionArn"]
        assert first["startDate"] == second["startDate"]
        assert len(states.list_executions(stateMachineArn=machine)["executions"]) == 1

    def test_another_input_or_an_ended_one_is_refused(self, control, states, machine):
        start = {"stateMachineArn": machine, "name": "attempt-1"}
        arn = states.start_execution(**start, input="{}")["executionArn"]
        with pytest.raises(ClientError) as refused:
            states.start_execution(**start, input='{"mode": "planned"}')
        assert code(refused) == "ExecutionAlreadyExists"
        control.post("executions/end", {"executionArn": arn, "status": "SUCCEEDED", "output": "{}"})
        with pytest.raises(ClientError) as refused:
            states.start_execution(**start, input="{}")
        assert code(refused) == "ExecutionAlreadyExists"

    def test_a_name_is_free_again_ninety_days_after_the_end(self, control, states, machine):
        arn = states.start_execution(stateMachineArn=machine, name="attempt-1")["executionArn"]
        states.stop_execution(executionArn=arn)
        control.freeze()
        control.pass_hours(90 * 24 - 1)
        assert states.describe_execution(executionArn=arn)["status"] == "ABORTED"
        control.pass_hours(2)
        with pytest.raises(ClientError) as refused:
            states.describe_execution(executionArn=arn)
        assert code(refused) == "ExecutionDoesNotExist"
        states.start_execution(stateMachineArn=machine, name="attempt-1")

    @pytest.mark.parametrize("name", ["with space", "a<b", "x" * 81])
    def test_a_bad_name_is_refused(self, states, machine, name):
        with pytest.raises(ClientError) as refused:
            states.start_execution(stateMachineArn=machine, name=name)
        assert code(refused) in ("InvalidName", "ValidationException")

    def test_an_input_that_is_no_json_is_refused(self, states, machine):
        for text in ("{", '"' + "x" * 262_144 + '"'):
            with pytest.raises(ClientError) as refused:
                states.start_execution(stateMachineArn=machine, input=text)
            assert code(refused) == "InvalidExecutionInput"

    def test_a_machine_that_does_not_exist(self, states, machine):
        for operation in (states.start_execution, states.list_executions):
            with pytest.raises(ClientError) as refused:
                operation(stateMachineArn=machine + "-none")
            assert code(refused) == "StateMachineDoesNotExist"


class TestLists:
    def test_newest_first_by_status_and_in_pages(self, states, machine):
        arns = [
            states.start_execution(stateMachineArn=machine, name=f"attempt-{number}")["executionArn"]
            for number in range(1, 6)
        ]
        states.stop_execution(executionArn=arns[1])
        page = states.list_executions(stateMachineArn=machine, maxResults=2)
        assert [execution["name"] for execution in page["executions"]] == ["attempt-5", "attempt-4"]
        rest = states.list_executions(stateMachineArn=machine, nextToken=page["nextToken"])
        assert [execution["name"] for execution in rest["executions"]] == ["attempt-3", "attempt-2", "attempt-1"]
        assert "nextToken" not in rest
        running = states.list_executions(stateMachineArn=machine, statusFilter="RUNNING")["executions"]
        assert [execution["name"] for execution in running] == ["attempt-5", "attempt-4", "attempt-3", "attempt-1"]
        with pytest.raises(ClientError) as refused:
            states.list_executions(stateMachineArn=machine, nextToken="nonsense")
        assert code(refused) == "InvalidToken"

    def test_the_history_in_pages_and_backwards(self, control, states, machine):
        arn = states.start_execution(stateMachineArn=machine)["executionArn"]
        event = {"type": "PassStateEntered", "millis": int(control.now), "stateEnteredEventDetails": {"name": "A"}}
        control.post("executions/events", {"executionArn": arn, "events": [event] * 249})
        pages = states.get_paginator("get_execution_history").paginate(executionArn=arn)
        assert [event["id"] for page in pages for event in page["events"]] == list(range(1, 251))
        back = states.get_execution_history(executionArn=arn, reverseOrder=True, maxResults=3)
        assert [event["id"] for event in back["events"]] == [250, 249, 248]
        more = states.get_execution_history(
            executionArn=arn, reverseOrder=True, maxResults=3, nextToken=back["nextToken"]
        )
        assert [event["id"] for event in more["events"]] == [247, 246, 245]

    def test_a_deleted_machine_takes_its_executions_along(self, control, states, machine):
        arn = states.start_execution(stateMachineArn=machine)["executionArn"]
        states.delete_state_machine(stateMachineArn=machine)
        assert mine(control, machine) == []
        with pytest.raises(ClientError):
            states.describe_execution(executionArn=arn)


class TestExpress:
    @pytest.fixture(params=["by CloudFormation", "by the API"])
    def probe(self, request, aws, deploy):
        return machine_of(aws, deploy, request.param, "EXPRESS")

    def test_it_runs_and_cannot_be_asked_for(self, control, states, probe):
        assert states.describe_state_machine(stateMachineArn=probe)["type"] == "EXPRESS"
        machines = states.list_state_machines()["stateMachines"]
        assert {machine["stateMachineArn"]: machine["type"] for machine in machines}[probe] == "EXPRESS"
        arns = {states.start_execution(stateMachineArn=probe, name="same")["executionArn"] for _ in range(2)}
        assert len(arns) == 2, "names of express executions are not unique"
        waiting = mine(control, probe)
        assert {execution["executionArn"] for execution in waiting} == arns
        assert {execution["type"] for execution in waiting} == {"EXPRESS"}
        with pytest.raises(ClientError) as refused:
            states.list_executions(stateMachineArn=probe)
        assert code(refused) == "StateMachineTypeNotSupported"
        for operation in (states.describe_execution, states.stop_execution, states.get_execution_history):
            with pytest.raises(ClientError) as refused:
                operation(executionArn=waiting[0]["executionArn"])
            assert code(refused) == "StateMachineTypeNotSupported"
        for arn in arns:
            control.post("executions/end", {"executionArn": arn, "status": "SUCCEEDED", "output": "{}"})
        assert mine(control, probe) == []


def test_what_runs_in_a_lost_region_makes_no_progress(control, aws, states, deploy):
    machine = machine_of(aws, deploy)
    arn = states.start_execution(stateMachineArn=machine)["executionArn"]
    end = {"executionArn": arn, "status": "SUCCEEDED", "output": "{}"}
    control.lose(DR)
    assert mine(control, machine) == []
    status, answer = control.ask("POST", "executions/end", end)
    assert status == 503
    assert f"region {DR} is lost" in answer["error"]
    assert control.ask("POST", "executions/events", {"executionArn": arn, "events": []})[0] == 503
    control.lose(DR, "isolated")
    assert [execution["executionArn"] for execution in mine(control, machine)] == [arn], "inside, it goes on"
    control.lose(DR, "up")
    assert [execution["executionArn"] for execution in mine(control, machine)] == [arn]
    control.post("executions/end", end)


def test_one_region_does_not_see_the_executions_of_another(aws, deploy, states):
    machine = machine_of(aws, deploy)
    arn = states.start_execution(stateMachineArn=machine)["executionArn"]
    with pytest.raises(ClientError) as refused:
        aws("stepfunctions", PRIMARY).describe_execution(executionArn=arn)
    assert code(refused) == "ExecutionDoesNotExist"
