package dev.pilotlight.data;

import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.backup.BackupVault;
import software.amazon.awscdk.services.backup.BackupVaultProps;
import software.amazon.awscdk.services.backup.LockConfiguration;
import software.constructs.Construct;

/**
 * What the other region copies into this one: a key, a bucket and a backup vault, all under names that the other region
 * can derive. It must exist before the other region's first copy, which is why the DR region's is a stack of its own.
 */
public final class RegionFoundation extends Construct {

    private final RegionKey key;
    private final DataBucket bucket;
    private final BackupVault vault;

    /**
     * @param replicating whether the region leads or once did, see {@link DataBucket.Props#replicating()}
     * @param longestRetentionDays of any backup: the vault's lock refuses longer ones
     */
    public record Props(
            Names names,
            RegionName region,
            boolean replicating,
            boolean replicationTimeControl,
            int longestRetentionDays) {}

    public RegionFoundation(Construct scope, String id, Props props) {
        super(scope, id);
        Names names = props.names();
        RegionName region = props.region();
        this.key = new RegionKey(
                this,
                "CopiesKey",
                names.foundationKeyAlias(region),
                "Protects what is copied into the " + region.id() + " region: bucket, vault, table and secret.");
        this.bucket = new DataBucket(
                this,
                "Data",
                new DataBucket.Props(
                        names,
                        region,
                        key.key(),
                        props.replicating(),
                        props.replicationTimeControl(),
                        new AccessLogBucket(this, "AccessLogs").bucket()));
        this.vault = new BackupVault(
                this,
                "Vault",
                BackupVaultProps.builder()
                        // A fixed name: the other region's plan copies into it.
                        .backupVaultName(names.backupVault(region))
                        .encryptionKey(key.key())
                        // Governance: without changeableFor. With it the lock could never be removed again.
                        .lockConfiguration(LockConfiguration.builder()
                                .minRetention(Duration.days(7))
                                .maxRetention(Duration.days(props.longestRetentionDays()))
                                .build())
                        .removalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
                        .build());
    }

    public RegionKey key() {
        return key;
    }

    public DataBucket bucket() {
        return bucket;
    }

    public BackupVault vault() {
        return vault;
    }
}
