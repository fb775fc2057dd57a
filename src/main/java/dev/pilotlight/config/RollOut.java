package dev.pilotlight.config;

import dev.pilotlight.config.ConfigurationException.Problem;
import java.util.List;

/**
 * How one deploy replaces instances. EC2 Auto Scaling refuses an instance refresh while an alarm that it names is in
 * ALARM or INSUFFICIENT_DATA, so that what guards against a bad release would keep its repair out as well.
 *
 * @see <a href="https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-rollback.html">Undo changes with
 *     a rollback</a>
 */
public enum RollOut {
    /** The refresh names the roll-out's alarms: refused while one rings, stopped when one begins to. */
    GUARDED,
    /** The refresh of this one deploy names none. The alarms stay, and tell people as always. */
    UNGUARDED;

    /** The context of {@code cdk deploy} that says so. */
    public static final String CONTEXT = "rollout";

    /** The stacks' output that lists, by commas, the names of the alarms of a guarded roll-out. */
    public static final String ALARMS_OUTPUT = "RollOutAlarms";

    private static final String WORD = "unguarded";

    /** The option of {@code cdk deploy} and {@code cdk diff} for the repair that a ringing alarm would refuse. */
    public static final String UNGUARDED_OPTION = "-c " + CONTEXT + "=" + WORD;

    /**
     * What the context says.
     *
     * @param context the value of {@link #CONTEXT}; null: guarded
     * @throws ConfigurationException for any value but {@code unguarded}
     */
    public static RollOut of(Object context) {
        if (context == null) {
            return GUARDED;
        }
        if (context.equals(WORD)) {
            return UNGUARDED;
        }
        throw new ConfigurationException(List.of(new Problem(
                "-c " + CONTEXT,
                "",
                "%s is no way to roll out; write %s, or leave it out for a guarded roll-out"
                        .formatted(Values.quote(String.valueOf(context)), UNGUARDED_OPTION))));
    }
}
