package dev.pilotlight.simulation;

import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoublePredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** CloudWatch in the standby's region: datapoints by the start of their period [doc]. */
final class Metrics {

    private static final long MINUTE = Plan.MINUTE;
    private static final int DAY_MINUTES = 24 * 60;
    private static final String[] MINUTES = new String[2000];
    /** The one expression that the runbooks use: without a second value it drops the others [doc]. */
    private static final Pattern IF = Pattern.compile("IF\\((\\w+) >= 0, (\\w+)\\)");

    private final Plan plan;
    private final Clock clock;
    private final Map<String, Series> series = new LinkedHashMap<>();
    private long changedAt = -Plan.NEVER;

    Metrics(Clock clock, Plan plan) {
        this.clock = clock;
        this.plan = plan;
    }

    void put(String metric, double value) {
        changedAt = clock.now();
        series.computeIfAbsent(metric, any -> new Series()).put(clock.now(), value);
    }

    /** When something was put last. */
    long changedAt() {
        return changedAt;
    }

    /**
     * Newest first, as the runbooks ask [doc].
     *
     * @param asOf what was put later does not show yet
     */
    Map<String, Object> answer(Map<String, Object> arguments, long asOf) {
        long from = Clock.millis(Instant.parse((String) arguments.get("StartTime")));
        long to = Clock.millis(Instant.parse((String) arguments.get("EndTime")));
        if (!"TimestampDescending".equals(arguments.get("ScanBy"))) {
            throw new AssertionError("the model answers newest first only");
        }
        List<?> queries = (List<?>) arguments.get("MetricDataQueries");
        List<Object> results = new ArrayList<>();
        for (Object entry : queries) {
            Map<?, ?> query = (Map<?, ?>) entry;
            if (Boolean.FALSE.equals(query.get("ReturnData"))) {
                continue;
            }
            Result result = new Result();
            if (query.get("Expression") instanceof String expression) {
                Matcher matcher = IF.matcher(expression);
                if (!matcher.matches() || !matcher.group(1).equals(matcher.group(2))) {
                    throw new AssertionError("the model knows no " + expression);
                }
                collect(stat(queries, matcher.group(1)), from, to, asOf, value -> value >= 0, result);
            } else {
                collect((Map<?, ?>) query.get("MetricStat"), from, to, asOf, any -> true, result);
            }
            results.add(Map.of("Id", query.get("Id"), "Timestamps", result.timestamps, "Values", result.values));
        }
        return Map.of("MetricDataResults", results);
    }

    private static Map<?, ?> stat(List<?> queries, String id) {
        for (Object entry : queries) {
            if (((Map<?, ?>) entry).get("Id").equals(id)) {
                return (Map<?, ?>) ((Map<?, ?>) entry).get("MetricStat");
            }
        }
        throw new AssertionError("no query " + id);
    }

    private record Result(List<Object> timestamps, List<Object> values) {
        Result() {
            this(new ArrayList<>(), new ArrayList<>());
        }
    }

    private void collect(Map<?, ?> stat, long from, long to, long asOf, DoublePredicate kept, Result result) {
        if (clock.is(plan.noDatapoints)) {
            return;
        }
        String name = (String) ((Map<?, ?>) stat.get("Metric")).get("MetricName");
        String statistic = (String) stat.get("Stat");
        int period = ((Number) stat.get("Period")).intValue() / 60;
        // The start is rounded down to a whole period [doc].
        long first = Math.floorDiv(from, period * MINUTE) * period;
        Series points = series.get(name);
        double[] bucket = null;
        for (int index = points == null ? -1 : points.points.size() - 1; index >= 0; index--) {
            double[] point = points.points.get(index);
            if (point[0] < first) {
                break;
            }
            if (point[0] * MINUTE >= to || point[0] > minuteOf(asOf)) {
                continue;
            }
            if (point[0] == minuteOf(asOf)) {
                point = points.newestAsOf(asOf);
                if (point == null) {
                    continue;
                }
            }
            long start = (long) point[0] / period * period;
            if (bucket != null && bucket[0] == start) {
                bucket[1] = Math.min(bucket[1], point[1]);
                bucket[2] = Math.max(bucket[2], point[2]);
                bucket[3] += point[3];
                bucket[4] += point[4];
                continue;
            }
            add(bucket, statistic, kept, result);
            bucket = point.clone();
            bucket[0] = start;
        }
        add(bucket, statistic, kept, result);
        if (name.equals("Instance") && plan.leaderHasHistory) {
            yesterday(first, period, statistic, kept, result);
        }
    }

    /** What the leader's instances reported before the beginning. */
    private void yesterday(long first, int period, String statistic, DoublePredicate kept, Result result) {
        for (long start = -period; start >= Math.max(first, -DAY_MINUTES); start -= period) {
            double count = plan.leaderInstances * (double) period;
            add(new double[] {start, 1, 1, count, count}, statistic, kept, result);
        }
    }

    private static void add(double[] point, String statistic, DoublePredicate kept, Result result) {
        if (point == null) {
            return;
        }
        double value =
                switch (statistic) {
                    case "Minimum" -> point[1];
                    case "Maximum" -> point[2];
                    case "Sum" -> point[3];
                    case "SampleCount" -> point[4];
                    default -> throw new AssertionError("the model knows no " + statistic);
                };
        if (kept.test(value)) {
            result.timestamps.add(minuteText((int) point[0]));
            result.values.add(value);
        }
    }

    private static String minuteText(int minute) {
        if (minute < 0 || minute >= MINUTES.length) {
            return Clock.instant(minute * MINUTE).toString();
        }
        String text = MINUTES[minute];
        if (text == null) {
            text = Clock.instant(minute * MINUTE).toString();
            MINUTES[minute] = text;
        }
        return text;
    }

    private static long minuteOf(long time) {
        return time / MINUTE;
    }

    /** Least, greatest value, sum and count of each minute, oldest first. */
    private static final class Series {
        private final List<double[]> points = new ArrayList<>();

        /** Times and values of what was put lately. */
        private final ArrayDeque<double[]> puts = new ArrayDeque<>();

        void put(long time, double value) {
            double[] last = points.isEmpty() ? null : points.get(points.size() - 1);
            if (last == null || last[0] != minuteOf(time)) {
                points.add(point(time, value));
                puts.removeIf(put -> put[0] < time - 2 * MINUTE);
            } else {
                add(last, value);
            }
            puts.add(new double[] {time, value});
        }

        /** What a minute held at that time within it; null if there was nothing. */
        double[] newestAsOf(long asOf) {
            double[] found = null;
            for (double[] put : puts) {
                if (put[0] > asOf) {
                    break;
                }
                if (put[0] >= minuteOf(asOf) * MINUTE) {
                    if (found == null) {
                        found = point((long) put[0], put[1]);
                    } else {
                        add(found, put[1]);
                    }
                }
            }
            return found;
        }

        private static double[] point(long time, double value) {
            return new double[] {minuteOf(time), value, value, value, 1};
        }

        private static void add(double[] point, double value) {
            point[1] = Math.min(point[1], value);
            point[2] = Math.max(point[2], value);
            point[3] += value;
            point[4]++;
        }
    }
}
