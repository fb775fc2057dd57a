package dev.pilotlight.cli.operate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executors;

/**
 * Step Functions and listener rules of a standby's region, as far as a failover asks them, in the wire format of their
 * APIs. What else is asked is refused, as by a policy.
 */
final class FakeRegion implements AutoCloseable {

    static final String MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:pilotlight-dev-failover-dr";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpServer server;
    /** What was started: name and input. */
    final List<String[]> started = new ArrayList<>();
    /** Names of executions that are over. */
    final List<String> used = new ArrayList<>();
    /** Answers to give instead, once each: status and error code. */
    final Deque<String[]> troubles = new ArrayDeque<>();

    String running;
    String claim = "";
    String definition = """
            {"Comment": "Start it as failover-term-1-attempt-1", "States": {
              "Read the signs": {"Comment": "Whether it is claimed.", "Arguments": {"ListenerArn": "listener"}},
              "Promote": {"Comment": "The order."}}}""";
    boolean machineIsThere = true;
    /** Events of the history, oldest first; and the end. */
    final List<ObjectNode> events = new ArrayList<>();

    String status = "RUNNING";
    String output;
    String cause;

    FakeRegion() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            return thread;
        }));
        server.start();
    }

    int port() {
        return server.getAddress().getPort();
    }

    String endpoint() {
        return "http://127.0.0.1:" + port();
    }

    @Override
    public void close() {
        server.stop(0);
    }

    synchronized void entered(String state) {
        ObjectNode event = JSON.createObjectNode();
        event.put("id", events.size() + 1)
                .put("timestamp", 1795575600.0 + events.size())
                .put("type", "TaskStateEntered");
        event.putObject("stateEnteredEventDetails").put("name", state);
        events.add(event);
    }

    synchronized void failed(String error) {
        ObjectNode event = JSON.createObjectNode();
        event.put("id", events.size() + 1)
                .put("timestamp", 1795575600.0 + events.size())
                .put("type", "TaskFailed");
        event.putObject("taskFailedEventDetails")
                .put("error", error)
                .put("resource", "x")
                .put("resourceType", "y");
        events.add(event);
    }

    synchronized void ends(String how, String withOutput, String withCause) {
        events.add(JSON.createObjectNode()
                .put("id", events.size() + 1)
                .put("timestamp", 1795575600.0 + events.size())
                .put("type", how.equals("SUCCEEDED") ? "ExecutionSucceeded" : "ExecutionFailed"));
        status = how;
        output = withOutput;
        cause = withCause;
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
        if (exchange.getRequestURI().getPath().equals("/pilotlight/health")) {
            send(
                    exchange,
                    200,
                    "{\"emulator\": \"pilotlight\", \"pid\": %d}"
                            .formatted(ProcessHandle.current().pid()));
        } else if (exchange.getRequestURI().getPath().equals("/pilotlight/pace")) {
            send(exchange, 200, "{\"speed\": 1, \"realOriginMillis\": 1, \"virtualOriginMillis\": 1}");
        } else if (target != null && target.startsWith("AWSStepFunctions.")) {
            if (!troubles.isEmpty()) {
                String[] trouble = troubles.pop();
                send(
                        exchange,
                        Integer.parseInt(trouble[0]),
                        "{\"__type\": \"%s\", \"message\": \"so\"}".formatted(trouble[1]));
                return;
            }
            states(exchange, target.substring(target.indexOf('.') + 1), JSON.readTree(body));
        } else if (body.contains("Action=DescribeRules")) {
            send(exchange, 200, """
                    <DescribeRulesResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><DescribeRulesResult><Rules>%s</Rules></DescribeRulesResult></DescribeRulesResponse>
                    """.formatted(claim).strip());
        } else {
            send(exchange, 403, "{\"__type\": \"AccessDeniedException\", \"message\": \"not here\"}");
        }
    }

    /** A rule of the listener. */
    static String rule(String path, String text) {
        return """
                <member><Priority>1</Priority><Conditions><member><Field>path-pattern</Field><PathPatternConfig><Values><member>%s</member></Values></PathPatternConfig></member></Conditions><Actions><member><Type>fixed-response</Type><FixedResponseConfig><StatusCode>200</StatusCode><MessageBody>%s</MessageBody></FixedResponseConfig></member></Actions></member>""".formatted(path, text);
    }

    private void states(HttpExchange exchange, String action, JsonNode request) throws IOException {
        ObjectNode answer = JSON.createObjectNode();
        switch (action) {
            case "DescribeStateMachine" -> {
                if (!machineIsThere) {
                    send(exchange, 400, "{\"__type\": \"StateMachineDoesNotExist\", \"message\": \"none\"}");
                    return;
                }
                answer.put("stateMachineArn", MACHINE).put("definition", definition);
            }
            case "ListExecutions" -> {
                ArrayNode list = answer.putArray("executions");
                if (running != null) {
                    list.addObject()
                            .put("executionArn", execution(running))
                            .put("name", running)
                            .put("status", "RUNNING")
                            .put("startDate", 1795575600.0);
                }
            }
            case "StartExecution" -> {
                started.add(new String[] {
                    request.path("name").asText(), request.path("input").asText()
                });
                answer.put("executionArn", execution(request.path("name").asText()))
                        .put("startDate", 1795575600.0);
            }
            case "DescribeExecution" -> {
                String arn = request.path("executionArn").asText();
                String name = arn.substring(arn.lastIndexOf(':') + 1);
                boolean known = used.contains(name)
                        || name.equals(running)
                        || started.stream().anyMatch(start -> start[0].equals(name));
                if (!known) {
                    send(exchange, 400, "{\"__type\": \"ExecutionDoesNotExist\", \"message\": \"none\"}");
                    return;
                }
                answer.put("executionArn", arn)
                        .put("status", status)
                        .put("startDate", 1795575600.0)
                        .put("stopDate", 1795575900.0)
                        .put("output", output)
                        .put("cause", cause);
            }
            case "GetExecutionHistory" -> history(request, answer);
            default -> {
                send(exchange, 400, "{\"__type\": \"ValidationException\", \"message\": \"%s\"}".formatted(action));
                return;
            }
        }
        send(exchange, 200, answer.toString());
    }

    /** Newest first, in pages of at most three. */
    private void history(JsonNode request, ObjectNode answer) {
        int from = request.path("nextToken").asInt(events.size());
        ArrayNode page = answer.putArray("events");
        int to = Math.max(0, from - 3);
        for (int index = from - 1; index >= to; index--) {
            page.add(events.get(index));
        }
        if (to > 0) {
            answer.put("nextToken", String.valueOf(to));
        }
    }

    private static String execution(String name) {
        return MACHINE.replace(":stateMachine:", ":execution:") + ":" + name;
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders()
                .add("Content-Type", body.startsWith("<") ? "text/xml" : "application/x-amz-json-1.0");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
