package dev.pilotlight.stacks;

import dev.pilotlight.topology.RegionName;
import software.amazon.awscdk.services.backup.BackupVault;
import software.constructs.Construct;

/** The pilot light: the same as the primary region's, in the standby's role until it is lit. */
public final class DrStack extends RegionStack {

    public static final String ID = "DrStack";

    public DrStack(Construct scope, Workload workload) {
        super(scope, ID, workload, RegionName.DR);
        build(BackupVault.fromBackupVaultName(this, "Vault", workload.names().backupVault(RegionName.DR)), null);
    }
}
