package dev.pilotlight.topology;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.topology.LineageEntry.RestoreFrom;
import dev.pilotlight.topology.LineageEntry.Seeded;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * What an agent knows, the term of its database and the other region's claims, is enough to tell the database that leads
 * or may be promoted from one of the past, in every history, with every database that ever was.
 */
class FenceTest {

    @Test
    void exactlyTheDatabasesOfThePastAreSuperseded() {
        Random random = new Random(42);
        int changes = 0;
        int restores = 0;
        for (int history = 0; history < 500; history++) {
            DatabaseLineage lineage = DatabaseLineage.founded();
            Map<RegionName, Set<Integer>> claims = new EnumMap<>(RegionName.class);
            for (RegionName region : RegionName.values()) {
                claims.put(region, new TreeSet<>());
            }
            List<Database> past = new ArrayList<>();
            for (int step = 0; step < 12; step++) {
                RegionName region = random.nextBoolean() ? RegionName.PRIMARY : RegionName.DR;
                LineageEntry entry = random.nextInt(4) == 0 ? new RestoreFrom(region, "arn") : new Seeded(region);
                Topology before = lineage.topology();
                DatabaseLineage longer;
                try {
                    longer = lineage.append(entry);
                } catch (IllegalLineageException e) {
                    continue;
                }
                Topology after = longer.topology();
                if (after.leader() != before.leader()) {
                    // The runbook claims; the append comes later. A restore is claimed by the template that restores.
                    // The
                    // leader's database is of the past from here.
                    if (entry instanceof Seeded) {
                        claims.get(after.leader()).add(after.term());
                    } else {
                        restores++;
                    }
                    past.add(before.leadingDatabase());
                    changes++;
                }
                lineage = longer;
                for (RegionName each : RegionName.values()) {
                    claims.get(each).addAll(lineage.restoredTermsIn(each));
                }
                assertThat(claims.values().stream().mapToInt(Set::size).sum())
                        .as("every term is claimed, and by one region: " + lineage)
                        .isEqualTo(after.term());
                for (Database gone : past) {
                    assertThat(superseded(lineage, gone, claims))
                            .as(lineage + " " + gone)
                            .isTrue();
                }
                assertThat(superseded(lineage, after.leadingDatabase(), claims))
                        .as(lineage.toString())
                        .isFalse();
                if (after.standbyReplicatesLeader()) {
                    assertThat(superseded(lineage, after.databaseIn(after.standby()), claims))
                            .as("the standby, lit: " + lineage)
                            .isFalse();
                }
            }
        }
        assertThat(changes).isGreaterThan(1_000);
        assertThat(restores).isGreaterThan(200);
    }

    /** A database whose region won leadership back with another one stays of the past: the claim that ended it is not undone. */
    @Test
    void aDatabaseOfThePastStaysThereWhenItsRegionLeadsAgain() {
        DatabaseLineage back =
                DatabaseLineage.founded().append(new Seeded(RegionName.PRIMARY)).append(new Seeded(RegionName.DR));
        Map<RegionName, Set<Integer>> claims = Map.of(RegionName.PRIMARY, Set.of(2), RegionName.DR, Set.of(1));
        assertThat(back.topology().leader()).isEqualTo(RegionName.PRIMARY);
        assertThat(superseded(back, DatabaseLineage.founded().topology().leadingDatabase(), claims))
                .isTrue();
        assertThat(superseded(back, back.topology().leadingDatabase(), claims)).isFalse();
    }

    @Test
    void theTermOfADatabaseNeverChanges() {
        DatabaseLineage lineage = DatabaseLineage.founded();
        List<Integer> terms = new ArrayList<>();
        for (int index = 2; index < 8; index++) {
            Topology now = lineage.topology();
            terms.add(lineage.termOf(now.leadingDatabase().ref()));
            lineage = lineage.append(new Seeded(now.leader()));
        }
        assertThat(terms).containsExactly(0, 0, 1, 2, 3, 4);
        for (int index = 0; index < terms.size(); index++) {
            RegionName region = index % 2 == 0 ? RegionName.PRIMARY : RegionName.DR;
            int term = lineage.termOf(new DatabaseRef(index, region));
            assertThat(term).isEqualTo(terms.get(index));
        }
    }

    /** As the agent looks: at the two terms after the database's own. */
    private static boolean superseded(
            DatabaseLineage lineage, Database database, Map<RegionName, Set<Integer>> claims) {
        int term = lineage.termOf(database.ref());
        Set<Integer> others = claims.get(database.ref().region().other());
        return others.contains(term + 1) || others.contains(term + 2);
    }
}
