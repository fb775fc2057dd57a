package dev.pilotlight.cli.local.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The tables of CloudWatch's documentation, "Configuring how CloudWatch alarms treat missing data": 0 is a datapoint
 * that does not breach, X one that does, - a missing one; the newest is last.
 */
class AlarmRuleTest {

    private static final String BEFORE = "what it was";

    private static String evaluate(String points, int periods, int toAlarm, String missing) {
        List<Double> values = Arrays.stream(points.split(" ", -1))
                .map(point -> point.equals("-") ? null : point.equals("X") ? 0.0 : 1.0)
                .toList();
        return new AlarmRule("LessThanThreshold", 1, periods, toAlarm, missing).evaluate(values, BEFORE);
    }

    @ParameterizedTest
    @CsvSource({
        "0 - X - X, OK, OK, OK, OK",
        "- - - - 0, OK, OK, OK, OK",
        "- - - - -, INSUFFICIENT_DATA, what it was, ALARM, OK",
        "0 X X - X, ALARM, ALARM, ALARM, ALARM",
        "- - X - -, ALARM, what it was, ALARM, OK",
    })
    void threeOfThree(String points, String missing, String ignore, String breaching, String notBreaching) {
        check(points, 3, missing, ignore, breaching, notBreaching);
    }

    @ParameterizedTest
    @CsvSource({
        "0 - X - X, ALARM, ALARM, ALARM, ALARM",
        "0 0 X 0 X, ALARM, ALARM, ALARM, ALARM",
        "0 - X - -, OK, OK, ALARM, OK",
        "- - - - 0, OK, OK, ALARM, OK",
        "- - - X -, ALARM, what it was, ALARM, OK",
    })
    void twoOfThree(String points, String missing, String ignore, String breaching, String notBreaching) {
        check(points, 2, missing, ignore, breaching, notBreaching);
    }

    private static void check(
            String points, int toAlarm, String missing, String ignore, String breaching, String notBreaching) {
        assertThat(evaluate(points, 3, toAlarm, "missing")).isEqualTo(missing);
        assertThat(evaluate(points, 3, toAlarm, "ignore")).isEqualTo(ignore);
        assertThat(evaluate(points, 3, toAlarm, "breaching")).isEqualTo(breaching);
        assertThat(evaluate(points, 3, toAlarm, "notBreaching")).isEqualTo(notBreaching);
    }

    @ParameterizedTest
    @CsvSource({
        "GreaterThanThreshold, 5, OK",
        "GreaterThanThreshold, 5.1, ALARM",
        "GreaterThanOrEqualToThreshold, 5, ALARM",
        "LessThanThreshold, 5, OK",
        "LessThanThreshold, 4.9, ALARM",
        "LessThanOrEqualToThreshold, 5, ALARM"
    })
    void comparisons(String comparison, double value, String state) {
        AlarmRule rule = new AlarmRule(comparison, 5, 1, 1, "missing");
        assertThat(rule.evaluate(List.of(value, value, value), BEFORE)).isEqualTo(state);
    }

    @Test
    void moreIsRetrievedThanEvaluated() {
        assertThat(new AlarmRule("LessThanThreshold", 1, 3, 3, "missing").range())
                .isEqualTo(5);
    }
}
