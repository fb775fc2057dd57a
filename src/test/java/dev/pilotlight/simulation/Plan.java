package dev.pilotlight.simulation;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What goes wrong in one disaster, and what people do. All of it follows from the seed. Times are milliseconds from the
 * beginning; {@link #NEVER} is later than all of them.
 */
final class Plan {

    static final long NEVER = Long.MAX_VALUE / 4;
    static final long MINUTE = 60_000;

    /** An interval in which something is so. */
    record Span(long from, long to) {
        static final Span NEVER_SPAN = new Span(NEVER, NEVER);

        boolean holds(long time) {
            return time >= from && time < to;
        }
    }

    /** Somebody starts the runbook. */
    record Start(long at, String name, String mode, boolean acceptDataLoss) {}

    /** The region is gone, everything in it, and may come back. */
    Span leaderDown = Span.NEVER_SPAN;
    /** Half-dead: the database only. */
    Span leaderDatabaseDown = Span.NEVER_SPAN;
    /** Half-dead: the agents only; whatever they left running runs on. */
    Span leaderAgentsDown = Span.NEVER_SPAN;
    /** The agent of one instance. */
    final Span[] agentDead = {Span.NEVER_SPAN, Span.NEVER_SPAN};
    /** All agents are restarted, which drops their locks for up to a look. */
    long agentRestarts = NEVER;
    /** The workload of one instance does not stop. */
    Span stubborn = Span.NEVER_SPAN;
    /** A table that cannot be locked: a prepared transaction, a missing privilege. */
    Span lockRefused = Span.NEVER_SPAN;
    /** Somebody's transaction that writes and does not end. */
    Span lingering = Span.NEVER_SPAN;
    /** Agents cannot read the standby's load balancer, nor put metrics into its region. */
    Span leaderCannotReachStandby = Span.NEVER_SPAN;
    /** Some of the leader's instances cannot read the standby's signs, though their metrics arrive. */
    Span blind = Span.NEVER_SPAN;

    int blindInstances = 1;
    /**
     * Nobody outside can read what the standby's load balancer shows: a certificate, a DNS name, a security group. Step
     * Functions' own look at its rules says that all is well.
     */
    Span outside = Span.NEVER_SPAN;
    /** Somebody else's page is found there. */
    boolean somethingElseAnswers;
    /** Agents can read, but their metrics do not arrive. */
    Span metricsLost = Span.NEVER_SPAN;
    /** The leader's Auto Scaling does not take the request for zero. */
    Span groupStays = Span.NEVER_SPAN;
    /** The replica gets nothing. */
    Span standbyCannotReachLeader = Span.NEVER_SPAN;

    Span backup = Span.NEVER_SPAN;
    /** How long RDS backs up what was just promoted. */
    long backupAfterPromotionMillis;
    /** The database's storage is being optimized, all the while. */
    boolean storageHasGrown;
    /** The lag is -1 while the replica gets nothing. */
    boolean lagIsLost;
    /** What RDS says of the replication. */
    String replication = "replicating";

    Span noCapacity = Span.NEVER_SPAN;
    Span lagGrows = Span.NEVER_SPAN;
    /** The standby's stack is deployed again, as if nothing had happened. */
    long deployedTooEarly = NEVER;
    /** An instance of the standby's region that slept since an earlier term. */
    long sleeperWakes = NEVER;
    /** Somebody starts the old runbook in the region that leads. */
    Start inLedRegion;
    /** An operator stops the running execution. */
    long aborted = NEVER;

    long rehearsal = NEVER;
    long lagMillis = 500;
    long bootMillis = 4 * MINUTE;
    long promotionMillis = 8 * MINUTE;
    /** Which part of the promotion the database still shows as an available replica. */
    long promotionUnseenMillis = 30_000;
    /** Of all calls, how many go wrong. */
    double faultRate;
    /** All calls of one service go wrong. */
    Span impaired = Span.NEVER_SPAN;

    String impairedService = "";
    /** The replica follows another database than the leader's. */
    boolean wrongSource;
    /** From "available" until it accepts writes of the instances. */
    long writableAfterMillis = 5_000;
    /** How old a read may be at most, by what is read. */
    private final Map<Read, Long> oldest = new EnumMap<>(Read.class);
    /** The standby's region is cut off from everything; inside it all works. */
    Span isolated = Span.NEVER_SPAN;
    /** Of three. */
    int witnessesDown;
    /** The alarm starts the failover, if both signals stand. */
    boolean automatic;

    /** DescribeRules does not show our rules, whether they stand or not. */
    Span rulesHidden = Span.NEVER_SPAN;
    /** Somebody else's rule has the sign's place on the listener. */
    Span foreignSign = Span.NEVER_SPAN;
    /** Somebody else's rule has the claim's place. */
    Span foreignClaim = Span.NEVER_SPAN;

    /** Somebody deletes the claim so long after it was made, once. */
    long claimTakenAwayAfterMillis = NEVER;

    /** A state of the replica in which it works, until it is promoted. */
    Span odd = Span.NEVER_SPAN;

    String oddStatus = "modifying";
    /** Whether RDS refuses to promote in that state. */
    boolean oddRefuses;
    /** A state in which the database does not work, and is not promoted. */
    Span stuck = Span.NEVER_SPAN;

    String stuckStatus = "storage-full";
    /** The state, for a while, of what was just promoted and works. */
    String afterStatus = "backing-up";
    /** What the promotion looks like until the database is alone. */
    String promotingStatus = "modifying";
    /** A database without a source shows an empty one. */
    boolean emptySource;

    /** How many instances the leader has, and had for a day. */
    int leaderInstances = 2;
    /** Whether its instances have reported themselves for a day. */
    boolean leaderHasHistory = true;
    /** How many instances the users' load takes: fewer are lost to health checks, one after another. */
    int load = 2;

    int mostInstances = 8;
    /** Of vCPUs; an instance has two. */
    long quota = 32;
    /** Whether the application becomes healthy beside a database that takes no writes. */
    boolean startsBesideReplica = true;
    /** Processes of the standby's group that somebody has suspended. */
    Span suspended = Span.NEVER_SPAN;

    String suspendedProcess = "Launch";
    /** CloudWatch answers, and has no datapoints. */
    Span noDatapoints = Span.NEVER_SPAN;
    /** The standby's instances cannot put metrics. */
    Span writableLost = Span.NEVER_SPAN;

    final List<Start> starts = new ArrayList<>();
    private final int term;

    /** @param term that the runbook is to claim */
    Plan(int term) {
        this.term = term;
    }

    int term() {
        return term;
    }

    long oldest(Read read) {
        return oldest.getOrDefault(read, 0L);
    }

    /** Answers to one kind of question are up to so old. */
    void mayBeOld(Read read, long millis) {
        oldest.put(read, millis);
    }

    /** The standby's region is cut off for a while: from the leader, from users, from everybody. */
    void isolate(Span span) {
        isolated = span;
        leaderCannotReachStandby = span;
        standbyCannotReachLeader = span;
        outside = span;
        somethingElseAnswers = false;
    }

    String attempt(int number) {
        return "failover-term-" + term + "-attempt-" + number;
    }

    /** A drill has a name of its own: it takes none of a failover's. */
    String named(String mode, int number) {
        return mode.equals("drill") ? "drill-term-" + term + "-attempt-" + number : attempt(number);
    }

    /** Everything that is so for a while, by its name. */
    Map<String, Span> spans() {
        Map<String, Span> spans = new LinkedHashMap<>();
        spans.put("leader's region down", leaderDown);
        spans.put("leader's database down", leaderDatabaseDown);
        spans.put("leader's agents down", leaderAgentsDown);
        spans.put("standby cut off", isolated);
        spans.put("leader cannot reach standby", leaderCannotReachStandby);
        spans.put("leader's instances cannot read signs", blind);
        spans.put("claims cannot be read", outside);
        spans.put("agent 0 dead", agentDead[0]);
        spans.put("agent 1 dead", agentDead[1]);
        spans.put("workload of instance 0 does not stop", stubborn);
        spans.put("leader's group stays", groupStays);
        spans.put("a table cannot be locked", lockRefused);
        spans.put("a transaction does not end", lingering);
        spans.put("leader's metrics lost", metricsLost);
        spans.put("replica cannot reach leader", standbyCannotReachLeader);
        spans.put("backup", backup);
        spans.put("database in another state", odd);
        spans.put("database stuck", stuck);
        spans.put("rules hidden", rulesHidden);
        spans.put("sign's place taken", foreignSign);
        spans.put("claim's place taken", foreignClaim);
        spans.put("process suspended", suspended);
        spans.put("no datapoints", noDatapoints);
        spans.put("Writable lost", writableLost);
        spans.put("no capacity", noCapacity);
        spans.put("lag grows", lagGrows);
        spans.put("service impaired", impaired);
        return spans;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        spans().forEach((what, span) -> {
            if (span.from() < NEVER) {
                text.append("%s from %d s %s; "
                        .formatted(
                                what, span.from() / 1000, span.to() < NEVER ? "to " + span.to() / 1000 + " s" : "on"));
            }
        });
        text.append("%d blind, somebody else answers %s, impaired %s, odd %s%s, stuck %s, suspended %s; "
                .formatted(
                        blindInstances,
                        somethingElseAnswers,
                        impairedService,
                        oddStatus,
                        oddRefuses ? " (refuses)" : "",
                        stuckStatus,
                        suspendedProcess));
        text.append("storage has grown %s, lag -1 %s, %s of %d s after the promotion, %s meanwhile, wrong source %s; "
                .formatted(
                        storageHasGrown,
                        lagIsLost,
                        afterStatus,
                        backupAfterPromotionMillis / 1000,
                        promotingStatus,
                        wrongSource));
        text.append("leader %d instances, load %d, most %d, quota %d, starts beside a replica %s; "
                .formatted(leaderInstances, load, mostInstances, quota, startsBesideReplica));
        text.append("lag %d ms, boot %d s, promotion %d s, unseen %d s, %.2f of the calls fail, reads old by %s; "
                .formatted(
                        lagMillis,
                        bootMillis / 1000,
                        promotionMillis / 1000,
                        promotionUnseenMillis / 1000,
                        faultRate,
                        oldest));
        text.append("automatic %s, witnesses down %d; starts %s, in the leader's region %s"
                .formatted(automatic, witnessesDown, starts, inLedRegion));
        text.append(moment(", agents restart", agentRestarts)
                + moment(", a sleeper wakes", sleeperWakes)
                + moment(", deployed", deployedTooEarly)
                + moment(", the claim is taken away, after its making", claimTakenAwayAfterMillis)
                + moment(", stopped", aborted)
                + moment(", rehearsal", rehearsal));
        return text.toString();
    }

    private static String moment(String what, long at) {
        return at < NEVER ? "%s at %d s".formatted(what, at / 1000) : "";
    }
}
