package dev.pilotlight.compliance;

import io.github.cdklabs.cdknag.NagPackSuppression;
import io.github.cdklabs.cdknag.NagSuppressions;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.CfnResource;
import software.constructs.IConstruct;

/**
 * Records, at the resource concerned, that a finding was read and why it stands. The reasons end up in the template's
 * metadata and from there in docs/acknowledgements.md.
 */
public final class Acknowledge {

    private Acknowledge() {}

    /** A cdk-nag finding on this very resource. */
    public static void finding(IConstruct resource, String rule, String reason) {
        findings(resource, List.of(rule), reason);
    }

    /** Findings of several rules, for instance of two packs, that the same reason answers. */
    public static void findings(IConstruct resource, List<String> rules, String reason) {
        rules.forEach(rule -> suppress(
                resource, NagPackSuppression.builder().id(rule).reason(reason).build()));
    }

    /**
     * An IAM finding, for the named wildcards only: another one on the same policy is a new finding.
     *
     * @param appliesTo as cdk-nag words them: {@code Action::…} or {@code Resource::…}
     */
    public static void wildcards(IConstruct policy, List<String> appliesTo, String reason) {
        suppress(
                policy,
                NagPackSuppression.builder()
                        .id("AwsSolutions-IAM5")
                        .appliesTo(appliesTo.stream()
                                .map(finding -> finding.replace(Aws.ACCOUNT_ID, "<AWS::AccountId>"))
                                .toList())
                        .reason(reason)
                        .build());
    }

    /** The AWS managed policies that a role uses. */
    public static void managedPolicies(IConstruct role, List<String> names, String reason) {
        suppress(
                role,
                NagPackSuppression.builder()
                        .id("AwsSolutions-IAM4")
                        .appliesTo(names.stream()
                                .map(name -> "Policy::arn:<AWS::Partition>:iam::aws:policy/" + name)
                                .toList())
                        .reason(reason)
                        .build());
    }

    private static void suppress(IConstruct resource, NagPackSuppression suppression) {
        // Not for its children: a resource that is added below is a new finding.
        NagSuppressions.addResourceSuppressions(resource, List.of(suppression), false);
    }

    /** A cfn-lint check that is wrong about this resource. */
    public static void lint(CfnResource resource, String check, String reason) {
        resource.addMetadata("cfn-lint", Map.of("config", Map.of("ignore_checks", List.of(check))));
        resource.addMetadata("cfn-lint-reason", reason);
    }
}
