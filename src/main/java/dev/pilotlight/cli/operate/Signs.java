package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.recovery.Signals;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.DatabaseRef;
import dev.pilotlight.topology.Handover;
import dev.pilotlight.topology.RegionName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataQuery;
import software.amazon.awssdk.services.cloudwatch.model.MetricDataResult;
import software.amazon.awssdk.services.cloudwatch.model.ScanBy;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Action;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.DescribeRulesResponse;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;

/** What a region shows to the other: rules of its load balancer, and metrics. */
final class Signs {

    private static final Duration WINDOW = Duration.ofHours(12);

    private final Site site;
    private final RegionName region;

    Signs(Site site, RegionName region) {
        this.site = site;
        this.region = region;
    }

    /**
     * The rules of a listener under our paths.
     *
     * @param claims terms claimed with exactly the text that checks and agents look for
     * @param handovers terms for which the handover sign stands
     * @param wrong paths of ours whose rule answers something else
     */
    record Rules(NavigableSet<Integer> claims, NavigableSet<Integer> handovers, List<String> wrong) {}

    static Rules rules(Aws.InRegion aws, String listenerArn, String workload) {
        Rules found = new Rules(new TreeSet<>(), new TreeSet<>(), new ArrayList<>());
        String marker = null;
        do {
            String from = marker;
            DescribeRulesResponse page = aws.loadBalancing()
                    .describeRules(request -> request.listenerArn(listenerArn).marker(from));
            page.rules().forEach(rule -> note(rule, workload, found));
            marker = page.nextMarker();
        } while (marker != null && !marker.isEmpty());
        return found;
    }

    private static void note(Rule rule, String workload, Rules found) {
        List<String> paths = rule.conditions().stream()
                .filter(condition -> "path-pattern".equals(condition.field()))
                .flatMap(condition -> condition.pathPatternConfig() == null
                        ? condition.values().stream()
                        : condition.pathPatternConfig().values().stream())
                .toList();
        for (String path : paths) {
            OptionalInt claim = Claim.termOf(path);
            OptionalInt term = claim.isPresent() ? claim : Handover.termOf(path);
            if (term.isEmpty()) {
                continue;
            }
            String text = claim.isPresent()
                    ? new Claim(workload, term.getAsInt()).text()
                    : new Handover(workload, term.getAsInt()).text();
            if (paths.size() == 1 && rule.actions().stream().anyMatch(action -> answers(action, text))) {
                (claim.isPresent() ? found.claims() : found.handovers()).add(term.getAsInt());
            } else {
                found.wrong().add(path);
            }
        }
    }

    private static boolean answers(Action action, String text) {
        return action.fixedResponseConfig() != null
                && "200".equals(action.fixedResponseConfig().statusCode())
                && text.equals(action.fixedResponseConfig().messageBody());
    }

    /**
     * Datapoints of a minute, newest first, of the last twelve hours.
     *
     * @param indices databases of the region whose lag is asked for, by their place in the lineage
     */
    Observed.Metrics metrics(List<Integer> indices) {
        Instant now = site.clock().instant();
        List<MetricDataQuery> queries = new ArrayList<>(List.of(
                ours("heartbeat", Signals.HEARTBEAT, "Maximum"), ours("writable", Signals.WRITABLE, "Maximum")));
        indices.forEach(index -> queries.add(query(
                "lag" + index,
                "AWS/RDS",
                "ReplicaLag",
                "Minimum",
                "DBInstanceIdentifier",
                site.names().database(new DatabaseRef(index, region)))));
        List<MetricDataResult> results = site.in(region)
                .cloudWatch()
                .getMetricData(request -> request.startTime(now.minus(WINDOW))
                        .endTime(now.plusSeconds(60))
                        .scanBy(ScanBy.TIMESTAMP_DESCENDING)
                        .metricDataQueries(queries))
                .metricDataResults();
        Map<Integer, List<ExpectedLoss.Point>> lag = new TreeMap<>();
        indices.forEach(index -> lag.put(index, points(results, "lag" + index)));
        return new Observed.Metrics(points(results, "heartbeat"), points(results, "writable"), lag);
    }

    ExpectedLoss expectedLoss(DatabaseRef database) {
        Observed.Metrics metrics = metrics(List.of(database.index()));
        return ExpectedLoss.of(
                site.clock().instant(), metrics.heartbeat(), metrics.lag().get(database.index()));
    }

    private MetricDataQuery ours(String id, String name, String statistic) {
        return query(
                id,
                Signals.NAMESPACE,
                name,
                statistic,
                Signals.WORKLOAD,
                site.names().workload());
    }

    private static MetricDataQuery query(
            String id, String namespace, String name, String statistic, String dimension, String value) {
        return MetricDataQuery.builder()
                .id(id)
                .metricStat(stat -> stat.period(60)
                        .stat(statistic)
                        .metric(metric -> metric.namespace(namespace)
                                .metricName(name)
                                .dimensions(Dimension.builder()
                                        .name(dimension)
                                        .value(value)
                                        .build())))
                .build();
    }

    private static List<ExpectedLoss.Point> points(List<MetricDataResult> results, String id) {
        List<ExpectedLoss.Point> points = new ArrayList<>();
        for (MetricDataResult result : results) {
            if (id.equals(result.id())) {
                for (int index = 0;
                        index
                                < Math.min(
                                        result.timestamps().size(),
                                        result.values().size());
                        index++) {
                    points.add(new ExpectedLoss.Point(
                            result.timestamps().get(index), result.values().get(index)));
                }
            }
        }
        // An emulator may not heed the order asked for.
        points.sort(java.util.Comparator.comparing(ExpectedLoss.Point::at).reversed());
        return points;
    }
}
