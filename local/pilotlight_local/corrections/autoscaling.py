"""Auto Scaling: groups that keep their size, within their bounds, and their target groups up to date.

moto forgets to deregister what it terminates, to register what it starts in its place, and takes any size. It knows no
instance refresh. It has no notification configurations either: they are stored and described; nothing is sent.
"""

import threading
import uuid
from collections.abc import Iterator
from typing import Any

from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError
from moto.autoscaling.models import AutoScalingBackend, FakeAutoScalingGroup, InstanceState, autoscaling_backends
from moto.autoscaling.responses import AutoScalingResponse
from moto.cloudwatch.models import cloudwatch_backends
from moto.core.responses import ActionResult, EmptyResult
from moto.elbv2.models import ELBv2Backend

from pilotlight_local.control.pace import pace
from pilotlight_local.control.staleness import snapshot, staleness
from pilotlight_local.corrections.elbv2 import is_launched

_lock = threading.RLock()

_answer_groups = AutoScalingResponse.describe_auto_scaling_groups

_delete_auto_scaling_group = AutoScalingBackend.delete_auto_scaling_group
_new_instance_state = InstanceState.__init__
_describe_auto_scaling_groups = AutoScalingBackend.describe_auto_scaling_groups
_describe_target_health = ELBv2Backend.describe_target_health
_notify_terminate_instances = AutoScalingBackend.notify_terminate_instances
_resize = FakeAutoScalingGroup.set_desired_capacity
_set_desired_capacity = AutoScalingBackend.set_desired_capacity
_terminate_instance = AutoScalingBackend.terminate_instance
_update_attached_target_groups = AutoScalingBackend.update_attached_target_groups
_update_auto_scaling_group = AutoScalingBackend.update_auto_scaling_group


def install() -> None:
    InstanceState.__init__ = new_instance_state
    InstanceState.launch_template = property(launch_template)
    FakeAutoScalingGroup.set_desired_capacity = resize
    for operation in (
        delete_auto_scaling_group,
        describe_auto_scaling_groups,
        notify_terminate_instances,
        set_desired_capacity,
        terminate_instance,
        update_attached_target_groups,
        update_auto_scaling_group,
    ):
        setattr(AutoScalingBackend, operation.__name__, operation)
    ELBv2Backend.describe_target_health = describe_target_health
    AutoScalingResponse.describe_auto_scaling_groups = answer_groups
    staleness.sampled_by(sampled)
    for operation in (
        start_instance_refresh,
        describe_instance_refreshes,
        put_notification_configuration,
        describe_notification_configurations,
        delete_notification_configuration,
    ):
        setattr(AutoScalingResponse, operation.__name__, operation)


def sampled() -> Iterator[tuple[Any, FakeAutoScalingGroup]]:
    for account in list(autoscaling_backends.values()):
        for region, backend in list(account.items()):
            for name, group in list(backend.autoscaling_groups.items()):
                _advance(group)
                yield ("group", region, name), snapshot(group)


def answer_groups(self: AutoScalingResponse) -> ActionResult:
    """As of a moment ago."""
    moment = staleness.moment("autoscaling", pace.millis())
    if moment is None or self._get_param("Filters", []) or self._get_param("NextToken"):
        return _answer_groups(self)
    seen = staleness.seen("group", self.region, moment)
    names = self._get_param("AutoScalingGroupNames", []) or list(seen)
    return ActionResult({"AutoScalingGroups": [seen[name] for name in names if name in seen]})


# Sizes


def set_desired_capacity(self: AutoScalingBackend, group_name: str, desired_capacity: int | None) -> None:
    group = self.autoscaling_groups.get(group_name)
    if group is None:
        raise ValidationError(f"AutoScalingGroup name not found - AutoScalingGroup: {group_name} not found")
    if desired_capacity is not None:
        for bound, limit, beyond in (
            ("max", group.max_size, desired_capacity > (group.max_size or 0)),
            ("min", group.min_size, desired_capacity < (group.min_size or 0)),
        ):
            if beyond:
                side = "above" if bound == "max" else "below"
                raise ValidationError(
                    f"New SetDesiredCapacity value {desired_capacity} is {side} {bound} value {limit} "
                    "for the AutoScalingGroup."
                )
    _set_desired_capacity(self, group_name, desired_capacity)


def delete_auto_scaling_group(self: AutoScalingBackend, group_name: str) -> None:
    """Down to nothing, whatever its bounds."""
    if group_name in self.autoscaling_groups:
        self.autoscaling_groups[group_name].min_size = 0
    _delete_auto_scaling_group(self, group_name)


def update_auto_scaling_group(self: AutoScalingBackend, name: str, **settings: Any) -> FakeAutoScalingGroup:
    group = self.autoscaling_groups.get(name)
    if group is not None:
        least = group.min_size if settings.get("min_size") is None else settings["min_size"]
        most = group.max_size if settings.get("max_size") is None else settings["max_size"]
        desired = settings.get("desired_capacity")
        if least > most:
            raise ValidationError(f"Max bound, {most}, must be greater than or equal to min bound, {least}")
        if desired is not None and not least <= desired <= most:
            raise ValidationError(
                f"Desired capacity:{desired} must be between the specified min size:{least} and max size:{most}"
            )
    return _update_auto_scaling_group(self, name, **settings)


def resize(self: FakeAutoScalingGroup, new_capacity: int | None) -> None:
    """moto mixes up the order in which the instances were started."""
    _advance(self, at_once=True)  # what a refresh replaces must not count
    _resize(self, new_capacity)
    self.instance_states.sort(key=lambda state: state.number)


# Instances


def new_instance_state(self: InstanceState, *args: Any, **kwargs: Any) -> None:
    """moto says of each instance that it was started from the launch template's default version."""
    _new_instance_state(self, *args, **kwargs)
    group = self.auto_scaling_group
    new_instance_state.count += 1
    self.number = new_instance_state.count
    self.launch_template_version = None
    if group is not None and group.ec2_launch_template is not None:
        version = group.ec2_launch_template.get_version(group.launch_template_version)
        self.launch_template_version = str(version.number)


new_instance_state.count = 0


def launch_template(self: InstanceState) -> dict[str, Any] | None:
    group = self.auto_scaling_group
    if group is None or group.ec2_launch_template is None:
        return None
    template = group.ec2_launch_template
    return {
        "LaunchTemplateId": template.id,
        "LaunchTemplateName": template.name,
        "Version": self.launch_template_version,
    }


def terminate_instance(self: AutoScalingBackend, instance_id: str, should_decrement: bool) -> Any:
    states = [state for group in self.autoscaling_groups.values() for state in group.instance_states]
    found = next((state for state in states if state.instance.id == instance_id), None)
    if found is None:
        raise ValidationError(f"Instance Id not found - No managed instance found for instance ID: {instance_id}")
    group = found.auto_scaling_group
    if should_decrement and group.desired_capacity - 1 < (group.min_size or 0):
        raise ValidationError(
            f"Currently, desiredSize equals minSize ({group.min_size}). Terminating instance without replacement "
            "will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or "
            "lower group's min size."
        )
    return _terminate_instance(self, instance_id, should_decrement)


def notify_terminate_instances(self: AutoScalingBackend, instance_ids: list[str]) -> None:
    """Of instances that EC2 terminates: the group starts others."""
    _notify_terminate_instances(self, instance_ids)
    for name in list(self.autoscaling_groups):
        self.update_attached_target_groups(name)


def update_attached_target_groups(self: AutoScalingBackend, group_name: str) -> None:
    """moto registers and never deregisters."""
    group = self.autoscaling_groups[group_name]
    present = {state.instance.id for state in group.instance_states}
    for arn in group.target_group_arns:
        target_group = self.elbv2_backend.target_groups.get(arn)
        if target_group is not None:
            instances = target_group.ec2_backend
            gone = [
                target
                for target in target_group.targets
                if target not in present
                and getattr(instances.get_instance_by_id(target), "autoscaling_group", None) is group
            ]
            target_group.deregister_terminated_instances(gone)
    _update_attached_target_groups(self, group_name)


# Instance refresh: new instances first, and the old ones go when those are healthy


def start_instance_refresh(self: AutoScalingResponse) -> ActionResult:
    """As with MinHealthyPercentage 100, MaxHealthyPercentage 200 and SkipMatching, which is what our template says.

    It cannot be started while one of its alarms is in ALARM or INSUFFICIENT_DATA [Auto Scaling's guide, "Undo changes
    with a rollback"]; in which words it is refused, the guide does not say. Nor while another is in progress. It fails
    when one goes into ALARM while it runs.
    """
    with _lock:
        group = _group(self)
        _advance(group)
        if getattr(group, "refreshes", []) and group.refreshes[0]["Status"] == "InProgress":
            raise InstanceRefreshInProgress
        alarms = _alarms(self)
        template = group.ec2_launch_template
        version = str(template.get_version(group.launch_template_version).number)
        old = [state for state in group.instance_states if state.launch_template_version != version]
        refresh = {
            "InstanceRefreshId": str(uuid.uuid4()),
            "AutoScalingGroupName": group.name,
            "Status": "InProgress",
            "StartTime": pace.now(),
            "PercentageComplete": 0,
        }
        group.refreshes = [refresh, *getattr(group, "refreshes", [])]
        group.refresh_alarms = alarms
        group.retiring = {state.instance.id for state in old}
        if old:
            group.replace_autoscaling_group_instances(len(old), group.get_propagated_tags())
            self.autoscaling_backend.update_attached_target_groups(group.name)
        _advance(group)
    return ActionResult({"InstanceRefreshId": refresh["InstanceRefreshId"]})


def finish_refresh(account: str, region: str, name: str) -> None:
    """As if it had been waited for."""
    _advance(autoscaling_backends[account][region].autoscaling_groups[name], at_once=True)


class InstanceRefreshInProgress(AutoscalingClientError):  # noqa: N818 - AWS's name
    def __init__(self) -> None:
        super().__init__(
            "InstanceRefreshInProgress",
            "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
        )


def _alarms(self: AutoScalingResponse) -> list[str]:
    """Those of a refresh that may be started."""
    preferences = self._get_param("Preferences", {}) or {}
    alarms = cloudwatch_backends[self.current_account][self.region].alarms
    names = (preferences.get("AlarmSpecification") or {}).get("Alarms") or []
    for name in names:
        alarm = alarms.get(name)
        if alarm is None:
            raise ValidationError(f"The alarm {name} of the instance refresh does not exist.")
        if alarm.state_value in ("ALARM", "INSUFFICIENT_DATA"):
            raise ValidationError(
                f"The instance refresh cannot be started: its alarm {name} is in the state {alarm.state_value}."
            )
    return list(names)


def describe_instance_refreshes(self: AutoScalingResponse) -> ActionResult:
    group = _group(self)
    return ActionResult({"InstanceRefreshes": getattr(group, "refreshes", [])})


def _advance(group: FakeAutoScalingGroup, at_once: bool = False) -> None:
    """Retire what a refresh has replaced, once its replacement is healthy."""
    with _lock:
        refreshes = getattr(group, "refreshes", [])
        if not refreshes or refreshes[0]["Status"] != "InProgress":
            return
        backend = group.autoscaling_backend
        alarms = cloudwatch_backends[backend.account_id][backend.region_name].alarms
        ringing = [name for name in group.refresh_alarms if name in alarms and alarms[name].state_value == "ALARM"]
        if ringing:
            _fail(group, ringing[0])
            return
        fresh = [state.instance.id for state in group.instance_states if state.instance.id not in group.retiring]
        targets = [backend.elbv2_backend.target_groups.get(arn) for arn in group.target_group_arns]
        if not at_once and not all(is_launched(target, name) for target in targets if target for name in fresh):
            return
        refreshes[0] |= {"Status": "Successful", "PercentageComplete": 100, "EndTime": pace.now()}
        _end(group, [state for state in group.instance_states if state.instance.id in group.retiring])


def _fail(group: FakeAutoScalingGroup, alarm: str) -> None:
    """Without a rollback, what it has started stays and nothing more is replaced.

    Which of the surplus Auto Scaling then ends, the guide does not say: here the old ones, by the default policy that
    begins with the oldest launch template. That is the harder case, since the new ones are the release that rings.
    """
    group.refreshes[0] |= {
        "Status": "Failed",
        "StatusReason": f"The instance refresh failed: its alarm {alarm} is in the state ALARM.",
        "EndTime": pace.now(),
    }
    surplus = len(group.instance_states) - (group.desired_capacity or 0)
    old = [state for state in group.instance_states if state.instance.id in group.retiring]
    _end(group, old[: max(surplus, 0)])


def _end(group: FakeAutoScalingGroup, gone: list[InstanceState]) -> None:
    group.instance_states = [state for state in group.instance_states if state not in gone]
    if gone:
        backend = group.autoscaling_backend
        backend.ec2_backend.terminate_instances([state.instance.id for state in gone])
        backend.update_attached_target_groups(group.name)


def describe_auto_scaling_groups(self: AutoScalingBackend, *args: Any, **kwargs: Any) -> list[FakeAutoScalingGroup]:
    for group in list(self.autoscaling_groups.values()):
        _advance(group)
    return _describe_auto_scaling_groups(self, *args, **kwargs)


def describe_target_health(self: ELBv2Backend, *args: Any, **kwargs: Any) -> Any:
    for group in list(autoscaling_backends[self.account_id][self.region_name].autoscaling_groups.values()):
        _advance(group)
    return _describe_target_health(self, *args, **kwargs)


# Notification configurations


def _configurations(group: Any) -> dict[str, list[str]]:
    """Topic to notification types."""
    if not hasattr(group, "notification_configurations"):
        group.notification_configurations = {}
    return group.notification_configurations


def _group(response: AutoScalingResponse) -> Any:
    name = response._get_param("AutoScalingGroupName")
    group = response.autoscaling_backend.autoscaling_groups.get(name)
    if group is None:
        raise ValidationError(f"AutoScalingGroup name not found - AutoScalingGroup: {name} not found")
    return group


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
