"""DynamoDB: moto knows no replicas. A replica here is a table in the other region that shares the items."""

import copy
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.exceptions import MockValidationException
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler, DynamoResult

from pilotlight_local.control.regions import regions

_update_table = DynamoHandler.update_table
_describe = Table.describe


def install() -> None:
    DynamoHandler.update_table = update_table
    Table.describe = describe


def update_table(self: DynamoHandler) -> ActionResult:
    """UpdateTable with ReplicaUpdates, one at a time as in AWS."""
    updates = self.body.get("ReplicaUpdates")
    if not updates:
        return _update_table(self)
    if len(updates) > 1:
        raise MockValidationException("Only one replica can be created or deleted per UpdateTable request.")
    table = self.dynamodb_backend.get_table(self.body["TableName"])
    if "Create" in updates[0]:
        _create(table, updates[0]["Create"])
    elif "Delete" in updates[0]:
        _delete(table, updates[0]["Delete"]["RegionName"])
    else:
        raise MockValidationException("The emulator cannot update a replica in place.")
    return DynamoResult(table.describe())


def describe(self: Table, base_key: str = "TableDescription") -> dict[str, Any]:
    described = _describe(self, base_key)
    others = [region for region in _regions(self) if region != self.region_name]
    if others:
        described[base_key] |= {
            "GlobalTableVersion": "2019.11.21",
            "Replicas": [{"RegionName": region, "ReplicaStatus": "ACTIVE"} for region in others],
        }
    return described


def _regions(table: Table) -> list[str]:
    """Every region the table is in. One list, shared by all of its replicas."""
    if not hasattr(table, "replica_regions"):
        table.replica_regions = [table.region_name]
    return table.replica_regions


def _create(table: Table, wanted: dict[str, Any]) -> None:
    region = wanted["RegionName"]
    _need(table, region)
    backend = dynamodb_backends[table.account_id][region]
    if region in _regions(table) or table.name in backend.tables:
        raise MockValidationException(
            f"Failed to create a the new replica of table {table.name}: it exists in {region}."
        )
    if not (table.stream_specification or {}).get("StreamEnabled"):
        raise MockValidationException("Table must have DynamoDB Streams enabled to be replicated.")
    encryption = None
    if table.sse_specification:
        encryption = {key: value for key, value in table.sse_specification.items() if key != "KMSMasterKeyId"}
        if "KMSMasterKeyId" in wanted:
            encryption["KMSMasterKeyId"] = wanted["KMSMasterKeyId"]
    replica = backend.create_table(
        table.name,
        schema=copy.deepcopy(table.schema),
        throughput=None,
        attr=copy.deepcopy(table.attr),
        global_indexes=None,
        indexes=None,
        streams=copy.deepcopy(table.stream_specification),
        billing_mode=table.billing_mode,
        sse_specification=encryption,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )
    replica.indexes, replica.global_indexes = copy.deepcopy(table.indexes), copy.deepcopy(table.global_indexes)
    replica.items = table.items
    _regions(table).append(region)
    replica.replica_regions = _regions(table)


def _need(table: Table, region: str) -> None:
    """Items reach a lost region later, by themselves; a replica is neither made nor removed there."""
    if region != table.region_name and not regions.is_up(region):
        raise MockValidationException(f"Table {table.name}: region {region}, which does not answer, is needed.")


def _delete(table: Table, region: str) -> None:
    if region not in _regions(table):
        raise MockValidationException(f"Table {table.name} has no replica in {region}.")
    _need(table, region)
    backend = dynamodb_backends[table.account_id][region]
    if backend.tables[table.name].deletion_protection_enabled:
        raise MockValidationException(f"The replica of {table.name} in {region} has deletion protection enabled.")
    del backend.tables[table.name]
    _regions(table).remove(region)
