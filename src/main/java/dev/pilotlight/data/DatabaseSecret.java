package dev.pilotlight.data;

import dev.pilotlight.compliance.Acknowledge;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import java.util.List;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.secretsmanager.CfnSecret;
import software.amazon.awscdk.services.secretsmanager.ReplicaRegion;
import software.amazon.awscdk.services.secretsmanager.Secret;
import software.amazon.awscdk.services.secretsmanager.SecretProps;
import software.amazon.awscdk.services.secretsmanager.SecretStringGenerator;
import software.constructs.Construct;

/**
 * The database's user and password, generated once and replicated to the DR region under the same name. It holds no
 * host: every region has its own database, and a copied host would be the other region's.
 */
public final class DatabaseSecret extends Construct {

    /** A literal, not a reference to the secret: the master user name is create-only. */
    public static final String USERNAME = "pilotlight";

    private final Secret secret;

    public DatabaseSecret(Construct scope, String id, Names names, IKey key) {
        super(scope, id);
        this.secret = new Secret(
                this,
                "Secret",
                SecretProps.builder()
                        .secretName(names.databaseSecret())
                        .description(
                                "Master user of the PostgreSQL databases of " + names.workload() + ", in both regions.")
                        .encryptionKey(key)
                        .replicaRegions(List.of(ReplicaRegion.builder()
                                .region(names.regionOf(RegionName.DR))
                                .build()))
                        .generateSecretString(SecretStringGenerator.builder()
                                .secretStringTemplate("{\"username\":\"" + USERNAME + "\"}")
                                .generateStringKey("password")
                                .excludePunctuation(true)
                                .passwordLength(40)
                                .build())
                        .removalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
                        .build());
        // By alias, which Secrets Manager resolves in the replica's region. CDK's builder would render the alias's ARN
        // in
        // this region, where there is no such key.
        ((CfnSecret) secret.getNode().getDefaultChild())
                .addPropertyOverride("ReplicaRegions.0.KmsKeyId", names.foundationKeyAlias(RegionName.DR));
        Acknowledge.findings(
                secret,
                List.of("AwsSolutions-SMG4", "NIST.800.53.R5-SecretsManagerRotationEnabled"),
                "Rotation runs in the primary region whichever region leads: after a failover it would set a password that"
                        + " the leading database does not have. It stays off until it follows the role.");
    }

    /** A dynamic reference: the password itself is in no template. */
    public String passwordReference() {
        return secret.secretValueFromJson("password").unsafeUnwrap();
    }
}
