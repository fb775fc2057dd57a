package dev.pilotlight.stacks;

import dev.pilotlight.data.DatabaseSecret;
import dev.pilotlight.data.RegionFoundation;
import dev.pilotlight.data.WorkloadTable;
import dev.pilotlight.network.PublicEndpoint;
import dev.pilotlight.topology.RegionName;
import software.constructs.Construct;

/**
 * The region where the workload was founded: everything that makes a region serve, and the originals of what has a
 * replica in the DR region (table, secret).
 */
public final class PrimaryStack extends RegionStack {

    public static final String ID = "PrimaryStack";

    public PrimaryStack(Construct scope, Workload workload) {
        super(scope, ID, workload, RegionName.PRIMARY);
        RegionFoundation foundation =
                new RegionFoundation(this, "Foundation", foundation(workload, RegionName.PRIMARY));
        DatabaseSecret secret = new DatabaseSecret(
                this, "DatabaseSecret", workload.names(), foundation.key().key());
        PublicEndpoint endpoint = build(foundation.vault(), secret.passwordReference());
        WorkloadTable table = new WorkloadTable(
                this, "Table", workload.names(), foundation.key().key());
        // As the database: what a rollback may not delete comes after what may fail.
        table.getNode().addDependency(endpoint.certificate());
    }
}
