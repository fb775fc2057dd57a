package dev.pilotlight.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.testing.Command;
import dev.pilotlight.testing.TestConfigurations;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code cdk synth} and the linters, as a pull request's check runs them. */
class SynthTest {

    private static final List<String> STACKS = List.of("DrFoundationStack", "PrimaryStack", "DrStack");

    @TempDir
    private static Path folder;

    /** Both environments, validated against CloudFormation's rules, with warnings as errors. */
    @BeforeAll
    static void synthesize() {
        for (String environment : List.of("dev", "prod")) {
            Command.Result synth = Command.cdk(
                            "synth",
                            "--strict",
                            "--quiet",
                            "-c",
                            "env=" + environment,
                            "-o",
                            folder.resolve(environment).toString())
                    .run();
            assertThat(synth.exitValue()).as(synth.output()).isZero();
        }
    }

    /** Iteration orders are salted per JVM: a map out of order would update resources for nothing. */
    @ParameterizedTest
    @ValueSource(strings = {"dev", "prod"})
    void twoJvmsSynthesizeTheSameBytes(String environment) {
        Path again = folder.resolve(environment + "-again");
        Command.Result synth = Command.cdk("synth", "--quiet", "-c", "env=" + environment, "-o", again.toString())
                .with("CDK_VALIDATION", "false")
                .run();
        assertThat(synth.exitValue()).as(synth.output()).isZero();
        for (String stack : STACKS) {
            assertThat(template(folder.resolve(environment), stack)).hasSameBinaryContentAs(template(again, stack));
        }
    }

    @Test
    void cfnLintFindsNothingInEitherRegion() {
        Stream<String> templates = Stream.of("dev", "prod")
                .flatMap(environment -> STACKS.stream()
                        .map(stack ->
                                template(folder.resolve(environment), stack).toString()));
        Command.Result lint = Command.of(Stream.concat(
                                Stream.of(".venv/bin/cfn-lint", "--regions", "eu-central-1", "eu-west-1", "--"),
                                templates)
                        .toArray(String[]::new))
                .run();
        assertThat(lint.exitValue()).as(lint.output()).isZero();
    }

    @Test
    void aBadConfigurationEndsWithItsProblemsAndNothingElse() {
        Path config =
                TestConfigurations.folderWith("dev", "{'primary': {'region': 'eu-centrl-1', 'cidr': '10.0.0.0/8'}}");
        Path out = folder.resolve("bad");
        Command.Result synth = Command.cdk("synth", "--quiet", "-c", "config=" + config, "-o", out.toString())
                .run();
        assertThat(synth.exitValue()).isNotZero();
        assertThat(synth.output())
                .contains("primary.region", "eu-centrl-1", "eu-central-1", "primary.cidr", "10.0.0.0/8")
                .doesNotContain("Exception", "\tat ");
        assertThat(out.resolve("manifest.json")).doesNotExist();
        assertThat(template(out, "PrimaryStack")).doesNotExist();
    }

    @Test
    void anUnknownEnvironmentIsNamedWithThoseThereAre() {
        Command.Result synth = Command.cdk(
                        "synth",
                        "--quiet",
                        "-c",
                        "env=prd",
                        "-o",
                        folder.resolve("unknown").toString())
                .run();
        assertThat(synth.exitValue()).isNotZero();
        assertThat(synth.output()).contains("prd", "prod").doesNotContain("Exception", "\tat ");
    }

    @Test
    void aMisspeltRollOutIsRefusedInASentence() {
        Path out = folder.resolve("misspelt");
        Command.Result synth = Command.cdk("synth", "--quiet", "-c", "rollout=ungaurded", "-o", out.toString())
                .run();
        assertThat(synth.exitValue()).isNotZero();
        assertThat(synth.output())
                .contains("-c rollout: \"ungaurded\" is no way to roll out; write -c rollout=unguarded")
                .doesNotContain("Exception", "\tat ");
        assertThat(out.resolve("manifest.json")).doesNotExist();
    }

    /** No annotation, which would make an error of it here. */
    @Test
    void withoutImagesASynthWarnsAndPassesTheStrictCheck() {
        Command.Result synth = Command.cdk(
                        "synth",
                        "--strict",
                        "--quiet",
                        "-c",
                        "rollout=unguarded",
                        "-o",
                        folder.resolve("unguarded").toString())
                .with("CDK_VALIDATION", "false")
                .run();
        assertThat(synth.exitValue()).as(synth.output()).isZero();
        assertThat(synth.output())
                .contains("Warning: compute.ami names no images", "`./pilot image --env dev`", "Roll-out: unguarded.");
    }

    private static Path template(Path assembly, String stack) {
        return assembly.resolve(stack + ".template.json");
    }
}
