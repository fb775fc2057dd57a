package dev.pilotlight.dns;

import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Route 53's documented rules for a pair of failover alias records to load balancers, as far as this project relies on
 * them. Plain Java without time: what the answer is once the checks have seen what there is to see.
 *
 * <p>Sources: the API reference (ResourceRecordSet, AliasTarget, HealthCheckConfig) and two pages of the developer guide,
 * "How Amazon Route 53 determines whether a health check is healthy" (docs.aws.amazon.com/Route53/latest/DeveloperGuide/
 * dns-failover-determining-health-of-endpoints.html) and "How health checks work in complex configurations" (…/
 * dns-failover-complex-configs.html).
 */
public final class Route53Model {

    /** Bytes of an answer that are searched for the text (HealthCheckConfig, {@code SearchString}). */
    private static final int SEARCHED_BYTES = 5_120;

    private Route53Model() {}

    /** A place in the pair of failover records. */
    public enum Position {
        PRIMARY,
        SECONDARY
    }

    /**
     * @param host asked by name, over IPv4
     * @param text searched for; empty for a check of the status alone
     * @param inverted whether the outcome is turned around
     */
    public record HealthCheck(String host, int port, String path, String text, boolean inverted) {}

    /**
     * @param name what the answer leads to
     * @param evaluatesTargetHealth whether the load balancer's target groups count, beside the check
     */
    public record FailoverRecord(
            String name, Position position, boolean evaluatesTargetHealth, HealthCheck healthCheck) {}

    public record HttpAnswer(int status, String body) {}

    /** What the health checkers see of the world. */
    public interface Endpoints {

        /** Empty if the name does not resolve, nobody answers, or not in time. */
        Optional<HttpAnswer> get(String host, int port, String path);
    }

    /** How many targets a target group has. */
    public record TargetGroup(int registered, int healthy) {}

    /**
     * Whether a health check's status is healthy.
     *
     * <p>"Route 53 considers a new health check to be healthy until there's enough data to determine the actual status. If
     * you chose the option to invert the health check status, Route 53 considers a new health check to be unhealthy until
     * there's enough data" (developer guide).
     *
     * @param hasData false for a new check
     */
    public static boolean passes(HealthCheck check, boolean hasData, Endpoints endpoints) {
        boolean healthy = !hasData || isSeen(check, endpoints);
        return healthy != check.inverted();
    }

    /**
     * "The endpoint must respond with an HTTP status code of 2xx or 3xx"; with string matching "the string must appear
     * entirely in the first 5,120 bytes of the response body" (developer guide). A name without an A record fails the check
     * (HealthCheckConfig, {@code FullyQualifiedDomainName}). Certificates are not validated.
     */
    private static boolean isSeen(HealthCheck check, Endpoints endpoints) {
        return endpoints
                .get(check.host(), check.port(), check.path())
                .filter(answer -> answer.status() >= 200 && answer.status() < 400)
                .filter(answer -> head(answer.body()).contains(check.text()))
                .isPresent();
    }

    private static String head(String body) {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        return new String(bytes, 0, Math.min(SEARCHED_BYTES, bytes.length), StandardCharsets.UTF_8);
    }

    /**
     * Whether an Application Load Balancer counts as healthy for an alias that evaluates it: "every target group that
     * contains targets must contain at least one healthy target"; "a target group that has no registered targets is
     * considered unhealthy" (AliasTarget, {@code EvaluateTargetHealth}). Whether users reach the load balancer does not
     * count.
     */
    public static boolean isHealthy(List<TargetGroup> targetGroups) {
        return targetGroups.stream().allMatch(group -> group.healthy() > 0);
    }

    /** "Both of the following must be true": the check passes, and the target is healthy (complex configurations). */
    public static boolean isHealthy(FailoverRecord record, boolean checkPasses, List<TargetGroup> targetGroups) {
        return checkPasses && (!record.evaluatesTargetHealth() || isHealthy(targetGroups));
    }

    /**
     * The record that a query is answered with: the primary one if it is healthy; the secondary one if it alone is healthy;
     * the primary one if neither is (ResourceRecordSet, {@code Failover}).
     *
     * @param records one or both of the pair
     */
    public static FailoverRecord answer(List<FailoverRecord> records, Predicate<FailoverRecord> isHealthy) {
        List<FailoverRecord> inOrder = records.stream()
                .sorted(Comparator.comparing(FailoverRecord::position))
                .toList();
        return inOrder.stream().filter(isHealthy).findFirst().orElse(inOrder.get(0));
    }
}
