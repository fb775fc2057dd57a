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
import dev.pilotlight.testing.TestConfigurations;
import dev.pilotlight.topology.RegionName;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.StringReader;
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
        assertThat(stacks.deploy(SynthesizedApp.of(configuration).dr())).isNotEqualTo("UPDATE_COMPLETE");
        assertThat(databases()).contains("pilotlight-dev-db-2");
    }

    @Test
    @Order(5)
    void onlyItsNameDeletesIt() {
        Configuration configuration = TestConfigurations.with("dev", RESEEDED);
        assertThatThrownBy(() -> discard(configuration, "yes")).hasMessage("Nothing was deleted.");
        assertThat(databases()).contains("pilotlight-dev-db-2");
    }

    @Test
    @Order(6)
    void oneCommandLetsTheDeployBeRepeated() throws Exception {
        Configuration configuration = TestConfigurations.with("dev", RESEEDED);
        assertThat(discard(configuration, "pilotlight-dev-db-2"))
                .contains("a read replica of pilotlight-dev-db-0", "pilotlight-dev-db-2 is gone. Repeat the deploy");
        assertThat(databases()).doesNotContain("pilotlight-dev-db-2");
        assertThat(stacks.deploy(SynthesizedApp.of(configuration).dr())).isEqualTo("UPDATE_COMPLETE");
    }

    /** It may have led: whatever it was created as, it takes writes now. */
    @Test
    @Order(7)
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
    @Order(8)
    void aRestoredDatabaseThatNoCreateOnRecordMadeIsKept() throws Exception {
        Configuration configuration = TestConfigurations.with("dev", RESTORED);
        assertThatThrownBy(() -> discard(configuration, "pilotlight-dev-db-3"))
                .hasMessageContaining("it stands alone, and no create of pilotlight-dev-dr that is on record made it");
        assertThat(stacks.deploy(SynthesizedApp.of(configuration).dr())).isNotEqualTo("UPDATE_COMPLETE");
        assertThat(databases()).contains("pilotlight-dev-db-3");
    }

    @Test
    @Order(9)
    void statusSeesTheAlarmsThatTheStackNames() {
        try (Site site = site(TestConfigurations.dev())) {
            List<String> alarms = List.copyOf(
                    new RollOutGuard().look(site, RegionName.PRIMARY).keySet());
            assertThat(alarms).hasSize(2).anyMatch(name -> name.contains("RollOutErrors"));
            aws.in("eu-central-1")
                    .cloudWatch()
                    .setAlarmState(request -> request.alarmName(alarms.get(0))
                            .stateValue(StateValue.ALARM)
                            .stateReason("a test"));
            assertThat(new RollOutGuard().look(site, RegionName.PRIMARY)).containsEntry(alarms.get(0), "ALARM");
            assertThat(new RollOutGuard().look(site, RegionName.DR)).doesNotContainValue("ALARM");
        }
    }
}
