package dev.pilotlight.simulation;

/** One of the leader's instances: its agent, and the workload that this lets run [agent]. */
final class LeaderAgent {

    static final long INTERVAL = 15_000;
    private static final long MINUTE = Plan.MINUTE;

    /** What it meets and reaches, beside the plan. */
    interface Surroundings {
        boolean up();

        boolean groupEmptied();

        boolean databaseUp();

        boolean claimStands();

        boolean signStands();

        /** A heartbeat is written. */
        void committed();

        /**
         * A report arrives in the standby's region.
         *
         * @param beat whether it says that the database took a heartbeat
         * @param counted whether it counts the instance
         */
        void reported(int number, boolean beat, boolean counted, int fencedTerm);

        void emptyGroup();

        boolean makes(AgentMistake mistake);

        void violated(Invariant invariant, String detail);
    }

    private final Surroundings region;
    private final Plan plan;
    private final Clock clock;
    private final Facts facts;
    private final int number;
    private boolean serving = true;
    private boolean wasDown;
    private boolean superseded;
    private int handover;
    /** It could read the claim once, whatever it made of that. */
    private boolean knew;

    /** When it last read what the other region shows. */
    private long lookedAt;

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
    private long triedMinute = -1;
    private long startedMinute = -1;
    private boolean reportedBeat;

    LeaderAgent(int number, Surroundings region, Clock clock, Plan plan, Facts facts) {
        this.number = number;
        this.region = region;
        this.plan = plan;
        this.clock = clock;
        this.facts = facts;
    }

    int number() {
        return number;
    }

    boolean serving() {
        return serving;
    }

    /** Its instance is gone. */
    void stop() {
        serving = false;
    }

    boolean locked() {
        return locked;
    }

    boolean hasLocked() {
        return hasLocked;
    }

    boolean dead() {
        return clock.is(plan.leaderAgentsDown) || clock.is(plan.agentDead[number]);
    }

    boolean reads() {
        return !clock.is(plan.leaderCannotReachStandby)
                && !clock.is(plan.outside)
                && !(number < plan.blindInstances && clock.is(plan.blind));
    }

    /** Dead or blind, or not yet looked again. */
    boolean unaware() {
        return clock.now() > lookedAt + INTERVAL;
    }

    void loseLock() {
        locked = false;
    }

    /** What is in memory is gone; its files say what it had obeyed. */
    void restart() {
        locked = false;
        impatient = false;
        told = false;
        groupAsked = false;
        reportedMinute = -1;
        startedMinute = clock.now() / MINUTE;
    }

    void loop() {
        if (!region.up() || region.groupEmptied()) {
            serving = false;
            wasDown = true;
            return;
        }
        if (wasDown) {
            // A boot: the workload waits for the agent's first look; what it had obeyed is on its disk.
            wasDown = false;
            handover = region.makes(AgentMistake.FORGETS_THE_SIGN_AT_A_REBOOT) ? 0 : handover;
            restart();
        }
        if (dead()) {
            // Whatever it left running runs on.
            return;
        }
        lookedAt = reads() ? clock.now() : lookedAt;
        knew |= reads() && region.claimStands();
        fence();
        if (serving && failures == 0 && reads() && region.signStands()) {
            region.violated(Invariant.AN_INSTANCE_THAT_SEES_THE_SIGN_STOPS, "instance " + number + " serves");
        }
        if (knew && serving && failures == 0) {
            region.violated(
                    Invariant.A_WOKEN_LEADER_STOPS, "instance " + number + " serves though it has seen the claim");
        }
        pulse();
    }

    private void fence() {
        if (!superseded && reads()) {
            obey();
        } else if (!superseded && handover > 0 && region.makes(AgentMistake.TAKES_AN_UNREADABLE_SIGN_FOR_GONE)) {
            handover = 0;
        } else if (superseded && !reads() && region.makes(AgentMistake.FORGETS_THE_CLAIM_WHEN_IT_CANNOT_READ)) {
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
        boolean stopped = !(serving && number == 0 && clock.is(plan.stubborn) && !(superseded && failures >= 4));
        failures = stopped ? 0 : failures + 1;
        if (serving && stopped) {
            clock.log("leader's instance %d %s", number, superseded ? "stops for good" : "stops while the sign stands");
            serving = false;
        }
        boolean hasHeld = stopped && holdsLock();
        if (region.makes(AgentMistake.REPORTS_NO_ZERO_AFTER_A_GAP)) {
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
        if ((stopped && region.makes(AgentMistake.REPORTS_A_FENCE_WITHOUT_A_LOCK))
                || region.makes(AgentMistake.REPORTS_A_FENCE_THOUGH_ITS_WORKLOAD_RUNS)) {
            fencedTerm = handover;
        }
    }

    private int fencedTerm;

    /** The claims and signs of the two terms after the database's own. */
    private void obey() {
        int own = facts.leaderDatabaseTerm();
        boolean later = facts.term() == own + 1 || facts.term() == own + 2;
        if (later && region.claimStands() && !region.makes(AgentMistake.IGNORES_THE_CLAIM)) {
            superseded = true;
            return;
        }
        handover = later && region.signStands() && !region.makes(AgentMistake.IGNORES_THE_SIGN) ? facts.term() : 0;
    }

    /** Whether it held every table since the last look. */
    private boolean holdsLock() {
        if (region.makes(AgentMistake.NEVER_LOCKS)) {
            return true;
        }
        if (!region.databaseUp() || clock.is(plan.lockRefused)) {
            locked = false;
            return false;
        }
        if (locked) {
            return true;
        }
        if (clock.is(plan.lingering) && !impatient) {
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
            if (!groupAsked && !clock.is(plan.groupStays)) {
                groupAsked = true;
                clock.log("leader's instance %d asks its group for zero", number);
                clock.at(clock.now() + MINUTE, region::emptyGroup);
            }
            return;
        }
        boolean beat = region.databaseUp();
        if (beat) {
            region.committed();
        }
        long minute = clock.now() / MINUTE;
        if (minute == reportedMinute && fencedTerm == reportedTerm && beat == reportedBeat) {
            return;
        }
        // Tried once in a minute, whether it arrives or not, and not in that of a start.
        boolean counted = beat && minute != triedMinute && minute != startedMinute;
        triedMinute = beat ? minute : triedMinute;
        if (clock.is(plan.leaderCannotReachStandby) || clock.is(plan.metricsLost)) {
            return;
        }
        reportedMinute = minute;
        reportedTerm = fencedTerm;
        reportedBeat = beat;
        told = true;
        region.reported(number, beat, counted, fencedTerm);
    }

    /** Two minutes are enough for an agent that lives and reads. */
    boolean mayNotKnow() {
        return !reads()
                || dead()
                || (number == 0 && clock.is(plan.stubborn))
                || clock.recently(plan.leaderCannotReachStandby)
                || clock.recently(plan.blind)
                || clock.recently(plan.outside)
                || clock.recently(plan.leaderAgentsDown)
                || clock.recently(plan.agentDead[number])
                || clock.recently(plan.leaderDown);
    }
}
