package dev.pilotlight.cli.local.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompositeRuleTest {

    private static final Map<String, String> STATES =
            Map.of("on", "ALARM", "off", "OK", "new", "INSUFFICIENT_DATA", "with space", "ALARM");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ALARM(\"on\") | true",
                "ALARM(\"off\") | false",
                "ALARM(on) | true",
                "OK(\"off\") | true",
                "INSUFFICIENT_DATA(new) | true",
                "ALARM(\"with space\") | true",
                "ALARM('on') | true",
                "ALARM(\"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:on\") | true",
                "ALARM(\"unheard\") | false",
                "TRUE | true",
                "FALSE | false",
                "NOT ALARM(off) | true",
                "NOT NOT ALARM(on) | true",
                "NOT ALARM(on) OR TRUE | true",
                "NOT (ALARM(on) OR TRUE) | false",
                "ALARM(on) AND ALARM(off) | false",
                "(ALARM(\"on\") AND ALARM(\"off\")) OR OK(off) | true",
                // AND binds before OR.
                "TRUE OR TRUE AND FALSE | true",
                "(TRUE OR TRUE) AND FALSE | false",
                "( ( ALARM( on ) ) ) | true",
            })
    void holds(String rule, boolean expected) {
        assertThat(CompositeRule.parse(rule).holds(STATES::get)).isEqualTo(expected);
    }

    @Test
    void itKnowsWhomItAsks() {
        assertThat(CompositeRule.parse("ALARM(a) AND NOT (OK(\"b\") OR ALARM(a))")
                        .alarms())
                .containsExactly("a", "b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "ALARM(a",
                "ALARM(a) ALARM(b)",
                "(ALARM(a)",
                "ALARM(a))",
                "ALARM(a) AND",
                "AND ALARM(a)",
                "FINE(a)",
                "ALARM(a) XOR ALARM(b)",
                "NOT"
            })
    void whatCloudWatchWouldRefuseIsRefused(String rule) {
        assertThatThrownBy(() -> CompositeRule.parse(rule))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("The alarm rule \"" + rule + "\" is not understood: ");
    }
}
