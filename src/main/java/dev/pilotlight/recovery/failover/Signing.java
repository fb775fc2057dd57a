package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;

/** The old leader's agents read it and stop the workload. */
final class Signing extends Phase {

    Signing(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        createRule(
                "Raise the handover sign",
                "The other region's agents stop its workload while it stands. There already: verified next.",
                handover.path(),
                handover.text(),
                handover.priority(),
                "sign",
                Patience.LONG,
                "Verify the sign");
        readRules("Verify the sign", "An error may have come after the rule was made, and a rule may be another's.")
                .onAnyError(caught(), "Give up")
                .next("Sign shown?");
        machine.choice("Sign shown?", "The moment from which reports of the fence count.")
                .when(
                        "$signed",
                        map(
                                "signedAt",
                                is(NOW),
                                "times",
                                is("$merge([$times, {'signed': $states.context.State.EnteredTime}])")),
                        "Look at fence and replay")
                .otherwise("Sign not shown");
        machine.pass(
                "Sign not shown",
                "The place on the listener is taken by a rule that is not ours.",
                because("the handover sign could not be created: priority %d of the listener is taken"
                        .formatted(handover.priority())),
                "Give up");
    }
}
