package dev.pilotlight.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pilotlight.cli.Progress;
import dev.pilotlight.cli.Project;
import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.cli.local.EmulatorControl.RegionState;
import dev.pilotlight.cli.local.runtime.LocalRuntime;
import dev.pilotlight.cli.local.runtime.Observation;
import dev.pilotlight.cli.local.runtime.Transition;
import dev.pilotlight.cli.local.runtime.Transition.Kind;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import dev.pilotlight.testing.TestConfigurations;
import dev.pilotlight.topology.RegionName;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudformation.model.Capability;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;
import software.amazon.awssdk.services.sfn.model.DescribeExecutionResponse;
import software.amazon.awssdk.services.sfn.model.ExecutionStatus;
import software.amazon.awssdk.services.sfn.model.HistoryEvent;

/**
 * The synthesized runbooks, run with real SDK clients against a real emulator: an emergency, the way back up of the lost
 * region, the append, and a planned failback. One story in order, because deploys take time. Nothing is asserted about
 * how long a thing took: only what came before what, in virtual time.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LocalRuntimeTest {

    private static final String ACCOUNT = "123456789012";
    private static final Duration LIMIT = Duration.ofHours(2);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path folder;

    private static final List<Transition> TRANSITIONS = new CopyOnWriteArrayList<>();
    private static Configuration configuration;
    private static Emulator emulator;
    private static EmulatorRecord record;
    private static EmulatorControl control;
    private static LocalRuntime runtime;
    private static Aws aws;

    @BeforeAll
    static void twoRegions() throws Exception {
        configuration = TestConfigurations.dev();
        Project project = new Project(Path.of("").toAbsolutePath());
        StateFolder state = new StateFolder(folder.resolve("state"));
        emulator = new Emulator(project, state);
        try (Progress silent = new Progress(new PrintStream(OutputStream.nullOutputStream()), false)) {
            record = emulator.start(EmulatorSettings.of(configuration, project), Emulator.ANY_PORT, silent);
        }
        aws = Aws.emulatedWorld(record.endpoint());
        control = new EmulatorControl(record.endpoint());
        deploy(SynthesizedApp.of(configuration));
        control.pace(Map.of(
                "promotionSeconds", 120, "promotionUnseenSeconds", 20, "launchSeconds", 60, "staleSeconds", 5));
        runtime = new LocalRuntime(control, configuration, ACCOUNT);
        runtime.onTransition(TRANSITIONS::add);
        runtime.start();
        runtime.speed(200);
    }

    @AfterAll
    static void nothingIsLeftRunning() {
        if (runtime != null) {
            runtime.close();
        }
        if (aws != null) {
            aws.close();
        }
        if (record != null) {
            emulator.stop(record);
        }
    }

    /** As the CDK CLI does it, without the CLI's own seconds: in the order of the stacks' dependencies. */
    private static void deploy(SynthesizedApp app) throws Exception {
        List<StackTemplate> left = new ArrayList<>(app.stacks());
        while (!left.isEmpty()) {
            StackTemplate next = left.stream()
                    .filter(stack ->
                            left.stream().noneMatch(other -> stack.dependsOn().contains(other.name())))
                    .findFirst()
                    .orElseThrow();
            left.remove(next);
            deploy(next);
        }
    }

    private static void deploy(StackTemplate stack) throws Exception {
        CloudFormationClient cloudFormation = aws.in(stack.region()).cloudFormation();
        String name = configuration.name() + "-" + stack.name().toLowerCase(Locale.ROOT);
        // Nothing was bootstrapped: no assets, no CLI.
        ObjectNode copy = stack.template().deepCopy();
        copy.withObject("/Parameters").remove("BootstrapVersion");
        copy.remove("Rules");
        String template = copy.toString();
        try {
            cloudFormation.updateStack(request ->
                    request.stackName(name).templateBody(template).capabilities(Capability.CAPABILITY_NAMED_IAM));
        } catch (CloudFormationException absent) {
            cloudFormation.createStack(request ->
                    request.stackName(name).templateBody(template).capabilities(Capability.CAPABILITY_NAMED_IAM));
        }
        String status;
        do {
            Thread.sleep(50);
            status = cloudFormation
                    .describeStacks(request -> request.stackName(name))
                    .stacks()
                    .get(0)
                    .stackStatusAsString();
        } while (status.endsWith("_IN_PROGRESS"));
        assertThat(status).as(name).isIn("CREATE_COMPLETE", "UPDATE_COMPLETE");
    }

    private static void awaits(String what, Predicate<Observation> wanted) throws InterruptedException {
        assertThat(runtime.await(wanted, LIMIT))
                .as("%s: %s %s", what, runtime.observe(), TRANSITIONS)
                .isTrue();
    }

    /** Virtual time, as played. */
    private static void pass(Duration time) throws InterruptedException {
        Instant end = runtime.observe().at().plus(time);
        awaits(time + " have passed", seen -> seen.at().isAfter(end));
    }

    /** The runbook of a region, from its start to its end. */
    private static DescribeExecutionResponse run(RegionName region, String name, String mode) throws Exception {
        return run(
                region,
                "failover",
                name,
                "{\"mode\": \"%s\", \"acceptDataLoss\": false, \"reason\": \"a test\"}".formatted(mode));
    }

    /** Whether the standby's look outside finds what it asks for. */
    private static boolean finds(String what, String name) throws Exception {
        DescribeExecutionResponse look =
                run(RegionName.DR, "outside", name, "{\"ask\": \"%s\"}".formatted(what));
        assertThat(look.status()).as(look.cause()).isEqualTo(ExecutionStatus.SUCCEEDED);
        return look.output().contains("\"right\":true");
    }

    private static DescribeExecutionResponse run(RegionName region, String kind, String name, String input)
            throws Exception {
        var stepFunctions = aws.in(configuration.region(region).region()).stepFunctions();
        String machine = "arn:aws:states:%s:%s:stateMachine:%s-%s-%s"
                .formatted(configuration.region(region).region(), ACCOUNT, configuration.name(), kind, region.id());
        String arn = stepFunctions
                .startExecution(request ->
                        request.stateMachineArn(machine).name(name).input(input))
                .executionArn();
        DescribeExecutionResponse execution;
        do {
            Thread.sleep(100);
            execution = stepFunctions.describeExecution(request -> request.executionArn(arn));
        } while (execution.status() == ExecutionStatus.RUNNING);
        return execution;
    }

    private static int index(Kind kind, RegionName region, String what) {
        for (int index = TRANSITIONS.size() - 1; index >= 0; index--) {
            Transition transition = TRANSITIONS.get(index);
            if (transition.kind() == kind
                    && transition.region() == region
                    && transition.what().contains(what)) {
                return index;
            }
        }
        throw new AssertionError("no %s of %s with '%s' in %s".formatted(kind, region, what, TRANSITIONS));
    }

    private static void inOrder(Integer... indexes) {
        assertThat(indexes).as(TRANSITIONS.toString()).isSorted();
        List<Integer> order = List.of(indexes);
        for (int index = 1; index < order.size(); index++) {
            assertThat(TRANSITIONS.get(order.get(index)).at())
                    .isAfterOrEqualTo(TRANSITIONS.get(order.get(index - 1)).at());
        }
    }

    @Test
    @Order(1)
    void usersAreServedByTheLeader() throws Exception {
        awaits(
                "users land",
                seen -> seen.users().region() == RegionName.PRIMARY
                        && seen.users().written()
                        && seen.region(RegionName.PRIMARY).serving() == 1);
        assertThat(runtime.observe().region(RegionName.DR).healthy()).isZero();
        assertThat(runtime.observe().region(RegionName.DR).writable()).isFalse();
        // The runbook reckons with what has been reported for some minutes.
        pass(Duration.ofMinutes(4));
    }

    /** Nobody else would tell: whatever watches is in the region that is lost. */
    @Test
    @Order(2)
    void aStandbyThatIsLostIsToldOfAndUsersStay() throws Exception {
        control.region(configuration.dr().region(), RegionState.HANGS);
        Predicate<Observation> told = seen -> seen.alarms().getOrDefault(RegionName.PRIMARY, Set.of()).stream()
                .anyMatch(alarm -> alarm.contains("StandbyUnheard"));
        awaits("the leader's region tells", told);
        assertThat(runtime.observe().users())
                .as("%s", TRANSITIONS)
                .isEqualTo(new Observation.Landing(RegionName.PRIMARY, true, true));
        assertThat(runtime.observe().region(RegionName.PRIMARY).serving()).isEqualTo(1);
        control.region(configuration.dr().region(), RegionState.UP);
        awaits("it is heard again", told.negate());
        assertThat(TRANSITIONS)
                .as("nothing has moved")
                .noneMatch(transition ->
                        Set.of(Kind.CLAIM, Kind.SIGN, Kind.EXECUTION).contains(transition.kind()));
        inOrder(
                index(Kind.REGION, RegionName.DR, "is lost"),
                index(Kind.ALARM, RegionName.PRIMARY, "is ALARM"),
                index(Kind.REGION, RegionName.DR, "is back"));
        // As before.
        pass(Duration.ofMinutes(5));
    }

    /** It sees what it would see if the leader were gone. */
    @Test
    @Order(3)
    void aStandbyThatIsCutOffHearsNothingWhileUsersAreServed() throws Exception {
        assertThat(finds("witnesses", "connected-1")).isTrue();
        assertThat(finds("region", "connected-2")).isTrue();
        control.region(configuration.dr().region(), RegionState.ISOLATED);
        awaits("the alarm goes off", LocalRuntimeTest::ringsInTheStandby);
        assertThat(finds("witnesses", "cut-off-1")).as("it is this region").isFalse();
        assertThat(finds("region", "cut-off-2")).isFalse();
        assertThat(runtime.observe().users()).isEqualTo(new Observation.Landing(RegionName.PRIMARY, true, true));
        control.region(configuration.dr().region(), RegionState.UP);
        awaits("the alarm is over", seen -> !ringsInTheStandby(seen));
        // The runbook reckons with what has been reported for some minutes.
        pass(Duration.ofMinutes(5));
    }

    private static boolean ringsInTheStandby(Observation seen) {
        return seen.alarms().getOrDefault(RegionName.DR, Set.of()).stream()
                .anyMatch(alarm -> alarm.contains("RegionLost"));
    }

    @Test
    @Order(4)
    void anEmergencyNeedsNothingOfTheLostRegion() throws Exception {
        control.region(configuration.primary().region(), RegionState.HANGS);
        awaits("the alarm goes off", LocalRuntimeTest::ringsInTheStandby);
        String regionLost = runtime.observe().alarms().get(RegionName.DR).stream()
                .filter(alarm -> alarm.contains("RegionLost"))
                .findFirst()
                .orElseThrow();
        DescribeExecutionResponse execution = run(RegionName.DR, "failover-term-1-attempt-1", "emergency");
        assertThat(execution.status()).as(execution.cause()).isEqualTo(ExecutionStatus.SUCCEEDED);
        assertThat(execution.output())
                .contains("\"outcome\":\"succeeded\"", "\"term\":1")
                .as("the claim was read by the region's own name")
                .contains("\"seen\":\"")
                .doesNotContain("could not be seen");
        assertThat(execution.stopDate()).isAfter(execution.startDate());
        awaits(
                "all users have moved",
                seen -> seen.users().region() == RegionName.DR
                        && seen.users().written()
                        && seen.cachedUsers().region() == RegionName.DR);
        inOrder(
                index(Kind.REGION, RegionName.PRIMARY, "is lost"),
                // By now it may be OK again.
                index(Kind.ALARM, RegionName.DR, regionLost + " is ALARM"),
                index(Kind.EXECUTION, RegionName.DR, "failover-term-1-attempt-1 begins"),
                index(Kind.SIGN, RegionName.DR, "shows the handover sign of term 1"),
                index(Kind.DATABASE, RegionName.DR, "is no replica any more"),
                index(Kind.DATABASE, RegionName.DR, "takes writes"),
                index(Kind.CLAIM, RegionName.DR, "claims term 1"),
                index(Kind.CHECK, RegionName.DR, "is healthy"),
                index(Kind.USERS, RegionName.DR, "answered and written"),
                index(Kind.CACHED_USERS, RegionName.DR, "answered and written"));
    }

    @Test
    @Order(5)
    void theHistoryIsThatOfTheRun() {
        String execution = "arn:aws:states:%s:%s:execution:%s-failover-dr:failover-term-1-attempt-1"
                .formatted(configuration.dr().region(), ACCOUNT, configuration.name());
        List<HistoryEvent> events = aws
                .in(configuration.dr().region())
                .stepFunctions()
                .getExecutionHistoryPaginator(request -> request.executionArn(execution))
                .events()
                .stream()
                .toList();
        assertThat(events).extracting(HistoryEvent::timestamp).isSorted();
        assertThat(events.stream()
                        .filter(event -> event.stateEnteredEventDetails() != null)
                        .map(event -> event.stateEnteredEventDetails().name()))
                .startsWith("Check the input", "Begin")
                .containsSubsequence(
                        "Raise the handover sign", "Promote", "Claim the term", "Write the evidence", "Done");
        assertThat(events.get(events.size() - 1).typeAsString()).isEqualTo("ExecutionSucceeded");
    }

    @Test
    @Order(6)
    void aLeaderThatWakesStopsAndUsersStay() throws Exception {
        int before = TRANSITIONS.size();
        control.region(configuration.primary().region(), RegionState.UP);
        awaits(
                "the old leader's group is empty",
                seen -> seen.region(RegionName.PRIMARY).up()
                        && seen.region(RegionName.PRIMARY).targets() == 0);
        assertThat(TRANSITIONS.subList(before, TRANSITIONS.size()))
                .noneMatch(transition -> transition.kind() == Kind.USERS || transition.kind() == Kind.CHECK);
        assertThat(runtime.observe().users().region()).isEqualTo(RegionName.DR);
    }

    @Test
    @Order(7)
    void afterTheAppendThePlannedFailbackLosesNothing() throws Exception {
        deploy(SynthesizedApp.of(TestConfigurations.with("dev", "{'databaseLineage': ['primary', 'dr', 'primary']}")));
        runtime.deployed();
        awaits(
                "the new replica is known",
                seen -> seen.region(RegionName.PRIMARY).database().endsWith("-db-2"));
        pass(Duration.ofMinutes(3));
        DescribeExecutionResponse execution = run(RegionName.PRIMARY, "failover-term-2-attempt-1", "planned");
        assertThat(execution.status()).as(execution.cause()).isEqualTo(ExecutionStatus.SUCCEEDED);
        assertThat(execution.output()).contains("\"expectedLossSeconds\":0", "\"fenced\":true");
        awaits(
                "all users are back",
                seen -> seen.users().region() == RegionName.PRIMARY
                        && seen.users().written()
                        && seen.cachedUsers().region() == RegionName.PRIMARY);
        inOrder(
                index(Kind.EXECUTION, RegionName.PRIMARY, "failover-term-2-attempt-1 begins"),
                index(Kind.SIGN, RegionName.PRIMARY, "shows the handover sign of term 2"),
                index(Kind.AGENTS, RegionName.DR, "is stopped by a sign on 1"),
                // Of the source's commits it may lack a heartbeat of the last second.
                index(Kind.DATABASE, RegionName.PRIMARY, "of its source's commits, 0 of users"),
                index(Kind.CLAIM, RegionName.PRIMARY, "claims term 2"),
                index(Kind.USERS, RegionName.PRIMARY, "answered and written"));
    }
}
