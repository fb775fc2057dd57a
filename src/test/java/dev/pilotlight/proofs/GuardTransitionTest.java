package dev.pilotlight.proofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.proofs.TemplateChange.Kind;
import dev.pilotlight.proofs.TemplateChange.ResourceChange;
import dev.pilotlight.stacks.DrFoundationStack;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import dev.pilotlight.testing.TestConfigurations;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link GuardTable} says of vaults and of the diff check. */
class GuardTransitionTest {

    private static final String VAULT = "AWS::Backup::BackupVault";

    static Stream<Arguments> transitions() {
        return Transition.all().stream()
                .flatMap(transition ->
                        Stream.of("dev", "prod").map(environment -> Arguments.of(environment, transition)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("transitions")
    void noEntryTouchesAVaultOrItsLock(String environment, Transition transition) {
        LineageProof proof = new LineageProof(environment, transition);
        List<ResourceChange> vaults = LineageProof.STACKS.stream()
                .flatMap(stack -> proof.change(stack).resources().values().stream())
                .filter(resource -> resource.type().equals(VAULT))
                .toList();
        assertThat(vaults).hasSize(2).extracting(ResourceChange::kind).containsOnly(Kind.UNCHANGED);
    }

    @Test
    void anotherRetentionChangesTheLockInPlace() {
        StackTemplate before = SynthesizedApp.dev().foundation();
        StackTemplate after = SynthesizedApp.of(
                        TestConfigurations.with("dev", "{'backup': {'monthlyRetentionMonths': 36}}"))
                .foundation();
        TemplateChange change =
                TemplateChange.between(before.template(), after.template(), ResourceSchemas.of(before.region()));
        assertThat(change.resources().values().stream()
                        .filter(resource -> resource.type().equals(VAULT)))
                .singleElement()
                .satisfies(vault -> {
                    assertThat(vault.kind()).isEqualTo(Kind.UPDATED);
                    assertThat(vault.properties())
                            .allSatisfy(property -> assertThat(property.name()).startsWith("LockConfiguration"));
                });
    }

    /** As the CDK CLI counts it: replaced, deleted, or out of the template and retained. */
    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("transitions")
    void everyEntryIsDestructiveToTheDiffCheck(String environment, Transition transition) {
        LineageProof proof = new LineageProof(environment, transition);
        assertThat(LineageProof.STACKS.stream()
                        .filter(stack -> !stack.equals(DrFoundationStack.ID))
                        .flatMap(stack -> proof.change(stack).resources().values().stream())
                        .map(ResourceChange::kind))
                .contains(Kind.LEFT_RETAINED);
    }
}
