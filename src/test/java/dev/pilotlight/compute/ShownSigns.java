package dev.pilotlight.compute;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.pilotlight.topology.Claim;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A region's load balancer as its agents' counterparts see it: what is shown, and otherwise the 503 of no claim. */
final class ShownSigns implements AutoCloseable {

    /** How it answers. */
    enum Manner {
        AS_IT_SHOULD,
        /** An error page, with the sign in it. */
        WITH_500,
        /** The body comes a byte at a time. */
        SLOWLY,
        /** A catch-all page: 200 for everything. */
        CATCH_ALL,
        /** The text with something behind it. */
        WITH_MORE,
        REDIRECTING
    }

    private static final char[] PASSWORD = "secret".toCharArray();

    private final HttpsServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, String> shown = new ConcurrentHashMap<>();
    private volatile Manner manner = Manner.AS_IT_SHOULD;
    private final AtomicInteger asked = new AtomicInteger();

    ShownSigns(Path certificate) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(certificate)) {
            keys.load(file, PASSWORD);
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), null, null);
        this.server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    String host() {
        return "localhost:" + server.getAddress().getPort();
    }

    /** How many questions have come in so far. */
    int asked() {
        return asked.get();
    }

    void show(String path, String text) {
        shown.put(path, text);
    }

    void takeBack(String path) {
        shown.remove(path);
    }

    void answer(Manner manner) {
        this.manner = manner;
    }

    private void answer(HttpExchange exchange) throws IOException {
        asked.incrementAndGet();
        String text = shown.get(exchange.getRequestURI().getPath());
        switch (manner) {
            case AS_IT_SHOULD -> send(exchange, text == null ? 503 : 200, text == null ? Claim.NONE : text);
            case WITH_500 -> send(exchange, 500, text == null ? "oops" : text);
            case SLOWLY -> drip(exchange, text == null ? Claim.NONE : text);
            case CATCH_ALL -> send(exchange, 200, "<html>Welcome</html>");
            case WITH_MORE -> send(exchange, text == null ? 503 : 200, (text == null ? Claim.NONE : text) + "0");
            case REDIRECTING -> {
                exchange.getResponseHeaders().set("Location", "https://" + host() + "/elsewhere");
                send(exchange, 302, text == null ? "" : text);
            }
        }
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static void drip(HttpExchange exchange, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(200, body.length);
        try {
            for (byte each : body) {
                exchange.getResponseBody().write(each);
                exchange.getResponseBody().flush();
                Thread.sleep(500);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
