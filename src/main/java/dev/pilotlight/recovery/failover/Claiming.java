package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Asking;
import dev.pilotlight.recovery.Machine.Patience;
import dev.pilotlight.recovery.Question;
import java.util.Map;

/** This moves users, and stops the old leader for good. */
final class Claiming extends Phase {

    private static final String UNKNOWN =
            "'Whether this region holds the claim is unknown: its place on the listener is taken, and the rule was not seen for ten minutes'";

    /** From outside, for the claim. */
    private static final int LOOKS = 4;

    Claiming(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        leadership
                .create(
                        machine,
                        "Claim the term",
                        "Route 53's checks and the old leader's agents read it. Its place is taken: looked for next.")
                .patience(Patience.STUBBORN)
                .assign(map("claimed", true, "times", timed("claimed")))
                .on(
                        "ElasticLoadBalancingV2.PriorityInUseException",
                        map("since", is(NOW), "other", "", "otherSince", 0),
                        "Verify the claim")
                .onAnyError(
                        map(
                                "claimError",
                                is("$states.errorOutput.Error & ' ' & $states.errorOutput.Cause"),
                                "since",
                                is(NOW),
                                "other",
                                "",
                                "otherSince",
                                0),
                        "Verify the claim")
                .next("Until the claim is seen");
        Map<String, Object> seen = leadership.noteOther();
        seen.put("claimed", is(leadership.shown()));
        leadership
                .look(
                        machine,
                        "Verify the claim",
                        "An earlier attempt's, or an error came after the rule was made; or another's.")
                .assign(seen)
                .onAnyError(map(), "Claim held?")
                .next("Claim held?");
        machine.choice(
                        "Claim held?",
                        "From here on this region leads. Not seen for ten minutes is unknown, and no failure.")
                .when("$claimed", map("claimError", "", "times", timed("claimed")), "Until the claim is seen")
                .when(
                        "$claimError != '' and " + NOW + " > $since + 60000",
                        map("failedStep", "Claim the term", "why", is("$claimError")),
                        "Give up")
                .when(Rules.TAKEN, "Claim not held")
                .when(NOW + " > $since + 600000", map("claimError", is(UNKNOWN)), "Until the claim is seen")
                .otherwise("Wait for the claim");
        machine.pause("Wait for the claim", "A rule shows seconds after it was created.", 10, "Verify the claim");
        machine.pass(
                "Claim not held",
                "The place on the listener is taken by a rule that is not ours.",
                map(
                        "failedStep",
                        is("$states.context.State.Name"),
                        "why",
                        is("'the claim could not be created: ' & " + leadership.takenBy()),
                        "claimError",
                        ""),
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
        machine.choice(
                        "Claim still held?",
                        "A look may not show what stands: only creating it again tells. Twice at most.")
                .when("$visible or $rounds >= 3", map("visible", false, "outcome", "succeeded"), "Ask for the claim")
                .otherwise("Claim it again");
        leadership
                .look(machine, "Look at the claim once more", "Nobody took it away meanwhile.")
                .assign(map(
                        "visible",
                        is(leadership.shown()),
                        "claimed",
                        is("$claimed or " + leadership.shown()),
                        "claimError",
                        is(leadership.shown() + " ? '' : $claimError"),
                        "rounds",
                        is("$rounds + 1")))
                .onAnyError(map("visible", false, "rounds", is("$rounds + 1")), "Claim still held?")
                .next("Claim still held?");
        leadership
                .create(
                        machine,
                        "Claim it again",
                        "If its place is taken, it stands; else it was taken away, and stands again.")
                .patience(Patience.BRIEF)
                .assign(map(
                        "claimed",
                        true,
                        "findings",
                        found(Kind.FINDING, "'The claim was taken away, and was created again: find out by whom.'")))
                // It may stand since this call only, whose answer was lost: Route 53 has not seen it yet.
                .on("ElasticLoadBalancingV2.PriorityInUseException", map("rounds", LOOKS), "Until the claim is seen")
                .onAnyError(
                        map("claimError", is("$states.errorOutput.Error & ' ' & $states.errorOutput.Cause")),
                        "Until the claim is seen")
                .next("Until the claim is seen");
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
                "Its execution may show late.",
                String.valueOf(Asking.PATIENCE_SECONDS),
                "Count the look");
        machine.pass("Count the look", "Four are made.", map("asked", is("$asked + 1")), "Seen from outside?");
        machine.choice("Seen from outside?", "Four looks: one that fails says little.")
                .when("$claimLook.right", map("claimed", true, "claimError", "", "times", timed("seen")), END)
                .when(
                        "$asked >= " + LOOKS + " and $claimError != ''",
                        map("failedStep", "Claim the term", "why", is("$claimError"), "outcome", "failed"),
                        "Give up")
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
                map("findings", found(Kind.FINDING, "$unseen")),
                END);
        machine.pass(
                "End the drill",
                "A drill changes nothing: it reports what the preflight found and what an emergency would lose now.",
                map("outcome", "drilled", "loss", is("$exists($seen.loss) ? $seen.loss : 'unknown'")),
                END);
    }

    private String lookAtOnce() {
        return ("It stands, but users move, and the old leader stops for good, only once %s can be read. Look at once: certificate,"
                        + " DNS name and security group of the load balancer.")
                .formatted(settings.claimUrl());
    }
}
