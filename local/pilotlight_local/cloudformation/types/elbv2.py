"""Load balancers, listeners, rules and target groups."""

from typing import Any

from pilotlight_local.cloudformation.resource import Properties, Resource, changed, only, removed_tags, tag_list


class _Tagged(Resource):
    def retag(self, old: Properties, new: Properties) -> None:
        if changed(old, new, "Tags"):
            gone = removed_tags(old.get("Tags"), new.get("Tags"))
            arns = [self.physical_resource_id]
            if gone:
                self.call("elbv2", "remove_tags", ResourceArns=arns, TagKeys=gone)
            if new.get("Tags"):
                self.call("elbv2", "add_tags", ResourceArns=arns, Tags=tag_list(new["Tags"]))


class LoadBalancer(_Tagged):
    type = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    readable = (
        "CanonicalHostedZoneID",
        "DNSName",
        "LoadBalancerArn",
        "LoadBalancerFullName",
        "LoadBalancerName",
        "SecurityGroups",
    )
    create_only = ("Name", "Scheme", "Type")

    def create(self, properties: Properties) -> None:
        balancer = self.call(
            "elbv2",
            "create_load_balancer",
            Name=self.name(properties.get("Name"), limit=32),
            Tags=tag_list(properties.get("Tags")) or None,
            **only(properties, "Scheme", "Type", "Subnets", "SubnetMappings", "SecurityGroups", "IpAddressType"),
        )["LoadBalancers"][0]
        arn = self.physical_resource_id = balancer["LoadBalancerArn"]
        self.attributes = {
            "CanonicalHostedZoneID": balancer["CanonicalHostedZoneId"],
            "DNSName": balancer["DNSName"],
            "LoadBalancerArn": arn,
            "LoadBalancerFullName": arn.split(":loadbalancer/")[-1],
            "LoadBalancerName": balancer["LoadBalancerName"],
            "SecurityGroups": balancer.get("SecurityGroups", []),
        }
        self._set_attributes({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        arn = {"LoadBalancerArn": self.physical_resource_id}
        if changed(old, new, "SecurityGroups"):
            self.call("elbv2", "set_security_groups", **arn, SecurityGroups=new.get("SecurityGroups", []))
        if changed(old, new, "Subnets", "SubnetMappings"):
            self.call("elbv2", "set_subnets", **arn, **only(new, "Subnets", "SubnetMappings"))
        self._set_attributes(old, new)
        self.retag(old, new)

    def _set_attributes(self, old: Properties, new: Properties) -> None:
        name = "LoadBalancerAttributes"
        if changed(old, new, name) and new.get(name):
            self.call(
                "elbv2",
                "modify_load_balancer_attributes",
                LoadBalancerArn=self.physical_resource_id,
                Attributes=new[name],
            )

    def prepare_rollback(self) -> None:
        unprotected = [{"Key": "deletion_protection.enabled", "Value": "false"}]
        self.call(
            "elbv2",
            "modify_load_balancer_attributes",
            LoadBalancerArn=self.physical_resource_id,
            Attributes=unprotected,
        )

    def delete(self) -> None:
        self.delete_quietly("elbv2", "delete_load_balancer", LoadBalancerArn=self.physical_resource_id)


class TargetGroup(_Tagged):
    type = "AWS::ElasticLoadBalancingV2::TargetGroup"
    readable = ("LoadBalancerArns", "TargetGroupArn", "TargetGroupFullName", "TargetGroupName")
    create_only = ("Name", "Port", "Protocol", "ProtocolVersion", "TargetType", "VpcId", "IpAddressType")

    def create(self, properties: Properties) -> None:
        group = self.call(
            "elbv2",
            "create_target_group",
            Name=self.name(properties.get("Name"), limit=32),
            Tags=tag_list(properties.get("Tags")) or None,
            **only(properties, *(key for key in self.create_only if key != "Name"), *_HEALTH_CHECK),
        )["TargetGroups"][0]
        arn = self.physical_resource_id = group["TargetGroupArn"]
        self.attributes = {
            "LoadBalancerArns": [],
            "TargetGroupArn": arn,
            "TargetGroupFullName": arn.split(":")[-1],
            "TargetGroupName": group["TargetGroupName"],
        }
        self._set_attributes({}, properties)
        if properties.get("Targets"):
            self.call("elbv2", "register_targets", TargetGroupArn=arn, Targets=properties["Targets"])

    def update(self, old: Properties, new: Properties) -> None:
        if changed(old, new, *_HEALTH_CHECK):
            self.call(
                "elbv2", "modify_target_group", TargetGroupArn=self.physical_resource_id, **only(new, *_HEALTH_CHECK)
            )
        self._set_attributes(old, new)
        self.retag(old, new)

    def _set_attributes(self, old: Properties, new: Properties) -> None:
        name = "TargetGroupAttributes"
        if changed(old, new, name) and new.get(name):
            self.call(
                "elbv2",
                "modify_target_group_attributes",
                TargetGroupArn=self.physical_resource_id,
                Attributes=new[name],
            )

    def delete(self) -> None:
        self.delete_quietly("elbv2", "delete_target_group", TargetGroupArn=self.physical_resource_id)


_HEALTH_CHECK = (
    "HealthCheckEnabled",
    "HealthCheckIntervalSeconds",
    "HealthCheckPath",
    "HealthCheckPort",
    "HealthCheckProtocol",
    "HealthCheckTimeoutSeconds",
    "HealthyThresholdCount",
    "Matcher",
    "UnhealthyThresholdCount",
)


class Listener(_Tagged):
    type = "AWS::ElasticLoadBalancingV2::Listener"
    readable = ("ListenerArn",)
    create_only = ("LoadBalancerArn",)

    def create(self, properties: Properties) -> None:
        listener = self.call(
            "elbv2",
            "create_listener",
            LoadBalancerArn=properties["LoadBalancerArn"],
            Tags=tag_list(properties.get("Tags")) or None,
            **_listener(properties),
        )["Listeners"][0]
        self.physical_resource_id = listener["ListenerArn"]
        self.attributes = {"ListenerArn": listener["ListenerArn"]}
        self._set_attributes({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        self.call("elbv2", "modify_listener", ListenerArn=self.physical_resource_id, **_listener(new))
        self._set_attributes(old, new)
        self.retag(old, new)

    def _set_attributes(self, old: Properties, new: Properties) -> None:
        name = "ListenerAttributes"
        if changed(old, new, name) and new.get(name):
            self.call(
                "elbv2", "modify_listener_attributes", ListenerArn=self.physical_resource_id, Attributes=new[name]
            )

    def delete(self) -> None:
        self.delete_quietly("elbv2", "delete_listener", ListenerArn=self.physical_resource_id)


def _listener(properties: Properties) -> dict[str, Any]:
    settings = only(properties, "Port", "Protocol", "Certificates", "SslPolicy", "AlpnPolicy")
    return settings | {"DefaultActions": _actions(properties["DefaultActions"])}


class ListenerRule(_Tagged):
    type = "AWS::ElasticLoadBalancingV2::ListenerRule"
    readable = ("RuleArn", "IsDefault")
    create_only = ("ListenerArn",)

    def create(self, properties: Properties) -> None:
        rule = self.call(
            "elbv2",
            "create_rule",
            Actions=_actions(properties["Actions"]),
            Tags=tag_list(properties.get("Tags")) or None,
            **only(properties, "ListenerArn", "Conditions", "Priority"),
        )["Rules"][0]
        self.physical_resource_id = rule["RuleArn"]
        self.attributes = {"RuleArn": rule["RuleArn"], "IsDefault": False}

    def update(self, old: Properties, new: Properties) -> None:
        arn = self.physical_resource_id
        if changed(old, new, "Priority"):
            priority = {"RuleArn": arn, "Priority": new["Priority"]}
            self.call("elbv2", "set_rule_priorities", RulePriorities=[priority])
        if changed(old, new, "Actions", "Conditions"):
            actions = _actions(new["Actions"])
            self.call("elbv2", "modify_rule", RuleArn=arn, Conditions=new["Conditions"], Actions=actions)
        self.retag(old, new)

    def delete(self) -> None:
        self.delete_quietly("elbv2", "delete_rule", RuleArn=self.physical_resource_id)


def _actions(actions: list[Properties]) -> list[Properties]:
    """CloudFormation accepts what an API client must spell out."""
    return [{"Order": index, **action} if len(actions) > 1 else action for index, action in enumerate(actions, start=1)]
