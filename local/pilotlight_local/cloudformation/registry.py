"""Which resource types the emulator has: ours, and behind them what moto implements."""

import importlib
import pkgutil
from collections.abc import Iterable
from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError

from pilotlight_local.cloudformation import types
from pilotlight_local.cloudformation.resource import Properties, Refused, Resource

# Backed by Docker in moto, or skipped there without a word: a success reported for them would be a lie.
_NOT_REALLY_IN_MOTO = {"AWS::SERVICE::RESOURCE", "?"}


def load_types() -> None:
    """Import every module of `types`; the classes enter themselves into `Resource.registry`."""
    for module in pkgutil.iter_modules(types.__path__):
        importlib.import_module(f"{types.__name__}.{module.name}")


def known_types() -> set[str]:
    return (set(parsing.get_model_map()) - _NOT_REALLY_IN_MOTO) | set(Resource.registry)


def resource_class(resource_type: str) -> type[Resource]:
    return Resource.registry.get(resource_type) or _adapter(resource_type, parsing.get_model_map()[resource_type])


def refuse_unknown_types(template: dict[str, Any]) -> None:
    """moto skips what it does not know and reports success. We refuse before anything is created."""
    known = known_types()
    unknown: dict[str, list[str]] = {}
    for logical_id, resource in (template.get("Resources") or {}).items():
        if resource["Type"] not in known:
            unknown.setdefault(resource["Type"], []).append(logical_id)
    if unknown:
        listed = "; ".join(f"{kind} ({', '.join(ids)})" for kind, ids in sorted(unknown.items()))
        raise ValidationError(
            message=f"Template format error: Unrecognized resource types: {listed}: the emulator would skip "
            "them, so it refuses the template (local/README.md says how to add a type)."
        )


def refuse_unknown_properties(resource: Resource, properties: Properties, known: Iterable[str]) -> None:
    """For types that translate property by property: what is not translated must not be dropped silently."""
    unknown = sorted(set(properties) - set(known))
    if unknown:
        raise Refused(f"The emulator does not know {', '.join(unknown)} of {resource.type}.")


def _adapter(resource_type: str, model: Any) -> type[Resource]:
    """A moto class behind our interface, for types that our own templates do not use."""

    class MotoResource(Resource):
        @property
        def cf_resource_type(self) -> str:
            return resource_type

        @classmethod
        def has_cfn_attr(cls, attr: str) -> bool:
            return model.has_cfn_attr(attr)

        def get_cfn_attribute(self, name: str) -> Any:
            try:
                return self.model.get_cfn_attribute(name)
            except Exception as error:
                raise Refused(
                    f"Template error: resource {self.logical_resource_id} does not support attribute type {name} "
                    "in Fn::GetAtt"
                ) from error

        def _json(self, properties: Properties) -> dict[str, Any]:
            return {"Type": resource_type, "Properties": properties}

        def _name(self, properties: Properties) -> str:
            name_property = model.cloudformation_name_type()
            return self.name(properties.get(name_property) if name_property else None)

        def _take(self, created: Any) -> None:
            self.model = created
            self.physical_resource_id = created.physical_resource_id

        def create(self, properties: Properties) -> None:
            created = model.create_from_cloudformation_json(
                self._name(properties),
                self._json(properties),
                self.context.account_id,
                self.region,
                LogicalId=self.logical_resource_id,
                StackId=self.context.stack_id,
                ResourceType=resource_type,
            )
            self._take(created)

        def update(self, old: Properties, new: Properties) -> None:
            if hasattr(model.update_from_cloudformation_json, "__isabstractmethod__"):
                super().update(old, new)
            updated = model.update_from_cloudformation_json(
                original_resource=self.model,
                new_resource_name=self._name(new),
                cloudformation_json=self._json(new),
                account_id=self.context.account_id,
                region_name=self.region,
            )
            self._take(updated)

        def delete(self) -> None:
            if not hasattr(model.delete_from_cloudformation_json, "__isabstractmethod__"):
                model.delete_from_cloudformation_json(
                    self.physical_resource_id,
                    self._json(self.properties),
                    self.context.account_id,
                    self.region,
                )
            elif hasattr(self.model, "delete"):
                self.model.delete(self.context.account_id, self.region)
            else:
                raise Refused(f"moto cannot delete {resource_type}.")

    return MotoResource
