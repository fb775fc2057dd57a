"""State machines and the schedules that start them."""

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
