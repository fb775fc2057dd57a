package dev.pilotlight.simulation;

import java.util.List;

/** Disasters that show one thing each. */
final class Scenarios {

    private Scenarios() {}

    /** Nothing goes wrong; one person starts one run. */
    static Plan calm(int term, String mode) {
        Plan plan = new Plan(term);
        plan.starts.add(new Plan.Start(15 * Plan.MINUTE, plan.named(mode, 1), mode, false));
        return plan;
    }

    /** The leader's region dies a few minutes before somebody starts the runbook. */
    static Plan lostRegion(int term) {
        Plan plan = calm(term, "emergency");
        plan.leaderDown = new Plan.Span(9 * Plan.MINUTE, Plan.NEVER);
        return plan;
    }

    /**
     * The monthly drill is going when the emergency is started, and another one when it is in the middle; a third was going
     * when a rehearsal began.
     */
    static Plan drilled(int term) {
        Plan plan = lostRegion(term);
        plan.rehearsal = 8 * Plan.MINUTE;
        for (long at : new long[] {plan.rehearsal - 500, 15 * Plan.MINUTE - 500, 17 * Plan.MINUTE}) {
            plan.starts.add(new Plan.Start(at, plan.named("drill", plan.starts.size()), "drill", false));
        }
        return plan;
    }

    /** The certificate of the standby's own name has expired, or its DNS name leads elsewhere. */
    static Plan unseen(int term, boolean somethingElseAnswers) {
        Plan plan = lostRegion(term);
        plan.outside = new Plan.Span(0, Plan.NEVER);
        plan.somethingElseAnswers = somethingElseAnswers;
        return plan;
    }

    /** Somebody accepts a great loss, stops the run during the promotion, and starts again without accepting anything. */
    static Plan abandoned(int term) {
        Plan plan = lostRegion(term);
        plan.lagMillis = 8 * Plan.MINUTE;
        plan.starts.clear();
        plan.starts.add(new Plan.Start(15 * Plan.MINUTE, plan.attempt(1), "emergency", true));
        plan.aborted = 17 * Plan.MINUTE;
        plan.starts.add(new Plan.Start(18 * Plan.MINUTE, plan.attempt(2), "emergency", false));
        return plan;
    }

    /** A backup delays the promotion while a leader that cannot read the sign goes on acknowledging. */
    static Plan delayed(int term) {
        Plan plan = new Plan(term);
        plan.starts.add(new Plan.Start(15 * Plan.MINUTE, plan.attempt(1), "emergency", true));
        plan.blind = new Plan.Span(14 * Plan.MINUTE, 60 * Plan.MINUTE);
        plan.blindInstances = 2;
        plan.standbyCannotReachLeader = new Plan.Span(14 * Plan.MINUTE, Plan.NEVER);
        plan.backup = new Plan.Span(14 * Plan.MINUTE, 40 * Plan.MINUTE);
        return plan;
    }

    /** A switchover although the agent of one instance is dead: the other's lock keeps it from writing. */
    static Plan deadAgent(int term) {
        Plan plan = calm(term, "planned");
        plan.agentDead[1] = new Plan.Span(5 * Plan.MINUTE, Plan.NEVER);
        return plan;
    }

    /** The connection breaks after the promotion was ordered, and never comes back. */
    static Plan cutOff(int term) {
        Plan plan = calm(term, "planned");
        plan.leaderCannotReachStandby = new Plan.Span(20 * Plan.MINUTE, 60 * Plan.MINUTE);
        return plan;
    }

    /** The same, and the leader's region is rebooted meanwhile. Seed 2844 of an earlier version. */
    static Plan rebooted(int term) {
        Plan plan = cutOff(term);
        plan.leaderDown = new Plan.Span(22 * Plan.MINUTE, 24 * Plan.MINUTE);
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
        plan.lockRefused = new Plan.Span(0, Plan.NEVER);
        return plan;
    }

    /** A switchover although one agent is dead, and the other's workload does not stop. */
    static Plan stubborn(int term) {
        Plan plan = deadAgent(term);
        plan.stubborn = new Plan.Span(0, Plan.NEVER);
        return plan;
    }

    /** Nobody accepts the great loss that would be: the run raises the sign and takes it back in seconds. */
    static Plan unaccepted(int term) {
        Plan plan = lostRegion(term);
        plan.lagMillis = 8 * Plan.MINUTE;
        plan.mayBeOld(Read.RULES, Copies.OLDEST_MILLIS);
        return plan;
    }

    /** Somebody stops the run seconds after its order, and the next one, which accepts nothing, reads what was before. */
    static Plan hurried(int term, int seconds) {
        Plan plan = abandoned(term);
        plan.aborted = 15 * Plan.MINUTE + seconds * 1000L;
        plan.starts.set(1, new Plan.Start(plan.aborted + 2000, plan.attempt(2), "emergency", false));
        plan.promotionUnseenMillis = 2 * Plan.MINUTE;
        for (Read read : List.of(Read.DATABASE, Read.TAGS)) {
            plan.mayBeOld(read, Copies.OLDEST_MILLIS);
        }
        return plan;
    }

    /** The promotion takes hours, under a name that nobody knows. */
    static Plan slow(int term) {
        Plan plan = lostRegion(term);
        plan.promotionMillis = 5 * 60 * Plan.MINUTE;
        plan.promotingStatus = "promoting";
        return plan;
    }

    /** What was promoted works, and RDS calls it something else for hours. */
    static Plan initializing(int term) {
        Plan plan = lostRegion(term);
        plan.afterStatus = "storage-initialization";
        plan.backupAfterPromotionMillis = 5 * 60 * Plan.MINUTE;
        plan.emptySource = true;
        return plan;
    }

    /** The replica is in a state of which nobody knows whether it may be promoted, and it may. */
    static Plan odd(int term) {
        Plan plan = lostRegion(term);
        plan.starts.clear();
        plan.starts.add(new Plan.Start(15 * Plan.MINUTE, plan.attempt(1), "emergency", true));
        plan.odd = new Plan.Span(14 * Plan.MINUTE, Plan.NEVER);
        plan.oddStatus = "upgrading";
        return plan;
    }

    /** The database's disk is full, before the promotion or in the middle of it. */
    static Plan full(int term, long from) {
        Plan plan = odd(term);
        plan.odd = Plan.Span.NEVER_SPAN;
        plan.stuck = new Plan.Span(from, Plan.NEVER);
        return plan;
    }

    /** RDS refuses the promotion for as long as anybody asks. */
    static Plan refusing(int term) {
        Plan plan = odd(term);
        plan.oddRefuses = true;
        return plan;
    }

    /** The lag is -1 long before anybody starts. */
    static Plan lagLost(int term) {
        Plan plan = lostRegion(term);
        plan.lagIsLost = true;
        plan.starts.clear();
        plan.starts.add(new Plan.Start(45 * Plan.MINUTE, plan.attempt(1), "emergency", true));
        return plan;
    }

    /** Nobody hears whether the standby's instances can write. */
    static Plan silent(int term) {
        Plan plan = lostRegion(term);
        plan.writableLost = new Plan.Span(0, Plan.NEVER);
        return plan;
    }

    /** The standby's instances are healthy and cannot write for half an hour: a password, a security group. */
    static Plan unwritable(int term) {
        Plan plan = lostRegion(term);
        plan.writableAfterMillis = 30 * Plan.MINUTE;
        return plan;
    }

    /** The leader dies while a switchover waits for its instances, which take their time. */
    static Plan diesMeanwhile(int term) {
        Plan plan = calm(term, "planned");
        plan.bootMillis = 18 * Plan.MINUTE;
        plan.leaderDown = new Plan.Span(17 * Plan.MINUTE, Plan.NEVER);
        return plan;
    }

    /** The application does not become healthy beside a database that takes no writes. */
    static Plan needsALeader(int term, String mode) {
        Plan plan = calm(term, mode);
        plan.startsBesideReplica = false;
        return plan;
    }

    /** The leader had six instances, and users need five of them; instances come late enough to be idle for long. */
    static Plan large(int term) {
        Plan plan = lostRegion(term);
        plan.leaderInstances = 6;
        plan.load = 5;
        plan.promotionMillis = 40 * Plan.MINUTE;
        return plan;
    }

    /** DescribeRules shows none of our rules any more. */
    static Plan hidden(int term) {
        Plan plan = lostRegion(term);
        plan.rulesHidden = new Plan.Span(15 * Plan.MINUTE, Plan.NEVER);
        return plan;
    }

    /** The run is stopped during the promotion, and RDS answers nothing to the next one. */
    static Plan blindfolded(int term) {
        Plan plan = abandoned(term);
        plan.impairedService = "rds";
        plan.impaired = new Plan.Span(plan.aborted, plan.aborted + 40 * Plan.MINUTE);
        return plan;
    }

    /** Somebody deletes the claim before Route 53 has seen it. */
    static Plan disclaimed(int term) {
        Plan plan = lostRegion(term);
        plan.claimTakenAwayAfterMillis = 10_000;
        return plan;
    }

    /** Somebody starts the old runbook of the region that leads. */
    static Plan inTheLeadersRegion() {
        Plan plan = new Plan(2);
        plan.inLedRegion = new Plan.Start(10 * Plan.MINUTE, new Plan(1).named("emergency", 2), "emergency", true);
        plan.starts.add(new Plan.Start(11 * Plan.MINUTE, plan.named("drill", 1), "drill", false));
        return plan;
    }

    /** A switchover to a region whose signs nobody can read. */
    static Plan unreadable(int term, boolean somethingElseAnswers) {
        Plan plan = calm(term, "planned");
        plan.somethingElseAnswers = somethingElseAnswers;
        plan.outside = new Plan.Span(0, Plan.NEVER);
        return plan;
    }

    /** Somebody else's rule has the claim's place, and nobody is shown which. */
    static Plan taken(int term) {
        Plan plan = hidden(term);
        plan.rulesHidden = new Plan.Span(0, Plan.NEVER);
        plan.foreignClaim = new Plan.Span(0, Plan.NEVER);
        return plan;
    }

    /**
     * The standby's region is cut off, the leader serves on, and the alarm, which goes off after eight minutes, would start
     * the failover.
     *
     * @param until second in which the cut ends
     */
    static Plan isolated(int term, int until) {
        Plan plan = new Plan(term);
        plan.automatic = true;
        plan.isolate(new Plan.Span(5 * Plan.MINUTE, until * 1000L));
        return plan;
    }

    /** The leader's region is lost, and nobody is awake. */
    static Plan unattended(int term) {
        Plan plan = lostRegion(term);
        plan.starts.clear();
        plan.automatic = true;
        return plan;
    }

    /** Two people start attempts within seconds, and lists are late. */
    static Plan together(int term) {
        Plan plan = lostRegion(term);
        plan.mayBeOld(Read.EXECUTIONS, Copies.OLDEST_MILLIS);
        plan.starts.add(new Plan.Start(15 * Plan.MINUTE + 1500, plan.attempt(2), "emergency", false));
        return plan;
    }

    /** Somebody begins with the second number, is refused, and goes on counting when somebody else begins with the first. */
    static Plan miscounted(int term) {
        Plan plan = together(term);
        plan.starts.clear();
        plan.starts.add(new Plan.Start(15 * Plan.MINUTE, plan.attempt(2), "emergency", false));
        plan.starts.add(new Plan.Start(16 * Plan.MINUTE, plan.attempt(1), "emergency", false));
        plan.starts.add(new Plan.Start(16 * Plan.MINUTE + 1500, plan.attempt(3), "emergency", false));
        return plan;
    }

    /** The lost region wakes, sees the claim, cannot get rid of its instances, and is cut off. */
    static Plan woken(int term) {
        Plan plan = lostRegion(term);
        plan.leaderDown = new Plan.Span(9 * Plan.MINUTE, 50 * Plan.MINUTE);
        plan.leaderCannotReachStandby = new Plan.Span(52 * Plan.MINUTE, 70 * Plan.MINUTE);
        plan.groupStays = new Plan.Span(0, Plan.NEVER);
        return plan;
    }

    /** An instance of an earlier term wakes when its region leads again. */
    static Plan slept(int term) {
        Plan plan = lostRegion(term);
        plan.sleeperWakes = 50 * Plan.MINUTE;
        return plan;
    }
}
