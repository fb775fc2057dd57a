package dev.pilotlight.proofs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.proofs.TemplateChange.Kind;
import dev.pilotlight.proofs.TemplateChange.PropertyChange;
import dev.pilotlight.proofs.TemplateChange.ResourceChange;
import dev.pilotlight.stacks.DrFoundationStack;
import dev.pilotlight.testing.GeneratedFile;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Topology;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every way in which a lineage grows keeps what must be kept, in both profiles. */
class LineageTransitionTest {

    private static final List<String> ENVIRONMENTS = List.of("dev", "prod");

    static Stream<Arguments> transitions() {
        return inBothProfiles(Transition.all());
    }

    static Stream<Arguments> lateTransitions() {
        return inBothProfiles(Transition.thatSkipEntries());
    }

    private static Stream<Arguments> inBothProfiles(List<Transition> transitions) {
        return transitions.stream()
                .flatMap(transition -> ENVIRONMENTS.stream().map(environment -> Arguments.of(environment, transition)));
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("transitions")
    void nothingIsLostAndNothingThatServesIsReplaced(String environment, Transition transition) {
        assertThat(new LineageProof(environment, transition).violations()).isEqualTo(List.of());
    }

    /** A region that was away while the lineage grew by more than one entry catches up in one deploy. */
    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("lateTransitions")
    void aStackThatMissedEntriesCatchesUp(String environment, Transition transition) {
        assertThat(new LineageProof(environment, transition).violations()).isEqualTo(List.of());
    }

    /**
     * The one trap of catching up: a region that was away while the leader was restored would be given a replica of the
     * database that was restored away, which is there only as long as nobody deletes it. Seeding it anew avoids that.
     */
    @Test
    void onlyARegionThatWasAwayDuringARestoreWouldFollowADatabaseThatHasLeft() {
        assertThat(lateTransitions()
                        .filter(arguments -> follows(arguments.get()))
                        .map(arguments -> ((Transition) arguments.get()[1]).brief())
                        .distinct())
                .containsExactly("p d → p d p d@time", "p d → p d p d@snapshot");
        assertThat(transitions().filter(arguments -> follows(arguments.get()))).isEmpty();
    }

    private static boolean follows(Object[] arguments) {
        return new LineageProof((String) arguments[0], (Transition) arguments[1]).createsReplicaOfWhatLeft();
    }

    /** A comparison that misses what it should compare proves nothing. */
    @Test
    void everyPropertyIsCompared() {
        int compared = 0;
        for (Transition transition : Transition.all()) {
            for (String environment : ENVIRONMENTS) {
                LineageProof proof = new LineageProof(environment, transition);
                for (String stack : LineageProof.STACKS) {
                    TemplateChange change = proof.change(stack);
                    assertThat(change.compared())
                            .isGreaterThan(5 * change.resources().size());
                    compared += change.compared();
                }
            }
        }
        assertThat(compared).isGreaterThan(Transition.all().size() * 2_000);
    }

    /** What was retained keeps its name for ever: a database or log group that came later must not ask for it. */
    @Test
    void noNameIsUsedTwiceInALongHistory() {
        Map<RegionName, Set<String>> retained = new LinkedHashMap<>();
        List<String> again = new ArrayList<>();
        for (Transition transition : Transition.all().subList(0, 3)) {
            for (String stack : LineageProof.STACKS) {
                Set<String> names = retained.computeIfAbsent(LineageProof.region(stack), region -> new TreeSet<>());
                TemplateChange change = new LineageProof("dev", transition).change(stack);
                change.of(Kind.ADDED).stream()
                        .map(LineageTransitionTest::name)
                        .filter(names::contains)
                        .forEach(again::add);
                change.of(Kind.LEFT_RETAINED).forEach(resource -> names.add(name(resource)));
            }
        }
        assertThat(retained.values()).allSatisfy(names -> assertThat(names).hasSizeGreaterThanOrEqualTo(3));
        assertThat(again).isEmpty();
    }

    private static String name(ResourceChange resource) {
        return resource.type() + " " + resource.property("DBInstanceIdentifier").asText()
                + resource.property("LogGroupName").asText();
    }

    @Test
    void thePageForReviewersIsUpToDate() {
        GeneratedFile.check(Path.of("docs/lineage-transitions.md"), page());
    }

    private static String page() {
        Map<String, List<Transition>> same = new LinkedHashMap<>();
        for (Transition transition : Transition.all()) {
            same.computeIfAbsent(effect(transition), missing -> new ArrayList<>())
                    .add(transition);
        }
        StringBuilder page = new StringBuilder("""
                # What a lineage entry changes

                What each deploy after an entry in `databaseLineage` does, by stack. Generated from the synthesized templates \
                of both profiles by `LineageTransitionTest`; read it when you review a change that touches it.

                `p d p` is the lineage `["primary", "dr", "primary"]`; `p@time` and `p@snapshot` are restores. Each template \
                before is compared with the one after, property by property, against CloudFormation's resource schemas and \
                the CDK CLI's database (the stricter counts) and the rules of CloudFormation's handlers. What a replaced \
                resource would take along through a reference is followed.

                Proven for each of %d transitions, in both profiles:

                - Nothing that holds data (databases, buckets, the table, keys, vaults, the secret, log groups, the \
                databases' subnet and parameter groups) is replaced, deleted, or without retention. Only the stale database \
                leaves its template, with its log groups, retained.
                - No property of a database changes. A promoted replica keeps its source. The standby's database is never \
                updated, since an update waits for replication, which may be broken.
                - Health checks change in place. Failover records do not change at all.
                - No load balancer, listener, certificate, target group, network, launch template or Auto Scaling group is \
                replaced, in either region. Where leadership moves without a restore, nothing of the serving region's group \
                changes but its least size: no instance is replaced. (The configuration names the images, as the \
                set-up writes them: without `compute.ami` a newer Amazon Linux is rolled out as by any other deploy.)
                - A fresh replica follows the leader's database, in a stack that is deployed after the leader's, under a name \
                that was never used.

                The same is proven for each of %d ways in which a stack may skip entries, because its region was away. One trap: \
                after a restore of the leader, append the other region once more before its stack is deployed again, or it \
                would get a replica of the database that was restored away, which is there only until somebody deletes it.

                Only these are ever deleted or replaced:

                """.formatted(
                        Transition.all().size(), Transition.thatSkipEntries().size()));
        LineageProof.MAY_GO.forEach((type, reason) -> page.append("- `%s`: %s.\n".formatted(type, reason)));
        same.forEach((effect, transitions) -> {
            page.append("\n## ");
            page.append(String.join(
                    "; ", transitions.stream().map(Transition::brief).toList()));
            page.append("\n");
            page.append(capitalized(String.join(
                    "; ", transitions.stream().map(Transition::title).distinct().toList())));
            page.append(". ").append(effect);
        });
        return page.toString();
    }

    private static String effect(Transition transition) {
        String economy = effect("dev", transition);
        String production = effect("prod", transition);
        return economy.equals(production)
                ? economy
                : economy + "\nIn production:" + production.substring(production.indexOf('\n'));
    }

    private static String effect(String environment, Transition transition) {
        LineageProof proof = new LineageProof(environment, transition);
        Topology before = proof.topologyBefore();
        Topology after = proof.topologyAfter();
        StringBuilder effect = new StringBuilder();
        effect.append(
                before.leader() == after.leader()
                        ? "%s leads on, in term %d.".formatted(after.leader().id(), after.term())
                        : "%s leads after %s, in term %d."
                                .formatted(after.leader().id(), before.leader().id(), after.term()));
        effect.append("\n");
        List<String> untouched = new ArrayList<>();
        for (String stack : inOrder(after)) {
            TemplateChange change = proof.change(stack);
            StringBuilder items = new StringBuilder();
            for (Kind kind : Kind.values()) {
                List<String> resources = change.of(kind).stream()
                        .map(LineageTransitionTest::described)
                        .toList();
                if (kind != Kind.UNCHANGED && !resources.isEmpty()) {
                    items.append("- %s: %s\n".formatted(words(kind), String.join(", ", resources)));
                }
            }
            if (items.isEmpty()) {
                untouched.add(stack);
            } else {
                effect.append("\n**%s**\n\n%s".formatted(stack, items));
            }
        }
        if (!untouched.isEmpty()) {
            effect.append("\nNothing changes in ")
                    .append(String.join(" and ", untouched))
                    .append(".\n");
        }
        return effect.toString();
    }

    /** As they are deployed. */
    private static List<String> inOrder(Topology topology) {
        return List.of(
                DrFoundationStack.ID, LineageProof.stack(topology.leader()), LineageProof.stack(topology.standby()));
    }

    private static String words(Kind kind) {
        return switch (kind) {
            case UNCHANGED -> "unchanged";
            case UPDATED -> "updated in place";
            case CONDITIONAL -> "**perhaps replaced**";
            case REPLACED -> "replaced";
            case ADDED -> "added";
            case LEFT_RETAINED -> "**leaves, retained**";
            case DELETED -> "deleted";
        };
    }

    private static String described(ResourceChange resource) {
        Set<String> details = new LinkedHashSet<>();
        for (PropertyChange property : resource.properties()) {
            // Which element of a list is of no interest, nor which of a structure's outer names.
            String name = property.name().replaceFirst("(\\.[0-9]+)+($|\\..*)", "");
            details.add(name.replaceFirst("^(HealthCheckConfig|LaunchTemplateData|PolicyDocument)\\.", ""));
        }
        return resource.name() + (details.isEmpty() ? "" : " (" + String.join(", ", details) + ")");
    }

    private static String capitalized(String text) {
        return text.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + text.substring(1);
    }
}
