package dev.pilotlight.compute;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** The workload of an instance whose agent is dead: it writes on, whatever anybody shows. */
final class Writer implements AutoCloseable {

    private final AtomicInteger acknowledged = new AtomicInteger();
    private final AtomicReference<Connection> current = new AtomicReference<>();
    private final Thread thread;
    private volatile boolean over;

    /** @param keepsConnection or makes one for every write */
    Writer(PostgresServer.Database database, String insert, boolean keepsConnection) {
        this.thread = new Thread(() -> {
            while (!over) {
                try (Connection connection = database.connect();
                        Statement statement = connection.createStatement()) {
                    current.set(connection);
                    while (!over) {
                        statement.execute(insert);
                        acknowledged.incrementAndGet();
                        Thread.sleep(5);
                        if (!keepsConnection) {
                            break;
                        }
                    }
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

    /** Gives up a write that waits for a lock. */
    @Override
    public void close() throws SQLException {
        over = true;
        Connection connection = current.get();
        if (connection != null) {
            connection.abort(Runnable::run);
        }
        thread.interrupt();
        try {
            thread.join(Await.LIMIT.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
