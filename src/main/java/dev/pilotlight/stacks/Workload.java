package dev.pilotlight.stacks;

import dev.pilotlight.backup.BackupPlans;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.config.RollOut;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Topology;
import java.util.EnumMap;
import java.util.Map;
import software.amazon.awscdk.Aws;
import software.amazon.awssdk.regions.PartitionMetadata;
import software.amazon.awssdk.regions.Region;

/**
 * What is to be built: the configuration, and what follows from it.
 *
 * @param rollOut how this one deploy replaces instances
 */
public record Workload(Configuration configuration, Topology topology, Names names, RollOut rollOut) {

    /** A vault's lock refuses longer retentions; the margin is for a longer one asked for later. */
    private static final int LOCK_MARGIN_DAYS = 35;

    /** With a guarded roll-out. */
    public static Workload of(Configuration configuration) {
        return of(configuration, RollOut.GUARDED);
    }

    public static Workload of(Configuration configuration, RollOut rollOut) {
        Map<RegionName, String> regions = new EnumMap<>(RegionName.class);
        for (RegionName region : RegionName.values()) {
            regions.put(region, configuration.region(region).region());
        }
        String partition = PartitionMetadata.of(
                        Region.of(configuration.primary().region()))
                .id();
        return new Workload(
                configuration,
                configuration.databaseLineage().topology(),
                new Names(
                        configuration.name(),
                        partition,
                        configuration.account().orElse(Aws.ACCOUNT_ID),
                        regions,
                        configuration.dns().recordName()),
                rollOut);
    }

    int longestBackupRetentionDays() {
        return Math.max(
                        configuration.backup().dailyRetentionDays(),
                        BackupPlans.daysOf(configuration.backup().monthlyRetentionMonths()))
                + LOCK_MARGIN_DAYS;
    }
}
