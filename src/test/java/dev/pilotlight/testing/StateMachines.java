package dev.pilotlight.testing;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every state machine of every template: both environments, before and after a failover. */
public final class StateMachines {

    private static final String FAILED_OVER = "'databaseLineage': ['primary', 'dr', 'primary']";

    private StateMachines() {}

    /** The development environment with the automatic start. */
    public static SynthesizedApp withAutomaticStart() {
        return SynthesizedApp.of(TestConfigurations.with(
                "dev", "{'detection': {'startsFailover': true}, 'alertEmail': 'oncall@example.com'}"));
    }

    /** Definitions, by what they are called: {@code dev/DrStack/….}. */
    public static Map<String, String> all() {
        Map<String, String> texts = new LinkedHashMap<>();
        add(texts, "dev", withAutomaticStart());
        add(texts, "dev, failed over", SynthesizedApp.of(TestConfigurations.with("dev", "{" + FAILED_OVER + "}")));
        add(texts, "prod", SynthesizedApp.prod());
        add(texts, "prod, failed over", SynthesizedApp.of(TestConfigurations.with("prod", "{" + FAILED_OVER + "}")));
        return texts;
    }

    private static void add(Map<String, String> texts, String environment, SynthesizedApp app) {
        for (StackTemplate stack : List.of(app.primary(), app.dr())) {
            for (JsonNode machine :
                    stack.ofType("AWS::StepFunctions::StateMachine").values()) {
                texts.put(
                        "%s: %s of %s"
                                .formatted(
                                        environment,
                                        Intrinsics.text(machine.at("/Properties/StateMachineName")),
                                        stack.name()),
                        Intrinsics.text(machine.at("/Properties/DefinitionString")));
            }
        }
    }
}
