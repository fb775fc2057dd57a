package dev.pilotlight.simulation;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** CloudWatch in the standby's region: datapoints by the start of their minute [doc]. */
final class Metrics {

    private static final long MINUTE = Plan.MINUTE;
    private static final String[] MINUTES = new String[2000];

    private final Clock clock;
    private final Map<String, Series> series = new LinkedHashMap<>();

    Metrics(Clock clock) {
        this.clock = clock;
    }

    void put(String metric, double value) {
        series.computeIfAbsent(metric, any -> new Series()).put(clock.now() / MINUTE, value);
    }

    /** Newest first [doc]. */
    Map<String, Object> answer(Map<String, Object> arguments) {
        long from = Clock.millis(Instant.parse((String) arguments.get("StartTime"))) / MINUTE;
        long to = Clock.millis(Instant.parse((String) arguments.get("EndTime")));
        List<Object> results = new ArrayList<>();
        for (Object entry : (List<?>) arguments.get("MetricDataQueries")) {
            Map<?, ?> query = (Map<?, ?>) entry;
            Map<?, ?> stat = (Map<?, ?>) query.get("MetricStat");
            String name = (String) ((Map<?, ?>) stat.get("Metric")).get("MetricName");
            int which = stat.get("Stat").equals("Minimum") ? 1 : 2;
            List<Object> timestamps = new ArrayList<>();
            List<Object> values = new ArrayList<>();
            Series points = series.get(name);
            for (int index = points == null ? -1 : points.points.size() - 1; index >= 0; index--) {
                double[] point = points.points.get(index);
                if (point[0] < from) {
                    break;
                }
                if (point[0] * MINUTE < to) {
                    timestamps.add(minuteText((int) point[0]));
                    values.add(point[which]);
                }
            }
            results.add(Map.of("Id", query.get("Id"), "Timestamps", timestamps, "Values", values));
        }
        return Map.of("MetricDataResults", results);
    }

    private static String minuteText(int minute) {
        if (minute >= MINUTES.length) {
            return Clock.instant(minute * MINUTE).toString();
        }
        String text = MINUTES[minute];
        if (text == null) {
            text = Clock.instant(minute * MINUTE).toString();
            MINUTES[minute] = text;
        }
        return text;
    }

    /** Least and greatest value of each minute, oldest first. */
    private static final class Series {
        private final List<double[]> points = new ArrayList<>();

        void put(long minute, double value) {
            double[] last = points.isEmpty() ? null : points.get(points.size() - 1);
            if (last == null || last[0] != minute) {
                points.add(new double[] {minute, value, value});
            } else {
                last[1] = Math.min(last[1], value);
                last[2] = Math.max(last[2], value);
            }
        }
    }
}
