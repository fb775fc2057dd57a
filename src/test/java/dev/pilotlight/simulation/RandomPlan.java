package dev.pilotlight.simulation;

import java.util.EnumSet;
import java.util.Random;

/** A disaster that follows from a seed. */
final class RandomPlan {

    private RandomPlan() {}

    static Plan of(long seed, int term) {
        Random random = new Random(seed);
        Plan plan = new Plan(term);
        long start = 4 * Plan.MINUTE + random.nextInt(6 * 60_000);
        String mode = pick(random, "planned", "emergency", "emergency", "emergency", "drill");
        plan.starts.add(new Plan.Start(start, plan.named(mode, 1), mode, random.nextInt(3) == 0));
        plan.lagMillis = random.nextInt(4) == 0 ? random.nextInt(120_000) : 100 + random.nextInt(3000);
        plan.bootMillis = random.nextInt(5) == 0
                ? 5 * Plan.MINUTE + random.nextInt(15 * 60_000)
                : 2 * Plan.MINUTE + random.nextInt(180_000);
        plan.promotionMillis = 3 * Plan.MINUTE + random.nextInt(12 * 60_000);
        plan.promotionUnseenMillis = random.nextInt(60_000);
        plan.faultRate = random.nextInt(2) == 0 ? 0 : random.nextDouble() * random.nextDouble() * 0.6;
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
            plan.rehearsal = Math.max(Plan.MINUTE, start - 5 * Plan.MINUTE + random.nextInt(30 * 60_000));
        }
        if (random.nextInt(4) == 0) {
            // Somebody else starts it as well, under the same name, the next one or a wrong one.
            plan.starts.add(new Plan.Start(
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
            long again = start + 3 * Plan.MINUTE + random.nextInt(40 * 60_000);
            boolean accepts = random.nextBoolean();
            plan.starts.add(new Plan.Start(again, plan.attempt(2), "emergency", accepts));
            plan.starts.add(
                    new Plan.Start(again + 20_000 + random.nextInt(120_000), plan.attempt(3), "emergency", accepts));
        }
        if (term > 1 && random.nextInt(4) == 0) {
            // In the wrong region, which leads already: its stack still holds the runbook by which it took over.
            long at = Math.max(Plan.MINUTE, start - 2 * Plan.MINUTE + random.nextInt(20 * 60_000));
            int number = 1 + random.nextInt(3);
            String which = pick(random, "planned", "emergency", "emergency", "drill");
            plan.inLedRegion = new Plan.Start(at, new Plan(term - 1).named(which, number), which, random.nextBoolean());
        }
        if (term > 1 && random.nextInt(8) == 0) {
            plan.sleeperWakes = Math.max(Plan.MINUTE, start - 3 * Plan.MINUTE + random.nextInt(90 * 60_000));
        }
        if (random.nextInt(4) == 0) {
            // The monthly drill, of all days; a number need not be the next.
            plan.starts.add(new Plan.Start(
                    Math.max(Plan.MINUTE, start - 10_000 + random.nextInt(random.nextBoolean() ? 15_000 : 30 * 60_000)),
                    plan.named("drill", 2 + random.nextInt(3)),
                    "drill",
                    false));
        }
        plan.outside = rarely(random, start, 6);
        plan.somethingElseAnswers = random.nextBoolean();
        reads(plan, random, start);
        states(plan, random, start);
        standby(plan, random, start);
        isolation(plan, random, start);
        for (Read read : EnumSet.range(Read.METRICS, Read.ALARMS)) {
            if (random.nextInt(3) > 0) {
                plan.mayBeOld(read, 1000 + random.nextInt(Copies.OLDEST_MILLIS - 1000));
            }
        }
        if (random.nextInt(25) == 0) {
            // Before the run looks at it: what somebody does after the end no run can tell.
            plan.claimTakenAwayAfterMillis = random.nextInt(60_000);
        }
        return plan;
    }

    private static Plan.Span rarely(Random random, long start, int oneIn) {
        Plan.Span span = span(random, start, false);
        return random.nextInt(oneIn) == 0 ? span : Plan.Span.NEVER_SPAN;
    }

    private static Plan.Span span(Random random, long start, boolean mayLast) {
        long from = Math.max(Plan.MINUTE, start - 6 * Plan.MINUTE + random.nextInt(25 * 60_000));
        return new Plan.Span(from, mayLast ? Plan.NEVER : from + 20_000 + random.nextInt(45 * 60_000));
    }

    private static String pick(Random random, String... choices) {
        return choices[random.nextInt(choices.length)];
    }

    /** Most of the time some of the reads are old, by up to half a minute. */
    private static void reads(Plan plan, Random random, long start) {
        for (Read read : EnumSet.range(Read.RULES, Read.EXECUTIONS)) {
            if (random.nextInt(3) > 0) {
                plan.mayBeOld(read, 1000 + random.nextInt(Copies.OLDEST_MILLIS - 1000));
            }
        }
        plan.rulesHidden = rarely(random, start, 30);
        if (random.nextInt(20) == 0) {
            plan.rulesHidden = new Plan.Span(start + random.nextInt(40 * 60_000), Plan.NEVER);
        }
        plan.emptySource = random.nextInt(4) == 0;
    }

    /** What RDS may call a database, at any time. */
    private static void states(Plan plan, Random random, long start) {
        plan.odd = rarely(random, start, 4);
        plan.oddStatus = pick(
                random,
                "storage-initialization",
                "storage-initialization",
                "modifying",
                "rebooting",
                "upgrading",
                "maintenance",
                "configuring-iam-database-auth",
                "resetting-master-credentials",
                "quiescing");
        plan.oddRefuses = random.nextInt(3) == 0 && !plan.oddStatus.startsWith("storage");
        plan.stuck = rarely(random, start, 10);
        plan.stuckStatus = pick(
                random,
                "storage-full",
                "storage-full",
                "failed",
                "inaccessible-encryption-credentials-recoverable",
                "inaccessible-encryption-credentials",
                "incompatible-parameters",
                "incompatible-network",
                "restore-error");
        if (random.nextInt(3) == 0) {
            plan.backupAfterPromotionMillis = random.nextInt(20) == 0 ? 5 * 3_600_000L : random.nextInt(30 * 60_000);
            plan.afterStatus =
                    pick(random, "backing-up", "storage-initialization", "modifying", "upgrading", "quiescing");
        }
        plan.promotingStatus = pick(random, "modifying", "modifying", "modifying", "promoting", "maintenance");
        if (random.nextInt(25) == 0) {
            plan.promotionMillis = 60 * Plan.MINUTE + random.nextInt(150 * 60_000);
        }
        if (random.nextInt(10) == 0) {
            plan.promotionUnseenMillis = random.nextInt(5 * 60_000);
        }
        if (random.nextInt(20) == 0) {
            plan.foreignSign = span(random, start, random.nextBoolean());
        }
        if (random.nextInt(20) == 0) {
            plan.foreignClaim = span(random, start, random.nextBoolean());
        }
    }

    /** What the standby has to serve with. */
    private static void standby(Plan plan, Random random, long start) {
        plan.leaderInstances = random.nextInt(3) > 0 ? 2 : 2 + random.nextInt(5);
        plan.load = 1 + random.nextInt(plan.leaderInstances);
        plan.mostInstances = random.nextInt(4) == 0 ? 4 : 8;
        plan.quota = random.nextInt(8) == 0 ? 8 : 32;
        plan.startsBesideReplica = random.nextInt(8) > 0;
        plan.suspended = rarely(random, start, 20);
        plan.suspendedProcess = pick(random, "Launch", "AddToLoadBalancer", "ReplaceUnhealthy");
        plan.writableLost = rarely(random, start, 8);
        plan.noDatapoints = rarely(random, start, 12);
        if (random.nextInt(30) == 0) {
            plan.noDatapoints = new Plan.Span(start + random.nextInt(40 * 60_000), Plan.NEVER);
        }
    }

    /** The region that is cut off may be the standby's. */
    private static void isolation(Plan plan, Random random, long start) {
        plan.witnessesDown = random.nextInt(6) == 0 ? 1 + random.nextInt(3) : 0;
        plan.automatic = random.nextInt(4) == 0;
        if (plan.automatic && random.nextInt(3) == 0 && plan.starts.size() == 1) {
            plan.starts.clear();
        }
        if (random.nextInt(12) == 0) {
            plan.isolate(span(random, start, random.nextInt(4) == 0));
        }
    }
}
