package dev.pilotlight.simulation;

import dev.pilotlight.recovery.asl.Execution;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The standby's Auto Scaling group and the targets behind its load balancer. */
final class StandbyGroup {

    /** An instance is in service when it runs, and healthy when its application does [doc]. */
    private static final long BOOT_TO_HEALTHY_MILLIS = Plan.MINUTE;

    private static final long IDLE_MILLIS = 15 * Plan.MINUTE;

    private final World world;
    private final Plan plan;
    private final Clock clock;
    private final Facts facts;
    /** The group, and when each of its instances is booted. */
    private record Shape(int desired, int least, int most, List<Long> readyAt) {}

    private List<Long> readyAt = List.of();
    private int desired;
    private int least;
    private int most;
    private final History<Shape> shapes;
    private long scaledAt;
    private boolean sleeperEmptiedIt;
    private boolean overrun;
    private final int[] healthyLately = new int[16];
    private int looks;

    StandbyGroup(World world, Plan plan, Facts facts) {
        this.world = world;
        this.plan = plan;
        this.clock = world.clock();
        this.facts = facts;
        this.most = plan.mostInstances;
        this.shapes = new History<>(new Shape(0, 0, most, List.of()));
    }

    int desired() {
        return desired;
    }

    int least() {
        return least;
    }

    boolean sleeperEmptiedIt() {
        return sleeperEmptiedIt;
    }

    int healthyTargets() {
        return healthy(readyAt, clock.now());
    }

    private int healthy(List<Long> instances, long time) {
        int healthy = 0;
        for (long ready : instances) {
            healthy += healthy(ready, time) ? 1 : 0;
        }
        return healthy;
    }

    /** Booted, registered, and an application that needs a database which takes writes has one. */
    private boolean healthy(long ready, long time) {
        return ready <= time
                && !(suspended("AddToLoadBalancer", ready) && suspended("AddToLoadBalancer", time))
                && (plan.startsBesideReplica || world.database().wroteAt(time));
    }

    private boolean suspended(String process, long time) {
        return plan.suspendedProcess.equals(process) && clock.was(plan.suspended, time);
    }

    List<Map<String, Object>> targetHealth() {
        long asOf = world.copies().asOf(Read.TARGETS);
        List<Map<String, Object>> list = new ArrayList<>();
        for (long ready : shapes.at(asOf).readyAt()) {
            list.add(Map.of("TargetHealth", Map.of("State", healthy(ready, asOf) ? "healthy" : "initial")));
        }
        return list;
    }

    /** The agents of all instances report whether they can write, healthy or not [agent]. */
    void report() {
        healthyLately[looks++ % healthyLately.length] = healthyTargets();
        world.database().settle();
        if (clock.is(plan.writableLost)) {
            return;
        }
        for (long ready : readyAt) {
            if (ready <= clock.now()) {
                world.metrics().put("Writable", world.database().writable() ? 1 : 0);
            }
        }
    }

    int mostHealthyLately() {
        int healthy = healthyTargets();
        for (int before : healthyLately) {
            healthy = Math.max(healthy, before);
        }
        return healthy;
    }

    void scale() {
        List<Long> instances = new ArrayList<>(readyAt);
        while (instances.size() > desired) {
            instances.remove(instances.size() - 1);
        }
        // Auto Scaling tries again when there was no capacity [doc].
        while (instances.size() < desired
                && !clock.is(plan.noCapacity)
                && !suspended("Launch", clock.now())
                && (instances.size() + 1) * 2 <= plan.quota) {
            instances.add(clock.now() + plan.bootMillis);
        }
        if (!instances.equals(readyAt)) {
            readyAt = List.copyOf(instances);
            changed();
        }
    }

    private void changed() {
        shapes.put(clock.now(), new Shape(desired, least, most, readyAt));
    }

    /**
     * Target tracking, once a minute: what is idle for a quarter of an hour goes, down to the least capacity, and what
     * users need comes [doc]. Instances that are too few for the load fail their health checks [assumed].
     */
    void track() {
        if (!world.users().sentToStandby()) {
            if (desired > least
                    && clock.now() - scaledAt >= IDLE_MILLIS
                    && readyAt.stream().allMatch(this::idle)) {
                desired--;
                clock.log("target tracking: desired %d", desired);
                // Somebody's deploy has taken the least capacity away while no user came.
                overrun |= least == 0 && clock.now() > plan.deployedTooEarly;
                scale();
                changed();
            }
            return;
        }
        int healthy = healthyTargets();
        if (healthy < plan.load && healthy > 0) {
            overrun = true;
            List<Long> instances = new ArrayList<>(readyAt);
            instances.removeIf(ready -> healthy(ready, clock.now()) && ready.equals(instances.get(0)));
            clock.log("the load is too much for %d instances: one is lost", healthy);
            readyAt = List.copyOf(instances);
            changed();
            scale();
        }
        if (desired < Math.min(most, plan.load)) {
            desired++;
            scale();
            changed();
        }
    }

    private boolean idle(long ready) {
        return ready + IDLE_MILLIS <= clock.now();
    }

    /** It has lost instances to a load that was too much for them. */
    boolean overrun() {
        return overrun;
    }

    /** As many as the leader has had, if they can be had, for ten minutes. */
    void checkSize(int healthy) {
        int possible = (int) Math.min(Math.min(plan.leaderInstances, most), plan.quota / 2);
        if (healthy < possible
                && world.flawless()
                && clock.now() < world.database().doneAt() + 10 * Plan.MINUTE) {
            world.violated(
                    Invariant.A_REGION_LEADS_WITH_AS_MANY_INSTANCES_AS_THE_LAST,
                    "claimed with %d of %d instances".formatted(healthy, possible));
        }
    }

    /** The template's least capacity, and no desired capacity; no rule of the template's is changed [design]. */
    void deployedTooEarly() {
        clock.log("the standby's stack is deployed without the append");
        least = 0;
        changed();
    }

    /**
     * An instance of the standby's region that slept since an earlier term: it finds its database superseded by the leader's
     * old claim, and asks its group for zero, unless its region claims the term after that by now [agent]. Not in the middle
     * of a failover [assumed]: the deploy of the append has replaced such instances.
     */
    void sleeper() {
        boolean running = world.executions().all().stream().anyMatch(each -> each.status() == Execution.Status.RUNNING);
        boolean claims = world.listener().claimStands();
        if (running || (world.database().promotionOrdered() && !claims)) {
            clock.at(clock.now() + 10 * Plan.MINUTE, this::sleeper);
            return;
        }
        clock.log("an instance of an earlier term wakes in the standby's region");
        if (!claims || world.makes(AgentMistake.EMPTIES_A_GROUP_THAT_LEADS_AGAIN)) {
            least = 0;
            desired = 0;
            sleeperEmptiedIt = true;
            scale();
            changed();
        }
    }

    Map<String, Object> describe() {
        Shape shape = world.copies().read(Read.GROUP, shapes);
        List<Object> instances = new ArrayList<>();
        shape.readyAt()
                .forEach(ready -> instances.add(Map.of(
                        "InstanceId",
                        "i-" + ready,
                        "LifecycleState",
                        ready - BOOT_TO_HEALTHY_MILLIS <= clock.now() ? "InService" : "Pending")));
        Map<String, Object> group = new LinkedHashMap<>();
        group.put("DesiredCapacity", (long) shape.desired());
        group.put("MinSize", (long) shape.least());
        group.put("MaxSize", (long) shape.most());
        group.put("Instances", instances);
        group.put("LaunchTemplate", Map.of("LaunchTemplateId", "lt-1", "Version", "1"));
        group.put(
                "SuspendedProcesses",
                clock.is(plan.suspended)
                        ? List.of(Map.of("ProcessName", plan.suspendedProcess, "SuspensionReason", "User suspended"))
                        : List.of());
        return group;
    }

    /** A least or greatest capacity beyond the desired one takes that along, unless it is given as well [doc]. */
    Object update(Map<String, Object> arguments) throws Refused {
        int newLeast = number(arguments, "MinSize", least);
        int newMost = number(arguments, "MaxSize", most);
        int wanted = number(arguments, "DesiredCapacity", Math.min(newMost, Math.max(newLeast, desired)));
        if (newLeast > newMost || wanted < newLeast || wanted > newMost) {
            throw new Refused("AutoScaling.AutoScalingException", "Desired capacity is out of bounds");
        }
        change(newLeast, newMost, wanted);
        return Map.of();
    }

    /** Auto Scaling refuses to go below the least [doc]. */
    Object setDesired(Map<String, Object> arguments) throws Refused {
        int wanted = number(arguments, "DesiredCapacity", desired);
        if (wanted < least || wanted > most) {
            throw new Refused(
                    "AutoScaling.AutoScalingException",
                    "New SetDesiredCapacity value %d is out of bounds".formatted(wanted));
        }
        change(least, most, wanted);
        return Map.of();
    }

    private void change(int newLeast, int newMost, int wanted) {
        world.change();
        int before = desired;
        least = newLeast;
        most = newMost;
        desired = wanted;
        scaledAt = clock.now();
        clock.log("group: least %d, desired %d", least, desired);
        scale();
        changed();
        checkCapacity(before);
    }

    private void checkCapacity(int before) {
        Execution caller = world.executions().caller();
        boolean another = world.executions().all().stream()
                .anyMatch(execution -> execution != caller
                        && !world.executions().inLedRegion(execution)
                        && execution.status() == Execution.Status.RUNNING
                        && execution.variables().get("times") instanceof Map<?, ?> times
                        && times.containsKey("lit"));
        if ((world.listener().claimStands() || another) && (desired < facts.capacity() || desired < before)) {
            world.violated(Invariant.CAPACITY_IS_NOT_TAKEN_FROM_USERS, "desired " + desired + " by " + caller.name());
        }
    }

    private static int number(Map<String, Object> arguments, String name, int otherwise) {
        return ((Number) arguments.getOrDefault(name, otherwise)).intValue();
    }
}
