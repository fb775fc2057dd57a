"""Roles, policies and instance profiles."""

from pilotlight_local.cloudformation.resource import Properties, Resource, changed, only, removed_tags, tag_list


class Role(Resource):
    type = "AWS::IAM::Role"
    readable = ("Arn", "RoleId")
    create_only = ("RoleName", "Path")

    def create(self, properties: Properties) -> None:
        role = self.call(
            "iam",
            "create_role",
            RoleName=self.name(properties.get("RoleName"), limit=64),
            Tags=tag_list(properties.get("Tags")) or None,
            **only(
                properties,
                "AssumeRolePolicyDocument",
                "Path",
                "Description",
                "MaxSessionDuration",
                "PermissionsBoundary",
            ),
        )["Role"]
        self.physical_resource_id = role["RoleName"]
        self.attributes = {"Arn": role["Arn"], "RoleId": role["RoleId"]}
        self._policies({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        role = {"RoleName": self.physical_resource_id}
        self.call("iam", "update_assume_role_policy", **role, PolicyDocument=new["AssumeRolePolicyDocument"])
        if changed(old, new, "Description", "MaxSessionDuration"):
            self.call(
                "iam",
                "update_role",
                **role,
                Description=new.get("Description", ""),
                MaxSessionDuration=new.get("MaxSessionDuration", 3600),
            )
        if changed(old, new, "PermissionsBoundary"):
            if "PermissionsBoundary" in new:
                boundary = new["PermissionsBoundary"]
                self.call("iam", "put_role_permissions_boundary", **role, PermissionsBoundary=boundary)
            else:
                self.call("iam", "delete_role_permissions_boundary", **role)
        if changed(old, new, "Tags"):
            gone = removed_tags(old.get("Tags"), new.get("Tags"))
            if gone:
                self.call("iam", "untag_role", **role, TagKeys=gone)
            self.call("iam", "tag_role", **role, Tags=tag_list(new.get("Tags")))
        self._policies(old, new)

    def _policies(self, old: Properties, new: Properties) -> None:
        role = {"RoleName": self.physical_resource_id}
        before, after = old.get("ManagedPolicyArns", []), new.get("ManagedPolicyArns", [])
        for arn in [arn for arn in before if arn not in after]:
            self.call("iam", "detach_role_policy", **role, PolicyArn=arn)
        for arn in [arn for arn in after if arn not in before]:
            self.call("iam", "attach_role_policy", **role, PolicyArn=arn)
        names = {policy["PolicyName"] for policy in new.get("Policies", [])}
        for policy in old.get("Policies", []):
            if policy["PolicyName"] not in names:
                self.call("iam", "delete_role_policy", **role, PolicyName=policy["PolicyName"])
        for policy in new.get("Policies", []):
            self.call("iam", "put_role_policy", **role, **only(policy, "PolicyName", "PolicyDocument"))

    def delete(self) -> None:
        role = {"RoleName": self.physical_resource_id}
        for policy in self.call("iam", "list_attached_role_policies", **role)["AttachedPolicies"]:
            self.call("iam", "detach_role_policy", **role, PolicyArn=policy["PolicyArn"])
        for name in self.call("iam", "list_role_policies", **role)["PolicyNames"]:
            self.call("iam", "delete_role_policy", **role, PolicyName=name)
        self.delete_quietly("iam", "delete_role", **role)


class Policy(Resource):
    """An inline policy, put into each of its roles."""

    type = "AWS::IAM::Policy"
    readable = ("Id",)
    create_only = ("PolicyName",)

    def create(self, properties: Properties) -> None:
        self.physical_resource_id = self.name(properties["PolicyName"])
        self.attributes = {"Id": self.physical_resource_id}
        self.update({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        for role in old.get("Roles", []):
            if role not in new.get("Roles", []):
                self._remove(role)
        for role in new.get("Roles", []):
            self.call("iam", "put_role_policy", RoleName=role, **only(new, "PolicyName", "PolicyDocument"))

    def delete(self) -> None:
        for role in self.properties.get("Roles", []):
            self._remove(role)

    def _remove(self, role: str) -> None:
        self.delete_quietly("iam", "delete_role_policy", RoleName=role, PolicyName=self.physical_resource_id)


class ManagedPolicy(Resource):
    type = "AWS::IAM::ManagedPolicy"
    readable = ("PolicyArn", "PolicyId")
    create_only = ("ManagedPolicyName", "Path", "Description")

    def create(self, properties: Properties) -> None:
        policy = self.call(
            "iam",
            "create_policy",
            PolicyName=self.name(properties.get("ManagedPolicyName"), limit=128),
            **only(properties, "PolicyDocument", "Path", "Description"),
        )["Policy"]
        self.physical_resource_id = policy["Arn"]
        self.attributes = {"PolicyArn": policy["Arn"], "PolicyId": policy["PolicyId"]}
        self._attach({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        if changed(old, new, "PolicyDocument"):
            policy = {"PolicyArn": self.physical_resource_id}
            versions = self.call("iam", "list_policy_versions", **policy)["Versions"]
            self.call("iam", "create_policy_version", **policy, PolicyDocument=new["PolicyDocument"], SetAsDefault=True)
            for version in versions:  # IAM keeps five; CloudFormation keeps the newest
                self.call("iam", "delete_policy_version", **policy, VersionId=version["VersionId"])
        self._attach(old, new)

    def _attach(self, old: Properties, new: Properties) -> None:
        before, after = old.get("Roles", []), new.get("Roles", [])
        for role in [role for role in before if role not in after]:
            self.delete_quietly("iam", "detach_role_policy", RoleName=role, PolicyArn=self.physical_resource_id)
        for role in [role for role in after if role not in before]:
            self.call("iam", "attach_role_policy", RoleName=role, PolicyArn=self.physical_resource_id)

    def delete(self) -> None:
        self._attach(self.properties, {})
        self.delete_quietly("iam", "delete_policy", PolicyArn=self.physical_resource_id)


class InstanceProfile(Resource):
    type = "AWS::IAM::InstanceProfile"
    readable = ("Arn",)
    create_only = ("InstanceProfileName", "Path")

    def create(self, properties: Properties) -> None:
        profile = self.call(
            "iam",
            "create_instance_profile",
            InstanceProfileName=self.name(properties.get("InstanceProfileName"), limit=128),
            **only(properties, "Path"),
        )["InstanceProfile"]
        self.physical_resource_id = profile["InstanceProfileName"]
        self.attributes = {"Arn": profile["Arn"]}
        self.update({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        profile = {"InstanceProfileName": self.physical_resource_id}
        for role in old.get("Roles", []):
            self.delete_quietly("iam", "remove_role_from_instance_profile", **profile, RoleName=role)
        for role in new.get("Roles", []):
            self.call("iam", "add_role_to_instance_profile", **profile, RoleName=role)

    def delete(self) -> None:
        self.update(self.properties, {})
        self.delete_quietly("iam", "delete_instance_profile", InstanceProfileName=self.physical_resource_id)
