package dev.pilotlight.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.topology.PromotionTag;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
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

    /** A drill lights nothing, and whoever follows it must not read that it does. */
    @Test
    void aDrillDoesNotPassTheStepThatLights() throws JsonProcessingException {
        JsonNode states = new ObjectMapper().readTree(definition()).get("States");
        Set<String> reached = new TreeSet<>(Set.of("Ask the witnesses"));
        Deque<String> open = new ArrayDeque<>(reached);
        assertThat(states.get("The right database?").toString()).contains("\"Ask the witnesses\"");
        while (!open.isEmpty()) {
            JsonNode state = states.get(open.pop());
            List<JsonNode> next = new ArrayList<>(state.findValues("Next"));
            next.addAll(state.findValues("Default"));
            next.forEach(node -> {
                if (reached.add(node.asText())) {
                    open.push(node.asText());
                }
            });
        }
        assertThat(reached).hasSizeGreaterThan(50);
        assertThat(reached).extracting(Phase::of).doesNotContain(Optional.of(Phase.LIGHT));
        assertThat(Phase.of("Light the pilot")).hasValue(Phase.LIGHT);
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
