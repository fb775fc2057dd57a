"""EventBridge buses, rules and connections."""

from pilotlight_local.cloudformation.resource import Properties, Resource, changed, only, removed_tags, tag_list


class EventBus(Resource):
    type = "AWS::Events::EventBus"
    readable = ("Arn", "Name")
    create_only = ("Name",)

    def create(self, properties: Properties) -> None:
        bus = self.call(
            "events",
            "create_event_bus",
            Tags=tag_list(properties.get("Tags")) or None,
            **only(properties, "Name", "Description", "KmsKeyIdentifier", "DeadLetterConfig"),
        )
        self.physical_resource_id = properties["Name"]
        self.attributes = {"Arn": bus["EventBusArn"], "Name": properties["Name"]}

    def update(self, old: Properties, new: Properties) -> None:
        if any(old.get(key) != new.get(key) for key in {*old, *new} - {"Tags"}):
            super().update(old, new)
        _retag(self, old, new)

    def delete(self) -> None:
        self.delete_quietly("events", "delete_event_bus", Name=self.physical_resource_id)


class Rule(Resource):
    type = "AWS::Events::Rule"
    readable = ("Arn",)
    create_only = ("Name", "EventBusName")

    def create(self, properties: Properties) -> None:
        self._rule = self.name(properties.get("Name"), limit=64)
        self._put(properties)
        bus = properties.get("EventBusName", "default").split("/")[-1]
        self.physical_resource_id = self._rule if bus == "default" else f"{bus}|{self._rule}"
        resource = f"rule/{self._rule}" if bus == "default" else f"rule/{bus}/{self._rule}"
        self.attributes = {"Arn": self.arn("events", resource)}
        _retag(self, {}, properties)
        self._targets({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        self._put(new)
        self._targets(old, new)
        _retag(self, old, new)

    def delete(self) -> None:
        self._targets(self.properties, {})
        bus = only(self.properties, "EventBusName")
        self.delete_quietly("events", "delete_rule", Name=self._rule, **bus)

    def _put(self, properties: Properties) -> None:
        settings = only(
            properties, "EventBusName", "EventPattern", "ScheduleExpression", "State", "Description", "RoleArn"
        )
        self.call("events", "put_rule", Name=self._rule, **settings)

    def _targets(self, old: Properties, new: Properties) -> None:
        bus = only(old or new, "EventBusName")
        wanted = new.get("Targets", [])
        gone = {target["Id"] for target in old.get("Targets", [])} - {target["Id"] for target in wanted}
        if gone:
            self.delete_quietly("events", "remove_targets", Rule=self._rule, Ids=sorted(gone), **bus)
        if wanted:
            self.call("events", "put_targets", Rule=self._rule, Targets=wanted, **bus)


class Connection(Resource):
    """How HTTP tasks of Step Functions prove who they are. moto keeps its key in a secret, as EventBridge does."""

    type = "AWS::Events::Connection"
    readable = ("Arn", "SecretArn")
    create_only = ("Name",)

    def create(self, properties: Properties) -> None:
        name = self.name(properties.get("Name"), limit=64)
        arn = self.call("events", "create_connection", Name=name, **self._settings(properties))["ConnectionArn"]
        self.physical_resource_id = name
        secret = self.call("events", "describe_connection", Name=name)["SecretArn"]
        self.attributes = {"Arn": arn, "SecretArn": secret}

    def update(self, old: Properties, new: Properties) -> None:
        self.call("events", "update_connection", Name=self.physical_resource_id, **self._settings(new))

    def delete(self) -> None:
        self.delete_quietly("events", "delete_connection", Name=self.physical_resource_id)

    @staticmethod
    def _settings(properties: Properties) -> Properties:
        return only(properties, "AuthorizationType", "AuthParameters", "Description")


def _retag(resource: Resource, old: Properties, new: Properties) -> None:
    if changed(old, new, "Tags"):
        arn = {"ResourceARN": resource.attributes["Arn"]}
        gone = removed_tags(old.get("Tags"), new.get("Tags"))
        if gone:
            resource.call("events", "untag_resource", **arn, TagKeys=gone)
        resource.call("events", "tag_resource", **arn, Tags=tag_list(new.get("Tags")))
