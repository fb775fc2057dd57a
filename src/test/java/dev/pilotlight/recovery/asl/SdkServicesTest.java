package dev.pilotlight.recovery.asl;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.pilotlight.recovery.asl.Services.Reply;
import dev.pilotlight.simulation.TestRunbooks;
import java.io.IOException;
import java.lang.reflect.Method;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.core.SdkField;
import software.amazon.awssdk.core.SdkPojo;
import software.amazon.awssdk.core.protocol.MarshallingType;
import software.amazon.awssdk.core.traits.ListTrait;
import software.amazon.awssdk.http.urlconnection.ProxyConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.acm.AcmClient;
import software.amazon.awssdk.services.autoscaling.AutoScalingClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.rds.RdsClient;
import software.amazon.awssdk.services.rds.model.DBInstance;
import software.amazon.awssdk.services.rds.model.DescribeDbInstancesResponse;
import software.amazon.awssdk.services.rds.model.Tag;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.servicequotas.ServiceQuotasClient;
import software.amazon.awssdk.services.sfn.SfnClient;
import software.amazon.awssdk.services.sns.SnsClient;

/** The runbooks' calls, made with the SDK: against a server on this machine that answers what a test wants. */
class SdkServicesTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private HttpServer server;
    private volatile int status = 200;
    private volatile String answer = "";
    private volatile long delayMillis;
    private Services services;

    @BeforeEach
    void aServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI() + "\n"
                    + new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            pause(delayMillis);
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        services = new SdkServices(this::client, InstantSource.system(), timeout -> timeout);
    }

    @AfterEach
    void nothing() throws Exception {
        server.stop(0);
        for (AutoCloseable client : open) {
            client.close();
        }
    }

    private static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Object client(String service) {
        return switch (service) {
            case "acm" -> client(AcmClient.builder());
            case "autoscaling" -> client(AutoScalingClient.builder());
            case "cloudwatch" -> client(CloudWatchClient.builder());
            case "ec2" -> client(Ec2Client.builder());
            case "elasticloadbalancingv2" -> client(ElasticLoadBalancingV2Client.builder());
            case "rds" -> client(RdsClient.builder());
            case "s3" -> client(S3Client.builder().forcePathStyle(true));
            case "secretsmanager" -> client(SecretsManagerClient.builder());
            case "servicequotas" -> client(ServiceQuotasClient.builder());
            case "sfn" -> client(SfnClient.builder());
            case "sns" -> client(SnsClient.builder());
            default -> null;
        };
    }

    private <C extends AutoCloseable, B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>> C client(
            B builder) {
        C client = builder.region(Region.EU_WEST_1)
                .endpointOverride(
                        URI.create("http://127.0.0.1:" + server.getAddress().getPort()))
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b")))
                .httpClient(UrlConnectionHttpClient.builder()
                        .proxyConfiguration(ProxyConfiguration.builder()
                                .useSystemPropertyValues(false)
                                .useEnvironmentVariablesValues(false)
                                .build())
                        .build())
                .overrideConfiguration(configuration -> configuration.retryStrategy(DefaultRetryStrategy.doNotRetry()))
                .build();
        open.add(client);
        return client;
    }

    private Reply call(String service, String action, Map<String, Object> arguments) {
        return services.call(Instant.now(), service, action, arguments, LIMIT);
    }

    // ---------------------------------------------------------------- every call of both runbooks

    record Call(String runbook, String state, String service, String action, Map<String, Object> arguments) {
        @Override
        public String toString() {
            return runbook + ": " + state;
        }
    }

    static Stream<Call> calls() {
        List<Call> calls = new ArrayList<>();
        TestRunbooks.definitions()
                .forEach((name, definition) -> definition.stateNames().forEach(state -> {
                    Map<String, Object> fields = definition.state(state);
                    if (fields.get("Type").equals("Task")) {
                        String[] call = Definition.call(fields).split(":", 2);
                        if (!call[0].equals("http")) {
                            calls.add(new Call(
                                    name, state, call[0], call[1], Definition.object(fields.get("Arguments"))));
                        }
                    }
                }));
        return calls.stream();
    }

    /** Expressions are replaced by values of the type that the request wants. */
    @ParameterizedTest
    @MethodSource("calls")
    void everyCallOfTheRunbooksBecomesARequest(Call call) throws Exception {
        Object client = client(call.service());
        Class<?> type = Stream.of(client.getClass().getInterfaces())
                .filter(candidate -> candidate.getSimpleName().endsWith("Client"))
                .findFirst()
                .orElseThrow();
        Method method = SdkServices.find(type, call.action()).orElseThrow();
        SdkPojo builder = SdkServices.builder(method.getParameterTypes()[0]);
        Map<String, Object> arguments = new LinkedHashMap<>(call.arguments());
        if (method.getParameterCount() == 2) {
            assertThat(arguments.remove("Body")).isNotNull();
        }
        Map<?, ?> values = (Map<?, ?>) evaluated(arguments, builder);
        SdkPojo request = (SdkPojo) SdkShapes.fill(builder, values, call.action());
        assertThat(request).isInstanceOf(method.getParameterTypes()[0]);
        // And the same comes out again: nothing was lost, nothing had another name.
        assertThat(json(SdkShapes.read(request))).isEqualTo(json(values));
    }

    /** Numbers of different types are the same there. */
    private static JsonNode json(Object value) throws IOException {
        return JSON.readTree(JSON.writeValueAsBytes(value));
    }

    private static Object evaluated(Object value, SdkPojo shape) {
        Map<String, Object> values = new LinkedHashMap<>();
        ((Map<?, ?>) value).forEach((name, item) -> {
            SdkField<?> field = SdkShapes.fields(shape).get((String) name);
            assertThat(field).as("%s of %s", name, shape.getClass()).isNotNull();
            values.put((String) name, evaluated(item, field));
        });
        return values;
    }

    private static Object evaluated(Object value, SdkField<?> field) {
        MarshallingType<?> type = field.marshallingType();
        if (type == MarshallingType.LIST) {
            List<Object> items = value instanceof List<?> list ? List.copyOf(list) : List.of();
            SdkField<?> member = field.getTrait(ListTrait.class).memberFieldInfo();
            return items.stream().map(item -> evaluated(item, member)).toList();
        }
        if (type == MarshallingType.SDK_POJO) {
            return evaluated(value, field.constructor().get());
        }
        if (!Expressions.isExpression(value)) {
            return type == MarshallingType.DOUBLE ? ((Number) value).doubleValue() : value;
        }
        if (type == MarshallingType.INSTANT) {
            return "2026-11-24T03:00:00.000Z";
        }
        if (type == MarshallingType.STRING) {
            return "text";
        }
        return type == MarshallingType.DOUBLE ? (Object) 2.0 : (Object) 2L;
    }

    // ---------------------------------------------------------------- conversions

    @Test
    void namesAreThoseOfTheSdksMethods() {
        assertThat(SdkShapes.fields(DBInstance.builder().build()))
                .containsKeys(
                        "DbInstanceIdentifier",
                        "ReadReplicaSourceDBInstanceIdentifier",
                        "DbInstanceStatus",
                        "EngineVersion",
                        "TagList")
                .doesNotContainKeys("DBInstanceIdentifier", "ReadReplicaSourceDbInstanceIdentifier");
        assertThat(SdkShapes.fields(DescribeDbInstancesResponse.builder().build()))
                .containsKey("DbInstances");
    }

    @Test
    void whatTheAnswerDoesNotHoldIsAbsent() throws Exception {
        DBInstance database = DBInstance.builder()
                .dbInstanceIdentifier("shop-db-1")
                .allocatedStorage(20)
                .multiAZ(false)
                .instanceCreateTime(Instant.parse("2026-11-24T03:00:00.5Z"))
                .tagList(Tag.builder().key("a").value("b").build())
                .build();
        assertThat(SdkShapes.read(database))
                .isEqualTo(Map.of(
                        "DbInstanceIdentifier",
                        "shop-db-1",
                        "AllocatedStorage",
                        20L,
                        "MultiAZ",
                        false,
                        "InstanceCreateTime",
                        "2026-11-24T03:00:00.500Z",
                        "TagList",
                        List.of(Map.of("Key", "a", "Value", "b"))));
    }

    @Test
    void anAnswerIsReadWithItsNesting() {
        answer = """
                <DescribeDBInstancesResponse><DescribeDBInstancesResult><DBInstances><DBInstance>
                <DBInstanceIdentifier>shop-db-1</DBInstanceIdentifier><DBInstanceStatus>available</DBInstanceStatus>
                <ReadReplicaSourceDBInstanceIdentifier>arn:x</ReadReplicaSourceDBInstanceIdentifier>
                </DBInstance></DBInstances></DescribeDBInstancesResult></DescribeDBInstancesResponse>""";
        Reply reply = call("rds", "describeDBInstances", Map.of("DbInstanceIdentifier", "shop-db-1"));
        assertThat(reply.error()).as(reply.cause()).isNull();
        assertThat(reply.result())
                .isEqualTo(Map.of(
                        "DbInstances",
                        List.of(Map.of(
                                "DbInstanceIdentifier", "shop-db-1",
                                "DbInstanceStatus", "available",
                                "ReadReplicaSourceDBInstanceIdentifier", "arn:x"))));
        assertThat(requests.get(0)).contains("Action=DescribeDBInstances", "DBInstanceIdentifier=shop-db-1");
    }

    @Test
    void aBodyIsTheObjectsContent() {
        Reply reply =
                call("s3", "putObject", Map.of("Bucket", "b", "Key", "k.json", "Body", Map.of("outcome", "succeeded")));
        assertThat(reply.error()).as(reply.cause()).isNull();
        assertThat(requests.get(0)).startsWith("PUT /b/k.json").contains("{\"outcome\":\"succeeded\"}");
    }

    // ---------------------------------------------------------------- refusals and errors

    @Test
    void aNameThatTheRequestDoesNotHaveIsRefusedBeforeAnyoneIsCalled() {
        Reply reply = call("rds", "describeDBInstances", Map.of("DBInstanceIdentifier", "shop-db-1"));
        assertThat(reply.error()).isEqualTo("States.Runtime");
        assertThat(reply.cause()).contains("'DBInstanceIdentifier'").contains("DbInstanceIdentifier");
        assertThat(requests).isEmpty();
    }

    @Test
    void aValueOfAnotherTypeIsRefused() {
        assertThat(call("rds", "promoteReadReplica", Map.of("DbInstanceIdentifier", "x", "BackupRetentionPeriod", "7"))
                        .cause())
                .isEqualTo("promoteReadReplica.BackupRetentionPeriod must be of type Number, not String");
        assertThat(call("rds", "promoteReadReplica", Map.of("DbInstanceIdentifier", "x", "BackupRetentionPeriod", 7.5))
                        .cause())
                .isEqualTo("promoteReadReplica.BackupRetentionPeriod must be a whole number, not 7.5");
        assertThat(call("cloudwatch", "getMetricData", Map.of("StartTime", "yesterday"))
                        .cause())
                .contains("must be a timestamp such as 2026-11-24T03:00:00Z, not 'yesterday'");
        assertThat(requests).isEmpty();
    }

    @Test
    void anActionOrServiceThatThereIsNotIsRefused() {
        assertThat(call("rds", "promoteEverything", Map.of()).cause())
                .isEqualTo("RdsClient has no action promoteEverything");
        assertThat(call("frobnicator", "list", Map.of()).cause()).isEqualTo("no service is called frobnicator");
        assertThat(call("s3", "getObject", Map.of("Bucket", "b", "Key", "k")).error())
                .isEqualTo("States.Runtime");
    }

    @Test
    void anErrorHasTheNameOfTheSdksException() {
        status = 404;
        answer =
                "<ErrorResponse><Error><Type>Sender</Type><Code>DBInstanceNotFound</Code><Message>shop-db-1 not found.</Message></Error></ErrorResponse>";
        Reply reply = call("rds", "describeDBInstances", Map.of("DbInstanceIdentifier", "shop-db-1"));
        assertThat(reply.error()).isEqualTo("Rds.DbInstanceNotFoundException");
        assertThat(reply.cause()).startsWith("shop-db-1 not found.");
        status = 400;
        answer =
                "<ErrorResponse><Error><Type>Sender</Type><Code>PriorityInUse</Code><Message>taken</Message></Error></ErrorResponse>";
        assertThat(call("elasticloadbalancingv2", "createRule", Map.of("ListenerArn", "x"))
                        .error())
                .isEqualTo("ElasticLoadBalancingV2.PriorityInUseException");
    }

    @Test
    void anErrorThatTheServiceDoesNotModelHasTheServicesName() {
        status = 503;
        answer =
                "<ErrorResponse><Error><Type>Receiver</Type><Code>ServiceUnavailable</Code><Message>later</Message></Error></ErrorResponse>";
        assertThat(call("rds", "describeDBInstances", Map.of()).error()).isEqualTo("Rds.RdsException");
        assertThat(call("autoscaling", "describeAutoScalingGroups", Map.of()).error())
                .isEqualTo("AutoScaling.AutoScalingException");
    }

    @Test
    void oneWhoDoesNotAnswerInTimeIsATimeout() {
        delayMillis = 3_000;
        Reply reply = services.call(Instant.now(), "rds", "describeDBInstances", Map.of(), Duration.ofMillis(300));
        assertThat(reply.error()).isEqualTo("States.Timeout");
        assertThat(reply.took()).isEqualTo(Duration.ofMillis(300));
    }

    @Test
    void oneWhoIsNotThereIsAnErrorOfTheClient() {
        server.stop(0);
        assertThat(call("rds", "describeDBInstances", Map.of()).error()).isEqualTo("Rds.SdkClientException");
    }
}
