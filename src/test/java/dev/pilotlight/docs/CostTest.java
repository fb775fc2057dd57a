package dev.pilotlight.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.recovery.Signals;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** The README's costs, as far as they follow from what the templates hold. In USD a month, list prices in US East. */
class CostTest {

    private static final double SECRET = 0.40;
    /** For each metric that an alarm looks at, of a minute. */
    private static final double ALARM = 0.10;

    private static final double COMPOSITE_ALARM = 0.50;
    private static final double METRIC = 0.30;
    /** A call that puts metrics, every minute. */
    private static final double PUT = 43_800 * 0.01 / 1_000;
    /** The run of the probe's express machine: requests and 64 MB for a second. */
    private static final double RUN = 43_800 * (1 / 1e6 + 0.060 / 16 / 3_600);
    /** Two calls, every minute. */
    private static final double SECRET_READ = 2 * 43_800 * 0.05 / 10_000;

    private static final List<String> OF_DETECTION = List.of("Heartbeat", "Probe", "Failover", "Rehearsal");

    @Test
    void alarmsAndMetricsAreThoseOfTheTemplates() throws IOException {
        List<Long> row = row("secret, alarms, agents' metrics");
        int column = 0;
        for (SynthesizedApp app : List.of(SynthesizedApp.dev(), SynthesizedApp.prod())) {
            long instances = app.primary()
                    .only("AWS::AutoScaling::AutoScalingGroup")
                    .path("MinSize")
                    .asLong();
            assertThat(row.get(column++))
                    .isEqualTo(Math.round(SECRET
                            + ALARM * watched(app.primary(), id -> true)
                            + METRIC
                                    * List.of(Signals.WRITABLE, Signals.STOPPED).size()
                            + PUT * instances));
            assertThat(row.get(column++))
                    .isEqualTo(Math.round(SECRET
                            + ALARM * watched(app.dr(), id -> !isOfDetection(id))
                            + METRIC
                                    * List.of(Signals.HEARTBEAT, Signals.FENCED_TERM, Signals.INSTANCE)
                                            .size()
                            + PUT * instances));
        }
    }

    @Test
    void detectionIsThatOfTheTemplates() throws IOException {
        List<Long> row = row("detection");
        for (SynthesizedApp app : List.of(SynthesizedApp.dev(), SynthesizedApp.prod())) {
            StackTemplate dr = app.dr();
            double sum = RUN
                    + METRIC
                    + PUT
                    + SECRET * dr.ofType("AWS::Events::Connection").size()
                    + SECRET_READ
                    + ALARM * watched(dr, CostTest::isOfDetection)
                    + COMPOSITE_ALARM
                            * dr.ofType("AWS::CloudWatch::CompositeAlarm").size();
            assertThat(row).as("%.2f", sum).containsExactly(0L, Math.round(sum), 0L, Math.round(sum));
        }
    }

    @Test
    void theRowsAddUp() throws IOException {
        List<String> lines = table();
        List<Long> sums = columns(lines.get(lines.size() - 1));
        for (int column = 0; column < sums.size(); column++) {
            long sum = 0;
            for (String line : lines.subList(2, lines.size() - 1)) {
                sum += columns(line).get(column);
            }
            assertThat(sums.get(column)).as("column %d", column).isEqualTo(sum);
        }
    }

    private static boolean isOfDetection(String alarm) {
        return OF_DETECTION.stream().anyMatch(kind -> alarm.startsWith("Alarms" + kind));
    }

    private static int watched(StackTemplate stack, Predicate<String> which) {
        int count = 0;
        for (var alarm : stack.ofType("AWS::CloudWatch::Alarm").entrySet()) {
            JsonNode metrics = alarm.getValue().at("/Properties/Metrics");
            if (which.test(alarm.getKey())) {
                count += metrics.isArray() ? metrics.findParents("MetricStat").size() : 1;
            }
        }
        return count;
    }

    private static List<String> table() throws IOException {
        List<String> lines = Files.readAllLines(Path.of("README.md"));
        int from = lines.indexOf("| | economy, primary | economy, DR | production, primary | production, DR |");
        return lines.subList(from, lines.size()).stream()
                .takeWhile(line -> line.startsWith("|"))
                .toList();
    }

    private static List<Long> row(String name) throws IOException {
        return columns(table().stream()
                .filter(line -> line.startsWith("| " + name + " |"))
                .findFirst()
                .orElseThrow());
    }

    /** Without the row's name. */
    private static List<Long> columns(String line) {
        return Arrays.stream(line.replace("*", "").split("\\|"))
                .skip(2)
                .map(String::strip)
                .map(cell -> cell.equals("–") ? 0L : Long.valueOf(cell))
                .toList();
    }
}
