"""S3: moto denies a request when a bucket policy's condition does not hold, whatever the statement says.

"Deny unless the request uses TLS", which CDK puts on every bucket, would close them all to a client on loopback.
A statement with a condition is neutral here: neither TLS nor source accounts exist in the emulator.
"""

import json
from typing import Any

from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket


def install() -> None:
    FakeBucket.get_permission = get_permission


def get_permission(self: FakeBucket, action: str, resource: str) -> Any:
    if self.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(self.policy)
    unconditional = [statement for statement in policy["Statement"] if not statement.get("Condition")]
    if not unconditional:
        return PermissionResult.NEUTRAL
    return IAMPolicy(json.dumps({**policy, "Statement": unconditional})).is_action_permitted(action, resource)
