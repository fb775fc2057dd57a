package dev.pilotlight.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Project;
import dev.pilotlight.cli.local.Emulator.Condition;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is who: our emulator, a stranger on its port, a stranger with its process id. */
class EmulatorTest {

    private static final long SELF = ProcessHandle.current().pid();
    private static final EmulatorSettings SETTINGS = new EmulatorSettings("dev", "shop", "123456789012", "Z1=a.b", "0");

    @TempDir
    Path folder;

    private HttpServer server;
    private int port;
    private String answer = "";
    private StateFolder state;
    private Emulator emulator;

    @BeforeEach
    void something() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        port = server.getAddress().getPort();
        server.createContext("/", exchange -> {
            byte[] body = answer.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        state = new StateFolder(folder.resolve("state"));
        emulator = new Emulator(new Project(Path.of("").toAbsolutePath()), state);
    }

    @AfterEach
    void nothing() {
        server.stop(0);
    }

    private void answering(long pid) {
        answer = "{\"emulator\":\"pilotlight\",\"pid\":%d}".formatted(pid);
    }

    private EmulatorRecord remember(long pid, long startedAt) {
        EmulatorRecord remembered = new EmulatorRecord(pid, startedAt, port, SETTINGS, false);
        state.emulator(remembered);
        return remembered;
    }

    private static long startOf(ProcessHandle process) {
        return process.info().startInstant().orElseThrow().toEpochMilli();
    }

    @Test
    void noneWasStarted() {
        assertThat(emulator.condition()).isEqualTo(Condition.ABSENT);
    }

    @Test
    void oneThatAnswersWithItsProcessIdIsRunning() {
        answering(SELF);
        remember(SELF, startOf(ProcessHandle.current()));
        assertThat(emulator.condition()).isEqualTo(Condition.RUNNING);
    }

    @Test
    void oneThatIsAliveButSilentHangs() {
        remember(SELF, startOf(ProcessHandle.current()));
        assertThat(emulator.condition()).isEqualTo(Condition.HUNG);
    }

    @Test
    void aStrangerWithItsProcessIdIsNotIt() {
        EmulatorRecord stale = remember(SELF, startOf(ProcessHandle.current()) - 60_000);
        assertThat(emulator.condition()).isEqualTo(Condition.DEAD);
        // Would end this very test.
        emulator.stop(stale);
        assertThat(state.emulator()).isEmpty();
    }

    @Test
    void anotherClonesEmulatorOnItsPortIsNotIt() {
        answering(SELF + 1);
        remember(SELF, startOf(ProcessHandle.current()) - 60_000);
        assertThat(emulator.condition()).isEqualTo(Condition.DEAD);
    }

    @Test
    void aSilentOneIsStoppedAllTheSame() throws Exception {
        server.stop(0);
        Process sleeper = new ProcessBuilder("sleep", "3600").start();
        EmulatorRecord silent = remember(sleeper.pid(), startOf(sleeper.toHandle()));
        emulator.stop(silent);
        assertThat(sleeper.waitFor(5, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void aBusyPortIsNamedWithTheWayOut() {
        assertThatThrownBy(() -> Emulator.refuseBusy(port))
                .isInstanceOf(Failure.class)
                .hasMessageMatching(
                        "Port %d of 127.0.0.1 cannot be used \\(.*\\): end the program that uses it, or choose another port with --port\\."
                                .formatted(port));
    }

    @Test
    void anotherClonesEmulatorIsNamedByItsProcess() {
        answering(4242);
        assertThatThrownBy(() -> Emulator.refuseBusy(port))
                .hasMessage(
                        "Port %d is taken by an emulator that this clone did not start (process 4242): end it with `kill 4242`, or choose another port with --port."
                                .formatted(port));
    }

    @Test
    void aChangedProgramHasAnotherDigest() throws Exception {
        Path program = Files.writeString(folder.resolve("a.py"), "x = 1");
        Files.writeString(folder.resolve("test_a.py"), "assert x");
        String before = EmulatorSettings.digest(folder);
        Files.writeString(folder.resolve("test_a.py"), "assert not x");
        assertThat(EmulatorSettings.digest(folder)).isEqualTo(before);
        Files.writeString(program, "x = 2");
        assertThat(EmulatorSettings.digest(folder)).isNotEqualTo(before);
    }
}
