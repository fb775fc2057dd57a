package dev.pilotlight.cli.local.runtime;

import java.util.List;
import java.util.Objects;

/**
 * When a metric alarm is in which state, by CloudWatch's documented rules: "Alarm evaluation" and "Configuring how
 * CloudWatch alarms treat missing data" (docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/
 * alarms-and-missing-data.html).
 *
 * @param comparison as the API names it, such as {@code LessThanThreshold}
 * @param evaluationPeriods N: how many datapoints are looked at
 * @param datapointsToAlarm M: how many of them must breach
 * @param missing {@code missing}, {@code ignore}, {@code breaching} or {@code notBreaching}
 */
record AlarmRule(String comparison, double threshold, int evaluationPeriods, int datapointsToAlarm, String missing) {

    static final String OK = "OK";
    static final String ALARM = "ALARM";
    static final String INSUFFICIENT_DATA = "INSUFFICIENT_DATA";

    /** How many periods are retrieved: more than are evaluated [doc]; the documentation's example has two more. */
    int range() {
        return evaluationPeriods + 2;
    }

    /**
     * The state that follows.
     *
     * @param points of the last {@link #range()} periods, the newest last; null where there is none
     * @param current the alarm's state until now
     */
    String evaluate(List<Double> points, String current) {
        List<Double> real = points.stream().filter(Objects::nonNull).toList();
        if (real.size() >= evaluationPeriods) {
            // Enough real ones: what is missing does not matter.
            List<Double> newest = real.subList(real.size() - evaluationPeriods, real.size());
            return breaching(newest) >= datapointsToAlarm ? ALARM : OK;
        }
        int breaching = breaching(real);
        int filled = evaluationPeriods - real.size();
        return switch (missing) {
            case "breaching" -> breaching + filled >= datapointsToAlarm ? ALARM : OK;
            case "notBreaching" -> breaching >= datapointsToAlarm ? ALARM : OK;
            case "ignore" -> breaching >= datapointsToAlarm ? ALARM : breaching < real.size() ? OK : current;
            default -> {
                if (real.isEmpty()) {
                    yield INSUFFICIENT_DATA;
                }
                if (breaching >= datapointsToAlarm
                        || (breaching == real.size() && oldest(points) >= datapointsToAlarm)) {
                    // "the oldest available breaching data point … is at least as old as the value of Datapoints to
                    // Alarm, and all other more recent data points are breaching or missing"
                    yield ALARM;
                }
                yield breaching < real.size() ? OK : current;
            }
        };
    }

    /** How many periods ago the oldest datapoint was; 1 is the newest period. */
    private static int oldest(List<Double> points) {
        for (int index = 0; index < points.size(); index++) {
            if (points.get(index) != null) {
                return points.size() - index;
            }
        }
        return 0;
    }

    private int breaching(List<Double> points) {
        return (int) points.stream().filter(this::breaches).count();
    }

    private boolean breaches(double value) {
        return switch (comparison) {
            case "GreaterThanThreshold" -> value > threshold;
            case "GreaterThanOrEqualToThreshold" -> value >= threshold;
            case "LessThanThreshold" -> value < threshold;
            case "LessThanOrEqualToThreshold" -> value <= threshold;
            default -> throw new IllegalArgumentException("the comparison " + comparison + " is not supported");
        };
    }
}
