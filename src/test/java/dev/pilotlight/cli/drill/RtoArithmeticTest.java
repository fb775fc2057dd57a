package dev.pilotlight.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.pilotlight.cli.drill.DrillRecord.Part;
import dev.pilotlight.objectives.Durations;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RtoArithmeticTest {

    private static final Durations DURATIONS = new Durations(240, 600, 240, 90, 60);

    private static Instant at(double seconds) {
        return Instant.EPOCH.plusMillis((long) (seconds * 1000));
    }

    private final Rto rto = new Rto(at(0), at(245), at(251), at(860.5), at(866), at(950), at(1010));

    @Test
    void thePartsMakeUpTheWhole() {
        assertThat(rto.parts().stream().mapToDouble(Part::seconds).sum()).isCloseTo(rto.seconds(), within(1e-9));
        assertThat(rto.seconds()).isEqualTo(1010);
        assertThat(rto.parts())
                .containsExactly(
                        new Part("detection", 245),
                        new Part("promotion and launch", 609.5),
                        new Part("the runbook's own work", 11.5),
                        new Part("claim seen", 84),
                        new Part("DNS", 60));
    }

    @Test
    void theBoundHasTheSamePartsAndTakesThePromotionOrTheLaunch() {
        assertThat(Rto.bound(DURATIONS))
                .extracting(Part::name)
                .isEqualTo(rto.parts().stream().map(Part::name).toList());
        assertThat(Rto.bound(DURATIONS).stream().mapToDouble(Part::seconds).sum())
                .isEqualTo(DURATIONS.bound())
                .isEqualTo(990);
        Durations slowLaunch = new Durations(240, 600, 900, 90, 60);
        assertThat(Rto.bound(slowLaunch).get(1).seconds()).isEqualTo(900);
    }

    @Test
    void theOverheadIsOverTheBound() {
        assertThat(rto.overhead(DURATIONS)).isCloseTo(100.0 * 20 / 990, within(1e-9));
        // Its own 11.5 s, and 9.5 s of waiting beyond the promotion.
        assertThat(rto.added(DURATIONS)).isCloseTo(21, within(1e-9));
        assertThat(rto.added(new Durations(240, 900, 240, 90, 60))).isCloseTo(11.5, within(1e-9));
    }

    @Test
    void timesReadAsPeopleWriteThem() {
        assertThat(Times.against(60_000, 0)).isEqualTo("−1:00");
        assertThat(Times.against(0, 3_725_400)).isEqualTo("+1:02:05");
        assertThat(Times.length(0.44)).isEqualTo("0.4 s");
        assertThat(Times.length(59.6)).isEqualTo("1 min");
        assertThat(Times.length(725)).isEqualTo("12 min 5 s");
    }
}
