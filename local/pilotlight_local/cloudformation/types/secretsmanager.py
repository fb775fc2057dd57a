"""Secrets, with replicas in other regions, and their policies."""

import json
from typing import Any

from pilotlight_local.cloudformation.keys import existing_key_arn
from pilotlight_local.cloudformation.resource import Properties, Resource, changed, only, removed_tags, tag_list
from pilotlight_local.control.regions import regions


class Secret(Resource):
    type = "AWS::SecretsManager::Secret"
    readable = ("Id",)
    create_only = ("Name",)

    def create(self, properties: Properties) -> None:
        if "KmsKeyId" in properties:
            existing_key_arn(properties["KmsKeyId"], self.region)
        secret = self.call(
            "secretsmanager",
            "create_secret",
            Name=self.name(properties.get("Name")),
            SecretString=properties.get("SecretString") or self._generate(properties.get("GenerateSecretString")),
            Tags=tag_list(properties.get("Tags")),
            AddReplicaRegions=self._checked(properties.get("ReplicaRegions") or []) or None,
            **only(properties, "Description", "KmsKeyId"),
        )
        self.physical_resource_id = secret["ARN"]
        self.attributes = {"Id": secret["ARN"]}

    def update(self, old: Properties, new: Properties) -> None:
        secret = {"SecretId": self.physical_resource_id}
        if changed(old, new, "SecretString", "GenerateSecretString", "Description", "KmsKeyId"):
            if "KmsKeyId" in new:
                existing_key_arn(new["KmsKeyId"], self.region)
            value = new.get("SecretString")
            if changed(old, new, "GenerateSecretString"):  # AWS generates anew, and so do we
                value = self._generate(new.get("GenerateSecretString"))
            settings = only(new, "Description", "KmsKeyId")
            self.call("secretsmanager", "update_secret", **secret, SecretString=value, **settings)
        if changed(old, new, "Tags"):
            gone = removed_tags(old.get("Tags"), new.get("Tags"))
            if gone:
                self.call("secretsmanager", "untag_resource", **secret, TagKeys=gone)
            self.call("secretsmanager", "tag_resource", **secret, Tags=tag_list(new.get("Tags")))
        before = {replica["Region"] for replica in old.get("ReplicaRegions") or ()}
        replicas = new.get("ReplicaRegions") or []
        after = {replica["Region"] for replica in replicas}
        if before - after:
            gone = sorted(before - after)
            status = self.call("secretsmanager", "describe_secret", **secret).get("ReplicationStatus", [])
            self._need([replica["Region"] for replica in status if replica["Region"] in gone])
            self.call("secretsmanager", "remove_regions_from_replication", **secret, RemoveReplicaRegions=gone)
        added = self._checked([replica for replica in replicas if replica["Region"] not in before])
        if added:
            self.call("secretsmanager", "replicate_secret_to_regions", **secret, AddReplicaRegions=added)

    def delete(self) -> None:
        secret = {"SecretId": self.physical_resource_id}
        regions = [replica["Region"] for replica in self.properties.get("ReplicaRegions") or ()]
        if regions:  # a secret that has replicas cannot be deleted
            self.delete_quietly(
                "secretsmanager", "remove_regions_from_replication", **secret, RemoveReplicaRegions=regions
            )
        self.delete_quietly("secretsmanager", "delete_secret", **secret, ForceDeleteWithoutRecovery=True)

    def _checked(self, new: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Only a replica that is new is looked at: those that exist ask nothing of their region."""
        self._need([replica["Region"] for replica in new])
        for replica in new:
            if "KmsKeyId" in replica:
                existing_key_arn(replica["KmsKeyId"], replica["Region"])
        return new

    def _need(self, replica_regions: list[str]) -> None:
        for region in replica_regions:
            regions.check(region, f"Replication of {self.logical_resource_id}")

    def _generate(self, wanted: Properties | None) -> str | None:
        if wanted is None:
            return None
        template = wanted.get("SecretStringTemplate")
        key = wanted.get("GenerateStringKey")
        rules = {
            name: value for name, value in wanted.items() if name not in ("SecretStringTemplate", "GenerateStringKey")
        }
        password = self.call("secretsmanager", "get_random_password", **rules)["RandomPassword"]
        return json.dumps(json.loads(template or "{}") | {key: password}) if key else password


class ResourcePolicy(Resource):
    type = "AWS::SecretsManager::ResourcePolicy"
    readable = ("Id",)
    create_only = ("SecretId",)

    def create(self, properties: Properties) -> None:
        self.update({}, properties)
        self.physical_resource_id = properties["SecretId"]
        self.attributes = {"Id": properties["SecretId"]}

    def update(self, old: Properties, new: Properties) -> None:
        self.call(
            "secretsmanager", "put_resource_policy", SecretId=new["SecretId"], ResourcePolicy=new["ResourcePolicy"]
        )

    def delete(self) -> None:
        self.delete_quietly("secretsmanager", "delete_resource_policy", SecretId=self.physical_resource_id)
