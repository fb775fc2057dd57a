package dev.pilotlight.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RollOutTest {

    @Test
    void aRollOutIsGuardedUnlessTheContextSaysOtherwise() {
        assertThat(RollOut.of(null)).isEqualTo(RollOut.GUARDED);
        assertThat(RollOut.of("unguarded")).isEqualTo(RollOut.UNGUARDED);
        assertThat(RollOut.UNGUARDED_OPTION).isEqualTo("-c rollout=unguarded");
    }

    /** One that is misspelt must not be taken for a guarded one, nor for the repair. */
    @ParameterizedTest
    @ValueSource(strings = {"ungaurded", "Unguarded", "guarded", "true", "", " unguarded"})
    void anyOtherValueIsRefusedInASentence(String value) {
        assertThatThrownBy(() -> RollOut.of(value))
                .isInstanceOf(ConfigurationException.class)
                .hasMessage(
                        "-c rollout: \"%s\" is no way to roll out; write -c rollout=unguarded, or leave it out for a guarded roll-out",
                        value);
    }

    @Test
    void aValueThatIsNoTextIsRefusedToo() {
        assertThatThrownBy(() -> RollOut.of(true)).hasMessageContaining("\"true\" is no way to roll out");
    }
}
