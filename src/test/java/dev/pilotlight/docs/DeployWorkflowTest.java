package dev.pilotlight.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.testing.SynthesizedApp;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.zeroturnaround.exec.ProcessExecutor;

/** What of the deploy workflow can be run here. */
class DeployWorkflowTest {

    private static final Pattern REGION = Pattern.compile(
            "- name: Find the region to sign in through\\n(?: {8}[^\\n]*\\n)*? {8}run: \\|\\n((?: {10}[^\\n]*\\n)+)");

    @TempDir
    private Path folder;

    /** Signing in through a lost region would keep the one that serves from being deployed. */
    @ParameterizedTest
    @CsvSource({
        "PrimaryStack,         eu-central-1",
        "DrStack,              eu-west-1",
        "PrimaryStack DrStack, eu-central-1",
    })
    void itSignsInThroughTheRegionThatIsDeployed(String stacks, String region) throws Exception {
        Files.copy(
                SynthesizedApp.dev().folder().resolve("manifest.json"),
                Files.createDirectory(folder.resolve("cdk.out")).resolve("manifest.json"));
        for (String script : scripts()) {
            Path output = Files.createFile(folder.resolve("output-" + System.nanoTime()));
            String said = new ProcessExecutor("bash", "-eo", "pipefail", "-c", script)
                    .directory(folder.toFile())
                    .environment("STACKS", stacks)
                    .environment("GITHUB_OUTPUT", output.toString())
                    .environment("PATH", Path.of("node_modules/.bin").toAbsolutePath() + ":" + System.getenv("PATH"))
                    .readOutput(true)
                    .redirectErrorStream(true)
                    .timeout(1, TimeUnit.MINUTES)
                    .execute()
                    .outputUTF8();
            assertThat(Files.readString(output)).as(said).isEqualTo("name=" + region + "\n");
        }
    }

    @Test
    void noOtherRegionIsSignedInThrough() throws IOException {
        assertThat(workflow().lines().filter(line -> line.contains("aws-region:")))
                .hasSameSizeAs(scripts())
                .allMatch(line -> line.endsWith("aws-region: ${{ steps.region.outputs.name }}"));
    }

    private static List<String> scripts() throws IOException {
        List<String> scripts = REGION.matcher(workflow())
                .results()
                .map(DeployWorkflowTest::script)
                .toList();
        assertThat(scripts).as("jobs that sign in").hasSize(2);
        return scripts;
    }

    private static String script(MatchResult step) {
        return step.group(1).replaceAll("(?m)^ {10}", "");
    }

    private static String workflow() throws IOException {
        return Files.readString(Path.of(".github/workflows/deploy.yml"));
    }
}
