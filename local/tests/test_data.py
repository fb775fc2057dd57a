"""Keys, buckets, tables, secrets, vaults."""

import json

import pytest
from conftest import DR, PRIMARY, att, outputs, policy, ref, resource, trust

ACCOUNT = "123456789012"
KEY = resource(
    "AWS::KMS::Key",
    {
        "KeyPolicy": policy("kms:*", principal={"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}}),
        "EnableKeyRotation": True,
        "Tags": [{"Key": "workload", "Value": "test"}],
    },
)


def alias(name):
    return resource("AWS::KMS::Alias", {"AliasName": f"alias/{name}", "TargetKeyId": att("Key", "Arn")})


@pytest.fixture(scope="session")
def dr_key(aws):
    """An aliased key in the DR region, as the foundation stack makes one; answers the alias's ARN."""
    key = aws("kms", DR).create_key()["KeyMetadata"]["KeyId"]
    aws("kms", DR).create_alias(AliasName="alias/dr-data", TargetKeyId=key)
    return f"arn:aws:kms:{DR}:{ACCOUNT}:alias/dr-data"


def test_a_key_with_tags_rotation_and_alias(aws, deploy):
    stack = deploy(
        {"Key": KEY, "Alias": alias("tagged")}, Outputs=outputs(Arn=att("Key", "Arn"), Id=att("Key", "KeyId"))
    )
    kms, key = aws("kms"), stack.id_of("Key")
    assert stack.outputs == {"Arn": f"arn:aws:kms:{PRIMARY}:{ACCOUNT}:key/{key}", "Id": key}
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True
    assert kms.list_resource_tags(KeyId=key)["Tags"] == [{"TagKey": "workload", "TagValue": "test"}]
    assert stack.id_of("Alias") == "alias/tagged"
    assert kms.describe_key(KeyId="alias/tagged")["KeyMetadata"]["KeyId"] == key
    changed = resource("AWS::KMS::Key", KEY["Properties"] | {"EnableKeyRotation": False, "Description": "renamed"})
    stack.update({"Key": changed, "Alias": alias("tagged")})
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    stack.delete()
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_a_log_group_with_key_and_retention(aws, deploy):
    def resources(days):
        group = {"LogGroupName": "retained", "RetentionInDays": days, "KmsKeyId": att("Key", "Arn")}
        return {"Key": KEY, "Logs": resource("AWS::Logs::LogGroup", group)}

    stack = deploy(resources(7), Outputs=outputs(Arn=att("Logs", "Arn")))
    assert stack.outputs["Arn"] == f"arn:aws:logs:{PRIMARY}:{ACCOUNT}:log-group:retained:*"
    stack.update(resources(30))
    group = aws("logs").describe_log_groups(logGroupNamePrefix="retained")["logGroups"][0]
    assert group["retentionInDays"] == 30
    assert group["kmsKeyId"].endswith(stack.id_of("Key"))


def bucket(name, **properties):
    return resource("AWS::S3::Bucket", {"BucketName": name} | properties)


VERSIONED = {"VersioningConfiguration": {"Status": "Enabled"}}


def test_a_bucket_with_everything_set(aws, deploy):
    data = VERSIONED | {
        "BucketEncryption": {
            "ServerSideEncryptionConfiguration": [
                {
                    "BucketKeyEnabled": True,
                    "ServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": att("Key", "Arn")},
                }
            ]
        },
        "LifecycleConfiguration": {
            "Rules": [
                {
                    "Id": "tidy",
                    "Status": "Enabled",
                    "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
                    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
                }
            ]
        },
        "PublicAccessBlockConfiguration": {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "LoggingConfiguration": {"DestinationBucketName": ref("Logs"), "LogFilePrefix": "data/"},
        "Tags": [{"Key": "workload", "Value": "test"}],
    }
    tls_only = policy("s3:*", principal="*")
    tls_only["Statement"][0] |= {
        "Effect": "Deny",
        "Resource": [att("Data", "Arn"), {"Fn::Sub": "${Data.Arn}/*"}],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    resources = {
        "Key": KEY,
        "Logs": bucket("all-set-logs"),
        "Data": bucket("all-set", **data),
        "Policy": resource("AWS::S3::BucketPolicy", {"Bucket": ref("Data"), "PolicyDocument": tls_only}),
    }
    stack = deploy(resources, Outputs=outputs(Arn=att("Data", "Arn"), Domain=att("Data", "RegionalDomainName")))
    s3, name = aws("s3"), {"Bucket": "all-set"}
    assert stack.outputs == {"Arn": "arn:aws:s3:::all-set", "Domain": f"all-set.s3.{PRIMARY}.amazonaws.com"}
    assert s3.get_bucket_location(**name)["LocationConstraint"] == PRIMARY
    assert s3.get_bucket_versioning(**name)["Status"] == "Enabled"
    rule = s3.get_bucket_encryption(**name)["ServerSideEncryptionConfiguration"]["Rules"][0]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"
    lifecycle = s3.get_bucket_lifecycle_configuration(**name)["Rules"][0]
    assert lifecycle["NoncurrentVersionExpiration"]["NoncurrentDays"] == 30
    assert lifecycle["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == 7
    assert s3.get_public_access_block(**name)["PublicAccessBlockConfiguration"]["RestrictPublicBuckets"] is True
    ownership = s3.get_bucket_ownership_controls(**name)["OwnershipControls"]
    assert ownership["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    assert s3.get_bucket_logging(**name)["LoggingEnabled"]["TargetBucket"] == "all-set-logs"
    assert json.loads(s3.get_bucket_policy(**name)["Policy"])["Statement"][0]["Effect"] == "Deny"

    # A policy that wants TLS must not close the bucket to a client on loopback.
    s3.put_object(**name, Key="k", Body=b"v")
    assert s3.get_object(**name, Key="k")["Body"].read() == b"v"

    del resources["Data"]["Properties"]["LifecycleConfiguration"]
    stack.update(resources)
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchLifecycleConfiguration"):
        s3.get_bucket_lifecycle_configuration(**name)


@pytest.mark.parametrize("region", [PRIMARY, "us-east-1"])
def test_a_bucket_name_that_is_taken_is_refused(deploy, region):
    deploy({"Bucket": bucket(f"taken-{region}")}, region)
    stack = deploy({"Bucket": bucket(f"taken-{region}")}, region, expect="ROLLBACK_COMPLETE")
    assert f"taken-{region} already exists" in stack.reasons


def test_a_bucket_property_that_is_not_modelled_is_refused(deploy):
    stack = deploy({"Bucket": bucket("odd", WebsiteConfiguration={})}, expect="ROLLBACK_COMPLETE")
    assert "does not know WebsiteConfiguration of AWS::S3::Bucket" in stack.reasons


class TestReplication:
    def source(self, name, destination, **properties):
        rule = {
            "Id": "everything",
            "Priority": 1,
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "DeleteMarkerReplication": {"Status": "Disabled"},
            "Destination": {"Bucket": f"arn:aws:s3:::{destination}"},
        }
        replication = {"Role": att("Role", "Arn"), "Rules": [rule]}
        return {
            "Role": resource("AWS::IAM::Role", {"AssumeRolePolicyDocument": trust("s3.amazonaws.com")}),
            "Bucket": bucket(name, ReplicationConfiguration=replication, **properties),
        }

    def test_it_needs_a_destination_that_exists(self, deploy):
        stack = deploy(self.source("replicates-1", "nowhere", **VERSIONED), expect="ROLLBACK_COMPLETE")
        assert "Destination bucket must exist: nowhere" in stack.reasons

    def test_it_needs_a_versioned_destination(self, deploy):
        deploy({"Bucket": bucket("unversioned")}, DR)
        stack = deploy(self.source("replicates-2", "unversioned", **VERSIONED), expect="ROLLBACK_COMPLETE")
        assert "must have versioning enabled: unversioned" in stack.reasons

    def test_it_needs_a_versioned_source(self, deploy):
        deploy({"Bucket": bucket("versioned-1", **VERSIONED)}, DR)
        stack = deploy(self.source("replicates-3", "versioned-1"), expect="ROLLBACK_COMPLETE")
        assert "Versioning must be 'Enabled' on replicates-3" in stack.reasons

    def test_it_is_accepted_across_regions(self, aws, deploy):
        deploy({"Bucket": bucket("versioned-2", **VERSIONED)}, DR)
        deploy(self.source("replicates-4", "versioned-2", **VERSIONED))
        configuration = aws("s3").get_bucket_replication(Bucket="replicates-4")["ReplicationConfiguration"]
        assert configuration["Rules"][0]["Destination"]["Bucket"] == "arn:aws:s3:::versioned-2"


class TestGlobalTable:
    def table(self, name, dr_key, protected=False, regions=(PRIMARY, DR)):
        keys = {PRIMARY: att("Key", "Arn"), DR: dr_key}
        replicas = [
            {
                "Region": region,
                "DeletionProtectionEnabled": protected,
                "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": True},
                "SSESpecification": {"KMSMasterKeyId": keys[region]},
                "Tags": [{"Key": "workload", "Value": "test"}],
            }
            for region in regions
        ]
        properties = {
            "TableName": name,
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
            "SSESpecification": {"SSEEnabled": True, "SSEType": "KMS"},
            "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"},
            "Replicas": replicas,
        }
        return {"Key": KEY, "Table": resource("AWS::DynamoDB::GlobalTable", properties)}

    def test_it_is_there_in_both_regions_and_shares_its_items(self, aws, deploy, dr_key):
        outs = outputs(Arn=att("Table", "Arn"), Stream=att("Table", "StreamArn"))
        stack = deploy(self.table("global", dr_key), Outputs=outs)
        assert stack.outputs["Arn"] == f"arn:aws:dynamodb:{PRIMARY}:{ACCOUNT}:table/global"
        assert stack.outputs["Stream"].startswith(stack.outputs["Arn"])
        for region, other in ((PRIMARY, DR), (DR, PRIMARY)):
            table = aws("dynamodb", region).describe_table(TableName="global")["Table"]
            assert [replica["RegionName"] for replica in table["Replicas"]] == [other]
            assert table["SSEDescription"]["KMSMasterKeyArn"].startswith(f"arn:aws:kms:{region}:")
            recovery = aws("dynamodb", region).describe_continuous_backups(TableName="global")
            status = recovery["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
            assert status["PointInTimeRecoveryStatus"] == "ENABLED"
        aws("dynamodb").put_item(TableName="global", Item={"id": {"S": "from-primary"}})
        found = aws("dynamodb", DR).get_item(TableName="global", Key={"id": {"S": "from-primary"}})
        assert "Item" in found

    def test_replicas_come_change_and_go_by_update(self, aws, deploy, dr_key):
        stack = deploy(self.table("growing", dr_key, regions=(PRIMARY,)))
        stack.update(self.table("growing", dr_key, protected=True))
        assert aws("dynamodb", DR).describe_table(TableName="growing")["Table"]["DeletionProtectionEnabled"] is True
        stack.update(self.table("growing", dr_key))
        stack.update(self.table("growing", dr_key, regions=(PRIMARY,)))
        assert "growing" not in aws("dynamodb", DR).list_tables()["TableNames"]
        stack.delete()
        assert "growing" not in aws("dynamodb").list_tables()["TableNames"]

    def test_a_failed_create_takes_a_protected_table_with_it(self, aws, deploy, dr_key):
        resources = self.table("protected", dr_key, protected=True)
        resources["Broken"] = resource(
            "AWS::SQS::QueuePolicy", {"Queues": ["x"], "PolicyDocument": {}}, DependsOn="Table"
        )
        deploy(resources, expect="ROLLBACK_COMPLETE")
        for region in (PRIMARY, DR):
            assert "protected" not in aws("dynamodb", region).list_tables()["TableNames"]

    def test_a_table_name_that_is_taken_is_refused(self, deploy, dr_key):
        deploy(self.table("taken", dr_key))
        stack = deploy(self.table("taken", dr_key), expect="ROLLBACK_COMPLETE")
        assert "already exists" in stack.reasons

    def test_a_replica_key_that_does_not_exist_is_refused(self, deploy):
        missing = f"arn:aws:kms:{DR}:{ACCOUNT}:alias/not-there"
        stack = deploy(self.table("keyless", missing), expect="ROLLBACK_COMPLETE")
        assert f"{missing} does not exist in region {DR}" in stack.reasons


class TestSecrets:
    def secret(self, name, key=None, **more):
        properties = {
            "Name": name,
            "GenerateSecretString": {
                "SecretStringTemplate": '{"username":"pilot"}',
                "GenerateStringKey": "password",
                "PasswordLength": 30,
                "ExcludeCharacters": "\"@/\\ '",
            },
        }
        if key:
            properties["ReplicaRegions"] = [{"Region": DR, "KmsKeyId": key}]
        return resource("AWS::SecretsManager::Secret", properties | more)

    def test_its_replica_can_be_read_by_name_in_the_other_region(self, aws, deploy, dr_key):
        stack = deploy({"Secret": self.secret("replicated", dr_key)})
        here = json.loads(aws("secretsmanager").get_secret_value(SecretId=stack.id_of("Secret"))["SecretString"])
        there = json.loads(aws("secretsmanager", DR).get_secret_value(SecretId="replicated")["SecretString"])
        assert here == there
        assert here["username"] == "pilot"
        assert len(here["password"]) == 30
        stack.update({"Secret": self.secret("replicated", dr_key, Description="new")})
        again = json.loads(aws("secretsmanager").get_secret_value(SecretId="replicated")["SecretString"])
        assert again == here  # an update does not generate another password
        stack.delete()
        secrets = aws("secretsmanager", DR).list_secrets()["SecretList"]
        assert "replicated" not in {secret["Name"] for secret in secrets}

    def test_a_replica_is_added_by_update(self, aws, deploy, dr_key):
        stack = deploy({"Secret": self.secret("added-later")})
        stack.update({"Secret": self.secret("added-later", dr_key)})
        assert aws("secretsmanager", DR).get_secret_value(SecretId="added-later")["SecretString"]

    def test_a_key_alias_that_does_not_exist_is_refused(self, deploy):
        stack = deploy({"Secret": self.secret("keyless", "alias/not-there")}, expect="ROLLBACK_COMPLETE")
        assert f"alias/not-there does not exist in region {DR}" in stack.reasons

    def test_a_name_that_is_taken_is_refused(self, deploy):
        deploy({"Secret": self.secret("one-only")})
        stack = deploy({"Secret": self.secret("one-only")}, expect="ROLLBACK_COMPLETE")
        assert "already exists" in stack.reasons

    def test_a_resource_policy(self, aws, deploy):
        document = policy("secretsmanager:GetSecretValue", principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
        resources = {
            "Secret": self.secret("guarded"),
            "Policy": resource(
                "AWS::SecretsManager::ResourcePolicy", {"SecretId": ref("Secret"), "ResourcePolicy": document}
            ),
        }
        deploy(resources)
        stored = aws("secretsmanager").get_resource_policy(SecretId="guarded")["ResourcePolicy"]
        assert json.loads(stored) == document


class TestBackup:
    def vault(self, name, **more):
        lock = {"MinRetentionDays": 7}
        return resource("AWS::Backup::BackupVault", {"BackupVaultName": name, "LockConfiguration": lock} | more)

    def plan(self, name, vault, destination, keep=35):
        rule = {
            "RuleName": "daily",
            "TargetBackupVault": vault,
            "ScheduleExpression": "cron(0 3 * * ? *)",
            "Lifecycle": {"DeleteAfterDays": keep},
            "CopyActions": [
                {
                    "DestinationBackupVaultArn": f"arn:aws:backup:{DR}:{ACCOUNT}:backup-vault:{destination}",
                    "Lifecycle": {"DeleteAfterDays": keep},
                }
            ],
        }
        plan = {"BackupPlanName": name, "BackupPlanRule": [rule]}
        return {
            "Role": resource("AWS::IAM::Role", {"AssumeRolePolicyDocument": trust("backup.amazonaws.com")}),
            "Plan": resource("AWS::Backup::BackupPlan", {"BackupPlan": plan}),
            "Selection": resource(
                "AWS::Backup::BackupSelection",
                {
                    "BackupPlanId": att("Plan", "BackupPlanId"),
                    "BackupSelection": {
                        "SelectionName": "data",
                        "IamRoleArn": att("Role", "Arn"),
                        "Resources": [f"arn:aws:dynamodb:{PRIMARY}:{ACCOUNT}:table/t"],
                    },
                },
            ),
        }

    def test_a_vault_with_lock_key_and_policy(self, aws, deploy):
        deny = policy("backup:DeleteRecoveryPoint", principal="*")
        more = {"EncryptionKeyArn": att("Key", "Arn"), "AccessPolicy": deny}
        stack = deploy(
            {"Key": KEY, "Vault": self.vault("locked", **more)}, Outputs=outputs(Arn=att("Vault", "BackupVaultArn"))
        )
        assert stack.outputs["Arn"] == f"arn:aws:backup:{PRIMARY}:{ACCOUNT}:backup-vault:locked"
        vaults = aws("backup").list_backup_vaults()["BackupVaultList"]
        vault = next(item for item in vaults if item["BackupVaultName"] == "locked")
        assert (vault["Locked"], vault["MinRetentionDays"], "LockDate" in vault) == (True, 7, False)  # governance
        assert vault["EncryptionKeyArn"].endswith(stack.id_of("Key"))
        stored = aws("backup").get_backup_vault_access_policy(BackupVaultName="locked")["Policy"]
        assert json.loads(stored) == deny
        stack.update({"Key": KEY, "Vault": self.vault("locked", **more, LockConfiguration={"MinRetentionDays": 14})})
        vaults = aws("backup").list_backup_vaults()["BackupVaultList"]
        assert next(v for v in vaults if v["BackupVaultName"] == "locked")["MinRetentionDays"] == 14

    def test_vault_notifications(self, aws, deploy):
        notify = {"BackupVaultEvents": ["BACKUP_JOB_FAILED"], "SNSTopicArn": ref("Topic")}
        stack = deploy({"Topic": resource("AWS::SNS::Topic"), "Vault": self.vault("noisy", Notifications=notify)})
        stored = aws("backup").get_backup_vault_notifications(BackupVaultName="noisy")
        assert stored["SNSTopicArn"] == stack.id_of("Topic")

    def test_a_vault_name_that_is_taken_is_refused(self, deploy):
        deploy({"Vault": self.vault("vault-twice")})
        stack = deploy({"Vault": self.vault("vault-twice")}, expect="ROLLBACK_COMPLETE")
        assert "already exists" in stack.reasons

    def test_a_plan_and_its_selection(self, aws, deploy):
        deploy({"Vault": self.vault("copies")}, DR)
        here = {"Vault": self.vault("originals")}
        stack = deploy(here | self.plan("planned", ref("Vault"), "copies"))
        backup, plan = aws("backup"), stack.id_of("Plan")
        rule = backup.get_backup_plan(BackupPlanId=plan)["BackupPlan"]["Rules"][0]
        assert rule["TargetBackupVaultName"] == "originals"
        selection = backup.list_backup_selections(BackupPlanId=plan)["BackupSelectionsList"][0]
        chosen = backup.get_backup_selection(BackupPlanId=plan, SelectionId=selection["SelectionId"])
        assert chosen["BackupSelection"]["Resources"] == [f"arn:aws:dynamodb:{PRIMARY}:{ACCOUNT}:table/t"]
        stack.update(here | self.plan("planned", ref("Vault"), "copies", keep=40))
        rule = backup.get_backup_plan(BackupPlanId=plan)["BackupPlan"]["Rules"][0]
        assert rule["Lifecycle"]["DeleteAfterDays"] == 40
        stack.delete()
        deploy(here | self.plan("planned", ref("Vault"), "copies"))  # its name is free again

    def test_a_copy_to_a_vault_that_does_not_exist_is_refused(self, deploy):
        resources = {"Vault": self.vault("no-copies")} | self.plan("lonely", ref("Vault"), "nowhere")
        stack = deploy(resources, expect="ROLLBACK_COMPLETE")
        assert f"The backup vault nowhere does not exist in region {DR}" in stack.reasons

    def test_a_copy_into_a_lost_region_is_planned_all_the_same(self, control, deploy):
        """The leader of a disaster plans its backups at the first deploy; copies fail until the region is back."""
        control.lose(DR)
        deploy({"Vault": self.vault("of-the-new-leader")} | self.plan("after", ref("Vault"), "in-the-lost-region"))


def test_a_parameter_in_the_store(aws, deploy):
    def resources(value):
        return {"Note": resource("AWS::SSM::Parameter", {"Name": "/note", "Type": "String", "Value": value})}

    stack = deploy(resources("one"), Outputs=outputs(Value=att("Note", "Value")))
    assert stack.outputs["Value"] == "one"
    stack.update(resources("two"))
    assert aws("ssm").get_parameter(Name="/note")["Parameter"]["Value"] == "two"


def test_a_repository_as_cdk_bootstrap_makes_it(aws, deploy):
    expire = {
        "rulePriority": 1,
        "selection": {
            "tagStatus": "untagged",
            "countType": "sinceImagePushed",
            "countUnit": "days",
            "countNumber": 365,
        },
        "action": {"type": "expire"},
    }
    properties = {
        "RepositoryName": "assets",
        "ImageTagMutability": "IMMUTABLE",
        "LifecyclePolicy": {"LifecyclePolicyText": json.dumps({"rules": [expire]})},
        "RepositoryPolicyText": policy("ecr:BatchGetImage", principal={"Service": "lambda.amazonaws.com"}),
    }
    stack = deploy({"Repo": resource("AWS::ECR::Repository", properties)}, Outputs=outputs(Arn=att("Repo", "Arn")))
    assert stack.outputs["Arn"].endswith(":repository/assets")
    repository = aws("ecr").describe_repositories(repositoryNames=["assets"])["repositories"][0]
    assert repository["imageTagMutability"] == "IMMUTABLE"
    stack.update({"Repo": resource("AWS::ECR::Repository", properties | {"ImageTagMutability": "MUTABLE"})})
    repository = aws("ecr").describe_repositories(repositoryNames=["assets"])["repositories"][0]
    assert repository["imageTagMutability"] == "MUTABLE"
