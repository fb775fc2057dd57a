"""The engine: refusal, order, roll-back, policies, parameters. Queues and topics stand in for everything."""

import json

import pytest
from botocore.exceptions import ClientError
from conftest import DR, PRIMARY, Stack, att, outputs, ref, resource

QUEUE = "AWS::SQS::Queue"
UNKNOWN = {"Good": resource(QUEUE), "Bad": resource("AWS::Made::Up"), "Worse": resource("Custom::Thing")}


def queue(name, **attributes):
    return resource(QUEUE, {"QueueName": name}, **attributes)


def broken():
    """A resource that AWS, and so the emulator, refuses."""
    return resource("AWS::KMS::Alias", {"AliasName": "alias/broken", "TargetKeyId": "no-such-key"})


def queue_exists(aws, name, region=PRIMARY):
    return any(url.endswith(f"/{name}") for url in aws("sqs", region).list_queues().get("QueueUrls", []))


def refusal(call, **arguments):
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    assert caught.value.response["Error"]["Code"] == "ValidationError"
    return caught.value.response["Error"]["Message"]


class TestUnknownTypes:
    def check(self, message):
        assert "AWS::Made::Up (Bad)" in message
        assert "Custom::Thing (Worse)" in message

    def test_create_refuses_them_and_creates_nothing(self, aws):
        resources = UNKNOWN | {"Good": queue("unknown-good")}
        body = json.dumps({"Resources": resources})
        self.check(refusal(aws("cloudformation").create_stack, StackName="Unknown", TemplateBody=body))
        assert not queue_exists(aws, "unknown-good")
        assert "does not exist" in refusal(aws("cloudformation").describe_stacks, StackName="Unknown")

    def test_update_refuses_them_and_changes_nothing(self, aws, deploy):
        stack = deploy({"Good": resource(QUEUE)})
        body = json.dumps({"Resources": UNKNOWN})
        self.check(refusal(aws("cloudformation").update_stack, StackName=stack.name, TemplateBody=body))
        assert stack.status == "CREATE_COMPLETE"

    def test_a_change_set_refuses_them(self, aws):
        body = json.dumps({"Resources": UNKNOWN})
        create = aws("cloudformation").create_change_set
        self.check(
            refusal(create, StackName="UnknownSet", ChangeSetName="c", ChangeSetType="CREATE", TemplateBody=body)
        )

    def test_validation_refuses_them(self, aws):
        self.check(refusal(aws("cloudformation").validate_template, TemplateBody=json.dumps({"Resources": UNKNOWN})))

    def test_validation_accepts_what_is_known(self, aws):
        body = json.dumps({"Resources": {"Good": resource(QUEUE)}, "Parameters": {"P": {"Type": "String"}}})
        answer = aws("cloudformation").validate_template(TemplateBody=body)
        assert [parameter["ParameterKey"] for parameter in answer["Parameters"]] == ["P"]

    def test_types_that_only_moto_implements_stay_known(self, aws, deploy):
        stack = deploy({"Stream": resource("AWS::Kinesis::Stream", {"Name": "moto-only", "ShardCount": 1})})
        assert "moto-only" in aws("kinesis").list_streams()["StreamNames"]
        stack.delete()
        assert "moto-only" not in aws("kinesis").list_streams()["StreamNames"]


class TestFailedCreate:
    def test_it_leaves_nothing_but_the_reason(self, aws, deploy):
        stack = deploy(
            {"Before": queue("failed-create"), "Alias": broken() | {"DependsOn": "Before"}}, expect="ROLLBACK_COMPLETE"
        )
        assert "no-such-key" in stack.reasons
        assert ("Alias", "CREATE_FAILED") in stack.events
        assert ("Before", "DELETE_COMPLETE") in stack.events
        assert stack.resources == set()
        assert not queue_exists(aws, "failed-create")

    def test_the_next_deploy_succeeds_with_the_same_names(self, aws, deploy):
        good = {"Queue": queue("second-try", DeletionPolicy="RetainExceptOnCreate")}
        failed = deploy(good | {"Alias": broken() | {"DependsOn": "Queue"}}, expect="ROLLBACK_COMPLETE", name="Retried")
        failed.delete()  # what the CDK CLI does with a stack in ROLLBACK_COMPLETE
        deploy(good, name="Retried")
        assert queue_exists(aws, "second-try")

    def test_termination_protection_does_not_keep_it(self, aws):
        cloudformation = aws("cloudformation")
        body = json.dumps({"Resources": {"Alias": broken()}})
        cloudformation.create_stack(StackName="Stuck", TemplateBody=body, EnableTerminationProtection=True)
        cloudformation.delete_stack(StackName="Stuck")
        assert "does not exist" in refusal(cloudformation.describe_stacks, StackName="Stuck")

    def test_what_is_retained_for_ever_stays(self, aws, deploy):
        stack = deploy(
            {"Kept": queue("kept-in-rollback", DeletionPolicy="Retain"), "Alias": broken() | {"DependsOn": "Kept"}},
            expect="ROLLBACK_COMPLETE",
        )
        assert ("Kept", "DELETE_SKIPPED") in stack.events
        assert queue_exists(aws, "kept-in-rollback")

    def test_a_resource_that_fails_half_way_is_removed(self, aws, deploy):
        replication = {"Role": "arn:aws:iam::123456789012:role/r", "Rules": [_rule("arn:aws:s3:::no-such-bucket")]}
        deploy({"Bucket": _bucket("half-way", ReplicationConfiguration=replication)}, expect="ROLLBACK_COMPLETE")
        assert "half-way" not in {bucket["Name"] for bucket in aws("s3").list_buckets()["Buckets"]}


def _bucket(name, **properties):
    versioned = {"BucketName": name, "VersioningConfiguration": {"Status": "Enabled"}}
    return resource("AWS::S3::Bucket", versioned | properties)


def _rule(destination):
    return {
        "Id": "all",
        "Priority": 1,
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "Destination": {"Bucket": destination},
        "DeleteMarkerReplication": {"Status": "Disabled"},
    }


class TestUpdate:
    def test_what_leaves_the_template_is_deleted_and_what_is_new_created(self, aws, deploy):
        stack = deploy({"Old": queue("update-old")})
        stack.update({"New": queue("update-new")})
        assert stack.resources == {"New"}
        assert not queue_exists(aws, "update-old")
        assert queue_exists(aws, "update-new")

    @pytest.mark.parametrize("retain", ["Retain", "RetainExceptOnCreate"])
    def test_what_is_retained_leaves_the_template_and_stays(self, aws, deploy, retain):
        stack = deploy({"Kept": queue(f"left-{retain}", DeletionPolicy=retain), "Other": resource(QUEUE)})
        stack.update({"Other": resource(QUEUE)})
        assert ("Kept", "DELETE_SKIPPED") in stack.events
        assert stack.resources == {"Other"}
        assert queue_exists(aws, f"left-{retain}")

    def test_a_failed_update_is_rolled_back_and_its_reason_reported(self, aws, deploy):
        old = {"Queue": resource(QUEUE, {"QueueName": "rolled-back", "DelaySeconds": 1}), "Gone": queue("not-gone")}
        new = {
            "Queue": resource(QUEUE, {"QueueName": "rolled-back", "DelaySeconds": 2}),
            "Added": queue("added-in-vain"),
            "Alias": broken() | {"DependsOn": ["Queue", "Added"]},
        }
        stack = deploy(old, Outputs=outputs(Url=ref("Gone")))
        stack.update(new, expect="UPDATE_ROLLBACK_COMPLETE")
        assert "no-such-key" in stack.reasons
        assert stack.resources == {"Queue", "Gone"}
        attributes = aws("sqs").get_queue_attributes(QueueUrl=stack.id_of("Queue"), AttributeNames=["All"])[
            "Attributes"
        ]
        assert attributes["DelaySeconds"] == "1"
        assert queue_exists(aws, "not-gone")
        assert not queue_exists(aws, "added-in-vain")
        assert stack.outputs["Url"].endswith("not-gone")

    def test_an_update_the_emulator_cannot_do_fails_and_says_so(self, deploy):
        stack = deploy({"Bus": resource("AWS::Events::EventBus", {"Name": "immutable", "Description": "a"})})
        bus = resource("AWS::Events::EventBus", {"Name": "immutable", "Description": "b"})
        stack.update({"Bus": bus}, expect="UPDATE_ROLLBACK_COMPLETE")
        assert "cannot update Description of AWS::Events::EventBus" in stack.reasons

    def test_a_replacement_is_created_before_the_old_one_goes(self, aws, deploy):
        follower = resource("AWS::SSM::Parameter", {"Type": "String", "Value": ref("Queue")})
        stack = deploy({"Queue": queue("replaced-1"), "Follower": follower})
        stack.update({"Queue": queue("replaced-2"), "Follower": follower})
        assert not queue_exists(aws, "replaced-1")
        assert stack.id_of("Queue").endswith("replaced-2")
        value = aws("ssm").get_parameter(Name=stack.id_of("Follower"))["Parameter"]["Value"]
        assert value.endswith("replaced-2")  # a resource follows what it refers to
        events = stack.events
        assert events.index(("Queue", "UPDATE_COMPLETE")) < events.index(("Queue", "DELETE_COMPLETE"))

    def test_a_replaced_resource_is_kept_if_its_policy_says_so(self, aws, deploy):
        stack = deploy({"Queue": queue("replace-kept-1", UpdateReplacePolicy="Retain")})
        stack.update({"Queue": queue("replace-kept-2", UpdateReplacePolicy="Retain")})
        assert queue_exists(aws, "replace-kept-1")

    def test_nothing_changed_is_an_error_as_on_aws(self, aws, deploy):
        stack = deploy({"Queue": resource(QUEUE)})
        body = json.dumps({"Resources": {"Queue": resource(QUEUE)}})
        message = refusal(aws("cloudformation").update_stack, StackName=stack.name, TemplateBody=body)
        assert message == "No updates are to be performed."

    def test_dependencies_come_first_whatever_the_templates_order(self, deploy):
        stack = deploy({"First": resource(QUEUE)})
        stack.update({"A": resource(QUEUE, DependsOn="Z"), "First": resource(QUEUE), "Z": resource(QUEUE)})
        events = stack.events
        assert events.index(("Z", "CREATE_COMPLETE")) < events.index(("A", "CREATE_IN_PROGRESS"))


class TestDelete:
    def test_it_deletes_all_but_what_is_retained(self, aws, deploy):
        stack = deploy({"Gone": queue("deleted"), "Kept": queue("kept", DeletionPolicy="RetainExceptOnCreate")})
        stack.delete()
        assert not queue_exists(aws, "deleted")
        assert queue_exists(aws, "kept")
        assert "does not exist" in refusal(aws("cloudformation").describe_stacks, StackName=stack.name)

    def test_termination_protection_holds(self, aws):
        cloudformation = aws("cloudformation")
        body = json.dumps({"Resources": {"Queue": resource(QUEUE)}})
        cloudformation.create_stack(StackName="Protected", TemplateBody=body, EnableTerminationProtection=True)
        assert "TerminationProtection" in refusal(cloudformation.delete_stack, StackName="Protected")
        cloudformation.update_termination_protection(StackName="Protected", EnableTerminationProtection=False)
        cloudformation.delete_stack(StackName="Protected")

    def test_deleting_what_does_not_exist_is_no_error(self, aws):
        aws("cloudformation").delete_stack(StackName="NeverWas")


class TestChangeSets:
    """`cdk bootstrap` deploys by change set."""

    def change(self, aws, kind, resources, name="c"):
        cloudformation = aws("cloudformation")
        body = json.dumps({"Resources": resources, "Outputs": outputs(Name=att("Queue", "QueueName"))})
        cloudformation.create_change_set(
            StackName="BySet", ChangeSetName=name, ChangeSetType=kind, TemplateBody=body, Parameters=[]
        )
        cloudformation.execute_change_set(StackName="BySet", ChangeSetName=name)
        return Stack(cloudformation, "BySet")

    def test_create_and_update_keep_their_outputs(self, aws):
        stack = self.change(aws, "CREATE", {"Queue": queue("by-set-1")}, "first")
        assert (stack.status, stack.outputs) == ("CREATE_COMPLETE", {"Name": "by-set-1"})
        stack = self.change(aws, "UPDATE", {"Queue": queue("by-set-2")}, "second")
        assert (stack.status, stack.outputs) == ("UPDATE_COMPLETE", {"Name": "by-set-2"})


class TestParameters:
    AMI = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-arm64"

    def template(self, comment):
        return {
            "Resources": {
                "Note": resource("AWS::SSM::Parameter", {"Type": "String", "Value": {"Fn::Sub": f"${{Ami}} {comment}"}})
            },
            "Parameters": {
                "Ami": {"Type": "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>", "Default": self.AMI},
                "BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/bootstrap/version"},
            },
            "Rules": {
                "Check": {"Assertions": [{"Assert": {"Fn::Not": [{"Fn::Contains": [["1"], ref("BootstrapVersion")]}]}}]}
            },
        }

    def test_ssm_typed_parameters_survive_an_update_with_their_previous_value(self, aws, deploy):
        aws("ssm").put_parameter(Name="/bootstrap/version", Value="30", Type="String")
        template = self.template("first")
        stack = deploy(template.pop("Resources"), **template)
        template = self.template("second")
        previous = [{"ParameterKey": name, "UsePreviousValue": True} for name in ("Ami", "BootstrapVersion")]
        stack.update(template.pop("Resources"), parameters=previous, **template)
        value = aws("ssm").get_parameter(Name=stack.id_of("Note"))["Parameter"]["Value"]
        assert value.startswith("ami-")
        assert value.endswith(" second")

    def test_a_parameter_that_is_not_in_the_store_is_named(self, aws):
        template = {
            "Resources": {"Q": resource(QUEUE)},
            "Parameters": {"P": {"Type": "AWS::SSM::Parameter::Value<String>", "Default": "/no/such"}},
        }
        message = refusal(
            aws("cloudformation").create_stack, StackName="NoParameter", TemplateBody=json.dumps(template)
        )
        assert "/no/such" in message


class TestIntrinsics:
    def evaluate(self, deploy, value, region=PRIMARY, **sections):
        stack = deploy({"Queue": resource(QUEUE)}, region, Outputs=outputs(Value=value), **sections)
        return stack.outputs["Value"]

    @pytest.mark.parametrize("region", [PRIMARY, DR])
    @pytest.mark.parametrize("argument", ["", ref("AWS::Region")])
    def test_zones_are_those_of_the_stacks_region(self, deploy, region, argument):
        value = {"Fn::Select": [1, {"Fn::GetAZs": argument}]}
        assert self.evaluate(deploy, value, region) == f"{region}b"

    def test_cidr_cuts_blocks(self, deploy):
        value = {"Fn::Join": [",", {"Fn::Cidr": ["10.0.0.0/16", 2, 8]}]}
        assert self.evaluate(deploy, value) == "10.0.0.0/24,10.0.1.0/24"

    def test_sub_knows_attributes_literals_and_variables(self, deploy):
        value = {"Fn::Sub": ["${Queue.QueueName}|${!Literal}|${V}", {"V": ref("AWS::Region")}]}
        assert self.evaluate(deploy, value).endswith(f"|${{Literal}}|{PRIMARY}")

    def test_no_value_removes_a_property(self, aws, deploy):
        stack = deploy({"Queue": resource(QUEUE, {"QueueName": ref("AWS::NoValue")})})
        assert "Queue" in stack.id_of("Queue")  # a generated name

    def test_conditions_decide_which_resources_exist(self, deploy):
        stack = deploy(
            {"Here": resource(QUEUE, Condition="Yes"), "NotHere": resource(QUEUE, Condition="No")},
            Conditions={
                "Yes": {"Fn::Or": [{"Condition": "No"}, {"Fn::Equals": [ref("AWS::Region"), PRIMARY]}]},
                "No": {"Fn::Not": [{"Fn::Equals": ["a", "a"]}]},
            },
        )
        assert stack.resources == {"Here"}

    def test_circular_references_are_refused(self, aws):
        resources = {"A": resource(QUEUE, DependsOn="B"), "B": resource(QUEUE, DependsOn="A")}
        body = json.dumps({"Resources": resources})
        assert "Circular dependency between resources: [A, B]" in refusal(
            aws("cloudformation").create_stack, StackName="Circle", TemplateBody=body
        )

    def test_an_attribute_that_does_not_exist_fails(self, deploy):
        resources = {
            "Queue": resource(QUEUE),
            "Note": resource("AWS::SSM::Parameter", {"Type": "String", "Value": att("Queue", "Colour")}),
        }
        stack = deploy(resources, expect="ROLLBACK_COMPLETE")
        assert "Queue does not support attribute type Colour" in stack.reasons

    def test_secrets_are_resolved_in_properties(self, aws, deploy):
        aws("secretsmanager").create_secret(Name="dynamic", SecretString=json.dumps({"user": "ada"}))
        value = "{{resolve:secretsmanager:dynamic:SecretString:user::}}"
        stack = deploy({"Note": resource("AWS::SSM::Parameter", {"Type": "String", "Value": value})})
        assert aws("ssm").get_parameter(Name=stack.id_of("Note"))["Parameter"]["Value"] == "ada"


def test_cdk_metadata_is_only_a_note(deploy):
    stack = deploy({"Meta": resource("AWS::CDK::Metadata", {"Analytics": "v2:1"})})
    stack.update({"Meta": resource("AWS::CDK::Metadata", {"Analytics": "v2:2"})})
