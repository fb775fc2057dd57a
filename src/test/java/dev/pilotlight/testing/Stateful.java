package dev.pilotlight.testing;

import java.util.Set;

/** The resource types that hold data, or are needed to read it: never replaced, never deleted. */
public final class Stateful {

    public static final Set<String> TYPES = Set.of(
            "AWS::Backup::BackupVault",
            "AWS::DynamoDB::GlobalTable",
            "AWS::KMS::Key",
            "AWS::Logs::LogGroup",
            "AWS::RDS::DBInstance",
            "AWS::RDS::DBParameterGroup",
            "AWS::RDS::DBSubnetGroup",
            "AWS::S3::Bucket",
            "AWS::SecretsManager::Secret");

    private Stateful() {}
}
