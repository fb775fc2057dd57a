package dev.pilotlight.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Progress;
import dev.pilotlight.cli.Project;
import dev.pilotlight.cli.Terminal;
import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.cli.local.PrivateEmulator;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.testing.EmulatedStacks;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import dev.pilotlight.testing.TestConfigurations;
import dev.pilotlight.topology.RegionName;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.StringReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.services.cloudwatch.model.StateValue;
import software.amazon.awssdk.services.rds.RdsClient;
import software.amazon.awssdk.services.rds.model.DBInstance;
import software.amazon.awssdk.services.rds.model.RdsException;

/**
 * Guards that an emulator can trip: a database left behind by a create that failed late, deletion protection, alarms.
 * One story in order, because deploys take time. Deployed by API, without change sets; the emulator's RDS and
 * CloudFormation are no proof about AWS's, only that the commands do what the pages say.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GuardsInEmulatorTest {

    private static final String RESEEDED = "{'databaseLineage': ['primary', 'dr', 'dr']}";
    private static final String AGAIN = "{'databaseLineage': ['primary', 'dr', 'dr', 'dr']}";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    static Path folder;

    private static PrivateEmulator emulator;
    private static Aws aws;
    private static EmulatedStacks stacks;

    @BeforeAll
    static void aFoundedSystem() throws Exception {
        Configuration configuration = TestConfigurations.dev();
        try (Progress silent = new Progress(new PrintStream(OutputStream.nullOutputStream()), false)) {
            emulator = PrivateEmulator.start(
                    new Project(Path.of("").toAbsolutePath()), folder.resolve("state"), configuration, silent);
        }
        aws = Aws.emulated(emulator.endpoint());
        stacks = new EmulatedStacks(aws, configuration.name());
        assertThat(stacks.deploy(SynthesizedApp.of(configuration))).containsOnly("CREATE_COMPLETE");
        // As they would be after minutes: no runtime judges them here.
        for (RegionName region : RegionName.values()) {
            alarms(region, StateValue.OK);
        }
    }

    @AfterAll
    static void nothingIsLeftRunning() {
        if (aws != null) {
            aws.close();
        }
        if (emulator != null) {
            emulator.close();
        }
    }

    private static Site site(Configuration configuration) {
        return Site.emulated(
                configuration, folder, false, emulator.endpoint(), emulator.account(), InstantSource.system());
    }

    /** Sets the alarms of a region's roll-outs, as its stack names them. */
    private static void alarms(RegionName region, StateValue state) {
        try (Site site = site(TestConfigurations.dev())) {
            assertThat(new RollOutGuard().look(site, region))
                    .hasSize(2)
                    .allSatisfy((alarm, was) -> site.in(region)
                            .cloudWatch()
                            .setAlarmState(request ->
                                    request.alarmName(alarm).stateValue(state).stateReason("a test")));
        }
    }

    private static RdsClient rds() {
        return aws.in("eu-west-1").rds();
    }

    private static List<String> databases() {
        return rds().describeDBInstances().dbInstances().stream()
                .map(DBInstance::dbInstanceIdentifier)
                .toList();
    }

    /** As a create does that fails after it: the replica is there, protected, and in no stack. */
    private static void leftBehind(String name) {
        rds().createDBInstanceReadReplica(request -> request.dbInstanceIdentifier(name)
                .sourceDBInstanceIdentifier(
                        "arn:aws:rds:eu-central-1:%s:db:pilotlight-dev-db-0".formatted(emulator.account()))
                .sourceRegion("eu-central-1")
                .dbInstanceClass("db.t4g.micro")
                .kmsKeyId("alias/pilotlight-dev-dr")
                .deletionProtection(true));
    }

    private static String discard(Configuration configuration, String answer) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                new BufferedReader(new StringReader(answer + "\n")),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                true);
        try (Site site = site(configuration)) {
            DiscardCommand.discard(site, terminal, false);
        }
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    @Order(1)
    void whatAStackHoldsIsKept() {
        assertThatThrownBy(() -> discard(TestConfigurations.dev(), "pilotlight-dev-db-1"))
                .isInstanceOf(Failure.class)
                .hasMessageContaining(
                        "There is nothing to discard: pilotlight-dev-db-1 of dr (eu-west-1) is held by the stack pilotlight-dev-dr (")
                .hasMessageContaining("pilotlight-dev-db-0 of primary (eu-central-1) is held by the stack");
    }

    @Test
    @Order(2)
    void whereNothingIsLeftBehindThereIsNothingToDiscard() {
        assertThatThrownBy(() -> discard(TestConfigurations.with("dev", RESEEDED), ""))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("pilotlight-dev-db-2 of dr (eu-west-1) is not there");
    }

    @Test
    @Order(3)
    void aDatabaseThatIsProtectedCannotBeDeleted() {
        leftBehind("pilotlight-dev-db-2");
        assertThatThrownBy(() -> rds().deleteDBInstance(request ->
                        request.dbInstanceIdentifier("pilotlight-dev-db-2").skipFinalSnapshot(true)))
                .isInstanceOf(RdsException.class)
                .hasMessageContaining("Cannot delete protected DB Instance");
    }

    @Test
    @Order(4)
    void aRetryMeetsWhatAFailedCreateLeftBehind() throws Exception {
        Configuration configuration = TestConfigurations.with("dev", RESEEDED);
        meets("pilotlight-dev-db-2", SynthesizedApp.of(configuration).dr());
    }

    private static void meets(String database, StackTemplate stack) throws InterruptedException {
        assertThat(stacks.deploy(stack)).startsWith("UPDATE_ROLLBACK_");
        assertThat(stacks.failures(stack)).first().asString().contains("DBInstanceAlreadyExists");
        assertThat(databases()).contains(database);
    }

    @Test
    @Order(5)
    void onlyItsNameDeletesIt() {
        Configuration configuration = TestConfigurations.with("dev", RESEEDED);
        assertThatThrownBy(() -> discard(configuration, "yes")).hasMessage("Nothing was deleted.");
        assertThat(databases()).contains("pilotlight-dev-db-2");
    }

    /** The day on which the leader's region is gone is no day to delete its replica. */
    @Test
    @Order(6)
    void aReplicaWhoseSourceIsNotSeenIsKept() throws Exception {
        Configuration configuration = TestConfigurations.with("dev", RESEEDED);
        region("eu-central-1", "refuses");
        try {
            assertThatThrownBy(() -> discard(configuration, "pilotlight-dev-db-2"))
                    .hasMessageContaining("its source pilotlight-dev-db-0 could not be seen")
                    .hasMessageContaining("it may be the only copy");
        } finally {
            region("eu-central-1", "up");
        }
        assertThat(databases()).contains("pilotlight-dev-db-2");
    }

    private static void region(String region, String state) throws Exception {
        HttpResponse<String> answer = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(emulator.endpoint() + "/pilotlight/regions/" + region))
                                .PUT(HttpRequest.BodyPublishers.ofString("{\"state\": \"%s\"}".formatted(state)))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    }

    @Test
    @Order(7)
    void oneCommandLetsTheDeployBeRepeated() throws Exception {
        Configuration configuration = TestConfigurations.with("dev", RESEEDED);
        assertThat(discard(configuration, "pilotlight-dev-db-2"))
                .contains("a read replica of pilotlight-dev-db-0", "pilotlight-dev-db-2 is gone. Repeat the deploy");
        assertThat(databases()).doesNotContain("pilotlight-dev-db-2");
        assertThat(stacks.deploy(SynthesizedApp.of(configuration).dr())).isEqualTo("UPDATE_COMPLETE");
    }

    /** It may have led: whatever it was created as, it takes writes now. */
    @Test
    @Order(8)
    void aDatabaseThatStandsAloneIsKept() {
        leftBehind("pilotlight-dev-db-3");
        rds().promoteReadReplica(request -> request.dbInstanceIdentifier("pilotlight-dev-db-3"));
        assertThatThrownBy(() -> discard(TestConfigurations.with("dev", AGAIN), "pilotlight-dev-db-3"))
                .hasMessageContaining("it stands alone, and may hold writes of its own");
        assertThat(databases()).contains("pilotlight-dev-db-3");
    }

    private static final String RESTORED =
            "{'databaseLineage': ['primary', 'dr', 'dr', {'region': 'dr', 'snapshot': 'arn:aws:rds:eu-west-1:123456789012:snapshot:one'}]}";

    /** It may be of an earlier life of the workload's name. */
    @Test
    @Order(9)
    void aRestoredDatabaseThatNoCreateOnRecordMadeIsKept() throws Exception {
        Configuration configuration = TestConfigurations.with("dev", RESTORED);
        assertThatThrownBy(() -> discard(configuration, "pilotlight-dev-db-3"))
                .hasMessageContaining("it stands alone, and no create of pilotlight-dev-dr that is on record made it");
        rds().createDBSnapshot(request ->
                request.dbInstanceIdentifier("pilotlight-dev-db-3").dbSnapshotIdentifier("one"));
        meets("pilotlight-dev-db-3", SynthesizedApp.of(configuration).dr());
    }

    @Test
    @Order(10)
    void statusSeesTheAlarmsThatTheStackNames() {
        alarms(RegionName.PRIMARY, StateValue.ALARM);
        try (Site site = site(TestConfigurations.dev())) {
            assertThat(new RollOutGuard().look(site, RegionName.PRIMARY))
                    .hasSize(2)
                    .allSatisfy((alarm, state) -> {
                        assertThat(alarm).containsPattern("RollOutErrors|UnhealthyTargets");
                        assertThat(state).isEqualTo("ALARM");
                    });
            assertThat(new RollOutGuard().look(site, RegionName.DR)).hasSize(2).doesNotContainValue("ALARM");
        }
    }

    /** Two in a row: an unguarded one leaves the alarms in place, and the next guarded one meets them. */
    @Test
    @Order(11)
    void whileAnAlarmRingsARepairIsRefusedUnlessItIsUnguarded() throws Exception {
        alarms(RegionName.PRIMARY, StateValue.ALARM);
        Configuration release = TestConfigurations.with("dev", "{'compute': {'instanceType': 't4g.small'}}");
        assertThat(stacks.deploy(SynthesizedApp.unguarded(release).primary())).isEqualTo("UPDATE_COMPLETE");
        alarms(RegionName.PRIMARY, StateValue.ALARM);
        assertThat(stacks.deploy(SynthesizedApp.dev().primary())).startsWith("UPDATE_ROLLBACK_");
    }

    @Test
    @Order(12)
    void whileAnAlarmRingsAnAppendIsNotRefused() throws Exception {
        alarms(RegionName.DR, StateValue.ALARM);
        Configuration appended =
                TestConfigurations.with("dev", "{'databaseLineage': ['primary', 'dr', 'dr', 'primary']}");
        assertThat(stacks.deploy(SynthesizedApp.of(appended).dr())).isEqualTo("UPDATE_COMPLETE");
    }
}
