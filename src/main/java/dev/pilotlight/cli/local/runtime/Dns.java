package dev.pilotlight.cli.local.runtime;

import dev.pilotlight.cli.local.runtime.Transition.Kind;
import dev.pilotlight.dns.Route53Model;
import dev.pilotlight.dns.Route53Model.FailoverRecord;
import dev.pilotlight.dns.Route53Model.HealthCheck;
import dev.pilotlight.dns.Route53Model.HttpAnswer;
import dev.pilotlight.dns.Route53Model.Position;
import dev.pilotlight.topology.RegionName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import software.amazon.awssdk.services.route53.model.HealthCheckConfig;
import software.amazon.awssdk.services.route53.model.ResourceRecordSet;

/**
 * Route 53: which region a name leads to, by the records, health checks and targets that the services show, and the
 * rules of {@link Route53Model}, in time. A check changes its mind after as many looks in a row as its threshold says.
 */
final class Dns {

    /** An alias' answer may be kept this long [doc]. */
    static final Duration TIME_TO_LIVE = Duration.ofSeconds(60);

    private record Check(HealthCheck what, int threshold, Duration interval) {}

    /** @param check of the record; null if it has none */
    private record Failover(FailoverRecord record, String check, RegionName region) {}

    private static final class Opinion {
        private boolean passes;
        private int against;
        private Instant next;
    }

    private final Reach reach;
    private final Map<RegionName, RegionView> views;
    private final String zone;
    private final String recordName;
    private final Consumer<Transition> transitions;
    private final Map<String, Opinion> opinions = new HashMap<>();

    private Map<String, Check> checks = Map.of();
    private Map<String, RegionName> names = Map.of();
    private List<Failover> records = List.of();

    Dns(
            Reach reach,
            Map<RegionName, RegionView> views,
            String zone,
            String recordName,
            Consumer<Transition> transitions) {
        this.reach = reach;
        this.views = views;
        this.zone = zone;
        this.recordName = recordName;
        this.transitions = transitions;
    }

    /** Reads records and checks: they change by a deploy only. Route 53 is in neither region. */
    void refreshDeployed() {
        RegionName any = reach.isUp(RegionName.PRIMARY) ? RegionName.PRIMARY : RegionName.DR;
        reach.ask(any, "records, read from", in -> {
            List<ResourceRecordSet> found = in
                    .route53()
                    .listResourceRecordSetsPaginator(request -> request.hostedZoneId(zone))
                    .resourceRecordSets()
                    .stream()
                    .filter(record -> record.aliasTarget() != null)
                    .toList();
            Map<String, Check> newChecks = new LinkedHashMap<>();
            for (ResourceRecordSet record : found) {
                if (record.healthCheckId() != null) {
                    HealthCheckConfig config = in.route53()
                            .getHealthCheck(request -> request.healthCheckId(record.healthCheckId()))
                            .healthCheck()
                            .healthCheckConfig();
                    newChecks.put(record.healthCheckId(), check(config));
                }
            }
            checks = newChecks;
            arrange(found);
            return true;
        });
    }

    private static Check check(HealthCheckConfig config) {
        return new Check(
                new HealthCheck(
                        config.fullyQualifiedDomainName(),
                        Optional.ofNullable(config.port()).orElse(443),
                        Optional.ofNullable(config.resourcePath()).orElse("/"),
                        Optional.ofNullable(config.searchString()).orElse(""),
                        Boolean.TRUE.equals(config.inverted())),
                Optional.ofNullable(config.failureThreshold()).orElse(3),
                Duration.ofSeconds(Optional.ofNullable(config.requestInterval()).orElse(30)));
    }

    private void arrange(List<ResourceRecordSet> found) {
        Map<String, RegionName> newNames = new HashMap<>();
        List<Failover> newRecords = new ArrayList<>();
        for (ResourceRecordSet record : found) {
            Optional<RegionName> region = regionOf(record.aliasTarget().dnsName());
            if (region.isEmpty()) {
                continue;
            }
            String name = withoutDot(record.name());
            if (record.failover() == null) {
                newNames.put(name, region.get());
            } else if (name.equals(recordName)) {
                Check check = checks.get(record.healthCheckId());
                newRecords.add(new Failover(
                        new FailoverRecord(
                                region.get().id(),
                                Position.valueOf(record.failoverAsString()),
                                Boolean.TRUE.equals(record.aliasTarget().evaluateTargetHealth()),
                                check == null ? null : check.what()),
                        record.healthCheckId(),
                        region.get()));
            }
        }
        names = newNames;
        records = newRecords;
    }

    private Optional<RegionName> regionOf(String alias) {
        String host = withoutDot(alias).replaceFirst("^dualstack\\.", "");
        return views.values().stream()
                .filter(view -> view.loadBalancerHost().equalsIgnoreCase(host))
                .map(RegionView::region)
                .findFirst();
    }

    private static String withoutDot(String name) {
        return name.replaceFirst("\\.$", "").toLowerCase(Locale.ROOT);
    }

    /** Lets every check look that is due. */
    void play(Instant now) {
        opinions.keySet().retainAll(checks.keySet());
        checks.forEach((id, check) -> {
            Opinion opinion = opinions.computeIfAbsent(id, absent -> {
                Opinion unknown = new Opinion();
                unknown.passes = Route53Model.passes(check.what(), false, this::get);
                unknown.next = now;
                return unknown;
            });
            if (now.isBefore(opinion.next)) {
                return;
            }
            opinion.next = now.plus(check.interval());
            boolean passes = Route53Model.passes(check.what(), true, this::get);
            opinion.against = passes == opinion.passes ? 0 : opinion.against + 1;
            if (opinion.against >= check.threshold()) {
                opinion.against = 0;
                opinion.passes = passes;
                transitions.accept(new Transition(
                        now,
                        Kind.CHECK,
                        records.stream()
                                .filter(record -> id.equals(record.check()))
                                .map(Failover::region)
                                .findFirst()
                                .orElse(null),
                        "the record's health check is %s: %s%s %s shown"
                                .formatted(
                                        passes ? "healthy" : "unhealthy",
                                        check.what().host(),
                                        check.what().path(),
                                        passes != check.what().inverted() ? "is" : "is not")));
            }
        });
    }

    /** What anybody gets from a load balancer itself, by the region's own name or the public one. */
    Optional<HttpAnswer> get(String host, int port, String path) {
        return resolve(host).flatMap(region -> views.get(region).fixedAnswer(path));
    }

    /** Which region a name leads to now. */
    Optional<RegionName> resolve(String host) {
        if (!host.equalsIgnoreCase(recordName)) {
            return Optional.ofNullable(names.get(host.toLowerCase(Locale.ROOT)));
        }
        if (records.isEmpty()) {
            return Optional.empty();
        }
        FailoverRecord answer =
                Route53Model.answer(records.stream().map(Failover::record).toList(), this::isHealthy);
        return records.stream()
                .filter(failover -> failover.record().equals(answer))
                .map(Failover::region)
                .findFirst();
    }

    private boolean isHealthy(FailoverRecord record) {
        Failover failover = records.stream()
                .filter(candidate -> candidate.record().equals(record))
                .findFirst()
                .orElseThrow();
        boolean passes = failover.check() == null
                || Optional.ofNullable(opinions.get(failover.check()))
                        .map(opinion -> opinion.passes)
                        .orElse(true);
        return Route53Model.isHealthy(
                record, passes, views.get(failover.region()).targetGroups());
    }
}
