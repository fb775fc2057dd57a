package dev.pilotlight.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C, for real, against a region that runs a failover for ever. */
class InterruptionTest {

    @TempDir
    Path state;

    @Test
    @Timeout(600)
    void ctrlCStopsWatchingAndNotTheFailover() throws Exception {
        try (FakeRegion region = new FakeRegion()) {
            region.entered("Check the input");
            region.entered("Promote");
            long startedAt =
                    ProcessHandle.current().info().startInstant().orElseThrow().toEpochMilli();
            Files.writeString(state.resolve("emulator.json"), """
                    {"pid": %d, "startedAt": %d, "port": %d, "deploying": false, "settings": {"environment": "dev",
                    "workload": "pilotlight-dev", "account": "123456789012", "hostedZone": "Z=a", "sources": "0"}}""".formatted(
                            ProcessHandle.current().pid(), startedAt, region.port()));
            Process process = new ProcessBuilder(
                            ".venv/bin/python",
                            "-c",
                            // Whoever runs this test in the background ignores SIGINT, and hands that down.
                            "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execvp(sys.argv[1], sys.argv[1:])",
                            ProcessHandle.current().info().command().orElseThrow(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            "dev.pilotlight.cli.Pilot",
                            "failover",
                            "--local",
                            "--state",
                            state.toString(),
                            "--yes",
                            "--reason",
                            "tests")
                    .redirectErrorStream(true)
                    .start();
            List<String> lines = new ArrayList<>();
            try (BufferedReader output = process.inputReader()) {
                for (String line = output.readLine(); line != null; line = output.readLine()) {
                    lines.add(line);
                    if (line.contains("Look around")) {
                        assertThat(new ProcessBuilder("kill", "-INT", String.valueOf(process.pid()))
                                        .start()
                                        .waitFor())
                                .isZero();
                    }
                }
            }
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).as(String.join("\n", lines)).isEqualTo(130);
            assertThat(lines)
                    .contains("Started failover-term-1-attempt-1 in dr (eu-west-1).")
                    .contains(
                            "Stopped watching; the failover goes on in dr (eu-west-1). Follow it again: ./pilot failover --local");
            assertThat(region.started).hasSize(1);
        }
    }
}
