package dev.pilotlight.cli.operate;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** Looks at things elsewhere, all at once, each bounded: what cannot be seen is an answer too. */
final class Looks {

    /** Above what a single call of {@link dev.pilotlight.cli.aws.Aws#ofTheOperator()} may take: looking up a name knows no limit. */
    static final Duration LIMIT = Duration.ofSeconds(20);

    private static final ExecutorService THREADS = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "look");
        // A look that hangs does not keep the JVM alive.
        thread.setDaemon(true);
        return thread;
    });

    private Looks() {}

    static ExecutorService threads() {
        return THREADS;
    }

    static <T> CompletableFuture<Look<T>> begin(Supplier<T> look) {
        return CompletableFuture.supplyAsync(look, THREADS)
                .orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS)
                .handle((value, failure) -> failure == null ? new Look.Seen<>(value) : unknown(failure));
    }

    static <T> Look<T> unknown(Throwable failure) {
        Throwable cause = failure instanceof java.util.concurrent.CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
        boolean answered = cause instanceof AwsServiceException service && service.statusCode() < 500;
        return new Look.Unknown<>(answered, why(cause));
    }

    /** A few words for people. */
    static String why(Throwable failure) {
        if (failure instanceof TimeoutException) {
            return "no answer within %d s".formatted(LIMIT.toSeconds());
        }
        if (failure instanceof AwsServiceException service && service.awsErrorDetails() != null) {
            String code = service.awsErrorDetails().errorCode();
            String message = service.awsErrorDetails().errorMessage();
            return firstLine(message == null || message.isBlank() ? code : code + ": " + message);
        }
        if (failure instanceof software.amazon.awssdk.core.exception.ApiCallTimeoutException
                || failure instanceof software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException) {
            return "no answer in time";
        }
        if (failure instanceof SdkException && failure.getCause() != null) {
            return failure.getCause().getClass().getSimpleName().replaceFirst("Exception$", "") + ": "
                    + firstLine(failure.getCause().getMessage());
        }
        return firstLine(failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage());
    }

    private static String firstLine(String text) {
        String line =
                text == null ? "no reason given" : text.lines().findFirst().orElse("no reason given");
        line = line.replaceAll(" \\(SDK Attempt Count: \\d+\\)", "").replaceAll("[.\\s]+$", "");
        return line.length() > 160 ? line.substring(0, 160) + "…" : line;
    }
}
