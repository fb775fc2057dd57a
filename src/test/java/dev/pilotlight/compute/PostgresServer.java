package dev.pilotlight.compute;

import dev.pilotlight.data.DatabaseSecret;
import dev.pilotlight.testing.FreePorts;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.zeroturnaround.exec.ProcessExecutor;

/**
 * A PostgreSQL server on this machine, with TLS and SCRAM, from binaries of Maven Central. PostgreSQL refuses to run as
 * root: there it runs as nobody.
 */
final class PostgresServer implements AutoCloseable {

    static final String USER = DatabaseSecret.USERNAME;
    static final String PASSWORD = "correct-horse-battery-staple";

    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));

    private final Path binaries;
    private final Path data;
    private final int port;
    private Process process;

    private PostgresServer(Path binaries, Path data) throws IOException {
        this.binaries = binaries;
        this.data = data;
        this.port = FreePorts.take();
    }

    /** Unpacks the binaries into the folder. */
    static Path unpack(Path folder) throws Exception {
        String os = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac") ? "darwin" : "linux";
        String arch = System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
        Path archive = folder.resolve("postgres.txz");
        try (InputStream packed = PostgresServer.class.getResourceAsStream("/postgres-" + os + "-" + arch + ".txz")) {
            Files.copy(packed, archive, StandardCopyOption.REPLACE_EXISTING);
        }
        Path binaries = Files.createDirectory(folder.resolve("postgres"));
        run("tar", "-xJf", archive.toString(), "-C", binaries.toString());
        return binaries;
    }

    /** A leader that has not been started. */
    static PostgresServer create(Path binaries, Path folder, Path certificates) throws Exception {
        Path data = folder.resolve("leader");
        Path password = Files.writeString(folder.resolve("password"), PASSWORD);
        own(folder);
        run(unprivileged(
                binaries.resolve("bin/initdb").toString(),
                "--pgdata=" + data,
                "--username=" + USER,
                "--pwfile=" + password,
                "--auth=scram-sha-256",
                "--no-sync",
                "--no-locale",
                "--encoding=UTF8"));
        Files.copy(certificates.resolve("ours.pem"), data.resolve("server.crt"));
        Files.copy(certificates.resolve("ours.key"), data.resolve("server.key"));
        run("chmod", "600", data.resolve("server.key").toString());
        Files.writeString(data.resolve("pg_hba.conf"), """
                hostssl all all 127.0.0.1/32 scram-sha-256
                hostssl replication all 127.0.0.1/32 scram-sha-256
                """);
        return new PostgresServer(binaries, data);
    }

    /** A replica of this one, which has not been started yet either. */
    PostgresServer replica(String name) throws Exception {
        Path copy = data.resolveSibling(name);
        run("cp", "-r", data.toString(), copy.toString());
        Files.createFile(copy.resolve("standby.signal"));
        Files.writeString(
                copy.resolve("postgresql.auto.conf"),
                "primary_conninfo = 'host=127.0.0.1 port=%d user=%s password=%s sslmode=require'%n"
                        .formatted(port, USER, PASSWORD));
        return new PostgresServer(binaries, copy);
    }

    PostgresServer start() throws Exception {
        own(data);
        run("chmod", "700", data.toString());
        File log = data.resolveSibling(data.getFileName() + ".log").toFile();
        ProcessBuilder builder = new ProcessBuilder(unprivileged(
                        binaries.resolve("bin/postgres").toString(),
                        "-D",
                        data.toString(),
                        "-p",
                        String.valueOf(port),
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        "unix_socket_directories=",
                        "-c",
                        "ssl=on",
                        "-c",
                        "fsync=off",
                        "-c",
                        "max_prepared_transactions=2",
                        "-c",
                        "wal_retrieve_retry_interval=100ms"))
                .redirectErrorStream(true)
                .redirectOutput(log);
        // A replica looks there for client certificates, and must not follow root into its home.
        builder.environment().put("HOME", data.toString());
        process = builder.start();
        Await.until("PostgreSQL answers", () -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("PostgreSQL ended, see " + log);
            }
            try {
                return database("postgres").text("SELECT 1").equals("1");
            } catch (IllegalStateException e) {
                return false;
            }
        });
        return this;
    }

    /** A new database, empty. */
    Database create(String name) {
        database("postgres").text("CREATE DATABASE " + name);
        return database(name);
    }

    /** One that is there, or will be once it is replicated. */
    Database database(String name) {
        return new Database(port, name);
    }

    record Database(int port, String name) {

        Connection connect() throws SQLException {
            String url = "jdbc:postgresql://127.0.0.1:" + port + "/" + name + "?sslmode=require";
            return DriverManager.getConnection(url, USER, PASSWORD);
        }

        /** The first value of a query; empty if there is none. */
        String text(String sql) {
            try (Connection connection = connect();
                    Statement statement = connection.createStatement()) {
                if (!statement.execute(sql)) {
                    return "";
                }
                try (ResultSet rows = statement.getResultSet()) {
                    return rows.next() ? String.valueOf(rows.getString(1)) : "";
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void close() {
        if (process != null) {
            // SIGINT: fast shutdown, without waiting for clients.
            new ProcessHandleSignal(process).interrupt();
            process.onExit()
                    .orTimeout(Await.LIMIT.toSeconds(), java.util.concurrent.TimeUnit.SECONDS)
                    .exceptionally(late -> {
                        process.destroyForcibly();
                        return process;
                    })
                    .join();
        }
    }

    /** Java knows no signals but two. */
    private record ProcessHandleSignal(Process process) {
        void interrupt() {
            try {
                new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                        .start()
                        .waitFor();
            } catch (IOException e) {
                process.destroyForcibly();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static void own(Path path) throws Exception {
        if (ROOT) {
            run("chown", "-R", "nobody", path.toString());
        }
    }

    private static String[] unprivileged(String... command) {
        if (!ROOT) {
            return command;
        }
        List<String> all = new ArrayList<>(List.of("setpriv", "--reuid=nobody", "--clear-groups"));
        all.addAll(List.of(command));
        return all.toArray(String[]::new);
    }

    private static void run(String... command) throws Exception {
        new ProcessExecutor(command)
                .directory(new File("/"))
                .readOutput(true)
                .redirectErrorStream(true)
                .exitValueNormal()
                .execute();
    }
}
