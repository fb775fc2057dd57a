package dev.pilotlight.simulation;

import dev.pilotlight.recovery.asl.Execution;
import dev.pilotlight.topology.PromotionTag;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The standby's database: a replica, and what becomes of it when it is promoted. */
final class StandbyDatabase {

    private static final long MINUTE = Plan.MINUTE;

    private final World world;
    private final Plan plan;
    private final Clock clock;
    private final Facts facts;
    private final History<Map<String, String>> tags = new History<>(Map.of());
    private long replayedTo;
    private long promotionOrdered = -1;
    private long doneAt = Plan.NEVER;
    private long wroteAt = -Plan.NEVER;
    private long lagKnownAt = -1;
    private final Set<Execution> refused = new HashSet<>();
    private Execution promoter;
    private long heartbeatBeforePromotion = -1;
    private long askedAt = -Plan.NEVER;
    private long heartbeatWhenAsked = -1;

    StandbyDatabase(World world, Plan plan, Facts facts) {
        this.world = world;
        this.plan = plan;
        this.clock = world.clock();
        this.facts = facts;
    }

    /** The promotion ends when it ends, but not while the database is stuck. */
    void settle() {
        long now = clock.now();
        if (promotionOrdered >= 0
                && doneAt == Plan.NEVER
                && now >= promotionOrdered + plan.promotionMillis
                && !clock.is(plan.stuck)) {
            doneAt = now;
            clock.log("the promotion is done");
        }
        if (writable()) {
            wroteAt = now;
        }
    }

    /** When the promotion was done; {@link Plan#NEVER} if it is not. */
    long doneAt() {
        return doneAt;
    }

    boolean writable() {
        return wroteAt(clock.now());
    }

    /** Whether instances could write at a time that has come. */
    boolean wroteAt(long time) {
        return doneAt < Plan.NEVER && time >= doneAt + plan.writableAfterMillis && !clock.was(plan.stuck, time);
    }

    /** Within the last two datapoints. */
    boolean wroteLately() {
        return writable() || wroteAt >= clock.now() - 3 * MINUTE - plan.oldest(Read.METRICS);
    }

    boolean promotionOrdered() {
        return promotionOrdered >= 0;
    }

    /** Up to when the replica has replayed by now: it follows at its lag, while it is a replica and the leader lives. */
    private long replayedTo() {
        long now = clock.now();
        if (promotionOrdered < 0 && world.leader().databaseUp() && !clock.is(plan.standbyCannotReachLeader)) {
            long lag = plan.lagMillis;
            if (plan.lagGrows.holds(now)) {
                lag += (now - plan.lagGrows.from()) / 2;
            }
            replayedTo = Math.max(replayedTo, now - lag);
        }
        return replayedTo;
    }

    /** RDS measures it once a minute [doc]. */
    void measureLag() {
        if (promotionOrdered < 0 && replayedTo() > 0) {
            // The newest commit that was replayed: pg_last_xact_replay_timestamp [doc]. -1 says that replication is not
            // active [doc, of other engines; assumed].
            boolean inactive =
                    plan.lagIsLost && (!world.leader().databaseUp() || clock.is(plan.standbyCannotReachLeader));
            long newest = world.leader().newestCommitUpTo(replayedTo);
            lagKnownAt = inactive || lagKnownAt >= 0 ? lagKnownAt : clock.now();
            world.metrics().put("ReplicaLag", inactive ? -1 : (clock.now() - newest) / 1000.0);
        }
    }

    /** Right after the order a replica is still a replica and still available [doc]. */
    Map<String, Object> describe() {
        settle();
        long asOf = world.copies().asOf(Read.DATABASE);
        Map<String, Object> database = new LinkedHashMap<>();
        String status = status(asOf);
        if (!status.equals(status(clock.now())) || alone(asOf) != alone(clock.now())) {
            world.copies().countStale();
        }
        database.put("DbInstanceStatus", status);
        database.put("EngineVersion", "18.1");
        if (!alone(asOf)) {
            database.put(
                    "ReadReplicaSourceDBInstanceIdentifier",
                    facts.leaderDatabaseArn() + (plan.wrongSource ? "-old" : ""));
            database.put("StatusInfos", List.of(Map.of("StatusType", "read replication", "Status", plan.replication)));
        } else if (plan.emptySource) {
            database.put("ReadReplicaSourceDBInstanceIdentifier", "");
        }
        List<Map<String, Object>> tagList = new ArrayList<>();
        tagList.add(Map.of("Key", "pilotlight:workload", "Value", "x"));
        world.copies().read(Read.TAGS, tags).forEach((key, value) -> tagList.add(Map.of("Key", key, "Value", value)));
        database.put("TagList", tagList);
        return database;
    }

    private boolean ordered(long time) {
        return promotionOrdered >= 0 && time >= promotionOrdered;
    }

    private boolean alone(long time) {
        return ordered(time) && time >= promotionOrdered + plan.promotionMillis * 6 / 10;
    }

    private String status(long time) {
        if (clock.was(plan.stuck, time)) {
            return plan.stuckStatus;
        }
        if (!ordered(time) || (time < promotionOrdered + plan.promotionUnseenMillis && !alone(time))) {
            return replicaStatus(time);
        }
        if (time >= doneAt) {
            // RDS may back up what was just promoted [assumed], and may call it what it likes while it works.
            return time < doneAt + plan.backupAfterPromotionMillis ? plan.afterStatus : operational();
        }
        return alone(time) ? "rebooting" : plan.promotingStatus;
    }

    private String replicaStatus(long time) {
        if (clock.was(plan.backup, time)) {
            return "backing-up";
        }
        return clock.was(plan.odd, time) ? plan.oddStatus : operational();
    }

    /** Somebody looks at the metrics, as they were then. */
    void asked(long asOf) {
        askedAt = clock.now();
        heartbeatWhenAsked = world.leader().heartbeatSeenUpTo(asOf);
    }

    /** Whether RDS would take the order. A backup refuses it [doc], others may [assumed]. */
    boolean free() {
        return promotionOrdered < 0
                && !clock.is(plan.backup)
                && !clock.is(plan.stuck)
                && !(clock.is(plan.odd) && plan.oddRefuses);
    }

    /** Storage that has grown is optimized for hours, in which the database works [doc]. */
    private String operational() {
        return plan.storageHasGrown ? "storage-optimization" : "available";
    }

    /** The point of no return is behind. */
    boolean marked() {
        return PromotionTag.parse(tags.newest().getOrDefault(PromotionTag.KEY, ""))
                .filter(tag -> tag.term() == facts.term())
                .isPresent();
    }

    /** What a run that resumes reads; an empty text if there is none. */
    String promotionTag() {
        return tags.newest().getOrDefault("pilotlight:promotion", "");
    }

    Object tag(Map<String, Object> arguments) {
        world.change();
        Map<String, String> next = new LinkedHashMap<>(tags.newest());
        for (Object tag : (List<?>) arguments.get("Tags")) {
            Map<?, ?> entry = (Map<?, ?>) tag;
            next.put((String) entry.get("Key"), (String) entry.get("Value"));
            clock.log("tag %s", entry.get("Value"));
        }
        tags.put(clock.now(), next);
        checkAcceptance();
        if (promotionOrdered >= 0 && !marked()) {
            world.violated(
                    Invariant.THE_MARK_STANDS_FROM_THE_PROMOTION_ON, "withdrawn after the promotion was ordered");
        }
        return Map.of();
    }

    /** RDS has refused an order of this run. */
    boolean refused(Execution execution) {
        return refused.contains(execution);
    }

    /** What was once measured stays true; a leader that was heard was heard. */
    void checkUnknownLoss() {
        boolean known = lagKnownAt >= 0
                && lagKnownAt < clock.now() - 3 * MINUTE
                && world.leader().heartbeatSeen() >= 0
                && world.leader().heartbeatSeen() < clock.now() - 3 * MINUTE;
        if (known && world.callsWork() && !world.met(plan.noDatapoints)) {
            world.violated(
                    Invariant.A_LOSS_THAT_CAN_BE_KNOWN_IS_KNOWN,
                    "it was measured from %d s on".formatted(lagKnownAt / 1000));
        }
    }

    /** When the mark is set: with an order on its way nothing is left to accept. */
    private void checkAcceptance() {
        Map<String, Object> variables = world.executions().caller().variables();
        Object loss = variables.get("loss");
        if (marked() && "unknown".equals(loss)) {
            checkUnknownLoss();
        }
        boolean onItsWay = Boolean.TRUE.equals(variables.get("earlier"))
                || (variables.get("unanswered") instanceof Number orders && orders.longValue() > 0);
        if (promotionOrdered < 0
                && !onItsWay
                && marked()
                && !Boolean.TRUE.equals(variables.get("acceptDataLoss"))
                && !(loss instanceof Number number && number.longValue() <= facts.rpoMinutes() * 60L)) {
            world.violated(Invariant.A_LOSS_BEYOND_THE_OBJECTIVE_IS_ACCEPTED_BY_A_PERSON, "loss " + loss);
        }
    }

    Object promote(Map<String, Object> arguments) throws Refused {
        if (!free()) {
            if (promotionOrdered < 0) {
                refused.add(world.executions().caller());
            }
            throw new Refused(
                    "Rds.InvalidDbInstanceStateException",
                    alone(clock.now())
                            ? "DB Instance is not a read replica"
                            : "Instance is in a state that does not permit this operation: " + status(clock.now()));
        }
        world.change();
        // Without the parameter RDS keeps backups for one day [doc].
        int retention = ((Number) arguments.getOrDefault("BackupRetentionPeriod", 1)).intValue();
        if (retention != facts.backupRetentionDays()) {
            world.violated(Invariant.BACKUPS_ARE_KEPT_AS_LONG_AS_CONFIGURED, "for " + retention + " days");
        }
        if (plan.wrongSource) {
            world.violated(Invariant.ONLY_THE_LEADERS_REPLICA_IS_PROMOTED, "the replica of another database");
        }
        // Its place is taken by somebody else's rule: unknown to who cannot see it, and no failure [design].
        boolean taken = world.signsPlaceWasTakenSince(
                Clock.millis(world.executions().caller().started()));
        if (!taken && !world.listener().signStands() && !world.listener().claimStands()) {
            world.violated(Invariant.THE_LEADER_IS_TOLD_TO_STOP_BEFORE_THE_PROMOTION, "no sign stands");
        }
        if (!marked()) {
            world.violated(Invariant.EVERY_RUN_CAN_BE_RESUMED, "promoted without the mark of the point of no return");
        }
        replayedTo();
        promotionOrdered = clock.now();
        promoter = world.executions().caller();
        // One that comes between the gate's look and the order is not part of what the gate could know.
        heartbeatBeforePromotion = clock.now() < askedAt + 10_000
                ? heartbeatWhenAsked
                : world.leader().heartbeatSeen();
        clock.log("the promotion begins; replayed to %.1f s", replayedTo / 1000.0);
        checkLoss();
        return Map.of("DbInstance", Map.of("DbInstanceStatus", status(clock.now())));
    }

    /** Compares what was acknowledged and is not in the standby's database with what the runbook says of it. */
    void checkLoss() {
        if (promotionOrdered < 0) {
            return;
        }
        long newest = world.users().acknowledged();
        Object loss = promoter.variables().get("loss");
        boolean proven = Boolean.TRUE.equals(promoter.variables().get("fenced"))
                && loss instanceof Number none
                && none.longValue() == 0;
        if (newest > replayedTo
                && (proven || "planned".equals(promoter.variables().get("mode")))) {
            world.violated(
                    Invariant.NO_ACKNOWLEDGED_WRITE_IS_LOST_AFTER_A_PROVEN_FENCE,
                    "a write of %.1f s is lost, replayed to %.1f s".formatted(newest / 1000.0, replayedTo / 1000.0));
        }
        Map<?, ?> seen = (Map<?, ?>) promoter.variables().getOrDefault("seen", Map.of());
        if (seen.get("replayedTo") instanceof Number reported
                && reported.longValue() - Clock.BEGINNING_MILLIS > replayedTo) {
            world.violated(
                    Invariant.THE_LOSS_IS_AT_MOST_WHAT_WAS_REPORTED,
                    "reported as replayed to %.1f s, replayed to %.1f s"
                            .formatted((reported.longValue() - Clock.BEGINNING_MILLIS) / 1000.0, replayedTo / 1000.0));
        }
        if (loss instanceof Number seconds) {
            // What a leader does that nobody hears from any more cannot be known here; the report gives the time up to
            // which nothing is lost, checked above.
            // It reports at its first look in a minute: until that of the next one it cannot be missed.
            long missed = heartbeatBeforePromotion - heartbeatBeforePromotion % MINUTE + MINUTE + LeaderAgent.INTERVAL;
            long visible = Math.min(newest, missed);
            if (visible - replayedTo > seconds.longValue() * 1000) {
                world.violated(
                        Invariant.THE_LOSS_IS_AT_MOST_WHAT_WAS_REPORTED,
                        "%s s reported, %.1f s of writes lost".formatted(loss, (visible - replayedTo) / 1000.0));
            }
        }
    }
}
