package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine;

/** What is true already: this may be the first attempt, or one that resumes. */
final class Orientation extends Phase {

    Orientation(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        readRules("Read the signs", "Whether this region holds the claim or shows the sign, from an earlier attempt.")
                .onAnyError(caught(), "Give up")
                .next("Look at the database");
        machine.task(
                        "Look at the database",
                        "Whose replica it really is, whether it may be promoted, and whether an attempt has ordered that.",
                        "rds:describeDBInstances",
                        map("DbInstanceIdentifier", settings.database()))
                .assign(databaseFacts())
                .onAnyError(caught(), "Give up")
                .next("The right database?");
        Machine.Choice right = machine.choice(
                "The right database?",
                "Promoting the replica of another database than the leader's would lose everything since.");
        if (!settings.replicatesLeader()) {
            right.when(
                    "true",
                    because("the lineage says that this region's database does not replicate the"
                            + " leader's: seed it anew by appending this region to databaseLineage"),
                    "Give up");
        }
        right.when(
                        "$exists($database.source) and $database.source != '" + settings.expectedSource() + "'",
                        because("the database here is a replica of another one than the leader's"),
                        "Give up")
                .when(
                        "$not($exists($database.source)) and $not($committed) and $not($claimed) and $not($acceptDataLoss)",
                        because("the database here is no replica any more, and no run of this term promoted it: what it"
                                + " lacks is unknown. If a person knows, start again with acceptDataLoss true"),
                        "Give up")
                .when("$mode = 'drill'", "Check the secret")
                .otherwise("Look at the group");
    }
}
