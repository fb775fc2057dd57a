package dev.pilotlight.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that must be told theirs before they start.
 *
 * <p>The system's own choice, port 0, is of the range from which it also takes the near end of every outgoing connection:
 * such a port may be taken again before the server listens, and a client that asks there too early can even be connected
 * to itself. These are below that range, and never handed out twice by a process.
 */
public final class FreePorts {

    private static final int FIRST = 15_000;
    private static final int LAST = 29_999;
    private static int next = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);

    private FreePorts() {}

    public static synchronized int take() {
        for (int tries = FIRST; tries <= LAST; tries++) {
            int port = next;
            next = port == LAST ? FIRST : port + 1;
            if (isFree(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                    && isFree(new InetSocketAddress(port))) {
                return port;
            }
        }
        throw new IllegalStateException("no port from " + FIRST + " to " + LAST + " is free");
    }

    private static boolean isFree(InetSocketAddress address) {
        try (ServerSocket server = new ServerSocket()) {
            server.bind(address);
            return true;
        } catch (IOException e) {
            return false;
        }
    }
}
