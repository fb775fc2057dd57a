package dev.pilotlight.recovery.failover;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What RDS's states of a database mean for its promotion [doc: accessing-monitoring, USER_ReadRepl]. */
public final class DatabaseStates {

    /** The only state that is documented to refuse a promotion. */
    public static final String BACKING_UP = "backing-up";

    /**
     * States in which a database takes connections and nothing delays a promotion, of those that are known: what a planned
     * switchover asks for. An emergency asks for none of them.
     */
    public static final List<String> OPERATIONAL = List.of(
            "available",
            "storage-optimization",
            "storage-initialization",
            "configuring-enhanced-monitoring",
            "configuring-log-exports",
            "configuring-iam-database-auth");

    /** States that a database does not leave by itself, but for a full disk that autoscaling may mend [doc]. */
    private static final Pattern STUCK = Pattern.compile(
            "^(storage-full|failed|restore-error|deleting|inaccessible-encryption-credentials(-recoverable)?|incompatible-.*)$");

    private DatabaseStates() {}

    public static boolean isStuck(String status) {
        return STUCK.matcher(status).matches();
    }

    /** {@link #OPERATIONAL} as a list of JSONata. */
    static String operationalExpression() {
        return OPERATIONAL.stream().collect(Collectors.joining("', '", "['", "']"));
    }

    /** What {@link #isStuck} matches, as a regular expression of JSONata. */
    static String stuckExpression() {
        return "/" + STUCK.pattern() + "/";
    }
}
