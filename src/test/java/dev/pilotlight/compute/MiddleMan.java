package dev.pilotlight.compute;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** Ends the TLS of PostgreSQL's clients with a certificate of its own and passes everything on to the server. */
final class MiddleMan implements AutoCloseable {

    private static final char[] PASSWORD = "secret".toCharArray();
    private static final byte[] SSL_REQUEST = {0, 0, 0, 8, 4, (byte) 210, 22, 47};

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicInteger connections = new AtomicInteger();
    private final SSLContext tls;
    private final int server;

    MiddleMan(Path certificate, int server) throws IOException, GeneralSecurityException {
        this.server = server;
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream file = Files.newInputStream(certificate)) {
            keys.load(file, PASSWORD);
        }
        KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, PASSWORD);
        this.tls = SSLContext.getInstance("TLS");
        tls.init(managers.getKeyManagers(), new TrustManager[] {new Trusting()}, null);
        background(() -> {
            while (true) {
                Socket client = listener.accept();
                background(() -> relay(client));
            }
        });
    }

    int port() {
        return listener.getLocalPort();
    }

    int connections() {
        return connections.get();
    }

    private void relay(Socket plainClient) throws IOException {
        plainClient.getInputStream().readNBytes(SSL_REQUEST.length);
        plainClient.getOutputStream().write('S');
        SSLSocket client = (SSLSocket) tls.getSocketFactory().createSocket(plainClient, null, 0, true);
        client.setUseClientMode(false);
        client.startHandshake();
        Socket plainServer = new Socket(InetAddress.getLoopbackAddress(), server);
        plainServer.getOutputStream().write(SSL_REQUEST);
        plainServer.getInputStream().readNBytes(1);
        SSLSocket upstream = (SSLSocket) tls.getSocketFactory().createSocket(plainServer, null, 0, true);
        upstream.startHandshake();
        connections.incrementAndGet();
        background(() -> pump(client, upstream));
        pump(upstream, client);
    }

    private static void pump(Socket from, Socket to) throws IOException {
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            byte[] buffer = new byte[8192];
            for (int length = in.read(buffer); length > 0; length = in.read(buffer)) {
                out.write(buffer, 0, length);
                out.flush();
            }
        }
    }

    private interface Task {
        void run() throws IOException;
    }

    private static void background(Task task) {
        Thread thread = new Thread(() -> {
            try {
                task.run();
            } catch (IOException e) {
                // A connection or the listener was closed: its end.
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    private static final class Trusting implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
