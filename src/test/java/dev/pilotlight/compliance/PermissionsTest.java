package dev.pilotlight.compliance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.testing.Intrinsics;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import dev.pilotlight.testing.TestConfigurations;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the templates' IAM policies allow. */
class PermissionsTest {

    /**
     * Actions that know no resource-level permission, by the Service Authorization Reference; but for
     * {@code logs:DescribeLogGroups}, which Step Functions' documentation asks for on everything.
     */
    static final Set<String> WITHOUT_RESOURCES = Set.of(
            "autoscaling:DescribeAutoScalingGroups",
            "cloudwatch:GetMetricData",
            "cloudwatch:PutMetricData",
            "ec2:DescribeImages",
            "ec2:DescribeInstanceTypes",
            "ec2:DescribeLaunchTemplateVersions",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTargetHealth",
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
            "rds:DescribeOrderableDBInstanceOptions",
            // Whether it knows resources AWS's own reference says in two ways.
            "servicequotas:GetServiceQuota",
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments");

    static List<SynthesizedApp> apps() {
        return List.of(
                SynthesizedApp.dev(),
                SynthesizedApp.prod(),
                SynthesizedApp.of(TestConfigurations.with("dev", "{'databaseLineage': ['primary', 'dr', 'primary']}")),
                SynthesizedApp.of(TestConfigurations.with(
                        "dev", "{'detection': {'startsFailover': true}, 'alertEmail': 'oncall@example.com'}")));
    }

    @ParameterizedTest
    @MethodSource("apps")
    void noActionIsAWildcard(SynthesizedApp app) {
        assertThat(statements(app))
                .isNotEmpty()
                .allSatisfy(statement ->
                        assertThat(strings(statement.path("Action"))).noneMatch(action -> action.contains("*")));
    }

    @ParameterizedTest
    @MethodSource("apps")
    void everyResourceIsNamedWhereTheServiceKnowsResources(SynthesizedApp app) {
        Set<String> onEverything = new TreeSet<>();
        for (JsonNode statement : statements(app)) {
            if (strings(statement.path("Resource")).contains("*")) {
                onEverything.addAll(strings(statement.path("Action")));
            }
        }
        assertThat(onEverything).containsExactlyInAnyOrderElementsOf(WITHOUT_RESOURCES);
    }

    @ParameterizedTest
    @MethodSource("apps")
    void metricsArePutIntoOurNamespaceOnly(SynthesizedApp app) {
        assertThat(statements(app))
                .filteredOn(statement -> strings(statement.path("Action")).contains("cloudwatch:PutMetricData"))
                .isNotEmpty()
                .allSatisfy(statement -> {
                    assertThat(strings(statement.path("Action"))).hasSize(1);
                    assertThat(statement
                                    .at("/Condition/StringEquals/cloudwatch:namespace")
                                    .asText())
                            .isEqualTo("Pilotlight");
                });
    }

    /** The agent that finds itself superseded scales its own group, and no other, in its own region. */
    @ParameterizedTest
    @MethodSource("apps")
    void instancesScaleTheirOwnGroupOnly(SynthesizedApp app) {
        for (StackTemplate stack : List.of(app.primary(), app.dr())) {
            String group = stack.only("AWS::AutoScaling::AutoScalingGroup")
                    .path("AutoScalingGroupName")
                    .asText();
            List<String> resources = new ArrayList<>();
            stack.ofType("AWS::IAM::ManagedPolicy").forEach((id, policy) -> {
                for (JsonNode statement : policy.at("/Properties/PolicyDocument/Statement")) {
                    boolean ofInstances = id.startsWith("ComputeInstance");
                    if (ofInstances
                            && strings(statement.path("Action")).stream().anyMatch(a -> a.startsWith("autoscaling:"))) {
                        assertThat(strings(statement.path("Action")))
                                .containsExactly("autoscaling:UpdateAutoScalingGroup");
                        resources.addAll(strings(statement.path("Resource")));
                    }
                }
            });
            assertThat(resources)
                    .containsExactly("arn:aws:autoscaling:" + stack.region()
                            + ":${AWS::AccountId}:autoScalingGroup:*:autoScalingGroupName/" + group);
        }
    }

    /** Every policy is a customer managed one of ours: nothing that CDK adds by itself. */
    @ParameterizedTest
    @MethodSource("apps")
    void noRoleHasAnInlinePolicy(SynthesizedApp app) {
        for (StackTemplate stack : app.stacks()) {
            assertThat(stack.ofType("AWS::IAM::Policy")).isEmpty();
            assertThat(stack.ofType("AWS::IAM::Role").values())
                    .noneMatch(role -> role.path("Properties").has("Policies"));
        }
    }

    /** A resource policy's resource is the resource itself, so only its principals can be too many. */
    @ParameterizedTest
    @MethodSource("apps")
    void resourcePoliciesAllowEverybodyNothingWithoutACondition(SynthesizedApp app) {
        for (StackTemplate stack : app.stacks()) {
            for (String type : List.of("AWS::KMS::Key", "AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy")) {
                stack.ofType(type).forEach((id, resource) -> {
                    String document = type.equals("AWS::KMS::Key") ? "KeyPolicy" : "PolicyDocument";
                    resource.path("Properties").path(document).path("Statement").forEach(statement -> {
                        boolean everybody = statement.path("Principal").asText().equals("*")
                                || statement.at("/Principal/AWS").asText().equals("*");
                        if (everybody && statement.path("Effect").asText().equals("Allow")) {
                            assertThat(statement.path("Condition")).as(id).isNotEmpty();
                        }
                    });
                });
            }
        }
    }

    private static List<JsonNode> statements(SynthesizedApp app) {
        List<JsonNode> all = new ArrayList<>();
        for (StackTemplate stack : app.stacks()) {
            stack.ofType("AWS::IAM::ManagedPolicy")
                    .values()
                    .forEach(policy ->
                            policy.at("/Properties/PolicyDocument/Statement").forEach(all::add));
        }
        return all;
    }

    private static List<String> strings(JsonNode oneOrMany) {
        List<String> all = new ArrayList<>();
        if (oneOrMany.isArray()) {
            oneOrMany.forEach(one -> all.add(Intrinsics.text(one)));
        } else {
            all.add(Intrinsics.text(oneOrMany));
        }
        return all;
    }
}
