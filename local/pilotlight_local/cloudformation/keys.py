"""AWS refuses a KMS key that does not exist; moto stores whatever it is given."""

from pilotlight_local.cloudformation import api
from pilotlight_local.cloudformation.resource import Refused, is_not_found


def existing_key_arn(key: str, region: str) -> str:
    """The ARN of the key that an id, ARN or alias names in `region`; refused if there is none."""
    if key.startswith("arn:") and key.split(":")[3] != region:
        raise Refused(f"The KMS key {key} is not in region {region}.")
    try:
        return api.call("kms", region, "describe_key", KeyId=key)["KeyMetadata"]["Arn"]
    except Exception as error:
        if is_not_found(error):
            raise Refused(f"The KMS key {key} does not exist in region {region}.") from None
        raise
