package dev.pilotlight.testing;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Ports for servers that must be told theirs before they start.
 *
 * <p>The system's own choice, port 0, is of the range from which it also takes the near end of every outgoing connection:
 * such a port may be taken again before the server listens, and a client that asks there too early can even be connected
 * to itself. These are below that range, and never handed out twice: not by this process, and not by another one of the
 * same build or the machine's, because the first port of each block is held by the process that hands out the rest.
 */
public final class FreePorts {

    private static final int FIRST = 15_000;
    private static final int BLOCKS = 150;
    private static final int BLOCK = 100;

    /** Held until the process ends. */
    private static final List<ServerSocket> BLOCKS_OF_THIS_PROCESS = new ArrayList<>();

    private static int next;
    private static int end;

    private FreePorts() {}

    public static synchronized int take() {
        while (true) {
            if (next == end) {
                takeBlock();
            }
            int port = next++;
            if (isFree(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
                    && isFree(new InetSocketAddress(port))) {
                return port;
            }
        }
    }

    private static void takeBlock() {
        int offset = ThreadLocalRandom.current().nextInt(BLOCKS);
        for (int tries = 0; tries < BLOCKS; tries++) {
            int block = FIRST + (offset + tries) % BLOCKS * BLOCK;
            try {
                BLOCKS_OF_THIS_PROCESS.add(new ServerSocket(block, 1, InetAddress.getLoopbackAddress()));
                next = block + 1;
                end = block + BLOCK;
                return;
            } catch (IOException taken) {
                // By this process or another.
            }
        }
        throw new IllegalStateException(
                "no block of ports from " + FIRST + " to " + (FIRST + BLOCKS * BLOCK - 1) + " is free");
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
