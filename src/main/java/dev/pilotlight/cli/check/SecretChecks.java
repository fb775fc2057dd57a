package dev.pilotlight.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.cli.aws.Aws;
import java.io.IOException;
import java.util.Map;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.secretsmanager.model.DescribeSecretResponse;
import software.amazon.awssdk.services.secretsmanager.model.Tag;

/** Secrets Manager: a secret is asked in each of its regions. */
final class SecretChecks implements ServiceChecks {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public Map<String, ResourceCheck> checks() {
        return Map.of("AWS::SecretsManager::Secret", SecretChecks::secret);
    }

    @Override
    public Map<String, Attribute> attributes() {
        return Map.of("AWS::SecretsManager::Secret.Id", (id, place) -> id);
    }

    private static void secret(Declared declared, Aws.InRegion aws, Comparison comparison) {
        DescribeSecretResponse secret = aws.secrets().describeSecret(request -> request.secretId(declared.id()));
        generated(declared, aws.secrets(), comparison);
        for (JsonNode replica : declared.property("ReplicaRegions")) {
            Aws.InRegion there = aws.in(replica.path("Region").asText());
            DescribeSecretResponse copy =
                    there.secrets().describeSecret(request -> request.secretId(declared.text("Name")));
            comparison.same(
                    "name of the replica in " + replica.path("Region").asText(),
                    declared.property("Name"),
                    copy.name());
        }
        comparison
                .same("ReplicaRegions", secret.replicationStatus())
                .notShown("compared above", "GenerateSecretString")
                .tags("Tags", secret.tags().stream().collect(Comparison.byKey(Tag::key, Tag::value)))
                .rest(secret);
    }

    /** What was generated is as long as asked for, and stands beside what was given. */
    private static void generated(Declared declared, SecretsManagerClient secrets, Comparison comparison) {
        JsonNode generate = declared.property("GenerateSecretString");
        if (!generate.has("GenerateStringKey")) {
            return;
        }
        try {
            JsonNode value = JSON.readTree(secrets.getSecretValue(request -> request.secretId(declared.id()))
                    .secretString());
            comparison.same(
                    "secret",
                    JSON.readTree(generate.path("SecretStringTemplate").asText("{}")),
                    value);
            comparison.same(
                    "length of the generated part",
                    generate.path("PasswordLength"),
                    value.path(generate.path("GenerateStringKey").asText())
                            .asText()
                            .length());
        } catch (IOException e) {
            comparison.same("secret", Answer.of("JSON"), "something else");
        }
    }
}
