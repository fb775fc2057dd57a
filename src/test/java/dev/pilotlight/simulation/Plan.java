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
    /** Agents cannot read the standby's load balancer, nor put metrics into its region. */
    Span leaderCannotReachStandby = Span.NEVER_SPAN;
    /** One of the leader's instances cannot read the standby's signs, though its metrics arrive. */
    Span oneCannotRead = Span.NEVER_SPAN;
    /** Agents can read, but their metrics do not arrive. */
    Span metricsLost = Span.NEVER_SPAN;
    /** The replica gets nothing. */
    Span standbyCannotReachLeader = Span.NEVER_SPAN;

    Span backup = Span.NEVER_SPAN;
    Span noCapacity = Span.NEVER_SPAN;
    Span lagGrows = Span.NEVER_SPAN;
    /** The standby's stack is deployed again, as if nothing had happened. */
    long deployedTooEarly = NEVER;
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

    /** Nothing goes wrong; one person starts one run. */
    static Plan calm(String mode) {
        Plan plan = new Plan();
        plan.starts.add(new Start(15 * MINUTE, "failover-term-1-attempt-1", mode, false));
        return plan;
    }

    /** The leader's region dies a few minutes before somebody starts the runbook. */
    static Plan lostRegion() {
        Plan plan = calm("emergency");
        plan.leaderDown = new Span(9 * MINUTE, NEVER);
        return plan;
    }

    /** Somebody accepts a great loss, stops the run during the promotion, and starts again without accepting anything. */
    static Plan abandoned() {
        Plan plan = lostRegion();
        plan.lagMillis = 8 * MINUTE;
        plan.starts.clear();
        plan.starts.add(new Start(15 * MINUTE, "failover-term-1-attempt-1", "emergency", true));
        plan.aborted = 17 * MINUTE;
        plan.starts.add(new Start(18 * MINUTE, "failover-term-1-attempt-2", "emergency", false));
        return plan;
    }

    /** A backup delays the promotion while an instance that cannot read the sign goes on acknowledging. */
    static Plan delayed() {
        Plan plan = new Plan();
        plan.starts.add(new Start(15 * MINUTE, "failover-term-1-attempt-1", "emergency", true));
        plan.oneCannotRead = new Span(14 * MINUTE, 60 * MINUTE);
        plan.standbyCannotReachLeader = new Span(14 * MINUTE, NEVER);
        plan.backup = new Span(14 * MINUTE, 40 * MINUTE);
        return plan;
    }

    static Plan random(long seed) {
        Random random = new Random(seed);
        Plan plan = new Plan();
        long start = 4 * MINUTE + random.nextInt(6 * 60_000);
        String mode = pick(random, "planned", "emergency", "emergency", "emergency", "drill");
        plan.starts.add(new Start(start, "failover-term-1-attempt-1", mode, random.nextInt(3) == 0));
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
        plan.oneCannotRead = rarely(random, start, 8);
        plan.metricsLost = rarely(random, start, 8);
        plan.standbyCannotReachLeader = rarely(random, start, 5);
        plan.backup = rarely(random, start, 6);
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
                            "failover-term-1-attempt-1",
                            "failover-term-1-attempt-2",
                            "failover-term-1-attempt-2",
                            "failover-term-1-attempt-3",
                            "failover-term-2-attempt-1"),
                    pick(random, "planned", "emergency", "drill", "emergence"),
                    random.nextBoolean()));
        }
        if (random.nextInt(3) == 0) {
            // Somebody goes on though the cause is not gone, twice if refused.
            long again = start + 3 * MINUTE + random.nextInt(40 * 60_000);
            boolean accepts = random.nextBoolean();
            plan.starts.add(new Start(again, "failover-term-1-attempt-2", "emergency", accepts));
            plan.starts.add(new Start(
                    again + 20_000 + random.nextInt(120_000), "failover-term-1-attempt-3", "emergency", accepts));
        }
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
        describe(text, "one of the leader's instances cannot read signs", oneCannotRead);
        describe(text, "leader's metrics lost", metricsLost);
        describe(text, "replica cannot reach leader", standbyCannotReachLeader);
        describe(text, "backup", backup);
        describe(text, "no capacity", noCapacity);
        describe(text, "lag grows", lagGrows);
        describe(text, impairedService + " impaired", impaired);
        text.append(wrongSource ? "the replica of another database; " : "");
        text.append("lag %d ms, boot %d s, promotion %d s, %.2f of the calls fail"
                .formatted(lagMillis, bootMillis / 1000, promotionMillis / 1000, faultRate));
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
