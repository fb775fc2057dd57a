package dev.pilotlight.simulation;

import dev.pilotlight.recovery.asl.Execution;
import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Many disasters, one after another on every processor, and what they showed. */
final class Campaign {

    private static final int THREADS = Math.max(2, Runtime.getRuntime().availableProcessors());

    private final Coverage coverage;
    private final Map<Long, String> failures = new TreeMap<>();
    private final Map<String, Integer> ends = new TreeMap<>();
    private int disasters;
    private int beyond;
    private int faults;
    private long staleReads;
    private int longestHistory;
    private long processorNanos;

    private Campaign() {
        this.coverage = Runbooks.dev().coverage().empty();
    }

    /** @param known what others have reached: disasters that reach more are counted; null if nothing is known */
    static Campaign of(long[] seeds, Coverage known) {
        // Synthesized by one thread.
        Runbooks there = Runbooks.dev();
        Runbooks back = Runbooks.failback();
        Campaign all = new Campaign();
        AtomicInteger next = new AtomicInteger();
        IntStream.range(0, THREADS).parallel().forEach(thread -> {
            Campaign mine = new Campaign();
            long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
            // A definition keeps its parsed expressions, which only one thread may use.
            Runbooks mineThere = there.copy();
            Runbooks mineBack = back.copy();
            for (int index = next.getAndIncrement(); index < seeds.length; index = next.getAndIncrement()) {
                mine.live(seeds[index], Runbooks.term(seeds[index]) == 2 ? mineBack : mineThere, known);
            }
            mine.processorNanos = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
            all.add(mine);
        });
        return all;
    }

    private void live(long seed, Runbooks runbooks, Coverage known) {
        Disaster disaster = new Disaster(RandomPlan.of(seed, runbooks.facts().term()), seed, runbooks);
        try {
            disaster.run();
        } catch (Violation violation) {
            failures.put(seed, violation.getMessage());
        } catch (RuntimeException | AssertionError unknown) {
            // What the model, or the interpreter, does not know: a seed as any other, whose command shows it again.
            failures.put(seed, unknown + " at " + unknown.getStackTrace()[0]);
        }
        disasters++;
        faults += disaster.faultsInjected();
        staleReads += disaster.world().copies().staleReads();
        longestHistory = Math.max(longestHistory, disaster.judge().events());
        coverage.add(disaster.coverage());
        beyond += known != null && disaster.coverage().exceeds(known) ? 1 : 0;
        for (Execution execution : disaster.world().executions().all()) {
            ends.merge(end(disaster.world(), execution), 1, Integer::sum);
        }
    }

    private synchronized void add(Campaign other) {
        failures.putAll(other.failures);
        other.ends.forEach((end, count) -> ends.merge(end, count, Integer::sum));
        coverage.add(other.coverage);
        disasters += other.disasters;
        beyond += other.beyond;
        faults += other.faults;
        staleReads += other.staleReads;
        longestHistory = Math.max(longestHistory, other.longestHistory);
        processorNanos += other.processorNanos;
    }

    private static String end(World world, Execution execution) {
        if (world.executions().inLedRegion(execution)) {
            return "in the leader's region " + execution.status();
        }
        if (!Judge.failsOver(execution) && !execution.name().startsWith("drill")) {
            return execution.name().replaceAll("[-0-9].*", "") + " " + execution.status();
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

    Coverage coverage() {
        return coverage;
    }

    /** What was violated, by seed. */
    Map<Long, String> failures() {
        return failures;
    }

    /** How the runs ended, and how many of them. */
    Map<String, Integer> ends() {
        return ends;
    }

    int disasters() {
        return disasters;
    }

    /** How many of the disasters reached what was not known. */
    int beyond() {
        return beyond;
    }

    @Override
    public String toString() {
        return "%d disasters in %d s of processors, %d faults injected, %d stale reads, %d triples, longest history %d events; runs: %s"
                .formatted(
                        disasters,
                        processorNanos / 1_000_000_000,
                        faults,
                        staleReads,
                        coverage.size(),
                        longestHistory,
                        ends);
    }
}
