package dev.pilotlight.cli.local;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.cli.Failure;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The emulator's own API, which AWS has not: the pace of its time, regions that are lost, and executions of state
 * machines, which it keeps and does not run.
 */
public final class EmulatorControl {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** It answers in milliseconds, but not on a machine that has other things to do. One that has ended refuses at once. */
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private final String endpoint;
    private final HttpClient http = HttpClient.newBuilder()
            .proxy(HttpClient.Builder.NO_PROXY)
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(LIMIT)
            .build();
    private final AtomicReference<Pace> pace = new AtomicReference<>(new Pace(0, 1, 0, 0, null, 0, 0, 0));
    private final AtomicLong newestMillis = new AtomicLong(Long.MIN_VALUE);

    /** @param endpoint such as {@code http://127.0.0.1:4566} */
    public EmulatorControl(String endpoint) {
        this.endpoint = endpoint;
    }

    /**
     * How the emulator's time goes: {@code virtual = virtualOrigin + (real - realOrigin) * speed}, and not beyond {@code
     * untilMillis}.
     *
     * @param version grows with every change
     * @param untilMillis null if nothing bounds it
     * @param promotionSeconds virtual seconds that a promotion takes
     * @param promotionUnseenSeconds of these, how long the replica still looks as before
     * @param launchSeconds virtual seconds from the launch of an instance to a healthy target
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Pace(
            long version,
            double speed,
            double realOriginMillis,
            double virtualOriginMillis,
            Double untilMillis,
            double promotionSeconds,
            double promotionUnseenSeconds,
            double launchSeconds) {

        Instant virtual(long realMillis) {
            double virtual = virtualOriginMillis + (realMillis - realOriginMillis) * speed;
            return Instant.ofEpochMilli((long) (untilMillis == null ? virtual : Math.min(virtual, untilMillis)));
        }
    }

    /** How a region answers. */
    public enum RegionState {
        UP,
        /** Connections are closed, or answered with 503. */
        REFUSES,
        /** Nothing is answered. */
        HANGS,
        /** It goes on inside, reaches nobody, and is reached by nobody. */
        ISOLATED
    }

    /** An execution that nobody has ended, of a region that is up. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record RunningExecution(
            String executionArn,
            String stateMachineArn,
            String region,
            String name,
            String input,
            String definition,
            String type,
            double startedMillis) {}

    public Pace pace() {
        return remember(get("/pilotlight/pace", new TypeReference<>() {}));
    }

    /** The pace as it was read or set last, without asking. */
    public Pace knownPace() {
        Pace known = pace.get();
        return known.realOriginMillis() == 0 ? pace() : known;
    }

    /** Changes the speed; virtual time goes on without a jump. */
    public Pace speed(double speed) {
        return pace(Map.of("speed", speed));
    }

    /** @param changes of the members of {@link Pace} that can be set: speed and the durations */
    public Pace pace(Map<String, ? extends Number> changes) {
        return remember(read(send("PUT", "/pilotlight/pace", changes), new TypeReference<>() {}));
    }

    /** Answers overtake each other. */
    private Pace remember(Pace answered) {
        return pace.accumulateAndGet(answered, (known, other) -> other.version() >= known.version() ? other : known);
    }

    /**
     * Lets virtual time go on until a moment and then stand still; a later bound lets it go on from there.
     *
     * @param until null for no bound
     */
    public void bound(Instant until) {
        Map<String, Long> bound = new HashMap<>();
        bound.put("untilMillis", until == null ? null : until.toEpochMilli());
        pace(bound);
    }

    /** Virtual time, by the pace that was read or set last. Reads it if none was. It never goes back. */
    public InstantSource clock() {
        return () -> Instant.ofEpochMilli(newestMillis.accumulateAndGet(
                knownPace().virtual(System.currentTimeMillis()).toEpochMilli(), Math::max));
    }

    /** Where the emulator answers, such as {@code http://127.0.0.1:4566}. */
    public String endpoint() {
        return endpoint;
    }

    /** Those that were ever lost; all others are up. */
    public Map<String, RegionState> regions() {
        Map<String, String> states = get("/pilotlight/regions", new TypeReference<>() {});
        Map<String, RegionState> regions = new LinkedHashMap<>();
        states.forEach((region, state) -> regions.put(region, RegionState.valueOf(state.toUpperCase(Locale.ROOT))));
        return regions;
    }

    /** How many requests for a region have come since it was lost last. */
    public int asked(String region) {
        Map<String, Object> answer = get("/pilotlight/regions/" + region, new TypeReference<>() {});
        return ((Number) answer.get("asked")).intValue();
    }

    /** Loses a region, or brings it back. */
    public void region(String region, RegionState state) {
        send(
                "PUT",
                "/pilotlight/regions/" + region,
                Map.of("state", state.name().toLowerCase(Locale.ROOT)));
    }

    /**
     * A database, as the emulator plays it.
     *
     * @param region AWS's name of it
     * @param replicates false for a replica whose replication is broken
     */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record PlayedDatabase(String region, String identifier, String status, boolean replicates) {}

    public List<PlayedDatabase> databases() {
        return get("/pilotlight/databases", new TypeReference<>() {});
    }

    /**
     * Plays what happens to a database by itself at AWS.
     *
     * @param region AWS's name of it
     * @param changes of local/README.md: {@code status}, {@code forSeconds}, {@code replicates} and others
     */
    public void database(String region, String identifier, Map<String, ?> changes) {
        send("PUT", "/pilotlight/databases/%s/%s".formatted(region, identifier), changes);
    }

    public List<RunningExecution> executions() {
        return get("/pilotlight/executions", new TypeReference<>() {});
    }

    /**
     * Adds to an execution's history.
     *
     * @param events as GetExecutionHistory shows them, each with {@code millis} for its time
     * @return false if it is over
     * @throws Failure if that cannot be done now, because its region is lost
     */
    public boolean addEvents(String executionArn, List<Map<String, Object>> events) {
        return stillRunning(exchange(
                "POST", "/pilotlight/executions/events", Map.of("executionArn", executionArn, "events", events)));
    }

    /**
     * Ends an execution.
     *
     * @param end status, and output or error and cause, and millis
     * @return false if it was over already
     * @throws Failure if that cannot be done now, because its region is lost
     */
    public boolean end(String executionArn, Map<String, Object> end) {
        Map<String, Object> body = new LinkedHashMap<>(end);
        body.put("executionArn", executionArn);
        return stillRunning(exchange("POST", "/pilotlight/executions/end", body));
    }

    private static boolean stillRunning(HttpResponse<String> response) {
        if (response.statusCode() == 409 || response.statusCode() == 404) {
            return false;
        }
        refuse(response);
        return true;
    }

    private <T> T get(String path, TypeReference<T> type) {
        return read(send("GET", path, null), type);
    }

    private String send(String method, String path, Object body) {
        HttpResponse<String> response = exchange(method, path, body);
        refuse(response);
        return response.body();
    }

    private static void refuse(HttpResponse<String> response) {
        if (response.statusCode() >= 300) {
            throw new Failure("The emulator answers %d to %s: %s"
                    .formatted(response.statusCode(), response.uri().getPath(), response.body()));
        }
    }

    private HttpResponse<String> exchange(String method, String path, Object body) {
        try {
            HttpRequest.BodyPublisher content = body == null
                    ? HttpRequest.BodyPublishers.noBody()
                    : HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body));
            return http.send(
                    HttpRequest.newBuilder(URI.create(endpoint + path))
                            .method(method, content)
                            .header("Content-Type", "application/json")
                            .timeout(LIMIT)
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("Interrupted");
        } catch (IOException e) {
            throw new Failure("The emulator at %s does not answer (%s): start it with `./pilot local`."
                    .formatted(endpoint, e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()));
        }
    }

    private static <T> T read(String json, TypeReference<T> type) {
        try {
            return JSON.readValue(json, type);
        } catch (JsonProcessingException e) {
            throw new Failure(
                    "The emulator's answer is not understood (%s); it may be of another version: run `./pilot local down` and `./pilot local`."
                            .formatted(e.getOriginalMessage()));
        }
    }
}
