package dev.pilotlight.recovery;

import java.util.List;
import java.util.Map;

/**
 * The metrics by which agents and runbooks know of each other, all in one namespace with the dimension
 * {@link #WORKLOAD}, at the standard resolution of a minute.
 */
public final class Signals {

    public static final String NAMESPACE = "Pilotlight";
    public static final String WORKLOAD = "Workload";

    /**
     * 1 in every minute in which the database committed a row, from each of the leader's instances, serving or stopped by a
     * sign, into the standby's region.
     */
    public static final String HEARTBEAT = "Heartbeat";
    /**
     * From each of the leader's instances whose agent lives, into the standby's region: the term of the sign on which its
     * workload is stopped, while its agent holds a lock on every table of the database; else 0. The least of a minute
     * counts. Why the lock: an instance whose agent has died serves on and reports nothing, so that the others' reports of
     * themselves alone would prove a fence that is none. After every gap in the lock a 0 is reported before the term.
     */
    public static final String FENCED_TERM = "FencedTerm";
    /**
     * 1 from each of the leader's instances whose database took the heartbeat, into the standby's region: how many there
     * are. It is tried once in a minute of the clock, without a timestamp, and never repeated, not after a failure either: a
     * put that was answered late would count twice. So the sample count of 15 minutes, divided by 15, is the mean number of
     * instances, or a little less; an agent says nothing in the minute in which it starts.
     */
    public static final String INSTANCE = "Instance";
    /** Each minute from each instance into its own region: 1 if the region's database accepts a write, 0 if not. */
    public static final String WRITABLE = "Writable";
    /**
     * Each minute from each instance into its own region: 1 if its agent keeps the workload stopped, by a sign or a claim,
     * and the workload surely is down; else 0. So the minimum of a minute is 1 only if no instance of the region can serve.
     */
    public static final String STOPPED = "Stopped";
    /**
     * 1 in every minute in which the other region took no report of an instance, from that instance into its own region; else
     * nothing. How the leader's region learns that the standby's is lost.
     */
    public static final String UNHEARD = "Unheard";

    /** Each minute in the standby's region: 1 if the name that users know answered, 0 if it did not. */
    public static final String SERVICE_ANSWERS = "ServiceAnswers";
    /** From a rehearsal that was not refused: 1 if its instance became healthy, 0 if not. */
    public static final String REHEARSAL_SUCCEEDED = "RehearsalSucceeded";

    private Signals() {}

    /**
     * A datapoint as the runbooks put it.
     *
     * @param value a JSONata expression
     * @param unit CloudWatch's
     */
    public static Map<String, Object> datum(String workload, String name, String value, String unit) {
        return Machine.map(
                "MetricName",
                name,
                "Dimensions",
                List.of(Machine.map("Name", WORKLOAD, "Value", workload)),
                "Value",
                Machine.is(value),
                "Unit",
                unit);
    }
}
