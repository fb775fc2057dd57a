package dev.pilotlight.simulation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.recovery.asl.Definition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The two signals in the standby's region, the alarm that they make, and the runbook that it starts. Both signals are of
 * this region: if it is the one that is cut off, they say what a lost leader would make them say.
 */
final class AutomaticStart {

    /** Minutes that breach before an alarm goes off [design]. */
    private static final int MINUTES = 3;

    /** A signal stands for as long after its cause, and the witnesses answer at once [assumed]. */
    private static final long AFTER_A_CUT = 5 * Plan.MINUTE;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final World world;
    private final Plan plan;
    private final Clock clock;
    private final Facts facts;
    private final Definition starter;
    private final Definition failover;
    private final Signal heartbeats = new Signal();
    private final Signal answers = new Signal();
    private final History<List<Boolean>> signals = new History<>(List.of(false, false));
    /** Minutes that the leader has served without a break, whoever could see it. */
    private int served;

    private boolean lost;
    private int starts;

    AutomaticStart(World world, Plan plan, Facts facts, Definition starter, Definition failover) {
        this.world = world;
        this.plan = plan;
        this.clock = world.clock();
        this.facts = facts;
        this.starter = starter;
        this.failover = failover;
        clock.every(Plan.MINUTE, 13, this::evaluate);
    }

    private void evaluate() {
        // A leader that nobody has heard of yet is none that is lost.
        heartbeats.judge(world.leader().silentFor(Plan.MINUTE + LeaderAgent.INTERVAL));
        boolean serves = world.leader().up() && world.leader().serves();
        served = serves ? served + 1 : 0;
        answers.judge(clock.is(plan.isolated) || !(world.users().sentToStandby() || serves));
        signals.put(clock.now(), List.of(heartbeats.stands(), answers.stands()));
        boolean before = lost;
        lost = heartbeats.stands() && answers.stands();
        if (lost && !before && plan.automatic) {
            starts++;
            clock.log("the alarm starts the starter");
            world.executions()
                    .start(starter, facts.failoverArn().replace("failover", "starter"), "starter-" + starts, Map.of());
        }
    }

    /** {@code cloudwatch:describeAlarms}, in the order in which they are asked for: heartbeats, then the probe. */
    Map<String, Object> alarms(Map<String, Object> arguments) {
        List<Object> alarms = new ArrayList<>();
        List<Boolean> standing = world.copies().read(Read.ALARMS, signals);
        List<?> names = (List<?>) arguments.get("AlarmNames");
        for (int index = 0; index < names.size(); index++) {
            alarms.add(Map.of("AlarmName", names.get(index), "StateValue", standing.get(index) ? "ALARM" : "OK"));
        }
        return Map.of("MetricAlarms", alarms);
    }

    /** {@code sfn:startExecution} of the failover: a name is taken once [doc]. */
    Map<String, Object> startFailover(Map<String, Object> arguments) throws Refused {
        String name = (String) arguments.get("Name");
        boolean taken = world.executions().all().stream()
                .anyMatch(execution -> !world.executions().inLedRegion(execution)
                        && execution.name().equals(name));
        if (taken) {
            throw new Refused("Sfn.ExecutionAlreadyExistsException", "Execution Already Exists: '" + name + "'");
        }
        boolean justHealed = clock.now() >= plan.isolated.to() && clock.now() < plan.isolated.to() + AFTER_A_CUT;
        if ((clock.is(plan.isolated) && world.leader().up()) || (justHealed && served > MINUTES)) {
            world.violated(Invariant.A_STANDBY_THAT_IS_CUT_OFF_IS_NOT_PROMOTED_BY_ITSELF, name);
        }
        clock.log("start %s by the alarm", name);
        world.executions().start(failover, facts.failoverArn(), name, parsed((String) arguments.get("Input")));
        return Map.of("ExecutionArn", facts.failoverArn().replace(":stateMachine:", ":execution:") + ":" + name);
    }

    /** An alarm: CloudWatch judges whole minutes, so that it stands for up to two after its cause has gone. */
    private static final class Signal {
        private int breaching;
        private boolean stood;

        void judge(boolean breaches) {
            stood = breaching >= MINUTES;
            breaching = breaches ? breaching + 1 : 0;
        }

        boolean stands() {
            return breaching >= MINUTES || stood;
        }
    }

    private static Object parsed(String json) {
        try {
            return JSON.readValue(json, new TypeReference<Map<String, Object>>() {});
        } catch (JsonProcessingException e) {
            throw new AssertionError(json, e);
        }
    }

    static String text(Object input) {
        try {
            return JSON.writeValueAsString(input);
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }
}
