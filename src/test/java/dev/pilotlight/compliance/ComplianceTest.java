package dev.pilotlight.compliance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.testing.GeneratedFile;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import dev.pilotlight.testing.TestConfigurations;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The rule packs find nothing that was not read, and every acknowledgement answers a finding. */
class ComplianceTest {

    static List<SynthesizedApp> apps() {
        String failedOver = "{'databaseLineage': ['primary', 'dr', 'primary']}";
        String automatic = "{'detection': {'startsFailover': true}, 'alertEmail': 'oncall@example.com'}";
        return List.of(
                SynthesizedApp.dev(),
                SynthesizedApp.prod(),
                SynthesizedApp.of(TestConfigurations.with("dev", failedOver)),
                SynthesizedApp.of(TestConfigurations.with("prod", failedOver)),
                SynthesizedApp.of(TestConfigurations.with("dev", automatic)),
                SynthesizedApp.of(TestConfigurations.with("prod", automatic)));
    }

    @ParameterizedTest
    @MethodSource("apps")
    void noFindingIsOpen(SynthesizedApp app) {
        assertThat(app.stacks().stream().flatMap(stack -> stack.messages().stream()))
                .isNotEmpty()
                .allMatch(message -> message.startsWith("aws:cdk:info: ") && message.contains(" CdkNagSuppression"));
    }

    @ParameterizedTest
    @MethodSource("apps")
    void noAcknowledgementIsIdle(SynthesizedApp app) {
        List<String> suppressed = app.stacks().stream()
                .flatMap(stack -> stack.messages().stream())
                .toList();
        assertThat(Acknowledgement.in(app))
                .filteredOn(acknowledgement -> !acknowledgement.rule().startsWith("cfn-lint"))
                .isNotEmpty()
                .allSatisfy(acknowledgement -> {
                    String scope = acknowledgement.scope().isEmpty() ? "" : "[" + acknowledgement.scope() + "]";
                    assertThat(suppressed)
                            .anyMatch(message -> message.startsWith("aws:cdk:info: /" + acknowledgement.path() + ": ")
                                    && message.contains(
                                            "CdkNagSuppression" + scope + ": " + acknowledgement.rule() + " "));
                });
    }

    @ParameterizedTest
    @MethodSource("apps")
    void everyAcknowledgementHasAReasonOfItsOwn(SynthesizedApp app) {
        assertThat(Acknowledgement.in(app))
                .allSatisfy(
                        acknowledgement -> assertThat(acknowledgement.reason()).hasSizeGreaterThan(50));
    }

    @ParameterizedTest
    @MethodSource("apps")
    void noneIsAcknowledgedForAWholeStack(SynthesizedApp app) {
        for (StackTemplate stack : app.stacks()) {
            assertThat(stack.template().path("Metadata").has("cdk_nag")).isFalse();
        }
    }

    @Test
    void thePageListsThemAll() {
        GeneratedFile.check(Path.of("docs/acknowledgements.md"), page());
    }

    private static String page() {
        StringBuilder page = new StringBuilder("""
                # Acknowledged findings

                Generated from the synthesized templates by `ComplianceTest`; do not edit. Every synth is checked by cdk-nag's
                AwsSolutions pack, in the production profile by its NIST 800-53 R5 pack too, by CloudFormation's default rules
                and by cfn-lint. A finding fails the synth and the tests unless it is acknowledged in the code, at the resource
                concerned, with a reason. None is acknowledged for a whole stack. An acknowledgement that no finding needs fails
                the tests as well.

                | Rule | Where | Profile | Why it stands |
                |---|---|---|---|
                """);
        Map<List<String>, TreeSet<String>> rows = new LinkedHashMap<>();
        Map<List<String>, TreeSet<String>> profiles = new LinkedHashMap<>();
        Map<String, SynthesizedApp> apps = new LinkedHashMap<>();
        apps.put("economy", SynthesizedApp.dev());
        apps.put("production", SynthesizedApp.prod());
        apps.forEach((profile, app) -> Acknowledgement.in(app).forEach(acknowledgement -> {
            List<String> key = List.of(acknowledgement.rule(), acknowledgement.reason());
            rows.computeIfAbsent(key, any -> new TreeSet<>())
                    .add(acknowledgement.path().replaceFirst("/Resource$", ""));
            profiles.computeIfAbsent(key, any -> new TreeSet<>()).add(profile);
        }));
        rows.entrySet().stream()
                .sorted(Comparator.comparing(
                        row -> row.getKey().get(0) + row.getKey().get(1)))
                .forEach(row -> page.append("| %s | %s | %s | %s |%n"
                        .formatted(
                                row.getKey().get(0),
                                String.join("<br>", row.getValue()),
                                profiles.get(row.getKey()).size() == 2
                                        ? "both"
                                        : profiles.get(row.getKey()).first(),
                                row.getKey().get(1))));
        page.append("\n%d findings acknowledged for %d reasons.%n"
                .formatted(
                        Stream.of(SynthesizedApp.dev(), SynthesizedApp.prod())
                                .flatMap(app -> Acknowledgement.in(app).stream())
                                .distinct()
                                .count(),
                        rows.size()));
        return page.toString();
    }
}
