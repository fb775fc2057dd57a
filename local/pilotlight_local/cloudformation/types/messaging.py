"""SNS topics and subscriptions, SQS queues, and their policies."""

from typing import Any

from pilotlight_local.cloudformation.resource import (
    Properties,
    Resource,
    changed,
    only,
    removed_tags,
    tag_list,
    tag_map,
)


class Topic(Resource):
    type = "AWS::SNS::Topic"
    readable = ("TopicArn", "TopicName")
    create_only = ("TopicName", "FifoTopic")

    def create(self, properties: Properties) -> None:
        name = self.name(properties.get("TopicName"), limit=256)
        arn = self.call(
            "sns",
            "create_topic",
            Name=name,
            Attributes=_attributes(properties, "DisplayName", "KmsMasterKeyId", "FifoTopic") or None,
            Tags=tag_list(properties.get("Tags")) or None,
        )["TopicArn"]
        self.physical_resource_id = arn
        self.attributes = {"TopicArn": arn, "TopicName": name}
        for subscription in properties.get("Subscription", []):
            self.call("sns", "subscribe", TopicArn=arn, **only(subscription, "Protocol", "Endpoint"))

    def update(self, old: Properties, new: Properties) -> None:
        arn = self.physical_resource_id
        for name in ("DisplayName", "KmsMasterKeyId"):
            if changed(old, new, name):
                value = str(new.get(name, ""))
                self.call("sns", "set_topic_attributes", TopicArn=arn, AttributeName=name, AttributeValue=value)
        if changed(old, new, "Tags"):
            gone = removed_tags(old.get("Tags"), new.get("Tags"))
            if gone:
                self.call("sns", "untag_resource", ResourceArn=arn, TagKeys=gone)
            self.call("sns", "tag_resource", ResourceArn=arn, Tags=tag_list(new.get("Tags")))

    def delete(self) -> None:
        self.delete_quietly("sns", "delete_topic", TopicArn=self.physical_resource_id)


class Subscription(Resource):
    type = "AWS::SNS::Subscription"
    readable = ("Arn",)
    create_only = ("TopicArn", "Protocol", "Endpoint")

    def create(self, properties: Properties) -> None:
        self.physical_resource_id = self.call(
            "sns",
            "subscribe",
            ReturnSubscriptionArn=True,
            Attributes=_attributes(properties, "FilterPolicy", "RawMessageDelivery", "RedrivePolicy") or None,
            **only(properties, "TopicArn", "Protocol", "Endpoint"),
        )["SubscriptionArn"]
        self.attributes = {"Arn": self.physical_resource_id}

    def delete(self) -> None:
        self.delete_quietly("sns", "unsubscribe", SubscriptionArn=self.physical_resource_id)


class TopicPolicy(Resource):
    """One policy for a list of topics."""

    type = "AWS::SNS::TopicPolicy"
    readable = ("Id",)

    def create(self, properties: Properties) -> None:
        self.physical_resource_id = self.name(None)
        self.attributes = {"Id": self.physical_resource_id}
        self.update({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        for topic in new["Topics"]:
            _put_topic_policy(self, topic, new["PolicyDocument"])


class TopicInlinePolicy(Resource):
    type = "AWS::SNS::TopicInlinePolicy"
    create_only = ("TopicArn",)

    def create(self, properties: Properties) -> None:
        self.update({}, properties)
        self.physical_resource_id = properties["TopicArn"]

    def update(self, old: Properties, new: Properties) -> None:
        _put_topic_policy(self, new["TopicArn"], new["PolicyDocument"])


class Queue(Resource):
    type = "AWS::SQS::Queue"
    readable = ("Arn", "QueueName", "QueueUrl")
    create_only = ("QueueName", "FifoQueue")

    def create(self, properties: Properties) -> None:
        name = self.name(properties.get("QueueName"), limit=80)
        url = self.call(
            "sqs",
            "create_queue",
            QueueName=name,
            Attributes=_attributes(properties, *_QUEUE_ATTRIBUTES, "FifoQueue"),
            tags=tag_map(properties.get("Tags")) or None,
        )["QueueUrl"]
        self.physical_resource_id = url
        self.attributes = {"Arn": self.arn("sqs", name), "QueueName": name, "QueueUrl": url}

    def update(self, old: Properties, new: Properties) -> None:
        attributes = _attributes(new, *(name for name in _QUEUE_ATTRIBUTES if changed(old, new, name)))
        if attributes:
            self.call("sqs", "set_queue_attributes", QueueUrl=self.physical_resource_id, Attributes=attributes)
        if changed(old, new, "Tags"):
            gone = removed_tags(old.get("Tags"), new.get("Tags"))
            if gone:
                self.call("sqs", "untag_queue", QueueUrl=self.physical_resource_id, TagKeys=gone)
            self.call("sqs", "tag_queue", QueueUrl=self.physical_resource_id, Tags=tag_map(new.get("Tags")))

    def delete(self) -> None:
        self.delete_quietly("sqs", "delete_queue", QueueUrl=self.physical_resource_id)


class QueuePolicy(Resource):
    type = "AWS::SQS::QueuePolicy"
    readable = ("Id",)

    def create(self, properties: Properties) -> None:
        self.physical_resource_id = self.name(None)
        self.attributes = {"Id": self.physical_resource_id}
        self.update({}, properties)

    def update(self, old: Properties, new: Properties) -> None:
        for url in new["Queues"]:
            policy = _attributes({"Policy": new["PolicyDocument"]}, "Policy")
            self.call("sqs", "set_queue_attributes", QueueUrl=url, Attributes=policy)

    def delete(self) -> None:
        for url in self.properties["Queues"]:
            self.delete_quietly("sqs", "set_queue_attributes", QueueUrl=url, Attributes={"Policy": ""})


_QUEUE_ATTRIBUTES = (
    "DelaySeconds",
    "KmsDataKeyReusePeriodSeconds",
    "KmsMasterKeyId",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "RedrivePolicy",
    "SqsManagedSseEnabled",
    "VisibilityTimeout",
)


def _attributes(properties: Properties, *names: str) -> dict[str, Any]:
    """SNS and SQS take their settings as a map of strings; the API layer writes objects and numbers as text."""
    return only(properties, *names)


def _put_topic_policy(resource: Resource, topic: str, document: Any) -> None:
    resource.call("sns", "set_topic_attributes", TopicArn=topic, AttributeName="Policy", AttributeValue=document)
