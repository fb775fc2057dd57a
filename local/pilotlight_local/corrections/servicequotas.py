"""Service Quotas: moto knows those of VPC only. The runbook asks how many vCPUs may run."""

from typing import Any

from moto.servicequotas.models import ServiceQuotasBackend

# A new account's quota is 5 by documentation, and AWS raises it as it is used: this is one that has been used.
_VCPUS = {
    "L-1216C47A": ("Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", 64.0),
    "L-DB2E81BA": ("Running On-Demand G and VT instances", 0.0),
    "L-417A185B": ("Running On-Demand P instances", 0.0),
    "L-7295265B": ("Running On-Demand X instances", 0.0),
}

_get_service_quota = ServiceQuotasBackend.get_service_quota
_list_defaults = ServiceQuotasBackend.list_aws_default_service_quotas


def install() -> None:
    ServiceQuotasBackend.get_service_quota = get_service_quota
    ServiceQuotasBackend.list_aws_default_service_quotas = list_aws_default_service_quotas


def get_service_quota(self: ServiceQuotasBackend, service_code: str, quota_code: str) -> dict[str, Any]:
    if service_code == "ec2" and quota_code in _VCPUS:
        return _quota(self.region_name, quota_code)
    return _get_service_quota(self, service_code, quota_code)


def list_aws_default_service_quotas(self: ServiceQuotasBackend, service_code: str) -> list[dict[str, Any]]:
    if service_code == "ec2":
        return [_quota(self.region_name, code) for code in _VCPUS]
    return _list_defaults(self, service_code)


def _quota(region: str, code: str) -> dict[str, Any]:
    name, value = _VCPUS[code]
    return {
        "Adjustable": True,
        "GlobalQuota": False,
        "QuotaArn": f"arn:aws:servicequotas:{region}::ec2/{code}",
        "QuotaCode": code,
        "QuotaName": name,
        "ServiceCode": "ec2",
        "ServiceName": "Amazon Elastic Compute Cloud (Amazon EC2)",
        "Unit": "None",
        "Value": value,
    }
