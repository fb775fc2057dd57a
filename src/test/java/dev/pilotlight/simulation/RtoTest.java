package dev.pilotlight.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.objectives.Durations;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The emergency's critical path, under modelled durations, against what physics allows. */
class RtoTest {

    /** The published figures, and the ends of their ranges. */
    @ParameterizedTest
    @CsvSource({"600, 240", "300, 180", "300, 300", "900, 180", "900, 300", "180, 600"})
    void theRunbookAddsAtMostATenth(int promotion, int launch) {
        Durations published = Durations.published();
        Durations durations =
                new Durations(published.detection(), promotion, launch, published.claimSeen(), published.dns());
        int slowest = 0;
        for (long seed = 1; seed <= 20; seed++) {
            Runbooks runbooks = Runbooks.of(seed);
            Plan plan = Scenarios.lostRegion(runbooks.facts().term());
            plan.promotionMillis = promotion * 1000L;
            plan.bootMillis = launch * 1000L;
            plan.writableAfterMillis = 0;
            Disaster disaster = new Disaster(plan, seed, runbooks);
            disaster.run();
            slowest = Math.max(
                    slowest,
                    (int) (disaster.world().listener().claimedAt()
                                    - plan.starts.get(0).at())
                            / 1000);
        }
        int rto = durations.rto(slowest);
        System.out.printf(
                "RTO modelled, promotion %d s, launch %d s: %d s, bound %d s, overhead %.1f %%%n",
                promotion, launch, rto, durations.bound(), 100.0 * rto / durations.bound() - 100);
        assertThat(rto).isBetween(durations.bound(), (int) (durations.bound() * 1.1));
    }
}
