package dev.pilotlight.stacks;

import dev.pilotlight.data.RegionFoundation;
import dev.pilotlight.topology.RegionName;
import software.constructs.Construct;

/** What the primary region copies into the DR region. Deployed first: a copy's destination must exist before the copy. */
public final class DrFoundationStack extends PilotlightStack {

    public static final String ID = "DrFoundationStack";

    public DrFoundationStack(Construct scope, Workload workload) {
        super(
                scope,
                ID,
                workload,
                RegionName.DR,
                "foundation",
                "Pilotlight: key, bucket and backup vault that the primary region of %s copies into"
                        .formatted(workload.names().workload()));
        new RegionFoundation(this, "Foundation", RegionStack.foundation(workload, RegionName.DR));
    }
}
