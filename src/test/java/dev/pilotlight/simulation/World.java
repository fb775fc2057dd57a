package dev.pilotlight.simulation;

import dev.pilotlight.recovery.asl.Execution;
import dev.pilotlight.recovery.asl.SdkNames;
import dev.pilotlight.recovery.asl.Services;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;

/**
 * Two regions and their users, as far as the runbooks can tell. Each rule says where it comes from: [doc] AWS's or
 * PostgreSQL's documentation, [design] ours, [agent] agent.py, whose own tests hold that it is so, [assumed] a pessimistic
 * guess. Times are milliseconds from the beginning.
 *
 * <p>The leader has a database, two instances with agents, and the users. The standby has a replica, a group at zero, and
 * a load balancer on which signs and claims are shown. In the second term the leader is the region that took over in the
 * first, and shows that claim for ever.
 */
final class World implements Services {

    static final Instant BEGINNING = Instant.parse("2026-11-24T03:00:00Z");
    private static final long BEGINNING_MILLIS = BEGINNING.toEpochMilli();
    private static final long MINUTE = Plan.MINUTE;
    private static final long AGENT_INTERVAL = 15_000;
    private static final int LEADER_INSTANCES = 2;
    private static final long CLIENT_INTERVAL = 5_000;
    private static final long DNS_TTL = 60_000;

    /**
     * What the world needs to know of the runbook's configuration.
     *
     * @param term that the runbook claims
     * @param leaderDatabaseTerm in which the leader's database joined the lineage
     */
    record Facts(
            String workload,
            String failoverArn,
            int term,
            int leaderDatabaseTerm,
            int capacity,
            int checkIntervalSeconds,
            int rpoMinutes,
            int backupRetentionDays,
            String leaderDatabaseArn) {}

    /** Mistakes that an agent could make: none in the true one. */
    enum AgentMistake {
        NEVER_LOCKS,
        REPORTS_A_FENCE_WITHOUT_A_LOCK,
        REPORTS_NO_ZERO_AFTER_A_GAP,
        REPORTS_A_FENCE_THOUGH_ITS_WORKLOAD_RUNS,
        IGNORES_THE_CLAIM,
        IGNORES_THE_SIGN,
        TAKES_AN_UNREADABLE_SIGN_FOR_GONE,
        FORGETS_THE_SIGN_AT_A_REBOOT,
        FORGETS_THE_CLAIM_WHEN_IT_CANNOT_READ,
        EMPTIES_A_GROUP_THAT_LEADS_AGAIN
    }

    /** How one call goes wrong. */
    enum Fault {
        NONE,
        THROTTLED,
        FAILED,
        HANGS,
        FAILS_AFTER_EFFECT,
        HANGS_AFTER_EFFECT,
        SLOW
    }

    /** Decides about each call, by the state that makes it. */
    interface Faults {
        Fault of(Execution caller, String call);
    }

    private record Event(long at, long order, Runnable what) {}

    private record Rule(String arn, String path, String text, String tag) {}

    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        private final String error;

        Refused(String error, String cause) {
            super(cause);
            this.error = error;
        }
    }

    private final Plan plan;
    private final Facts facts;
    private final Random random;
    private final Faults faults;
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::at).thenComparingLong(Event::order));
    private long order;
    private long now;
    private boolean healed;

    // The leader's region.
    private final List<Agent> agents = new ArrayList<>();
    private boolean leaderGroupEmptied;
    /** Commit times of the leader's database, agents' rows and users' writes alike. */
    private final Times commits = new Times();
    /** The newest commit that users were told is safe; -1 if there is none. */
    private long acknowledged = -1;

    // The standby's region.
    private final TreeMap<Integer, Rule> rules = new TreeMap<>();
    private List<Map<String, Object>> ruleList;
    private boolean claimStands;
    private boolean signStands;
    private final Map<String, Series> metrics = new LinkedHashMap<>();
    private final List<Long> instancesReadyAt = new ArrayList<>();
    private int desired;
    private int least;
    private int most = 4;
    private long replayedTo;
    private long promotionOrdered = -1;
    private int retention = 7;
    private final Map<String, String> tags = new LinkedHashMap<>();
    private long heartbeatSeen = -1;
    private long heartbeatBeforePromotion = -1;
    private boolean sleeperEmptiedTheGroup;

    // DNS.
    private int checksInARow;
    private boolean claimSeen;
    private long usersMoved = Plan.NEVER;
    private long claimedAt = Plan.NEVER;

    // What happened, for the invariants.
    private final List<String> timeline = new ArrayList<>();
    private final boolean recording;
    private final Set<AgentMistake> mistakes;
    private final List<Execution> executions = new ArrayList<>();
    private final LedRegion led;
    private final Set<Execution> inLedRegion = new HashSet<>();
    private Execution caller;
    private Execution promoter;
    private boolean evidenceWritten;
    private boolean peopleTold;
    private String told = "";
    private boolean hadFaults;
    private Violation first;

    /** @param recording whether to keep a timeline: it costs more than all the rest */
    World(Plan plan, Facts facts, long seed, Faults faults, Set<AgentMistake> mistakes, boolean recording) {
        this.plan = plan;
        this.facts = facts;
        this.random = new Random(seed);
        this.faults = faults;
        this.mistakes = mistakes;
        this.recording = recording;
        this.led = new LedRegion(this, facts);
        for (int number = 0; number < LEADER_INSTANCES; number++) {
            Agent agent = new Agent(number);
            agents.add(agent);
            every(AGENT_INTERVAL, random.nextInt((int) AGENT_INTERVAL), agent::loop);
        }
        every(AGENT_INTERVAL, random.nextInt((int) AGENT_INTERVAL), this::standbyAgents);
        every(CLIENT_INTERVAL, 1, this::users);
        // RDS measures its replica lag once a minute [doc].
        every(MINUTE, random.nextInt((int) MINUTE), this::measureLag);
        every(10_000, 5, this::scale);
        every(facts.checkIntervalSeconds() * 1000L, random.nextInt(facts.checkIntervalSeconds() * 1000), this::route53);
        if (plan.deployedTooEarly < Plan.NEVER) {
            at(plan.deployedTooEarly, () -> {
                // The template's least capacity, and no desired capacity; no rule of the template's is changed
                // [design].
                log("the standby's stack is deployed without the append");
                least = 0;
            });
        }
        // A restart of the database ends its sessions, and with them their locks [doc].
        for (Plan.Span down : new Plan.Span[] {plan.leaderDown, plan.leaderDatabaseDown}) {
            if (down.from() < Plan.NEVER) {
                at(down.from(), () -> agents.forEach(Agent::loseLock));
            }
        }
        for (Agent agent : agents) {
            if (plan.agentDead[agent.number].from() < Plan.NEVER) {
                at(plan.agentDead[agent.number].from(), agent::restart);
            }
            if (plan.agentRestarts < Plan.NEVER) {
                at(plan.agentRestarts, agent::restart);
            }
        }
        if (plan.sleeperWakes < Plan.NEVER) {
            at(plan.sleeperWakes, this::sleeper);
        }
    }

    // ---------------------------------------------------------------- time

    long now() {
        return now;
    }

    static Instant instant(long millis) {
        return BEGINNING.plusMillis(millis);
    }

    static long millis(Instant instant) {
        return Duration.between(BEGINNING, instant).toMillis();
    }

    void at(long time, Runnable what) {
        events.add(new Event(time, order++, what));
    }

    private void every(long interval, long first, Runnable what) {
        at(first, () -> {
            what.run();
            every(interval, now + interval, what);
        });
    }

    /** Lets everything happen that happens before a time. */
    void advanceTo(long time) {
        while (!events.isEmpty() && events.peek().at() <= time) {
            Event event = events.poll();
            now = Math.max(now, event.at());
            event.what().run();
        }
        now = Math.max(now, time);
    }

    void log(String what) {
        if (recording) {
            timeline.add("%8.1f s  %s".formatted(now / 1000.0, what));
        }
    }

    boolean recording() {
        return recording;
    }

    List<String> timeline() {
        return timeline;
    }

    /** From now on nothing new goes wrong; what is lost stays lost. */
    void heal() {
        healed = true;
        log("the standby's region works again; nothing new goes wrong");
    }

    boolean healed() {
        return healed;
    }

    private boolean is(Plan.Span span) {
        return !healed && span.holds(now);
    }

    void violated(Invariant invariant, String detail) {
        if (first == null) {
            first = new Violation(invariant, detail);
        }
        throw first;
    }

    // ---------------------------------------------------------------- the leader's region

    boolean leaderUp() {
        // What is lost for good does not heal.
        return !plan.leaderDown.holds(now);
    }

    boolean leaderDatabaseUp() {
        return leaderUp() && !is(plan.leaderDatabaseDown);
    }

    /** One of the leader's instances: its agent, and the workload that this lets run [agent]. */
    private final class Agent {
        private final int number;
        private boolean serving = true;
        private boolean wasDown;
        private boolean superseded;
        private int handover;
        /** It could read the claim once, whatever it made of that. */
        private boolean knew;

        private boolean groupAsked;
        private int failures;
        /** It holds the lock on every table. */
        private boolean locked;
        /** Its first try at the lock failed: it ends who is in the way. */
        private boolean impatient;
        /** It held the lock while this sign stood. */
        private boolean hasLocked;
        /** The other region has taken a report since the lock was last not held. */
        private boolean told;
        /** The last report that was taken: it reports once a minute, and when something else is to be said. */
        private long reportedMinute = -1;

        private int reportedTerm = -1;
        private boolean reportedBeat;

        Agent(int number) {
            this.number = number;
        }

        private boolean dead() {
            return is(plan.leaderAgentsDown) || is(plan.agentDead[number]);
        }

        private boolean reads() {
            return !is(plan.leaderCannotReachStandby)
                    && !is(plan.outside)
                    && !(number < plan.blindInstances && is(plan.blind));
        }

        private void loseLock() {
            locked = false;
        }

        /** What is in memory is gone; its files say what it had obeyed. */
        private void restart() {
            locked = false;
            impatient = false;
            told = false;
            reportedMinute = -1;
        }

        void loop() {
            if (!leaderUp() || leaderGroupEmptied) {
                serving = false;
                wasDown = true;
                return;
            }
            if (wasDown) {
                // A boot: the workload waits for the agent's first look; what it had obeyed is on its disk.
                wasDown = false;
                handover = mistakes.contains(AgentMistake.FORGETS_THE_SIGN_AT_A_REBOOT) ? 0 : handover;
                restart();
            }
            if (dead()) {
                // Whatever it left running runs on.
                return;
            }
            knew |= reads() && claimStands;
            fence();
            if (serving && failures == 0 && reads() && signStands) {
                violated(Invariant.AN_INSTANCE_THAT_SEES_THE_SIGN_STOPS, "instance " + number + " serves");
            }
            if (knew && serving && failures == 0) {
                violated(Invariant.A_WOKEN_LEADER_STOPS, "instance " + number + " serves though it has seen the claim");
            }
            pulse();
        }

        private void fence() {
            if (!superseded && reads()) {
                obey();
            } else if (!superseded
                    && handover > 0
                    && mistakes.contains(AgentMistake.TAKES_AN_UNREADABLE_SIGN_FOR_GONE)) {
                handover = 0;
            } else if (superseded
                    && !reads()
                    && mistakes.contains(AgentMistake.FORGETS_THE_CLAIM_WHEN_IT_CANNOT_READ)) {
                superseded = false;
            }
            if (!superseded && handover == 0) {
                locked = false;
                impatient = false;
                hasLocked = false;
                serving = true;
                fencedTerm = 0;
                return;
            }
            // A workload that does not stop; of a superseded region the power is cut at the fourth try.
            boolean stopped = !(serving && number == 0 && is(plan.stubborn) && !(superseded && failures >= 4));
            failures = stopped ? 0 : failures + 1;
            if (serving && stopped) {
                log("leader's instance " + number + (superseded ? " stops for good" : " stops while the sign stands"));
                serving = false;
            }
            boolean hasHeld = stopped && holdsLock();
            if (mistakes.contains(AgentMistake.REPORTS_NO_ZERO_AFTER_A_GAP)) {
                hasHeld = stopped && locked;
                told = true;
            }
            if (hasHeld) {
                fencedTerm = told ? handover : 0;
            } else {
                told = false;
                reportedMinute = -1;
                fencedTerm = 0;
            }
            if ((stopped && mistakes.contains(AgentMistake.REPORTS_A_FENCE_WITHOUT_A_LOCK))
                    || mistakes.contains(AgentMistake.REPORTS_A_FENCE_THOUGH_ITS_WORKLOAD_RUNS)) {
                fencedTerm = handover;
            }
        }

        private int fencedTerm;

        /** The claims and signs of the two terms after the database's own. */
        private void obey() {
            int own = facts.leaderDatabaseTerm();
            boolean later = facts.term() == own + 1 || facts.term() == own + 2;
            if (later && claimStands && !mistakes.contains(AgentMistake.IGNORES_THE_CLAIM)) {
                superseded = true;
                return;
            }
            handover = later && signStands && !mistakes.contains(AgentMistake.IGNORES_THE_SIGN) ? facts.term() : 0;
        }

        /** Whether it held every table since the last look. */
        private boolean holdsLock() {
            if (mistakes.contains(AgentMistake.NEVER_LOCKS)) {
                return true;
            }
            if (!leaderDatabaseUp() || is(plan.lockRefused)) {
                locked = false;
                return false;
            }
            if (locked) {
                return true;
            }
            if (is(plan.lingering) && !impatient) {
                // A transaction that does not end: it is ended at the next try.
                impatient = true;
                return false;
            }
            locked = true;
            hasLocked = true;
            return false;
        }

        private void pulse() {
            if (superseded) {
                // Its own region does not claim the term after: it never leads again in this simulation.
                if (!groupAsked && !is(plan.groupStays)) {
                    groupAsked = true;
                    log("leader's instance " + number + " asks its group for zero");
                    at(now + MINUTE, () -> {
                        leaderGroupEmptied = true;
                        agents.forEach(each -> each.serving = false);
                    });
                }
                return;
            }
            boolean beat = leaderDatabaseUp();
            if (beat) {
                commits.add(now);
            }
            long minute = now / MINUTE;
            if (is(plan.leaderCannotReachStandby)
                    || is(plan.metricsLost)
                    || (minute == reportedMinute && fencedTerm == reportedTerm && beat == reportedBeat)) {
                return;
            }
            reportedMinute = minute;
            reportedTerm = fencedTerm;
            reportedBeat = beat;
            told = true;
            if (beat) {
                put("Heartbeat", 1);
                heartbeatSeen = now;
            }
            put("FencedTerm", fencedTerm);
        }
    }

    /** At the end, when nothing new has happened for minutes. */
    void checkTheOldLeader() {
        for (Agent agent : agents) {
            if (claimedAt < now - 4 * MINUTE
                    && leaderUp()
                    && !leaderGroupEmptied
                    && !is(plan.groupStays)
                    && !agent.dead()
                    && !mayNotKnow(agent)
                    && !recently(plan.groupStays)) {
                violated(Invariant.A_WOKEN_LEADER_STOPS, "nobody has asked its group for zero");
            }
        }
    }

    /** SHARE locks of every table: nobody writes, whichever instance he is on [doc]. */
    private boolean leaderDatabaseLocked() {
        for (Agent agent : agents) {
            if (agent.locked) {
                return true;
            }
        }
        return false;
    }

    /**
     * An instance of the standby's region that slept since an earlier term: it finds its database superseded by the leader's
     * old claim, and asks its group for zero, unless its region claims the term after that by now [agent]. Not in the middle
     * of a failover [assumed]: the deploy of the append has replaced such instances.
     */
    private void sleeper() {
        boolean running = executions.stream().anyMatch(each -> each.status() == Execution.Status.RUNNING);
        if (running || (promotionOrdered >= 0 && !claimStands)) {
            at(now + 10 * MINUTE, this::sleeper);
            return;
        }
        log("an instance of an earlier term wakes in the standby's region");
        if (!claimStands || mistakes.contains(AgentMistake.EMPTIES_A_GROUP_THAT_LEADS_AGAIN)) {
            least = 0;
            desired = 0;
            sleeperEmptiedTheGroup = true;
            scale();
        }
    }

    // ---------------------------------------------------------------- users and DNS

    /** Failover records: the leader's unless the claim is seen; with no healthy target anywhere PRIMARY [doc]. */
    private boolean usersAreSentToStandby() {
        return claimSeen && healthyTargets() > 0;
    }

    private void users() {
        ask(false);
        ask(true);
        // Sampled: after the claim was seen, users find a region that serves, unless its targets went away.
        if (claimSeen && healthyTargets() == 0) {
            violated(Invariant.CAPACITY_IS_NOT_TAKEN_FROM_USERS, "the claiming region has no healthy target left");
        }
    }

    /** Some ask DNS again at once, others when the record's time to live is over [doc]. */
    private void ask(boolean cached) {
        if (usersAreSentToStandby() && (!cached || now >= usersMoved + DNS_TTL)) {
            if (!databaseWritable()) {
                violated(
                        Invariant.USERS_ARE_SENT_ONLY_WHERE_THEY_CAN_WRITE,
                        "users are sent to the standby, whose database accepts no writes");
            }
            return;
        }
        Agent instance = agents.get(random.nextInt(LEADER_INSTANCES));
        if (!leaderUp() || !leaderDatabaseUp() || !instance.serving || leaderDatabaseLocked()) {
            return;
        }
        commits.add(now);
        if (beyondTheFence(instance)) {
            return;
        }
        acknowledged = now;
        if (claimedAt < Plan.NEVER && now > claimedAt + 2 * MINUTE && !mayNotKnow(instance)) {
            violated(Invariant.A_WOKEN_LEADER_STOPS, "it acknowledges writes though the other region claims");
        }
        checkLoss();
    }

    /**
     * The fence's one gap: an instance whose agent is dead or blind, when the last lock of the living is gone as well. Its
     * database restarted, or they died, after the promotion was ordered. See docs/decisions/18-agent.md.
     */
    private boolean beyondTheFence(Agent instance) {
        boolean wasLocked = false;
        for (Agent agent : agents) {
            wasLocked |= agent.hasLocked;
        }
        return wasLocked && promotionOrdered >= 0 && (instance.dead() || !instance.reads());
    }

    /** Two minutes are enough for an agent that lives and reads. */
    private boolean mayNotKnow(Agent instance) {
        return !instance.reads()
                || instance.dead()
                || (instance.number == 0 && is(plan.stubborn))
                || recently(plan.leaderCannotReachStandby)
                || recently(plan.blind)
                || recently(plan.outside)
                || recently(plan.leaderAgentsDown)
                || recently(plan.agentDead[instance.number])
                || recently(plan.leaderDown);
    }

    private boolean recently(Plan.Span span) {
        return span.from() <= now && span.to() > now - 2 * MINUTE;
    }

    /** Three checks in a row; then the answer changes [doc]. */
    private void route53() {
        boolean passes = claimStands && !is(plan.outside);
        checksInARow = passes == claimSeen ? 0 : checksInARow + 1;
        if (checksInARow >= 3) {
            checksInARow = 0;
            claimSeen = passes;
            usersMoved = now;
            log(claimSeen ? "Route 53 sees the claim" : "Route 53 sees the claim no more");
        }
    }

    /** Everybody can read it again: Route 53, which needs three checks, may be behind the runbook's own look. */
    boolean opened() {
        return !is(plan.outside) && recently(plan.outside);
    }

    boolean claimSeen() {
        return claimSeen;
    }

    // ---------------------------------------------------------------- the standby's region

    private boolean shows(String path, String text) {
        for (Rule rule : rules.values()) {
            if (rule.path().endsWith(path) && rule.text().endsWith(text)) {
                return true;
            }
        }
        return false;
    }

    private void rulesChanged() {
        ruleList = null;
        claimStands = shows("/leader/" + facts.term(), " is led from here in term " + facts.term());
        signStands = shows("/handover/" + facts.term(), " is about to be led from here in term " + facts.term());
    }

    boolean claimStands() {
        return claimStands;
    }

    boolean signStands() {
        return signStands;
    }

    /** When the claim was made; {@link Plan#NEVER} if it was not. */
    long claimedAt() {
        return claimedAt;
    }

    boolean databaseWritable() {
        return promotionOrdered >= 0 && now >= promotionOrdered + plan.promotionMillis + plan.writableAfterMillis;
    }

    boolean promotionOrdered() {
        return promotionOrdered >= 0;
    }

    boolean marked() {
        return tags.getOrDefault("pilotlight:promotion", "").contains("term=" + facts.term() + " ");
    }

    private int healthyTargets() {
        int healthy = 0;
        for (long ready : instancesReadyAt) {
            healthy += ready <= now ? 1 : 0;
        }
        return healthy;
    }

    /** Up to when the replica has replayed by now: it follows at its lag, while it is a replica and the leader lives. */
    private long replayedTo() {
        if (promotionOrdered < 0 && leaderDatabaseUp() && !is(plan.standbyCannotReachLeader)) {
            long lag = plan.lagMillis;
            if (plan.lagGrows.holds(now)) {
                lag += (now - plan.lagGrows.from()) / 2;
            }
            replayedTo = Math.max(replayedTo, now - lag);
        }
        return replayedTo;
    }

    private void measureLag() {
        if (promotionOrdered < 0 && replayedTo() > 0) {
            // The newest commit that was replayed: pg_last_xact_replay_timestamp [doc]. -1 says that replication is not
            // active [doc, of other engines; assumed].
            boolean inactive = plan.lagIsLost && (!leaderDatabaseUp() || is(plan.standbyCannotReachLeader));
            put("ReplicaLag", inactive ? -1 : (now - commits.newestUpTo(replayedTo)) / 1000.0);
        }
    }

    private void standbyAgents() {
        for (int instance = 0; instance < healthyTargets(); instance++) {
            put("Writable", databaseWritable() ? 1 : 0);
        }
    }

    private void scale() {
        while (instancesReadyAt.size() > desired) {
            instancesReadyAt.remove(instancesReadyAt.size() - 1);
        }
        // Auto Scaling tries again when there was no capacity [doc].
        while (instancesReadyAt.size() < desired && !is(plan.noCapacity)) {
            instancesReadyAt.add(now + plan.bootMillis);
        }
    }

    private void put(String metric, double value) {
        metrics.computeIfAbsent(metric, any -> new Series()).put(now / MINUTE, value);
    }

    /** Times in order. */
    private static final class Times {
        private long[] times = new long[512];
        private int count;

        void add(long time) {
            if (count == times.length) {
                times = Arrays.copyOf(times, 2 * count);
            }
            times[count++] = time;
        }

        /** 0 if there is none. */
        long newestUpTo(long time) {
            int found = Arrays.binarySearch(times, 0, count, time);
            int index = found >= 0 ? found : -found - 2;
            return index < 0 ? 0 : times[index];
        }
    }

    /** Least and greatest value of each minute, oldest first. */
    private static final class Series {
        private final List<double[]> points = new ArrayList<>();

        void put(long minute, double value) {
            double[] last = points.isEmpty() ? null : points.get(points.size() - 1);
            if (last == null || last[0] != minute) {
                points.add(new double[] {minute, value, value});
            } else {
                last[1] = Math.min(last[1], value);
                last[2] = Math.max(last[2], value);
            }
        }
    }

    // ---------------------------------------------------------------- executions

    List<Execution> executions() {
        return executions;
    }

    void runs(Execution execution) {
        executions.add(execution);
    }

    /** A runbook that the leader's region still holds from the term in which it was the standby. */
    void runsInLedRegion(Execution execution) {
        executions.add(execution);
        inLedRegion.add(execution);
    }

    boolean inLedRegion(Execution execution) {
        return inLedRegion.contains(execution);
    }

    void stepping(Execution execution) {
        caller = execution;
    }

    private void change() {
        if ("drill".equals(caller.variables().get("mode"))) {
            violated(Invariant.A_DRILL_CHANGES_NOTHING, caller.state());
        }
    }

    /** Nothing went wrong with the calls, so nothing may be missing. */
    boolean reported() {
        return hadFaults || (evidenceWritten && peopleTold);
    }

    /** The last mail. */
    String told() {
        return told;
    }

    int desired() {
        return desired;
    }

    private boolean listed(Execution execution) {
        return now >= millis(execution.started()) + plan.listDelayMillis || execution == caller;
    }

    // ---------------------------------------------------------------- calls

    @Override
    public Reply call(Instant at, String service, String action, Map<String, Object> arguments, Duration timeout) {
        String call = service + ":" + action;
        Fault fault = healed ? Fault.NONE : faults.of(caller, call);
        if (!healed && service.equals(plan.impairedService) && plan.impaired.holds(now)) {
            fault = random.nextBoolean() ? Fault.FAILED : Fault.HANGS_AFTER_EFFECT;
            hadFaults = true;
        }
        String error = service.equals("http")
                ? "States.Http.StatusCode.503"
                : SdkNames.errorPrefix(service)
                        .map(prefix -> prefix + "." + prefix + "Exception")
                        .orElseThrow();
        Duration quick = Duration.ofMillis(80 + random.nextInt(400));
        if (fault != Fault.NONE && recording) {
            log(caller.name() + ": " + call + " " + fault);
        }
        if (fault == Fault.THROTTLED || fault == Fault.FAILED) {
            return Reply.failed(error, fault == Fault.THROTTLED ? "Rate exceeded" : "Service unavailable (503)", quick);
        }
        if (fault == Fault.HANGS) {
            return Reply.timeout(timeout);
        }
        Reply reply;
        try {
            Object answer = inLedRegion(caller) ? led.answer(call, arguments) : answer(call, arguments);
            reply = Reply.of(answer, fault == Fault.SLOW ? timeout.minusMillis(500) : quick);
        } catch (Refused refused) {
            reply = Reply.failed(refused.error, refused.getMessage(), quick);
        }
        return switch (fault) {
            case FAILS_AFTER_EFFECT -> Reply.failed(error, "Internal failure (500)", quick);
            case HANGS_AFTER_EFFECT -> Reply.timeout(timeout);
            default -> reply;
        };
    }

    private Object answer(String call, Map<String, Object> arguments) throws Refused {
        return switch (call) {
            case "sfn:listExecutions" -> Map.of("Executions", executionList(arguments));
            case "sfn:describeExecution" -> describeExecution((String) arguments.get("ExecutionArn"));
            case "rds:describeDBInstances" -> Map.of("DbInstances", List.of(database()));
            case "rds:addTagsToResource" -> tag(arguments);
            case "rds:promoteReadReplica" -> promote(arguments);
            case "rds:describeOrderableDBInstanceOptions" ->
                Map.of("OrderableDBInstanceOptions", List.of(Map.of("Engine", "postgres")));
            case "autoscaling:describeAutoScalingGroups" -> Map.of("AutoScalingGroups", List.of(group()));
            case "autoscaling:updateAutoScalingGroup" -> updateGroup(arguments);
            case "autoscaling:setDesiredCapacity" -> setDesired(arguments);
            case "secretsmanager:describeSecret" -> Map.of("Name", arguments.get("SecretId"));
            case "acm:describeCertificate" -> Map.of("Certificate", Map.of("Status", "ISSUED"));
            case "ec2:describeLaunchTemplateVersions" ->
                Map.of("LaunchTemplateVersions", List.of(Map.of("LaunchTemplateData", Map.of("ImageId", "ami-1"))));
            case "ec2:describeImages" -> Map.of("Images", List.of(Map.of("State", "available")));
            case "ec2:describeInstanceTypes" ->
                Map.of("InstanceTypes", List.of(Map.of("VCpuInfo", Map.of("DefaultVCpus", 2L))));
            case "servicequotas:getServiceQuota" -> Map.of("Quota", Map.of("Value", 32L));
            case "elasticloadbalancingv2:describeRules" -> Map.of("Rules", ruleList());
            case "elasticloadbalancingv2:createRule" -> createRule(arguments);
            case "elasticloadbalancingv2:deleteRule" -> deleteRule((String) arguments.get("RuleArn"));
            case "elasticloadbalancingv2:describeTargetHealth" -> Map.of("TargetHealthDescriptions", targetHealth());
            case "cloudwatch:getMetricData" -> metricData(arguments);
            case "cloudwatch:putMetricData" -> Map.of();
            case "http:invoke" -> get((String) arguments.get("ApiEndpoint"));
            case "s3:putObject" -> {
                evidenceWritten = true;
                yield Map.of();
            }
            case "sns:publish" -> {
                peopleTold = true;
                told = (String) arguments.get("Message");
                yield Map.of("MessageId", "1");
            }
            default -> throw new AssertionError("the model knows no " + call);
        };
    }

    /** The load balancer's own answers; 503 where nothing is claimed [design]. */
    private Object get(String url) throws Refused {
        if (is(plan.outside)) {
            if (plan.somethingElseAnswers) {
                return httpAnswer("<html>It works!</html>");
            }
            throw new Refused("States.Http.Socket", "no route");
        }
        for (Rule rule : rules.values()) {
            if (url.startsWith("https://") && url.endsWith(rule.path())) {
                return httpAnswer(rule.text());
            }
        }
        throw new Refused("States.Http.StatusCode.503", "pilotlight: no claim");
    }

    static Map<String, Object> httpAnswer(String body) {
        return Map.of("StatusCode", 200L, "StatusText", "OK", "Headers", Map.of(), "ResponseBody", body);
    }

    private List<Map<String, Object>> executionList(Map<String, Object> arguments) {
        List<Map<String, Object>> list = new ArrayList<>();
        for (Execution execution : executions) {
            if (execution.status() == Execution.Status.RUNNING
                    && !inLedRegion(execution)
                    && listed(execution)
                    && facts.failoverArn().equals(arguments.get("StateMachineArn"))
                    && !execution.name().startsWith("rehearsal")) {
                list.add(Map.of(
                        "ExecutionArn",
                        facts.failoverArn().replace(":stateMachine:", ":execution:") + ":" + execution.name(),
                        "Name",
                        execution.name(),
                        "StartDate",
                        execution.started().toString()));
            }
        }
        return list;
    }

    private Map<String, Object> describeExecution(String arn) throws Refused {
        for (Execution execution : executions) {
            if (arn.endsWith(":" + execution.name()) && !inLedRegion(execution) && listed(execution)) {
                return Map.of("Status", execution.status().toString());
            }
        }
        throw new Refused("Sfn.ExecutionDoesNotExistException", "Execution Does Not Exist: '" + arn + "'");
    }

    /** Right after the order a replica is still a replica and still available [doc]. */
    private Map<String, Object> database() {
        Map<String, Object> database = new LinkedHashMap<>();
        long since = promotionOrdered < 0 ? -1 : now - promotionOrdered;
        boolean alone = since >= plan.promotionMillis * 6 / 10;
        String status;
        if (since < 0) {
            status = is(plan.backup) ? "backing-up" : operational();
        } else if (since < plan.promotionUnseenMillis) {
            status = operational();
        } else if (since >= plan.promotionMillis) {
            // RDS may back up what was just promoted [assumed].
            status = since < plan.promotionMillis + plan.backupAfterPromotionMillis ? "backing-up" : operational();
        } else {
            status = alone ? "rebooting" : "modifying";
        }
        database.put("DbInstanceStatus", status);
        database.put("EngineVersion", "18.1");
        if (!alone) {
            database.put(
                    "ReadReplicaSourceDBInstanceIdentifier",
                    facts.leaderDatabaseArn() + (plan.wrongSource ? "-old" : ""));
        }
        List<Map<String, Object>> tagList = new ArrayList<>();
        tagList.add(Map.of("Key", "pilotlight:workload", "Value", "x"));
        tags.forEach((key, value) -> tagList.add(Map.of("Key", key, "Value", value)));
        database.put("TagList", tagList);
        if (!alone) {
            database.put("StatusInfos", List.of(Map.of("StatusType", "read replication", "Status", plan.replication)));
        }
        return database;
    }

    /** Storage that has grown is optimized for hours, in which the database works [doc]. */
    private String operational() {
        return plan.storageHasGrown ? "storage-optimization" : "available";
    }

    private Object tag(Map<String, Object> arguments) {
        change();
        for (Object tag : (List<?>) arguments.get("Tags")) {
            Map<?, ?> entry = (Map<?, ?>) tag;
            tags.put((String) entry.get("Key"), (String) entry.get("Value"));
            log(recording ? "tag " + entry.get("Value") : "");
        }
        return Map.of();
    }

    private Object promote(Map<String, Object> arguments) throws Refused {
        if (promotionOrdered >= 0 || is(plan.backup)) {
            throw new Refused("Rds.InvalidDbInstanceStateException", "Instance is not in the available state.");
        }
        change();
        // Without the parameter RDS keeps backups for one day [doc].
        retention = ((Number) arguments.getOrDefault("BackupRetentionPeriod", 1)).intValue();
        if (retention != facts.backupRetentionDays()) {
            violated(Invariant.BACKUPS_ARE_KEPT_AS_LONG_AS_CONFIGURED, "for " + retention + " days");
        }
        if (plan.wrongSource) {
            violated(Invariant.ONLY_THE_LEADERS_REPLICA_IS_PROMOTED, "the replica of another database");
        }
        if (!signStands && !claimStands) {
            violated(Invariant.THE_LEADER_IS_TOLD_TO_STOP_BEFORE_THE_PROMOTION, "no sign stands");
        }
        if (!marked()) {
            violated(Invariant.EVERY_RUN_CAN_BE_RESUMED, "promoted without the mark of the point of no return");
        }
        replayedTo();
        promotionOrdered = now;
        promoter = caller;
        heartbeatBeforePromotion = heartbeatSeen;
        log(recording ? "the promotion begins; replayed to %.1f s".formatted(replayedTo / 1000.0) : "");
        Object loss = promoter.variables().get("loss");
        boolean accepted = Boolean.TRUE.equals(promoter.variables().get("acceptDataLoss"));
        if (!accepted && !(loss instanceof Number number && number.longValue() <= facts.rpoMinutes() * 60L)) {
            violated(Invariant.A_LOSS_BEYOND_THE_OBJECTIVE_IS_ACCEPTED_BY_A_PERSON, "loss " + loss);
        }
        checkLoss();
        return Map.of("DbInstance", database());
    }

    /** Compares what was acknowledged and is not in the standby's database with what the runbook says of it. */
    private void checkLoss() {
        if (promotionOrdered < 0) {
            return;
        }
        long newest = acknowledged;
        Object loss = promoter.variables().get("loss");
        boolean proven = Boolean.TRUE.equals(promoter.variables().get("fenced"))
                && loss instanceof Number none
                && none.longValue() == 0;
        if (newest > replayedTo
                && (proven || "planned".equals(promoter.variables().get("mode")))) {
            violated(
                    Invariant.NO_ACKNOWLEDGED_WRITE_IS_LOST_AFTER_A_PROVEN_FENCE,
                    "a write of %.1f s is lost, replayed to %.1f s".formatted(newest / 1000.0, replayedTo / 1000.0));
        }
        Map<?, ?> seen = (Map<?, ?>) promoter.variables().getOrDefault("seen", Map.of());
        if (seen.get("replayedTo") instanceof Number reported && reported.longValue() - BEGINNING_MILLIS > replayedTo) {
            violated(
                    Invariant.THE_LOSS_IS_AT_MOST_WHAT_WAS_REPORTED,
                    "reported as replayed to %.1f s, replayed to %.1f s"
                            .formatted((reported.longValue() - BEGINNING_MILLIS) / 1000.0, replayedTo / 1000.0));
        }
        if (loss instanceof Number seconds) {
            // What a leader does that nobody hears from any more cannot be known here; the report gives the time up to
            // which nothing is lost, checked above.
            // It reports at its first look in a minute: until that of the next one it cannot be missed.
            long missed = heartbeatBeforePromotion - heartbeatBeforePromotion % MINUTE + MINUTE + AGENT_INTERVAL;
            long visible = Math.min(newest, missed);
            if (visible - replayedTo > seconds.longValue() * 1000) {
                violated(
                        Invariant.THE_LOSS_IS_AT_MOST_WHAT_WAS_REPORTED,
                        "%s s reported, %.1f s of writes lost".formatted(loss, (visible - replayedTo) / 1000.0));
            }
        }
    }

    private Map<String, Object> group() {
        List<Object> instances = new ArrayList<>();
        instancesReadyAt.forEach(ready -> instances.add(Map.of("InstanceId", "i-" + ready)));
        Map<String, Object> group = new LinkedHashMap<>();
        group.put("DesiredCapacity", (long) desired);
        group.put("MinSize", (long) least);
        group.put("MaxSize", (long) most);
        group.put("Instances", instances);
        group.put("LaunchTemplate", Map.of("LaunchTemplateId", "lt-1", "Version", "1"));
        return group;
    }

    private Object updateGroup(Map<String, Object> arguments) throws Refused {
        change();
        least = number(arguments, "MinSize", least);
        most = number(arguments, "MaxSize", most);
        desired = number(arguments, "DesiredCapacity", desired);
        if (desired < least || desired > most) {
            throw new Refused("AutoScaling.AutoScalingException", "Desired capacity is out of bounds");
        }
        log(recording ? "group: least %d, desired %d".formatted(least, desired) : "");
        scale();
        checkCapacity();
        return Map.of();
    }

    /** Auto Scaling refuses to go below the least [doc]. */
    private Object setDesired(Map<String, Object> arguments) throws Refused {
        change();
        int wanted = number(arguments, "DesiredCapacity", desired);
        if (wanted < least || wanted > most) {
            throw new Refused(
                    "AutoScaling.AutoScalingException",
                    "New SetDesiredCapacity value %d is out of bounds".formatted(wanted));
        }
        desired = wanted;
        log("group: desired " + desired);
        scale();
        checkCapacity();
        return Map.of();
    }

    private void checkCapacity() {
        boolean another = executions.stream()
                .anyMatch(execution -> execution != caller
                        && !inLedRegion(execution)
                        && execution.status() == Execution.Status.RUNNING
                        && execution.variables().get("times") instanceof Map<?, ?> times
                        && times.containsKey("lit"));
        if ((claimStands || another) && desired < facts.capacity()) {
            violated(Invariant.CAPACITY_IS_NOT_TAKEN_FROM_USERS, "desired " + desired + " by " + caller.name());
        }
    }

    private static int number(Map<String, Object> arguments, String name, int otherwise) {
        return ((Number) arguments.getOrDefault(name, otherwise)).intValue();
    }

    private List<Map<String, Object>> ruleList() {
        if (ruleList == null) {
            ruleList = new ArrayList<>();
            rules.forEach((priority, rule) -> ruleList.add(rule(rule.arn(), priority, rule.path(), rule.text())));
            ruleList.add(Map.of(
                    "RuleArn",
                    "arn:default",
                    "Priority",
                    "default",
                    "Conditions",
                    List.of(),
                    "Actions",
                    List.of(Map.of("Type", "forward"))));
        }
        return ruleList;
    }

    static Map<String, Object> rule(String arn, int priority, String path, String text) {
        return Map.of(
                "RuleArn",
                arn,
                "Priority",
                String.valueOf(priority),
                "Conditions",
                List.of(Map.of("Field", "path-pattern", "PathPatternConfig", Map.of("Values", List.of(path)))),
                "Actions",
                List.of(Map.of("Type", "fixed-response", "FixedResponseConfig", Map.of("MessageBody", text))));
    }

    private Object createRule(Map<String, Object> arguments) throws Refused {
        int priority = number(arguments, "Priority", 0);
        if (rules.containsKey(priority)) {
            throw new Refused("ElasticLoadBalancingV2.PriorityInUseException", "Priority " + priority + " is in use");
        }
        change();
        Map<?, ?> condition = (Map<?, ?>) ((List<?>) arguments.get("Conditions")).get(0);
        Map<?, ?> action = (Map<?, ?>) ((List<?>) arguments.get("Actions")).get(0);
        Map<?, ?> tag = (Map<?, ?>) ((List<?>) arguments.get("Tags")).get(0);
        String path = (String) ((List<?>) ((Map<?, ?>) condition.get("PathPatternConfig")).get("Values")).get(0);
        rules.put(
                priority,
                new Rule(
                        "arn:rule/" + priority + "/" + now,
                        path,
                        (String) ((Map<?, ?>) action.get("FixedResponseConfig")).get("MessageBody"),
                        (String) tag.get("Value")));
        rulesChanged();
        log("rule " + path);
        if (claimStands && claimedAt == Plan.NEVER) {
            claimedAt = now;
            if (!databaseWritable() || healthyTargets() == 0) {
                violated(
                        Invariant.USERS_ARE_SENT_ONLY_WHERE_THEY_CAN_WRITE,
                        "claimed with %d healthy targets, database %s"
                                .formatted(healthyTargets(), databaseWritable() ? "writable" : "not writable"));
            }
            if (least < facts.capacity() && plan.deployedTooEarly == Plan.NEVER && !sleeperEmptiedTheGroup) {
                violated(Invariant.CAPACITY_IS_NOT_TAKEN_FROM_USERS, "claimed with a least capacity of " + least);
            }
        }
        return Map.of("Rules", ruleList());
    }

    private Object deleteRule(String arn) throws Refused {
        Integer priority = rules.entrySet().stream()
                .filter(entry -> entry.getValue().arn().equals(arn))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
        if (priority == null) {
            throw new Refused("ElasticLoadBalancingV2.RuleNotFoundException", "no such rule");
        }
        change();
        Rule rule = rules.remove(priority);
        rulesChanged();
        log("rule " + rule.path() + " deleted");
        if (rule.path().contains("/leader/")) {
            violated(Invariant.A_CLAIM_IS_NEVER_DELETED, rule.path());
        }
        if (promotionOrdered >= 0 && !claimStands) {
            violated(Invariant.THE_SIGN_STANDS_FROM_THE_PROMOTION_TO_THE_CLAIM, "taken back after the promotion began");
        }
        return Map.of();
    }

    private List<Map<String, Object>> targetHealth() {
        List<Map<String, Object>> list = new ArrayList<>();
        for (long ready : instancesReadyAt) {
            list.add(Map.of("TargetHealth", Map.of("State", ready <= now ? "healthy" : "initial")));
        }
        return list;
    }

    /** Datapoints by the start of their minute, newest first [doc]. */
    private Map<String, Object> metricData(Map<String, Object> arguments) {
        long from = millis(Instant.parse((String) arguments.get("StartTime"))) / MINUTE;
        long to = millis(Instant.parse((String) arguments.get("EndTime")));
        List<Object> results = new ArrayList<>();
        for (Object entry : (List<?>) arguments.get("MetricDataQueries")) {
            Map<?, ?> query = (Map<?, ?>) entry;
            Map<?, ?> stat = (Map<?, ?>) query.get("MetricStat");
            String name = (String) ((Map<?, ?>) stat.get("Metric")).get("MetricName");
            int which = stat.get("Stat").equals("Minimum") ? 1 : 2;
            List<Object> timestamps = new ArrayList<>();
            List<Object> values = new ArrayList<>();
            Series series = metrics.get(name);
            for (int index = series == null ? -1 : series.points.size() - 1; index >= 0; index--) {
                double[] point = series.points.get(index);
                if (point[0] < from) {
                    break;
                }
                if (point[0] * MINUTE < to) {
                    timestamps.add(minuteText((int) point[0]));
                    values.add(point[which]);
                }
            }
            results.add(Map.of("Id", query.get("Id"), "Timestamps", timestamps, "Values", values));
        }
        return Map.of("MetricDataResults", results);
    }

    private static final String[] MINUTES = new String[2000];

    private static String minuteText(int minute) {
        if (minute >= MINUTES.length) {
            return instant(minute * MINUTE).toString();
        }
        String text = MINUTES[minute];
        if (text == null) {
            text = instant(minute * MINUTE).toString();
            MINUTES[minute] = text;
        }
        return text;
    }
}
