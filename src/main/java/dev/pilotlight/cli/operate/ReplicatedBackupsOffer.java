package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.operate.Assessment.Finding;
import dev.pilotlight.topology.RegionName;
import java.util.List;
import java.util.Map;

/** Whether RDS replicates automated backups between the two regions at all, where the configuration wants it. */
final class ReplicatedBackupsOffer implements Inspection<ReplicatedBackupsOffer.Offer> {

    private static final String ID = "replicated-backups-offer";
    private static final String SUBJECT = "Backups there";

    enum Offer {
        NOT_WANTED,
        OFFERED,
        NOT_OFFERED
    }

    @Override
    public String subject() {
        return "regions from which RDS replicates backups";
    }

    /** Asked in the region that receives [doc: API_DescribeSourceRegions]. */
    @Override
    public Offer look(Site site, RegionName region) {
        if (!site.configuration().database().replicatedBackups()) {
            return Offer.NOT_WANTED;
        }
        String source = site.names().regionOf(region.other());
        return site
                        .in(region)
                        .rds()
                        .describeSourceRegions(request -> request.regionName(source))
                        .sourceRegions()
                        .stream()
                        .anyMatch(offered -> source.equals(offered.regionName())
                                && Boolean.TRUE.equals(offered.supportsDBInstanceAutomatedBackupsReplication()))
                ? Offer.OFFERED
                : Offer.NOT_OFFERED;
    }

    @Override
    public List<Finding> findings(Map<RegionName, Offer> seen, Scene scene) {
        RegionName standby = scene.inForce().standby();
        return seen.get(standby) == Offer.NOT_OFFERED
                ? List.of(DatabaseFindings.attention(
                        ID,
                        SUBJECT,
                        "RDS does not offer to replicate automated backups from %s to %s"
                                .formatted(
                                        scene.called().apply(standby.other()),
                                        scene.called().apply(standby)),
                        "write `\"replicatedBackups\": false` under database, and deploy both stacks"))
                : List.of();
    }
}
