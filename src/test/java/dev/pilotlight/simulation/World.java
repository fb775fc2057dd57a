package dev.pilotlight.simulation;

import dev.pilotlight.recovery.asl.Execution;
import dev.pilotlight.recovery.asl.SdkNames;
import dev.pilotlight.recovery.asl.Services;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.Handover;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Two regions and their users, as far as the runbooks can tell. Each rule says where it comes from: [doc] AWS's or
 * PostgreSQL's documentation, [design] ours, [agent] agent.py, whose own tests hold that it is so, [assumed] a pessimistic
 * guess. Times are milliseconds from the beginning.
 *
 * <p>The leader has a database, instances with agents, and the users. The standby has a replica, a group at zero, and
 * a load balancer on which signs and claims are shown. In the second term the leader is the region that took over in the
 * first, and shows that claim for ever.
 */
final class World implements Services {

    /** What people were told. */
    private record Mail(long at, Execution by, String text) {}

    private final Plan plan;
    private final Random random;
    private final Fault.Source faults;
    private final Set<AgentMistake> mistakes;
    private final Clock clock;
    private final Leader leader;
    private final Users users;
    private final Metrics metrics;
    private final Listener listener;
    private final StandbyGroup group;
    private final StandbyDatabase database;
    private final Executions executions;
    private final LedRegion led;
    private final Copies copies;
    private final OutsideMachine outside;
    private final AutomaticStart automatic;
    private final Coverage coverage;
    private final int signPriority;
    private final int claimPriority;

    // What was reported, for the invariants.
    private final Set<Execution> withEvidence = new HashSet<>();
    private final List<Mail> mails = new ArrayList<>();
    private long lastFault = -Plan.NEVER;
    private Violation first;

    /**
     * @param runbooks the synthesized state machines
     * @param coverage which of the failover's states meets what
     * @param recording whether to keep a journal
     */
    World(
            Plan plan,
            Runbooks runbooks,
            long seed,
            Fault.Source faults,
            Set<AgentMistake> mistakes,
            Coverage coverage,
            boolean recording) {
        Facts facts = runbooks.facts();
        this.plan = plan;
        this.random = new Random(seed);
        this.faults = faults;
        this.mistakes = mistakes;
        this.coverage = coverage;
        this.clock = new Clock(recording);
        this.copies = new Copies(clock, plan, random);
        this.signPriority = new Handover(facts.workload(), facts.term()).priority();
        this.claimPriority = new Claim(facts.workload(), facts.term()).priority();
        this.leader = new Leader(this, plan, facts);
        this.users = new Users(this, plan);
        this.metrics = new Metrics(clock, plan);
        this.listener = new Listener(this, plan, facts);
        this.group = new StandbyGroup(this, plan, facts);
        this.database = new StandbyDatabase(this, plan, facts);
        this.executions = new Executions(this, facts, random::nextDouble);
        this.outside = new OutsideMachine(this, plan, facts, runbooks.outside(), random::nextDouble);
        this.led = new LedRegion(this, facts);
        for (LeaderAgent agent : leader.agents()) {
            every(LeaderAgent.INTERVAL, agent::loop);
        }
        every(LeaderAgent.INTERVAL, group::report);
        clock.every(Users.INTERVAL, 1, users::ask);
        every(Plan.MINUTE, database::measureLag);
        clock.every(10_000, 5, group::scale);
        clock.every(Plan.MINUTE, 7, group::track);
        listener.foreign(signPriority, plan.foreignSign);
        listener.foreign(claimPriority, plan.foreignClaim);
        every(facts.checkIntervalSeconds() * 1000L, users::checkClaim);
        if (plan.deployedTooEarly < Plan.NEVER) {
            clock.at(plan.deployedTooEarly, group::deployedTooEarly);
        }
        leader.schedule();
        if (plan.sleeperWakes < Plan.NEVER) {
            clock.at(plan.sleeperWakes, group::sleeper);
        }
        this.automatic = new AutomaticStart(this, plan, facts, runbooks.starter(), runbooks.failover());
    }

    private void every(long interval, Runnable what) {
        clock.every(interval, random.nextInt((int) interval), what);
    }

    Clock clock() {
        return clock;
    }

    Random random() {
        return random;
    }

    Leader leader() {
        return leader;
    }

    Users users() {
        return users;
    }

    Metrics metrics() {
        return metrics;
    }

    Listener listener() {
        return listener;
    }

    StandbyGroup group() {
        return group;
    }

    StandbyDatabase database() {
        return database;
    }

    Executions executions() {
        return executions;
    }

    Copies copies() {
        return copies;
    }

    /** From now on nothing new goes wrong, and somebody has cleared what was in the way. */
    void heal() {
        clock.heal();
        listener.removeForeign(signPriority);
        listener.removeForeign(claimPriority);
    }

    /** Whether somebody else's rule has had the sign's place at any time since then. */
    boolean signsPlaceWasTakenSince(long time) {
        return listener.foreignUntil(signPriority) >= time;
    }

    boolean makes(AgentMistake mistake) {
        return mistakes.contains(mistake);
    }

    void violated(Invariant invariant, String detail) {
        if (first == null) {
            first = new Violation(invariant, detail);
        }
        throw first;
    }

    /** Since the oldest run began that is not over, no call has gone wrong, and the standby is as it should be. */
    boolean callsWork() {
        return lastFault < begun()
                && !met(plan.isolated)
                && !met(plan.noCapacity)
                && !metAt(plan.deployedTooEarly)
                && !group.sleeperEmptiedIt();
    }

    /** Nothing was refused, lost or delayed that a run needs, other than what makes it a disaster. */
    boolean flawless() {
        return callsWork()
                && !met(plan.rulesHidden)
                && !met(plan.foreignSign)
                && !met(plan.foreignClaim)
                && !met(plan.noDatapoints)
                && !met(plan.suspended)
                && !met(plan.stuck);
    }

    /** Whether a run that is not over, or just ended, has met it: what came before it, or comes later, excuses nothing. */
    boolean met(Plan.Span span) {
        return clock.within(span, begun());
    }

    private boolean metAt(long time) {
        return time <= clock.now() && time >= begun();
    }

    /** What was so two minutes before may still be shown. */
    private long begun() {
        Execution caller = executions.caller();
        long begun = caller == null ? clock.now() : Clock.millis(caller.started());
        for (Execution execution : executions.all()) {
            if (execution.status() == Execution.Status.RUNNING) {
                begun = Math.min(begun, Clock.millis(execution.started()));
            }
        }
        return begun - 2 * Plan.MINUTE;
    }

    /** A call that changes something. */
    void change() {
        if ("drill".equals(executions.caller().variables().get("mode"))) {
            violated(Invariant.A_DRILL_CHANGES_NOTHING, executions.caller().state());
        }
    }

    /** The run has written its evidence, and told people. */
    boolean reported(Execution run) {
        return withEvidence.contains(run) && mails.stream().anyMatch(mail -> mail.by() == run);
    }

    /** Whether people got a mail since then that says this. */
    boolean toldSince(long time, String words) {
        return mails.stream().anyMatch(mail -> mail.at() >= time && mail.text().contains(words));
    }

    /** The last mail. */
    String told() {
        return mails.isEmpty() ? "" : mails.get(mails.size() - 1).text();
    }

    @Override
    public Reply call(Instant at, String service, String action, Map<String, Object> arguments, Duration timeout) {
        String call = service + ":" + action;
        Execution caller = executions.caller();
        Fault fault = fault(caller, call);
        if (service.equals(plan.impairedService) && clock.is(plan.impaired)) {
            fault = random.nextBoolean() ? Fault.FAILED : Fault.HANGS_AFTER_EFFECT;
        }
        String error = service.equals("http")
                ? "States.Http.StatusCode.503"
                : SdkNames.errorPrefix(service)
                        .map(prefix -> prefix + "." + prefix + "Exception")
                        .orElseThrow();
        Duration quick = Duration.ofMillis(80 + random.nextInt(400));
        if (fault != Fault.NONE) {
            lastFault = clock.now();
            clock.log("%s: %s %s", caller.name(), call, fault);
        }
        Phase phase = Phase.of(this);
        int stale = copies.staleReads();
        Reply reply =
                switch (fault) {
                    case THROTTLED -> Reply.failed(error, "Rate exceeded", quick);
                    case FAILED -> Reply.failed(error, "Service unavailable (503)", quick);
                    case HANGS -> Reply.timeout(timeout);
                    default -> reply(caller, call, arguments, fault == Fault.SLOW ? timeout.minusMillis(500) : quick);
                };
        coverage.called(caller.state(), phase, fault, copies.staleReads() > stale, plan, clock);
        return switch (fault) {
            case FAILS_AFTER_EFFECT -> Reply.failed(error, "Internal failure (500)", quick);
            case HANGS_AFTER_EFFECT -> Reply.timeout(timeout);
            default -> reply;
        };
    }

    /** How a call goes wrong. */
    Fault fault(Execution caller, String call) {
        Fault fault = clock.healed() ? Fault.NONE : faults.of(caller, call);
        lastFault = fault == Fault.NONE ? lastFault : clock.now();
        return fault;
    }

    /** A switchover that raises its sign where nobody can read it would stop nobody, and later move nobody. */
    void checkRead() {
        Execution caller = executions.caller();
        if ("planned".equals(caller.variables().get("mode"))
                && !Boolean.TRUE.equals(caller.variables().get("committed"))
                && plan.outside.from() <= Clock.millis(caller.started())
                && clock.is(plan.outside)) {
            violated(Invariant.A_SWITCHOVER_BEGINS_ONLY_WHERE_ITS_SIGN_CAN_BE_READ, caller.name());
        }
    }

    private Reply reply(Execution caller, String call, Map<String, Object> arguments, Duration took) {
        try {
            Object answer = executions.inLedRegion(caller) ? led.answer(call, arguments) : answer(call, arguments);
            return Reply.of(answer, took);
        } catch (Refused refused) {
            return Reply.failed(refused.error(), refused.getMessage(), took);
        }
    }

    private Object answer(String call, Map<String, Object> arguments) throws Refused {
        return switch (call) {
            case "sfn:listExecutions" -> Map.of("Executions", executions.list(arguments));
            case "sfn:startExecution" ->
                OutsideMachine.is(arguments.get("StateMachineArn"))
                        ? outside.start(arguments)
                        : automatic.startFailover(arguments);
            case "cloudwatch:describeAlarms" -> automatic.alarms(arguments);
            case "sfn:describeExecution" ->
                OutsideMachine.is(arguments.get("ExecutionArn"))
                        ? outside.describe((String) arguments.get("ExecutionArn"))
                        : executions.describe((String) arguments.get("ExecutionArn"));
            case "rds:describeDBInstances" -> Map.of("DbInstances", List.of(database.describe()));
            case "rds:addTagsToResource" -> database.tag(arguments);
            case "rds:promoteReadReplica" -> database.promote(arguments);
            case "rds:describeOrderableDBInstanceOptions" ->
                Map.of("OrderableDBInstanceOptions", List.of(Map.of("Engine", "postgres")));
            case "autoscaling:describeAutoScalingGroups" -> Map.of("AutoScalingGroups", List.of(group.describe()));
            case "autoscaling:updateAutoScalingGroup" -> group.update(arguments);
            case "autoscaling:setDesiredCapacity" -> group.setDesired(arguments);
            case "secretsmanager:describeSecret" -> Map.of("Name", arguments.get("SecretId"));
            case "acm:describeCertificate" -> Map.of("Certificate", Map.of("Status", "ISSUED"));
            case "ec2:describeLaunchTemplateVersions" ->
                Map.of("LaunchTemplateVersions", List.of(Map.of("LaunchTemplateData", Map.of("ImageId", "ami-1"))));
            case "ec2:describeImages" -> Map.of("Images", List.of(Map.of("State", "available")));
            case "ec2:describeInstanceTypes" ->
                Map.of("InstanceTypes", List.of(Map.of("VCpuInfo", Map.of("DefaultVCpus", 2L))));
            case "servicequotas:getServiceQuota" -> Map.of("Quota", Map.of("Value", plan.quota));
            case "elasticloadbalancingv2:describeRules" -> Map.of("Rules", listener.describe());
            case "elasticloadbalancingv2:createRule" -> listener.create(arguments);
            case "elasticloadbalancingv2:deleteRule" -> listener.delete((String) arguments.get("RuleArn"));
            case "elasticloadbalancingv2:describeTargetHealth" ->
                Map.of("TargetHealthDescriptions", group.targetHealth());
            case "cloudwatch:getMetricData" -> {
                long asOf = copies.asOf(Read.METRICS);
                if (metrics.changedAt() > asOf) {
                    copies.countStale();
                }
                database.asked(asOf);
                yield metrics.answer(arguments, asOf);
            }
            case "cloudwatch:putMetricData" -> Map.of();
            case "s3:putObject" -> {
                withEvidence.add(executions.caller());
                yield Map.of();
            }
            case "sns:publish" -> {
                mails.add(new Mail(clock.now(), executions.caller(), (String) arguments.get("Message")));
                yield Map.of("MessageId", "1");
            }
            default -> throw new AssertionError("the model knows no " + call);
        };
    }
}
