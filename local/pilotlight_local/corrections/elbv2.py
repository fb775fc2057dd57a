"""Load balancing: a target takes a while, in virtual time, until it is healthy. moto's are at once.

Which targets pass is not checked: nothing listens on the instances. And moto deletes a rule that does not exist.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.models import EC2Backend
from moto.elbv2.exceptions import RuleNotFoundError
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeTargetGroup, elbv2_backends
from moto.elbv2.responses import ELBV2Response

from pilotlight_local.control.pace import pace
from pilotlight_local.control.staleness import staleness

SERVICE = "elasticloadbalancing"

_answer_delete_rule = ELBV2Response.delete_rule
_answer_rules = ELBV2Response.describe_rules
_answer_target_health = ELBV2Response.describe_target_health
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
    ELBV2Response.delete_rule = answer_delete_rule
    ELBV2Response.describe_rules = answer_rules
    ELBV2Response.describe_target_health = answer_target_health
    staleness.sampled_by(sampled)


def sampled() -> Iterator[tuple[Any, Any]]:
    for account in list(elbv2_backends.values()):
        for region, backend in list(account.items()):
            for balancer in list(backend.load_balancers.values()):
                for listener in list(balancer.listeners.values()):
                    yield ("rules", region, listener.arn), tuple(listener.rules.values())
            for group in list(backend.target_groups.values()):
                targets = tuple(group.targets.values())
                yield ("targets", region, group.arn), tuple((target["Id"], target.get("Port")) for target in targets)


def answer_rules(self: ELBV2Response) -> ActionResult:
    """As of a moment ago: what was created since is not there, and what was deleted since still is."""
    moment = staleness.moment(SERVICE, pace.millis())
    if moment is None:
        return _answer_rules(self)
    seen = staleness.seen("rules", self.region, moment)
    listener, arns = self._get_param("ListenerArn"), self._get_param("RuleArns")
    if listener is None or listener not in seen:
        found = [rule for rules in seen.values() for rule in rules if rule.arn in (arns or [])]
        if len(found) != len(arns or []) or not arns:
            raise RuleNotFoundError("One or more rules not found")
        return ActionResult({"Rules": found})
    return ActionResult({"Rules": list(seen[listener])})


def answer_delete_rule(self: ELBV2Response) -> ActionResult:
    moment = staleness.moment(SERVICE, pace.millis())
    if moment is not None:
        arn = self._get_param("RuleArn")
        seen = staleness.seen("rules", self.region, moment)
        if not any(rule.arn == arn for rules in seen.values() for rule in rules):
            raise RuleNotFoundError("One or more rules not found")
    return _answer_delete_rule(self)


def answer_target_health(self: ELBV2Response) -> ActionResult:
    moment = staleness.moment(SERVICE, pace.millis())
    answer = _answer_target_health(self)
    if moment is None or self._get_param("Targets", []):
        return answer
    arn = self._get_param("TargetGroupArn")
    group = self.elbv2_backend.target_groups[arn]
    instances = self.elbv2_backend.ec2_backend
    seen = staleness.seen("targets", self.region, moment).get(arn, ())
    healths = [group.health_for({"Id": name, "Port": port or group.port}, instances) for name, port in seen]
    for health in healths:
        if health.status == "unused":  # it has gone since
            health.status, health.reason, health.description = "healthy", None, None
        elif health.status == "healthy" and not is_launched(group, health.instance_id, moment):
            as_launching(health)
    return ActionResult({"TargetHealthDescriptions": healths})


@dataclass(frozen=True)
class Launch:
    """When a target was registered, and how long launching took at that time."""

    began: int
    seconds: float

    def is_over(self, moment: int) -> bool:
        return moment >= self.began + self.seconds * 1000


def _launches(group: FakeTargetGroup) -> dict[str, Launch]:
    if not hasattr(group, "launches"):
        group.launches = {}
    return group.launches


def is_launched(group: FakeTargetGroup, target: str, moment: int | None = None) -> bool:
    launch = _launches(group).get(target)
    return launch is None or launch.is_over(pace.millis() if moment is None else moment)


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
        as_launching(health)
    return health


def as_launching(health: FakeHealthStatus) -> None:
    health.status, health.reason = "initial", "Elb.InitialHealthChecking"
    health.description = "Initial health checks in progress"


def delete_rule(self: ELBv2Backend, arn: str) -> None:
    listeners = [listener for balancer in self.load_balancers.values() for listener in balancer.listeners.values()]
    if not any(rule.arn == arn for listener in listeners for rule in listener.rules.values()):
        raise RuleNotFoundError
    _delete_rule(self, arn)
