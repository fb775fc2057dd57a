"""Load balancing: a target takes a while, in virtual time, until it is healthy. moto's are at once.

Which targets pass is not checked: nothing listens on the instances. And moto deletes a rule that does not exist.
"""

from dataclasses import dataclass
from typing import Any

from moto.ec2.models import EC2Backend
from moto.elbv2.exceptions import RuleNotFoundError
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeTargetGroup

from pilotlight_local.control.pace import pace

_delete_rule = ELBv2Backend.delete_rule
_deregister = FakeTargetGroup.deregister
_deregister_terminated = FakeTargetGroup.deregister_terminated_instances
_health_for = FakeTargetGroup.health_for
_register = FakeTargetGroup.register


def install() -> None:
    ELBv2Backend.delete_rule = delete_rule
    FakeTargetGroup.deregister = deregister
    FakeTargetGroup.deregister_terminated_instances = deregister_terminated_instances
    FakeTargetGroup.health_for = health_for
    FakeTargetGroup.register = register


@dataclass(frozen=True)
class Launch:
    """When a target was registered, and how long launching took at that time."""

    began: int
    seconds: float

    def is_over(self) -> bool:
        return pace.millis() >= self.began + self.seconds * 1000


def _launches(group: FakeTargetGroup) -> dict[str, Launch]:
    if not hasattr(group, "launches"):
        group.launches = {}
    return group.launches


def is_launched(group: FakeTargetGroup, target: str) -> bool:
    launch = _launches(group).get(target)
    return launch is None or launch.is_over()


def register(self: FakeTargetGroup, targets: list[dict[str, Any]]) -> None:
    """Auto Scaling registers all of a group's instances each time: only new ones begin anew."""
    new = [target["Id"] for target in targets if target["Id"] not in self.targets]
    _register(self, targets)
    for target in new:
        _launches(self)[target] = Launch(pace.millis(), pace.durations.launch_seconds)


def deregister(self: FakeTargetGroup, targets: list[dict[str, Any]]) -> None:
    _deregister(self, targets)
    for target in targets:
        _launches(self).pop(target["Id"], None)


def deregister_terminated_instances(self: FakeTargetGroup, instance_ids: list[str]) -> None:
    _deregister_terminated(self, instance_ids)
    for target in instance_ids:
        _launches(self).pop(target, None)


def health_for(self: FakeTargetGroup, target: dict[str, Any], ec2_backend: EC2Backend) -> FakeHealthStatus:
    health = _health_for(self, target, ec2_backend)
    if health.status == "healthy" and not is_launched(self, target["Id"]):
        health.status, health.reason = "initial", "Elb.InitialHealthChecking"
        health.description = "Initial health checks in progress"
    return health


def delete_rule(self: ELBv2Backend, arn: str) -> None:
    listeners = [listener for balancer in self.load_balancers.values() for listener in balancer.listeners.values()]
    if not any(rule.arn == arn for listener in listeners for rule in listener.rules.values()):
        raise RuleNotFoundError
    _delete_rule(self, arn)
