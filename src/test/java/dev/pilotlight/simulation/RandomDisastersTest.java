package dev.pilotlight.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.pilotlight.recovery.asl.Execution;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Thousands of disasters. A seed that fails is printed with its timeline and runs alone with
 * {@code ./mvnw test -Dtest=RandomDisastersTest -Dpilotlight.seed=1234}; {@code -Dpilotlight.disasters=100000} runs more.
 */
class RandomDisastersTest {

    private static final int DISASTERS = Integer.getInteger("pilotlight.disasters", 10_000);
    private static final int THREADS = Math.max(2, Runtime.getRuntime().availableProcessors());

    @Test
    void noInvariantIsViolated() {
        Long only = Long.getLong("pilotlight.seed");
        if (only != null) {
            Disaster disaster = live(only);
            System.out.println(describe(only, disaster));
            return;
        }
        Runbooks failover = Runbooks.dev();
        Runbooks failback = Runbooks.failback();
        AtomicLong seeds = new AtomicLong(1);
        AtomicInteger faults = new AtomicInteger();
        AtomicLong processor = new AtomicLong();
        long began = System.nanoTime();
        Queue<Long> failed = new ConcurrentLinkedQueue<>();
        Map<String, AtomicInteger> ends = new java.util.concurrent.ConcurrentHashMap<>();
        IntStream.range(0, THREADS).parallel().forEach(thread -> {
            // A definition keeps its parsed expressions, which only one thread may use.
            long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            Runbooks there = failover.copy();
            Runbooks back = failback.copy();
            for (long seed = seeds.getAndIncrement();
                    seed <= DISASTERS && failed.isEmpty();
                    seed = seeds.getAndIncrement()) {
                Runbooks runbooks = seed % 2 == 0 ? back : there;
                Disaster disaster =
                        new Disaster(RandomPlan.of(seed, runbooks.facts().term()), seed, runbooks);
                try {
                    disaster.run();
                } catch (Violation violation) {
                    failed.add(seed);
                }
                faults.addAndGet(disaster.faultsInjected());
                for (Execution execution : disaster.world().executions().all()) {
                    ends.computeIfAbsent(end(disaster.world(), execution), any -> new AtomicInteger())
                            .incrementAndGet();
                }
            }
            processor.addAndGet(ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before);
        });
        if (!failed.isEmpty()) {
            live(failed.iterator().next());
        }
        System.out.printf(
                "%d disasters in %d s (%d s of processors), %d faults injected; runs: %s%n",
                DISASTERS,
                (System.nanoTime() - began) / 1_000_000_000,
                processor.get() / 1_000_000_000,
                faults.get(),
                new TreeMap<>(ends));
        // The disasters must be such that everything happens: a simulation in which all succeeds proves nothing.
        assertThat(ends.keySet())
                .contains("succeeded", "gave up before the promotion", "gave up after it", "refused", "stopped");
    }

    private static String end(World world, Execution execution) {
        if (world.executions().inLedRegion(execution)) {
            return "in the leader's region " + execution.status();
        }
        if (execution.name().startsWith("rehearsal")) {
            return "rehearsal " + execution.status();
        }
        return switch (execution.status()) {
            case SUCCEEDED -> "succeeded";
            case ABORTED -> "stopped";
            case FAILED ->
                execution.error().equals("Pilotlight.FailoverFailed")
                        ? Boolean.TRUE.equals(execution.variables().get("committed"))
                                ? "gave up after it"
                                : "gave up before the promotion"
                        : "refused";
            default -> execution.status().toString();
        };
    }

    /** Once more, with a timeline. */
    private static Disaster live(long seed) {
        Runbooks runbooks = Runbooks.of(seed);
        Disaster disaster =
                new Disaster(RandomPlan.of(seed, runbooks.facts().term()), seed, runbooks, null, Set.of(), true);
        try {
            disaster.run();
        } catch (Violation violation) {
            fail(describe(seed, disaster) + "\n" + violation.getMessage()
                    + "\nAgain: ./mvnw test -Dtest=RandomDisastersTest -Dpilotlight.seed=" + seed);
        }
        return disaster;
    }

    private static String describe(long seed, Disaster disaster) {
        return "Seed " + seed + ": " + disaster.plan() + "\n"
                + String.join("\n", disaster.world().clock().journal());
    }
}
