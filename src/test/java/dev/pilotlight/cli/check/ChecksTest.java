package dev.pilotlight.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.topology.PromotionTag;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Nothing that we declare goes unchecked: {@code ./pilot local} must not pass what it did not look at. */
class ChecksTest {

    static Stream<SynthesizedApp> environments() {
        return Stream.of(SynthesizedApp.dev(), SynthesizedApp.prod());
    }

    private static Stream<JsonNode> templates(SynthesizedApp app) {
        return Stream.of(app.foundation(), app.primary(), app.dr()).map(stack -> stack.template());
    }

    @ParameterizedTest
    @MethodSource("environments")
    void everyResourceTypeHasACheck(SynthesizedApp app) {
        Set<String> types = new TreeSet<>();
        templates(app)
                .forEach(template -> template.path("Resources")
                        .forEach(resource -> types.add(resource.path("Type").asText())));
        assertThat(types).hasSizeGreaterThan(30);
        assertThat(Checks.types()).containsAll(types);
    }

    /** An attribute that we cannot look up makes the properties that name it incomparable. */
    @ParameterizedTest
    @MethodSource("environments")
    void everyReferenceCanBeResolved(SynthesizedApp app) {
        Set<String> attributes = new TreeSet<>();
        templates(app).forEach(template -> {
            for (JsonNode reference : references(template)) {
                String type = template.path("Resources")
                        .path(reference.get(0).asText())
                        .path("Type")
                        .asText();
                attributes.add(type + "." + reference.get(1).asText());
            }
        });
        assertThat(attributes).isNotEmpty();
        assertThat(Checks.attributes().keySet()).containsAll(attributes);
    }

    /** Else the check would take every promoted database for a defect. */
    @ParameterizedTest
    @MethodSource("environments")
    void theRunbookMarksADatabaseThatItPromotesWithTheTagThatTheCheckKnows(SynthesizedApp app) {
        assertThat(templates(app))
                .anyMatch(template ->
                        template.toString().replace("\\", "").contains("\"Key\":\"" + PromotionTag.KEY + "\""));
    }

    private static List<JsonNode> references(JsonNode template) {
        return template.path("Resources").findValues("Fn::GetAtt");
    }
}
