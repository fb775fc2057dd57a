package dev.pilotlight.backup;

import dev.pilotlight.compliance.Acknowledge;
import java.util.List;
import software.amazon.awscdk.services.iam.IRole;
import software.amazon.awscdk.services.iam.ManagedPolicy;
import software.amazon.awscdk.services.iam.Role;
import software.amazon.awscdk.services.iam.RoleProps;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.constructs.Construct;

/**
 * What AWS Backup acts as in one region: it backs up and restores databases, tables and buckets.
 *
 * <p>It belongs to the region, not to leadership. AWS Backup manages the recovery points that it made with a role for as
 * long as that role exists [doc: backup-iam], and a region that takes over must not need IAM's control plane to make
 * backups.
 */
public final class BackupRole extends Construct {

    private static final List<String> MANAGED_POLICIES = List.of(
            "service-role/AWSBackupServiceRolePolicyForBackup",
            "service-role/AWSBackupServiceRolePolicyForRestores",
            "AWSBackupServiceRolePolicyForS3Backup",
            "AWSBackupServiceRolePolicyForS3Restore");

    private final Role role;

    public BackupRole(Construct scope, String id) {
        super(scope, id);
        this.role = new Role(
                this,
                "Role",
                RoleProps.builder()
                        .assumedBy(new ServicePrincipal("backup.amazonaws.com"))
                        .managedPolicies(MANAGED_POLICIES.stream()
                                .map(name -> ManagedPolicy.fromAwsManagedPolicyName(name))
                                .toList())
                        .build());
        Acknowledge.managedPolicies(
                role,
                MANAGED_POLICIES,
                "AWS extends these policies when AWS Backup needs another call to make or restore a backup. A copy of ours"
                        + " would go stale unnoticed until a restore is refused.");
    }

    public IRole role() {
        return role;
    }
}
