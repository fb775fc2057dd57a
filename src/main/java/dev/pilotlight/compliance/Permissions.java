package dev.pilotlight.compliance;

import java.util.List;
import software.amazon.awscdk.services.iam.IRole;
import software.amazon.awscdk.services.iam.ManagedPolicy;
import software.amazon.awscdk.services.iam.ManagedPolicyProps;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.RoleProps;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.constructs.Construct;

/**
 * A role of an AWS service and the one customer managed policy with everything that it may do. Grants that CDK would add
 * to the role behind our back are dropped: what is written here is all there is.
 */
public final class Permissions extends Construct {

    private final Role role;
    private final ManagedPolicy policy;

    /** @param service the principal that assumes the role, such as {@code ec2.amazonaws.com} */
    public Permissions(Construct scope, String id, String service, List<PolicyStatement> statements) {
        super(scope, id);
        this.role = new Role(
                this,
                "Role",
                RoleProps.builder().assumedBy(new ServicePrincipal(service)).build());
        this.policy = new ManagedPolicy(
                this,
                "Policy",
                ManagedPolicyProps.builder()
                        .roles(List.of(role))
                        .statements(statements)
                        .build());
    }

    /** The role, closed to further grants. Whatever acts with it must depend on {@link #policy()}. */
    public IRole role() {
        return role.withoutPolicyUpdates();
    }

    public ManagedPolicy policy() {
        return policy;
    }

    /** Shorthand for an Allow statement. */
    public static PolicyStatement allow(List<String> actions, String... resources) {
        return PolicyStatement.Builder.create()
                .actions(actions)
                .resources(List.of(resources))
                .build();
    }
}
