package dev.pilotlight.cli.operate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.pilotlight.cli.Failure;
import dev.pilotlight.topology.RegionName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sfn.SfnClient;
import software.amazon.awssdk.services.sfn.model.DescribeExecutionResponse;
import software.amazon.awssdk.services.sfn.model.ExecutionDoesNotExistException;
import software.amazon.awssdk.services.sfn.model.ExecutionStatus;
import software.amazon.awssdk.services.sfn.model.GetExecutionHistoryResponse;
import software.amazon.awssdk.services.sfn.model.HistoryEvent;

/** Reads the history of one execution as it grows. */
final class Follower {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    /** Answers are eventually consistent: an execution may be unknown just after it was started. */
    private static final int UNKNOWN_AT_FIRST = 30;
    /** And its end may be known before the last of its history is. */
    private static final int HISTORY_BEHIND = 30;

    private static final Set<String> ENDS =
            Set.of("ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut", "ExecutionAborted");

    private static final Set<String> EXPIRED = Set.of(
            "ExpiredTokenException",
            "ExpiredToken",
            "UnrecognizedClientException",
            "AccessDeniedException",
            "InvalidClientTokenId",
            "InvalidSignatureException");

    private final SfnClient sfn;
    private final Site site;
    private final RegionName region;
    private final Mode mode;
    private final Map<String, String> comments;
    private final Duration pause;
    private final Consumer<StepEvent> listener;

    private long lastSeen;
    private boolean ended;
    private Phase phase = Phase.LOOK;
    private String state = "";

    Follower(
            SfnClient sfn,
            Site site,
            RegionName region,
            Mode mode,
            Map<String, String> comments,
            Duration pause,
            Consumer<StepEvent> listener) {
        this.sfn = sfn;
        this.site = site;
        this.region = region;
        this.mode = mode;
        this.comments = comments;
        this.pause = pause;
        this.listener = listener;
    }

    Outcome follow(String executionArn) {
        int failures = 0;
        int unknown = 0;
        int behind = 0;
        while (true) {
            try {
                DescribeExecutionResponse execution =
                        sfn.describeExecution(request -> request.executionArn(executionArn));
                newEvents(executionArn).forEach(this::tell);
                failures = 0;
                if (execution.status() != ExecutionStatus.RUNNING && (ended || ++behind > HISTORY_BEHIND)) {
                    return outcome(execution);
                }
            } catch (ExecutionDoesNotExistException e) {
                if (++unknown > UNKNOWN_AT_FIRST) {
                    throw new Failure("%s knows no execution %s: look with `%s`."
                            .formatted(
                                    site.called(region),
                                    executionArn,
                                    site.instructions().pilot("status")));
                }
            } catch (SdkException e) {
                failures++;
                refuseExpired(e, failures);
                listener.accept(new StepEvent(
                        StepEvent.Kind.CANNOT_SEE,
                        site.clock().instant(),
                        phase,
                        state,
                        "%s cannot be asked (%s); the %s goes on, and so does asking"
                                .formatted(site.called(region), Looks.why(e), mode.noun())));
            }
            sleep(failures);
        }
    }

    /** That does not pass by waiting. */
    private void refuseExpired(SdkException e, int failures) {
        if (failures >= 3
                && e instanceof AwsServiceException service
                && service.awsErrorDetails() != null
                && EXPIRED.contains(service.awsErrorDetails().errorCode())) {
            throw new Failure("The credentials suffice no longer to watch (%s), but the %s goes on: %s."
                    .formatted(
                            Looks.why(e),
                            mode.noun(),
                            mode == Mode.DRILL
                                    ? "its mail says how it ended"
                                    : "renew them and run `%s` again, which offers to follow it"
                                            .formatted(site.instructions().pilot(mode.command()))));
        }
    }

    private void sleep(int failures) {
        long millis = Math.min(LONGEST_PAUSE.toMillis(), pause.toMillis() << Math.min(failures, 6));
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure(
                    mode == Mode.DRILL
                            ? "Stopped watching; the drill goes on, and its mail says how it ended."
                            : "Stopped watching; the failover goes on: follow it again with `%s`."
                                    .formatted(site.instructions().pilot(mode.command())));
        }
    }

    /** Read backwards to where we were: a run that waits for hours has thousands of events, and only the end is new. */
    private List<HistoryEvent> newEvents(String executionArn) {
        List<HistoryEvent> events = new ArrayList<>();
        String token = null;
        do {
            String from = token;
            GetExecutionHistoryResponse page = sfn.getExecutionHistory(request -> request.executionArn(executionArn)
                    .reverseOrder(true)
                    .maxResults(lastSeen == 0 ? 1000 : 100)
                    .includeExecutionData(true)
                    .nextToken(from));
            for (HistoryEvent event : page.events()) {
                if (event.id() <= lastSeen) {
                    token = null;
                    break;
                }
                events.add(event);
                token = page.nextToken();
            }
            if (page.events().isEmpty()) {
                token = null;
            }
        } while (token != null);
        Collections.reverse(events);
        if (!events.isEmpty()) {
            HistoryEvent last = events.get(events.size() - 1);
            lastSeen = last.id();
            ended = ENDS.contains(last.typeAsString());
        }
        return events;
    }

    private void tell(HistoryEvent event) {
        if (event.stateEnteredEventDetails() != null
                && event.stateEnteredEventDetails().name() != null) {
            state = event.stateEnteredEventDetails().name();
            // A state younger than this program belongs to the step that it was entered from.
            phase = Phase.of(state).orElse(phase);
            listener.accept(new StepEvent(
                    StepEvent.Kind.ENTERED, event.timestamp(), phase, state, comments.getOrDefault(state, "")));
            return;
        }
        String error = error(event);
        if (error != null) {
            listener.accept(new StepEvent(StepEvent.Kind.CALL_FAILED, event.timestamp(), phase, state, error));
        }
    }

    private static String error(HistoryEvent event) {
        if (event.taskFailedEventDetails() != null) {
            return said(
                    event.taskFailedEventDetails().error(),
                    event.taskFailedEventDetails().cause());
        }
        if (event.taskTimedOutEventDetails() != null) {
            return said(event.taskTimedOutEventDetails().error(), "no answer in time");
        }
        return null;
    }

    private static String said(String error, String cause) {
        String text = cause == null || cause.isBlank() ? String.valueOf(error) : error + ": " + cause;
        text = text.lines().findFirst().orElse("");
        return text.length() > 160 ? text.substring(0, 160) + "…" : text;
    }

    private static Outcome outcome(DescribeExecutionResponse execution) {
        return new Outcome(
                execution.executionArn(),
                execution.statusAsString(),
                execution.startDate(),
                execution.stopDate() == null ? execution.startDate() : execution.stopDate(),
                json(execution.output()),
                cause(execution));
    }

    private static String cause(DescribeExecutionResponse execution) {
        if (execution.status() == ExecutionStatus.SUCCEEDED) {
            return "";
        }
        if (execution.cause() != null && !execution.cause().isBlank()) {
            return execution.cause();
        }
        return "The execution ended as %s%s; what it had done by then stands. Starting the next attempt resumes it."
                .formatted(execution.statusAsString(), execution.error() == null ? "" : " (" + execution.error() + ")");
    }

    private static JsonNode json(String text) {
        try {
            return text == null ? MissingNode.getInstance() : JSON.readTree(text);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }
}
