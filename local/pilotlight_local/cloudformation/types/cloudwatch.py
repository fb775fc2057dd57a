"""Alarms. moto stores them and never evaluates them; `set_alarm_state` moves them."""

from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

from pilotlight_local.cloudformation.resource import Properties, Resource, changed, removed_tags, tag_list


class Alarm(Resource):
    type = "AWS::CloudWatch::Alarm"
    readable = ("Arn",)
    create_only = ("AlarmName",)

    def create(self, properties: Properties) -> None:
        name = self.name(properties.get("AlarmName"))
        self._put(name, properties)
        self.physical_resource_id = name
        self.attributes = {"Arn": self.arn("cloudwatch", f"alarm:{name}")}

    def update(self, old: Properties, new: Properties) -> None:
        self._put(self.physical_resource_id, new)
        gone = removed_tags(old.get("Tags"), new.get("Tags"))
        if gone:
            self.call("cloudwatch", "untag_resource", ResourceARN=self.attributes["Arn"], TagKeys=gone)
        if changed(old, new, "Tags") and new.get("Tags"):
            tags = tag_list(new["Tags"])
            self.call("cloudwatch", "tag_resource", ResourceARN=self.attributes["Arn"], Tags=tags)

    def _put(self, name: str, properties: Properties) -> None:
        self.call("cloudwatch", "put_metric_alarm", **(properties | {"AlarmName": name}))

    def delete(self) -> None:
        self.delete_quietly("cloudwatch", "delete_alarms", AlarmNames=[self.physical_resource_id])


class CompositeAlarm(Alarm):
    type = "AWS::CloudWatch::CompositeAlarm"

    def _put(self, name: str, properties: Properties) -> None:
        """moto has no PutCompositeAlarm, but its store and DescribeAlarms know composite alarms by their rule."""
        settings: dict[str, Any] = {
            "description": properties.get("AlarmDescription"),
            "actions_enabled": properties.get("ActionsEnabled", True),
            "alarm_actions": properties.get("AlarmActions", []),
            "ok_actions": properties.get("OKActions", []),
            "insufficient_data_actions": properties.get("InsufficientDataActions", []),
        }
        unused = ("namespace", "metric_name", "comparison_operator", "evaluation_periods", "period", "threshold")
        cloudwatch_backends[self.context.account_id][self.region].put_metric_alarm(
            name=name,
            rule=properties["AlarmRule"],
            statistic=None,
            dimensions=[],
            tags=tag_list(properties.get("Tags")),
            **dict.fromkeys(unused),
            **settings,
        )
