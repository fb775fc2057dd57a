package dev.pilotlight.cli.local.runtime;

import dev.pilotlight.dns.Route53Model.HttpAnswer;
import dev.pilotlight.recovery.Signals;
import dev.pilotlight.topology.RegionName;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.MetricDatum;

/** An agent on every healthy instance of both groups, each looking every 15 virtual seconds. */
final class Agents {

    private static final class Instance {
        private final RegionName region;
        private final Agent agent;
        private Instant next = Instant.MIN;

        Instance(RegionName region, Agent agent) {
            this.region = region;
            this.agent = agent;
        }
    }

    private final Reach reach;
    private final Map<RegionName, RegionView> views;
    private final Dns dns;
    private final Databases databases;
    private final Map<String, Instance> instances = new LinkedHashMap<>();

    Agents(Reach reach, Map<RegionName, RegionView> views, Dns dns, Databases databases) {
        this.reach = reach;
        this.views = views;
        this.dns = dns;
        this.databases = databases;
    }

    void play(Instant now) {
        views.values().forEach(this::startAndEnd);
        for (Instance instance : List.copyOf(instances.values())) {
            if (now.isBefore(instance.next)) {
                continue;
            }
            instance.next = now.plus(Agent.INTERVAL);
            // All of a lost region stands still, and an instance that comes back with it serves until its next look.
            if (reach.isUp(instance.region)) {
                instance.agent.fence();
                instance.agent.pulse(now);
            }
        }
    }

    private void startAndEnd(RegionView view) {
        if (!reach.isUp(view.region()) || !view.deployed()) {
            return;
        }
        instances.entrySet().removeIf(entry -> {
            Instance instance = entry.getValue();
            boolean gone = instance.region == view.region() && !view.targets().getOrDefault(entry.getKey(), false);
            if (gone) {
                // The lock of a connection that has ended is gone.
                databases.unlock(instance.agent.environment().databaseHost(), instance.agent);
            }
            return gone;
        });
        view.targets().forEach((id, healthy) -> {
            if (healthy && !instances.containsKey(id)) {
                instances.put(
                        id,
                        // What it was started with is its own for life: a release replaces instances.
                        new Instance(
                                view.region(), new Agent(view.environment().orElseThrow(), new Inside(view.region()))));
            }
        });
    }

    private int count(RegionName region, Predicate<Agent> what) {
        return (int) instances.values().stream()
                .filter(instance -> instance.region == region && what.test(instance.agent))
                .count();
    }

    int serving(RegionName region) {
        return count(region, Agent::serving);
    }

    int stoppedBySign(RegionName region) {
        return count(region, Agent::stoppedBySign);
    }

    int superseded(RegionName region) {
        return count(region, Agent::superseded);
    }

    /** What an instance reaches from the region that it is in. */
    private final class Inside implements Agent.Surroundings {

        private final RegionName region;

        Inside(RegionName region) {
            this.region = region;
        }

        @Override
        public Optional<HttpAnswer> get(String host, String path) {
            RegionName to = dns.resolve(host).orElse(null);
            if (to == null || !reach.reaches(region, to)) {
                return Optional.empty();
            }
            return views.get(to).ownAnswer(path);
        }

        @Override
        public boolean beat(InstanceEnvironment environment, Instant at) {
            return databases.commit(environment.region(), environment.databaseHost(), at, false);
        }

        @Override
        public boolean lock(InstanceEnvironment environment, Agent holder) {
            return databases.lock(environment.region(), environment.databaseHost(), holder);
        }

        @Override
        public void unlock(InstanceEnvironment environment, Agent holder) {
            databases.unlock(environment.databaseHost(), holder);
        }

        @Override
        public boolean put(String awsRegion, String workload, Map<String, Double> metrics, Instant at) {
            List<MetricDatum> data = metrics.entrySet().stream()
                    .map(metric -> MetricDatum.builder()
                            .metricName(metric.getKey())
                            .dimensions(Dimension.builder()
                                    .name(Signals.WORKLOAD)
                                    .value(workload)
                                    .build())
                            .timestamp(at)
                            .value(metric.getValue())
                            .build())
                    .toList();
            return reach.region(awsRegion)
                    .filter(to -> reach.reaches(region, to))
                    .map(region -> reach.tell(
                            region,
                            "metrics of agents in",
                            in -> in.cloudWatch()
                                    .putMetricData(request ->
                                            request.namespace(Signals.NAMESPACE).metricData(data))))
                    .orElse(false);
        }

        @Override
        public boolean emptyGroup(InstanceEnvironment environment) {
            return reach.tell(
                    environment.region(),
                    "the group of",
                    in -> in.autoScaling()
                            .updateAutoScalingGroup(request -> request.autoScalingGroupName(environment.group())
                                    .minSize(0)
                                    .desiredCapacity(0)));
        }
    }
}
