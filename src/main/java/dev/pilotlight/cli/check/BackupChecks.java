package dev.pilotlight.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pilotlight.cli.aws.Aws;
import java.util.Map;
import software.amazon.awssdk.services.backup.model.BackupSelection;
import software.amazon.awssdk.services.backup.model.DescribeBackupVaultResponse;
import software.amazon.awssdk.services.backup.model.GetBackupPlanResponse;

/** AWS Backup. */
final class BackupChecks implements ServiceChecks {

    @Override
    public Map<String, ResourceCheck> checks() {
        return Map.of(
                "AWS::Backup::BackupVault", BackupChecks::vault,
                "AWS::Backup::BackupPlan", BackupChecks::plan,
                "AWS::Backup::BackupSelection", BackupChecks::selection);
    }

    @Override
    public Map<String, Attribute> attributes() {
        return Map.of(
                "AWS::Backup::BackupVault.BackupVaultName", (id, place) -> id,
                "AWS::Backup::BackupVault.BackupVaultArn", (id, place) -> place.arn("backup", "backup-vault:" + id),
                "AWS::Backup::BackupPlan.BackupPlanId", (id, place) -> id,
                "AWS::Backup::BackupPlan.BackupPlanArn", (id, place) -> place.arn("backup", "backup-plan:" + id));
    }

    private static void vault(Declared declared, Aws.InRegion aws, Comparison comparison) {
        DescribeBackupVaultResponse vault =
                aws.backup().describeBackupVault(request -> request.backupVaultName(declared.id()));
        if (declared.properties().has("LockConfiguration")) {
            comparison.same("lock", Answer.of(true), vault.locked());
        }
        comparison
                .same("LockConfiguration", vault)
                .tags("BackupVaultTags", tags(aws, vault.backupVaultArn()))
                .rest(vault);
    }

    private static void plan(Declared declared, Aws.InRegion aws, Comparison comparison) {
        GetBackupPlanResponse plan = aws.backup().getBackupPlan(request -> request.backupPlanId(declared.id()));
        JsonNode actual = Answer.of(plan.backupPlan());
        JsonNode rules = actual.path("Rules");
        rules.forEach(rule -> ((ObjectNode) rule).set("TargetBackupVault", rule.path("TargetBackupVaultName")));
        ((ObjectNode) actual).set("BackupPlanRule", rules);
        comparison.same("BackupPlan", actual).tags("BackupPlanTags", tags(aws, plan.backupPlanArn()));
    }

    private static void selection(Declared declared, Aws.InRegion aws, Comparison comparison) {
        String plan = declared.text("BackupPlanId");
        // Ref gives SELECTION_PLAN or PLAN_SELECTION: the documentation and the handler disagree.
        String id = declared.id().replace(plan, "").replace("_", "").replace("|", "");
        BackupSelection selection = aws.backup()
                .getBackupSelection(request -> request.backupPlanId(plan).selectionId(id))
                .backupSelection();
        comparison.same("BackupSelection", selection).notShown("asked by it", "BackupPlanId");
    }

    private static Map<String, String> tags(Aws.InRegion aws, String arn) {
        return aws.backup().listTags(request -> request.resourceArn(arn)).tags();
    }
}
