package dev.pilotlight.cli.local.runtime;

import dev.pilotlight.cli.local.runtime.Transition.Kind;
import dev.pilotlight.recovery.Signals;
import dev.pilotlight.topology.RegionName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import software.amazon.awssdk.services.cloudwatch.model.AlarmType;
import software.amazon.awssdk.services.cloudwatch.model.CompositeAlarm;
import software.amazon.awssdk.services.cloudwatch.model.DescribeAlarmsResponse;
import software.amazon.awssdk.services.cloudwatch.model.Metric;
import software.amazon.awssdk.services.cloudwatch.model.MetricAlarm;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;
import software.amazon.awssdk.services.cloudwatch.model.MetricStat;
import software.amazon.awssdk.services.cloudwatch.model.ScanBy;

/**
 * CloudWatch's alarms, judged once a minute, and at once after a deploy. Those whose metrics something here produces (the
 * workload's own, the replica's lag, the slot's), and those that take silence for health; the others would call it a
 * fault. Metric math is the emulator's.
 */
final class Alarms {

    /** Datapoints of a minute are put until its very end. */
    private static final long AFTER_MILLIS = 5_000;

    private static final long MINUTE = 60_000;

    /** A gap longer than this is one of this process, such as a suspended laptop's. */
    private static final Duration STOOD_STILL = Duration.ofMinutes(2);

    private final Reach reach;
    private final Events events;
    private final Consumer<Transition> transitions;
    private final Map<RegionName, Long> judged = new EnumMap<>(RegionName.class);
    private Instant playedSince;
    private Instant lastPlayed;
    private final Map<RegionName, Set<String>> inAlarm = new EnumMap<>(RegionName.class);

    Alarms(Reach reach, Events events, Consumer<Transition> transitions) {
        this.reach = reach;
        this.events = events;
        this.transitions = transitions;
    }

    /** Those in the state ALARM. */
    Map<RegionName, Set<String>> inAlarm() {
        Map<RegionName, Set<String>> copy = new EnumMap<>(RegionName.class);
        inAlarm.forEach((region, names) -> copy.put(region, Set.copyOf(names)));
        return copy;
    }

    /** A deploy has made alarms, which have seen no data yet. */
    void deployed() {
        judged.clear();
    }

    void play(Instant now) {
        if (lastPlayed == null || Duration.between(lastPlayed, now).compareTo(STOOD_STILL) > 0) {
            // Nobody has reported meanwhile, because nothing was played.
            playedSince = now;
        }
        lastPlayed = now;
        long minute = (now.toEpochMilli() - AFTER_MILLIS) / MINUTE;
        for (RegionName region : RegionName.values()) {
            if (reach.isUp(region) && judged.getOrDefault(region, 0L) != minute) {
                judged.put(region, minute);
                judge(region, minute * MINUTE, now);
            }
        }
    }

    private void judge(RegionName region, long end, Instant now) {
        Optional<DescribeAlarmsResponse> known = reach.ask(
                region,
                "alarms of",
                in -> in.cloudWatch()
                        .describeAlarms(
                                request -> request.alarmTypes(AlarmType.METRIC_ALARM, AlarmType.COMPOSITE_ALARM)));
        if (known.isEmpty()) {
            return;
        }
        Map<String, String> states = new HashMap<>();
        known.get().metricAlarms().forEach(alarm -> states.put(alarm.alarmName(), alarm.stateValueAsString()));
        known.get().compositeAlarms().forEach(alarm -> states.put(alarm.alarmName(), alarm.stateValueAsString()));
        List<MetricAlarm> metrics = known.get().metricAlarms().stream()
                .filter(alarm -> isJudged(alarm, now))
                .toList();
        Map<String, List<Double>> points = points(region, metrics, end);
        for (MetricAlarm alarm : metrics) {
            if (points.containsKey(alarm.alarmName())) {
                String state = rule(alarm).evaluate(points.get(alarm.alarmName()), alarm.stateValueAsString());
                change(region, alarm.alarmName(), alarm.alarmArn(), alarm.stateValueAsString(), state, now);
                states.put(alarm.alarmName(), state);
            }
        }
        judgeComposites(region, known.get().compositeAlarms(), states, now);
        inAlarm.put(
                region,
                states.entrySet().stream()
                        .filter(alarm -> AlarmRule.ALARM.equals(alarm.getValue()))
                        .map(Map.Entry::getKey)
                        .collect(Collectors.toCollection(TreeSet::new)));
    }

    /** One may ask for another: again until nothing changes any more. */
    private void judgeComposites(
            RegionName region, List<CompositeAlarm> alarms, Map<String, String> states, Instant now) {
        for (int round = 0; round <= alarms.size(); round++) {
            boolean changed = false;
            for (CompositeAlarm alarm : alarms) {
                try {
                    String before = states.get(alarm.alarmName());
                    String state =
                            CompositeRule.parse(alarm.alarmRule()).holds(states::get) ? AlarmRule.ALARM : AlarmRule.OK;
                    states.put(alarm.alarmName(), state);
                    changed |= !state.equals(before);
                    change(region, alarm.alarmName(), alarm.alarmArn(), before, state, now);
                } catch (IllegalArgumentException e) {
                    reach.say(alarm.alarmName(), e.getMessage());
                }
            }
            if (!changed) {
                return;
            }
        }
    }

    /**
     * What an alarm watches.
     *
     * @param queries for GetMetricData
     * @param id of the one that is compared
     * @param period in seconds
     * @param played whether something here produces all of it
     */
    private record Watched(List<MetricDataQuery> queries, String id, int period, boolean played) {}

    private static Watched watched(MetricAlarm alarm) {
        List<MetricDataQuery> queries = alarm.metricName() == null
                ? alarm.metrics()
                : List.of(MetricDataQuery.builder()
                        .id("m")
                        .metricStat(MetricStat.builder()
                                .metric(Metric.builder()
                                        .namespace(alarm.namespace())
                                        .metricName(alarm.metricName())
                                        .dimensions(alarm.dimensions())
                                        .build())
                                .period(alarm.period())
                                .stat(
                                        alarm.statisticAsString() == null
                                                ? alarm.extendedStatistic()
                                                : alarm.statisticAsString())
                                .build())
                        .build());
        List<MetricStat> stats = queries.stream()
                .map(MetricDataQuery::metricStat)
                .filter(Objects::nonNull)
                .toList();
        return new Watched(
                queries,
                queries.stream()
                        .filter(query -> !Boolean.FALSE.equals(query.returnData()))
                        .findFirst()
                        .orElseThrow()
                        .id(),
                stats.stream().mapToInt(MetricStat::period).max().orElse(60),
                stats.stream().allMatch(stat -> isPlayed(stat.metric())));
    }

    /** One that nothing is played of, and that takes silence for health, is well. */
    private boolean isJudged(MetricAlarm alarm, Instant now) {
        return watched(alarm).played()
                ? !playedSince.plus(lookBack(alarm)).isAfter(now)
                : "notBreaching".equals(alarm.treatMissingData());
    }

    private static boolean isPlayed(Metric metric) {
        return metric.namespace().equals(Signals.NAMESPACE)
                // Rehearsals are by the calendar, which is not played.
                ? !metric.metricName().startsWith("Rehearsal")
                : metric.namespace().equals("AWS/RDS")
                        && List.of(Databases.LAG, Databases.SLOT_LAG).contains(metric.metricName());
    }

    /** Silence from before anything was played means nothing. */
    private static Duration lookBack(MetricAlarm alarm) {
        return Duration.ofSeconds((long) watched(alarm).period() * rule(alarm).range());
    }

    private static AlarmRule rule(MetricAlarm alarm) {
        return new AlarmRule(
                alarm.comparisonOperatorAsString(),
                alarm.threshold(),
                alarm.evaluationPeriods(),
                Optional.ofNullable(alarm.datapointsToAlarm()).orElse(alarm.evaluationPeriods()),
                Optional.ofNullable(alarm.treatMissingData()).orElse("missing"));
    }

    /** Of every alarm the datapoints of its range, the newest last. Of a single metric they are asked for together. */
    private Map<String, List<Double>> points(RegionName region, List<MetricAlarm> alarms, long end) {
        Map<String, List<Double>> points = new HashMap<>();
        List<MetricAlarm> plain =
                alarms.stream().filter(alarm -> alarm.metricName() != null).toList();
        List<MetricDataQuery> together = new ArrayList<>();
        for (int index = 0; index < plain.size(); index++) {
            together.add(watched(plain.get(index)).queries().get(0).toBuilder()
                    .id("q" + index)
                    .build());
        }
        Map<String, MetricDataResult> results = data(region, plain, together, end);
        for (int index = 0; index < plain.size(); index++) {
            slots(plain.get(index), results.get("q" + index), end, points);
        }
        for (MetricAlarm alarm : alarms) {
            if (alarm.metricName() == null) {
                Watched watched = watched(alarm);
                slots(
                        alarm,
                        data(region, List.of(alarm), watched.queries(), end).get(watched.id()),
                        end,
                        points);
            }
        }
        return points;
    }

    private Map<String, MetricDataResult> data(
            RegionName region, List<MetricAlarm> alarms, List<MetricDataQuery> queries, long end) {
        if (queries.isEmpty()) {
            return Map.of();
        }
        long longest = alarms.stream()
                .mapToLong(
                        alarm -> watched(alarm).period() * 1000L * rule(alarm).range())
                .max()
                .orElse(MINUTE);
        return reach.ask(
                        region,
                        "datapoints of",
                        in -> in.cloudWatch()
                                .getMetricData(request -> request.metricDataQueries(queries)
                                        .startTime(Instant.ofEpochMilli(end - longest))
                                        .endTime(Instant.ofEpochMilli(end))
                                        .scanBy(ScanBy.TIMESTAMP_ASCENDING)))
                .map(answer -> answer.metricDataResults().stream()
                        .collect(Collectors.toMap(MetricDataResult::id, result -> result)))
                .orElse(Map.of());
    }

    private static void slots(MetricAlarm alarm, MetricDataResult result, long end, Map<String, List<Double>> points) {
        if (result == null) {
            return;
        }
        long period = watched(alarm).period() * 1000L;
        int range = rule(alarm).range();
        List<Double> slots = new ArrayList<>(java.util.Collections.nCopies(range, null));
        for (int index = 0; index < result.timestamps().size(); index++) {
            long ago = (end - 1 - result.timestamps().get(index).toEpochMilli()) / period;
            if (ago >= 0 && ago < range) {
                slots.set(range - 1 - (int) ago, result.values().get(index));
            }
        }
        points.put(alarm.alarmName(), slots);
    }

    private void change(RegionName region, String name, String arn, String before, String state, Instant now) {
        if (state.equals(before)) {
            return;
        }
        String reason = "Judged by the local runtime from the datapoints until " + now;
        if (reach.tell(
                region,
                "state of an alarm of",
                in -> in.cloudWatch()
                        .setAlarmState(request ->
                                request.alarmName(name).stateValue(state).stateReason(reason)))) {
            if (!AlarmRule.INSUFFICIENT_DATA.equals(before) || state.equals(AlarmRule.ALARM)) {
                transitions.accept(new Transition(now, Kind.ALARM, region, name + " is " + state));
            }
            events.alarmChanged(region, name, arn, before, state, reason, now);
        }
    }
}
