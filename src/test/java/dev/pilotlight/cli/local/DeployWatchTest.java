package dev.pilotlight.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.cli.Progress;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Fed with what the CDK CLI of package.json prints. */
class DeployWatchTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DeployWatch watch = new DeployWatch(
            DeployWatch.Steps.of(new Progress(new PrintStream(bytes, true, StandardCharsets.UTF_8), false)));

    private void print(String lines) {
        lines.lines().forEach(watch);
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8)
                .replaceAll("\\(.* s\\)", "")
                .replaceAll(" +\\R", "\n");
    }

    @Test
    void eachStackIsALineWithTheNumberOfItsChanges() {
        print("""
                ✨  Synthesis time: 5.1s
                DrFoundationStack: deploying... [1/2]
                DrFoundationStack |   0 | 12:17:41 PM | CREATE_IN_PROGRESS      | AWS::CloudFormation::Stack | DrFoundationStack User Initiated
                DrFoundationStack |   0 | 12:17:41 PM | CREATE_IN_PROGRESS      | AWS::KMS::Key              | Foundation/Key (FoundationKey1234)
                DrFoundationStack |   1 | 12:17:41 PM | CREATE_COMPLETE         | AWS::KMS::Key              | Foundation/Key (FoundationKey1234)
                DrFoundationStack |   2 | 12:17:41 PM | CREATE_COMPLETE         | AWS::S3::Bucket            | Foundation/Data (FoundationData1234)
                DrFoundationStack |   3 | 12:17:41 PM | CREATE_COMPLETE         | AWS::CloudFormation::Stack | DrFoundationStack
                 ✅  DrFoundationStack
                ✨  Deployment time: 0.6s
                PrimaryStack (shop-primary): deploying... [2/2]
                 ✅  PrimaryStack (shop-primary) (no changes)
                """);
        assertThat(printed()).isEqualTo("""
                        Synthesis          done
                        DrFoundationStack  created, 2 changes
                        PrimaryStack       unchanged
                        """);
    }

    @Test
    void onlyAnErrorBeforeAnyDeploymentLeavesTheEmulatorUntouched() {
        print("config/dev.json: name: \"x y\" is no name");
        assertThat(watch.touchedEmulator()).isFalse();
        print("DrStack: deploying... [1/1]");
        assertThat(watch.touchedEmulator()).isTrue();
    }

    @Test
    void ofAFailureTheLinesThatSpeakOfErrorsMatter() {
        print("""
                PrimaryStack: deploying... [2/3]
                PrimaryStack |   0 | 12:17:41 PM | CREATE_FAILED           | AWS::X::Y                  | Thing no such type
                 ❌  PrimaryStack failed: ToolkitError: The stack named PrimaryStack failed creation
                Total time: 3s
                """);
        assertThat(watch.whatMatters()).hasSize(2).allMatch(line -> line.contains("Thing") || line.contains("❌"));
    }
}
