package dev.pilotlight.proofs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.proofs.TemplateChange.Kind;
import dev.pilotlight.proofs.TemplateChange.PropertyChange;
import dev.pilotlight.proofs.TemplateChange.ResourceChange;
import dev.pilotlight.stacks.DrStack;
import dev.pilotlight.stacks.PrimaryStack;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the deploy of a lineage entry does to the instances that serve, in both profiles. */
class RollOutTransitionTest {

    private static final List<String> REGIONS = List.of(PrimaryStack.ID, DrStack.ID);

    static Stream<Arguments> transitions() {
        return Stream.concat(Transition.all().stream(), Transition.thatSkipEntries().stream())
                .flatMap(transition -> Stream.of("dev", "prod")
                        .flatMap(environment ->
                                REGIONS.stream().map(stack -> Arguments.of(environment, stack, transition))));
    }

    /** Neither an append nor a restore: a text in the template, where nothing is looked up. */
    @ParameterizedTest(name = "{0} {1}: {2}")
    @MethodSource("transitions")
    void noEntryChangesAnImageThatTheConfigurationNames(String environment, String stack, Transition transition) {
        LineageProof proof = new LineageProof(environment, transition);
        String image = stack.equals(PrimaryStack.ID) ? "ami-0123456789abcdef0" : "ami-0fedcba9876543210";
        assertThat(images(proof.templateBefore(stack))).containsExactly(image);
        assertThat(images(proof.templateAfter(stack))).containsExactly(image);
        assertThat(proof.templateAfter(stack).path("Parameters").properties())
                .extracting(Map.Entry::getKey)
                .containsExactly("BootstrapVersion");
    }

    /** A new alarm is in INSUFFICIENT_DATA, in which it refuses the roll-out of the very deploy that makes it. */
    @ParameterizedTest(name = "{0} {1}: {2}")
    @MethodSource("transitions")
    void theAlarmsOfARollOutWereThereBefore(String environment, String stack, Transition transition) {
        LineageProof proof = new LineageProof(environment, transition);
        TemplateChange change = proof.change(stack);
        Set<String> named = new TreeSet<>();
        proof.templateAfter(stack)
                .path("Resources")
                .forEach(resource -> resource.at(
                                "/UpdatePolicy/AutoScalingInstanceRefresh/Preferences/AlarmSpecification/Alarms")
                        .forEach(alarm -> named.add(alarm.path("Ref").asText())));
        assertThat(named).hasSize(2).allSatisfy(alarm -> {
            ResourceChange resource = change.resources().get(alarm);
            assertThat(resource.type()).isEqualTo("AWS::CloudWatch::Alarm");
            assertThat(resource.kind()).isIn(Kind.UNCHANGED, Kind.UPDATED);
        });
    }

    static Stream<Arguments> seeds() {
        return Transition.all().stream()
                .filter(transition -> !isRestore(transition))
                .flatMap(transition ->
                        Stream.of("dev", "prod").map(environment -> Arguments.of(environment, transition)));
    }

    static Stream<Arguments> restores() {
        return Transition.all().stream()
                .filter(RollOutTransitionTest::isRestore)
                .flatMap(transition ->
                        Stream.of("dev", "prod").map(environment -> Arguments.of(environment, transition)));
    }

    private static boolean isRestore(Transition transition) {
        return transition.entries().get(0).contains("{");
    }

    /** A refresh would be started by a change of the launch template, the subnets or the zones. */
    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("seeds")
    void anAppendOrANewReplicaReplacesNoInstanceThatServes(String environment, Transition transition) {
        LineageProof proof = new LineageProof(environment, transition);
        TemplateChange serving =
                proof.change(LineageProof.stack(proof.topologyAfter().leader()));
        assertThat(only(serving, "AWS::EC2::LaunchTemplate").kind()).isEqualTo(Kind.UNCHANGED);
        ResourceChange group = only(serving, "AWS::AutoScaling::AutoScalingGroup");
        assertThat(group.kind()).isIn(Kind.UNCHANGED, Kind.UPDATED);
        assertThat(group.properties()).extracting(PropertyChange::name).isSubsetOf("MinSize");
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("restores")
    void aRestoreReplacesTheLeadersInstances(String environment, Transition transition) {
        LineageProof proof = new LineageProof(environment, transition);
        TemplateChange serving =
                proof.change(LineageProof.stack(proof.topologyAfter().leader()));
        assertThat(only(serving, "AWS::EC2::LaunchTemplate").kind()).isEqualTo(Kind.UPDATED);
    }

    private static ResourceChange only(TemplateChange change, String type) {
        List<ResourceChange> found = change.resources().values().stream()
                .filter(resource -> resource.type().equals(type))
                .toList();
        assertThat(found).hasSize(1);
        return found.get(0);
    }

    private static List<String> images(JsonNode template) {
        return template.path("Resources").findValuesAsText("ImageId");
    }
}
