"""What moto takes and then leaves out of its answers, or answers with a constant."""

from typing import Any

from moto.core.responses import ActionResult
from moto.elbv2.models import FakeLoadBalancer
from moto.rds.models import DBInstance, RDSBackend
from moto.s3.exceptions import ReplicationConfigurationNotFoundError
from moto.s3.responses import S3Response
from moto.secretsmanager.models import FakeSecret, ReplicaSecret

# AWS's own hosted zones for application load balancers, which an alias record needs. Any other region gets a made-up
# one, since nothing resolves it here.
_HOSTED_ZONES = {
    "eu-central-1": "Z215JYRZR1TBD5",
    "eu-west-1": "Z32O12XQLNTSW2",
    "us-east-1": "Z35SXDOTRQ7X7K",
    "us-west-2": "Z1H1FL5HABSF5",
}

_create_replicas = FakeSecret.create_replicas
_get_bucket_notification = S3Response.get_bucket_notification
_new_load_balancer = FakeLoadBalancer.__init__


def install() -> None:
    FakeLoadBalancer.__init__ = new_load_balancer
    FakeSecret.create_replicas = create_replicas
    S3Response.get_bucket_notification = get_bucket_notification
    S3Response.get_bucket_replication = get_bucket_replication
    for action in ("create_db_instance", "create_db_instance_read_replica"):
        setattr(RDSBackend, action, with_performance_insights(getattr(RDSBackend, action)))


def new_load_balancer(self: FakeLoadBalancer, *args: Any, **kwargs: Any) -> None:
    """moto's are all in one hosted zone, which is none of AWS's."""
    _new_load_balancer(self, *args, **kwargs)
    self.canonical_hosted_zone_id = _HOSTED_ZONES.get(self.arn.split(":")[3], "ZEMULATEDLOADBALANCER")


def create_replicas(
    self: FakeSecret, replica_regions: list[dict[str, str]], force_overwrite: bool
) -> list[ReplicaSecret]:
    """moto drops the key that a replica is encrypted with."""
    replicas = _create_replicas(self, replica_regions, force_overwrite)
    keys = {wanted["Region"]: wanted.get("KmsKeyId") for wanted in replica_regions}
    for replica in replicas:
        if keys.get(replica.region):
            replica.config["KmsKeyId"] = keys[replica.region]
    return replicas


def with_performance_insights(create: Any) -> Any:
    def created(self: RDSBackend, db_kwargs: dict[str, Any]) -> DBInstance:
        """moto forgets these; on a replica it copies the source's."""
        database = create(self, db_kwargs)
        database.performance_insights_enabled = bool(db_kwargs.get("enable_performance_insights"))
        database.performance_insights_kms_key_id = db_kwargs.get("performance_insights_kms_key_id")
        database.performance_insights_retention_period = db_kwargs.get("performance_insights_retention_period")
        return database

    return created


def get_bucket_notification(self: S3Response) -> Any:
    configuration = self.backend.get_bucket_notification_configuration(self.bucket_name)
    if not configuration or configuration.event_bridge is None:
        return _get_bucket_notification(self)
    serialized = self.serialized

    def with_event_bridge(result: ActionResult) -> Any:
        return serialized(ActionResult({**result.result, "EventBridgeConfiguration": {}}))

    self.serialized = with_event_bridge
    try:
        return _get_bucket_notification(self)
    finally:
        del self.serialized


def get_bucket_replication(self: S3Response) -> Any:
    """moto answers with a selection of each rule, and with constants for the rest."""
    self.data["Action"] = "GetBucketReplication"
    replication = self.backend.get_bucket_replication(self.bucket_name)
    if not replication:
        raise ReplicationConfigurationNotFoundError(bucket_name=self.bucket_name)
    rules = [
        {"DeleteMarkerReplication": {"Status": "Disabled"}, **rule, "Filter": _filter(rule)}
        for rule in replication["Rule"]
    ]
    return self.serialized(ActionResult({"ReplicationConfiguration": {"Role": replication["Role"], "Rules": rules}}))


def _filter(rule: dict[str, Any]) -> dict[str, Any]:
    # an empty element, which means every object, was parsed as None
    return {key: value or "" for key, value in (rule.get("Filter") or {"Prefix": ""}).items()}
