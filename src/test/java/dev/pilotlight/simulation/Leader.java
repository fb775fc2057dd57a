package dev.pilotlight.simulation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The leader's region: its database, and its instances with their agents. */
final class Leader implements LeaderAgent.Surroundings {

    static final int INSTANCES = 2;

    private final World world;
    private final Plan plan;
    private final Clock clock;
    private final List<LeaderAgent> agents = new ArrayList<>();
    /** Commit times of its database, agents' rows and users' writes alike. */
    private final Times commits = new Times();
    /** When the standby's region took one. */
    private final Times heartbeats = new Times();

    private boolean groupEmptied;
    private long heartbeatSeen = -1;
    private long silenceEnded = -Plan.NEVER;

    Leader(World world, Plan plan, Facts facts) {
        this.world = world;
        this.plan = plan;
        this.clock = world.clock();
        for (int number = 0; number < INSTANCES; number++) {
            agents.add(new LeaderAgent(number, this, clock, plan, facts));
        }
    }

    List<LeaderAgent> agents() {
        return agents;
    }

    @Override
    public boolean up() {
        // What is lost for good does not heal.
        return !plan.leaderDown.holds(clock.now());
    }

    @Override
    public boolean databaseUp() {
        return up() && !clock.is(plan.leaderDatabaseDown);
    }

    /** Any instance answers users. */
    boolean serves() {
        return agents.stream().anyMatch(LeaderAgent::serving);
    }

    /** SHARE locks of every table: nobody writes, whichever instance he is on [doc]. */
    boolean databaseLocked() {
        for (LeaderAgent agent : agents) {
            if (agent.locked()) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean groupEmptied() {
        return groupEmptied;
    }

    @Override
    public void emptyGroup() {
        groupEmptied = true;
        agents.forEach(LeaderAgent::stop);
    }

    @Override
    public boolean claimStands() {
        return world.listener().claimStands();
    }

    @Override
    public boolean signStands() {
        return world.listener().signStands();
    }

    @Override
    public boolean makes(AgentMistake mistake) {
        return world.makes(mistake);
    }

    @Override
    public void violated(Invariant invariant, String detail) {
        world.violated(invariant, detail);
    }

    @Override
    public void committed() {
        commits.add(clock.now());
    }

    /** 0 if there is none. */
    long newestCommitUpTo(long time) {
        return commits.newestUpTo(time);
    }

    @Override
    public void reported(int number, boolean beat, boolean counted, int fencedTerm) {
        world.metrics().put("FencedTerm", fencedTerm);
        if (!beat) {
            return;
        }
        world.metrics().put("Heartbeat", 1);
        if (counted) {
            countInstance(number);
        }
        if (silent()) {
            silenceEnded = clock.now();
        }
        heartbeatSeen = clock.now();
        heartbeats.add(clock.now());
    }

    /** The first of them stands for those that nothing is said of. */
    private void countInstance(int number) {
        for (int counted = number; counted < (number == 0 ? plan.leaderInstances - 1 : 2); counted++) {
            world.metrics().put("Instance", 1);
        }
    }

    /** Nothing was heard of it for minutes, or until minutes ago. */
    boolean silentLately() {
        return silent() || clock.now() < silenceEnded + 5 * Plan.MINUTE;
    }

    private boolean silent() {
        return silentFor(150_000);
    }

    /** The standby's region has not heard of it for so long. */
    boolean silentFor(long millis) {
        return clock.now() > heartbeatSeen + millis;
    }

    /** The newest heartbeat that the standby's region took; -1 if there is none. */
    long heartbeatSeen() {
        return heartbeatSeen;
    }

    /** The newest that was there at that time; -1 if there was none. */
    long heartbeatSeenUpTo(long time) {
        long newest = heartbeats.newestUpTo(time);
        return newest == 0 ? -1 : newest;
    }

    /** What happens to its instances at times that are known before. */
    void schedule() {
        // A restart of the database ends its sessions, and with them their locks [doc].
        for (Plan.Span down : new Plan.Span[] {plan.leaderDown, plan.leaderDatabaseDown}) {
            if (down.from() < Plan.NEVER) {
                clock.at(down.from(), () -> agents.forEach(LeaderAgent::loseLock));
            }
        }
        for (LeaderAgent agent : agents) {
            if (plan.agentDead[agent.number()].from() < Plan.NEVER) {
                clock.at(plan.agentDead[agent.number()].from(), agent::restart);
            }
            if (plan.agentRestarts < Plan.NEVER) {
                clock.at(plan.agentRestarts, agent::restart);
            }
        }
    }

    /** At the end, when nothing new has happened for minutes. */
    void checkThatItStopped() {
        for (LeaderAgent agent : agents) {
            if (world.listener().claimedAt() < clock.now() - 4 * Plan.MINUTE
                    && up()
                    && !groupEmptied
                    && !clock.is(plan.groupStays)
                    && !agent.dead()
                    && !agent.mayNotKnow()
                    && !clock.recently(plan.groupStays)) {
                world.violated(Invariant.A_WOKEN_LEADER_STOPS, "nobody has asked its group for zero");
            }
        }
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

        long newestUpTo(long time) {
            int found = Arrays.binarySearch(times, 0, count, time);
            int index = found >= 0 ? found : -found - 2;
            return index < 0 ? 0 : times[index];
        }
    }
}
