"""Creates, updates and deletes the resources of a stack, in place of moto's engine.

moto's own engine orders updates by chance, leaves a failed stack behind half-built, forgets a resource whose class
cannot update, and honours deletion policies only when a whole stack goes. Ours follows CloudFormation: dependency
order, new before old, roll back on failure, delete what has left the template last.
"""

import sys
import traceback
from collections.abc import Callable
from graphlib import CycleError, TopologicalSorter
from typing import Any

from botocore.exceptions import ClientError, ParamValidationError
from moto.cloudformation import models, parsing
from moto.cloudformation.exceptions import CloudFormationError, ValidationError

from pilotlight_local.cloudformation import intrinsics
from pilotlight_local.cloudformation.registry import resource_class
from pilotlight_local.cloudformation.resource import CannotUpdate, Properties, Refused, Resource, StackContext
from pilotlight_local.control.regions import RegionLost


class StackResources(parsing.ResourceMap):
    """A stack's parameters, conditions and the resources that exist; what intrinsic functions resolve against."""

    def __getitem__(self, key: str) -> Any:
        try:
            return self._parsed_resources[key]
        except KeyError:
            raise Refused(f"Template format error: Unresolved resource dependencies [{key}]") from None

    @property
    def resources(self) -> list[str]:
        return list(self.existing)

    def __len__(self) -> int:
        return len(self.existing)

    @property
    def existing(self) -> dict[str, Resource]:
        return {key: item for key, item in self._parsed_resources.items() if isinstance(item, Resource)}

    def put(self, resource: Resource) -> None:
        self._parsed_resources[resource.logical_resource_id] = resource

    def drop(self, logical_id: str) -> None:
        self._parsed_resources.pop(logical_id, None)

    def read(self, template: dict[str, Any], parameters: dict[str, Any]) -> None:
        """Take the parameters, mappings and conditions of a new template."""
        self._template = template
        self._resource_json_map = template["Resources"]
        self.input_parameters = parameters
        self.resolved_parameters = {}
        self.load()

    def parse_ssm_parameter(self, value: str, value_type: str) -> Any:
        try:
            return super().parse_ssm_parameter(value, value_type)
        except AttributeError:
            raise ValidationError(message=f"Unable to fetch parameters [{value}] from parameter store") from None

    def creation_order(self) -> list[str]:
        """The template's resources whose condition holds, each after all it refers to."""
        template = self._resource_json_map
        wanted = [
            logical_id
            for logical_id, resource in template.items()
            if "Condition" not in resource or self.lazy_condition_map[resource["Condition"]]
        ]
        sorter: TopologicalSorter[str] = TopologicalSorter()
        for logical_id in wanted:
            resource = template[logical_id]
            depends_on = resource.get("DependsOn") or []
            named = {depends_on} if isinstance(depends_on, str) else set(depends_on)
            named.update(intrinsics.references(resource.get("Properties")))
            sorter.add(logical_id, *(name for name in wanted if name in named))
        try:
            return list(sorter.static_order())
        except CycleError as error:
            listed = ", ".join(sorted(set(error.args[1])))
            raise ValidationError(message=f"Circular dependency between resources: [{listed}]") from None


class Deployment:
    """One operation on one stack."""

    def __init__(self, stack: models.Stack) -> None:
        self.stack = stack
        self.resources: StackResources = stack.resource_map
        self._undo: list[Callable[[], None]] = []
        self._replaced: list[Resource] = []

    def create(self) -> None:
        """Create everything, or roll back and leave an empty ROLLBACK_COMPLETE stack, as AWS does."""
        stack = self.stack
        self._stack_event("CREATE_IN_PROGRESS", "User Initiated")
        try:
            for logical_id in self.resources.creation_order():
                self._create(logical_id)
            list(stack.output_map.values())
        except Exception as error:
            self._stack_event("ROLLBACK_IN_PROGRESS", f"{_reason(error)} Rollback requested by user.")
            undone = self._roll_back()
            stack.output_map = models.OutputMap(self.resources, {}, stack.stack_id)
            # The CDK CLI deletes what is left before it tries again; AWS would not let it (see prepare_rollback).
            stack.enable_termination_protection = False
            self._stack_event("ROLLBACK_COMPLETE" if undone else "ROLLBACK_FAILED")
            return
        self._stack_event("CREATE_COMPLETE")

    def update(self, template: str, parameters: dict[str, Any]) -> None:
        """Bring the stack to `template`, or back to what it was, UPDATE_ROLLBACK_COMPLETE."""
        stack = self.stack
        before = (stack.template, stack.template_dict, stack.parameters)
        before_template = stack.template_dict
        self._stack_event("UPDATE_IN_PROGRESS", "User Initiated")
        try:
            self._take(template, stack.parse_template(template), parameters)
            order = self.resources.creation_order()
            for logical_id in order:
                self._create_or_update(logical_id)
            list(stack.output_map.values())
        except Exception as error:
            self._stack_event("UPDATE_ROLLBACK_IN_PROGRESS", _reason(error))
            self._take(*before)
            undone = self._roll_back()
            self._stack_event("UPDATE_ROLLBACK_COMPLETE" if undone else "UPDATE_ROLLBACK_FAILED")
            return
        self._stack_event("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        self._clean_up(before_template, order)
        self._stack_event("UPDATE_COMPLETE")

    def delete(self) -> bool:
        """Delete all but what is retained; whether that worked."""
        self._stack_event("DELETE_IN_PROGRESS", "User Initiated")
        for resource in reversed(list(self.resources.existing.values())):
            policy = self._policy(self.stack.template_dict, resource.logical_resource_id, "DeletionPolicy")
            if policy.startswith("Retain"):
                self._event(resource, "DELETE_SKIPPED")
            elif not self._delete(resource):
                self._stack_event("DELETE_FAILED", f"The resource {resource.logical_resource_id} could not be deleted.")
                return False
            self.resources.drop(resource.logical_resource_id)
        self._stack_event("DELETE_COMPLETE")
        return True

    # Single resources

    def _create_or_update(self, logical_id: str) -> None:
        existing = self.resources.existing.get(logical_id)
        if existing is None:
            self._create(logical_id)
            return
        old, new = existing.properties, self._properties(logical_id)
        if existing.cf_resource_type != self._json(logical_id)["Type"] or existing.replaces(old, new):
            self._create(logical_id, instead_of=existing)
        elif old != new:
            self._take_policy(existing)
            self._update(existing, old, new)

    def _create(self, logical_id: str, instead_of: Resource | None = None) -> None:
        stack, json = self.stack, self._json(logical_id)
        context = StackContext(stack.name, stack.stack_id, stack.account_id, stack.region_name, dict(stack.tags))
        resource = resource_class(json["Type"])(context, logical_id)
        doing, done, failed = ("UPDATE", "UPDATE", "UPDATE") if instead_of else ("CREATE", "CREATE", "CREATE")
        self._event(resource, f"{doing}_IN_PROGRESS", "Requested update requires replacement." if instead_of else None)
        self._undo.append(lambda: self._discard(resource, json, instead_of))
        try:
            resource.properties = self._properties(logical_id)
            resource.create(resource.properties)
        except Exception as error:
            self._event(resource, f"{failed}_FAILED", _reason(error))
            raise
        self.resources.put(resource)
        if instead_of:
            self._replaced.append(instead_of)
        self._event(resource, f"{done}_COMPLETE")

    def _update(self, resource: Resource, old: Properties, new: Properties) -> None:
        self._event(resource, "UPDATE_IN_PROGRESS")

        def undo() -> None:
            self._take_policy(resource)  # the old template's again
            resource.update(new, old)
            resource.properties = old
            self._event(resource, "UPDATE_COMPLETE")

        self._undo.append(undo)
        try:
            resource.update(old, new)
        except Exception as error:
            if isinstance(error, CannotUpdate):
                self._undo.pop()
            self._event(resource, "UPDATE_FAILED", _reason(error))
            raise
        resource.properties = new
        self._event(resource, "UPDATE_COMPLETE")

    def _take_policy(self, resource: Resource) -> None:
        policy = self._json(resource.logical_resource_id).get("UpdatePolicy") or {}
        resource.update_policy = intrinsics.resolve_properties(policy, self.resources)

    def _delete(self, resource: Resource) -> bool:
        self._event(resource, "DELETE_IN_PROGRESS")
        try:
            resource.delete()
        except Exception as error:
            self._event(resource, "DELETE_FAILED", _reason(error))
            return False
        self._event(resource, "DELETE_COMPLETE")
        return True

    # Undoing and cleaning up

    def _roll_back(self) -> bool:
        """Undo in reverse; whether everything could be undone."""
        clean = True
        for undo in reversed(self._undo):
            try:
                undo()
            except Exception as error:
                clean = False
                self._stack_event(self.stack.status, f"Rollback failed: {_reason(error)}")
        return clean

    def _discard(self, resource: Resource, json: dict[str, Any], instead_of: Resource | None) -> None:
        """Undo a creation. RetainExceptOnCreate means just this: retain, except when its creation is rolled back."""
        if instead_of:
            self.resources.put(instead_of)
        else:
            self.resources.drop(resource.logical_resource_id)
        if not resource.physical_resource_id:
            return
        if json.get("DeletionPolicy") == "Retain":
            self._event(resource, "DELETE_SKIPPED")
            return
        resource.prepare_rollback()
        if not self._delete(resource):
            raise Refused(f"{resource.logical_resource_id} could not be deleted.")

    def _clean_up(self, before: dict[str, Any], wanted: list[str]) -> None:
        """Delete what was replaced and what left the template. A failure here does not fail the update, as on AWS."""
        for resource in reversed(self._replaced):
            policy = self._policy(self.stack.template_dict, resource.logical_resource_id, "UpdateReplacePolicy")
            if policy.startswith("Retain"):
                self._event(resource, "DELETE_SKIPPED")
            else:
                self._delete(resource)
        for logical_id, resource in reversed(list(self.resources.existing.items())):
            if logical_id in wanted:
                continue
            if self._policy(before, logical_id, "DeletionPolicy").startswith("Retain"):
                self._event(resource, "DELETE_SKIPPED")
            else:
                self._delete(resource)
            self.resources.drop(logical_id)

    # Help

    def _take(self, template: str, template_dict: dict[str, Any], parameters: dict[str, Any]) -> None:
        stack = self.stack
        stack.template, stack.template_dict, stack.parameters = template, template_dict, parameters
        stack.description = template_dict.get("Description")
        self.resources.read(template_dict, parameters)
        stack.output_map = models.OutputMap(self.resources, template_dict, stack.stack_id)

    def _json(self, logical_id: str) -> dict[str, Any]:
        return self.stack.template_dict["Resources"][logical_id]

    def _properties(self, logical_id: str) -> Properties:
        return intrinsics.resolve_properties(self._json(logical_id).get("Properties") or {}, self.resources)

    @staticmethod
    def _policy(template: dict[str, Any], logical_id: str, name: str) -> str:
        return template["Resources"].get(logical_id, {}).get(name, "Delete")

    def _stack_event(self, status: str, reason: str | None = None) -> None:
        self.stack.status = status
        self.stack.status_reason = reason
        self.stack._add_stack_event(status, resource_status_reason=reason)

    def _event(self, resource: Resource, status: str, reason: str | None = None) -> None:
        self.stack.events.append(
            models.Event(
                stack_id=self.stack.stack_id,
                stack_name=self.stack.name,
                logical_resource_id=resource.logical_resource_id,
                physical_resource_id=resource.physical_resource_id,
                resource_type=resource.cf_resource_type,
                resource_status=status,
                resource_status_reason=reason,
                resource_properties=None,
            )
        )


def _reason(error: Exception) -> str:
    """One sentence for the events. What is neither AWS's refusal nor ours is a fault: its traceback is printed."""
    if isinstance(error, ClientError):
        answer = error.response["Error"]
        return f"{answer.get('Message', '')} ({error.operation_name}: {answer['Code']})"
    if isinstance(error, ParamValidationError):
        return " ".join(str(error).split(", must be one of:")[0].split())
    if isinstance(error, (Refused, RegionLost, CloudFormationError)):
        return getattr(error, "message", None) or str(error)
    if not hasattr(error, "printed"):
        error.printed = True
        traceback.print_exception(error, file=sys.stderr)
    return f"{type(error).__name__}: {error}"
