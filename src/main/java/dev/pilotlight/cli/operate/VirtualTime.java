package dev.pilotlight.cli.operate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.Proxy;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;

/** The emulator's time, which may go faster than ours. It is asked anew every few seconds. */
final class VirtualTime implements InstantSource {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long STALE_NANOS = 2_000_000_000L;
    private static final int ANSWER_LIMIT_MILLIS = 2_000;

    private final String endpoint;
    private JsonNode pace = JSON.createObjectNode();
    private long askedAt;
    private boolean asked;

    VirtualTime(String endpoint) {
        this.endpoint = endpoint;
    }

    @Override
    public synchronized Instant instant() {
        if (!asked || System.nanoTime() - askedAt > STALE_NANOS) {
            ask();
            asked = true;
            askedAt = System.nanoTime();
        }
        long now = System.currentTimeMillis();
        if (!pace.has("speed")) {
            return Instant.ofEpochMilli(now);
        }
        double sinceOrigin = (now - pace.path("realOriginMillis").asLong())
                * pace.path("speed").asDouble(1);
        return Instant.ofEpochMilli(pace.path("virtualOriginMillis").asLong() + (long) sinceOrigin);
    }

    private void ask() {
        try {
            HttpURLConnection connection = (HttpURLConnection)
                    URI.create(endpoint + "/pilotlight/pace").toURL().openConnection(Proxy.NO_PROXY);
            connection.setConnectTimeout(ANSWER_LIMIT_MILLIS);
            connection.setReadTimeout(ANSWER_LIMIT_MILLIS);
            try (InputStream body = connection.getInputStream()) {
                pace = JSON.readTree(body);
            }
        } catch (IOException keepTheLast) {
            // One that was busy for a moment has not changed its pace.
        }
    }
}
