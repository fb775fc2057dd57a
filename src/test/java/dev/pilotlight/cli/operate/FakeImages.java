package dev.pilotlight.cli.operate;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** EC2's DescribeImages in any region, in the wire format of the API: owner, filters by name, ids, pages of two. */
final class FakeImages implements AutoCloseable {

    private static final Pattern SCOPE = Pattern.compile("Credential=[^/]+/[^/]+/([^/]+)/ec2/");

    private record Image(
            String region,
            String id,
            String name,
            String owner,
            String architecture,
            String created,
            String deprecated) {}

    private final HttpServer server;
    private final List<Image> images = new ArrayList<>();

    FakeImages() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** An image of Amazon's, created at a release's date, deprecated after ninety days as they are. */
    FakeImages amazons(String region, String id, String name) {
        return image(region, id, name, "amazon", "2026-11-01T00:00:00.000Z", "2027-02-01T00:00:00.000Z");
    }

    synchronized FakeImages image(
            String region, String id, String name, String owner, String created, String deprecated) {
        images.add(
                new Image(region, id, name, owner, name.endsWith("x86_64") ? "x86_64" : "arm64", created, deprecated));
        return this;
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private synchronized void answer(HttpExchange exchange) throws IOException {
        Map<String, String> asked = new HashMap<>();
        for (String field :
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8).split("&", -1)) {
            String[] parts = field.split("=", 2);
            asked.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
        }
        Matcher scope = SCOPE.matcher(exchange.getRequestHeaders().getFirst("Authorization"));
        if (!"DescribeImages".equals(asked.get("Action")) || !scope.find()) {
            send(exchange, 403, error("UnauthorizedOperation", "not here"));
            return;
        }
        List<Image> found = images.stream()
                .filter(image -> image.region().equals(scope.group(1)))
                .filter(image -> matches(image, asked))
                .toList();
        String id = asked.get("ImageId.1");
        if (id != null && found.isEmpty()) {
            send(exchange, 400, error("InvalidAMIID.NotFound", "The image id '[%s]' does not exist".formatted(id)));
            return;
        }
        int from = Integer.parseInt(asked.getOrDefault("NextToken", "0"));
        int to = Math.min(found.size(), from + 2);
        send(exchange, 200, """
                <DescribeImagesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>1</requestId><imagesSet>%s</imagesSet>%s</DescribeImagesResponse>
                """.formatted(
                found.subList(from, to).stream().map(FakeImages::xml).collect(Collectors.joining()),
                to < found.size() ? "<nextToken>%d</nextToken>".formatted(to) : "").strip());
    }

    private static boolean matches(Image image, Map<String, String> asked) {
        if (asked.containsKey("ImageId.1") && !asked.get("ImageId.1").equals(image.id())) {
            return false;
        }
        if (asked.containsKey("Owner.1") && !asked.get("Owner.1").equals(image.owner())) {
            return false;
        }
        for (int number = 1; asked.containsKey("Filter." + number + ".Name"); number++) {
            String value = asked.get("Filter." + number + ".Value.1");
            String has =
                    switch (asked.get("Filter." + number + ".Name")) {
                        case "name" -> image.name();
                        case "architecture" -> image.architecture();
                        case "state" -> "available";
                        default -> throw new IllegalArgumentException(asked.toString());
                    };
            if (!Pattern.matches(Pattern.quote(value).replace("*", "\\E.*\\Q"), has)) {
                return false;
            }
        }
        return true;
    }

    private static String xml(Image image) {
        return "<item><imageId>%s</imageId><name>%s</name><imageState>available</imageState><imageOwnerAlias>%s</imageOwnerAlias><creationDate>%s</creationDate><deprecationTime>%s</deprecationTime></item>"
                .formatted(image.id(), image.name(), image.owner(), image.created(), image.deprecated());
    }

    private static String error(String code, String message) {
        return "<Response><Errors><Error><Code>%s</Code><Message>%s</Message></Error></Errors><RequestID>1</RequestID></Response>"
                .formatted(code, message);
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "text/xml");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
