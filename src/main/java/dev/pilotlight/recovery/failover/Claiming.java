package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;

/** This moves users, and stops the old leader for good. */
final class Claiming extends Phase {

    /** From outside, for the claim. */
    private static final int LOOKS = 4;

    Claiming(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        createRule(
                "Claim the term",
                "Route 53's checks and the old leader's agents read it. There already: verified next.",
                claim.path(),
                claim.text(),
                claim.priority(),
                "claim",
                Patience.STUBBORN,
                "Verify the claim");
        readRules("Verify the claim", "An error may have come after the rule was made, and a rule may be another's.")
                .patience(Patience.STUBBORN)
                .onAnyError(caught(), "Give up")
                .next("Claim held?");
        machine.choice("Claim held?", "From here on this region leads.")
                .when(
                        "$claimed",
                        map("times", is("$merge([$times, {'claimed': $states.context.State.EnteredTime}])")),
                        "Until the claim is seen")
                .otherwise("Claim not held");
        machine.pass(
                "Claim not held",
                "The place on the listener is taken by a rule that is not ours.",
                because("the claim could not be created: priority %d of the listener is taken"
                        .formatted(claim.priority())),
                "Give up");
        // Route 53's view of its checks can be read in us-east-1 only, which may be the region that is lost. Its
        // documented time is therefore waited out, and the claim looked at once more, and asked for as a stranger
        // would.
        machine.pause(
                "Until the claim is seen",
                "%d checks of Route 53, %d seconds apart, and a margin of one."
                        .formatted(FailoverSettings.CHECKS, settings.checkIntervalSeconds()),
                settings.claimSeenSeconds(),
                "Look at the claim once more");
        readRules("Look at the claim once more", "Nobody took it away meanwhile.")
                .onAnyError(caught(), "Give up")
                .next("Claim still held?");
        machine.choice("Claim still held?", "The last look before it is reported done.")
                .when("$claimed", map("outcome", "succeeded"), "Ask for the claim")
                .otherwise("Claim the term");
        // Nothing from here on fails the run: the claim stands, and users may be moving.
        machine.get(
                        "Ask for the claim",
                        "As Route 53's checkers and the old leader's agents do: by DNS, certificate and security group.",
                        settings.claimUrl(),
                        settings.connectionArn())
                .patience(Patience.ONCE)
                .assign(map(
                        "asked",
                        is("$asked + 1"),
                        "visible",
                        is("$contains($string($states.result.ResponseBody), '" + claim.text() + "') = true"),
                        "answer",
                        "something else answers"))
                // States.ALL does not hold this error.
                .on(
                        "States.DataLimitExceeded",
                        map("asked", is("$asked + 1"), "answer", "something else answers"),
                        "Seen from outside?")
                .onAnyError(
                        map(
                                "asked",
                                is("$asked + 1"),
                                "answer",
                                is("$states.errorOutput.Error & ' ' & $substring($states.errorOutput.Cause, 0, 200)")),
                        "Seen from outside?")
                .next("Seen from outside?");
        machine.choice("Seen from outside?", "Four looks: one that fails says little.")
                .when(
                        "$visible",
                        map("times", is("$merge([$times, {'seen': $states.context.State.EnteredTime}])")),
                        "Write the evidence")
                .when(
                        "$asked >= " + LOOKS,
                        map(
                                "unseen",
                                is("'The claim could not be seen from outside: ' & $answer & '. " + lookAtOnce()
                                        + "'")),
                        "Not seen from outside")
                .otherwise("Ask again shortly");
        machine.pause("Ask again shortly", "A node of the load balancer may be new.", 10, "Ask for the claim");
        machine.pass(
                "Not seen from outside",
                "A finding, and the first that people are told: as long as nobody can read the claim, nobody moves.",
                map("findings", findings("$unseen")),
                "Write the evidence");
        machine.pass(
                "End the drill",
                "A drill changes nothing: it reports what the preflight found and what an emergency would lose now.",
                map("outcome", "drilled", "loss", is("$exists($seen.loss) ? $seen.loss : 'unknown'")),
                "Write the evidence");
    }

    private String lookAtOnce() {
        return ("It stands, but users move, and the old leader stops for good, only once %s can be read. Look at once: certificate,"
                        + " DNS name and security group of the load balancer.")
                .formatted(settings.claimUrl());
    }
}
