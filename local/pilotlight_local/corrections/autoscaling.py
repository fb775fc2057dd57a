"""Auto Scaling: moto has no notification configurations. They are stored and described; nothing is sent."""

from typing import Any

from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult


def install() -> None:
    for operation in (
        put_notification_configuration,
        describe_notification_configurations,
        delete_notification_configuration,
    ):
        setattr(AutoScalingResponse, operation.__name__, operation)


def _configurations(group: Any) -> dict[str, list[str]]:
    """Topic to notification types."""
    if not hasattr(group, "notification_configurations"):
        group.notification_configurations = {}
    return group.notification_configurations


def _group(response: AutoScalingResponse) -> Any:
    name = response._get_param("AutoScalingGroupName")
    return response.autoscaling_backend.describe_auto_scaling_groups([name])[0]


def put_notification_configuration(self: AutoScalingResponse) -> ActionResult:
    _configurations(_group(self))[self._get_param("TopicARN")] = self._get_param("NotificationTypes", [])
    return EmptyResult()


def delete_notification_configuration(self: AutoScalingResponse) -> ActionResult:
    _configurations(_group(self)).pop(self._get_param("TopicARN"), None)
    return EmptyResult()


def describe_notification_configurations(self: AutoScalingResponse) -> ActionResult:
    names = self._get_param("AutoScalingGroupNames", [])
    configurations = [
        {"AutoScalingGroupName": group.name, "TopicARN": topic, "NotificationType": kind}
        for group in self.autoscaling_backend.describe_auto_scaling_groups(names)
        for topic, kinds in _configurations(group).items()
        for kind in kinds
    ]
    return ActionResult({"NotificationConfigurations": configurations})
