package dev.pilotlight.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.pilotlight.testing.TestConfigurations;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@code ./pilot local} asks before it changes or throws away anything. */
class LocalRefusalsTest {

    private static final EmulatorSettings DEV =
            new EmulatorSettings("dev", "pilotlight-dev", "123456789012", "Z1=a.b", "0");
    private static final EmulatorSettings PROD =
            new EmulatorSettings("prod", "pilotlight", "123456789012", "Z1=a.b", "0");
    private static final String PRIMARY = "eu-central-1";
    private static final String DR = "eu-west-1";

    private final Map<String, String> running = new ConcurrentHashMap<>();
    private final Map<String, String> asked = new ConcurrentHashMap<>();
    private HttpServer server;

    /** Step Functions, with one execution or none; a region without a machine answers as AWS does. */
    @BeforeEach
    void stepFunctions() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            String request = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            // Credential=ID/DAY/REGION/states/…
            String region =
                    exchange.getRequestHeaders().getFirst("Authorization").split("/", -1)[2];
            asked.put(region, request);
            String name = running.get(region);
            byte[] body = (name == null
                            ? "{\"__type\": \"StateMachineDoesNotExist\", \"message\": \"no\"}"
                            : "{\"executions\": [{\"name\": \"%s\", \"status\": \"RUNNING\"}]}".formatted(name))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.0");
            exchange.sendResponseHeaders(name == null ? 400 : 200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void nothing() {
        server.stop(0);
    }

    private EmulatorRecord holding(EmulatorSettings settings, boolean deploying) {
        return new EmulatorRecord(1, 0, server.getAddress().getPort(), settings, deploying);
    }

    private Optional<String> runningFailover() {
        return LocalDeploy.runningFailover(holding(DEV, false), TestConfigurations.dev());
    }

    @Test
    void aRunningFailoverOfEitherRegionIsNamed() {
        running.put(PRIMARY, "failover-term-2-attempt-1");
        assertThat(runningFailover())
                .hasValue(
                        "A failover is running in the emulator (failover-term-2-attempt-1): wait for its end with `./pilot failover --local`, or stop the emulator with `./pilot local down`.");
        running.clear();
        running.put(DR, "failover-term-1-attempt-3");
        assertThat(runningFailover())
                .hasValueSatisfying(why -> assertThat(why).contains("(failover-term-1-attempt-3)"));
    }

    @Test
    void onlyWhatRunsIsAskedFor() {
        assertThat(runningFailover()).as("no machine is there").isEmpty();
        assertThat(asked.get(PRIMARY))
                .contains(
                        "\"statusFilter\":\"RUNNING\"",
                        "arn:aws:states:eu-central-1:123456789012:stateMachine:pilotlight-dev-failover-primary\"");
        assertThat(asked.get(DR)).contains("stateMachine:pilotlight-dev-failover-dr\"");
    }

    @Test
    void anotherRunOfTheMachineIsNoFailover() {
        running.put(DR, "dry-run-7");
        assertThat(runningFailover()).isEmpty();
    }

    @Test
    void aSilentEmulatorRunsNone() {
        server.stop(0);
        assertThat(runningFailover()).isEmpty();
    }

    @Test
    void anotherEnvironmentIsNotThrownAway() {
        assertThat(LocalDeploy.otherEnvironment(holding(DEV, false), PROD))
                .hasValue(
                        "The emulator holds pilotlight-dev of the environment dev, not pilotlight of prod, and it holds one at a time: stop it with `./pilot local down` first, after which what it holds is gone.");
        assertThat(LocalDeploy.otherEnvironment(holding(DEV, false), DEV)).isEmpty();
        assertThat(LocalDeploy.otherEnvironment(holding(DEV, true), PROD))
                .as("half-made: nothing to lose")
                .isEmpty();
    }

    @Test
    void aLongLineageNeedsAnEmulatorThatIsKept() {
        String three = "{'databaseLineage': ['primary', 'dr', 'primary']}";
        assertThat(LocalDeploy.longLineage(
                        "dev", TestConfigurations.with("dev", three), Optional.of("its program has changed")))
                .hasValueSatisfying(why -> assertThat(why)
                        .startsWith(
                                "databaseLineage of dev has 3 databases, but an empty emulator (it would be empty: its program has changed), like an empty account, ")
                        .contains("take the appended entries back, if this was only a try-out"));
        assertThat(LocalDeploy.longLineage("dev", TestConfigurations.dev(), Optional.empty()))
                .isEmpty();
    }
}
