package dev.pilotlight.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.cli.operate.Assessment.Finding;
import dev.pilotlight.cli.operate.Assessment.Level;
import dev.pilotlight.cli.operate.ReplicatedBackupsOffer.Offer;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.RegionName;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplicatedBackupsOfferTest {

    private static List<Finding> findings(Map<RegionName, Offer> seen) {
        return new ReplicatedBackupsOffer()
                .findings(
                        seen,
                        new Inspection.Scene(
                                Instant.EPOCH,
                                new Instructions("prod", Path.of("config"), true, false),
                                RegionName::id,
                                DatabaseLineage.founded().topology(),
                                region -> true));
    }

    @Test
    void regionsThatRdsDoesNotReplicateBetweenAreSaidWithTheKeyThatEndsIt() {
        assertThat(findings(Map.of(RegionName.PRIMARY, Offer.OFFERED, RegionName.DR, Offer.NOT_OFFERED)))
                .containsExactly(new Finding(
                        "replicated-backups-offer",
                        Level.ATTENTION,
                        "Backups there",
                        "RDS does not offer to replicate automated backups from primary to dr",
                        "write `\"replicatedBackups\": false` under database, and deploy both stacks"));
    }

    /** What the standby receives matters: the other way round comes after a failover. */
    @Test
    void anOfferForTheStandbyOrNoneWantedIsNothingToSay() {
        assertThat(findings(Map.of(RegionName.PRIMARY, Offer.NOT_OFFERED, RegionName.DR, Offer.OFFERED)))
                .isEmpty();
        assertThat(findings(Map.of(RegionName.PRIMARY, Offer.NOT_WANTED, RegionName.DR, Offer.NOT_WANTED)))
                .isEmpty();
        assertThat(findings(Map.of())).isEmpty();
    }
}
