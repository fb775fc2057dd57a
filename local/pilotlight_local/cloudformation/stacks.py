"""Puts our deployment engine behind moto's CloudFormation API."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.cloudformation import models, parsing, responses
from moto.cloudformation.exceptions import AlreadyExistsException, CloudFormationError, ValidationError
from moto.cloudformation.utils import generate_stack_id
from moto.core.responses import ActionResult

from pilotlight_local.cloudformation import intrinsics, registry
from pilotlight_local.cloudformation.deployment import Deployment, StackResources
from pilotlight_local.cloudformation.resource import Refused
from pilotlight_local.control.regions import RegionLost, regions

Backend = models.CloudFormationBackend

# moto's backends are not thread-safe, and the CDK CLI may deploy two stacks at once.
_lock = threading.RLock()

_create_change_set = Backend.create_change_set
_parse_yaml = models.Stack.parse_template


def install() -> None:
    registry.load_types()
    models.ResourceMap = StackResources
    models.Stack.parse_template = staticmethod(parse_template)
    models.ChangeSet._parse_template = lambda self: setattr(self, "template_dict", parse_template(self.template))
    parsing.clean_json = intrinsics.resolve
    parsing.resource_class_from_type = registry.resource_class
    Backend.create_stack = create_stack
    Backend.update_stack = update_stack
    Backend.delete_stack = delete_stack
    Backend.create_change_set = create_change_set
    Backend.execute_change_set = execute_change_set
    Backend._resolve_update_parameters = resolve_update_parameters
    responses.CloudFormationResponse.update_termination_protection = update_termination_protection
    responses.CloudFormationResponse.validate_template = validate_template
    responses.CloudFormationResponse._validate_different_update = lambda *_: None  # update_stack does it


def parse_template(template: str) -> dict[str, Any]:
    """moto reads every template as YAML, which takes seconds for the JSON that CDK synthesizes."""
    try:
        return json.loads(template)
    except ValueError:
        return _parse_yaml(template)


def create_stack(
    self: Backend,
    name: str,
    template: str,
    parameters: dict[str, Any],
    notification_arns: list[str] | None = None,
    tags: dict[str, str] | None = None,
    role_arn: str | None = None,
    enable_termination_protection: bool | None = False,
    timeout_in_mins: int | None = None,
    stack_policy_body: str | None = None,
) -> models.Stack:
    registry.refuse_unknown_types(parse_template(template))
    with _one_at_a_time(self):
        if any(stack.name == name for stack in self.stacks.values()):
            raise AlreadyExistsException(f"Stack [{name}] already exists")
        stack = _new_stack(
            self,
            name,
            template,
            parameters,
            notification_arns=notification_arns,
            tags=tags,
            role_arn=role_arn,
            enable_termination_protection=enable_termination_protection,
            timeout_in_mins=timeout_in_mins,
            stack_policy_body=stack_policy_body,
        )
        stack.resource_map.creation_order()  # a circular template fails before a stack exists
        self.stacks[stack.stack_id] = stack
        Deployment(stack).create()
        _export(self, stack)
        return stack


def update_stack(
    self: Backend,
    name: str,
    template: str,
    role_arn: str | None,
    parameters: list[dict[str, Any]],
    tags: dict[str, str] | None,
) -> models.Stack:
    new = parse_template(template)
    registry.refuse_unknown_types(new)
    with _one_at_a_time(self):
        stack = self.get_stack(name)
        resolved = self._resolve_update_parameters(stack, parameters)
        if new == stack.template_dict and resolved == stack.parameters and tags in (None, stack.tags):
            raise ValidationError(message="No updates are to be performed.")
        _update(self, stack, template, resolved, tags)
        stack.role_arn = role_arn or stack.role_arn
        return stack


def delete_stack(self: Backend, name_or_stack_id: str) -> None:
    with _one_at_a_time(self):
        found = [stack for stack in self.stacks.values() if name_or_stack_id in (stack.name, stack.stack_id)]
        for stack in found:  # deleting what does not exist is no error
            if stack.enable_termination_protection:
                raise ValidationError(
                    message=f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled"
                )
            exports = [export.name for export in stack.exports]
            if Deployment(stack).delete():
                self.deleted_stacks[stack.stack_id] = self.stacks.pop(stack.stack_id)
                for export in exports:
                    self.exports.pop(export, None)


def create_change_set(self: Backend, stack_name: str, change_set_name: str, template: str, **options: Any) -> Any:
    registry.refuse_unknown_types(parse_template(template))
    with _one_at_a_time(self):
        existing = [stack for stack in self.stacks.values() if stack.name == stack_name]
        if options["change_set_type"] == "CREATE" and existing:
            if existing[0].status != "REVIEW_IN_PROGRESS":
                raise AlreadyExistsException(f"Stack [{stack_name}] already exists")
            del self.stacks[existing[0].stack_id]
        return _create_change_set(
            self, stack_name=stack_name, change_set_name=change_set_name, template=template, **options
        )


def execute_change_set(self: Backend, change_set_name: str, stack_name: str | None = None) -> None:
    with _one_at_a_time(self):
        change_set = self.describe_change_set(change_set_name)
        stack = self.stacks[change_set.stack_id]
        if change_set.change_set_type == "CREATE":
            fresh = _new_stack(self, stack.name, change_set.template, change_set.parameters, tags=change_set.tags)
            fresh.stack_id = fresh.resource_map.stack_id = stack.stack_id
            fresh.resource_map._parsed_resources["AWS::StackId"] = stack.stack_id
            fresh.events = stack.events
            self.stacks[stack.stack_id] = change_set.stack = fresh
            Deployment(fresh).create()
            _export(self, fresh)
        else:
            _update(self, stack, change_set.template, change_set.parameters, change_set.tags)
        change_set.execution_status = "EXECUTE_COMPLETE"


def resolve_update_parameters(self: Backend, instance: Any, incoming_params: Any) -> dict[str, Any]:
    """moto fails on UsePreviousValue for a parameter that was left to its default, as an SSM-typed AMI always is."""
    resolved = {}
    for parameter in incoming_params or []:
        key = parameter["ParameterKey"]
        if "ParameterValue" in parameter:
            resolved[key] = parameter["ParameterValue"]
        elif key in instance.parameters:
            resolved[key] = instance.parameters[key]
    return resolved


def update_termination_protection(self: responses.CloudFormationResponse) -> ActionResult:
    stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
    stack.enable_termination_protection = self._get_bool_param("EnableTerminationProtection")
    return ActionResult({"StackId": stack.stack_id})


def validate_template(self: responses.CloudFormationResponse) -> ActionResult:
    """Says which types the emulator lacks. It does not run cfn-lint, as moto would: the build does that."""
    url = self._get_param("TemplateURL")
    body = self._get_stack_from_s3_url(url) if url else self._get_param("TemplateBody")
    template = parse_template(body)
    if not isinstance(template, dict) or not template.get("Resources"):
        raise ValidationError(message="Template format error: At least one Resources member must be defined.")
    registry.refuse_unknown_types(template)
    parameters = [
        {
            "ParameterKey": name,
            "DefaultValue": slot.get("Default"),
            "NoEcho": slot.get("NoEcho", False),
            "Description": slot.get("Description", ""),
        }
        for name, slot in (template.get("Parameters") or {}).items()
    ]
    return ActionResult({"Parameters": parameters, "Description": template.get("Description", "")})


@contextmanager
def _one_at_a_time(backend: Backend) -> Iterator[None]:
    """Alone, and on behalf of one region: what it needs of another one fails while that is lost."""
    with _lock, regions.serving(backend.region_name):
        yield


def _new_stack(self: Backend, name: str, template: str, parameters: dict[str, Any], **options: Any) -> models.Stack:
    """Build the stack; a template that cannot even be read is a ValidationError, and leaves nothing."""
    try:
        return models.Stack(
            stack_id=generate_stack_id(name, self.region_name, self.account_id),
            name=name,
            template=template,
            parameters=parameters,
            account_id=self.account_id,
            region_name=self.region_name,
            cross_stack_resources=self.exports,
            **options,
        )
    except CloudFormationError:
        raise
    except (Refused, RegionLost) as error:
        raise ValidationError(message=str(error)) from error


def _update(
    self: Backend, stack: models.Stack, template: str, parameters: dict[str, Any], tags: dict[str, str] | None
) -> None:
    for export in stack.exports:
        self.exports.pop(export.name, None)
    if tags is not None:
        stack.tags = tags
    Deployment(stack).update(template, parameters)
    _export(self, stack)


def _export(self: Backend, stack: models.Stack) -> None:
    for export in stack.exports:
        self.exports[export.name] = export
