package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
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
                .assign(map(
                        "claimed",
                        is(leadership.shown()),
                        "sign",
                        is(sign.shown() + " ? 'stands' : 'none'"),
                        "signArn",
                        is(sign.arn()),
                        "findings",
                        found(
                                Kind.FINDING,
                                taken(sign, "of the handover sign") + ", " + taken(leadership, "of the claim"))))
                .onAnyError(caught(), "Give up")
                .next("Look at the database");
        lookAtDatabase(
                        "Look at the database",
                        "Whose replica it really is, whether it may be promoted, and whether an attempt has ordered that.")
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
                        "$promoted and $not($committed) and $not($claimed) and $attempt > 1 and " + NOW
                                + " < $startedAt + 40000",
                        "Give the tag time")
                .when(
                        "$promoted and $not($committed) and $not($claimed) and $not($acceptDataLoss)",
                        because("the database here is no replica any more, and no run of this term promoted it: what it"
                                + " lacks is unknown. If a person knows, start again with acceptDataLoss true"),
                        "Give up")
                .when("$mode = 'drill'", OutsideLooks.ASK)
                .otherwise("First attempt?");
        machine.pause(
                "Give the tag time",
                "An attempt that was just stopped may have set it: it shows within half a minute.",
                10,
                "Look at the database");
    }

    private static String taken(Rules rule, String whose) {
        return "(" + rule.other() + " != '' ? 'Another rule has the place " + whose + " on the listener, priority "
                + rule.priority() + ": ' & " + rule.other()
                + " & '. Check its path, and move it to 10001 or later.' : [])";
    }
}
