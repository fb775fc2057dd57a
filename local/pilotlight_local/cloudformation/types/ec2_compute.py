"""Security groups and launch templates."""

from typing import Any

from pilotlight_local.cloudformation.resource import Properties, Resource, only
from pilotlight_local.cloudformation.types.ec2_network import Ec2Resource


def _permission(rule: Properties) -> dict[str, Any]:
    """One rule of a template as the API's IpPermission."""
    permission: dict[str, Any] = {"IpProtocol": str(rule.get("IpProtocol", "-1"))} | only(rule, "FromPort", "ToPort")
    described = only(rule, "Description")
    if "CidrIp" in rule:
        permission["IpRanges"] = [{"CidrIp": rule["CidrIp"], **described}]
    if "CidrIpv6" in rule:
        permission["Ipv6Ranges"] = [{"CidrIpv6": rule["CidrIpv6"], **described}]
    prefix_list = rule.get("SourcePrefixListId") or rule.get("DestinationPrefixListId")
    if prefix_list:
        permission["PrefixListIds"] = [{"PrefixListId": prefix_list, **described}]
    group = rule.get("SourceSecurityGroupId") or rule.get("DestinationSecurityGroupId")
    if group:
        permission["UserIdGroupPairs"] = [{"GroupId": group, **described}]
    return permission


class SecurityGroup(Ec2Resource):
    type = "AWS::EC2::SecurityGroup"
    readable = ("GroupId", "Id", "VpcId")
    create_only = ("GroupName", "GroupDescription", "VpcId")

    def create(self, properties: Properties) -> None:
        answer = self.call(
            "ec2",
            "create_security_group",
            GroupName=self.name(properties.get("GroupName")),
            Description=properties["GroupDescription"],
            VpcId=properties.get("VpcId"),
        )
        self.physical_resource_id = answer["GroupId"]
        group = self.call("ec2", "describe_security_groups", GroupIds=[answer["GroupId"]])["SecurityGroups"][0]
        self.attributes = {"GroupId": answer["GroupId"], "Id": answer["GroupId"], "VpcId": group["VpcId"]}
        if "SecurityGroupEgress" in properties:  # AWS drops its allow-all rule once a template says anything of egress
            self._revoke("egress", group["IpPermissionsEgress"])
        self._authorize("ingress", properties.get("SecurityGroupIngress", []))
        self._authorize("egress", properties.get("SecurityGroupEgress", []))
        self.tag({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        for direction, name in (("ingress", "SecurityGroupIngress"), ("egress", "SecurityGroupEgress")):
            before, after = old.get(name, []), new.get(name, [])
            self._revoke(direction, [_permission(rule) for rule in before if rule not in after])
            self._authorize(direction, [rule for rule in after if rule not in before])
        self.tag(old, new)

    def delete(self) -> None:
        self.delete_quietly("ec2", "delete_security_group", GroupId=self.physical_resource_id)

    def _authorize(self, direction: str, rules: list[Properties]) -> None:
        if rules:
            self.call(
                "ec2",
                f"authorize_security_group_{direction}",
                GroupId=self.physical_resource_id,
                IpPermissions=[_permission(rule) for rule in rules],
            )

    def _revoke(self, direction: str, permissions: list[dict[str, Any]]) -> None:
        if permissions:
            self.call(
                "ec2",
                f"revoke_security_group_{direction}",
                GroupId=self.physical_resource_id,
                IpPermissions=permissions,
            )


class _SecurityGroupRule(Resource):
    direction: str
    readable = ("Id",)

    def replaces(self, old: Properties, new: Properties) -> bool:
        return old != new

    def create(self, properties: Properties) -> None:
        answer = self.call(
            "ec2",
            f"authorize_security_group_{self.direction}",
            GroupId=properties["GroupId"],
            IpPermissions=[_permission(properties)],
        )
        self.physical_resource_id = answer["SecurityGroupRules"][0]["SecurityGroupRuleId"]
        self.attributes = {"Id": self.physical_resource_id}

    def delete(self) -> None:
        self.delete_quietly(
            "ec2",
            f"revoke_security_group_{self.direction}",
            GroupId=self.properties["GroupId"],
            IpPermissions=[_permission(self.properties)],
        )


class SecurityGroupIngress(_SecurityGroupRule):
    type = "AWS::EC2::SecurityGroupIngress"
    direction = "ingress"


class SecurityGroupEgress(_SecurityGroupRule):
    type = "AWS::EC2::SecurityGroupEgress"
    direction = "egress"


class LaunchTemplate(Ec2Resource):
    """Each change of the data makes a new version, as on AWS."""

    type = "AWS::EC2::LaunchTemplate"
    readable = ("LaunchTemplateId", "LatestVersionNumber", "DefaultVersionNumber")
    create_only = ("LaunchTemplateName",)

    def create(self, properties: Properties) -> None:
        template = self.call(
            "ec2",
            "create_launch_template",
            LaunchTemplateName=self.name(properties.get("LaunchTemplateName"), limit=128),
            LaunchTemplateData=properties["LaunchTemplateData"],
            TagSpecifications=properties.get("TagSpecifications"),
        )["LaunchTemplate"]
        self.physical_resource_id = template["LaunchTemplateId"]
        self._read(template["LatestVersionNumber"])

    def update(self, old: Properties, new: Properties) -> None:
        self.tag(_own_tags(old), _own_tags(new))
        if old["LaunchTemplateData"] == new["LaunchTemplateData"]:
            return
        version = self.call(
            "ec2",
            "create_launch_template_version",
            LaunchTemplateId=self.physical_resource_id,
            LaunchTemplateData=new["LaunchTemplateData"],
        )["LaunchTemplateVersion"]
        self._read(version["VersionNumber"])

    def delete(self) -> None:
        self.delete_quietly("ec2", "delete_launch_template", LaunchTemplateId=self.physical_resource_id)

    def _read(self, latest: int) -> None:
        self.attributes = {
            "LaunchTemplateId": self.physical_resource_id,
            "LatestVersionNumber": str(latest),
            "DefaultVersionNumber": "1",
        }


def _own_tags(properties: Properties) -> Properties:
    """The tags of the template itself; those of what it launches are part of its data."""
    for specification in properties.get("TagSpecifications", []):
        if specification["ResourceType"] == "launch-template":
            return only(specification, "Tags")
    return {}
