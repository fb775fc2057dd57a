package dev.pilotlight.backup;

import dev.pilotlight.config.Configuration.BackupSettings;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.backup.BackupPlan;
import software.amazon.awscdk.services.backup.BackupPlanCopyActionProps;
import software.amazon.awscdk.services.backup.BackupPlanProps;
import software.amazon.awscdk.services.backup.BackupPlanRule;
import software.amazon.awscdk.services.backup.BackupPlanRuleProps;
import software.amazon.awscdk.services.backup.BackupResource;
import software.amazon.awscdk.services.backup.BackupSelectionOptions;
import software.amazon.awscdk.services.backup.IBackupVault;
import software.amazon.awscdk.services.events.CronOptions;
import software.amazon.awscdk.services.events.EventPattern;
import software.amazon.awscdk.services.events.Rule;
import software.amazon.awscdk.services.events.RuleProps;
import software.amazon.awscdk.services.events.Schedule;
import software.amazon.awscdk.services.events.targets.SnsTopic;
import software.amazon.awscdk.services.iam.IRole;
import software.amazon.awscdk.services.sns.ITopic;
import software.constructs.Construct;

/**
 * The leader's backups by AWS Backup: daily and monthly, each copied to the other region's vault. The standby has none;
 * what it would back up are copies.
 */
public final class BackupPlans extends Construct {

    /**
     * @param name of the plan
     * @param role what AWS Backup acts as, {@link BackupRole}
     * @param vault of this region
     * @param copies the other region's vault
     * @param resourceArns the database, the table and the bucket; by ARN, since CDK's selection by construct silently
     *     selects nothing for some of them
     * @param alerts told of jobs that failed, expired or were aborted
     */
    public record Props(
            String name,
            BackupSettings settings,
            IRole role,
            IBackupVault vault,
            IBackupVault copies,
            List<String> resourceArns,
            ITopic alerts) {}

    public BackupPlans(Construct scope, String id, Props props) {
        super(scope, id);
        BackupPlan plan = new BackupPlan(
                this,
                "Plan",
                BackupPlanProps.builder()
                        .backupPlanName(props.name())
                        .backupVault(props.vault())
                        .build());
        plan.addRule(rule(
                props,
                "daily",
                CronOptions.builder().hour("3").minute("0").build(),
                Duration.days(props.settings().dailyRetentionDays())));
        plan.addRule(rule(
                props,
                "monthly",
                CronOptions.builder().day("1").hour("5").minute("0").build(),
                Duration.days(daysOf(props.settings().monthlyRetentionMonths()))));
        plan.addSelection(
                "Data",
                BackupSelectionOptions.builder()
                        .role(props.role())
                        .disableDefaultBackupPolicy(true)
                        .resources(props.resourceArns().stream()
                                .map(BackupResource::fromArn)
                                .toList())
                        .build());
        alert(props.alerts());
    }

    /** The length of so many months in days, rounded up: retentions are given in days. */
    public static int daysOf(int months) {
        return (months * 365 + 11) / 12;
    }

    private static BackupPlanRule rule(Props props, String name, CronOptions at, Duration retention) {
        return new BackupPlanRule(BackupPlanRuleProps.builder()
                .ruleName(name)
                .scheduleExpression(Schedule.cron(at))
                .startWindow(Duration.hours(1))
                .completionWindow(Duration.hours(8))
                .deleteAfter(retention)
                .copyActions(List.of(BackupPlanCopyActionProps.builder()
                        .destinationBackupVault(props.copies())
                        .deleteAfter(retention)
                        .build()))
                .build());
    }

    private void alert(ITopic alerts) {
        // Backup and copy jobs say how they ended in "state", restore jobs in "status".
        alert("JobsThatFailed", "state", List.of("Backup Job State Change", "Copy Job State Change"), alerts);
        alert("RestoresThatFailed", "status", List.of("Restore Job State Change"), alerts);
    }

    private void alert(String id, String field, List<String> events, ITopic alerts) {
        Rule rule = new Rule(
                this,
                id,
                RuleProps.builder()
                        .description("Jobs of AWS Backup that failed, expired or were aborted")
                        .eventPattern(EventPattern.builder()
                                .source(List.of("aws.backup"))
                                .detailType(events)
                                .detail(Map.of(field, List.of("FAILED", "EXPIRED", "ABORTED")))
                                .build())
                        .build());
        rule.addTarget(new SnsTopic(alerts));
    }
}
