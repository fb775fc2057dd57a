"""State machines, the schedules that start them, the connections with which they ask."""

import json

from conftest import att, outputs, ref, resource

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "states.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def resources(seconds, state):
    definition = {"StartAt": "Pause", "States": {"Pause": {"Type": "Wait", "Seconds": seconds, "End": True}}}
    machine = {
        "StateMachineName": "failover",
        "DefinitionString": json.dumps(definition),
        "RoleArn": att("Role", "Arn"),
        "TracingConfiguration": {"Enabled": True},
    }
    schedule = {
        "Name": "weekly",
        "ScheduleExpression": "rate(7 days)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "State": state,
        "Target": {"Arn": att("Machine", "Arn"), "RoleArn": att("Role", "Arn")},
    }
    return {
        "Role": resource("AWS::IAM::Role", {"AssumeRolePolicyDocument": TRUST}),
        "Machine": resource("AWS::StepFunctions::StateMachine", machine),
        "Weekly": resource("AWS::Scheduler::Schedule", schedule),
    }


def test_a_state_machine_and_its_schedule(aws, deploy):
    stack = deploy(resources(5, "ENABLED"), Outputs=outputs(Machine=ref("Machine"), Name=att("Machine", "Name")))
    assert stack.outputs["Name"] == "failover"
    machines, schedules = aws("stepfunctions"), aws("scheduler")
    arn = stack.outputs["Machine"]

    def seconds():
        return json.loads(machines.describe_state_machine(stateMachineArn=arn)["definition"])["States"]["Pause"][
            "Seconds"
        ]

    assert seconds() == 5
    assert schedules.get_schedule(Name="weekly")["Target"]["Arn"] == arn
    stack.update(resources(7, "DISABLED"))
    assert seconds() == 7
    assert schedules.get_schedule(Name="weekly")["State"] == "DISABLED"
    stack.delete()
    assert arn not in {machine["stateMachineArn"] for machine in machines.list_state_machines()["stateMachines"]}
    assert schedules.list_schedules()["Schedules"] == []


def connection(**more):
    key = {"ApiKeyName": "X-Probe", "ApiKeyValue": "shop"}
    properties = {"AuthorizationType": "API_KEY", "AuthParameters": {"ApiKeyAuthParameters": key}}
    return {"Connection": resource("AWS::Events::Connection", properties | more)}


def test_a_connection_and_its_secret(aws, deploy):
    values = {name: att("Connection", name) for name in ("Arn", "SecretArn")}
    stack = deploy(connection(), Outputs=outputs(**values))
    events, name = aws("events"), stack.id_of("Connection")
    described = events.describe_connection(Name=name)
    assert described["ConnectionArn"] == stack.outputs["Arn"]
    assert described["SecretArn"] == stack.outputs["SecretArn"]
    assert f":secret:events!connection/{name}/" in stack.outputs["SecretArn"]
    assert described["AuthParameters"]["ApiKeyAuthParameters"]["ApiKeyName"] == "X-Probe"
    stack.update(connection(Description="the probe"))
    assert stack.id_of("Connection") == name
    assert events.describe_connection(Name=name)["Description"] == "the probe"
    stack.update(connection(Name="named"))
    assert [item["Name"] for item in events.list_connections()["Connections"]] == ["named"]
    stack.delete()
    assert events.list_connections()["Connections"] == []


def test_an_express_state_machine(aws, deploy):
    parts = resources(5, "ENABLED")
    parts["Machine"]["Properties"] |= {"StateMachineName": "probe", "StateMachineType": "EXPRESS"}
    parts["Weekly"]["Properties"]["Name"] = "every-minute"
    stack = deploy(parts, Outputs=outputs(Machine=ref("Machine")))
    machine = aws("stepfunctions").describe_state_machine(stateMachineArn=stack.outputs["Machine"])
    assert machine["type"] == "EXPRESS"
    stack.delete()
