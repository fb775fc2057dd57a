package dev.pilotlight.compute;

import dev.pilotlight.config.RollOut;
import dev.pilotlight.observability.Alarms;
import dev.pilotlight.observability.Alarms.Condition;
import dev.pilotlight.recovery.Signals;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.cloudwatch.IMetric;
import software.amazon.awscdk.services.cloudwatch.MathExpression;
import software.amazon.awscdk.services.cloudwatch.MathExpressionProps;
import software.amazon.awscdk.services.cloudwatch.Metric;
import software.amazon.awscdk.services.cloudwatch.MetricOptions;
import software.amazon.awscdk.services.cloudwatch.MetricProps;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationTargetGroup;
import software.amazon.awscdk.services.elasticloadbalancingv2.HttpCodeTarget;
import software.constructs.Construct;

/**
 * The alarms of a region's instances, in either role: {@code ServerErrors} for people, {@code RollOutErrors} and
 * {@code UnhealthyTargets} for roll-outs too, {@code WorkloadStopped} for the silence that the second one keeps.
 *
 * <p>A refresh is refused while an alarm that it names is in ALARM or INSUFFICIENT_DATA, in which every new alarm begins.
 * So those alarms are in both roles, treat silence as good, and keep their logical ids: a change is made in place, which
 * leaves an alarm's state as it was.
 */
public final class RollOutAlarms {

    private static final Duration MINUTE = Duration.minutes(1);
    /** One error among a handful of requests says nothing. */
    private static final int REQUESTS = 20;

    private static final int PERCENT = 5;

    private final List<Alarm> guarding;

    /** @param workload the dimension of the agents' metrics */
    public RollOutAlarms(Alarms alarms, ApplicationTargetGroup targets, String workload) {
        IMetric requests = targets.getMetrics().requestCount(ofMinutes("Sum"));
        IMetric errors = targets.getMetrics().httpCodeTarget(HttpCodeTarget.TARGET_5XX_COUNT, ofMinutes("Sum"));
        // The least of all instances: one that is stuck masks nothing.
        IMetric stopped = new Metric(MetricProps.builder()
                .namespace(Signals.NAMESPACE)
                .metricName(Signals.STOPPED)
                .dimensionsMap(Map.of(Signals.WORKLOAD, workload))
                .period(MINUTE)
                .statistic("Minimum")
                .build());
        alarms.add(
                "ServerErrors",
                "More than %d %% of the answers were server errors for 3 minutes. If the last change caused it, deploy the"
                                .formatted(PERCENT)
                        + " previous version: docs/runbooks/rollout.md.",
                errorRate("requests >= " + REQUESTS, errors, requests, Map.of()),
                Condition.above(PERCENT).lasting(3));
        // While no instance has reported whether it is stopped, in hours, there is nothing to fill: the other alarm
        // guards.
        Alarm rollOutErrors = alarms.add(
                "RollOutErrors",
                ("More than %d %% of the answers were server errors for 3 minutes, and not because the agents keep the workload"
                                + " stopped. A roll-out in progress is stopped, and a new one refused, until this is over or it is"
                                + " deployed with %s: docs/runbooks/rollout.md.")
                        .formatted(PERCENT, RollOut.UNGUARDED_OPTION),
                errorRate(
                        "requests >= " + REQUESTS + " AND FILL(stopped, 0) < 1",
                        errors,
                        requests,
                        Map.of("stopped", stopped)),
                Condition.above(PERCENT).lasting(3));
        Alarm unhealthy = alarms.add(
                "UnhealthyTargets",
                ("Instances have failed their health check in 5 of 10 minutes: the group replaces them, again and again, or"
                                + " cannot. A roll-out in progress is stopped, and a new one refused, until this is over or it is"
                                + " deployed with %s: docs/runbooks/rollout.md.")
                        .formatted(RollOut.UNGUARDED_OPTION),
                targets.getMetrics().unhealthyHostCount(ofMinutes("Maximum")),
                Condition.above(0).lasting(5).outOf(10));
        alarms.add(
                "WorkloadStopped",
                "Every agent here has kept the workload stopped for 15 minutes, for a handover sign or a claim of the other"
                        + " region; users get 503, and no roll-out alarm rings for it. While a failover is at work that is"
                        + " right: follow it. If none is, nobody serves: docs/runbooks/stuck.md.",
                stopped,
                Condition.above(0).lasting(15));
        this.guarding = List.of(rollOutErrors, unhealthy);
    }

    /** Those that the refresh of a guarded roll-out names. */
    public List<Alarm> guarding() {
        return guarding;
    }

    /** Says in an output which they are, whether or not this deploy's refresh names them. */
    public void listIn(Construct stack) {
        CfnOutput.Builder.create(stack, RollOut.ALARMS_OUTPUT)
                .description("A guarded roll-out is refused while one of these alarms rings")
                .value(Fn.join(",", guarding.stream().map(Alarm::getAlarmName).toList()))
                .build();
    }

    /** The percentage of answers that were errors, or 0 where the condition does not hold. */
    private static IMetric errorRate(String condition, IMetric errors, IMetric requests, Map<String, IMetric> more) {
        // Ordered: the order of a Map.of differs from JVM to JVM.
        Map<String, IMetric> metrics = new LinkedHashMap<>();
        metrics.put("errors", errors);
        metrics.put("requests", requests);
        metrics.putAll(more);
        return new MathExpression(MathExpressionProps.builder()
                .label("server errors, % of answers")
                .expression("IF(%s, 100 * FILL(errors, 0) / requests, 0)".formatted(condition))
                .usingMetrics(metrics)
                .period(MINUTE)
                .build());
    }

    private static MetricOptions ofMinutes(String statistic) {
        return MetricOptions.builder().period(MINUTE).statistic(statistic).build();
    }
}
