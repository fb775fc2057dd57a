"""RDS: read replicas across regions and their promotion, which are what our drill is about."""

import secrets
import string
from typing import Any

from moto.rds.exceptions import (
    DBInstanceAlreadyExists,
    DBInstanceNotFoundError,
    DBSubnetGroupNotFoundError,
    InvalidParameterCombination,
    RDSClientError,
)
from moto.rds.models import DBInstance, DBSubnetGroup, RDSBackend

_create_db_instance = RDSBackend.create_db_instance
_create_replica = RDSBackend.create_db_instance_read_replica
_delete_db_instance = RDSBackend.delete_db_instance
_modify_db_subnet_group = RDSBackend.modify_db_subnet_group


def install() -> None:
    RDSBackend.create_db_instance = create_db_instance
    RDSBackend.create_db_instance_read_replica = create_db_instance_read_replica
    RDSBackend.promote_read_replica = promote_read_replica
    RDSBackend.delete_db_instance = delete_db_instance
    RDSBackend.modify_db_subnet_group = modify_db_subnet_group
    DBInstance.remove_replica = remove_replica


def create_db_instance(self: RDSBackend, db_kwargs: dict[str, Any]) -> DBInstance:
    """moto gives every database the same resource id, which IAM authentication and restores go by."""
    database = _create_db_instance(self, db_kwargs)
    database.dbi_resource_id = _resource_id()
    return database


def create_db_instance_read_replica(self: RDSBackend, db_kwargs: dict[str, Any]) -> DBInstance:
    """moto copies the source, then applies the request while the copy still takes itself to be in another region."""
    if db_kwargs["db_instance_identifier"] in self.databases:
        raise DBInstanceAlreadyExists
    source = self.find_db_from_id(db_kwargs["source_db_instance_identifier"])
    crosses = source.region != self.region_name
    if not source.backup_retention_period:
        raise RDSClientError(
            "InvalidDBInstanceState",
            f"Automated backups are not enabled for the source database {source.db_instance_identifier}.",
        )
    if crosses and source.storage_encrypted and not db_kwargs.get("kms_key_id"):
        raise InvalidParameterCombination(
            "A cross-region replica of an encrypted database needs a KmsKeyId of its own."
        )
    own = {  # what a replica does not take over from its source; the copy would even share the lists
        "backend": self,
        "availability_zone": f"{self.region_name}a",
        "db_parameter_group_name": source.db_parameter_group_name if not crosses else "",
        "multi_az": False,
        "deletion_protection": False,
        "backup_retention_period": 0,
        "enabled_cloudwatch_logs_exports": list(db_kwargs.get("enable_cloudwatch_logs_exports") or []),
        "tags": [],
        "dbi_resource_id": _resource_id(),
    }
    return _create_replica(self, {**own, **db_kwargs})


def promote_read_replica(self: RDSBackend, db_kwargs: dict[str, Any]) -> DBInstance:
    """moto never clears the source, and answers an unknown database with an internal error."""
    identifier = db_kwargs["db_instance_identifier"]
    database = self.databases.get(identifier)
    if database is None:
        raise DBInstanceNotFoundError(identifier)
    if not database.is_replica:
        raise RDSClientError("InvalidDBInstanceState", "DB Instance is not a read replica.")
    source = _source(database)
    if source:
        source.remove_replica(database)
    database.is_replica = False
    database.source_db_instance_identifier = None
    database.update(**{"backup_retention_period": 1, **db_kwargs})  # one day unless the request says more
    return database


def delete_db_instance(self: RDSBackend, db_instance_identifier: str, *args: Any, **kwargs: Any) -> DBInstance:
    """A replica outlives its source; moto fails when it then deletes it."""
    database = self.databases.get(db_instance_identifier)
    if database is not None and database.is_replica and _source(database) is None:
        database.is_replica = False
    return _delete_db_instance(self, db_instance_identifier, *args, **kwargs)


def modify_db_subnet_group(self: RDSBackend, subnet_name: str, *args: Any, **kwargs: Any) -> DBSubnetGroup:
    """moto takes the group out to change it and forgets to put it back."""
    if subnet_name not in self.subnet_groups:
        raise DBSubnetGroupNotFoundError(subnet_name)
    group = _modify_db_subnet_group(self, subnet_name, *args, **kwargs)
    self.subnet_groups[subnet_name] = group
    return group


def remove_replica(self: DBInstance, replica: DBInstance) -> None:
    """moto lists a replica in another region by ARN, and looks for it by name when it goes."""
    names = (replica.db_instance_identifier, replica.db_instance_arn)
    self.replicas = [name for name in self.replicas if name not in names]


def _source(replica: DBInstance) -> DBInstance | None:
    try:
        return replica.backend.find_db_from_id(replica.source_db_instance_identifier)
    except DBInstanceNotFoundError:
        return None


def _resource_id() -> str:
    return "db-" + "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(26))
