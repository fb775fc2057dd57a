"""EC2: a second launch template version's user data is not decoded, and the next instance that starts fails on it."""

from typing import Any

from moto.core.types import Base64EncodedString
from moto.ec2.models.launch_templates import LaunchTemplate, LaunchTemplateVersion
from moto.ec2.utils import parse_user_data

_create_version = LaunchTemplate.create_version


def install() -> None:
    LaunchTemplate.create_version = create_version


def create_version(self: LaunchTemplate, data: dict[str, Any], description: str) -> LaunchTemplateVersion:
    user_data = data.get("UserData")
    if user_data and not isinstance(user_data, Base64EncodedString):
        data = {**data, "UserData": parse_user_data(user_data)}
    return _create_version(self, data, description)
