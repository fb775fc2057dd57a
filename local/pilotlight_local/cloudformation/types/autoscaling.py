"""Auto Scaling groups and scaling policies."""

from typing import Any

from pilotlight_local.cloudformation.registry import refuse_unknown_properties
from pilotlight_local.cloudformation.resource import Properties, Refused, Resource, changed, is_not_found, only, tag_map
from pilotlight_local.corrections.autoscaling import finish_refresh


class AutoScalingGroup(Resource):
    """Without a desired capacity a group starts at its minimum, and an update leaves a live group's size alone."""

    type = "AWS::AutoScaling::AutoScalingGroup"
    readable = ("AutoScalingGroupARN",)
    create_only = ("AutoScalingGroupName",)
    ignored = ("DefaultInstanceWarmup", "InstanceMaintenancePolicy", "AvailabilityZoneDistribution")

    def create(self, properties: Properties) -> None:
        refuse_unknown_properties(self, properties, _KNOWN)
        name = self.name(properties.get("AutoScalingGroupName"))
        if self._describe(name):
            raise Refused(f"AutoScalingGroup by this name already exists: {name}.")
        self._check_launch_template(properties)
        self.call(
            "autoscaling",
            "create_auto_scaling_group",
            AutoScalingGroupName=name,
            Tags=_tags(name, properties) or None,
            **only(properties, "LoadBalancerNames", "TargetGroupARNs"),
            **_settings(properties),
        )
        self.physical_resource_id = name
        self.attributes = {"AutoScalingGroupARN": self._describe(name)["AutoScalingGroupARN"]}
        self._extras({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        refuse_unknown_properties(self, new, _KNOWN)
        self._check_launch_template(new)
        group = {"AutoScalingGroupName": self.physical_resource_id}
        settings = {key: value for key, value in _settings(new).items() if value != _settings(old).get(key)}
        # AWS takes sizes as strings; a group is never left outside of its bounds
        if settings:
            self.call("autoscaling", "update_auto_scaling_group", **group, **settings)
        self._fit_size(new)
        before, after = old.get("TargetGroupARNs") or [], new.get("TargetGroupARNs") or []
        gone, added = [arn for arn in before if arn not in after], [arn for arn in after if arn not in before]
        if gone:
            self.call("autoscaling", "detach_load_balancer_target_groups", **group, TargetGroupARNs=gone)
        if added:
            self.call("autoscaling", "attach_load_balancer_target_groups", **group, TargetGroupARNs=added)
        if changed(old, new, "Tags"):
            kept = tag_map(new.get("Tags"))
            removed = [tag for tag in _tags(self.physical_resource_id, old) if tag["Key"] not in kept]
            if removed:
                self.call("autoscaling", "delete_tags", Tags=removed)
            if kept:
                self.call("autoscaling", "create_or_update_tags", Tags=_tags(self.physical_resource_id, new))
        self._extras(old, new)
        if changed(old, new, "LaunchTemplate") and "AutoScalingInstanceRefresh" in self.update_policy:
            # CloudFormation waits for its end; here it goes on by itself, in virtual time, and the next ends it
            finish_refresh(self.context.account_id, self.region, self.physical_resource_id)
            policy = self.update_policy["AutoScalingInstanceRefresh"]
            preferences = only(policy.get("Preferences") or {}, *_PREFERENCES)
            self.call("autoscaling", "start_instance_refresh", **group, Preferences=preferences)

    def delete(self) -> None:
        self.delete_quietly(
            "autoscaling", "delete_auto_scaling_group", AutoScalingGroupName=self.physical_resource_id, ForceDelete=True
        )

    def _describe(self, name: str) -> dict[str, Any] | None:
        groups = self.call("autoscaling", "describe_auto_scaling_groups", AutoScalingGroupNames=[name])
        return next(iter(groups["AutoScalingGroups"]), None)

    def _check_launch_template(self, properties: Properties) -> None:
        """moto notices a launch template that does not exist only when it starts an instance."""
        template = properties.get("LaunchTemplate")
        if template:
            try:
                self.call(
                    "ec2",
                    "describe_launch_template_versions",
                    Versions=[str(template["Version"])],
                    **only(template, "LaunchTemplateId", "LaunchTemplateName"),
                )
            except Exception as error:
                if is_not_found(error):
                    raise Refused(f"The launch template {template} does not exist.") from None
                raise

    def _fit_size(self, properties: Properties) -> None:
        group = self._describe(self.physical_resource_id)
        fitting = min(max(group["DesiredCapacity"], group["MinSize"]), group["MaxSize"])
        if fitting != group["DesiredCapacity"]:
            self.call(
                "autoscaling",
                "set_desired_capacity",
                AutoScalingGroupName=self.physical_resource_id,
                DesiredCapacity=fitting,
            )

    def _extras(self, old: Properties, new: Properties) -> None:
        group = {"AutoScalingGroupName": self.physical_resource_id}
        if changed(old, new, "MetricsCollection"):
            for collection in new.get("MetricsCollection", []):
                self.call("autoscaling", "enable_metrics_collection", **group, **collection)
        name = "NotificationConfigurations"
        if changed(old, new, name):
            wanted = {item["TopicARN"] for item in new.get(name, [])}
            for item in old.get(name, []):
                if item["TopicARN"] not in wanted:
                    self.call("autoscaling", "delete_notification_configuration", **group, TopicARN=item["TopicARN"])
            for item in new.get(name, []):
                self.call(
                    "autoscaling",
                    "put_notification_configuration",
                    **group,
                    TopicARN=item["TopicARN"],
                    NotificationTypes=item.get("NotificationTypes", []),
                )


_PREFERENCES = ("AlarmSpecification", "MaxHealthyPercentage", "MinHealthyPercentage", "SkipMatching")
_SETTINGS = (
    "AvailabilityZones",
    "CapacityRebalance",
    "Context",
    "DefaultInstanceWarmup",
    "DesiredCapacity",
    "HealthCheckGracePeriod",
    "HealthCheckType",
    "LaunchTemplate",
    "MaxInstanceLifetime",
    "MaxSize",
    "MinSize",
    "NewInstancesProtectedFromScaleIn",
    "PlacementGroup",
    "ServiceLinkedRoleARN",
    "TerminationPolicies",
)
_KNOWN = {
    *_SETTINGS,
    *AutoScalingGroup.ignored,
    "AutoScalingGroupName",
    "Cooldown",
    "LoadBalancerNames",
    "MetricsCollection",
    "NotificationConfigurations",
    "Tags",
    "TargetGroupARNs",
    "VPCZoneIdentifier",
}


def _settings(properties: Properties) -> dict[str, Any]:
    settings = only(properties, *_SETTINGS)
    if "Cooldown" in properties:
        settings["DefaultCooldown"] = properties["Cooldown"]
    if "VPCZoneIdentifier" in properties:
        settings["VPCZoneIdentifier"] = ",".join(properties["VPCZoneIdentifier"])
    return settings


def _tags(group: str, properties: Properties) -> list[dict[str, Any]]:
    return [
        {
            "ResourceId": group,
            "ResourceType": "auto-scaling-group",
            "Key": tag["Key"],
            "Value": tag["Value"],
            "PropagateAtLaunch": tag["PropagateAtLaunch"],
        }
        for tag in properties.get("Tags", [])
    ]


class ScalingPolicy(Resource):
    type = "AWS::AutoScaling::ScalingPolicy"
    readable = ("Arn", "PolicyName")
    create_only = ("AutoScalingGroupName",)

    def create(self, properties: Properties) -> None:
        self._policy = self.name(properties.get("PolicyName"))
        self.update({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        self.call("autoscaling", "put_scaling_policy", **(new | {"PolicyName": self._policy}))
        group = only(new, "AutoScalingGroupName")  # moto's answer lacks the ARN
        policies = self.call("autoscaling", "describe_policies", PolicyNames=[self._policy], **group)["ScalingPolicies"]
        self.physical_resource_id = policies[0]["PolicyARN"]
        self.attributes = {"Arn": self.physical_resource_id, "PolicyName": self._policy}

    def delete(self) -> None:
        group = only(self.properties, "AutoScalingGroupName")
        self.delete_quietly("autoscaling", "delete_policy", PolicyName=self._policy, **group)
