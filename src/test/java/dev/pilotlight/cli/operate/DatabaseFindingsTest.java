package dev.pilotlight.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.cli.operate.Assessment.Finding;
import dev.pilotlight.cli.operate.Assessment.Level;
import dev.pilotlight.cli.operate.Observed.Database;
import dev.pilotlight.cli.operate.Observed.DatabaseDetails;
import dev.pilotlight.cli.operate.Observed.Window;
import dev.pilotlight.config.Configuration.DatabaseSettings;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.LineageEntry.RestoreTo;
import dev.pilotlight.topology.LineageEntry.Seeded;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What status says of the databases' sizes, versions and backups, and of the next deploy that would meet them. */
class DatabaseFindingsTest {

    private static final RegionName P = RegionName.PRIMARY;
    private static final RegionName D = RegionName.DR;
    private static final Instant TEN = Instant.parse("2026-11-20T10:00:00Z");
    private static final Names NAMES =
            new Names("shop", "aws", "111122223333", Map.of(P, "eu-central-1", D, "eu-west-1"), "app.example.com");
    private static final String STANDBY_ALONE = "`npx cdk deploy DrStack --exclusively`";
    private static final String LEADER_ALONE = "`npx cdk deploy PrimaryStack --exclusively`";

    private DatabaseSettings settings = new DatabaseSettings("18", "db.m7g.large", 100, 500, 40, 7, false, true);
    private DatabaseLineage deployed = DatabaseLineage.founded();
    private DatabaseLineage file = deployed;
    private DatabaseDetails leader = details("db.m7g.large", "18.3", 100);
    private DatabaseDetails standby = leader;
    private boolean tookOver;

    private static DatabaseDetails details(String instanceClass, String version, int allocated) {
        return new DatabaseDetails(
                instanceClass,
                version,
                allocated,
                "in-sync",
                Set.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static DatabaseDetails times(Window window, Instant promoted) {
        return new DatabaseDetails(
                "db.m7g.large",
                "18.3",
                100,
                "in-sync",
                Set.of(),
                Optional.ofNullable(window),
                Optional.ofNullable(promoted),
                Optional.empty());
    }

    private static DatabaseDetails replicatedTo(String... regions) {
        return new DatabaseDetails(
                "db.m7g.large",
                "18.3",
                100,
                "in-sync",
                Set.of(regions),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static DatabaseDetails whereBackupsCome(boolean offered) {
        return new DatabaseDetails(
                "db.m7g.large",
                "18.3",
                100,
                "in-sync",
                Set.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.of(offered));
    }

    private void configured(String version, String instanceClass, int max, int log, boolean replicated) {
        settings = new DatabaseSettings(version, instanceClass, 100, max, log, 7, replicated, true);
    }

    // --- class

    @Test
    void aLeaderAboveItsStandbyIsSaidWithTheCommandThatHelps() {
        leader = details("db.m7g.xlarge", "18.3", 100);
        configured("18", "db.m7g.xlarge", 500, 40, false);
        Finding grown = finding("database-class");
        assertThat(grown.level()).isEqualTo(Level.ATTENTION);
        assertThat(grown.says()).contains("db-0 is db.m7g.xlarge", "db-1 db.m7g.large", "stops replaying");
        assertThat(grown.todo()).isEqualTo("give the standby the same now: " + STANDBY_ALONE);

        configured("18", "db.m7g.large", 500, 40, false);
        assertThat(finding("database-class").todo())
                .isEqualTo("shrink the leader as the configuration says: " + LEADER_ALONE);
    }

    @Test
    void aLargerClassBeginsWithTheStandbyAndASmallerOneWithTheLeader() {
        configured("18", "db.r7g.large", 500, 40, false);
        assertThat(finding("database-class").todo())
                .startsWith("grow the standby first: %s, then the leader: %s".formatted(STANDBY_ALONE, LEADER_ALONE));
        configured("18", "db.m7g.medium", 500, 40, false);
        assertThat(finding("database-class").todo())
                .isEqualTo("shrink the leader first: %s, then the standby: %s".formatted(LEADER_ALONE, STANDBY_ALONE));
    }

    @Test
    void classesAreComparedByTheirMemory() {
        for (String[] pair : List.of(
                new String[] {"db.t4g.small", "db.t4g.micro"},
                new String[] {"db.m7g.large", "db.t4g.medium"},
                new String[] {"db.r8g.large", "db.m7i.large"},
                new String[] {"db.m6g.16xlarge", "db.m6g.12xlarge"},
                new String[] {"db.r6g.xlarge", "db.m6g.xlarge"})) {
            assertThat(DatabaseClass.isLarger(pair[0], pair[1])).as(pair[0]).isTrue();
            assertThat(DatabaseClass.isLarger(pair[1], pair[0])).as(pair[1]).isFalse();
        }
        assertThat(DatabaseClass.isLarger("db.m7g.large", "db.t4g.large")).isFalse();
        leader = details("db.x2g.large", "18.3", 100);
        assertThat(finding("database-class").says()).contains("cannot be told");
    }

    // --- storage

    @Test
    void storageThatHasGrownTooFarForTheNextAppendIsSaid() {
        leader = details("db.m7g.large", "18.3", 454);
        assertThat(finding("database-storage").level()).isNotEqualTo(Level.ATTENTION);
        standby = details("db.m7g.large", "18.3", 455);
        leader = details("db.m7g.large", "18.3", 455);
        Finding full = finding("database-storage");
        assertThat(full.level()).isEqualTo(Level.ATTENTION);
        assertThat(full.says()).contains("has grown to 455 GiB", "would fail at its very end");
        assertThat(full.todo()).isEqualTo("write at least 501 in config/dev.json, and deploy");
    }

    @Test
    void theBoundOfTheLogIsComparedWithTheStorageOfNow() {
        assertThat(finding("retained-log").level()).isEqualTo(Level.OK);
        assertThat(finding("retained-log").says()).contains("up to 40 GiB", "about 53 hours at idle");
        leader = details("db.m7g.large", "18.3", 200);
        assertThat(finding("retained-log").level()).isEqualTo(Level.NOTE);
        assertThat(finding("retained-log").says()).contains("200 GiB, of which 80 would be", "write both");
        leader = details("db.m7g.large", "18.3", 60);
        assertThat(finding("retained-log").level()).isEqualTo(Level.ATTENTION);
        assertThat(finding("retained-log").todo()).startsWith("write at most 36 ");
        leader = new DatabaseDetails(
                "db.m7g.large",
                "18.3",
                100,
                "pending-reboot",
                Set.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
        assertThat(finding("retained-log").says()).contains("waits for a reboot");
    }

    // --- version

    @Test
    void aStandbyOlderThanItsSourceIsUpgradedFirst() {
        leader = details("db.m7g.large", "18.10", 100);
        standby = details("db.m7g.large", "18.9", 100);
        assertThat(finding("database-version").todo())
                .isEqualTo(
                        "`aws rds modify-db-instance --region eu-west-1 --db-instance-identifier shop-db-1 --engine-version 18.10 --apply-immediately`");
    }

    @Test
    void aPinnedVersionComesToTheStandbyFirstAndToTheOriginByItsTemplate() {
        configured("18.4", "db.m7g.large", 500, 40, false);
        assertThat(finding("database-version").todo())
                .isEqualTo(
                        "in this order: `aws rds modify-db-instance --region eu-west-1 --db-instance-identifier shop-db-1 --engine-version 18.4 --apply-immediately`, `npx cdk deploy PrimaryStack --exclusively`");
    }

    @Test
    void afterAFailoverBothAreUpgradedByACall() {
        deployed = deployed.append(new Seeded(P));
        file = deployed;
        configured("18.4", "db.m7g.large", 500, 40, false);
        assertThat(finding("database-version").todo())
                .isEqualTo(
                        "in this order: `aws rds modify-db-instance --region eu-central-1 --db-instance-identifier shop-db-2 --engine-version 18.4 --apply-immediately`, `aws rds modify-db-instance --region eu-west-1 --db-instance-identifier shop-db-1 --engine-version 18.4 --apply-immediately`");
    }

    @Test
    void aPinnedVersionThatIsOlderThanWhatRunsIsSaid() {
        configured("18.1", "db.m7g.large", 500, 40, false);
        Finding older = finding("database-version");
        assertThat(older.says()).contains("pins 18.1, but db-1 runs 18.3, db-0 runs 18.3");
        assertThat(older.todo()).isEqualTo("write \"18.3\" in config/dev.json");
        configured("18.3", "db.m7g.large", 500, 40, false);
        assertThat(finding("database-version").level()).isEqualTo(Level.OK);
    }

    // --- backups in the other region

    @Test
    void missingReplicatedBackupsAreSaidWithTheLineThatStartsThem() {
        configured("18", "db.m7g.large", 500, 40, true);
        Finding missing = finding("replicated-backups");
        assertThat(missing.level()).isEqualTo(Level.ATTENTION);
        assertThat(missing.todo())
                .contains(
                        "shop-backups-dr",
                        "--region eu-west-1 --source-region eu-central-1 --source-db-instance-arn"
                                + " arn:aws:rds:eu-central-1:111122223333:db:shop-db-0",
                        "--region eu-west-1 --key-id alias/shop-dr ");
        leader = replicatedTo("us-east-1");
        assertThat(finding("replicated-backups").level()).isEqualTo(Level.ATTENTION);
        leader = replicatedTo("us-east-1", "eu-west-1");
        assertThat(finding("replicated-backups").level()).isEqualTo(Level.OK);
    }

    @Test
    void aPairOfRegionsForWhichRdsHasNoReplicatedBackupsIsSaid() {
        configured("18", "db.m7g.large", 500, 40, true);
        standby = whereBackupsCome(false);
        Finding never = finding("replicated-backups");
        assertThat(never.level()).isEqualTo(Level.ATTENTION);
        assertThat(never.says()).contains("does not offer replicated automated backups from primary to dr");
        assertThat(never.todo()).isEqualTo("write false as database.replicatedBackups in config/dev.json, and deploy");
        standby = whereBackupsCome(true);
        assertThat(finding("replicated-backups").todo()).contains("start-db-instance-automated-backups-replication");
        leader = replicatedTo("eu-west-1");
        standby = whereBackupsCome(false);
        assertThat(finding("replicated-backups").level()).isEqualTo(Level.OK);
        configured("18", "db.m7g.large", 500, 40, false);
        leader = replicatedTo();
        assertThat(findings()).noneMatch(finding -> finding.id().equals("replicated-backups"));
    }

    @Test
    void replicatedBackupsThatNobodyWantsCostMoney() {
        leader = replicatedTo("eu-west-1");
        assertThat(finding("replicated-backups").todo())
                .isEqualTo(
                        "`aws rds stop-db-instance-automated-backups-replication --region eu-west-1 --source-db-instance-arn arn:aws:rds:eu-central-1:111122223333:db:shop-db-0`");
        leader = replicatedTo();
        assertThat(findings()).noneMatch(finding -> finding.id().equals("replicated-backups"));
    }

    // --- a restore that is written and not deployed

    @Test
    void aRestoreFromADatabaseThatIsGoneIsSaidBeforeTheDeploy() {
        file = deployed.append(new RestoreTo(P, TEN));
        leader = null;
        Finding gone = finding("restore");
        assertThat(gone.level()).isEqualTo(Level.ATTENTION);
        assertThat(gone.says()).contains("db-0", "is not there", "no deleted database by its name");
        assertThat(gone.todo()).contains("by their ARN");
    }

    @Test
    void aRestoreIsWithinTheTimesThatRdsNames() {
        file = deployed.append(new RestoreTo(P, TEN));
        leader = times(new Window(TEN.minusSeconds(60), TEN), null);
        assertThat(finding("restore").level()).isEqualTo(Level.OK);
        for (Window other : List.of(
                new Window(TEN.plusSeconds(1), TEN.plusSeconds(60)),
                new Window(TEN.minusSeconds(60), TEN.minusSeconds(1)))) {
            leader = times(other, null);
            assertThat(finding("restore").level()).isEqualTo(Level.ATTENTION);
            assertThat(finding("restore").says()).contains("cannot be restored to 2026-11-20T10:00:00Z");
        }
        leader = times(null, null);
        assertThat(finding("restore").level()).isEqualTo(Level.UNKNOWN);
    }

    @Test
    void aPromotedDatabaseIsNotRestoredToATimeBeforeItsPromotion() {
        deployed = deployed.append(new Seeded(P));
        file = deployed.append(new RestoreTo(D, TEN));
        Window window = new Window(TEN.minusSeconds(86_400), TEN.plusSeconds(86_400));
        leader = times(window, TEN.plusSeconds(1));
        assertThat(finding("restore").level()).isEqualTo(Level.ATTENTION);
        assertThat(finding("restore").says()).contains("was a replica at 2026-11-20T10:00:00Z");
        leader = times(window, TEN.minusSeconds(1));
        assertThat(finding("restore").level()).isEqualTo(Level.OK);
        leader = times(window, null);
        assertThat(finding("restore").level()).isEqualTo(Level.UNKNOWN);
    }

    @Test
    void aRestoreThatIsDeployedIsOfThePast() {
        deployed = deployed.append(new RestoreTo(P, TEN));
        file = deployed;
        assertThat(findings()).noneMatch(finding -> finding.id().equals("restore"));
    }

    /** What leads is then not what the deployed stacks say. */
    @Test
    void afterAClaimThatIsNotDeployedNothingIsCompared() {
        leader = details("db.m7g.xlarge", "18.10", 490);
        tookOver = true;
        assertThat(findings()).isEmpty();
    }

    @Test
    void whatIsAsConfiguredIsWell() {
        assertThat(findings())
                .extracting(Finding::id)
                .containsExactly("database-class", "database-storage", "retained-log", "database-version");
        assertThat(findings()).allMatch(finding -> finding.level() == Level.OK);
    }

    private Finding finding(String id) {
        return findings().stream()
                .filter(finding -> finding.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private List<Finding> findings() {
        Map<RegionName, Observed.InRegion> regions = new EnumMap<>(RegionName.class);
        for (RegionName region : RegionName.values()) {
            boolean leads = region == deployed.topology().leader();
            List<Database> databases = new ArrayList<>();
            DatabaseDetails details = leads ? leader : standby;
            if (details != null) {
                databases.add(new Database(
                        deployed.topology().databaseIn(region).ref().index(),
                        Optional.empty(),
                        "available",
                        Optional.empty(),
                        Optional.of(details)));
            }
            regions.put(
                    region,
                    new Observed.InRegion(
                            unknown(),
                            unknown(),
                            Optional.empty(),
                            Look.seen(databases),
                            unknown(),
                            unknown(),
                            unknown(),
                            unknown(),
                            unknown(),
                            unknown(),
                            unknown()));
        }
        Observed seen = new Observed(
                TEN.plusSeconds(3600),
                new Observed.Expected(
                        file, Duration.ofMinutes(5), 1, Optional.of(new Observed.ExpectedDatabase(settings, NAMES))),
                regions);
        return DatabaseFindings.of(new DatabaseFindings.Sight(
                seen,
                deployed.topology(),
                deployed.entries().size(),
                tookOver,
                region -> region.id(),
                new Instructions("dev", Path.of("config"), true, false)));
    }

    private static <T> Look<T> unknown() {
        return new Look.Unknown<>(true, "not asked");
    }
}
