package dev.pilotlight.app;

import dev.pilotlight.compliance.Compliance;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.config.RollOut;
import dev.pilotlight.stacks.DrFoundationStack;
import dev.pilotlight.stacks.DrStack;
import dev.pilotlight.stacks.PrimaryStack;
import dev.pilotlight.stacks.Workload;
import dev.pilotlight.topology.RegionName;
import software.amazon.awscdk.App;

/** Configuration to stacks, in the order in which they depend on each other. */
public final class Pilotlight {

    private Pilotlight() {}

    /** Adds the three stacks of an environment to the app. */
    public static void build(App app, Configuration configuration, RollOut rollOut) {
        Workload workload = Workload.of(configuration, rollOut);
        DrFoundationStack foundation = new DrFoundationStack(app, workload);
        PrimaryStack primary = new PrimaryStack(app, workload);
        DrStack dr = new DrStack(app, workload);
        // Copies need their destination first.
        primary.addStackDependency(foundation);
        dr.addStackDependency(foundation);
        // A replica needs its source first: the standby follows the leader, whichever that is.
        if (workload.topology().leader() == RegionName.PRIMARY) {
            dr.addStackDependency(primary);
        } else {
            primary.addStackDependency(dr);
        }
        Compliance.check(app, configuration.profile());
    }
}
