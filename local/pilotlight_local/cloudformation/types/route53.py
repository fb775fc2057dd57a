"""Record sets and health checks. moto answers no DNS query and checks no health."""

from typing import Any

from pilotlight_local.cloudformation.registry import refuse_unknown_properties
from pilotlight_local.cloudformation.resource import Properties, Refused, Resource, changed, removed_tags, tag_list


class RecordSet(Resource):
    type = "AWS::Route53::RecordSet"
    create_only = ("HostedZoneId", "HostedZoneName", "Name", "Type", "SetIdentifier")
    ignored = ("Comment",)

    def create(self, properties: Properties) -> None:
        self._check_failover(properties)
        self._change("CREATE", properties)
        self.physical_resource_id = properties["Name"].rstrip(".")

    def update(self, old: Properties, new: Properties) -> None:
        self._check_failover(new)
        self._change("UPSERT", new)

    def delete(self) -> None:
        self.delete_quietly("route53", "change_resource_record_sets", **self._changes("DELETE", self.properties))

    def _change(self, action: str, properties: Properties) -> None:
        self.call("route53", "change_resource_record_sets", **self._changes(action, properties))

    def _changes(self, action: str, properties: Properties) -> dict[str, Any]:
        record = {
            key: value
            for key, value in properties.items()
            if key not in ("HostedZoneId", "HostedZoneName", "ResourceRecords", *self.ignored)
        }
        if "ResourceRecords" in properties:
            record["ResourceRecords"] = [{"Value": value} for value in properties["ResourceRecords"]]
        if "AliasTarget" in record:
            record["AliasTarget"] = {"EvaluateTargetHealth": False, **record["AliasTarget"]}
        change = {"Action": action, "ResourceRecordSet": record}
        return {"HostedZoneId": self._zone(properties), "ChangeBatch": {"Changes": [change]}}

    def _zone(self, properties: Properties) -> str:
        if "HostedZoneId" in properties:
            return properties["HostedZoneId"]
        name = properties["HostedZoneName"]
        for zone in self.call("route53", "list_hosted_zones")["HostedZones"]:
            if zone["Name"] == name:
                return zone["Id"].split("/")[-1]
        raise Refused(f"No hosted zone named {name} was found.")

    def _check_failover(self, properties: Properties) -> None:
        """Route 53 takes one PRIMARY and one SECONDARY record per name and type; moto takes any number."""
        if "Failover" not in properties:
            return
        zone = self._zone(properties)
        for record in self.call("route53", "list_resource_record_sets", HostedZoneId=zone)["ResourceRecordSets"]:
            same = record["Name"].rstrip(".") == properties["Name"].rstrip(".") and record["Type"] == properties["Type"]
            other = record.get("SetIdentifier") != properties.get("SetIdentifier")
            if same and other and record.get("Failover") == properties["Failover"]:
                raise Refused(
                    f"A {properties['Failover']} failover record of {properties['Name']} type {properties['Type']} "
                    f"already exists, with the SetIdentifier {record.get('SetIdentifier')}."
                )


class HealthCheck(Resource):
    type = "AWS::Route53::HealthCheck"
    readable = ("HealthCheckId",)

    def replaces(self, old: Properties, new: Properties) -> bool:
        return changed(old["HealthCheckConfig"], new["HealthCheckConfig"], "Type", "RequestInterval", "MeasureLatency")

    def create(self, properties: Properties) -> None:
        refuse_unknown_properties(self, properties, ("HealthCheckConfig", "HealthCheckTags"))
        check = self.call(
            "route53",
            "create_health_check",
            CallerReference=self.name(None, limit=64),
            HealthCheckConfig=properties["HealthCheckConfig"],
        )["HealthCheck"]
        self.physical_resource_id = check["Id"]
        self.attributes = {"HealthCheckId": check["Id"]}
        self._tag({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        fixed = ("Type", "RequestInterval", "MeasureLatency")
        settings = {key: value for key, value in new["HealthCheckConfig"].items() if key not in fixed}
        if old["HealthCheckConfig"].get("Inverted") and "Inverted" not in settings:
            settings["Inverted"] = False
        self.call("route53", "update_health_check", HealthCheckId=self.physical_resource_id, **settings)
        self._tag(old, new)

    def _tag(self, old: Properties, new: Properties) -> None:
        name = "HealthCheckTags"
        if changed(old, new, name):
            self.call(
                "route53",
                "change_tags_for_resource",
                ResourceType="healthcheck",
                ResourceId=self.physical_resource_id,
                AddTags=tag_list(new.get(name)) or None,
                RemoveTagKeys=removed_tags(old.get(name), new.get(name)) or None,
            )

    def delete(self) -> None:
        self.delete_quietly("route53", "delete_health_check", HealthCheckId=self.physical_resource_id)
