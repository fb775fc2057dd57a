package dev.pilotlight.stacks;

import static dev.pilotlight.testing.Intrinsics.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.testing.GeneratedFile;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A page per stack with what a reviewer asks first: which resources there are, what is retained, who may do what, what
 * is open. A change of the code shows its consequence in the same pull request.
 */
class SnapshotTest {

    static Stream<Arguments> stacks() {
        return Stream.of("dev", "prod").flatMap(environment -> {
            SynthesizedApp app = environment.equals("dev") ? SynthesizedApp.dev() : SynthesizedApp.prod();
            return app.stacks().stream().map(stack -> Arguments.of(environment, stack));
        });
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("stacks")
    void isUpToDate(String environment, StackTemplate stack) {
        GeneratedFile.check(
                Path.of("src/test/resources/snapshots", environment, stack.name() + ".txt"), summary(stack));
    }

    private static String summary(StackTemplate stack) {
        List<String> lines = new ArrayList<>();
        lines.add(stack.name() + " in " + stack.region() + ", after " + stack.dependsOn());
        lines.add("");
        lines.add("Resources");
        stack.resources()
                .forEach((id, resource) -> lines.add("  %s %s%s"
                        .formatted(
                                resource.path("Type").asText(),
                                id,
                                resource.has("DeletionPolicy")
                                        ? " " + resource.path("DeletionPolicy").asText()
                                        : "")));
        lines.add("");
        lines.add("Permissions");
        stack.resources()
                .forEach((id, resource) -> statements(resource)
                        .forEach(statement -> lines.add("  %s: %s".formatted(id, line(statement)))));
        lines.add("");
        lines.add("Open to");
        stack.ofType("AWS::EC2::SecurityGroup").forEach((id, group) -> {
            group.at("/Properties/SecurityGroupIngress").forEach(rule -> lines.add("  " + id + " from " + port(rule)));
            group.at("/Properties/SecurityGroupEgress").forEach(rule -> lines.add("  " + id + " to " + port(rule)));
        });
        stack.ofType("AWS::EC2::SecurityGroupIngress")
                .forEach((id, rule) -> lines.add("  %s from %s port %s"
                        .formatted(
                                text(rule.at("/Properties/GroupId")),
                                text(rule.at("/Properties/SourceSecurityGroupId")),
                                rule.at("/Properties/FromPort").asText())));
        return String.join("\n", lines) + "\n";
    }

    private static String port(JsonNode rule) {
        return rule.path("CidrIp").asText() + " port " + rule.path("FromPort").asText("none");
    }

    private static List<JsonNode> statements(JsonNode resource) {
        List<JsonNode> statements = new ArrayList<>();
        for (String document : List.of("PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument")) {
            resource.path("Properties").path(document).path("Statement").forEach(statements::add);
        }
        return statements;
    }

    private static String line(JsonNode statement) {
        StringBuilder line = new StringBuilder(statement.path("Effect").asText());
        if (statement.has("Principal")) {
            line.append(" ").append(plain(statement.path("Principal")));
        }
        line.append(" ").append(plain(statement.path("Action")));
        if (statement.has("Resource")) {
            line.append(" on ").append(plain(statement.path("Resource")));
        }
        if (statement.has("Condition")) {
            line.append(" if ").append(plain(statement.path("Condition")));
        }
        return line.toString();
    }

    private static String plain(JsonNode value) {
        if (value.isArray()) {
            List<String> parts = new ArrayList<>();
            value.forEach(part -> parts.add(plain(part)));
            return String.join(", ", parts);
        }
        if (value.isObject() && !value.has("Ref") && !value.has("Fn::Join") && !value.has("Fn::GetAtt")) {
            List<String> parts = new ArrayList<>();
            value.properties().forEach(field -> parts.add(field.getKey() + " " + plain(field.getValue())));
            return String.join(" and ", parts);
        }
        return text(value);
    }
}
