package dev.pilotlight.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.apache.commons.statistics.distribution.BetaDistribution;

/**
 * Disasters that nobody has looked at: how much the fixed ones have not seen. The seeds follow from the runbooks, the agent
 * and the simulation, so that a change of any of them draws new ones, and a page does not. A seed that fails is printed;
 * with {@code -Dpilotlight.holdOut=strict}, as in the job {@code hold-out}, the test is red as well. Whoever mends it adds
 * the seed to {@code src/test/resources/simulation/found-seeds.txt}.
 */
final class HoldOut {

    private static final int DISASTERS = 2000;
    private static final Path REPORT = Path.of("target/hold-out");
    private static final Path SIMULATION = Path.of("src/test/java/dev/pilotlight/simulation");
    private static final Path AGENT = Path.of("src/main/resources/user-data/agent.py");

    private HoldOut() {}

    /** Lives through them, reports and fails if it is strict. */
    static void check(Campaign fixed) throws IOException {
        String hash = hash();
        Campaign fresh = Campaign.of(seeds(hash), fixed.coverage());
        Coverage all = fixed.coverage().copy();
        all.add(fresh.coverage());
        List<String> never = all.missing();
        Files.createDirectories(REPORT);
        Files.write(REPORT.resolve("never-reached.txt"), never);
        StringBuilder report = new StringBuilder("Hold-out %s: %s%n".formatted(hash.substring(0, 12), fresh))
                .append(
                        "%d of %d fresh disasters violate an invariant; at most %.2f %% of all do, at 95 %% (Clopper–Pearson).%n"
                                .formatted(
                                        fresh.failures().size(),
                                        fresh.disasters(),
                                        bound(fresh.failures().size(), fresh.disasters())))
                .append(
                        "%d reached a triple of state, fault and phase that the fixed %d never reached; at most %.2f %% of all do, at 95 %%.%n"
                                .formatted(fresh.beyond(), fixed.disasters(), bound(fresh.beyond(), fresh.disasters())))
                .append("%d triples were reached, %d never, all of them in %s.%n"
                        .formatted(all.size(), never.size(), REPORT.resolve("never-reached.txt")));
        fresh.failures()
                .forEach((seed, why) -> report.append("%s%n  %s%n".formatted(why, RandomDisastersTest.command(seed))));
        Files.writeString(REPORT.resolve("report.txt"), report);
        System.out.print(report);
        assertThat(fresh.disasters()).isEqualTo(DISASTERS);
        if ("strict".equals(System.getProperty("pilotlight.holdOut"))) {
            assertThat(fresh.failures()).as("failing fresh seeds").isEmpty();
        }
    }

    /** Per cent: the one-sided upper bound of a proportion at 95 per cent. */
    static double bound(int successes, int trials) {
        return successes == trials
                ? 100
                : 100 * BetaDistribution.of(successes + 1, trials - successes).inverseCumulativeProbability(0.95);
    }

    private static long[] seeds(String hash) {
        // None of the fixed ones.
        return new SplittableRandom(Long.parseUnsignedLong(hash, 0, 16, 16))
                .longs(DISASTERS, 1_000_000_000L, 1L << 48)
                .toArray();
    }

    private static String hash() throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
        for (Runbooks runbooks : List.of(Runbooks.dev(), Runbooks.failback())) {
            for (String text : List.of(
                    runbooks.failoverText(),
                    runbooks.rehearsalText(),
                    runbooks.outsideText(),
                    runbooks.starterText())) {
                digest.update(text.getBytes(StandardCharsets.UTF_8));
            }
        }
        digest.update(Files.readAllBytes(AGENT));
        try (Stream<Path> sources = Files.list(SIMULATION)) {
            for (Path source : sources.sorted().toList()) {
                digest.update(Files.readAllBytes(source));
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
