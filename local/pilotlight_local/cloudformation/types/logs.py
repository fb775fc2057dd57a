"""Log groups."""

from pilotlight_local.cloudformation.resource import Properties, Resource, changed, removed_tags, tag_map


class LogGroup(Resource):
    type = "AWS::Logs::LogGroup"
    readable = ("Arn",)
    create_only = ("LogGroupName",)

    def create(self, properties: Properties) -> None:
        name = self.name(properties.get("LogGroupName"), limit=512)
        self.call(
            "logs",
            "create_log_group",
            logGroupName=name,
            kmsKeyId=properties.get("KmsKeyId"),
            tags=tag_map(properties.get("Tags")) or None,
        )
        self.physical_resource_id = name
        self.attributes = {"Arn": self.arn("logs", f"log-group:{name}:*")}
        self._retain(properties)

    def update(self, old: Properties, new: Properties) -> None:
        group = {"logGroupName": self.physical_resource_id}
        if changed(old, new, "RetentionInDays"):
            self._retain(new)
        if changed(old, new, "KmsKeyId"):
            if "KmsKeyId" in new:
                self.call("logs", "associate_kms_key", **group, kmsKeyId=new["KmsKeyId"])
            else:
                self.call("logs", "disassociate_kms_key", **group)
        if changed(old, new, "Tags"):
            gone = removed_tags(old.get("Tags"), new.get("Tags"))
            if gone:
                self.call("logs", "untag_log_group", **group, tags=gone)
            self.call("logs", "tag_log_group", **group, tags=tag_map(new.get("Tags")))

    def _retain(self, properties: Properties) -> None:
        group = {"logGroupName": self.physical_resource_id}
        if "RetentionInDays" in properties:
            self.call("logs", "put_retention_policy", **group, retentionInDays=properties["RetentionInDays"])
        else:
            self.call("logs", "delete_retention_policy", **group)

    def delete(self) -> None:
        self.delete_quietly("logs", "delete_log_group", logGroupName=self.physical_resource_id)
