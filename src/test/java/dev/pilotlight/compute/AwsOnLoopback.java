package dev.pilotlight.compute;

import com.sun.net.httpserver.HttpServer;
import dev.pilotlight.testing.FreePorts;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.DoubleStream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.autoscaling.AutoScalingClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatch.model.Datapoint;
import software.amazon.awssdk.services.cloudwatch.model.Dimension;
import software.amazon.awssdk.services.cloudwatch.model.Statistic;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;

/** What an instance finds of AWS: the emulator's services, and the metadata that hand it its credentials. */
final class AwsOnLoopback implements AutoCloseable {

    static final String HERE = "eu-central-1";
    static final String THERE = "eu-west-1";

    private final int port;
    private final Process emulator;
    private final HttpServer metadata;

    AwsOnLoopback() throws Exception {
        this.port = FreePorts.take();
        ProcessBuilder builder =
                new ProcessBuilder(".venv/bin/python", "-m", "pilotlight_local", "--port", String.valueOf(port));
        builder.environment().put("PYTHONPATH", new File("local").getAbsolutePath());
        this.emulator = builder.redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        this.metadata = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        metadata.createContext("/", exchange -> {
            boolean token = exchange.getRequestMethod().equals("PUT");
            boolean allowed =
                    token || "the-token".equals(exchange.getRequestHeaders().getFirst("X-aws-ec2-metadata-token"));
            String text = token
                    ? "the-token"
                    : exchange.getRequestURI().getPath().endsWith("/security-credentials/") ? "the-role" : """
                            {"AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "the-key", "Token": "the-session",
                             "Expiration": "2099-01-01T00:00:00Z"}""";
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(allowed ? 200 : 401, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        metadata.start();
    }

    AwsOnLoopback awaitReady() {
        HttpClient http = HttpClient.newHttpClient();
        HttpRequest request = HttpRequest.newBuilder(URI.create(endpoint() + "/pilotlight/health"))
                .build();
        Await.until("the emulator answers", () -> {
            try {
                return http.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200;
            } catch (IOException e) {
                return false;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        });
        return this;
    }

    String endpoint() {
        return "http://127.0.0.1:" + port;
    }

    String metadata() {
        return "127.0.0.1:" + metadata.getAddress().getPort();
    }

    void secret(String name, String value) {
        try (SecretsManagerClient secrets =
                at(HERE, SecretsManagerClient.builder().httpClientBuilder(UrlConnectionHttpClient.builder()))) {
            secrets.createSecret(secret -> secret.name(name).secretString(value));
        }
    }

    void secretChanges(String name, String value) {
        try (SecretsManagerClient secrets =
                at(HERE, SecretsManagerClient.builder().httpClientBuilder(UrlConnectionHttpClient.builder()))) {
            secrets.putSecretValue(secret -> secret.secretId(name).secretString(value));
        }
    }

    /** A group of two instances, at least two. */
    void group(String name) {
        try (AutoScalingClient groups = groups()) {
            groups.createLaunchConfiguration(launch ->
                    launch.launchConfigurationName(name).imageId("ami-12c6146b").instanceType("t4g.micro"));
            groups.createAutoScalingGroup(group -> group.autoScalingGroupName(name)
                    .launchConfigurationName(name)
                    .minSize(2)
                    .maxSize(4)
                    .desiredCapacity(2)
                    .availabilityZones(HERE + "a"));
        }
    }

    /** Least and desired capacity, as in "2 2". */
    String capacity(String group) {
        try (AutoScalingClient groups = groups()) {
            return groups
                    .describeAutoScalingGroups(request -> request.autoScalingGroupNames(group))
                    .autoScalingGroups()
                    .stream()
                    .map(each -> each.minSize() + " " + each.desiredCapacity())
                    .findFirst()
                    .orElse("none");
        }
    }

    /** The least or greatest value that a workload's metric ever had in a region, their sum or number. */
    OptionalDouble metric(String region, String workload, String name, Statistic statistic) {
        try (CloudWatchClient metrics =
                at(region, CloudWatchClient.builder().httpClientBuilder(UrlConnectionHttpClient.builder()))) {
            // CloudWatch cuts periods at full multiples of themselves, so no period is long enough to hold a whole
            // test: one
            // of two hours ends at every even hour.
            DoubleStream values = metrics
                    .getMetricStatistics(request -> request.namespace("Pilotlight")
                            .metricName(name)
                            .dimensions(Dimension.builder()
                                    .name("Workload")
                                    .value(workload)
                                    .build())
                            .startTime(Instant.now().minusSeconds(3600))
                            .endTime(Instant.now().plusSeconds(3600))
                            .period(60)
                            .statistics(statistic))
                    .datapoints()
                    .stream()
                    .mapToDouble(
                            switch (statistic) {
                                case MINIMUM -> Datapoint::minimum;
                                case MAXIMUM -> Datapoint::maximum;
                                case SUM -> Datapoint::sum;
                                default -> Datapoint::sampleCount;
                            });
            return switch (statistic) {
                case MINIMUM -> values.min();
                case MAXIMUM -> values.max();
                default -> OptionalDouble.of(values.sum());
            };
        }
    }

    private AutoScalingClient groups() {
        return at(HERE, AutoScalingClient.builder().httpClientBuilder(UrlConnectionHttpClient.builder()));
    }

    private <B extends AwsClientBuilder<B, C>, C> C at(String region, B builder) {
        return builder.endpointOverride(URI.create(endpoint()))
                .region(Region.of(region))
                .credentialsProvider(StaticCredentialsProvider.create(AwsBasicCredentials.create("test", "test")))
                .build();
    }

    /** What an agent is told about it. */
    Map<String, String> environment() {
        return Map.of("AWS_ENDPOINT_URL", endpoint(), "PILOTLIGHT_METADATA", metadata());
    }

    @Override
    public void close() {
        emulator.destroy();
        metadata.stop(0);
    }
}
