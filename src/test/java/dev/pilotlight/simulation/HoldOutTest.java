package dev.pilotlight.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class HoldOutTest {

    @Test
    void theBoundIsClopperAndPearsons() {
        // No failure in 2000: 1 - 0.05^(1/2000).
        assertThat(HoldOut.bound(0, 2000)).isCloseTo(100 * (1 - Math.pow(0.05, 1 / 2000.0)), within());
        // Clopper, Pearson 1934, by their own definition: at this bound, as few as these are seen once in twenty.
        double bound = HoldOut.bound(3, 50) / 100;
        double seen = 0;
        for (int successes = 0; successes <= 3; successes++) {
            seen += choose(50, successes) * Math.pow(bound, successes) * Math.pow(1 - bound, 50 - successes);
        }
        assertThat(seen).isCloseTo(0.05, within());
        assertThat(HoldOut.bound(50, 50)).isEqualTo(100);
    }

    private static Offset<Double> within() {
        return Offset.offset(1e-9);
    }

    private static double choose(int n, int k) {
        double product = 1;
        for (int factor = 1; factor <= k; factor++) {
            product = product * (n - k + factor) / factor;
        }
        return product;
    }
}
