"""AWS Backup: vaults, plans and selections. moto runs no jobs; corrections/backup.py adds what it lacks of the API."""

from typing import Any

from pilotlight_local.cloudformation import api
from pilotlight_local.cloudformation.keys import existing_key_arn
from pilotlight_local.cloudformation.registry import refuse_unknown_properties
from pilotlight_local.cloudformation.resource import (
    Properties,
    Refused,
    Resource,
    changed,
    is_not_found,
    only,
    removed_tags,
    tag_map,
)
from pilotlight_local.control.regions import regions


class BackupVault(Resource):
    type = "AWS::Backup::BackupVault"
    readable = ("BackupVaultArn", "BackupVaultName")
    create_only = ("BackupVaultName", "EncryptionKeyArn")

    def create(self, properties: Properties) -> None:
        known = (*self.create_only, "AccessPolicy", "BackupVaultTags", "LockConfiguration", "Notifications")
        refuse_unknown_properties(self, properties, known)
        if "EncryptionKeyArn" in properties:
            existing_key_arn(properties["EncryptionKeyArn"], self.region)
        vault = self.call(
            "backup",
            "create_backup_vault",
            BackupVaultName=properties["BackupVaultName"],
            EncryptionKeyArn=properties.get("EncryptionKeyArn"),
            BackupVaultTags=tag_map(properties.get("BackupVaultTags")) or None,
        )
        self.physical_resource_id = vault["BackupVaultName"]
        self.attributes = only(vault, *self.readable)
        self.update({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        vault = {"BackupVaultName": self.physical_resource_id}
        if changed(old, new, "LockConfiguration"):
            if new.get("LockConfiguration"):
                self.call("backup", "put_backup_vault_lock_configuration", **vault, **new["LockConfiguration"])
            else:
                self.call("backup", "delete_backup_vault_lock_configuration", **vault)
        if changed(old, new, "AccessPolicy"):
            if new.get("AccessPolicy"):
                self.call("backup", "put_backup_vault_access_policy", **vault, Policy=new["AccessPolicy"])
            else:
                self.call("backup", "delete_backup_vault_access_policy", **vault)
        if changed(old, new, "Notifications"):
            if new.get("Notifications"):
                self.call("backup", "put_backup_vault_notifications", **vault, **new["Notifications"])
            else:
                self.call("backup", "delete_backup_vault_notifications", **vault)
        if old:
            _retag(self, self.attributes["BackupVaultArn"], old.get("BackupVaultTags"), new.get("BackupVaultTags"))

    def delete(self) -> None:
        self.delete_quietly("backup", "delete_backup_vault", BackupVaultName=self.physical_resource_id)


class BackupPlan(Resource):
    type = "AWS::Backup::BackupPlan"
    readable = ("BackupPlanArn", "BackupPlanId", "VersionId")

    def create(self, properties: Properties) -> None:
        plan = self.call(
            "backup",
            "create_backup_plan",
            BackupPlan=self._plan(properties["BackupPlan"]),
            BackupPlanTags=tag_map(properties.get("BackupPlanTags")) or None,
        )
        self.physical_resource_id = plan["BackupPlanId"]
        self.attributes = only(plan, *self.readable)

    def update(self, old: Properties, new: Properties) -> None:
        if changed(old, new, "BackupPlan"):
            plan = self.call(
                "backup",
                "update_backup_plan",
                BackupPlanId=self.physical_resource_id,
                BackupPlan=self._plan(new["BackupPlan"]),
            )
            self.attributes["VersionId"] = plan["VersionId"]
        _retag(self, self.attributes["BackupPlanArn"], old.get("BackupPlanTags"), new.get("BackupPlanTags"))

    def delete(self) -> None:
        self.delete_quietly("backup", "delete_backup_plan", BackupPlanId=self.physical_resource_id)

    def _plan(self, plan: Properties) -> dict[str, Any]:
        rules = []
        for rule in plan["BackupPlanRule"]:
            self._check_vault(rule["TargetBackupVault"], self.region)
            for copy in rule.get("CopyActions", []):
                arn = copy["DestinationBackupVaultArn"].split(":")
                self._check_vault(arn[-1], arn[3])
            translated = {key: value for key, value in rule.items() if key != "TargetBackupVault"}
            rules.append(translated | {"TargetBackupVaultName": rule["TargetBackupVault"]})
        rest = {key: value for key, value in plan.items() if key != "BackupPlanRule"}
        return rest | {"Rules": rules}

    @staticmethod
    def _check_vault(name: str, region: str) -> None:
        """A copy's vault is our check, so that a wrong name shows: AWS Backup fails the copy when it is due.

        So one in a lost region is taken as it is.
        """
        if not regions.is_up(region):
            return
        try:
            api.call("backup", region, "describe_backup_vault", BackupVaultName=name)
        except Exception as error:
            if is_not_found(error):
                raise Refused(f"The backup vault {name} does not exist in region {region}.") from None
            raise


class BackupSelection(Resource):
    type = "AWS::Backup::BackupSelection"
    readable = ("BackupPlanId", "Id", "SelectionId")

    def replaces(self, old: Properties, new: Properties) -> bool:
        return old != new

    def create(self, properties: Properties) -> None:
        selection = self.call(
            "backup", "create_backup_selection", **only(properties, "BackupPlanId", "BackupSelection")
        )
        self.physical_resource_id = f"{selection['SelectionId']}_{selection['BackupPlanId']}"
        self.attributes = {
            "BackupPlanId": selection["BackupPlanId"],
            "SelectionId": selection["SelectionId"],
            "Id": self.physical_resource_id,
        }

    def delete(self) -> None:
        ids = only(self.attributes, "BackupPlanId", "SelectionId")
        self.delete_quietly("backup", "delete_backup_selection", **ids)


def _retag(resource: Resource, arn: str, old: Any, new: Any) -> None:
    gone = removed_tags(old, new)
    if gone:
        resource.call("backup", "untag_resource", ResourceArn=arn, TagKeyList=gone)
    if new and tag_map(new) != tag_map(old):
        resource.call("backup", "tag_resource", ResourceArn=arn, Tags=tag_map(new))
