package dev.pilotlight.simulation;

import dev.pilotlight.recovery.asl.Execution;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The standby's Auto Scaling group and the targets behind its load balancer. */
final class StandbyGroup {

    private final World world;
    private final Plan plan;
    private final Clock clock;
    private final Facts facts;
    private final List<Long> instancesReadyAt = new ArrayList<>();
    private int desired;
    private int least;
    private int most = 4;
    private boolean sleeperEmptiedIt;

    StandbyGroup(World world, Plan plan, Facts facts) {
        this.world = world;
        this.plan = plan;
        this.clock = world.clock();
        this.facts = facts;
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
        int healthy = 0;
        for (long ready : instancesReadyAt) {
            healthy += ready <= clock.now() ? 1 : 0;
        }
        return healthy;
    }

    List<Map<String, Object>> targetHealth() {
        List<Map<String, Object>> list = new ArrayList<>();
        for (long ready : instancesReadyAt) {
            list.add(Map.of("TargetHealth", Map.of("State", ready <= clock.now() ? "healthy" : "initial")));
        }
        return list;
    }

    /** The instances' agents report whether they can write [agent]. */
    void report() {
        for (int instance = 0; instance < healthyTargets(); instance++) {
            world.metrics().put("Writable", world.database().writable() ? 1 : 0);
        }
    }

    void scale() {
        while (instancesReadyAt.size() > desired) {
            instancesReadyAt.remove(instancesReadyAt.size() - 1);
        }
        // Auto Scaling tries again when there was no capacity [doc].
        while (instancesReadyAt.size() < desired && !clock.is(plan.noCapacity)) {
            instancesReadyAt.add(clock.now() + plan.bootMillis);
        }
    }

    /** The template's least capacity, and no desired capacity; no rule of the template's is changed [design]. */
    void deployedTooEarly() {
        clock.log("the standby's stack is deployed without the append");
        least = 0;
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
        }
    }

    Map<String, Object> describe() {
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

    Object update(Map<String, Object> arguments) throws Refused {
        world.change();
        least = number(arguments, "MinSize", least);
        most = number(arguments, "MaxSize", most);
        desired = number(arguments, "DesiredCapacity", desired);
        if (desired < least || desired > most) {
            throw new Refused("AutoScaling.AutoScalingException", "Desired capacity is out of bounds");
        }
        clock.log("group: least %d, desired %d", least, desired);
        scale();
        checkCapacity();
        return Map.of();
    }

    /** Auto Scaling refuses to go below the least [doc]. */
    Object setDesired(Map<String, Object> arguments) throws Refused {
        world.change();
        int wanted = number(arguments, "DesiredCapacity", desired);
        if (wanted < least || wanted > most) {
            throw new Refused(
                    "AutoScaling.AutoScalingException",
                    "New SetDesiredCapacity value %d is out of bounds".formatted(wanted));
        }
        desired = wanted;
        clock.log("group: desired %d", desired);
        scale();
        checkCapacity();
        return Map.of();
    }

    private void checkCapacity() {
        Execution caller = world.executions().caller();
        boolean another = world.executions().all().stream()
                .anyMatch(execution -> execution != caller
                        && !world.executions().inLedRegion(execution)
                        && execution.status() == Execution.Status.RUNNING
                        && execution.variables().get("times") instanceof Map<?, ?> times
                        && times.containsKey("lit"));
        if ((world.listener().claimStands() || another) && desired < facts.capacity()) {
            world.violated(Invariant.CAPACITY_IS_NOT_TAKEN_FROM_USERS, "desired " + desired + " by " + caller.name());
        }
    }

    private static int number(Map<String, Object> arguments, String name, int otherwise) {
        return ((Number) arguments.getOrDefault(name, otherwise)).intValue();
    }
}
