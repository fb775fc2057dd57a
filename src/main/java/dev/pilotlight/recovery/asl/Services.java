package dev.pilotlight.recovery.asl;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/** Who answers a state machine's calls. */
@FunctionalInterface
public interface Services {

    /**
     * One call of an SDK integration, or of an HTTP task: {@code http} and {@code invoke}, with the arguments
     * {@code ApiEndpoint}, {@code Method} and {@code Authentication}. An answer outside of 2xx is the error
     * {@code States.Http.StatusCode.404}; no answer at all {@code States.Http.Socket} or another.
     *
     * @param at the time of the call
     * @param service as in the resource's ARN, such as {@code rds}
     * @param action as in the resource's ARN, such as {@code promoteReadReplica}
     * @param timeout after which the state machine waits no longer
     */
    Reply call(Instant at, String service, String action, Map<String, Object> arguments, Duration timeout);

    /**
     * An answer, or an error.
     *
     * @param result null if it is an error
     * @param error such as {@code Rds.DbInstanceNotFoundException}, or {@code States.Timeout}; null if it is an answer
     * @param took from the call to the answer
     */
    record Reply(Object result, String error, String cause, Duration took) {

        public static Reply of(Object result, Duration took) {
            return new Reply(result, null, null, took);
        }

        public static Reply failed(String error, String cause, Duration took) {
            return new Reply(null, error, cause, took);
        }

        public static Reply timeout(Duration timeout) {
            return new Reply(null, "States.Timeout", "no answer within " + timeout, timeout);
        }
    }
}
