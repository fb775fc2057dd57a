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
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
 * CloudWatch's alarms, judged once a minute. Only those whose metrics something here produces: the workload's own, and
 * the replica's lag. The others would call silence a fault.
 */
final class Alarms {

    /** Datapoints of a minute are put until its very end. */
    private static final long AFTER_MILLIS = 5_000;

    private static final long MINUTE = 60_000;

    private static final Pattern FILL = Pattern.compile("\\s*FILL\\(\\s*(\\w+)\\s*,\\s*(-?[0-9.]+)\\s*\\)\\s*");

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
                .filter(alarm -> watched(alarm).isPresent())
                .filter(alarm -> !playedSince.plus(lookBack(alarm)).isAfter(now))
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

    /** What an alarm watches: a metric, and with what its gaps are filled; null for with nothing. */
    private record Watched(MetricStat metric, Double fill) {}

    /** Empty for a metric that nothing here produces, and for metric math but the filling of gaps. */
    private static Optional<Watched> watched(MetricAlarm alarm) {
        return plain(alarm)
                .or(() -> filled(alarm))
                .filter(watched -> isPlayed(watched.metric().metric()));
    }

    private static Optional<Watched> plain(MetricAlarm alarm) {
        return alarm.metricName() == null
                ? Optional.empty()
                : Optional.of(new Watched(
                        MetricStat.builder()
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
                                .build(),
                        null));
    }

    private static Optional<Watched> filled(MetricAlarm alarm) {
        Map<String, MetricStat> metrics = new HashMap<>();
        Matcher fill = null;
        for (MetricDataQuery query : alarm.metrics()) {
            if (query.metricStat() != null) {
                metrics.put(query.id(), query.metricStat());
            } else {
                fill = FILL.matcher(String.valueOf(query.expression()));
            }
        }
        return fill != null && fill.matches() && metrics.containsKey(fill.group(1))
                ? Optional.of(new Watched(metrics.get(fill.group(1)), Double.valueOf(fill.group(2))))
                : Optional.empty();
    }

    private static boolean isPlayed(Metric metric) {
        return metric.namespace().equals(Signals.NAMESPACE)
                // Rehearsals are by the calendar, which is not played.
                ? !metric.metricName().startsWith("Rehearsal")
                : metric.namespace().equals("AWS/RDS") && metric.metricName().equals("ReplicaLag");
    }

    /** Silence from before anything was played means nothing. */
    private static Duration lookBack(MetricAlarm alarm) {
        return Duration.ofSeconds((long) watched(alarm).orElseThrow().metric().period()
                * rule(alarm).range());
    }

    private static AlarmRule rule(MetricAlarm alarm) {
        return new AlarmRule(
                alarm.comparisonOperatorAsString(),
                alarm.threshold(),
                alarm.evaluationPeriods(),
                Optional.ofNullable(alarm.datapointsToAlarm()).orElse(alarm.evaluationPeriods()),
                Optional.ofNullable(alarm.treatMissingData()).orElse("missing"));
    }

    /** Of every alarm the datapoints of its range, the newest last. */
    private Map<String, List<Double>> points(RegionName region, List<MetricAlarm> alarms, long end) {
        if (alarms.isEmpty()) {
            return Map.of();
        }
        List<MetricDataQuery> queries = new ArrayList<>();
        long longest = MINUTE;
        for (int index = 0; index < alarms.size(); index++) {
            MetricAlarm alarm = alarms.get(index);
            MetricStat metric = watched(alarm).orElseThrow().metric();
            longest = Math.max(longest, metric.period() * 1000L * rule(alarm).range());
            queries.add(
                    MetricDataQuery.builder().id("q" + index).metricStat(metric).build());
        }
        Instant start = Instant.ofEpochMilli(end - longest);
        Map<String, MetricDataResult> results = reach.ask(
                        region,
                        "datapoints of",
                        in -> in.cloudWatch()
                                .getMetricData(request -> request.metricDataQueries(queries)
                                        .startTime(start)
                                        .endTime(Instant.ofEpochMilli(end))
                                        .scanBy(ScanBy.TIMESTAMP_ASCENDING)))
                .map(answer -> answer.metricDataResults().stream()
                        .collect(Collectors.toMap(MetricDataResult::id, result -> result)))
                .orElse(Map.of());
        Map<String, List<Double>> points = new HashMap<>();
        for (int index = 0; index < alarms.size(); index++) {
            MetricDataResult result = results.get("q" + index);
            if (result != null) {
                points.put(alarms.get(index).alarmName(), slots(alarms.get(index), result, end));
            }
        }
        return points;
    }

    private static List<Double> slots(MetricAlarm alarm, MetricDataResult result, long end) {
        Watched watched = watched(alarm).orElseThrow();
        long period = watched.metric().period() * 1000L;
        int range = rule(alarm).range();
        List<Double> slots = new ArrayList<>(java.util.Collections.nCopies(range, null));
        for (int index = 0; index < result.timestamps().size(); index++) {
            long ago = (end - 1 - result.timestamps().get(index).toEpochMilli()) / period;
            if (ago >= 0 && ago < range) {
                slots.set(range - 1 - (int) ago, result.values().get(index));
            }
        }
        if (watched.fill() != null && !result.values().isEmpty()) {
            // Of a metric without any datapoint there is nothing to fill.
            slots.replaceAll(value -> value == null ? watched.fill() : value);
        }
        return slots;
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
