package dev.pilotlight.compute;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;

/** The workload of an instance whose agent is dead: it writes on, whatever anybody shows. */
final class Writer implements AutoCloseable {

    private final AtomicInteger acknowledged = new AtomicInteger();
    private final Thread thread;
    private volatile boolean over;

    /** @param keepsConnection or makes one for every write */
    Writer(PostgresServer database, String insert, boolean keepsConnection) {
        this.thread = new Thread(() -> {
            while (!over) {
                try (Connection connection = database.connect();
                        Statement statement = connection.createStatement()) {
                    do {
                        statement.execute(insert);
                        acknowledged.incrementAndGet();
                        Thread.sleep(5);
                    } while (keepsConnection && !over);
                } catch (SQLException e) {
                    // Its session was ended: like any pool, it makes another.
                } catch (InterruptedException e) {
                    return;
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
    }

    /** How many of its writes were acknowledged. */
    int acknowledged() {
        return acknowledged.get();
    }

    @Override
    public void close() {
        // It ends by itself, at the latest when the lock it waits for is let go.
        over = true;
        thread.interrupt();
    }
}
