"""Databases and their groups.

What an update does here proves nothing about AWS: RDS itself, and CloudFormation's handler for it, decide what is
changed in place and what is replaced. The template tests hold those rules; this only makes a redeploy run.
"""

from typing import Any

from pilotlight_local.cloudformation.keys import existing_key_arn
from pilotlight_local.cloudformation.registry import refuse_unknown_properties
from pilotlight_local.cloudformation.resource import (
    Properties,
    Refused,
    Resource,
    changed,
    only,
    removed_tags,
    tag_list,
)

# Templates and the API differ in these names.
_RENAMED = {
    "VPCSecurityGroups": "VpcSecurityGroupIds",
    "PerformanceInsightsKmsKeyId": "PerformanceInsightsKMSKeyId",
}

_MUTABLE = (
    "AllocatedStorage",
    "AutoMinorVersionUpgrade",
    "BackupRetentionPeriod",
    "CACertificateIdentifier",
    "CopyTagsToSnapshot",
    "DBInstanceClass",
    "DBParameterGroupName",
    "DeletionProtection",
    "EnableIAMDatabaseAuthentication",
    "EnablePerformanceInsights",
    "EngineVersion",
    "Iops",
    "MasterUserPassword",
    "MaxAllocatedStorage",
    "MonitoringInterval",
    "MonitoringRoleArn",
    "MultiAZ",
    "PerformanceInsightsKMSKeyId",
    "PerformanceInsightsRetentionPeriod",
    "PreferredBackupWindow",
    "PreferredMaintenanceWindow",
    "PubliclyAccessible",
    "StorageThroughput",
    "StorageType",
    "VpcSecurityGroupIds",
)
_FOR_EVERY_CREATION = (
    "AutoMinorVersionUpgrade",
    "AvailabilityZone",
    "CopyTagsToSnapshot",
    "DBInstanceClass",
    "DBInstanceIdentifier",
    "DBParameterGroupName",
    "DBSubnetGroupName",
    "DeletionProtection",
    "EnableCloudwatchLogsExports",
    "EnableIAMDatabaseAuthentication",
    "Iops",
    "MaxAllocatedStorage",
    "MultiAZ",
    "Port",
    "PubliclyAccessible",
    "StorageThroughput",
    "StorageType",
    "VpcSecurityGroupIds",
)

# By a ModifyDBInstance after the creation: modifyDbInstanceAfterCreateRequest of the handler.
_SENT_AFTERWARDS = ("MaxAllocatedStorage",)
_NOT_AT_CREATION = ("AllowMajorVersionUpgrade", "ApplyImmediately", "DeleteAutomatedBackups")
_KNOWN = {
    *_RENAMED,
    *_MUTABLE,
    *_FOR_EVERY_CREATION,
    *_NOT_AT_CREATION,
    "DBName",
    "DBSnapshotIdentifier",
    "DatabaseInsightsMode",
    "Engine",
    "KmsKeyId",
    "LicenseModel",
    "MasterUsername",
    "NetworkType",
    "RestoreTime",
    "SourceDBInstanceIdentifier",
    "SourceDbiResourceId",
    "SourceRegion",
    "StorageEncrypted",
    "Tags",
    "UseLatestRestorableTime",
}


class DbInstance(Resource):
    type = "AWS::RDS::DBInstance"
    readable = ("DBInstanceArn", "DbiResourceId", "Endpoint.Address", "Endpoint.Port", "Endpoint.HostedZoneId")
    create_only = (
        "DBInstanceIdentifier",
        "DBName",
        "DBSubnetGroupName",
        "DBSnapshotIdentifier",
        "Engine",
        "KmsKeyId",
        "MasterUsername",
        "RestoreTime",
        "SourceRegion",
        "StorageEncrypted",
    )

    def replaces(self, old: Properties, new: Properties) -> bool:
        if super().replaces(old, new):
            return True
        # Leaving the template, it promotes (as on AWS); naming another source, it replaces.
        source = "SourceDBInstanceIdentifier"
        return old.get(source) != new.get(source) and bool(new.get(source))

    def create(self, properties: Properties) -> None:
        refuse_unknown_properties(self, properties, _KNOWN)
        wanted = _wanted(properties)
        wanted["DBInstanceIdentifier"] = self.name(wanted.get("DBInstanceIdentifier"), limit=63, lower=True).lower()
        if "KmsKeyId" in wanted:
            wanted["KmsKeyId"] = existing_key_arn(wanted["KmsKeyId"], self.region)
        if "DBSnapshotIdentifier" in wanted:
            self._create_from_snapshot(wanted)
        elif "RestoreTime" in wanted or "UseLatestRestorableTime" in wanted:
            self._create_from_point_in_time(wanted)
        elif "SourceDBInstanceIdentifier" in wanted:
            self._create_replica(wanted)
        else:
            tags = tag_list(properties.get("Tags"))
            settings = {name: value for name, value in wanted.items() if name not in _NOT_AT_CREATION}
            self.call("rds", "create_db_instance", Tags=tags, **settings)
            self.physical_resource_id = wanted["DBInstanceIdentifier"]
        self._read()

    def _create_replica(self, wanted: dict[str, Any]) -> None:
        for name in ("Engine", "MasterUsername", "MasterUserPassword", "DBName"):
            if name in wanted:
                raise Refused(f"{name} cannot be specified for a read replica.")
        settings = only(
            wanted,
            *(name for name in _FOR_EVERY_CREATION if name not in _SENT_AFTERWARDS),
            "SourceDBInstanceIdentifier",
            "KmsKeyId",
            "SourceRegion",
            "MonitoringInterval",
            "MonitoringRoleArn",
            "EnablePerformanceInsights",
            "PerformanceInsightsKMSKeyId",
            "PerformanceInsightsRetentionPeriod",
        )
        if "SourceRegion" in settings:
            self._check_source_region(settings.pop("SourceRegion"), wanted["SourceDBInstanceIdentifier"])
        self.call("rds", "create_db_instance_read_replica", Tags=tag_list(self.properties.get("Tags")), **settings)
        self._created(wanted, settings)

    @staticmethod
    def _check_source_region(region: str, source: str) -> None:
        if not source.startswith(f"arn:aws:rds:{region}:"):
            raise Refused(f"SourceDBInstanceIdentifier {source} is not the ARN of a database in SourceRegion {region}.")

    def _create_from_snapshot(self, wanted: dict[str, Any]) -> None:
        settings = only(
            wanted, *(name for name in _FOR_EVERY_CREATION if name not in _SENT_AFTERWARDS), "DBSnapshotIdentifier"
        )
        self.call("rds", "restore_db_instance_from_db_snapshot", Tags=tag_list(self.properties.get("Tags")), **settings)
        self._created(wanted, settings)

    def _create_from_point_in_time(self, wanted: dict[str, Any]) -> None:
        settings = only(
            wanted,
            *(name for name in _FOR_EVERY_CREATION if name not in _SENT_AFTERWARDS),
            "RestoreTime",
            "UseLatestRestorableTime",
        )
        settings["TargetDBInstanceIdentifier"] = settings.pop("DBInstanceIdentifier")
        source = only(wanted, "SourceDbiResourceId", "SourceDBInstanceIdentifier")
        self.call(
            "rds",
            "restore_db_instance_to_point_in_time",
            Tags=tag_list(self.properties.get("Tags")),
            **source,
            **settings,
        )
        self._created(wanted, settings)

    def _created(self, wanted: dict[str, Any], settings: dict[str, Any]) -> None:
        """Apply what is sent afterwards, as CloudFormation's handler does for replicas and restored databases: what RDS
        refuses there fails the creation at its very end, and the database is left.
        """
        self.physical_resource_id = wanted["DBInstanceIdentifier"]
        later = only(wanted, *(name for name in _MUTABLE if name not in settings and name != "MasterUserPassword"))
        if later:
            self.call("rds", "modify_db_instance", DBInstanceIdentifier=self.physical_resource_id, **later)

    def update(self, old: Properties, new: Properties) -> None:
        refuse_unknown_properties(self, new, _KNOWN)
        before, after = _wanted(old), _wanted(new)
        database = {"DBInstanceIdentifier": self.physical_resource_id}
        if before.get("SourceDBInstanceIdentifier") and not after.get("SourceDBInstanceIdentifier"):
            self.call("rds", "promote_read_replica", **database)
        settings = {name: after[name] for name in _MUTABLE if name in after and before.get(name) != after[name]}
        exports = "EnableCloudwatchLogsExports"
        if before.get(exports) != after.get(exports):
            was, will_be = set(before.get(exports) or ()), set(after.get(exports) or ())
            settings["CloudwatchLogsExportConfiguration"] = {
                "EnableLogTypes": sorted(will_be - was),
                "DisableLogTypes": sorted(was - will_be),
            }
        if settings:
            self.call("rds", "modify_db_instance", ApplyImmediately=True, **database, **settings)
        _retag(self, self.attributes["DBInstanceArn"], old, new)
        self._read()

    def prepare_rollback(self) -> None:
        database = {"DBInstanceIdentifier": self.physical_resource_id}
        self.call("rds", "modify_db_instance", **database, DeletionProtection=False)

    def delete(self) -> None:
        database = {"DBInstanceIdentifier": self.physical_resource_id}
        backups = only(self.properties, "DeleteAutomatedBackups")
        self.delete_quietly("rds", "delete_db_instance", **database, SkipFinalSnapshot=True, **backups)

    def _read(self) -> None:
        database = {"DBInstanceIdentifier": self.physical_resource_id}
        instance = self.call("rds", "describe_db_instances", **database)["DBInstances"][0]
        self.attributes = {
            "DBInstanceArn": instance["DBInstanceArn"],
            "DbiResourceId": instance["DbiResourceId"],
            "Endpoint.Address": instance["Endpoint"]["Address"],
            "Endpoint.Port": str(instance["Endpoint"]["Port"]),
            "Endpoint.HostedZoneId": instance["Endpoint"].get("HostedZoneId", ""),
        }


def _wanted(properties: Properties) -> dict[str, Any]:
    return {_RENAMED.get(name, name): value for name, value in properties.items() if name != "Tags"}


class DbSubnetGroup(Resource):
    type = "AWS::RDS::DBSubnetGroup"
    create_only = ("DBSubnetGroupName",)

    def create(self, properties: Properties) -> None:
        name = self.name(properties.get("DBSubnetGroupName"), lower=True).lower()
        self.call(
            "rds",
            "create_db_subnet_group",
            DBSubnetGroupName=name,
            Tags=tag_list(properties.get("Tags")),
            **only(properties, "DBSubnetGroupDescription", "SubnetIds"),
        )
        self.physical_resource_id = name

    def update(self, old: Properties, new: Properties) -> None:
        self.call(
            "rds",
            "modify_db_subnet_group",
            DBSubnetGroupName=self.physical_resource_id,
            **only(new, "DBSubnetGroupDescription", "SubnetIds"),
        )
        _retag(self, self.arn("rds", f"subgrp:{self.physical_resource_id}"), old, new)

    def delete(self) -> None:
        self.delete_quietly("rds", "delete_db_subnet_group", DBSubnetGroupName=self.physical_resource_id)


class DbParameterGroup(Resource):
    type = "AWS::RDS::DBParameterGroup"
    readable = ("DBParameterGroupName",)
    create_only = ("DBParameterGroupName", "Family", "Description")

    def create(self, properties: Properties) -> None:
        name = self.name(properties.get("DBParameterGroupName"), lower=True).lower()
        self.call(
            "rds",
            "create_db_parameter_group",
            DBParameterGroupName=name,
            DBParameterGroupFamily=properties["Family"],
            Description=properties["Description"],
            Tags=tag_list(properties.get("Tags")),
        )
        self.physical_resource_id = name
        self.attributes = {"DBParameterGroupName": name}
        self._set(properties)

    def update(self, old: Properties, new: Properties) -> None:
        self._set(new)
        _retag(self, self.arn("rds", f"pg:{self.physical_resource_id}"), old, new)

    def _set(self, properties: Properties) -> None:
        parameters = [
            {"ParameterName": name, "ParameterValue": str(value), "ApplyMethod": "pending-reboot"}
            for name, value in (properties.get("Parameters") or {}).items()
        ]
        if parameters:
            group = {"DBParameterGroupName": self.physical_resource_id}
            self.call("rds", "modify_db_parameter_group", **group, Parameters=parameters)

    def delete(self) -> None:
        self.delete_quietly("rds", "delete_db_parameter_group", DBParameterGroupName=self.physical_resource_id)


def _retag(resource: Resource, arn: str, old: Properties, new: Properties) -> None:
    if changed(old, new, "Tags"):
        gone = removed_tags(old.get("Tags"), new.get("Tags"))
        if gone:
            resource.call("rds", "remove_tags_from_resource", ResourceName=arn, TagKeys=gone)
        resource.call("rds", "add_tags_to_resource", ResourceName=arn, Tags=tag_list(new.get("Tags")))
