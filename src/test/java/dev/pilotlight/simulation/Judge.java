package dev.pilotlight.simulation;

import dev.pilotlight.recovery.asl.Execution;
import dev.pilotlight.recovery.asl.Execution.Status;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** What must be so of the runs: while they go on, and when they end. */
final class Judge {

    private static final long MINUTE = Plan.MINUTE;
    /** Step Functions ends an execution with more [doc]. */
    private static final int MOST_EVENTS = 25_000;
    /** Ten for the instances that are missing, ten for a metric that does not come, and the looks themselves. */
    private static final long LONGEST_WAIT = 25 * MINUTE;

    /** Three whole minutes without a heartbeat, as CloudWatch shows them, and a few looks. */
    private static final long SILENCE = 7 * MINUTE;

    private static final Set<String> BEFORE_ADMISSION = Set.of(
            "Check the input",
            "Refuse the input",
            "Begin",
            "Only a drill?",
            "Another run?",
            "Alone?",
            "The attempt before",
            "Not yet seen?",
            "Wait for the attempt before",
            "Over?",
            "Refuse to run beside another");

    private final Plan plan;
    private final World world;
    private final Clock clock;
    private final Map<Execution, Integer> events = new HashMap<>();
    private long ableSince = Plan.NEVER;
    private long freeSince = Plan.NEVER;
    private long stuckSince = Plan.NEVER;

    Judge(Plan plan, World world) {
        this.plan = plan;
        this.world = world;
        this.clock = world.clock();
        clock.every(MINUTE, 11, this::watch);
    }

    /** By the name, which a drill does not have. */
    static boolean failsOver(Execution execution) {
        return execution.name().startsWith("failover");
    }

    boolean admitted(Execution execution) {
        return !world.executions().inLedRegion(execution)
                && failsOver(execution)
                && !BEFORE_ADMISSION.contains(execution.state());
    }

    /** How many events Step Functions would have written for one step: of an attempt three, of a state two. */
    void stepped(Execution execution, String state) {
        boolean task = "Task"
                .equals(world.executions().definition(execution).state(state).get("Type"));
        boolean left = !state.equals(execution.state()) || execution.status() != Status.RUNNING;
        int count = events.merge(execution, (task ? 3 : 0) + (left ? 2 : 0), Integer::sum);
        if (count > MOST_EVENTS) {
            world.violated(Invariant.A_HISTORY_IS_SHORT_ENOUGH, execution.name() + " at " + state);
        }
        if (execution.status() == Status.RUNNING && admitted(execution)) {
            for (Execution other : world.executions().all()) {
                if (other != execution && other.status() == Status.RUNNING && admitted(other)) {
                    world.violated(Invariant.ONE_RUN_AT_A_TIME, execution.name() + " and " + other.name());
                }
            }
        }
    }

    /** The longest history of all runs. */
    int events() {
        return events.values().stream().mapToInt(Integer::intValue).max().orElse(0);
    }

    /** Once a minute: what can be done is done. */
    private void watch() {
        Execution run = world.executions().all().stream()
                .filter(execution -> execution.status() == Status.RUNNING && admitted(execution))
                .findFirst()
                .orElse(null);
        checkTheSwitchover(run);
        checkWhoWasTold(run);
        boolean committed = run != null && Boolean.TRUE.equals(run.variables().get("committed"));
        boolean proven = !clock.is(plan.writableLost) && !clock.is(plan.noDatapoints);
        boolean plain = plan.backupAfterPromotionMillis == 0 || plan.afterStatus.equals("backing-up");
        boolean able = committed
                && unhindered()
                && !world.listener().claimStands()
                && world.database().writable()
                && world.group().healthyTargets() > 0
                && (proven || plain);
        ableSince = able ? Math.min(ableSince, clock.now()) : Plan.NEVER;
        if (clock.now() - ableSince > LONGEST_WAIT) {
            world.violated(
                    Invariant.A_REGION_THAT_CAN_SERVE_CLAIMS,
                    "it can since %d s, and is at \"%s\"".formatted(ableSince / 1000, run.state()));
        }
        boolean free = run != null
                && unhindered()
                && !world.met(plan.noDatapoints)
                && "emergency".equals(run.variables().get("mode"))
                && Boolean.TRUE.equals(run.variables().get("acceptDataLoss"))
                && world.listener().signStands()
                && world.database().free();
        freeSince = free ? Math.min(freeSince, clock.now()) : Plan.NEVER;
        if (clock.now() - freeSince > LONGEST_WAIT) {
            world.violated(
                    Invariant.AN_ORDER_IS_NOT_WITHHELD,
                    "RDS would take it since %d s, and it is at \"%s\"".formatted(freeSince / 1000, run.state()));
        }
    }

    /** A planned run whose leader has fallen silent before its sign is none any more. */
    private void checkTheSwitchover(Execution run) {
        boolean planned = run != null
                && "planned".equals(run.variables().get("mode"))
                && Boolean.FALSE.equals(run.variables().get("committed"));
        if (planned
                && world.flawless()
                && !world.listener().signStands()
                && clock.now() - Clock.millis(run.started()) > SILENCE
                && world.leader().silentFor(SILENCE)) {
            world.violated(
                    Invariant.A_SWITCHOVER_ENDS_WITH_ITS_LEADER,
                    "nothing is heard, and it is at \"" + run.state() + "\"");
        }
    }

    /** While the leader is stopped, and the database will not do what it should, people know. */
    private void checkWhoWasTold(Execution run) {
        boolean stuck = run != null
                && world.callsWork()
                && clock.is(plan.stuck)
                && world.listener().signStands()
                && !world.listener().claimStands()
                && Clock.millis(run.started()) < clock.now() - 2 * MINUTE;
        stuckSince = stuck ? Math.min(stuckSince, clock.now()) : Plan.NEVER;
        if (clock.now() - stuckSince > 12 * MINUTE && !world.toldSince(plan.stuck.from(), plan.stuckStatus)) {
            world.violated(
                    Invariant.NOBODY_IS_STOPPED_WITHOUT_A_WORD,
                    "the database is %s since %d s, and nobody was told"
                            .formatted(plan.stuckStatus, stuckSince / 1000));
        }
    }

    /** No call has gone wrong, nobody is in the way, and the standby is as it should be. */
    private boolean unhindered() {
        return world.callsWork()
                && !world.met(plan.foreignClaim)
                && !world.met(plan.stuck)
                && !world.met(plan.suspended);
    }

    /** What must be so at the end of a run. */
    void ended(Execution execution) {
        clock.log(
                "%s %s%s",
                execution.name(), execution.status(), execution.cause() == null ? "" : ": " + execution.cause());
        Map<String, Object> variables = execution.variables();
        if (execution.status() == Status.TIMED_OUT) {
            world.violated(Invariant.EVERY_RUN_ENDS_IN_TIME, execution.name());
        }
        if ((execution.error() != null && execution.error().startsWith("States."))
                || String.valueOf(variables.get("why")).contains("QueryEvaluationError")) {
            world.violated(
                    Invariant.EVERY_EXPRESSION_HAS_A_VALUE,
                    execution.state() + ": " + execution.cause() + " " + variables.get("why"));
        }
        checkInWhoseWay(execution);
        checkRefusal(execution);
        if (world.executions().inLedRegion(execution)
                || !failsOver(execution)
                || "Pilotlight.AnotherRun".equals(execution.error())
                || "Pilotlight.InvalidInput".equals(execution.error())) {
            return;
        }
        if (execution.status() == Status.SUCCEEDED) {
            checkSuccess(execution);
        } else if (execution.status() == Status.FAILED) {
            checkWords(execution);
            checkWhatWasTakenBack(variables);
        }
    }

    private void checkSuccess(Execution execution) {
        Map<String, Object> variables = execution.variables();
        boolean seen = ((Map<?, ?>) variables.get("times")).containsKey("seen");
        boolean unseen = variables.get("findings").toString().contains("could not be seen from outside");
        if (!world.listener().claimStands() || world.database().doneAt() == Plan.NEVER || seen == unseen) {
            world.violated(Invariant.DONE_MEANS_SEEN_AND_REPORTED, "done, but seen " + seen);
        }
        if (seen && !world.users().claimSeen() && !world.users().opened()) {
            world.violated(Invariant.DONE_MEANS_SEEN_AND_REPORTED, "Route 53 does not see the claim yet");
        }
        if (unseen && !world.met(plan.outside) && world.callsWork()) {
            world.violated(Invariant.DONE_MEANS_SEEN_AND_REPORTED, "a false alarm: everybody sees the claim");
        }
        if (world.callsWork() && !world.reported(execution)) {
            world.violated(Invariant.DONE_MEANS_SEEN_AND_REPORTED, "no evidence, or nobody was told");
        }
    }

    /** The last sentence that people read. */
    private void checkWords(Execution execution) {
        String cause = execution.cause();
        boolean sign = world.listener().signStands();
        boolean claim = world.listener().claimStands();
        if ("".equals(execution.variables().get("failedStep"))) {
            world.violated(Invariant.NO_MESSAGE_SAYS_WHAT_IS_NOT_SO, "no step is said to have failed: " + cause);
        }
        if (sign && cause.contains("no sign stands")) {
            world.violated(Invariant.NO_MESSAGE_SAYS_WHAT_IS_NOT_SO, "the sign stands: " + cause);
        }
        if (world.database().promotionOrdered() && cause.contains("nothing was promoted")) {
            world.violated(Invariant.NO_MESSAGE_SAYS_WHAT_IS_NOT_SO, "the promotion was ordered: " + cause);
        }
        if (claim && !cause.contains("claim")) {
            world.violated(Invariant.NO_MESSAGE_SAYS_WHAT_IS_NOT_SO, "the claim stands: " + cause);
        }
        if (claim && cause.contains("claim could not be created")) {
            world.violated(Invariant.NO_MESSAGE_SAYS_WHAT_IS_NOT_SO, "the claim stands: " + cause);
        }
        if (cause.contains("the instances here stay up")
                && world.group().desired() == 0
                && world.callsWork()
                && plan.rehearsal == Plan.NEVER) {
            world.violated(Invariant.NO_MESSAGE_SAYS_WHAT_IS_NOT_SO, "no instance is left: " + cause);
        }
        if (cause.contains("an unknown amount")) {
            world.database().checkUnknownLoss();
        }
        if (world.database().refused(execution)
                && world.callsWork()
                && !world.database().promotionOrdered()
                && !cause.contains("does not permit this operation")) {
            world.violated(Invariant.THE_REFUSAL_IS_TOLD, cause);
        }
        if (sign && !claim && !cause.contains("sign") && !cause.contains("has changed nothing")) {
            world.violated(Invariant.NOBODY_IS_STOPPED_WITHOUT_A_WORD, cause);
        }
    }

    private void checkWhatWasTakenBack(Map<String, Object> variables) {
        if (world.database().marked()
                || world.database().promotionOrdered()
                || world.listener().claimStands()) {
            return;
        }
        // Nothing was promoted, whatever the run believes.
        boolean told = Boolean.TRUE.equals(variables.get("signLeft"));
        if (world.listener().signStands() && (!told || (world.flawless() && settled()))) {
            world.violated(Invariant.WHO_GIVES_UP_BEFORE_THE_PROMOTION_TAKES_BACK_WHAT_HE_DID, "the sign stands");
        }
        // Who ends because the leader has fallen silent leaves the light to the emergency.
        boolean silent = world.leader().silentLately() || world.met(plan.noDatapoints);
        boolean forEmergency = silent && Boolean.TRUE.equals(variables.get("keepLight"));
        if ("planned".equals(variables.get("mode"))
                && world.group().desired() > 0
                && world.callsWork()
                && !forEmergency
                && plan.rehearsal == Plan.NEVER) {
            world.violated(Invariant.WHO_GIVES_UP_BEFORE_THE_PROMOTION_TAKES_BACK_WHAT_HE_DID, "the group is lit");
        }
    }

    /** Who is refused because the attempt before does not exist comes after one that was never started. */
    private void checkRefusal(Execution execution) {
        if (!"Pilotlight.AnotherRun".equals(execution.error())
                || !execution.cause().contains("ExecutionDoesNotExist")
                // It did show at last, and runs.
                || !"".equals(execution.variables().get("before"))
                || world.executions().inLedRegion(execution)) {
            return;
        }
        int number = Integer.parseInt(execution.name().replaceAll(".*-", ""));
        String before = execution.name().replaceAll("[0-9]+$", String.valueOf(number - 1));
        for (Execution other : world.executions().all()) {
            if (other.name().equals(before)
                    && !world.executions().inLedRegion(other)
                    && other.started().isBefore(execution.started())) {
                world.violated(Invariant.NOBODY_IS_REFUSED_WITHOUT_A_REASON, execution.cause());
            }
        }
    }

    /** The database's state says that no promotion is under way. */
    private boolean settled() {
        return !world.met(plan.odd) && !world.met(plan.backup);
    }

    /** Who was refused because others run was refused because of a failover; a drill is never. */
    private void checkInWhoseWay(Execution execution) {
        if (execution.name().startsWith("drill") && "Pilotlight.AnotherRun".equals(execution.error())) {
            world.violated(Invariant.A_DRILL_IS_IN_NOBODYS_WAY, execution.name() + " looked for others");
        }
        Map<String, Object> variables = execution.variables();
        boolean sawOthers = Stream.of("others", "running")
                .anyMatch(name -> variables.get(name) instanceof Number count && count.longValue() > 0);
        boolean anyFailover = world.executions().all().stream()
                .anyMatch(other -> other != execution && !world.executions().inLedRegion(other) && failsOver(other));
        if (sawOthers && !anyFailover) {
            world.violated(Invariant.A_DRILL_IS_IN_NOBODYS_WAY, execution.name() + " was refused by a drill");
        }
    }
}
