"""CloudTrail: after a failed deploy the CDK CLI looks for events. moto's error made it retry for half a minute."""

from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.responses import ActionResult


def install() -> None:
    CloudTrailResponse.lookup_events = lambda self: ActionResult({"Events": []})
