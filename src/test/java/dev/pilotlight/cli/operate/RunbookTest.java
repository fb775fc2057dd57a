package dev.pilotlight.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.topology.PromotionTag;
import org.junit.jupiter.api.Test;

/** What the commands know of the runbook that is synthesized. */
class RunbookTest {

    private static String definition() {
        for (JsonNode machine : SynthesizedApp.dev()
                .dr()
                .ofType("AWS::StepFunctions::StateMachine")
                .values()) {
            if (machine.at("/Properties/StateMachineName").asText().equals("pilotlight-dev-failover-dr")) {
                return ExpectedLossTest.text(machine.at("/Properties/DefinitionString"));
            }
        }
        throw new AssertionError("no failover runbook");
    }

    @Test
    void itsTermListenerAndDatabaseAreReadFromItsDefinition() {
        Runbook runbook = Runbook.of("arn", definition()).orElseThrow();
        assertThat(runbook.term()).isEqualTo(1);
        assertThat(runbook.listenerArn()).isEqualTo("filled-in");
        assertThat(runbook.database()).isEqualTo("pilotlight-dev-db-1");
        assertThat(runbook.comments()).containsKey("Promote").doesNotContainValue("");
    }

    @Test
    void everyStateBelongsToAStepThatPeopleFollow() {
        Runbook runbook = Runbook.of("arn", definition()).orElseThrow();
        assertThat(runbook.comments().keySet())
                .as("name new states in cli/operate/Phase")
                .allSatisfy(state -> assertThat(Phase.of(state)).isPresent());
    }

    @Test
    void theFindingThatNobodyReadsTheClaimBeginsAsTheCommandExpects() {
        assertThat(definition()).contains("'" + FailoverDialogue.UNSEEN + ": '");
    }

    @Test
    void itMarksThePromotionWithTheTagThatStatusReads() {
        assertThat(definition()).contains("\"Key\":\"" + PromotionTag.KEY + "\"");
    }

    @Test
    void anotherMachineIsNoRunbookOfOurs() {
        assertThat(Runbook.of("arn", "{\"Comment\": \"Something\", \"States\": {}}"))
                .isEmpty();
        assertThat(Runbook.of("arn", "no JSON")).isEmpty();
    }
}
