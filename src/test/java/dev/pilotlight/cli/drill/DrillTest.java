package dev.pilotlight.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.cli.Children;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./pilot drill} for real. So fast that the emulator's own time shows: what the figures are worth is not tested. */
class DrillTest {

    private static final Path HOME = Path.of("").toAbsolutePath();

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    private final List<String> lines = new ArrayList<>();

    private Process drill(String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                HOME.resolve(".venv/bin/python").toString(),
                "-c",
                // A process group of its own, as a shell gives it; and whoever runs this test may ignore SIGINT.
                "import os, signal, sys; os.setpgid(0, 0); signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])",
                HOME.resolve("pilot").toString(),
                "drill",
                "--output",
                folder.resolve("drill").toString()));
        command.addAll(List.of(more));
        return new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
    }

    private JsonNode report() throws IOException {
        return new ObjectMapper().readTree(folder.resolve("drill/report.json").toFile());
    }

    private Stream<String> processesOfTheDrill() {
        return ProcessHandle.allProcesses()
                .filter(Children::isRunning)
                .map(process -> process.info().commandLine().orElse(""))
                .filter(command -> command.contains(folder.toString()));
    }

    @Test
    void fromTheLossOfTheRegionToThePlannedFailback() throws Exception {
        Process drill = drill("--speed", "200", "--outage", "refuses");
        drill.inputReader().lines().forEach(lines::add);
        assertThat(drill.waitFor()).as(String.join("\n", lines)).isZero();
        JsonNode report = report();
        assertThat(report.path("verdict").asText()).isEqualTo("PASSED");
        assertThat(report.path("phases"))
                .hasSize(10)
                .allMatch(phase -> phase.path("outcome").asText().equals("DONE"));
        assertThat(report.path("phases").findValues("passed"))
                .hasSizeGreaterThan(30)
                .allMatch(JsonNode::asBoolean);
        assertThat(report.path("setting").path("lineage"))
                .extracting(JsonNode::asText)
                .containsExactly("primary", "dr", "primary", "dr");
        assertThat(report.path("movements"))
                .extracting(movement -> movement.path("kind").asText())
                .containsExactly("failover", "failback");
        assertThat(folder.resolve("drill")).isDirectoryContaining("glob:**report.html");
        assertThat(folder.resolve("drill/run")).doesNotExist();
        assertThat(processesOfTheDrill()).isEmpty();
        assertThat(lines).anyMatch(line -> line.startsWith("PASSED: Users were served from eu-west-1"));
    }

    @Test
    void ctrlCLeavesAReportAndNothingElse() throws Exception {
        Process drill = drill("--speed", "60");
        BufferedReader output = drill.inputReader();
        do {
            lines.add(output.readLine());
        } while (lines.get(lines.size() - 1) != null
                && !lines.get(lines.size() - 1).contains("Start an emulator"));
        assertThat(processesOfTheDrill()).isNotEmpty();
        assertThat(new ProcessBuilder("kill", "-INT", "--", "-" + drill.pid())
                        .start()
                        .waitFor())
                .isZero();
        output.lines().forEach(lines::add);
        assertThat(drill.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(drill.exitValue()).as(String.join("\n", lines)).isEqualTo(130);
        assertThat(report().path("verdict").asText()).isEqualTo("INTERRUPTED");
        assertThat(report().path("phases").get(0).path("outcome").asText()).isEqualTo("INTERRUPTED");
        assertThat(folder.resolve("drill/run")).doesNotExist();
        assertThat(processesOfTheDrill()).isEmpty();
    }
}
