"""Keys and aliases."""

from pilotlight_local.cloudformation.resource import Properties, Resource, changed, only, removed_tags, tag_list


class Key(Resource):
    type = "AWS::KMS::Key"
    readable = ("Arn", "KeyId")
    create_only = ("KeySpec", "KeyUsage", "MultiRegion", "Origin")

    def create(self, properties: Properties) -> None:
        key = self.call(
            "kms",
            "create_key",
            Policy=properties.get("KeyPolicy"),
            Tags=tag_list(properties.get("Tags"), "TagKey", "TagValue") or None,
            **only(properties, "Description", "KeySpec", "KeyUsage", "MultiRegion", "Origin"),
        )["KeyMetadata"]
        self.physical_resource_id = key["KeyId"]
        self.attributes = {"Arn": key["Arn"], "KeyId": key["KeyId"]}
        self._settings({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        key = {"KeyId": self.physical_resource_id}
        if changed(old, new, "KeyPolicy"):
            self.call("kms", "put_key_policy", **key, PolicyName="default", Policy=new["KeyPolicy"])
        if changed(old, new, "Description"):
            self.call("kms", "update_key_description", **key, Description=new.get("Description", ""))
        if changed(old, new, "Tags"):
            gone = removed_tags(old.get("Tags"), new.get("Tags"))
            if gone:
                self.call("kms", "untag_resource", **key, TagKeys=gone)
            self.call("kms", "tag_resource", **key, Tags=tag_list(new.get("Tags"), "TagKey", "TagValue"))
        self._settings(old, new)

    def _settings(self, old: Properties, new: Properties) -> None:
        key = {"KeyId": self.physical_resource_id}
        if changed(old, new, "EnableKeyRotation", "RotationPeriodInDays"):
            if str(new.get("EnableKeyRotation", False)).lower() == "true":
                self.call("kms", "enable_key_rotation", **key, **only(new, "RotationPeriodInDays"))
            else:
                self.call("kms", "disable_key_rotation", **key)
        if changed(old, new, "Enabled"):
            enabled = str(new.get("Enabled", True)).lower() == "true"
            self.call("kms", "enable_key" if enabled else "disable_key", **key)

    def delete(self) -> None:
        days = self.properties.get("PendingWindowInDays", 30)
        self.delete_quietly("kms", "schedule_key_deletion", KeyId=self.physical_resource_id, PendingWindowInDays=days)


class Alias(Resource):
    type = "AWS::KMS::Alias"
    readable = ("AliasName",)
    create_only = ("AliasName",)

    def create(self, properties: Properties) -> None:
        self.call("kms", "create_alias", **only(properties, "AliasName", "TargetKeyId"))
        self.physical_resource_id = properties["AliasName"]
        self.attributes = {"AliasName": properties["AliasName"]}

    def update(self, old: Properties, new: Properties) -> None:
        self.call("kms", "update_alias", **only(new, "AliasName", "TargetKeyId"))

    def delete(self) -> None:
        self.delete_quietly("kms", "delete_alias", AliasName=self.physical_resource_id)
