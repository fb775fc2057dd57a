package dev.pilotlight.cli.check;

import dev.pilotlight.cli.aws.Aws;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import software.amazon.awssdk.services.iam.model.AttachedPolicy;
import software.amazon.awssdk.services.iam.model.InstanceProfile;
import software.amazon.awssdk.services.iam.model.Policy;
import software.amazon.awssdk.services.iam.model.PolicyRole;
import software.amazon.awssdk.services.iam.model.Role;
import software.amazon.awssdk.services.iam.model.Tag;

/** IAM. */
final class IdentityChecks implements ServiceChecks {

    @Override
    public Map<String, ResourceCheck> checks() {
        return Map.of(
                "AWS::IAM::Role", IdentityChecks::role,
                "AWS::IAM::Policy", IdentityChecks::inlinePolicy,
                "AWS::IAM::ManagedPolicy", IdentityChecks::managedPolicy,
                "AWS::IAM::InstanceProfile", IdentityChecks::instanceProfile);
    }

    @Override
    public Map<String, Attribute> attributes() {
        return Map.of(
                "AWS::IAM::Role.Arn", (id, place) -> "arn:aws:iam::" + place.account() + ":role/" + id,
                "AWS::IAM::InstanceProfile.Arn",
                        (id, place) -> "arn:aws:iam::" + place.account() + ":instance-profile/" + id);
    }

    private static void role(Declared declared, Aws.InRegion aws, Comparison comparison) {
        String name = declared.id();
        Role role = aws.iam().getRole(request -> request.roleName(name)).role();
        List<String> attached =
                aws.iam().listAttachedRolePolicies(request -> request.roleName(name)).attachedPolicies().stream()
                        .map(AttachedPolicy::policyArn)
                        .toList();
        for (var policy : declared.property("Policies")) {
            String policyName = policy.path("PolicyName").asText();
            comparison.same(
                    "policy " + policyName,
                    policy.path("PolicyDocument"),
                    Comparison.policy(aws.iam()
                            .getRolePolicy(request -> request.roleName(name).policyName(policyName))
                            .policyDocument()));
        }
        // Policies of the template's own attach themselves to the role: there may be more than it names.
        Set<String> named = new HashSet<>();
        declared.property("ManagedPolicyArns").forEach(arn -> named.add(arn.asText()));
        comparison
                .same("ManagedPolicyArns", attached.stream().filter(named::contains))
                .samePolicy("AssumeRolePolicyDocument", role.assumeRolePolicyDocument())
                .notShown("compared above", "Policies")
                .tags("Tags", role.tags().stream().collect(Comparison.byKey(Tag::key, Tag::value)))
                .rest(role);
    }

    private static void inlinePolicy(Declared declared, Aws.InRegion aws, Comparison comparison) {
        for (var role : declared.property("Roles")) {
            String document = aws.iam()
                    .getRolePolicy(request -> request.roleName(role.asText()).policyName(declared.text("PolicyName")))
                    .policyDocument();
            comparison.same(
                    "PolicyDocument of " + role.asText(),
                    declared.property("PolicyDocument"),
                    Comparison.policy(document));
        }
        comparison.notShown("compared above, role by role", "PolicyDocument", "PolicyName", "Roles");
    }

    private static void managedPolicy(Declared declared, Aws.InRegion aws, Comparison comparison) {
        String arn = declared.id();
        Policy policy = aws.iam().getPolicy(request -> request.policyArn(arn)).policy();
        String document = aws.iam()
                .getPolicyVersion(request -> request.policyArn(arn).versionId(policy.defaultVersionId()))
                .policyVersion()
                .document();
        comparison
                .samePolicy("PolicyDocument", document)
                .same(
                        "Roles",
                        aws.iam().listEntitiesForPolicy(request -> request.policyArn(arn)).policyRoles().stream()
                                .map(PolicyRole::roleName))
                .same("Description", policy.description() == null ? "" : policy.description())
                .same("ManagedPolicyName", policy.policyName())
                .rest(policy);
    }

    private static void instanceProfile(Declared declared, Aws.InRegion aws, Comparison comparison) {
        InstanceProfile profile = aws.iam()
                .getInstanceProfile(request -> request.instanceProfileName(declared.id()))
                .instanceProfile();
        comparison.same("Roles", profile.roles().stream().map(Role::roleName)).rest(profile);
    }
}
