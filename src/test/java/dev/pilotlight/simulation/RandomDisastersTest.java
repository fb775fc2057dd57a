package dev.pilotlight.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Thousands of disasters, the same in every build, and those that the hold-out has found; then the hold-out, which is
 * compared with them and so in the same class: each JVM of a build lives through its own classes. A seed that fails is printed with
 * its timeline and runs alone with {@code ./mvnw test -Dtest=RandomDisastersTest -Dpilotlight.seed=1234};
 * {@code -Dpilotlight.disasters=100000} runs more.
 */
class RandomDisastersTest {

    private static final int DISASTERS = Integer.getInteger("pilotlight.disasters", 10_000);
    private static final Path FOUND = Path.of("src/test/resources/simulation/found-seeds.txt");
    private static Campaign fixed;

    /** Once in a build. */
    private static synchronized Campaign fixed() {
        if (fixed == null) {
            fixed = Campaign.of(
                    LongStream.concat(LongStream.rangeClosed(1, DISASTERS), found())
                            .toArray(),
                    null);
        }
        return fixed;
    }

    private static LongStream found() {
        try {
            return Files.readAllLines(FOUND).stream()
                    .map(line -> line.replaceAll("#.*", "").strip())
                    .filter(line -> !line.isEmpty())
                    .mapToLong(Long::parseLong);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void noInvariantIsViolated() {
        Long only = Long.getLong("pilotlight.seed");
        if (only != null) {
            System.out.println(describe(only, live(only)));
            return;
        }
        System.out.println(fixed());
        if (!fixed().failures().isEmpty()) {
            System.out.println(fixed().failures());
            live(fixed().failures().keySet().iterator().next());
        }
        // The disasters must be such that everything happens: a simulation in which all succeeds proves nothing.
        assertThat(fixed().ends().keySet())
                .contains("succeeded", "gave up before the promotion", "gave up after it", "refused", "stopped");
    }

    @Test
    void freshDisastersViolateNoInvariant() throws IOException {
        if (Long.getLong("pilotlight.seed") == null) {
            HoldOut.check(fixed());
        }
    }

    /** Once more, with a timeline. */
    static Disaster live(long seed) {
        Runbooks runbooks = Runbooks.of(seed);
        Disaster disaster =
                new Disaster(RandomPlan.of(seed, runbooks.facts().term()), seed, runbooks, null, Set.of(), true);
        try {
            disaster.run();
        } catch (Violation violation) {
            fail(describe(seed, disaster) + "\n" + violation.getMessage() + "\nAgain: " + command(seed));
        }
        return disaster;
    }

    static String command(long seed) {
        return "./mvnw test -Dtest=RandomDisastersTest -Dpilotlight.seed=" + seed;
    }

    private static String describe(long seed, Disaster disaster) {
        return "Seed " + seed + ": " + disaster.plan() + "\n"
                + String.join("\n", disaster.world().clock().journal());
    }
}
