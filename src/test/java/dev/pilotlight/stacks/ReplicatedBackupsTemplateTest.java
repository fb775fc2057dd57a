package dev.pilotlight.stacks;

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
import org.junit.jupiter.api.Test;

/** The leader's automated backups in the standby's region, and the roles that belong to a region. */
class ReplicatedBackupsTemplateTest {

    private static SynthesizedApp app(String environment, String lineage) {
        return SynthesizedApp.of(TestConfigurations.with(environment, "{'databaseLineage': [" + lineage + "]}"));
    }

    /** IAM may be lost with the other region; and AWS Backup manages what it made with a role only while that exists. */
    @Test
    void noRoleBelongsToTheLeaderAlone() {
        for (String environment : List.of("dev", "prod")) {
            SynthesizedApp founded = app(environment, "'primary', 'dr'");
            SynthesizedApp failedOver = app(environment, "'primary', 'dr', 'primary'");
            assertThat(roles(failedOver.primary())).containsAll(roles(founded.primary()));
            assertThat(roles(founded.dr())).containsAll(roles(failedOver.dr()));
            assertThat(roles(founded.foundation())).containsAll(roles(failedOver.foundation()));
            assertThat(roles(founded.primary())).anyMatch(id -> id.startsWith("BackupRole"));
            assertThat(roles(failedOver.foundation())).anyMatch(id -> id.startsWith("FoundationDataReplicationRole"));
        }
    }

    private static Set<String> roles(StackTemplate stack) {
        Set<String> ids = new TreeSet<>(stack.ofType("AWS::IAM::Role").keySet());
        ids.addAll(stack.ofType("AWS::IAM::ManagedPolicy").keySet());
        return ids;
    }

    @Test
    void productionHasTheMachineInBothRegionsAndEconomyInNone() {
        for (SynthesizedApp app : List.of(app("prod", "'primary', 'dr'"), app("prod", "'primary', 'dr', 'primary'"))) {
            assertThat(definition(app.primary())).isNotEmpty();
            assertThat(definition(app.dr())).isNotEmpty();
        }
        assertThat(machines(SynthesizedApp.dev().primary())).noneMatch(name -> name.contains("-backups-"));
        assertThat(machines(SynthesizedApp.dev().dr())).noneMatch(name -> name.contains("-backups-"));
    }

    /** What is received is named by the lineage, and the leader receives nothing. */
    @Test
    void onlyTheStandbyStartsAReplication() {
        SynthesizedApp founded = app("prod", "'primary', 'dr'");
        String start = "startDBInstanceAutomatedBackupsReplication";
        assertThat(definition(founded.dr())).contains(start, ":db:pilotlight-prod-db-0");
        assertThat(definition(founded.primary())).doesNotContain(start);
        SynthesizedApp failedOver = app("prod", "'primary', 'dr', 'primary'");
        assertThat(definition(failedOver.primary())).contains(start, ":db:pilotlight-prod-db-1");
        assertThat(definition(failedOver.dr()))
                .doesNotContain(start)
                .contains("stopDBInstanceAutomatedBackupsReplication", ":db:pilotlight-prod-db-0");
    }

    @Test
    void itRunsEveryHourAndMayAskForNothingElse() {
        StackTemplate dr = app("prod", "'primary', 'dr'").dr();
        assertThat(dr.ofType("AWS::Scheduler::Schedule").entrySet())
                .filteredOn(schedule -> schedule.getKey().startsWith("ReplicatedBackups"))
                .singleElement()
                .satisfies(schedule -> assertThat(schedule.getValue()
                                .at("/Properties/ScheduleExpression")
                                .asText())
                        .isEqualTo("cron(17 * * * ? *)"));
        List<String> allowed = new ArrayList<>();
        dr.ofType("AWS::IAM::ManagedPolicy").forEach((id, policy) -> {
            if (id.startsWith("ReplicatedBackupsMachine")) {
                policy.at("/Properties/PolicyDocument/Statement").forEach(statement -> {
                    JsonNode actions = statement.path("Action");
                    if (actions.isArray()) {
                        actions.forEach(action -> allowed.add(action.asText()));
                    } else {
                        allowed.add(actions.asText());
                    }
                });
            }
        });
        assertThat(allowed)
                .filteredOn(action -> !action.startsWith("logs:") && !action.startsWith("xray:"))
                .containsExactlyInAnyOrder(
                        "rds:DescribeDBInstanceAutomatedBackups",
                        "rds:StartDBInstanceAutomatedBackupsReplication",
                        "rds:StopDBInstanceAutomatedBackupsReplication",
                        "kms:CreateGrant",
                        "kms:DescribeKey",
                        "kms:Decrypt",
                        "kms:GenerateDataKey",
                        "sns:Publish");
    }

    private static List<String> machines(StackTemplate stack) {
        return stack.ofType("AWS::StepFunctions::StateMachine").values().stream()
                .map(machine -> Intrinsics.text(machine.at("/Properties/StateMachineName")))
                .toList();
    }

    private static String definition(StackTemplate stack) {
        return stack.ofType("AWS::StepFunctions::StateMachine").values().stream()
                .filter(machine -> Intrinsics.text(machine.at("/Properties/StateMachineName"))
                        .contains("-backups-"))
                .map(machine -> Intrinsics.text(machine.at("/Properties/DefinitionString")))
                .findFirst()
                .orElse("");
    }
}
