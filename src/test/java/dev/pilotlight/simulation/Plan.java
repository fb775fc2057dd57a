package dev.pilotlight.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

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
    /** How long after its start a look at executions may miss one. */
    long listDelayMillis = 2000;

    final List<Start> starts = new ArrayList<>();
    private final int term;

    /** @param term that the runbook is to claim */
    Plan(int term) {
        this.term = term;
    }

    String attempt(int number) {
        return "failover-term-" + term + "-attempt-" + number;
    }

    /** A drill has a name of its own: it takes none of a failover's. */
    String named(String mode, int number) {
        return mode.equals("drill") ? "drill-term-" + term + "-attempt-" + number : attempt(number);
    }

    /** Nothing goes wrong; one person starts one run. */
    static Plan calm(int term, String mode) {
        Plan plan = new Plan(term);
        plan.starts.add(new Start(15 * MINUTE, plan.named(mode, 1), mode, false));
        return plan;
    }

    /** The leader's region dies a few minutes before somebody starts the runbook. */
    static Plan lostRegion(int term) {
        Plan plan = calm(term, "emergency");
        plan.leaderDown = new Span(9 * MINUTE, NEVER);
        return plan;
    }

    /**
     * The monthly drill is going when the emergency is started, and another one when it is in the middle; a third was going
     * when a rehearsal began.
     */
    static Plan drilled(int term) {
        Plan plan = lostRegion(term);
        plan.listDelayMillis = 0;
        plan.rehearsal = 8 * MINUTE;
        for (long at : new long[] {plan.rehearsal - 500, 15 * MINUTE - 500, 17 * MINUTE}) {
            plan.starts.add(new Start(at, plan.named("drill", plan.starts.size()), "drill", false));
        }
        return plan;
    }

    /** The certificate of the standby's own name has expired, or its DNS name leads elsewhere. */
    static Plan unseen(int term, boolean somethingElseAnswers) {
        Plan plan = lostRegion(term);
        plan.outside = new Span(0, NEVER);
        plan.somethingElseAnswers = somethingElseAnswers;
        return plan;
    }

    /** Somebody accepts a great loss, stops the run during the promotion, and starts again without accepting anything. */
    static Plan abandoned(int term) {
        Plan plan = lostRegion(term);
        plan.lagMillis = 8 * MINUTE;
        plan.starts.clear();
        plan.starts.add(new Start(15 * MINUTE, plan.attempt(1), "emergency", true));
        plan.aborted = 17 * MINUTE;
        plan.starts.add(new Start(18 * MINUTE, plan.attempt(2), "emergency", false));
        return plan;
    }

    /** A backup delays the promotion while a leader that cannot read the sign goes on acknowledging. */
    static Plan delayed(int term) {
        Plan plan = new Plan(term);
        plan.starts.add(new Start(15 * MINUTE, plan.attempt(1), "emergency", true));
        plan.blind = new Span(14 * MINUTE, 60 * MINUTE);
        plan.blindInstances = 2;
        plan.standbyCannotReachLeader = new Span(14 * MINUTE, NEVER);
        plan.backup = new Span(14 * MINUTE, 40 * MINUTE);
        return plan;
    }

    /** A switchover although the agent of one instance is dead: the other's lock keeps it from writing. */
    static Plan deadAgent(int term) {
        Plan plan = calm(term, "planned");
        plan.agentDead[1] = new Span(5 * MINUTE, NEVER);
        return plan;
    }

    /** The connection breaks after the promotion was ordered, and never comes back. */
    static Plan cutOff(int term) {
        Plan plan = calm(term, "planned");
        plan.leaderCannotReachStandby = new Span(20 * MINUTE, 60 * MINUTE);
        return plan;
    }

    /** The same, and the leader's region is rebooted meanwhile. Seed 2844 of an earlier version. */
    static Plan rebooted(int term) {
        Plan plan = cutOff(term);
        plan.leaderDown = new Span(22 * MINUTE, 24 * MINUTE);
        return plan;
    }

    /**
     * The only agent that lives is restarted in the middle of a switchover, and its lock is gone until its next look; the
     * replica lags, so that what the other instance writes meanwhile may not arrive.
     */
    static Plan restarted(int term, int seconds) {
        Plan plan = deadAgent(term);
        plan.lagMillis = 110_000;
        plan.agentRestarts = seconds * 1000L;
        return plan;
    }

    /** A switchover although one agent is dead, and a table cannot be locked. */
    static Plan refused(int term) {
        Plan plan = deadAgent(term);
        plan.lockRefused = new Span(0, NEVER);
        return plan;
    }

    /** A switchover although one agent is dead, and the other's workload does not stop. */
    static Plan stubborn(int term) {
        Plan plan = deadAgent(term);
        plan.stubborn = new Span(0, NEVER);
        return plan;
    }

    /** The lost region wakes, sees the claim, cannot get rid of its instances, and is cut off. */
    static Plan woken(int term) {
        Plan plan = lostRegion(term);
        plan.leaderDown = new Span(9 * MINUTE, 50 * MINUTE);
        plan.leaderCannotReachStandby = new Span(52 * MINUTE, 70 * MINUTE);
        plan.groupStays = new Span(0, NEVER);
        return plan;
    }

    /** An instance of an earlier term wakes when its region leads again. */
    static Plan slept(int term) {
        Plan plan = lostRegion(term);
        plan.sleeperWakes = 50 * MINUTE;
        return plan;
    }

    static Plan random(long seed, int term) {
        Random random = new Random(seed);
        Plan plan = new Plan(term);
        long start = 4 * MINUTE + random.nextInt(6 * 60_000);
        String mode = pick(random, "planned", "emergency", "emergency", "emergency", "drill");
        plan.starts.add(new Start(start, plan.named(mode, 1), mode, random.nextInt(3) == 0));
        plan.lagMillis = random.nextInt(4) == 0 ? random.nextInt(120_000) : 100 + random.nextInt(3000);
        plan.bootMillis = random.nextInt(5) == 0
                ? 5 * MINUTE + random.nextInt(15 * 60_000)
                : 2 * MINUTE + random.nextInt(180_000);
        plan.promotionMillis = 3 * MINUTE + random.nextInt(12 * 60_000);
        plan.promotionUnseenMillis = random.nextInt(60_000);
        plan.faultRate = random.nextInt(2) == 0 ? 0 : random.nextDouble() * random.nextDouble() * 0.6;
        plan.listDelayMillis = random.nextInt(4000);
        if (random.nextInt(10) < 7) {
            plan.leaderDown = span(random, start, random.nextInt(3) > 0);
        }
        plan.leaderDatabaseDown = rarely(random, start, 8);
        plan.leaderAgentsDown = rarely(random, start, 8);
        plan.leaderCannotReachStandby = rarely(random, start, 5);
        plan.blind = rarely(random, start, 8);
        plan.blindInstances = 1 + random.nextInt(2);
        plan.agentDead[random.nextInt(2)] = rarely(random, start, 5);
        if (random.nextInt(8) == 0) {
            plan.agentRestarts = start + random.nextInt(20 * 60_000);
        }
        plan.stubborn = rarely(random, start, 12);
        plan.groupStays = rarely(random, start, 12);
        plan.lockRefused = rarely(random, start, 12);
        plan.lingering = rarely(random, start, 6);
        plan.metricsLost = rarely(random, start, 8);
        plan.standbyCannotReachLeader = rarely(random, start, 5);
        plan.backup = rarely(random, start, 6);
        plan.backupAfterPromotionMillis = random.nextInt(3) == 0 ? random.nextInt(15 * 60_000) : 0;
        plan.storageHasGrown = random.nextInt(6) == 0;
        plan.lagIsLost = random.nextInt(4) == 0;
        plan.noCapacity = rarely(random, start, 6);
        plan.lagGrows = rarely(random, start, 4);
        plan.impaired = rarely(random, start, 4);
        plan.impairedService = pick(
                random,
                "rds",
                "rds",
                "elasticloadbalancingv2",
                "elasticloadbalancingv2",
                "cloudwatch",
                "autoscaling",
                "sfn",
                "s3");
        plan.wrongSource = random.nextInt(40) == 0;
        plan.writableAfterMillis = random.nextInt(60_000);
        if (random.nextInt(6) == 0) {
            plan.deployedTooEarly = start + random.nextInt(40 * 60_000);
        }
        if (random.nextInt(10) == 0) {
            plan.aborted = start + random.nextInt(20 * 60_000);
        }
        if (random.nextInt(5) == 0) {
            plan.rehearsal = Math.max(MINUTE, start - 5 * MINUTE + random.nextInt(30 * 60_000));
        }
        if (random.nextInt(4) == 0) {
            // Somebody else starts it as well, under the same name, the next one or a wrong one.
            plan.starts.add(new Start(
                    start + (random.nextBoolean() ? random.nextInt(3000) : random.nextInt(900_000)),
                    pick(
                            random,
                            plan.attempt(1),
                            plan.attempt(2),
                            plan.attempt(2),
                            plan.attempt(3),
                            new Plan(term + 1).attempt(1)),
                    pick(random, "planned", "emergency", "drill", "emergence"),
                    random.nextBoolean()));
        }
        if (random.nextInt(3) == 0) {
            // Somebody goes on though the cause is not gone, twice if refused.
            long again = start + 3 * MINUTE + random.nextInt(40 * 60_000);
            boolean accepts = random.nextBoolean();
            plan.starts.add(new Start(again, plan.attempt(2), "emergency", accepts));
            plan.starts.add(new Start(again + 20_000 + random.nextInt(120_000), plan.attempt(3), "emergency", accepts));
        }
        if (term > 1 && random.nextInt(4) == 0) {
            // In the wrong region, which leads already: its stack still holds the runbook by which it took over.
            long at = Math.max(MINUTE, start - 2 * MINUTE + random.nextInt(20 * 60_000));
            int number = 1 + random.nextInt(3);
            String which = pick(random, "planned", "emergency", "emergency", "drill");
            plan.inLedRegion = new Start(at, new Plan(term - 1).named(which, number), which, random.nextBoolean());
        }
        if (term > 1 && random.nextInt(8) == 0) {
            plan.sleeperWakes = Math.max(MINUTE, start - 3 * MINUTE + random.nextInt(90 * 60_000));
        }
        if (random.nextInt(4) == 0) {
            // The monthly drill, of all days; a number need not be the next.
            plan.starts.add(new Start(
                    Math.max(MINUTE, start - 10_000 + random.nextInt(random.nextBoolean() ? 15_000 : 30 * 60_000)),
                    plan.named("drill", 2 + random.nextInt(3)),
                    "drill",
                    false));
        }
        plan.outside = rarely(random, start, 6);
        plan.somethingElseAnswers = random.nextBoolean();
        return plan;
    }

    private static Span rarely(Random random, long start, int oneIn) {
        Span span = span(random, start, false);
        return random.nextInt(oneIn) == 0 ? span : Span.NEVER_SPAN;
    }

    private static Span span(Random random, long start, boolean mayLast) {
        long from = Math.max(MINUTE, start - 6 * MINUTE + random.nextInt(25 * 60_000));
        return new Span(from, mayLast ? NEVER : from + 20_000 + random.nextInt(45 * 60_000));
    }

    private static String pick(Random random, String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        describe(text, "leader's region down", leaderDown);
        describe(text, "leader's database down", leaderDatabaseDown);
        describe(text, "leader's agents down", leaderAgentsDown);
        describe(text, "leader cannot reach standby", leaderCannotReachStandby);
        describe(text, blindInstances + " of the leader's instances cannot read signs", blind);
        describe(text, somethingElseAnswers ? "the standby's name leads elsewhere" : "nobody reads claims", outside);
        describe(text, "agent 0 dead", agentDead[0]);
        describe(text, "agent 1 dead", agentDead[1]);
        describe(text, "the workload of instance 0 does not stop", stubborn);
        describe(text, "the leader's group stays", groupStays);
        describe(text, "a table cannot be locked", lockRefused);
        describe(text, "a transaction does not end", lingering);
        describe(text, "leader's metrics lost", metricsLost);
        describe(text, "replica cannot reach leader", standbyCannotReachLeader);
        describe(text, "backup", backup);
        text.append(storageHasGrown ? "storage being optimized; " : "");
        text.append(lagIsLost ? "lag -1 without replication; " : "");
        if (backupAfterPromotionMillis > 0) {
            text.append("backup of %d s after the promotion; ".formatted(backupAfterPromotionMillis / 1000));
        }
        describe(text, "no capacity", noCapacity);
        describe(text, "lag grows", lagGrows);
        describe(text, impairedService + " impaired", impaired);
        text.append(wrongSource ? "the replica of another database; " : "");
        text.append("lag %d ms, boot %d s, promotion %d s, %.2f of the calls fail"
                .formatted(lagMillis, bootMillis / 1000, promotionMillis / 1000, faultRate));
        if (agentRestarts < NEVER) {
            text.append(", agents restart at ").append(agentRestarts / 1000).append(" s");
        }
        if (sleeperWakes < NEVER) {
            text.append(", a sleeper wakes at ").append(sleeperWakes / 1000).append(" s");
        }
        if (inLedRegion != null) {
            text.append(", in the leader's region ").append(inLedRegion);
        }
        if (deployedTooEarly < NEVER) {
            text.append(", deployed at ").append(deployedTooEarly / 1000).append(" s");
        }
        if (aborted < NEVER) {
            text.append(", stopped at ").append(aborted / 1000).append(" s");
        }
        if (rehearsal < NEVER) {
            text.append(", rehearsal at ").append(rehearsal / 1000).append(" s");
        }
        return text.toString();
    }

    private static void describe(StringBuilder text, String what, Span span) {
        if (span.from() < NEVER) {
            text.append("%s from %d s %s; "
                    .formatted(what, span.from() / 1000, span.to() < NEVER ? "to " + span.to() / 1000 + " s" : "on"));
        }
    }
}
