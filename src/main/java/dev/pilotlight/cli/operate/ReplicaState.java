package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.operate.Assessment.Finding;
import dev.pilotlight.recovery.failover.DatabaseStates;

/** What RDS's state of the standby's replica means for a failover: the runbook's own rules. */
enum ReplicaState {
    /** Nothing delays a promotion. */
    FREE,
    /** An emergency waits for its end, and a planned switchover does not begin. */
    BACKING_UP,
    /** The database does not leave it by itself, and is not promoted. */
    STUCK,
    /** An emergency promotes it; a planned switchover does not begin. */
    CHANGING;

    static ReplicaState of(String status) {
        if (status.equals(DatabaseStates.BACKING_UP)) {
            return BACKING_UP;
        }
        if (DatabaseStates.isStuck(status)) {
            return STUCK;
        }
        return DatabaseStates.OPERATIONAL.contains(status) ? FREE : CHANGING;
    }

    /** @param leaders number of the leader's database */
    Finding finding(String id, String name, int leaders, String status) {
        return switch (this) {
            case FREE ->
                DatabaseFindings.ok(
                        id, "Replica", "%s replicates the leader's db-%d and is %s".formatted(name, leaders, status));
            case BACKING_UP ->
                DatabaseFindings.attention(
                        id,
                        "Replica",
                        "%s is %s, which delays a promotion".formatted(name, status),
                        "wait for its end, which takes minutes; an emergency waits by itself");
            case STUCK ->
                DatabaseFindings.attention(
                        id,
                        "Replica",
                        "%s is %s, which it does not leave by itself: it cannot be promoted".formatted(name, status),
                        "mend it: docs/runbooks/failover.md names the states");
            case CHANGING ->
                DatabaseFindings.attention(
                        id,
                        "Replica",
                        "%s is %s: a planned switchover does not begin meanwhile, and an emergency promotes it all the same"
                                .formatted(name, status),
                        "wait for it, if it is to be a planned switchover");
        };
    }
}
