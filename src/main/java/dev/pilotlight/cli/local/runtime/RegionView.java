package dev.pilotlight.cli.local.runtime;

import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.dns.Route53Model.HttpAnswer;
import dev.pilotlight.dns.Route53Model.TargetGroup;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.Handover;
import dev.pilotlight.topology.RegionName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.autoscaling.model.AutoScalingGroup;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Action;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Listener;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.Rule;
import software.amazon.awssdk.services.elasticloadbalancingv2.model.TargetHealthStateEnum;

/** One region as its own services show it; what was seen last, if it is lost. Not for several threads at once. */
final class RegionView {

    /**
     * A database.
     *
     * @param arn of it
     * @param host its address, as instances are told
     * @param source whose replica it is: an ARN or, in the same region, an identifier; empty if none's
     */
    record Database(String identifier, String arn, String host, String status, String source) {

        /** It stands alone and is available. */
        boolean writable() {
            return source.isEmpty() && status.equals("available");
        }
    }

    /** A rule with a fixed answer; {@code status} is 0 for one that leads to the instances. */
    private record Answer(List<String> paths, int status, String body) {

        boolean matches(String path) {
            return paths.isEmpty() || paths.stream().anyMatch(pattern -> matches(pattern, path));
        }

        private static boolean matches(String pattern, String path) {
            String expression = Pattern.quote(pattern).replace("*", "\\E.*\\Q").replace("?", "\\E.\\Q");
            return path.matches(expression);
        }
    }

    private final Reach reach;
    private final RegionName region;
    private final String groupName;

    // What a deploy changes.
    private volatile String targetGroupArn;
    private volatile String listenerArn;
    private volatile String loadBalancerHost = "";
    private volatile String launchTemplate = "";
    private volatile InstanceEnvironment environment;

    // What changes by itself.
    private volatile List<Answer> answers = List.of();
    private volatile Map<String, Boolean> targets = Map.of();
    private volatile List<Database> databases = List.of();

    RegionView(Reach reach, RegionName region, String groupName) {
        this.reach = reach;
        this.region = region;
        this.groupName = groupName;
    }

    /** Reads what a deploy changes. */
    void refreshDeployed() {
        reach.ask(region, "what is deployed in", this::readDeployed);
    }

    private boolean readDeployed(Aws.InRegion in) {
        Optional<AutoScalingGroup> group = in
                .autoScaling()
                .describeAutoScalingGroups(request -> request.autoScalingGroupNames(groupName))
                .autoScalingGroups()
                .stream()
                .findFirst();
        group.ifPresent(found -> {
            readLaunchTemplate(in, found);
            if (!found.targetGroupARNs().isEmpty()
                    && !found.targetGroupARNs().get(0).equals(targetGroupArn)) {
                readLoadBalancer(in, found.targetGroupARNs().get(0));
            }
        });
        return group.isPresent();
    }

    private void readLaunchTemplate(Aws.InRegion in, AutoScalingGroup group) {
        var template = group.launchTemplate() != null
                ? group.launchTemplate()
                : group.mixedInstancesPolicy().launchTemplate().launchTemplateSpecification();
        String now = template.launchTemplateId() + " " + template.version();
        if (now.equals(launchTemplate) && !template.version().startsWith("$")) {
            return;
        }
        String userData = in.ec2()
                .describeLaunchTemplateVersions(request ->
                        request.launchTemplateId(template.launchTemplateId()).versions(template.version()))
                .launchTemplateVersions()
                .get(0)
                .launchTemplateData()
                .userData();
        environment = InstanceEnvironment.of(userData).orElse(null);
        launchTemplate = now;
    }

    private void readLoadBalancer(Aws.InRegion in, String targetGroup) {
        String loadBalancer = in.loadBalancing()
                .describeTargetGroups(request -> request.targetGroupArns(targetGroup))
                .targetGroups()
                .get(0)
                .loadBalancerArns()
                .get(0);
        listenerArn =
                in
                        .loadBalancing()
                        .describeListeners(request -> request.loadBalancerArn(loadBalancer))
                        .listeners()
                        .stream()
                        .filter(listener -> listener.port() == 443)
                        .map(Listener::listenerArn)
                        .findFirst()
                        .orElseThrow();
        loadBalancerHost = in.loadBalancing()
                .describeLoadBalancers(request -> request.loadBalancerArns(loadBalancer))
                .loadBalancers()
                .get(0)
                .dnsName();
        targetGroupArn = targetGroup;
    }

    /** Reads what changes by itself: rules, targets, databases. */
    void refresh() {
        reach.ask(region, "databases of", in -> {
            databases = in.rds().describeDBInstances().dbInstances().stream()
                    .map(database -> new Database(
                            database.dbInstanceIdentifier(),
                            database.dbInstanceArn(),
                            database.endpoint() == null
                                    ? ""
                                    : database.endpoint().address(),
                            database.dbInstanceStatus(),
                            Optional.ofNullable(database.readReplicaSourceDBInstanceIdentifier())
                                    .orElse("")))
                    .toList();
            return true;
        });
        if (targetGroupArn == null) {
            return;
        }
        reach.ask(region, "rules of", in -> {
            answers = in.loadBalancing().describeRules(request -> request.listenerArn(listenerArn)).rules().stream()
                    .sorted(Comparator.comparingInt(RegionView::place))
                    .map(RegionView::answer)
                    .toList();
            return true;
        });
        reach.ask(region, "targets of", in -> {
            Map<String, Boolean> health = new LinkedHashMap<>();
            in.loadBalancing()
                    .describeTargetHealth(request -> request.targetGroupArn(targetGroupArn))
                    .targetHealthDescriptions()
                    .forEach(target -> health.put(
                            target.target().id(), target.targetHealth().state() == TargetHealthStateEnum.HEALTHY));
            if (!targets.keySet().containsAll(health.keySet())) {
                // New instances: they are started from the launch template as it is now.
                readDeployed(in);
            }
            targets = health;
            return true;
        });
    }

    private static int place(Rule rule) {
        return rule.priority().equals("default") ? Integer.MAX_VALUE : Integer.parseInt(rule.priority());
    }

    private static Answer answer(Rule rule) {
        List<String> paths = new ArrayList<>();
        rule.conditions().forEach(condition -> {
            if (condition.pathPatternConfig() != null) {
                paths.addAll(condition.pathPatternConfig().values());
            }
        });
        Action action = rule.actions().get(rule.actions().size() - 1);
        return action.fixedResponseConfig() == null
                ? new Answer(paths, 0, "")
                : new Answer(
                        paths,
                        Integer.parseInt(action.fixedResponseConfig().statusCode()),
                        Optional.ofNullable(action.fixedResponseConfig().messageBody())
                                .orElse(""));
    }

    RegionName region() {
        return region;
    }

    /** Whether something was ever seen to be deployed. */
    boolean deployed() {
        return targetGroupArn != null && environment != null;
    }

    /** What its instances are told. */
    Optional<InstanceEnvironment> environment() {
        return Optional.ofNullable(environment);
    }

    String loadBalancerHost() {
        return loadBalancerHost;
    }

    /** Registered instances, and whether each is healthy. */
    Map<String, Boolean> targets() {
        return targets;
    }

    int healthyTargets() {
        return (int) targets.values().stream().filter(healthy -> healthy).count();
    }

    List<TargetGroup> targetGroups() {
        return List.of(new TargetGroup(targets.size(), healthyTargets()));
    }

    List<Database> databases() {
        return databases;
    }

    /** The database that the instances are told of. */
    Optional<Database> database() {
        return environment == null ? Optional.empty() : database(environment.databaseHost());
    }

    Optional<Database> database(String host) {
        return databases.stream()
                .filter(database -> database.host().equals(host))
                .findFirst();
    }

    /**
     * What the load balancer answers by itself to anybody outside; nothing for what it leaves to the instances, and if the
     * region is lost or cut off. What a lost region's API would say does not count: this is its data plane.
     */
    Optional<HttpAnswer> fixedAnswer(String path) {
        return reach.isConnected(region) ? ownAnswer(path) : Optional.empty();
    }

    /** The same inside its region. */
    Optional<HttpAnswer> ownAnswer(String path) {
        return answers.stream()
                .filter(answer -> answer.matches(path))
                .findFirst()
                .filter(answer -> answer.status() != 0)
                .map(answer -> new HttpAnswer(answer.status(), answer.body()));
    }

    Set<Integer> claims() {
        return terms(Claim::termOf);
    }

    Set<Integer> signs() {
        return terms(Handover::termOf);
    }

    private Set<Integer> terms(Function<String, OptionalInt> termOf) {
        Set<Integer> terms = new TreeSet<>();
        for (Answer answer : answers) {
            for (String path : answer.paths()) {
                if (answer.status() == 200) {
                    termOf.apply(path).ifPresent(terms::add);
                }
            }
        }
        return terms;
    }
}
