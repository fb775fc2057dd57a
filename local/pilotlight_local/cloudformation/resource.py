"""The base of every resource type: what CloudFormation asks of one, and the help that all of them share."""

import re
import secrets
import string
from dataclasses import dataclass, field
from typing import Any, ClassVar

from pilotlight_local.cloudformation import api

Properties = dict[str, Any]


class Refused(Exception):  # noqa: N818 - it is what AWS says, not an error of ours
    """What AWS would refuse. The message is one sentence; it becomes the reason of the failed event."""


class CannotUpdate(Refused):
    """An update that the emulator does not know how to do, refused before anything was changed."""


@dataclass(frozen=True)
class StackContext:
    """Where a resource lives."""

    stack_name: str
    stack_id: str
    account_id: str
    region: str
    tags: dict[str, str] = field(default_factory=dict)


class Resource:
    """One resource of a stack. Subclasses implement create, update and delete by calls to moto's API.

    `Ref` is `physical_resource_id`; `Fn::GetAtt` reads `attributes`, which create and update fill.
    """

    type: ClassVar[str]
    """The CloudFormation type, such as `AWS::SQS::Queue`; also enters the class into the registry."""
    readable: ClassVar[tuple[str, ...]] = ()
    """Names that Fn::GetAtt may ask for."""
    create_only: ClassVar[tuple[str, ...]] = ()
    """Properties whose change replaces the resource."""
    ignored: ClassVar[tuple[str, ...]] = ()
    """Properties that moto cannot model and that change nothing in the emulator."""

    registry: ClassVar[dict[str, type["Resource"]]] = {}

    def __init_subclass__(cls) -> None:
        if "type" in cls.__dict__:
            Resource.registry[cls.type] = cls

    def __init__(self, context: StackContext, logical_id: str) -> None:
        self.context = context
        self.region = context.region
        self.logical_resource_id = logical_id
        self.physical_resource_id: str = ""
        self.properties: Properties = {}
        self.attributes: dict[str, Any] = {}
        self.update_policy: dict[str, Any] = {}

    def create(self, properties: Properties) -> None:
        """Create it; set `physical_resource_id` as soon as it exists, so that a failure after that can be undone."""
        raise NotImplementedError

    def update(self, old: Properties, new: Properties) -> None:
        """Bring it from `old` to `new` in place."""
        changed = ", ".join(sorted(key for key in {*old, *new} if old.get(key) != new.get(key)))
        raise CannotUpdate(
            f"The emulator cannot update {changed} of {self.cf_resource_type} {self.logical_resource_id}."
        )

    def delete(self) -> None:
        """Delete it. That it is already gone is no error."""

    def prepare_rollback(self) -> None:
        """Lift what protects it from deletion, before its creation is rolled back.

        AWS would not, and leave the stack in ROLLBACK_FAILED. On a laptop a failed run must not block the next one.
        """

    def replaces(self, old: Properties, new: Properties) -> bool:
        """Whether going from `old` to `new` takes a new resource."""
        return any(old.get(key) != new.get(key) for key in self.create_only)

    # What moto's own code asks of a resource

    @property
    def cf_resource_type(self) -> str:
        return self.type

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr in cls.readable

    def get_cfn_attribute(self, name: str) -> Any:
        if not self.has_cfn_attr(name):
            raise Refused(
                f"Template error: resource {self.logical_resource_id} does not support attribute type {name} "
                "in Fn::GetAtt"
            )
        return self.attributes[name]

    def is_created(self) -> bool:
        return True

    # What subclasses share

    def call(self, service: str, operation: str, **parameters: Any) -> dict[str, Any]:
        """Call the API in this resource's region."""
        return api.call(service, self.region, operation, **parameters)

    def delete_quietly(self, service: str, operation: str, **parameters: Any) -> None:
        """Call the API; a "not found" of any kind is a success."""
        try:
            self.call(service, operation, **parameters)
        except Exception as error:
            if not is_not_found(error):
                raise

    def arn(self, service: str, resource: str, region: str | None = None) -> str:
        where = self.region if region is None else region
        return f"arn:aws:{service}:{where}:{self.context.account_id}:{resource}"

    def name(self, given: str | None, limit: int = 255, lower: bool = False) -> str:
        """The name the template gives, or a generated one, `Stack-LogicalId-RANDOM`, as CloudFormation makes them."""
        if given:
            return given
        suffix = "".join(secrets.choice(string.ascii_uppercase + string.digits) for _ in range(12))
        stem = f"{self.context.stack_name}-{self.logical_resource_id}"[: limit - 13].rstrip("-")
        generated = f"{stem}-{suffix}"
        return generated.lower() if lower else generated


def is_not_found(error: Exception) -> bool:
    response = getattr(error, "response", None)
    if not isinstance(response, dict):
        return False
    code = response["Error"]["Code"]
    return bool(re.search(r"NotFound|NoSuch|NonExistent|DoesNotExist|Missing", code, re.IGNORECASE)) or code == "404"


def only(properties: Properties, *names: str) -> Properties:
    """The named properties that are there: most templates and APIs agree on the names."""
    return {name: properties[name] for name in names if properties.get(name) is not None}


def changed(old: Properties, new: Properties, *names: str) -> bool:
    return any(old.get(name) != new.get(name) for name in names)


def tag_map(tags: Any) -> dict[str, str]:
    """Tags as a map, from either of CloudFormation's two notations."""
    if not tags:
        return {}
    if isinstance(tags, dict):
        return {key: str(value) for key, value in tags.items()}
    return {tag["Key"]: str(tag["Value"]) for tag in tags}


def tag_list(tags: Any, key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    """Tags as the list of pairs that most APIs take."""
    return [{key: name, value: text} for name, text in tag_map(tags).items()]


def removed_tags(old: Any, new: Any) -> list[str]:
    return [key for key in tag_map(old) if key not in tag_map(new)]
