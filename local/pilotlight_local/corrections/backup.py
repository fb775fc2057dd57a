"""AWS Backup: moto has vaults and plans; selections, plan updates, access policies and notifications are added."""

import json
import uuid
from typing import Any

from moto.backup import urls
from moto.backup.exceptions import InvalidRequestException, ResourceNotFoundException
from moto.backup.models import BackupBackend, Plan
from moto.backup.responses import BackupResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import unix_time


def install() -> None:
    added = {
        "{0}/backup-vaults/(?P<name>[^/]+)/access-policy$": urls.response.dispatch,
        "{0}/backup-vaults/(?P<name>[^/]+)/notification-configuration$": urls.response.dispatch,
    }
    urls.url_paths.update(added)
    for operation in (
        create_backup_selection,
        get_backup_selection,
        list_backup_selections,
        delete_backup_selection,
        update_backup_plan,
        put_backup_vault_access_policy,
        get_backup_vault_access_policy,
        delete_backup_vault_access_policy,
        put_backup_vault_notifications,
        get_backup_vault_notifications,
        delete_backup_vault_notifications,
    ):
        setattr(BackupResponse, operation.__name__, operation)
    BackupBackend.delete_backup_plan = delete_plan(BackupBackend.delete_backup_plan)


def _plan(response: BackupResponse) -> Plan:
    plan = response.backup_backend.plans.get(_segment(response, "plans"))
    if plan is None or plan.deletion_date:
        raise ResourceNotFoundException(msg=f"Cannot find Backup plan with ID {_segment(response, 'plans')}")
    return plan


def _segment(response: BackupResponse, after: str) -> str:
    """The part of the request's path that follows `after`."""
    parts = response.path.strip("/").split("/")
    return parts[parts.index(after) + 1]


def _selections(plan: Plan) -> dict[str, dict[str, Any]]:
    if not hasattr(plan, "selections"):
        plan.selections = {}
    return plan.selections


def create_backup_selection(self: BackupResponse) -> ActionResult:
    plan, selection = _plan(self), json.loads(self.body)["BackupSelection"]
    created = {
        "SelectionId": str(uuid.uuid4()),
        "BackupPlanId": plan.backup_plan_id,
        "CreationDate": unix_time(),
        "BackupSelection": selection,
    }
    _selections(plan)[created["SelectionId"]] = created
    return ActionResult(created)


def get_backup_selection(self: BackupResponse) -> ActionResult:
    return ActionResult(_selection(self))


def list_backup_selections(self: BackupResponse) -> ActionResult:
    listed = [
        {
            **{key: item[key] for key in ("SelectionId", "BackupPlanId", "CreationDate")},
            "SelectionName": item["BackupSelection"]["SelectionName"],
            "IamRoleArn": item["BackupSelection"]["IamRoleArn"],
        }
        for item in _selections(_plan(self)).values()
    ]
    return ActionResult({"BackupSelectionsList": listed})


def delete_backup_selection(self: BackupResponse) -> ActionResult:
    del _selections(_plan(self))[_selection(self)["SelectionId"]]
    return EmptyResult()


def _selection(response: BackupResponse) -> dict[str, Any]:
    selection_id = _segment(response, "selections")
    selection = _selections(_plan(response)).get(selection_id)
    if selection is None:
        raise ResourceNotFoundException(msg=f"Cannot find Backup selection with ID {selection_id}")
    return selection


def update_backup_plan(self: BackupResponse) -> ActionResult:
    plan = _plan(self)
    changed = Plan(json.loads(self.body)["BackupPlan"], plan.creator_request_id, self.backup_backend)
    plan.backup_plan = changed.backup_plan
    plan.version_id = changed.version_id
    plan.advanced_backup_settings = changed.advanced_backup_settings
    return ActionResult(plan.to_dict())


def delete_plan(original: Any) -> Any:
    def delete_backup_plan(self: BackupBackend, backup_plan_id: str) -> Any:
        """moto keeps a deleted plan's name taken, and deletes one that still has selections; AWS does neither."""
        if _selections(self.plans[backup_plan_id]) if backup_plan_id in self.plans else False:
            raise InvalidRequestException(
                msg="Related backup plan selections must be deleted prior to backup plan deletion"
            )
        answer = original(self, backup_plan_id)
        del self.plans[backup_plan_id]
        return answer

    return delete_backup_plan


def _vault(response: BackupResponse) -> Any:
    return response.backup_backend.describe_backup_vault(_segment(response, "backup-vaults"))


def _put(response: BackupResponse, attribute: str) -> ActionResult:
    setattr(_vault(response), attribute, json.loads(response.body))
    return EmptyResult()


def _get(response: BackupResponse, attribute: str) -> ActionResult:
    vault = _vault(response)
    stored = getattr(vault, attribute, None)
    if stored is None:
        raise ResourceNotFoundException(
            msg=f"Failed reading {attribute.replace('_', ' ')} of {vault.backup_vault_name}"
        )
    return ActionResult(
        {"BackupVaultName": vault.backup_vault_name, "BackupVaultArn": vault.backup_vault_arn, **stored}
    )


def _delete(response: BackupResponse, attribute: str) -> ActionResult:
    setattr(_vault(response), attribute, None)
    return EmptyResult()


def put_backup_vault_access_policy(self: BackupResponse) -> ActionResult:
    return _put(self, "access_policy")


def get_backup_vault_access_policy(self: BackupResponse) -> ActionResult:
    return _get(self, "access_policy")


def delete_backup_vault_access_policy(self: BackupResponse) -> ActionResult:
    return _delete(self, "access_policy")


def put_backup_vault_notifications(self: BackupResponse) -> ActionResult:
    return _put(self, "notifications")


def get_backup_vault_notifications(self: BackupResponse) -> ActionResult:
    return _get(self, "notifications")


def delete_backup_vault_notifications(self: BackupResponse) -> ActionResult:
    return _delete(self, "notifications")
