"""Buckets and their policies. A template's notation differs from the API's in many small ways, translated here."""

from collections.abc import Callable
from typing import Any

from pilotlight_local.cloudformation import api
from pilotlight_local.cloudformation.registry import refuse_unknown_properties
from pilotlight_local.cloudformation.resource import Properties, Refused, Resource, is_not_found, only, tag_list
from pilotlight_local.control.regions import regions


class Bucket(Resource):
    type = "AWS::S3::Bucket"
    readable = ("Arn", "DomainName", "DualStackDomainName", "RegionalDomainName", "WebsiteURL")
    create_only = ("BucketName", "ObjectLockEnabled")
    ignored = ("AccessControl", "MetricsConfigurations", "IntelligentTieringConfigurations", "InventoryConfigurations")

    def create(self, properties: Properties) -> None:
        refuse_unknown_properties(self, properties, {*_SETTINGS, *self.create_only, *self.ignored})
        name = self.name(properties.get("BucketName"), limit=63, lower=True)
        if _exists(name):  # in us-east-1 the API calls making one's own bucket again a success; CloudFormation does not
            raise Refused(f"{name} already exists")
        place = None if self.region == "us-east-1" else {"LocationConstraint": self.region}
        self.call(
            "s3",
            "create_bucket",
            Bucket=name,
            CreateBucketConfiguration=place,
            ObjectLockEnabledForBucket=properties.get("ObjectLockEnabled"),
        )
        self.physical_resource_id = name
        self.attributes = {
            "Arn": f"arn:aws:s3:::{name}",
            "DomainName": f"{name}.s3.amazonaws.com",
            "DualStackDomainName": f"{name}.s3.dualstack.{self.region}.amazonaws.com",
            "RegionalDomainName": f"{name}.s3.{self.region}.amazonaws.com",
            "WebsiteURL": f"http://{name}.s3-website-{self.region}.amazonaws.com",
        }
        self.update({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        refuse_unknown_properties(self, new, {*_SETTINGS, *self.create_only, *self.ignored})
        for name, put in _SETTINGS.items():
            if old.get(name) != new.get(name):
                put(self, new.get(name))

    def delete(self) -> None:
        self.delete_quietly("s3", "delete_bucket", Bucket=self.physical_resource_id)

    def prepare_rollback(self) -> None:
        """moto delivers access logs at once, so that a log bucket is not empty for long."""
        versions = self.call("s3", "list_object_versions", Bucket=self.physical_resource_id)
        for version in [*versions.get("Versions", []), *versions.get("DeleteMarkers", [])]:
            self.put("delete_object", **only(version, "Key", "VersionId"))

    def put(self, operation: str, **parameters: Any) -> None:
        self.call("s3", operation, Bucket=self.physical_resource_id, **parameters)

    # One method per property; None means that it has left the template.

    def _versioning(self, value: Any) -> None:
        self.put("put_bucket_versioning", VersioningConfiguration=value or {"Status": "Suspended"})

    def _encryption(self, value: Any) -> None:
        if value is None:
            return self.put("delete_bucket_encryption")
        rules = [
            {
                "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
                **only(rule, "BucketKeyEnabled"),
            }
            for rule in value["ServerSideEncryptionConfiguration"]
        ]
        self.put("put_bucket_encryption", ServerSideEncryptionConfiguration={"Rules": rules})

    def _public_access(self, value: Any) -> None:
        if value is None:
            return self.put("delete_public_access_block")
        self.put("put_public_access_block", PublicAccessBlockConfiguration=value)

    def _ownership(self, value: Any) -> None:
        if value is None:
            return self.put("delete_bucket_ownership_controls")
        self.put("put_bucket_ownership_controls", OwnershipControls=value)

    def _lifecycle(self, value: Any) -> None:
        if value is None:
            return self.put("delete_bucket_lifecycle")
        rules = [_lifecycle_rule(rule) for rule in value["Rules"]]
        self.put("put_bucket_lifecycle_configuration", LifecycleConfiguration={"Rules": rules})

    def _logging(self, value: Any) -> None:
        # moto wants the log bucket's policy first; AWS accepts the setting and delivers once the policy is there.
        from moto.s3.models import s3_backends

        bucket = s3_backends[self.context.account_id]["aws"].get_bucket(self.physical_resource_id)
        if value is None:
            bucket.logging = {}
            return
        target = value.get("DestinationBucketName", self.physical_resource_id)
        if not _exists(target):
            raise Refused(f"The target bucket for logging does not exist: {target}.")
        bucket.logging = {"TargetBucket": target, "TargetPrefix": value.get("LogFilePrefix", "")}

    def _replication(self, value: Any) -> None:
        if value is None:
            return self.put("delete_bucket_replication")
        if _versioning_status(self.physical_resource_id) != "Enabled":
            raise Refused(f"Versioning must be 'Enabled' on {self.physical_resource_id} to apply a replication.")
        for rule in value["Rules"]:
            destination = rule["Destination"]["Bucket"].split(":")[-1]
            if not _exists(destination):
                raise Refused(f"Destination bucket must exist: {destination}.")
            regions.check(_region(destination), f"Replication to {destination}")
            if _versioning_status(destination) != "Enabled":
                raise Refused(f"Destination bucket must have versioning enabled: {destination}.")
        rules = [{("ID" if key == "Id" else key): item for key, item in rule.items()} for rule in value["Rules"]]
        self.put("put_bucket_replication", ReplicationConfiguration={**value, "Rules": rules})

    def _notifications(self, value: Any) -> None:
        wanted = (
            {} if value is None else {"EventBridgeConfiguration": {}} if "EventBridgeConfiguration" in value else {}
        )
        unknown = set(value or ()) - {"EventBridgeConfiguration"}
        if unknown:
            raise Refused(f"The emulator does not know NotificationConfiguration's {', '.join(sorted(unknown))}.")
        self.put("put_bucket_notification_configuration", NotificationConfiguration=wanted)

    def _tags(self, value: Any) -> None:
        if value is None:
            return self.put("delete_bucket_tagging")
        self.put("put_bucket_tagging", Tagging={"TagSet": tag_list(value)})


# In this order: replication needs versioning.
_SETTINGS: dict[str, Callable[[Bucket, Any], None]] = {
    "VersioningConfiguration": Bucket._versioning,
    "BucketEncryption": Bucket._encryption,
    "PublicAccessBlockConfiguration": Bucket._public_access,
    "OwnershipControls": Bucket._ownership,
    "LifecycleConfiguration": Bucket._lifecycle,
    "LoggingConfiguration": Bucket._logging,
    "ReplicationConfiguration": Bucket._replication,
    "NotificationConfiguration": Bucket._notifications,
    "Tags": Bucket._tags,
}


def _lifecycle_rule(rule: Properties) -> dict[str, Any]:
    translated: dict[str, Any] = {
        "Status": rule["Status"],
        **only(rule, "NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"),
    }
    if "Id" in rule:
        translated["ID"] = rule["Id"]
    if "ExpirationInDays" in rule:
        translated["Expiration"] = {"Days": rule["ExpirationInDays"]}
    if "ExpiredObjectDeleteMarker" in rule:
        translated["Expiration"] = {"ExpiredObjectDeleteMarker": rule["ExpiredObjectDeleteMarker"]}
    if "NoncurrentVersionExpirationInDays" in rule:
        translated["NoncurrentVersionExpiration"] = {"NoncurrentDays": rule["NoncurrentVersionExpirationInDays"]}
    if "Transitions" in rule:
        translated["Transitions"] = [
            {"Days": step["TransitionInDays"], "StorageClass": step["StorageClass"]} for step in rule["Transitions"]
        ]
    if "NoncurrentVersionTransitions" in rule:
        translated["NoncurrentVersionTransitions"] = [
            {"NoncurrentDays": step["TransitionInDays"], "StorageClass": step["StorageClass"]}
            for step in rule["NoncurrentVersionTransitions"]
        ]
    known = {
        "Status",
        "Id",
        "Prefix",
        "ExpirationInDays",
        "ExpiredObjectDeleteMarker",
        "NoncurrentVersionExpiration",
        "NoncurrentVersionExpirationInDays",
        "AbortIncompleteMultipartUpload",
        "Transitions",
        "NoncurrentVersionTransitions",
    }
    if set(rule) - known:
        raise Refused(f"The emulator does not know {', '.join(sorted(set(rule) - known))} of a lifecycle rule.")
    translated["Filter"] = {"Prefix": rule.get("Prefix", "")}
    return translated


def _exists(bucket: str) -> bool:
    try:
        api.call("s3", "us-east-1", "head_bucket", Bucket=bucket)
        return True
    except Exception as error:
        if is_not_found(error):
            return False
        raise


def _region(bucket: str) -> str:
    """moto keeps all buckets in one place, whatever region they are in."""
    place = api.call("s3", "us-east-1", "get_bucket_location", Bucket=bucket).get("LocationConstraint")
    return place or "us-east-1"


def _versioning_status(bucket: str) -> str | None:
    return api.call("s3", "us-east-1", "get_bucket_versioning", Bucket=bucket).get("Status")


class BucketPolicy(Resource):
    type = "AWS::S3::BucketPolicy"
    create_only = ("Bucket",)

    def create(self, properties: Properties) -> None:
        self.update({}, properties)
        self.physical_resource_id = properties["Bucket"]

    def update(self, old: Properties, new: Properties) -> None:
        self.call("s3", "put_bucket_policy", Bucket=new["Bucket"], Policy=new["PolicyDocument"])

    def delete(self) -> None:
        self.delete_quietly("s3", "delete_bucket_policy", Bucket=self.physical_resource_id)
