"""Resolves a template's intrinsic functions and dynamic references.

It takes the place of moto's `clean_json`, which answers `Fn::GetAZs` for us-east-1 whatever the region, drops what it
cannot resolve, and knows neither `Fn::Cidr` nor dynamic references.
"""

import base64
import ipaddress
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pilotlight_local.cloudformation import api
from pilotlight_local.cloudformation.resource import Refused

_SUB = re.compile(r"\$\{(!?)([^}]+)\}")
_DYNAMIC = re.compile(r"\{\{resolve:([a-z-]+):(.+?)\}\}")


def resolve(value: Any, scope: Any) -> Any:
    """`value` with everything resolved in `scope`, the deployment: a map of names that knows its conditions and region.

    What resolves to AWS::NoValue disappears from the object or list that holds it.
    """
    if isinstance(value, dict):
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            if name == "Ref":
                return _ref(argument, scope)
            if name.startswith("Fn::"):
                if name not in _FUNCTIONS:
                    raise Refused(f"The emulator does not know the function {name}.")
                return _FUNCTIONS[name](argument, scope)
        resolved = {key: resolve(item, scope) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not None}
    if isinstance(value, list):
        return [item for item in (resolve(item, scope) for item in value) if item is not None]
    return value


def resolve_properties(value: Any, scope: Any) -> Any:
    """Like `resolve`, and dynamic references too, which AWS replaces in the properties of resources only."""
    return _replace_dynamic_references(resolve(value, scope), scope)


def references(value: Any) -> Iterator[str]:
    """The logical ids that `value` refers to, parameters and pseudo parameters among them."""
    if isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "Ref":
                yield item
            elif key == "Fn::GetAtt":
                yield item.split(".")[0] if isinstance(item, str) else item[0]
            elif key == "Fn::Sub":
                text, names = item if isinstance(item, list) else (item, {})
                yield from (name.split(".")[0] for literal, name in _SUB.findall(text) if not literal)
                yield from references(names)
            else:
                yield from references(item)


def _ref(name: str, scope: Any) -> Any:
    target = scope[name]
    return getattr(target, "physical_resource_id", target)


def _get_att(argument: Any, scope: Any) -> Any:
    name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
    return scope[name].get_cfn_attribute(resolve(attribute, scope))


def _sub(argument: Any, scope: Any) -> str:
    text, names = argument if isinstance(argument, list) else (argument, {})
    variables = {key: resolve(item, scope) for key, item in names.items()}

    def replacement(match: re.Match[str]) -> str:
        literal, name = match.groups()
        if literal:
            return f"${{{name}}}"
        if name in variables:
            return str(variables[name])
        return str(_get_att(name, scope) if "." in name else _ref(name, scope))

    return _SUB.sub(replacement, text)


def _if(argument: Any, scope: Any) -> Any:
    condition, then, otherwise = argument
    return resolve(then if scope.lazy_condition_map[condition] else otherwise, scope)


def _join(argument: Any, scope: Any) -> str:
    separator, parts = argument
    return separator.join(str(part) for part in resolve(parts, scope))


def _split(argument: Any, scope: Any) -> list[str]:
    separator, text = argument
    return resolve(text, scope).split(separator)


def _select(argument: Any, scope: Any) -> Any:
    index, items = argument
    return resolve(items, scope)[int(resolve(index, scope))]


def _find_in_map(argument: Any, scope: Any) -> Any:
    name, first, second = (resolve(part, scope) for part in argument[:3])
    return resolve(scope[name][first][second], scope)


def _get_azs(argument: Any, scope: Any) -> list[str]:
    region = resolve(argument, scope) or scope["AWS::Region"]
    zones = api.call("ec2", region, "describe_availability_zones")["AvailabilityZones"]
    return [zone["ZoneName"] for zone in zones]


def _cidr(argument: Any, scope: Any) -> list[str]:
    block, count, bits = (resolve(part, scope) for part in argument)
    subnets = ipaddress.ip_network(block).subnets(new_prefix=32 - int(bits))
    return [str(subnet) for subnet, _ in zip(subnets, range(int(count)), strict=False)]


def _base64(argument: Any, scope: Any) -> str:
    return base64.b64encode(resolve(argument, scope).encode()).decode()


def _import_value(argument: Any, scope: Any) -> Any:
    name = resolve(argument, scope)
    for export in scope.cross_stack_resources.values():
        if export.name == name:
            return export.value
    raise Refused(f"No export named {name} found.")


def _truth(condition: Any, scope: Any) -> bool:
    if isinstance(condition, dict) and set(condition) == {"Condition"}:
        return bool(scope.lazy_condition_map[condition["Condition"]])
    return bool(resolve(condition, scope))


def _equals(argument: Any, scope: Any) -> bool:
    left, right = (resolve(side, scope) for side in argument)
    if isinstance(left, bool) or isinstance(right, bool):
        return str(left).lower() == str(right).lower()
    return str(left) == str(right)


_FUNCTIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "Fn::GetAtt": _get_att,
    "Fn::Sub": _sub,
    "Fn::If": _if,
    "Fn::Join": _join,
    "Fn::Split": _split,
    "Fn::Select": _select,
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _get_azs,
    "Fn::Cidr": _cidr,
    "Fn::Base64": _base64,
    "Fn::ImportValue": _import_value,
    "Fn::ToJsonString": lambda argument, scope: json.dumps(resolve(argument, scope)),
    "Fn::Equals": _equals,
    "Fn::Not": lambda argument, scope: not _truth(argument[0], scope),
    "Fn::And": lambda argument, scope: all(_truth(condition, scope) for condition in argument),
    "Fn::Or": lambda argument, scope: any(_truth(condition, scope) for condition in argument),
    "Fn::Length": lambda argument, scope: len(resolve(argument, scope)),
}


def _replace_dynamic_references(value: Any, scope: Any) -> Any:
    if isinstance(value, dict):
        return {key: _replace_dynamic_references(item, scope) for key, item in value.items()}
    if isinstance(value, list):
        return [_replace_dynamic_references(item, scope) for item in value]
    if isinstance(value, str):
        return _DYNAMIC.sub(lambda match: _dynamic(match[1], match[2], scope["AWS::Region"]), value)
    return value


def _dynamic(service: str, reference: str, region: str) -> str:
    if service == "secretsmanager":
        return _secret_value(reference, region)
    if service == "ssm":
        return api.call("ssm", region, "get_parameter", Name=reference)["Parameter"]["Value"]
    raise Refused(f"The emulator does not know dynamic references to {service}.")


def _secret_value(reference: str, region: str) -> str:
    """`secret-id:SecretString:json-key:version-stage:version-id`, where the id may be an ARN with six colons itself."""
    parts = reference.split(":")
    id_length = 7 if reference.startswith("arn:") else 1
    secret_id, rest = ":".join(parts[:id_length]), parts[id_length:]
    secret = api.call("secretsmanager", region, "get_secret_value", SecretId=secret_id)["SecretString"]
    key = rest[1] if len(rest) > 1 else ""
    if not key:
        return secret
    values = json.loads(secret)
    if key not in values:
        raise Refused(f"Could not find a value associated with JSONKey {key} in SecretString of {secret_id}.")
    return values[key]
