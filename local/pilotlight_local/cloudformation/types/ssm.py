"""SSM parameters, and CDK's metadata resource, which is nothing but a note."""

from pilotlight_local.cloudformation.resource import Properties, Resource, changed, only, removed_tags, tag_list


class Parameter(Resource):
    type = "AWS::SSM::Parameter"
    readable = ("Type", "Value")
    create_only = ("Name",)

    def create(self, properties: Properties) -> None:
        name = self.name(properties.get("Name"))
        self.call("ssm", "put_parameter", Name=name, Tags=tag_list(properties.get("Tags")), **self._wanted(properties))
        self.physical_resource_id = name
        self.attributes = only(properties, "Type", "Value")

    def update(self, old: Properties, new: Properties) -> None:
        self.call("ssm", "put_parameter", Name=self.physical_resource_id, Overwrite=True, **self._wanted(new))
        self.attributes = only(new, "Type", "Value")
        if changed(old, new, "Tags"):
            parameter = {"ResourceType": "Parameter", "ResourceId": self.physical_resource_id}
            gone = removed_tags(old.get("Tags"), new.get("Tags"))
            if gone:
                self.call("ssm", "remove_tags_from_resource", **parameter, TagKeys=gone)
            self.call("ssm", "add_tags_to_resource", **parameter, Tags=tag_list(new.get("Tags")))

    def delete(self) -> None:
        self.delete_quietly("ssm", "delete_parameter", Name=self.physical_resource_id)

    @staticmethod
    def _wanted(properties: Properties) -> Properties:
        return only(properties, "Value", "Type", "Description", "Tier", "AllowedPattern", "DataType")


class CdkMetadata(Resource):
    type = "AWS::CDK::Metadata"

    def create(self, properties: Properties) -> None:
        self.physical_resource_id = self.name(None)

    def update(self, old: Properties, new: Properties) -> None:
        pass
