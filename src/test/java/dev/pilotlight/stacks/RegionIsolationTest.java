package dev.pilotlight.stacks;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.testing.Intrinsics;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import dev.pilotlight.testing.TestConfigurations;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No stack needs another region to answer before it can be deployed. CDK has no guard against references that cross a
 * region, and its flags turn them silently into exports or custom resources: this test is the guard.
 */
class RegionIsolationTest {

    static List<SynthesizedApp> apps() {
        return List.of(
                SynthesizedApp.dev(),
                SynthesizedApp.prod(),
                SynthesizedApp.of(TestConfigurations.with("dev", "{'databaseLineage': ['primary', 'dr', 'primary']}")));
    }

    @ParameterizedTest
    @MethodSource("apps")
    void noStackImportsOrExports(SynthesizedApp app) {
        for (StackTemplate stack : app.stacks()) {
            assertThat(stack.template().toString())
                    .as(stack.name())
                    .doesNotContain("Fn::ImportValue", "Fn::GetStackOutput", "\"Export\":");
        }
    }

    @ParameterizedTest
    @MethodSource("apps")
    void noStackHasCustomResourcesOrFunctions(SynthesizedApp app) {
        assertThat(app.resources().map(entry -> entry.getValue().path("Type").asText()))
                .isNotEmpty()
                .noneMatch(type -> type.startsWith("Custom::")
                        || type.startsWith("AWS::Lambda::")
                        || type.equals("AWS::CloudFormation::CustomResource")
                        || type.equals("AWS::CloudFormation::Stack"));
    }

    /** Only replication reaches into the other region, as it must; everything else can do nothing there. */
    @ParameterizedTest
    @MethodSource("apps")
    void onlyReplicationIsAllowedAnythingInTheOtherRegion(SynthesizedApp app) {
        for (StackTemplate stack : app.stacks()) {
            String other = stack.region().equals("eu-central-1") ? "eu-west-1" : "eu-central-1";
            stack.ofType("AWS::IAM::ManagedPolicy").forEach((id, policy) -> {
                List<String> foreign = new ArrayList<>();
                policy.at("/Properties/PolicyDocument/Statement").forEach(statement -> {
                    for (String resource : resources(statement)) {
                        if (resource.contains(other)) {
                            foreign.add(resource);
                        }
                    }
                });
                if (id.startsWith("FoundationDataReplicationPolicy")) {
                    assertThat(foreign).hasSize(2);
                } else if (id.startsWith("ReplicatedBackupsMachine")) {
                    // Replication is started here, of databases there.
                    assertThat(foreign).hasSize(1).allMatch(resource -> resource.endsWith("-db-*"));
                } else {
                    assertThat(foreign).as(stack.name() + " " + id).isEmpty();
                }
            });
        }
    }

    static List<String> resources(JsonNode statement) {
        List<String> all = new ArrayList<>();
        JsonNode resource = statement.path("Resource");
        if (resource.isArray()) {
            resource.forEach(one -> all.add(Intrinsics.text(one)));
        } else {
            all.add(Intrinsics.text(resource));
        }
        return all;
    }
}
