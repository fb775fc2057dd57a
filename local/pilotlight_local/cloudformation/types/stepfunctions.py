"""Step Functions state machines and EventBridge Scheduler's schedules. Nothing here runs them."""

from typing import Any

from pilotlight_local.cloudformation.resource import Properties, Resource, only, removed_tags, tag_list


class StateMachine(Resource):
    type = "AWS::StepFunctions::StateMachine"
    readable = ("Arn", "Name")
    create_only = ("StateMachineName", "StateMachineType")

    def create(self, properties: Properties) -> None:
        name = self.name(properties.get("StateMachineName"), limit=80)
        machine = self.call(
            "stepfunctions",
            "create_state_machine",
            name=name,
            type=properties.get("StateMachineType", "STANDARD"),
            tags=tag_list(properties.get("Tags"), "key", "value"),
            **_settings(properties),
        )
        self.physical_resource_id = machine["stateMachineArn"]
        self.attributes = {"Arn": machine["stateMachineArn"], "Name": name}

    def update(self, old: Properties, new: Properties) -> None:
        arn = self.physical_resource_id
        self.call("stepfunctions", "update_state_machine", stateMachineArn=arn, **_settings(new))
        removed = removed_tags(old.get("Tags"), new.get("Tags"))
        if removed:
            self.call("stepfunctions", "untag_resource", resourceArn=arn, tagKeys=removed)
        self.call("stepfunctions", "tag_resource", resourceArn=arn, tags=tag_list(new.get("Tags"), "key", "value"))

    def delete(self) -> None:
        self.delete_quietly("stepfunctions", "delete_state_machine", stateMachineArn=self.physical_resource_id)


def _settings(properties: Properties) -> dict[str, Any]:
    settings = {"definition": properties["DefinitionString"], "roleArn": properties["RoleArn"]}
    for name in ("LoggingConfiguration", "TracingConfiguration"):
        if name in properties:
            settings[_lower(name)] = _lowered(properties[name])
    return settings


def _lowered(value: Any) -> Any:
    """The API's names are CloudFormation's with a small first letter."""
    if isinstance(value, dict):
        return {_lower(name): _lowered(item) for name, item in value.items()}
    return [_lowered(item) for item in value] if isinstance(value, list) else value


def _lower(name: str) -> str:
    return name[0].lower() + name[1:]


class Schedule(Resource):
    type = "AWS::Scheduler::Schedule"
    readable = ("Arn",)
    create_only = ("Name", "GroupName")

    def create(self, properties: Properties) -> None:
        name = self.name(properties.get("Name"), limit=64)
        schedule = self.call("scheduler", "create_schedule", Name=name, **self._settings(properties))
        self.physical_resource_id = name
        self.attributes = {"Arn": schedule["ScheduleArn"]}

    def update(self, old: Properties, new: Properties) -> None:
        self.call("scheduler", "update_schedule", Name=self.physical_resource_id, **self._settings(new))

    def delete(self) -> None:
        group = only(self.properties, "GroupName")
        self.delete_quietly("scheduler", "delete_schedule", Name=self.physical_resource_id, **group)

    @staticmethod
    def _settings(properties: Properties) -> Properties:
        return only(
            properties,
            "Description",
            "EndDate",
            "FlexibleTimeWindow",
            "GroupName",
            "KmsKeyArn",
            "ScheduleExpression",
            "ScheduleExpressionTimezone",
            "StartDate",
            "State",
            "Target",
        )
