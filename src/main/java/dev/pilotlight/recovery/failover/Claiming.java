package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Asking;
import dev.pilotlight.recovery.Machine.Patience;
import dev.pilotlight.recovery.Question;

/** This moves users, and stops the old leader for good. */
final class Claiming extends Phase {

    /** From outside, for the claim. */
    private static final int LOOKS = 4;

    private static final int LOOK_PATIENCE_SECONDS = 15;

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
        Asking asking = new Asking(machine, settings.outsideArn());
        asking.start(
                Question.CLAIM,
                "Ask for the claim",
                "As Route 53's checkers and the old leader's agents do: by DNS, certificate and security group.",
                "Read what answers");
        asking.read(
                Question.CLAIM,
                "Read what answers",
                "It takes no longer than two requests of five seconds.",
                String.valueOf(LOOK_PATIENCE_SECONDS),
                "Count the look");
        machine.pass("Count the look", "Four are made.", map("asked", is("$asked + 1")), "Seen from outside?");
        machine.choice("Seen from outside?", "Four looks: one that fails says little.")
                .when(
                        "$claimLook.right",
                        map("times", is("$merge([$times, {'seen': $states.context.State.EnteredTime}])")),
                        OutsideLooks.READ_WITNESSES)
                .when(
                        "$asked >= " + LOOKS,
                        map(
                                "unseen",
                                is("'The claim could not be seen from outside: ' & $claimLook.said & '. " + lookAtOnce()
                                        + "'")),
                        "Not seen from outside")
                .otherwise("Ask again shortly");
        machine.pause("Ask again shortly", "A node of the load balancer may be new.", 10, "Ask for the claim");
        machine.pass(
                "Not seen from outside",
                "A finding, and the first that people are told: as long as nobody can read the claim, nobody moves.",
                map("findings", findings("$unseen")),
                OutsideLooks.READ_WITNESSES);
        machine.pass(
                "End the drill",
                "A drill changes nothing: it reports what the preflight found and what an emergency would lose now.",
                map("outcome", "drilled", "loss", is("$exists($seen.loss) ? $seen.loss : 'unknown'")),
                OutsideLooks.READ_WITNESSES);
    }

    private String lookAtOnce() {
        return ("It stands, but users move, and the old leader stops for good, only once %s can be read. Look at once: certificate,"
                        + " DNS name and security group of the load balancer.")
                .formatted(settings.claimUrl());
    }
}
