package dev.pilotlight.compute;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static software.amazon.awssdk.services.cloudwatch.model.Statistic.MAXIMUM;
import static software.amazon.awssdk.services.cloudwatch.model.Statistic.MINIMUM;
import static software.amazon.awssdk.services.cloudwatch.model.Statistic.SAMPLE_COUNT;
import static software.amazon.awssdk.services.cloudwatch.model.Statistic.SUM;

import dev.pilotlight.compute.ShownSigns.Manner;
import dev.pilotlight.testing.AgentScenarios;
import dev.pilotlight.testing.Command;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.Handover;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.cloudwatch.model.Statistic;

/**
 * The very program that an instance runs, as a process, against a real PostgreSQL with TLS and SCRAM, HTTPS servers with
 * certificates of a test authority, and the emulator's CloudWatch, Auto Scaling and Secrets Manager. Only systemd is a
 * fake that notes what it is told.
 */
class AgentTest {

    private static final String SECRET =
            "{\"username\": \"" + PostgresServer.USER + "\", \"password\": \"" + PostgresServer.PASSWORD + "\"}";
    private static final AtomicInteger COUNT = new AtomicInteger();
    /** A place where nothing listens. */
    private static final String NOWHERE = "localhost:1";

    @TempDir
    static Path folder;

    private static AwsOnLoopback aws;
    private static PostgresServer leaders;
    /** Replicas, each of which one test promotes. */
    private static PostgresServer replicas;

    private static PostgresServer standbys;

    private final List<AutoCloseable> opened = new ArrayList<>();
    private String workload;
    /** A database of this test alone. */
    private PostgresServer.Database leader;

    private ShownSigns other;
    private ShownSigns own;

    @BeforeAll
    static void prepare() throws Exception {
        aws = new AwsOnLoopback();
        // PostgreSQL's own user goes through it.
        Command.of("chmod", "755", folder.toString()).run();
        Command.Result made = Command.of(
                        ".venv/bin/python", "src/test/resources/agent/certificates.py", folder.toString())
                .run();
        assertThat(made.exitValue()).as(made.output()).isZero();
        Path binaries = PostgresServer.unpack(folder);
        Path databases = Files.createDirectory(folder.resolve("databases"));
        leaders = PostgresServer.create(binaries, databases, folder);
        replicas = leaders.replica("replica");
        standbys = leaders.replica("standby");
        leaders.start();
        replicas.start();
        standbys.start();
        aws.awaitReady();
        aws.secret("database", SECRET);
    }

    @AfterAll
    static void end() {
        // What could not be started is not there.
        Stream.<AutoCloseable>of(aws, replicas, standbys, leaders)
                .filter(Objects::nonNull)
                .forEach(AgentTest::end);
    }

    private static void end(AutoCloseable closeable) {
        try {
            closeable.close();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @BeforeEach
    void regions() throws Exception {
        // Metrics are told apart by the workload's name.
        workload = "shop-" + COUNT.incrementAndGet();
        leader = leaders.create(workload.replace('-', '_'));
        other = open(new ShownSigns(folder.resolve("ours.p12")));
        own = open(new ShownSigns(folder.resolve("ours.p12")));
    }

    @AfterEach
    void close() throws Exception {
        for (int index = opened.size() - 1; index >= 0; index--) {
            opened.get(index).close();
        }
    }

    // --- claims

    @Test
    void theWorkloadRunsOnceTheAgentHasLookedAtTheOtherRegion() {
        Instance instance = instance().start().awaitAnswers("workload");
        assertThat(other.asked()).isGreaterThanOrEqualTo(4);
        assertThat(instance.log()).contains("other region: answers", "workload: may run");
    }

    @Test
    void aClaimStopsTheWorkloadForGoodAndAsksTheGroupForZero() {
        aws.group(workload);
        Instance instance = instance().start().awaitAnswers("workload");
        claim(other, 1);
        instance.awaitAnswers("stand-in").awaitLog("group: asked for zero");
        assertThat(aws.capacity(workload)).isEqualTo("0 0");
        assertThat(instance.health())
                .as("unhealthy, the group would replace the instance")
                .isEqualTo(200);

        // Nobody starts it again: not systemd, not a person, not an agent that sees no claim any more.
        instance.systemctl("start", "workload.service");
        assertThat(instance.answers()).isEqualTo("stand-in");
        other.takeBack(new Claim(workload, 1).path());
        instance.restartAgent().awaitAnswers("stand-in");
        instance.with("PILOTLIGHT_OTHER_HOST", NOWHERE).reboot().awaitAnswers("stand-in");
        instance.systemctl("start", "workload.service");
        assertThat(instance.answers()).isEqualTo("stand-in");
        assertThat(instance.agentLives()).isTrue();
    }

    @Test
    void aSupersededInstanceReportsOnlyThatItIsStopped() {
        claim(other, 1);
        aws.group(workload);
        Instance instance = instance().start().awaitLog("group: asked for zero").awaitMoreStops(2);
        assertThat(instance.systemdCalls()).noneMatch(call -> call.startsWith("start"));
        for (String region : List.of(AwsOnLoopback.HERE, AwsOnLoopback.THERE)) {
            for (String metric : List.of("Writable", "Heartbeat", "Instance", "FencedTerm")) {
                assertThat(metric(region, metric, MAXIMUM)).isEmpty();
            }
        }
        awaitMetric(AwsOnLoopback.HERE, "Stopped", MINIMUM, 1);
        assertThat(metric(AwsOnLoopback.THERE, "Stopped", MAXIMUM)).isEmpty();
    }

    /** A database leads in the term in which it joined, or in the next: it may be superseded by the second after its own. */
    @ParameterizedTest
    @CsvSource({"0, 1", "0, 2", "3, 4", "3, 5"})
    void theClaimsAfterTheDatabasesTermSupersedeIt(int joined, int claimed) {
        claim(other, claimed);
        instance()
                .with("PILOTLIGHT_DATABASE_TERM", String.valueOf(joined))
                .start()
                .awaitAnswers("stand-in");
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 3", "3, 1"})
    void theClaimsUpToTheDatabasesTermAreOfThePast(int joined, int claimed) {
        claim(other, claimed);
        handover(other, claimed);
        Instance instance = instance()
                .with("PILOTLIGHT_DATABASE_TERM", String.valueOf(joined))
                .start();
        instance.awaitAnswers("workload");
        awaitMoreLooks();
        assertThat(instance.answers()).isEqualTo("workload");
    }

    @ParameterizedTest
    @EnumSource(value = Manner.class, names = "AS_IT_SHOULD", mode = EnumSource.Mode.EXCLUDE)
    void whatIsNotExactlyAClaimStopsNothing(Manner manner) {
        Instance instance = instance().start().awaitAnswers("workload");
        other.answer(manner);
        claim(other, 1);
        handover(other, 1);
        if (manner == Manner.SLOWLY) {
            instance.awaitLog("other region: TimeoutError: no answer in 4 seconds");
        } else {
            awaitMoreLooks();
        }
        assertThat(instance.answers()).isEqualTo("workload");
        assertThat(instance.agentLives()).isTrue();
    }

    @Test
    void aClaimOfAnotherWorkloadStopsNothing() {
        other.show(new Claim(workload, 1).path(), new Claim("other", 1).text());
        Instance instance = instance().start().awaitAnswers("workload");
        awaitMoreLooks();
        assertThat(instance.answers()).isEqualTo("workload");
    }

    @Test
    void aClaimUnderAForeignCertificateStopsNothing() throws Exception {
        ShownSigns foreign = open(new ShownSigns(folder.resolve("theirs.p12")));
        claim(foreign, 1);
        Instance instance =
                instance().with("PILOTLIGHT_OTHER_HOST", foreign.host()).start().awaitLog("CERTIFICATE_VERIFY_FAILED");
        instance.awaitAnswers("workload");
        assertThat(foreign.asked()).isZero();
    }

    @Test
    void aRegionThatCannotBeReachedStopsNothing() {
        Instance instance =
                instance().with("PILOTLIGHT_OTHER_HOST", NOWHERE).start().awaitLog("Connection refused");
        instance.awaitAnswers("workload");
        instance.with("PILOTLIGHT_OTHER_HOST", "no-such-host.invalid")
                .restartAgent()
                .awaitLog("other region: gaierror");
        assertThat(instance.answers()).isEqualTo("workload");
    }

    /** An instance that slept while its region lost leadership and won it back: its database is of the past, its group is not. */
    @Test
    void theGroupIsLeftAloneIfTheRegionLeadsAgain() {
        aws.group(workload);
        claim(other, 1);
        claim(own, 2);
        instance().start().awaitAnswers("stand-in").awaitLog("group: left alone");
        assertThat(aws.capacity(workload)).isEqualTo("2 2");
    }

    @Test
    void aWorkloadThatDoesNotStopIsPoweredOff() {
        Instance instance = instance().start().awaitAnswers("workload").file("systemd/stubborn", "");
        claim(other, 1);
        Await.until("the power is cut", () -> instance.systemdCalls().contains("poweroff"));
    }

    // --- handover

    @Test
    void aHandoverSignStopsTheWorkloadWhileItStands() {
        aws.group(workload);
        Instance instance = instance().start().awaitAnswers("workload");
        awaitMetric(AwsOnLoopback.THERE, "FencedTerm", MINIMUM, 0);
        handover(other, 1);
        instance.awaitAnswers("stand-in");
        awaitMetric(AwsOnLoopback.THERE, "FencedTerm", MAXIMUM, 1);
        awaitMetric(AwsOnLoopback.HERE, "Stopped", MAXIMUM, 1);
        assertThat(instance.health()).isEqualTo(200);

        // Heartbeats go on: the row written after the fence is what the replica must have replayed.
        String beat = lastBeat();
        Await.until("another heartbeat", () -> !lastBeat().equals(beat));

        // A sign that cannot be read has not gone.
        other.answer(Manner.WITH_500);
        instance.restartAgent().awaitLog("other region: answers, but not as a load balancer of ours");
        awaitMoreLooks();
        assertThat(instance.answers()).isEqualTo("stand-in");
        // Nor for an instance that has been rebooted meanwhile: the other database may be promoted by now.
        instance.reboot().awaitAnswers("stand-in");
        awaitMoreLooks();
        assertThat(instance.answers()).isEqualTo("stand-in");

        other.answer(Manner.AS_IT_SHOULD);
        other.takeBack(new Handover(workload, 1).path());
        instance.awaitAnswers("workload");
        assertThat(aws.capacity(workload)).isEqualTo("2 2");
    }

    @Test
    void aClaimAfterTheHandoverIsFinal() {
        handover(other, 1);
        aws.group(workload);
        Instance instance = instance().start().awaitAnswers("stand-in");
        claim(other, 1);
        instance.awaitLog("workload: stopped: the other region leads in term 1");
        other.takeBack(new Handover(workload, 1).path());
        awaitOutcome("group asked", () -> aws.capacity(workload).equals("0 0"));
        assertThat(instance.answers()).isEqualTo("stand-in");
    }

    @Test
    void aWorkloadThatDoesNotStopIsNotReportedAsFenced() {
        Instance instance = instance().start().awaitAnswers("workload").file("systemd/stubborn", "");
        handover(other, 1);
        instance.awaitLog("workload: does not stop");
        awaitMetric(AwsOnLoopback.THERE, "FencedTerm", MAXIMUM, 0);
        awaitMoreLooks();
        assertThat(metric(AwsOnLoopback.THERE, "FencedTerm", MAXIMUM)).hasValue(0);
        assertThat(metric(AwsOnLoopback.HERE, "Stopped", MAXIMUM)).hasValue(0);
        assertThat(instance.systemdCalls()).doesNotContain("poweroff");
    }

    // --- the lock, against instances whose agent is dead

    @Test
    void whileTheFenceIsReportedNobodyWritesAndHeartbeatsGoOn() throws Exception {
        leader.text("""
                CREATE TABLE plain (at timestamptz);
                CREATE UNLOGGED TABLE unlogged (at timestamptz);
                CREATE TABLE parts (at timestamptz) PARTITION BY RANGE (at);
                CREATE TABLE part PARTITION OF parts DEFAULT""");
        leader.text("CREATE SCHEMA " + ODD_SCHEMA + " CREATE TABLE " + ODD_TABLE + " (at timestamptz)");
        Instance instance = instance().start().awaitLog("database: takes writes");
        Writer kept = open(new Writer(leader, "INSERT INTO plain VALUES (now())", true));
        Writer fresh = open(new Writer(leader, "INSERT INTO plain VALUES (now())", false));
        awaitMore(kept, fresh);
        assertThat(instance.log()).noneMatch(line -> line.startsWith("lock"));

        handover(other, 1);
        awaitMetric(AwsOnLoopback.THERE, "FencedTerm", MAXIMUM, 1);
        // Not what was acknowledged: a writer may hear of its last row later than we of the fence.
        String before = leader.text(ROWS);
        String beat = lastBeat();
        Await.until("another heartbeat", () -> !lastBeat().equals(beat));
        awaitMoreLooks();
        assertThat(leader.text(ROWS)).as("reads go on, writes do not").isEqualTo(before);
        for (String statement : List.of(
                "INSERT INTO unlogged VALUES (now())",
                "INSERT INTO parts VALUES (now())",
                "INSERT INTO part VALUES (now())",
                "INSERT INTO " + ODD_TABLE + " VALUES (now())",
                "UPDATE plain SET at = now()",
                "DELETE FROM plain",
                "TRUNCATE plain",
                "DROP TABLE plain",
                "ALTER TABLE plain ADD more int")) {
            assertThatThrownBy(() -> leader.text("SET lock_timeout = '100ms'; " + statement))
                    .as(statement)
                    .hasMessageContaining("canceling statement due to lock timeout");
        }
        assertThat(leader.text(ROWS)).isEqualTo(before);

        other.takeBack(new Handover(workload, 1).path());
        instance.awaitAnswers("workload");
        awaitMore(kept, fresh);
    }

    /** Only ACCESS EXCLUSIVE locks are replayed: the promoted database is free while the old leader's is held. */
    @Test
    void theLockIsNotReplicated() throws Exception {
        leader.text("CREATE TABLE plain (at timestamptz)");
        instance().start();
        handover(other, 1);
        awaitMetric(AwsOnLoopback.THERE, "FencedTerm", MAXIMUM, 1);
        assertThat(leader.text(SHARE_LOCKS)).isEqualTo("1");
        String replayed = "SELECT pg_last_wal_replay_lsn() >= '" + leader.text("SELECT pg_current_wal_lsn()") + "'";
        awaitOutcome(
                "all is replayed",
                () -> standbys.database("postgres").text(replayed).equals("t"));
        PostgresServer.Database standby = standbys.database(leader.name());
        assertThat(standby.text(SHARE_LOCKS)).isEqualTo("0");
        standby.text("SELECT pg_promote()");
        assertThat(standby.text("INSERT INTO plain VALUES (now()) RETURNING 'written'"))
                .isEqualTo("written");
        assertThat(leader.text(SHARE_LOCKS)).isEqualTo("1");
    }

    @Test
    void aNewTableIsLockedToo() throws Exception {
        Instance instance = instance().start();
        handover(other, 1);
        awaitMetric(AwsOnLoopback.THERE, "FencedTerm", MAXIMUM, 1);
        double zeros = zeros();
        leader.text("CREATE TABLE late (at timestamptz)");
        awaitOutcome("it is locked", () -> leader.text(SHARE_LOCKS).equals("1"));
        // Somebody may have written to it before.
        awaitOutcome("a report of 0", () -> zeros() > zeros);
        assertThat(instance.agentLives()).isTrue();
    }

    /** What is not committed was promised to nobody; so whoever does not end by himself is ended. */
    @Test
    void aTransactionThatDoesNotEndIsEnded() throws Exception {
        leader.text("CREATE TABLE plain (at timestamptz)");
        try (Connection lingering = leader.connect()) {
            lingering.setAutoCommit(false);
            lingering.createStatement().execute("INSERT INTO plain VALUES (now())");
            Instance instance = instance().start().awaitAnswers("workload");
            handover(other, 1);
            instance.awaitLog("lock: in its way: plain by pilotlight, ended: t");
            assertThat(instance.log())
                    .filteredOn(line -> line.startsWith("lock"))
                    .as("it had the time to end by itself")
                    .first()
                    .asString()
                    .contains("timeout");
            awaitMetric(AwsOnLoopback.THERE, "FencedTerm", MAXIMUM, 1);
            assertThatThrownBy(lingering::commit).isInstanceOf(SQLException.class);
            assertThat(leader.text(ROWS)).isEqualTo("0");
        }
    }

    /** On RDS they belong to a superuser, and could not be locked; nobody's rows are in them. */
    @Test
    void tablesOfExtensionsAreLeftOut() throws Exception {
        leader.text("CREATE TABLE of_extension (at timestamptz)");
        leader.text("ALTER EXTENSION plpgsql ADD TABLE of_extension");
        leader.text("BEGIN; INSERT INTO of_extension VALUES (now()); PREPARE TRANSACTION 'pending'");
        try {
            instance().start().awaitAnswers("workload");
            handover(other, 1);
            awaitMetric(AwsOnLoopback.THERE, "FencedTerm", MAXIMUM, 1);
        } finally {
            leader.text("ROLLBACK PREPARED 'pending'");
            leader.text("ALTER EXTENSION plpgsql DROP TABLE of_extension");
        }
    }

    /** A prepared transaction belongs to no session: it cannot be ended, and may be committed at any time. */
    @Test
    void whatCannotBeLockedIsNotReportedAsFenced() throws Exception {
        leader.text("CREATE TABLE plain (at timestamptz)");
        leader.text("BEGIN; INSERT INTO plain VALUES (now()); PREPARE TRANSACTION 'pending'");
        Instance instance = instance().start().awaitAnswers("workload");
        handover(other, 1);
        try {
            instance.awaitAnswers("stand-in").awaitLog("lock: in its way: plain by nobody connected, ended: ");
            awaitMetric(AwsOnLoopback.THERE, "FencedTerm", MAXIMUM, 0);
            awaitMoreLooks();
            assertThat(metric(AwsOnLoopback.THERE, "FencedTerm", MAXIMUM)).hasValue(0);
        } finally {
            leader.text("ROLLBACK PREPARED 'pending'");
        }
        awaitMetric(AwsOnLoopback.THERE, "FencedTerm", MAXIMUM, 1);
    }

    @Test
    void aLockThatWasLostIsReportedAsNoFenceFirst() throws Exception {
        leader.text("CREATE TABLE plain (at timestamptz)");
        handover(other, 1);
        Instance instance = instance().start();
        awaitMetric(AwsOnLoopback.THERE, "FencedTerm", MAXIMUM, 1);
        assertThat(zeros()).as("before the lock was held").isPositive();

        double zeros = zeros();
        double ones = ones();
        leader.text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE mode = 'ShareLock' AND " + OF_THIS_DATABASE);
        awaitOutcome("a report of 0, then of 1", () -> zeros() > zeros && ones() > ones);

        double zerosBeforeRestart = zeros();
        double onesBeforeRestart = ones();
        instance.restartAgent();
        awaitOutcome("a report of 0, then of 1", () -> zeros() > zerosBeforeRestart && ones() > onesBeforeRestart);
    }

    /** Every living agent holds it; the last to go lets go of it. */
    @Test
    void oneLivingAgentFencesTheInstancesOfAllOthers() throws Exception {
        leader.text("CREATE TABLE plain (at timestamptz)");
        Instance first = instance().start().awaitAnswers("workload");
        workload = "shop-" + COUNT.incrementAndGet();
        Instance second = instance().start().awaitAnswers("workload");
        first.kill();
        Writer rogue = open(new Writer(leader, "INSERT INTO plain VALUES (now())", true));
        awaitMore(rogue);
        handover(other, 1);
        awaitMetric(AwsOnLoopback.THERE, "FencedTerm", MAXIMUM, 1);
        assertThat(first.answers()).isEqualTo("workload");
        String before = leader.text(ROWS);
        awaitMoreLooks();
        assertThat(leader.text(ROWS)).as(second.log().toString()).isEqualTo(before);
        second.kill();
        awaitMore(rogue);
    }

    @Test
    void aSupersededDatabaseIsKeptFromBeingWritten() throws Exception {
        leader.text("CREATE TABLE plain (at timestamptz)");
        Writer rogue = open(new Writer(leader, "INSERT INTO plain VALUES (now())", true));
        awaitMore(rogue);
        claim(other, 1);
        instance().start().awaitLog("lock: held on 1 tables");
        assertThat(leader.text(SHARE_LOCKS)).isEqualTo("1");
        String before = leader.text(ROWS);
        assertThatThrownBy(() -> leader.text("SET lock_timeout = '300ms'; INSERT INTO plain VALUES (now())"))
                .hasMessageContaining("lock timeout");
        assertThat(leader.text(ROWS)).isEqualTo(before);
    }

    // --- the database

    @Test
    void aLeaderReportsWritableHereAndItsHeartbeatThere() {
        instance().start().awaitLog("database: takes writes");
        awaitMetric(AwsOnLoopback.HERE, "Writable", MINIMUM, 1);
        awaitMetric(AwsOnLoopback.THERE, "Heartbeat", MINIMUM, 1);
        awaitMetric(AwsOnLoopback.THERE, "FencedTerm", MAXIMUM, 0);
        awaitMetric(AwsOnLoopback.HERE, "Stopped", MAXIMUM, 0);
        assertThat(metric(AwsOnLoopback.THERE, "Writable", MAXIMUM)).isEmpty();
        assertThat(metric(AwsOnLoopback.HERE, "Heartbeat", MAXIMUM)).isEmpty();
        assertThat(metric(AwsOnLoopback.HERE, "FencedTerm", MAXIMUM)).isEmpty();
        String beat = lastBeat();
        Await.until(
                "a later time in the same row",
                () -> leader.text("SELECT count(*) FROM pilotlight_agent.heartbeat"
                                + " WHERE region = 'primary' AND at > '" + beat + "'")
                        .equals("1"));
    }

    /** When is a matter of the scenarios. */
    @Test
    void aLeaderIsCountedThere() {
        instance().with("PILOTLIGHT_REPORT_EVERY", "1").start();
        awaitMetric(AwsOnLoopback.THERE, "Instance", MAXIMUM, 1);
        assertThat(metric(AwsOnLoopback.HERE, "Instance", MAXIMUM)).isEmpty();
    }

    /** Instances boot while a promotion reboots the database. */
    @Test
    void thePermitDoesNotWaitForTheDatabase() throws Exception {
        Instance instance = database(instance(), listener(null)).start().awaitLog("database: ");
        assertThat(instance.log())
                .filteredOn(line -> line.startsWith("workload") || line.startsWith("database"))
                .first()
                .isEqualTo("workload: may run");
        instance.awaitAnswers("workload");
    }

    /** A workload's first statement, as it runs it at every start. */
    private static final String SET_UP = "CREATE TABLE IF NOT EXISTS owners (name text)";

    private static final String OWNERS =
            "SELECT count(*) || ' in ' || (SELECT nspname FROM pg_namespace JOIN pg_class c"
                    + " ON relnamespace = pg_namespace.oid WHERE c.oid = 'owners'::regclass) FROM owners";

    /** Whichever was there first, the workload's tables or the agent's: its rows are where it looks for them. */
    @ParameterizedTest
    @ValueSource(strings = {"workload, agent", "agent, workload", "workload, agent, workload"})
    void theAgentsSchemaIsNeverInTheWorkloadsWay(String order) {
        int owners = 0;
        for (String who : order.split(", ", -1)) {
            if (who.equals("agent")) {
                instance().start().awaitLog("database: takes writes");
            } else {
                leader.text(SET_UP);
                leader.text("INSERT INTO owners VALUES ('Ada')");
                owners++;
            }
        }
        leader.text(SET_UP);
        assertThat(leader.text(OWNERS)).isEqualTo(owners + " in public");
        assertThat(leader.text("SELECT current_schemas(false)")).isEqualTo("{public}");
    }

    /** Its schema would be the first on that user's search path. */
    @Test
    void aUserWithTheNameOfTheAgentsSchemaIsRefused() {
        leader.text("CREATE ROLE pilotlight_agent");
        try {
            instance().start().awaitLog("database: ConnectionError: a user is called pilotlight_agent");
            awaitMetric(AwsOnLoopback.HERE, "Writable", MAXIMUM, 0);
            assertThat(leader.text("SELECT count(*) FROM pg_namespace WHERE nspname = 'pilotlight_agent'"))
                    .isEqualTo("0");
        } finally {
            // Users are the server's, not the database's.
            leader.text("DROP ROLE pilotlight_agent");
        }
    }

    @Test
    void itsConnectionIsKept() {
        Instance instance = instance().start().awaitLog("database: takes writes");
        String backend = "SELECT string_agg(pid::text, ',') FROM pg_stat_activity WHERE application_name = 'pilotlight'"
                + " AND datname = current_database()";
        String first = leader.text(backend);
        awaitMoreLooks();
        assertThat(leader.text(backend)).isEqualTo(first).doesNotContain(",");
        // And replaced without a heartbeat lost when the server ends it.
        leader.text("SELECT pg_terminate_backend(" + first + ")");
        awaitOutcome(
                "another connection",
                () -> !leader.text(backend).isEmpty() && !leader.text(backend).equals(first));
        assertThat(instance.log())
                .doesNotHaveDuplicates()
                .filteredOn(line -> line.startsWith("database"))
                .hasSize(1);
    }

    @Test
    void aReplicaIsNotWritableUntilItIsPromoted() throws Exception {
        // The replica of a leader that has beaten at least once.
        instance().start().awaitLog("database: takes writes");
        workload = "shop-" + COUNT.incrementAndGet();
        PostgresServer.Database replica = replicas.database(leader.name());
        Instance standby = database(instance(), replica.port()).start().awaitLog("database: is a replica");
        awaitMetric(AwsOnLoopback.HERE, "Writable", MAXIMUM, 0);
        assertThat(metric(AwsOnLoopback.THERE, "Heartbeat", MAXIMUM)).isEmpty();
        assertThat(standby.answers()).isEqualTo("workload");

        replica.text("SELECT pg_promote()");
        standby.awaitLog("database: takes writes");
        awaitMetric(AwsOnLoopback.HERE, "Writable", MAXIMUM, 1);
        awaitMetric(AwsOnLoopback.THERE, "Heartbeat", MAXIMUM, 1);
    }

    @Test
    void aReadOnlyDatabaseIsNotWritable() {
        readOnly(true);
        Instance instance = instance().start().awaitLog("in a read-only transaction");
        awaitMetric(AwsOnLoopback.HERE, "Writable", MAXIMUM, 0);
        assertThat(metric(AwsOnLoopback.THERE, "Heartbeat", MAXIMUM)).isEmpty();
        readOnly(false);
        instance.awaitLog("database: takes writes");
        awaitMetric(AwsOnLoopback.HERE, "Writable", MAXIMUM, 1);
    }

    @Test
    void aPasswordThatWasChangedIsReadAgain() {
        String secret = "database-" + workload;
        aws.secret(secret, SECRET.replace(PostgresServer.PASSWORD, "an-old-one"));
        Instance instance =
                instance().with("DATABASE_SECRET", secret).start().awaitLog("password authentication failed");
        awaitMetric(AwsOnLoopback.HERE, "Writable", MAXIMUM, 0);
        aws.secretChanges(secret, SECRET);
        instance.awaitLog("database: takes writes");
        assertThat(instance.log())
                .noneMatch(line -> line.contains("an-old-one") || line.contains(PostgresServer.PASSWORD));
    }

    @ParameterizedTest
    @ValueSource(strings = {"gone", "silent", "without TLS", "no database"})
    void aDatabaseThatDoesNotAnswerIsNotWritableAndTheFenceStands(String how) throws Exception {
        int port =
                switch (how) {
                    case "gone" -> 1;
                    case "silent" -> listener(null);
                    case "without TLS" -> listener("N");
                    default -> listener("HTTP/1.1 400 Bad Request\r\n\r\n");
                };
        Instance instance =
                database(instance(), port).start().awaitAnswers("workload").awaitLog("database: ");
        awaitMetric(AwsOnLoopback.HERE, "Writable", MAXIMUM, 0);
        assertThat(metric(AwsOnLoopback.THERE, "Heartbeat", MAXIMUM)).isEmpty();
        claim(other, 1);
        instance.awaitAnswers("stand-in");
    }

    @Test
    void withoutSecretOrCloudWatchTheFenceStands() {
        Instance instance = instance()
                .with("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
                .with("PILOTLIGHT_METADATA", "127.0.0.1:1")
                .start()
                .awaitAnswers("workload");
        instance.awaitLog("database: ConnectionRefusedError").awaitLog("CloudWatch in " + AwsOnLoopback.THERE);
        claim(other, 1);
        instance.awaitAnswers("stand-in");
        claim(own, 1);
        instance.awaitLog("group: ConnectionRefusedError");
        assertThat(instance.agentLives()).isTrue();
    }

    @Test
    void aSecretThatIsMissingOrGarbageIsNoEnd() {
        aws.secret("garbage-" + workload, "[]");
        Instance instance = instance()
                .with("DATABASE_SECRET", "no-such-secret")
                .start()
                .awaitLog("secretsmanager in eu-central-1 answers ");
        instance.with("DATABASE_SECRET", "garbage-" + workload).restartAgent().awaitLog("database: TypeError");
        awaitMoreLooks();
        assertThat(instance.agentLives()).isTrue();
    }

    /** The emulator checks no signatures; botocore makes the same. */
    @Test
    void requestsAreSignedAsAwsAsks() {
        Command.Result result = Command.of(
                        ".venv/bin/python",
                        "src/test/resources/agent/signature.py",
                        "src/main/resources/user-data/agent.py")
                .run();
        assertThat(result.exitValue()).as(result.output()).isZero();
    }

    // --- who the database is

    @Test
    void theDatabaseIsVerifiedByItsAuthority() throws Exception {
        String ours = Files.readString(folder.resolve("ours-ca.pem"));
        instance().file("state/rds-ca.pem", ours).start().awaitLog("database: takes writes");
        workload = "shop-" + COUNT.incrementAndGet();
        String theirs = Files.readString(folder.resolve("theirs-ca.pem"));
        instance().file("state/rds-ca.pem", theirs).start().awaitLog("database: SSLCertVerificationError");
        awaitMetric(AwsOnLoopback.HERE, "Writable", MAXIMUM, 0);
    }

    /** Without certificates the password alone proves the server, bound to the connection's certificate. */
    @Test
    void whoeverStandsBetweenAgentAndDatabaseIsFoundOut() throws Exception {
        MiddleMan middle = open(new MiddleMan(folder.resolve("theirs.p12"), leader.port()));
        database(instance(), middle.port()).start().awaitLog("SCRAM channel binding check failed");
        awaitMetric(AwsOnLoopback.HERE, "Writable", MAXIMUM, 0);
        assertThat(middle.connections()).isPositive();
    }

    // --- in virtual time: what it does in every round, minute by minute

    @Test
    void theProgramDoesWhatItsScenariosSay() throws Exception {
        Command.Result result = playScenarios(BootScript.agent());
        assertThat(result.exitValue()).as(result.output()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "self.counted != now                  | True",
                "self.counted = minute()              | self.counted = 0",
                "self.reported[region] = report       | pass",
                "int(committed), **stopped, **unheard} | int(committed), **unheard}",
                "int(committed), **stopped, **unheard} | int(committed), **stopped}",
                "failed = True                         | failed = False",
                "self.report(ENV[\"AWS_REGION\"], stopped)  | pass",
                "if OTHER in self.reported:           | if True:",
                "self.reported.pop(OTHER, None)       | pass",
                "self.tables == held                  | True",
                "is False:                            | is not True:",
                "self.fenced_term, self.stopped = 0, False | self.stopped = False",
                "if self.group_asked or               | if",
                "if leads_again is None:              | if False:",
            })
    void anAgentThatDiffersFromItsScenariosIsCaught(String original, String mutation) throws Exception {
        assertThat(BootScript.agent()).contains(original);
        assertThat(playScenarios(BootScript.agent().replace(original, mutation)).output())
                .contains(", not {");
    }

    private Command.Result playScenarios(String program) throws IOException {
        Path file = Files.writeString(folder.resolve(workload + ".py"), program);
        return Command.of(
                        Instance.PYTHON,
                        "src/test/resources/agent/scenarios.py",
                        file.toString(),
                        AgentScenarios.TABLE.toString())
                .run();
    }

    // --- can these tests fail?

    @Test
    void anAgentWhoseSchemaBearsTheUsersNameIsCaught() {
        leader.text(SET_UP);
        leader.text("INSERT INTO owners VALUES ('Ada')");
        mutant("\"pilotlight_agent\"", "\"" + PostgresServer.USER + "\"")
                .start()
                // A user of that name is refused, so that the mutant must be careless twice.
                .awaitLog("database: ConnectionError: a user is called pilotlight");
        workload = "shop-" + COUNT.incrementAndGet();
        String careless = BootScript.agent()
                .replace("\"pilotlight_agent\"", "\"" + PostgresServer.USER + "\"")
                .replace("if connection.query(NAMESAKE):", "if False:");
        instance(careless).start().awaitLog("database: takes writes");
        leader.text(SET_UP);
        assertThat(leader.text(OWNERS)).isEqualTo("0 in " + PostgresServer.USER);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "body == text and        | True and        | CATCH_ALL",
                "answer.status == 200    | True            | WITH_500",
                "body == text            | body.startswith(text) | WITH_MORE",
            })
    void aCarelessReaderIsCaught(String careful, String careless, Manner manner) {
        other.answer(manner);
        claim(other, 1);
        mutant(careful, careless).start().awaitAnswers("stand-in");
    }

    @Test
    void anAgentThatForgetsIsCaught() {
        Instance forgetful = mutant("file.write_text(str(term))", "pass").start();
        claim(other, 1);
        forgetful.awaitAnswers("stand-in");
        forgetful.with("PILOTLIGHT_OTHER_HOST", NOWHERE).reboot().awaitAnswers("workload");
    }

    @Test
    void anAgentThatTrustsEveryoneIsCaught() throws Exception {
        ShownSigns foreign = open(new ShownSigns(folder.resolve("theirs.p12")));
        claim(foreign, 1);
        mutant("context=ssl.create_default_context()", "context=ssl._create_unverified_context()")
                .with("PILOTLIGHT_OTHER_HOST", foreign.host())
                .start()
                .awaitAnswers("stand-in");
    }

    @Test
    void anAgentThatTakesSilenceForAYesIsCaught() {
        Instance eager = mutant("is False:", "is not True:").start();
        handover(other, 1);
        eager.awaitAnswers("stand-in");
        other.answer(Manner.WITH_500);
        eager.awaitAnswers("workload");
    }

    @Test
    void anAgentWithoutChannelBindingIsCaught() throws Exception {
        MiddleMan middle = open(new MiddleMan(folder.resolve("theirs.p12"), leader.port()));
        Instance unbound = mutant("bound = b\"SCRAM-SHA-256-PLUS\" in offered", "bound, verified = False, True");
        database(unbound, middle.port()).start().awaitLog("database: takes writes");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "IN SHARE MODE                     | IN ROW SHARE MODE",
                "held = bounded(10, self.lock.hold, self.heart) | held = True",
            })
    void anAgentThatDoesNotLockIsCaught(String careful, String careless) throws Exception {
        leader.text("CREATE TABLE plain (at timestamptz)");
        Writer rogue = open(new Writer(leader, "INSERT INTO plain VALUES (now())", true));
        mutant(careful, careless).start();
        handover(other, 1);
        awaitMetric(AwsOnLoopback.THERE, "FencedTerm", MAXIMUM, 1);
        awaitMore(rogue);
    }

    // --- tools

    private static final String ODD_SCHEMA = "\"Odd \"\"one\"\"\"";
    private static final String ODD_TABLE = ODD_SCHEMA + ".\"a; \"\"table\"\"\"";
    private static final String OF_THIS_DATABASE =
            "database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    private static final String SHARE_LOCKS =
            "SELECT count(*) FROM pg_locks WHERE mode = 'ShareLock' AND locktype = 'relation' AND granted AND "
                    + OF_THIS_DATABASE;
    private static final String ROWS = "SELECT count(*) FROM plain";

    /** Until each has written twice more: the second was begun after this was called. */
    private static void awaitMore(Writer... writers) {
        for (Writer writer : writers) {
            int before = writer.acknowledged();
            awaitOutcome("two more writes", () -> writer.acknowledged() >= before + 2);
        }
    }

    /** How often FencedTerm was reported as 0. */
    private double zeros() {
        return metric(AwsOnLoopback.THERE, "FencedTerm", SAMPLE_COUNT).orElse(0) - ones();
    }

    private double ones() {
        return metric(AwsOnLoopback.THERE, "FencedTerm", SUM).orElse(0);
    }

    private Instance instance() {
        return instance(BootScript.agent());
    }

    private Instance mutant(String original, String mutation) {
        assertThat(BootScript.agent()).contains(original);
        return instance(BootScript.agent().replace(original, mutation));
    }

    private Instance instance(String program) {
        Map<String, String> variables = new HashMap<>(aws.environment());
        variables.put("AWS_REGION", AwsOnLoopback.HERE);
        variables.put("PILOTLIGHT_OTHER_AWS_REGION", AwsOnLoopback.THERE);
        variables.put("PILOTLIGHT_OTHER_HOST", other.host());
        variables.put("PILOTLIGHT_OWN_HOST", own.host());
        variables.put("PILOTLIGHT_GROUP", workload);
        variables.put("PILOTLIGHT_RDS_TRUST", NOWHERE);
        variables.put("SSL_CERT_FILE", folder.resolve("ours-ca.pem").toString());
        variables.put("DATABASE_HOST", "localhost");
        variables.put("DATABASE_PORT", String.valueOf(leader.port()));
        variables.put("DATABASE_NAME", leader.name());
        variables.put("DATABASE_SECRET", "database");
        return open(new Instance(folder, workload, program).with(variables));
    }

    private static Instance database(Instance instance, int port) {
        return instance.with("DATABASE_PORT", String.valueOf(port));
    }

    private <T extends AutoCloseable> T open(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    private void claim(ShownSigns region, int term) {
        region.show(new Claim(workload, term).path(), new Claim(workload, term).text());
    }

    private void handover(ShownSigns region, int term) {
        region.show(new Handover(workload, term).path(), new Handover(workload, term).text());
    }

    /** Until the agent has looked at the other region twice more, and done what it saw. */
    private void awaitMoreLooks() {
        int before = other.asked();
        // Four questions a look. The first may have begun before, and the last may not be over yet.
        awaitOutcome("two more looks", () -> other.asked() > before + 3 * 4);
    }

    private static void awaitOutcome(String what, java.util.function.BooleanSupplier condition) {
        Await.until(what, condition);
    }

    private void awaitMetric(String region, String name, Statistic statistic, int value) {
        Await.until(
                () -> name + " of " + value + " in " + region + "; it is " + metric(region, name, statistic),
                () -> metric(region, name, statistic).equals(OptionalDouble.of(value)));
    }

    private OptionalDouble metric(String region, String name, Statistic statistic) {
        return aws.metric(region, workload, name, statistic);
    }

    private String lastBeat() {
        return leader.text("SELECT at FROM pilotlight_agent.heartbeat WHERE region = 'primary'");
    }

    /** For connections that are made from now on. */
    private void readOnly(boolean on) {
        leaders.database("postgres")
                .text("ALTER DATABASE " + leader.name() + " SET default_transaction_read_only = "
                        + (on ? "on" : "off"));
    }

    /** Accepts connections and says this, or nothing, to each. */
    private int listener(String greeting) throws IOException {
        ServerSocket listener = open(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        Thread thread = new Thread(() -> {
            while (!listener.isClosed()) {
                try {
                    // Left open: the client is to give up by itself.
                    Socket client = listener.accept();
                    if (greeting != null) {
                        OutputStream out = client.getOutputStream();
                        out.write(greeting.getBytes(StandardCharsets.UTF_8));
                        out.flush();
                    }
                } catch (IOException e) {
                    return;
                }
            }
        });
        thread.setDaemon(true);
        thread.start();
        return listener.getLocalPort();
    }
}
