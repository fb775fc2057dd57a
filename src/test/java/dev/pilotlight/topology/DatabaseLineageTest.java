package dev.pilotlight.topology;

import static dev.pilotlight.topology.RegionName.DR;
import static dev.pilotlight.topology.RegionName.PRIMARY;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pilotlight.topology.Creation.ReplicaOf;
import dev.pilotlight.topology.Creation.RestoredFromSnapshot;
import dev.pilotlight.topology.Creation.RestoredToTime;
import dev.pilotlight.topology.LineageEntry.RestoreFrom;
import dev.pilotlight.topology.LineageEntry.RestoreTo;
import dev.pilotlight.topology.LineageEntry.Seeded;
import dev.pilotlight.topology.RdsPermits.Origin;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DatabaseLineageTest {

    private static final Instant TEN = Instant.parse("2026-11-20T10:00:00Z");
    private static final String SNAPSHOT = "arn:aws:rds:eu-west-1:111122223333:snapshot:s1";

    private static final Seeded P = new Seeded(PRIMARY);
    private static final Seeded D = new Seeded(DR);

    @Test
    void asFoundedThePrimaryLeadsAndDrReplicatesIt() {
        Topology topology = fold(P, D);
        assertThat(topology.leader()).isEqualTo(PRIMARY);
        assertThat(topology.standby()).isEqualTo(DR);
        assertThat(topology.term()).isZero();
        assertThat(topology.nextTerm()).isEqualTo(1);
        assertThat(topology.roleOf(PRIMARY)).isEqualTo(Role.LEADER);
        assertThat(topology.roleOf(DR)).isEqualTo(Role.STANDBY);
        assertThat(topology.databaseIn(PRIMARY)).isEqualTo(new Database(db(0, PRIMARY), new Creation.Origin()));
        assertThat(topology.databaseIn(DR)).isEqualTo(new Database(db(1, DR), new ReplicaOf(db(0, PRIMARY))));
        assertThat(topology.everLed()).containsExactly(PRIMARY);
        assertThat(topology.standbyReplicatesLeader()).isTrue();
        assertThat(DatabaseLineage.founded().topology()).isEqualTo(topology);
    }

    @Test
    void afterAFailoverDrLeadsAndThePrimaryHoldsAFreshReplica() {
        Topology topology = fold(P, D, P);
        assertThat(topology.leader()).isEqualTo(DR);
        assertThat(topology.term()).isEqualTo(1);
        assertThat(topology.leadingDatabase().ref()).isEqualTo(db(1, DR));
        assertThat(topology.databaseIn(PRIMARY)).isEqualTo(new Database(db(2, PRIMARY), new ReplicaOf(db(1, DR))));
        assertThat(topology.everLed()).containsExactly(PRIMARY, DR);
        assertThat(topology.hasEverLed(DR)).isTrue();
    }

    @Test
    void aPromotedReplicaKeepsItsSource() {
        assertThat(fold(P, D, P).leadingDatabase().creation()).isEqualTo(new ReplicaOf(db(0, PRIMARY)));
        assertThat(fold(P, D, P, D).leadingDatabase().creation()).isEqualTo(new ReplicaOf(db(1, DR)));
    }

    @Test
    void failingBackIsTheSameStepAgain() {
        Topology topology = fold(P, D, P, D);
        assertThat(topology.leader()).isEqualTo(PRIMARY);
        assertThat(topology.term()).isEqualTo(2);
        assertThat(topology.leadingDatabase().ref()).isEqualTo(db(2, PRIMARY));
        assertThat(topology.databaseIn(DR)).isEqualTo(new Database(db(3, DR), new ReplicaOf(db(2, PRIMARY))));
        assertThat(topology.everLed()).containsExactly(PRIMARY, DR);
    }

    @Test
    void aThirdFailoverIsTheSameStepOnceMore() {
        Topology topology = fold(P, D, P, D, P);
        assertThat(topology.leader()).isEqualTo(DR);
        assertThat(topology.term()).isEqualTo(3);
        assertThat(topology.leadingDatabase()).isEqualTo(new Database(db(3, DR), new ReplicaOf(db(2, PRIMARY))));
        assertThat(topology.databaseIn(PRIMARY)).isEqualTo(new Database(db(4, PRIMARY), new ReplicaOf(db(3, DR))));
    }

    /** Who took leadership by a failover has claimed already; who replaced its own database took nothing. */
    @Test
    void onlyARestoreThatTakesLeadershipTakesATermByItself() {
        RestoreFrom inDr = new RestoreFrom(DR, SNAPSHOT);
        RestoreFrom inPrimary = new RestoreFrom(PRIMARY, SNAPSHOT);
        assertThat(restoredTerms(DR, P, D)).isEmpty();
        assertThat(restoredTerms(DR, P, D, P)).isEmpty();
        assertThat(restoredTerms(PRIMARY, P, D, inPrimary)).isEmpty();
        assertThat(restoredTerms(DR, P, D, P, inDr)).isEmpty();
        assertThat(restoredTerms(DR, P, D, inDr)).containsExactly(1);
        assertThat(restoredTerms(PRIMARY, P, D, inDr)).isEmpty();
        assertThat(restoredTerms(PRIMARY, P, D, P, inPrimary)).containsExactly(2);
        assertThat(restoredTerms(DR, P, D, inDr, inPrimary, inDr)).containsExactly(1, 3);
        assertThat(restoredTerms(PRIMARY, P, D, inDr, inPrimary, inDr)).containsExactly(2);
    }

    /** A claim in a template stays in every later one. */
    @Test
    void termsThatWereRestoredStay() {
        RestoreFrom inDr = new RestoreFrom(DR, SNAPSHOT);
        assertThat(restoredTerms(DR, P, D, inDr, P, D, P, D)).containsExactly(1);
        assertThat(restoredTerms(DR, P, D, P, D, inDr, P, P)).containsExactly(3);
    }

    private static List<Integer> restoredTerms(RegionName region, LineageEntry... entries) {
        return new DatabaseLineage(List.of(entries)).restoredTermsIn(region);
    }

    @Test
    void namingTheStandbySeedsItsReplicaAnew() {
        Topology topology = fold(P, D, D);
        assertThat(topology.leader()).isEqualTo(PRIMARY);
        assertThat(topology.term()).isZero();
        assertThat(topology.databaseIn(PRIMARY).ref()).isEqualTo(db(0, PRIMARY));
        assertThat(topology.databaseIn(DR)).isEqualTo(new Database(db(2, DR), new ReplicaOf(db(0, PRIMARY))));
        assertThat(topology.everLed()).containsExactly(PRIMARY);
    }

    @Test
    void theReplicaSeededAnewIsTheOneThatTakesOver() {
        Topology topology = fold(P, D, D, P);
        assertThat(topology.leadingDatabase()).isEqualTo(new Database(db(2, DR), new ReplicaOf(db(0, PRIMARY))));
        assertThat(topology.databaseIn(PRIMARY)).isEqualTo(new Database(db(3, PRIMARY), new ReplicaOf(db(2, DR))));
    }

    @Test
    void afterAFailoverTheOldLeadersReplicaCanBeSeededAnew() {
        Topology topology = fold(P, D, P, P);
        assertThat(topology.leader()).isEqualTo(DR);
        assertThat(topology.term()).isEqualTo(1);
        assertThat(topology.databaseIn(PRIMARY)).isEqualTo(new Database(db(3, PRIMARY), new ReplicaOf(db(1, DR))));
    }

    @Test
    void aRestoreInTheLeadersRegionReplacesItsDatabaseAndNotTheLeader() {
        Topology topology = fold(P, D, new RestoreTo(PRIMARY, TEN));
        assertThat(topology.leader()).isEqualTo(PRIMARY);
        assertThat(topology.term()).isZero();
        assertThat(topology.leadingDatabase())
                .isEqualTo(new Database(db(2, PRIMARY), new RestoredToTime(db(0, PRIMARY), TEN)));
        assertThat(topology.everLed()).containsExactly(PRIMARY);
    }

    @Test
    void aRestoreLeavesTheStandbyWithAReplicaOfWhatLedBefore() {
        Topology topology = fold(P, D, new RestoreTo(PRIMARY, TEN));
        assertThat(topology.databaseIn(DR)).isEqualTo(new Database(db(1, DR), new ReplicaOf(db(0, PRIMARY))));
        assertThat(topology.standbyReplicatesLeader()).isFalse();
    }

    @Test
    void afterARestoreTheReplicaIsSeededAnewFromIt() {
        Topology topology = fold(P, D, new RestoreTo(PRIMARY, TEN), D);
        assertThat(topology.databaseIn(DR)).isEqualTo(new Database(db(3, DR), new ReplicaOf(db(2, PRIMARY))));
        assertThat(topology.standbyReplicatesLeader()).isTrue();
        assertThat(fold(P, D, new RestoreTo(PRIMARY, TEN), D, P)
                        .leadingDatabase()
                        .ref())
                .isEqualTo(db(3, DR));
    }

    @Test
    void aRestoreInTheStandbysRegionTakesLeadership() {
        Topology topology = fold(P, D, new RestoreFrom(DR, SNAPSHOT));
        assertThat(topology.leader()).isEqualTo(DR);
        assertThat(topology.term()).isEqualTo(1);
        assertThat(topology.leadingDatabase()).isEqualTo(new Database(db(2, DR), new RestoredFromSnapshot(SNAPSHOT)));
        assertThat(topology.databaseIn(PRIMARY)).isEqualTo(new Database(db(0, PRIMARY), new Creation.Origin()));
        assertThat(topology.standbyReplicatesLeader()).isFalse();
        assertThat(topology.everLed()).containsExactly(PRIMARY, DR);
    }

    @Test
    void aDatabaseThatNeverLedIsNotRestoredToATime() {
        String refused =
                "db-%d, from which this restores, has never led: RDS restores no read replica to a time; restore a snapshot instead, such as a copy in the vault of %s: {\"region\": \"%s\", \"snapshot\": \"arn:…\"}";
        assertIllegal(2, refused.formatted(1, "dr", "dr"), P, D, new RestoreTo(DR, TEN));
        assertIllegal(3, refused.formatted(2, "primary", "primary"), P, D, P, new RestoreTo(PRIMARY, TEN));
        assertIllegal(3, refused.formatted(2, "dr", "dr"), P, D, D, new RestoreTo(DR, TEN));
        assertIllegal(4, refused.formatted(3, "dr", "dr"), P, D, P, D, new RestoreTo(DR, TEN));
        // The leader's restore makes no writer of what replicated the damaged database.
        assertIllegal(
                3, refused.formatted(1, "dr", "dr"), P, D, new RestoreFrom(PRIMARY, SNAPSHOT), new RestoreTo(DR, TEN));
    }

    @Test
    void whatADatabaseIsToRdsFollowsFromItsCreationAndWhetherItHasLed() {
        DatabaseLineage lineage =
                new DatabaseLineage(List.of(P, D, P, D, new RestoreFrom(DR, SNAPSHOT), new RestoreTo(DR, TEN)));
        assertThat(lineage.originOf(db(0, PRIMARY))).isEqualTo(Origin.ORIGINAL);
        assertThat(lineage.originOf(db(1, DR))).isEqualTo(Origin.PROMOTED);
        assertThat(lineage.originOf(db(2, PRIMARY))).isEqualTo(Origin.PROMOTED);
        assertThat(lineage.originOf(db(3, DR))).isEqualTo(Origin.REPLICA);
        assertThat(lineage.originOf(db(4, DR))).isEqualTo(Origin.RESTORED);
        assertThat(lineage.originOf(db(5, DR))).isEqualTo(Origin.RESTORED);
    }

    @Test
    void aPromotedDatabaseIsRestoredToATime() {
        assertThat(fold(P, D, P, new RestoreTo(DR, TEN)).leadingDatabase())
                .isEqualTo(new Database(db(3, DR), new RestoredToTime(db(1, DR), TEN)));
    }

    @Test
    void theFormerLeaderIsRestoredToATimeUntilItsRegionIsSeededAnew() {
        assertThat(fold(P, D, new RestoreFrom(DR, SNAPSHOT), new RestoreTo(PRIMARY, TEN))
                        .leadingDatabase())
                .isEqualTo(new Database(db(3, PRIMARY), new RestoredToTime(db(0, PRIMARY), TEN)));
    }

    @Test
    void afterARestoreInTheStandbysRegionTheOldLeaderIsSeededAsItsReplica() {
        Topology topology = fold(P, D, new RestoreFrom(DR, SNAPSHOT), P);
        assertThat(topology.leader()).isEqualTo(DR);
        assertThat(topology.term()).isEqualTo(1);
        assertThat(topology.databaseIn(PRIMARY)).isEqualTo(new Database(db(3, PRIMARY), new ReplicaOf(db(2, DR))));
    }

    @Test
    void aRestoredDatabaseCanBeRestoredAgainToALaterTime() {
        Instant eleven = TEN.plusSeconds(3600);
        assertThat(fold(P, D, new RestoreTo(PRIMARY, TEN), new RestoreTo(PRIMARY, eleven))
                        .leadingDatabase())
                .isEqualTo(new Database(db(3, PRIMARY), new RestoredToTime(db(2, PRIMARY), eleven)));
    }

    @Test
    void aRestoreInOneRegionDoesNotBindTheOthersOlderDatabase() {
        // db-0 was there long before db-3 was restored, and has backups from before.
        assertThat(fold(
                                P,
                                D,
                                new RestoreFrom(DR, SNAPSHOT),
                                new RestoreTo(DR, TEN),
                                new RestoreTo(PRIMARY, TEN.minusSeconds(60)))
                        .leadingDatabase()
                        .ref())
                .isEqualTo(db(4, PRIMARY));
    }

    @Test
    void aDatabaseIsNotRestoredToATimeBeforeItExisted() {
        assertIllegal(
                3,
                "db-2, from which this restores, did not exist yet at 2026-11-20T10:00:00Z: it came after the restore to 2026-11-20T10:00:00Z; write a later time, or restore a snapshot",
                P,
                D,
                new RestoreTo(PRIMARY, TEN),
                new RestoreTo(PRIMARY, TEN));
        assertIllegal(
                5,
                "db-3, from which this restores, did not exist yet at 2026-11-20T09:59:00Z: it came after the restore to 2026-11-20T10:00:00Z; write a later time, or restore a snapshot",
                P,
                D,
                new RestoreTo(PRIMARY, TEN),
                D,
                P,
                new RestoreTo(DR, TEN.minusSeconds(60)));
    }

    @Test
    void leadershipIsNotHandedToADatabaseThatDoesNotReplicateTheLeaders() {
        assertIllegal(
                3,
                "\"primary\" would hand leadership to dr, whose db-1 does not replicate the leader's db-2; append \"dr\" first to seed its replica anew, or a restore in dr to lead from a backup",
                P,
                D,
                new RestoreTo(PRIMARY, TEN),
                P);
        assertIllegal(
                3,
                "\"dr\" would hand leadership to primary, whose db-0 does not replicate the leader's db-2; append \"primary\" first to seed its replica anew, or a restore in primary to lead from a backup",
                P,
                D,
                new RestoreFrom(DR, SNAPSHOT),
                D);
    }

    @Test
    void aLineageBeginsWithTheOriginAndItsReplica() {
        String begins = "a lineage begins with \"primary\", \"dr\": the origin and its replica";
        assertIllegal(0, begins);
        assertIllegal(1, begins, P);
        assertIllegal(0, begins, D, P);
        assertIllegal(1, begins, P, P);
        assertIllegal(0, begins, new RestoreFrom(PRIMARY, SNAPSHOT), D);
        assertIllegal(1, begins, P, new RestoreFrom(DR, SNAPSHOT));
    }

    @Test
    void aLineageIsNotChangedThroughTheListItWasMadeFrom() {
        List<LineageEntry> entries = new ArrayList<>(List.of(P, D));
        DatabaseLineage lineage = new DatabaseLineage(entries);
        entries.clear();
        assertThat(lineage).isEqualTo(DatabaseLineage.founded());
    }

    /** Whatever happens to a workload, CloudFormation must never find an existing database created another way. */
    @Test
    void historiesOfAnyKindNeverRewriteThePast() {
        Random random = new Random(20261122);
        int failovers = 0;
        int restores = 0;
        for (int history = 0; history < 3_000; history++) {
            DatabaseLineage lineage = DatabaseLineage.founded();
            Map<Integer, Database> created = new HashMap<>();
            remember(created, lineage.topology());
            Set<DatabaseRef> writers = new HashSet<>(Set.of(db(0, PRIMARY)));
            RegionName leader = PRIMARY;
            int term = 0;
            for (int step = 0; step < 12; step++) {
                LineageEntry entry = anyEntry(random, step);
                DatabaseLineage longer;
                try {
                    longer = lineage.append(entry);
                } catch (IllegalLineageException e) {
                    assertThat(e.index()).isEqualTo(lineage.entries().size());
                    continue;
                }
                Topology before = lineage.topology();
                Topology after = longer.topology();
                DatabaseRef added = db(lineage.entries().size(), entry.region());

                assertThat(longer.entries()).startsWith(lineage.entries().toArray(LineageEntry[]::new));
                assertThat(after.databaseIn(entry.region()).ref()).isEqualTo(added);
                assertThat(after.databaseIn(entry.region().other()))
                        .isEqualTo(before.databaseIn(entry.region().other()));
                if (after.leader() != leader) {
                    leader = after.leader();
                    term++;
                    failovers++;
                }
                restores += entry instanceof Seeded ? 0 : 1;
                if (entry instanceof RestoreTo) {
                    assertThat(writers)
                            .contains(before.databaseIn(entry.region()).ref());
                }
                writers.add(after.leadingDatabase().ref());
                assertThat(after.term()).isEqualTo(term);
                assertThat(after.everLed()).contains(leader).containsAll(before.everLed());
                assertThat(after.hasEverLed(DR)).isEqualTo(term > 0);
                remember(created, after);
                lineage = longer;
            }
        }
        // The histories are of any kind indeed.
        assertThat(failovers).isGreaterThan(3_000);
        assertThat(restores).isGreaterThan(3_000);
    }

    private static LineageEntry anyEntry(Random random, int step) {
        RegionName region = random.nextBoolean() ? PRIMARY : DR;
        return switch (random.nextInt(4)) {
            case 0 -> new RestoreTo(region, TEN.plusSeconds(60L * step - random.nextInt(60)));
            case 1 -> new RestoreFrom(region, SNAPSHOT);
            default -> new Seeded(region);
        };
    }

    private static void remember(Map<Integer, Database> created, Topology topology) {
        for (RegionName region : RegionName.values()) {
            Database database = topology.databaseIn(region);
            assertThat(database.ref().region()).isEqualTo(region);
            Database known = created.putIfAbsent(database.ref().index(), database);
            assertThat(known == null || known.equals(database)).isTrue();
            if (database.creation() instanceof ReplicaOf replica) {
                assertThat(replica.source().index()).isLessThan(database.ref().index());
                assertThat(replica.source().region()).isEqualTo(region.other());
                assertThat(created.get(replica.source().index()).ref()).isEqualTo(replica.source());
            }
            if (database.creation() instanceof RestoredToTime restored) {
                assertThat(restored.source().index()).isLessThan(database.ref().index());
                assertThat(restored.source().region()).isEqualTo(region);
            }
        }
    }

    private static void assertIllegal(int index, String message, LineageEntry... entries) {
        IllegalLineageException refused =
                catchThrowableOfType(IllegalLineageException.class, () -> new DatabaseLineage(Arrays.asList(entries)));
        assertThat(refused).hasMessage(message);
        assertThat(refused.index()).isEqualTo(index);
    }

    private static Topology fold(LineageEntry... entries) {
        return new DatabaseLineage(List.of(entries)).topology();
    }

    private static DatabaseRef db(int index, RegionName region) {
        return new DatabaseRef(index, region);
    }
}
