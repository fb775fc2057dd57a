"""Certificates. Validation by DNS succeeds at once here: nobody asks a name server."""

from moto.acm.models import acm_backends

from pilotlight_local.cloudformation.resource import Properties, Resource, changed, only, removed_tags, tag_list


class Certificate(Resource):
    type = "AWS::CertificateManager::Certificate"
    readable = ("CertificateArn", "Id")

    def replaces(self, old: Properties, new: Properties) -> bool:
        return any(old.get(key) != new.get(key) for key in {*old, *new} - {"Tags"})

    def create(self, properties: Properties) -> None:
        options = [
            only(option, "DomainName", "ValidationDomain") for option in properties.get("DomainValidationOptions", [])
        ]
        self.physical_resource_id = self.call(
            "acm",
            "request_certificate",
            Tags=tag_list(properties.get("Tags")) or None,
            DomainValidationOptions=[option for option in options if "ValidationDomain" in option] or None,
            **only(properties, "DomainName", "SubjectAlternativeNames", "ValidationMethod", "KeyAlgorithm"),
        )["CertificateArn"]
        self.attributes = {"CertificateArn": self.physical_resource_id, "Id": self.physical_resource_id}
        backend = acm_backends[self.context.account_id][self.region]
        backend.get_certificate(self.physical_resource_id).status = "ISSUED"  # moto waits a minute

    def update(self, old: Properties, new: Properties) -> None:
        if changed(old, new, "Tags"):
            arn = {"CertificateArn": self.physical_resource_id}
            gone = removed_tags(old.get("Tags"), new.get("Tags"))
            if gone:
                tags = [{"Key": key} for key in gone]
                self.call("acm", "remove_tags_from_certificate", **arn, Tags=tags)
            self.call("acm", "add_tags_to_certificate", **arn, Tags=tag_list(new.get("Tags")))

    def delete(self) -> None:
        self.delete_quietly("acm", "delete_certificate", CertificateArn=self.physical_resource_id)
