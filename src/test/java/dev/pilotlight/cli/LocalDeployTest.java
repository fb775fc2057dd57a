package dev.pilotlight.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.testing.TestConfigurations;
import dev.pilotlight.topology.PromotionTag;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.rds.model.DBInstance;
import software.amazon.awssdk.services.rds.model.Tag;
import software.amazon.awssdk.services.route53.model.HealthCheckConfig;
import software.amazon.awssdk.services.sfn.SfnClient;

/**
 * {@code ./pilot local} for real: script, CDK CLI and emulator. The methods are one story, in order, because a deploy
 * takes time. The emulator is no proof about databases or DNS; the template tests are.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LocalDeployTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path HOME = Path.of("").toAbsolutePath();
    private static final String PRIMARY = "eu-central-1";
    private static final String DR = "eu-west-1";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path folder;

    private static Path state;

    @BeforeAll
    static void aFolder() {
        state = folder.resolve("state");
    }

    @AfterAll
    static void nothingIsLeftRunning() throws Exception {
        pilot("local", "down", "--state", state.toString()).end();
    }

    /** A running {@code ./pilot}, in a process group of its own, as a shell would start it. */
    private record Pilot(Process process, BufferedReader output, List<String> lines) {

        /** Reads on until a line is as wanted. */
        void until(Predicate<String> wanted) throws IOException {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line);
                if (wanted.test(line)) {
                    return;
                }
            }
            throw new AssertionError("ended too early: " + String.join("\n", lines));
        }

        Ended end() throws IOException, InterruptedException {
            output.lines().forEach(lines::add);
            assertThat(process.waitFor(5, TimeUnit.MINUTES)).isTrue();
            return new Ended(process.exitValue(), String.join("\n", lines));
        }
    }

    private record Ended(int exitCode, String output) {

        Ended with(int expected) {
            assertThat(exitCode).as(output).isEqualTo(expected);
            return this;
        }
    }

    private static Pilot pilot(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                HOME.resolve(".venv/bin/python").toString(),
                "-c",
                // Whoever runs this test in the background ignores SIGINT, and hands that down.
                "import os, signal, sys; os.setpgid(0, 0); signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])",
                HOME.resolve("pilot").toString()));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                // Anywhere but in the clone.
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        return new Pilot(process, process.inputReader(), new ArrayList<>());
    }

    /** On any free port, which the running emulator keeps. */
    private static Pilot local(String... more) throws IOException {
        return localAt(0, more);
    }

    private static Pilot localAt(int port, String... more) throws IOException {
        Stream<String> all = Stream.concat(
                Stream.of("local", "--state", state.toString(), "--port", Integer.toString(port)), Stream.of(more));
        return pilot(all.toArray(String[]::new));
    }

    private static JsonNode emulator() throws IOException {
        return JSON.readTree(state.resolve("emulator.json").toFile());
    }

    private static int port() throws IOException {
        return emulator().path("port").asInt();
    }

    private static void kill(String signal, String target) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + signal, "--", target)
                        .start()
                        .waitFor())
                .isZero();
    }

    private static List<String> commandsThatMention(Path path) {
        return ProcessHandle.allProcesses()
                .map(process -> process.info().commandLine().orElse(""))
                .filter(command -> command.contains(path.toString()))
                .toList();
    }

    @Test
    @Order(1)
    void aBusyPortIsOneSentence() throws Exception {
        try (ServerSocket stranger = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int busy = stranger.getLocalPort();
            assertThat(localAt(busy).end().with(1).output())
                    .contains("Port " + busy + " of 127.0.0.1 cannot be used")
                    .endsWith("choose another port with --port.");
        }
    }

    @Test
    @Order(2)
    void anInvalidConfigurationStartsNothing() throws Exception {
        Path configurations = TestConfigurations.folderWith("dev", "{'name': 'Not A Name'}");
        assertThat(local("--config", configurations.toString()).end().with(1).output())
                .contains("dev.json: name: ")
                .doesNotContain("Emulator");
    }

    @Test
    @Order(3)
    void twoAtOnceAreOneTooMany() throws Exception {
        Files.createDirectories(state);
        try (FileChannel channel =
                FileChannel.open(state.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.lock();
            assertThat(local().end().with(1).output())
                    .startsWith("Another ./pilot local")
                    .contains("at work");
        }
    }

    @Test
    @Order(4)
    void ctrlCEndsWhatItStarted() throws Exception {
        Pilot pilot = local();
        pilot.until(line -> line.startsWith("Emulator"));
        List<ProcessHandle> started = List.of();
        while (started.isEmpty()) {
            assertThat(pilot.process().isAlive()).as("%s", pilot.lines()).isTrue();
            Thread.sleep(20);
            started = pilot.process()
                    .descendants()
                    .filter(child -> child.info().commandLine().orElse("").matches(".* (bootstrap|deploy) .*"))
                    .toList();
        }
        // To the whole group, as a terminal does it.
        kill("INT", "-" + pilot.process().pid());
        assertThat(pilot.end().with(130).output())
                .contains("Interrupted: run it again; what was half-made does not stand in its way.");
        assertThat(started).noneMatch(Children::isRunning);
    }

    @Test
    @Order(5)
    void afterThatItDeploysAndFindsEverythingThatIsDeclared() throws Exception {
        String output = local().end().with(0).output();
        assertThat(output)
                .containsPattern("PrimaryStack +created, \\d+ changes")
                .containsPattern("DrStack +created, \\d+ changes")
                .containsPattern("Check +all 1\\d\\d resources are there as declared")
                .doesNotContain("Not checked")
                .containsPattern("role +LEADER, term 0 +STANDBY, term 0")
                .containsPattern("instances +1 of 1 to 2 +0 of 0 to 2")
                .containsPattern(
                        "database +pilotlight-dev-db-0: origin +pilotlight-dev-db-1: replica of pilotlight-dev-db-0")
                .contains("no workload runs in it, and it is not AWS")
                .contains("Played:      the runbooks, by real API calls; and, as models, agents, users, DNS")
                .contains("./pilot local down");
        assertThat(commandsThatMention(folder)).noneMatch(command -> command.contains(" deploy "));
        assertThat(runtime()).isPresent();
        newAlarmsAreJudged();
        statusFindsWhoLeadsAndWhetherTheStandbyIsReady();
        whatItHoldsIsLeftAloneWhileAFailoverRunsOrAnotherEnvironmentIsAskedFor();
    }

    /** Without that no later release would be taken: its alarms would have seen nothing. */
    private static void newAlarmsAreJudged() throws Exception {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        try (Aws aws = Aws.emulated("http://127.0.0.1:" + port())) {
            for (String region : List.of(PRIMARY, DR)) {
                while (System.nanoTime() < end && !rollOutAlarm(aws, region).equals("OK")) {
                    Thread.sleep(100);
                }
                assertThat(rollOutAlarm(aws, region)).as(region).isEqualTo("OK");
            }
        }
    }

    private static String rollOutAlarm(Aws aws, String region) {
        return aws.in(region).cloudWatch().describeAlarms().metricAlarms().stream()
                .filter(alarm -> alarm.alarmName().contains("RollOutErrors"))
                .findFirst()
                .orElseThrow()
                .stateValueAsString();
    }

    /** Here, because the system is as founded now and every deploy takes time. */
    private static void statusFindsWhoLeadsAndWhetherTheStandbyIsReady() throws Exception {
        Ended ended = pilot("status", "--local", "--state", state.toString()).end();
        assertThat(ended.exitCode()).as(ended.output()).isIn(0, 3);
        assertThat(ended.output())
                .containsPattern("deployed +leader, term 0, db-0 +standby, term 0, db-1")
                .containsPattern("ok +Leadership +primary \\(eu-central-1\\) leads in term 0 by claims and by the")
                .containsPattern("ok +Replica +db-1 replicates the leader's db-0 and is available")
                .containsPattern("ok +Certificate +The standby's is issued")
                .containsPattern("ok +Runbook +dr \\(eu-west-1\\) holds the failover runbook")
                .doesNotContain("Not seen")
                .contains("Next: Nothing to append.");
        assertThat(pilot("status", "--local", "--env", "prod", "--state", state.toString())
                        .end()
                        .with(1)
                        .output())
                .contains("The emulator holds pilotlight-dev of the environment dev, not ");
    }

    private static void whatItHoldsIsLeftAloneWhileAFailoverRunsOrAnotherEnvironmentIsAskedFor() throws Exception {
        String pid = emulator().path("pid").asText();
        assertThat(local("--env", "prod").end().with(1).output())
                .contains("The emulator holds pilotlight-dev of the environment dev, not ")
                .contains("stop it with `./pilot local down` first");
        // Else it would play the run to its end.
        runtime().ifPresent(Children::end);
        try (Aws aws = Aws.emulated("http://127.0.0.1:" + port())) {
            SfnClient runbooks = aws.in(DR).stepFunctions();
            String run = runbooks.startExecution(request -> request.stateMachineArn(
                                    "arn:aws:states:eu-west-1:123456789012:stateMachine:pilotlight-dev-failover-dr")
                            .name("failover-term-1-attempt-1")
                            .input("{\"mode\": \"planned\", \"acceptDataLoss\": false, \"reason\": \"test\"}"))
                    .executionArn();
            assertThat(local().end().with(1).output())
                    .isEqualTo(
                            "A failover is running in the emulator (failover-term-1-attempt-1): wait for its end with `./pilot failover --local`, or stop the emulator with `./pilot local down`.");
            runbooks.stopExecution(request -> request.executionArn(run));
        }
        assertThat(emulator().path("pid").asText()).isEqualTo(pid);
    }

    @Test
    @Order(6)
    void anUpdateChangesTheLaunchTemplateAndAnAppendTheLeader() throws Exception {
        Path configurations = TestConfigurations.folderWith(
                "dev", "{'compute': {'instanceType': 't4g.large'}, 'databaseLineage': ['primary', 'dr', 'primary']}");
        copyTheAssembly();
        aFailoverThatIsNotAppendedIsNoDefect();
        String output =
                local("--config", configurations.toString()).end().with(0).output();
        assertThat(output)
                .containsPattern("Emulator +running on port " + port())
                .containsPattern("DrStack +updated, \\d+ changes")
                .containsPattern("resources are there as declared")
                .containsPattern("role +STANDBY, term 1 +LEADER, term 1")
                .contains("pilotlight-dev-db-2: replica of pilotlight-dev-db-1", "retired but retained");
        assertThat(output.indexOf("DrStack  ")).isLessThan(output.indexOf("PrimaryStack  "));
        try (Aws aws = Aws.emulated("http://127.0.0.1:" + port())) {
            for (String region : List.of(PRIMARY, DR)) {
                var template = aws.in(region)
                        .ec2()
                        .describeLaunchTemplates()
                        .launchTemplates()
                        .get(0);
                assertThat(template.latestVersionNumber()).isEqualTo(2);
                assertThat(aws.in(region)
                                .ec2()
                                .describeLaunchTemplateVersions(
                                        request -> request.launchTemplateId(template.launchTemplateId())
                                                .versions("$Latest"))
                                .launchTemplateVersions()
                                .get(0)
                                .launchTemplateData()
                                .instanceTypeAsString())
                        .isEqualTo("t4g.large");
            }
            assertThat(aws.in(PRIMARY).rds().describeDBInstances().dbInstances())
                    .extracting(DBInstance::dbInstanceIdentifier)
                    .containsExactlyInAnyOrder("pilotlight-dev-db-0", "pilotlight-dev-db-2");
            assertThat(aws.in(PRIMARY).route53().listHealthChecks().healthChecks())
                    .extracting(check -> check.healthCheckConfig())
                    .allMatch(check -> check.resourcePath().endsWith("/leader/2"))
                    .allMatch(check -> check.fullyQualifiedDomainName().startsWith("primary."))
                    .extracting(HealthCheckConfig::inverted)
                    .containsExactlyInAnyOrder(true, false);
        }
    }

    /** What the runbook leaves of database and group, without its waits: the append that follows finds it so. */
    private static void aFailoverThatIsNotAppendedIsNoDefect() throws Exception {
        String database = "pilotlight-dev-db-1";
        try (Aws aws = Aws.emulated("http://127.0.0.1:" + port())) {
            var group = aws.in(DR)
                    .autoScaling()
                    .describeAutoScalingGroups()
                    .autoScalingGroups()
                    .get(0);
            aws.in(DR)
                    .autoScaling()
                    .updateAutoScalingGroup(request -> request.autoScalingGroupName(group.autoScalingGroupName())
                            .minSize(1)
                            .desiredCapacity(1));
            assertThat(local("--app", folder.resolve("founded").toString())
                            .end()
                            .with(1)
                            .output())
                    .as("nothing was promoted")
                    .contains("MinSize is 1, declared as 0");
            aws.in(DR)
                    .rds()
                    .addTagsToResource(request -> request.resourceName(
                                    "arn:aws:rds:eu-west-1:123456789012:db:" + database)
                            .tags(Tag.builder()
                                    .key(PromotionTag.KEY)
                                    .value(new PromotionTag(1, 1, "0", true).value())
                                    .build()));
            aws.in(DR)
                    .rds()
                    .promoteReadReplica(
                            request -> request.dbInstanceIdentifier(database).backupRetentionPeriod(7));
        }
        assertThat(local("--app", folder.resolve("founded").toString())
                        .end()
                        .with(0)
                        .output())
                .contains("The failover to dr is not appended to databaseLineage yet, so the groups keep")
                .contains(database + ": origin")
                .containsPattern("Check +all 1\\d\\d resources are there as declared");
    }

    /** The local runtime that was started last; it forgets itself when it is stopped. */
    private static Optional<ProcessHandle> runtime() throws IOException {
        Path record = state.resolve("runtime.json");
        return Files.exists(record)
                ? ProcessHandle.of(JSON.readTree(record.toFile()).path("pid").asLong())
                        .filter(Children::isRunning)
                : Optional.empty();
    }

    /** The founded system, synthesized once: the rest of the story needs no more. */
    private static void copyTheAssembly() throws IOException {
        Path copy = folder.resolve("founded");
        Files.createDirectory(copy);
        try (Stream<Path> files = Files.list(state.resolve("cdk.out"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
    }

    @Test
    @Order(7)
    void anEmulatorThatDiesInMidDeployIsNamed() throws Exception {
        Pilot pilot = local("--app", folder.resolve("founded").toString());
        pilot.until(line -> line.startsWith("DrFoundationStack"));
        kill("KILL", emulator().path("pid").asText());
        assertThat(pilot.end().with(1).output())
                .contains("The emulator (process ", ") ended during cdk deploy: its log is ");
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
        while (runtime().isPresent() && System.nanoTime() < end) {
            Thread.sleep(100);
        }
        assertThat(runtime()).as("what played against it ends by itself").isEmpty();
    }

    @Test
    @Order(8)
    void afterThatItStartsFromAnEmptyOne() throws Exception {
        assertThat(local("--app", folder.resolve("founded").toString())
                        .end()
                        .with(0)
                        .output())
                .contains("Starting from an empty emulator: the last one has ended")
                .containsPattern("started on 127.0.0.1:" + port())
                .containsPattern("Check +all 1\\d\\d resources are there as declared");
    }

    @Test
    @Order(9)
    void aTypeThatTheEmulatorDoesNotKnowIsRefused() throws Exception {
        Path app = Files.createDirectory(folder.resolve("unknown"));
        Files.writeString(app.resolve("manifest.json"), """
                {"version": "36.0.0", "artifacts": {
                  "PrimaryStack": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/eu-central-1",
                    "properties": {"templateFile": "PrimaryStack.template.json"}},
                  "DrStack": {"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/eu-west-1",
                    "properties": {"templateFile": "DrStack.template.json"}}}}
                """);
        for (String stack : List.of("PrimaryStack", "DrStack")) {
            Files.writeString(
                    app.resolve(stack + ".template.json"),
                    "{\"Resources\": {\"Dam\": {\"Type\": \"AWS::Unheard::Dam\", \"Properties\": {}}}}");
        }
        assertThat(local("--app", app.toString()).end().with(1).output())
                .contains(
                        "AWS::Unheard::Dam", "cdk deploy failed; all of its output is in " + state.resolve("cdk.log"));
    }

    @Test
    @Order(10)
    void downStopsItOnce() throws Exception {
        ProcessHandle played = runtime().orElseThrow();
        String pid = emulator().path("pid").asText();
        int port = port();
        assertThat(pilot("local", "down", "--state", state.toString())
                        .end()
                        .with(0)
                        .output())
                .isEqualTo("Stopped the emulator on port %d (process %s); what was deployed to it is gone."
                        .formatted(port, pid));
        assertThat(Children.isRunning(played)).isFalse();
        assertThat(pilot("local", "down", "--state", state.toString())
                        .end()
                        .with(0)
                        .output())
                .isEqualTo("No emulator is running: nothing to stop.");
    }

    @Test
    @Order(11)
    void aLongLineageCannotBeFounded() throws Exception {
        Path configurations = TestConfigurations.folderWith("dev", "{'databaseLineage': ['primary', 'dr', 'primary']}");
        assertThat(local("--config", configurations.toString()).end().with(1).output())
                .contains("databaseLineage of dev has 3 databases, but an empty emulator, like an empty account, ")
                .doesNotContain("started on");
        assertThat(state.resolve("emulator.json")).doesNotExist();
    }
}
