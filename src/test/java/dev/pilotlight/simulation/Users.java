package dev.pilotlight.simulation;

/** Users, and the DNS that sends them to a region. */
final class Users {

    static final long INTERVAL = 5_000;
    private static final long DNS_TTL = 60_000;

    private final World world;
    private final Plan plan;
    private final Clock clock;
    private int checksInARow;
    private boolean claimSeen;
    private long moved = Plan.NEVER;
    private long acknowledged = -1;

    Users(World world, Plan plan) {
        this.world = world;
        this.plan = plan;
        this.clock = world.clock();
    }

    /** The newest commit of the leader's that users were told is safe; -1 if there is none. */
    long acknowledged() {
        return acknowledged;
    }

    boolean claimSeen() {
        return claimSeen;
    }

    /** Everybody can read it again: Route 53, which needs three checks, may be behind the runbook's own look. */
    boolean opened() {
        return !clock.is(plan.outside) && clock.recently(plan.outside);
    }

    /** Failover records: the leader's unless the claim is seen; with no healthy target anywhere PRIMARY [doc]. */
    boolean sentToStandby() {
        return claimSeen && world.group().healthyTargets() > 0;
    }

    void ask() {
        ask(false);
        ask(true);
        // Sampled: after the claim was seen, users find a region that serves, unless what it needs went away.
        if (claimSeen && world.group().healthyTargets() == 0 && !world.group().overrun() && !clock.is(plan.stuck)) {
            world.violated(
                    Invariant.CAPACITY_IS_NOT_TAKEN_FROM_USERS, "the claiming region has no healthy target left");
        }
    }

    /** Some ask DNS again at once, others when the record's time to live is over [doc]. */
    private void ask(boolean cached) {
        long now = clock.now();
        if (sentToStandby() && (!cached || now >= moved + DNS_TTL)) {
            if (!world.database().writable() && !clock.is(plan.stuck)) {
                world.violated(
                        Invariant.USERS_ARE_SENT_ONLY_WHERE_THEY_CAN_WRITE,
                        "users are sent to the standby, whose database accepts no writes");
            }
            return;
        }
        Leader leader = world.leader();
        LeaderAgent instance = leader.agents().get(world.random().nextInt(Leader.INSTANCES));
        if (!leader.up() || !leader.databaseUp() || !instance.serving() || leader.databaseLocked()) {
            return;
        }
        leader.committed();
        if (beyondTheFence(instance)) {
            return;
        }
        acknowledged = now;
        long claimedAt = world.listener().claimedAt();
        if (claimedAt < Plan.NEVER && now > claimedAt + 2 * Plan.MINUTE && !instance.mayNotKnow()) {
            world.violated(Invariant.A_WOKEN_LEADER_STOPS, "it acknowledges writes though the other region claims");
        }
        world.database().checkLoss();
    }

    /**
     * The fence's one gap: an instance whose agent is dead or blind, when the last lock of the living is gone as well. Its
     * database restarted, or they died, after the promotion was ordered. See docs/decisions/18-agent.md.
     */
    private boolean beyondTheFence(LeaderAgent instance) {
        boolean wasLocked = false;
        for (LeaderAgent agent : world.leader().agents()) {
            wasLocked |= agent.hasLocked();
        }
        return wasLocked && world.database().promotionOrdered() && instance.unaware();
    }

    /** Route 53: three checks in a row; then the answer changes [doc]. */
    void checkClaim() {
        boolean passes = world.listener().claimStands() && !clock.is(plan.outside);
        checksInARow = passes == claimSeen ? 0 : checksInARow + 1;
        if (checksInARow >= 3) {
            checksInARow = 0;
            claimSeen = passes;
            moved = clock.now();
            clock.log("Route 53 sees the claim%s", claimSeen ? "" : " no more");
        }
    }
}
