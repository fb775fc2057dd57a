"""Hosted zones that exist before the first deploy: our application imports its zone and never creates one."""

import os

from moto.core import DEFAULT_ACCOUNT_ID
from moto.route53.models import HostedZoneIdentifier, route53_backends
from moto.utilities.id_generator import moto_id_manager


def seed(zones: list[tuple[str, str]]) -> None:
    """Create each (id, name) zone under exactly its id, which the Route 53 API would choose itself."""
    # what moto takes requests to come from
    account = os.environ.get("MOTO_ACCOUNT_ID", DEFAULT_ACCOUNT_ID)
    backend = route53_backends[account]["aws"]
    for zone_id, name in zones:
        fqdn = name.rstrip(".") + "."
        moto_id_manager.set_custom_id(HostedZoneIdentifier(account, fqdn, None), zone_id)
        backend.create_hosted_zone(name=fqdn, private_zone=False)
