package dev.pilotlight.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.recovery.asl.Definition;
import dev.pilotlight.testing.StateMachines;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every state machine of every template. */
class StateMachinesTest {

    static List<String> machines() {
        return List.copyOf(StateMachines.all().keySet());
    }

    @Test
    void everyKindIsThere() {
        assertThat(machines()).anyMatch(name -> name.contains("-failover-"));
        assertThat(machines()).anyMatch(name -> name.contains("-rehearsal-"));
        assertThat(machines()).anyMatch(name -> name.contains("-probe-"));
        assertThat(machines()).anyMatch(name -> name.contains("-starter-"));
    }

    /**
     * Nothing is read but {@code $states} and variables that every way assigns, and no expression nests deeper than Step
     * Functions allows: the interpreter refuses everything else.
     */
    @ParameterizedTest
    @MethodSource("machines")
    void theInterpreterRunsIt(String machine) {
        assertThat(Definition.parse(StateMachines.all().get(machine)).stateNames())
                .isNotEmpty();
    }

    /** An answer from the internet may be of any size, and no retry makes it smaller. */
    @ParameterizedTest
    @MethodSource("machines")
    void anAnswerThatIsTooLargeIsCaughtByItsName(String machine) {
        Definition definition = Definition.parse(StateMachines.all().get(machine));
        for (String state : definition.stateNames()) {
            tasks(definition.state(state))
                    .filter(task -> Definition.call(task).equals("http:invoke"))
                    .forEach(task -> {
                        assertThat(task.get("Catch").toString()).as(state).contains("[States.DataLimitExceeded]");
                        assertThat(((List<?>) task.get("Retry")).get(0).toString())
                                .as(state)
                                .contains("States.DataLimitExceeded")
                                .contains("MaxAttempts=0");
                    });
        }
    }

    /** A state, or those inside of its branches. */
    @SuppressWarnings("unchecked")
    private static Stream<Map<String, Object>> tasks(Map<String, Object> state) {
        List<Map<String, Object>> branches = (List<Map<String, Object>>) state.getOrDefault("Branches", List.of());
        return Stream.concat(
                Stream.of(state).filter(fields -> "Task".equals(fields.get("Type"))),
                branches.stream()
                        .flatMap(branch -> ((Map<String, Map<String, Object>>) branch.get("States")).values().stream())
                        .flatMap(StateMachinesTest::tasks));
    }
}
