"""Global tables: a table in the stack's region and a replica in every other region named."""

from typing import Any

from pilotlight_local.cloudformation import api
from pilotlight_local.cloudformation.keys import existing_key_arn
from pilotlight_local.cloudformation.resource import (
    CannotUpdate,
    Properties,
    Refused,
    Resource,
    changed,
    only,
    tag_list,
)


class GlobalTable(Resource):
    """Created in its own region, then replicated by UpdateTable, as CloudFormation does."""

    type = "AWS::DynamoDB::GlobalTable"
    readable = ("Arn", "StreamArn", "TableId")
    create_only = ("TableName", "KeySchema", "LocalSecondaryIndexes")
    ignored = ("WriteProvisionedThroughputSettings", "WriteOnDemandThroughputSettings", "WarmThroughput")

    def create(self, properties: Properties) -> None:
        own = self._replica(properties, self.region)
        encrypted = properties.get("SSESpecification", {})
        table = self.call(
            "dynamodb",
            "create_table",
            TableName=self.name(properties.get("TableName")),
            SSESpecification=self._encryption(encrypted, own, self.region) if encrypted else None,
            StreamSpecification=self._stream(properties),
            Tags=tag_list(own.get("Tags")) or None,
            BillingMode=properties.get("BillingMode", "PAY_PER_REQUEST"),
            **only(own, "TableClass", "DeletionProtectionEnabled"),
            **only(properties, "KeySchema", "AttributeDefinitions", "LocalSecondaryIndexes", "GlobalSecondaryIndexes"),
        )["TableDescription"]
        self.physical_resource_id = table["TableName"]
        self._replicas({}, properties)
        self._settings({}, properties)
        self._read()

    def update(self, old: Properties, new: Properties) -> None:
        definition = ("AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "StreamSpecification")
        if changed(old, new, *definition, "SSESpecification"):
            raise CannotUpdate(
                f"The emulator cannot change {', '.join(definition)} or SSESpecification of a global table."
            )
        self._replicas(old, new)
        self._settings(old, new)
        self._read()

    def prepare_rollback(self) -> None:
        table = self.call("dynamodb", "describe_table", TableName=self.physical_resource_id)["Table"]
        for region in [self.region, *(replica["RegionName"] for replica in table.get("Replicas", []))]:
            api.call(
                "dynamodb",
                region,
                "update_table",
                TableName=self.physical_resource_id,
                DeletionProtectionEnabled=False,
            )

    def delete(self) -> None:
        table = self.call("dynamodb", "describe_table", TableName=self.physical_resource_id)["Table"]
        for replica in table.get("Replicas", []):
            self._update_replicas({"Delete": {"RegionName": replica["RegionName"]}})
        self.delete_quietly("dynamodb", "delete_table", TableName=self.physical_resource_id)

    def _replicas(self, old: Properties, new: Properties) -> None:
        before, after = self._regions(old), self._regions(new)
        for region in after:
            if region == self.region or region in before:
                continue
            replica = self._replica(new, region)
            wanted: dict[str, Any] = {"RegionName": region}
            if new.get("SSESpecification"):
                specification = self._encryption(new["SSESpecification"], replica, region)
                wanted |= {"KMSMasterKeyId": specification.get("KMSMasterKeyId")}
            self._update_replicas({"Create": {key: value for key, value in wanted.items() if value}})
        for region in before:
            if region not in after:
                self._update_replicas({"Delete": {"RegionName": region}})

    def _update_replicas(self, update: dict[str, Any]) -> None:
        self.call("dynamodb", "update_table", TableName=self.physical_resource_id, ReplicaUpdates=[update])

    def _settings(self, old: Properties, new: Properties) -> None:
        """What each replica has for itself: point-in-time recovery, deletion protection, tags."""
        for replica in new["Replicas"]:
            region = replica["Region"]
            before = self._replica(old, region) if region in self._regions(old) else {}
            table = {"TableName": self.physical_resource_id}
            if changed(before, replica, "PointInTimeRecoverySpecification"):
                recovery = replica.get("PointInTimeRecoverySpecification", {"PointInTimeRecoveryEnabled": False})
                api.call(
                    "dynamodb",
                    region,
                    "update_continuous_backups",
                    **table,
                    PointInTimeRecoverySpecification=recovery,
                )
            if changed(before, replica, "DeletionProtectionEnabled"):
                protected = replica.get("DeletionProtectionEnabled", False)
                api.call("dynamodb", region, "update_table", **table, DeletionProtectionEnabled=protected)
            if changed(before, replica, "Tags"):
                arn = self.arn("dynamodb", f"table/{self.physical_resource_id}", region)
                api.call("dynamodb", region, "tag_resource", ResourceArn=arn, Tags=tag_list(replica.get("Tags")))
        ttl = "TimeToLiveSpecification"
        if changed(old, new, ttl) and new.get(ttl):
            self.call(
                "dynamodb", "update_time_to_live", TableName=self.physical_resource_id, TimeToLiveSpecification=new[ttl]
            )

    def _read(self) -> None:
        table = self.call("dynamodb", "describe_table", TableName=self.physical_resource_id)["Table"]
        self.attributes = {
            "Arn": table["TableArn"],
            "TableId": table.get("TableId", ""),
            "StreamArn": table.get("LatestStreamArn", ""),
        }

    @staticmethod
    def _regions(properties: Properties) -> list[str]:
        return [replica["Region"] for replica in properties.get("Replicas") or ()]

    def _replica(self, properties: Properties, region: str) -> Properties:
        for replica in properties["Replicas"]:
            if replica["Region"] == region:
                return replica
        raise Refused(f"A replica for the stack's own region, {region}, must be among the Replicas of the table.")

    def _stream(self, properties: Properties) -> dict[str, Any] | None:
        """Replication rides on a stream: DynamoDB turns one on for a table with replicas."""
        if "StreamSpecification" in properties:
            return {"StreamEnabled": True, **properties["StreamSpecification"]}
        if len(self._regions(properties)) > 1:
            return {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
        return None

    @staticmethod
    def _encryption(specification: Properties, replica: Properties, region: str) -> dict[str, Any]:
        wanted = {"Enabled": specification.get("SSEEnabled", False), **only(specification, "SSEType")}
        key = (replica.get("SSESpecification") or {}).get("KMSMasterKeyId")
        if key:
            wanted["KMSMasterKeyId"] = existing_key_arn(key, region)
        return wanted
