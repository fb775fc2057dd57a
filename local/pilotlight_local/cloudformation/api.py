"""Calls moto's backends through their public AWS API, inside this process and without a socket.

Resource types speak to the API rather than to moto's Python classes: botocore then checks every parameter against
AWS's own service model, errors carry AWS's codes, and an upgrade of moto changes nothing here.
"""

import json
import threading
from functools import lru_cache
from typing import Any

import botocore.session
from botocore.config import Config
from botocore.model import Shape
from moto.core.botocore_stubber import BotocoreStubber

from pilotlight_local.control.regions import regions

_in_process = BotocoreStubber()
_in_process.enabled = True
_session_lock = threading.Lock()  # creating clients is not thread-safe, using them is


@lru_cache
def _session() -> botocore.session.Session:
    session = botocore.session.get_session()
    session.set_credentials("emulated", "emulated")
    return session


@lru_cache
def client(service: str, region: str) -> Any:
    """A boto client whose requests never leave the process, whatever endpoint the environment names."""
    with _session_lock:
        created = _session().create_client(
            service,
            region_name=region,
            config=Config(
                ignore_configured_endpoint_urls=True,
                retries={"max_attempts": 0},
                s3={"addressing_style": "path"},
            ),
        )
    created.meta.events.register("before-send", _in_process)
    return created


def call(service: str, region: str, operation: str, **parameters: Any) -> dict[str, Any]:
    """Call `operation` (a boto method name); parameters that are None are left out.

    Fails if it is made for a stack of another region, and `region` is lost.
    """
    regions.check_service(service, region, operation)
    boto = client(service, region)
    model = boto.meta.service_model.operation_model(boto.meta.method_to_api_mapping[operation])
    given = {name: value for name, value in parameters.items() if value is not None}
    return getattr(boto, operation)(**_to_shape(given, model.input_shape))


def _to_shape(value: Any, shape: Shape | None) -> Any:
    """Give a value the type that the API wants: templates may write numbers, booleans and policies as they like."""
    if shape is None:
        return value
    kind = shape.type_name
    if kind == "structure" and isinstance(value, dict) and not getattr(shape, "is_document_type", False):
        return {key: _to_shape(item, shape.members.get(key)) for key, item in value.items()}
    if kind == "list" and isinstance(value, list):
        return [_to_shape(item, shape.member) for item in value]
    if kind == "map" and isinstance(value, dict):
        return {key: _to_shape(item, shape.value) for key, item in value.items()}
    if kind in ("integer", "long") and isinstance(value, str):
        return int(value)
    if kind in ("float", "double") and isinstance(value, (str, int)):
        return float(value)
    if kind == "boolean" and isinstance(value, str):
        return value.lower() == "true"
    if kind == "string" and isinstance(value, bool):
        return str(value).lower()
    if kind == "string" and isinstance(value, (int, float)):
        return str(value)
    if kind == "string" and isinstance(value, (dict, list)):
        return json.dumps(value)
    return value
