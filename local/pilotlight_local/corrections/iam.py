"""IAM: moto loads AWS's thousand managed policies once for every partition. Only one of them is ever used here."""

from typing import Any

from moto.iam.models import IAMBackend

_init_aws_policies = IAMBackend._init_aws_policies


def install() -> None:
    IAMBackend._init_aws_policies = init_aws_policies


def init_aws_policies(self: IAMBackend) -> list[Any]:
    return _init_aws_policies(self) if self.partition == "aws" else []
