package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;

/** The old leader's agents read it and stop the workload. */
final class Signing extends Phase {

    /** Where a wait ends that leads back to the gate. */
    static final String RAISE_AGAIN = "Room for the sign?";

    Signing(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        sign.create(
                        machine,
                        "Raise the handover sign",
                        "The other region's agents stop its workload while it stands. Its place is taken: looked for next.")
                .patience(Patience.LONG)
                .assign(map(
                        "sign",
                        "stands",
                        "signTried",
                        true,
                        "signArn",
                        is("$states.result.Rules[0].RuleArn"),
                        "signedAt",
                        is(NOW),
                        "times",
                        timed("signed")))
                .on(
                        "ElasticLoadBalancingV2.PriorityInUseException",
                        map("signTried", true, "since", is(NOW), "other", "", "otherSince", 0),
                        "Verify the sign")
                .onAnyError(tried(), "Give up")
                .next("Look at fence and replay");
        java.util.Map<String, Object> seen = sign.noteOther();
        seen.put("sign", is(sign.shown() + " ? 'stands' : 'maybe'"));
        seen.put("signArn", is(sign.arn()));
        sign.look(
                        machine,
                        "Verify the sign",
                        "An earlier attempt's, or an error came after the rule was made; or another's.")
                .assign(seen)
                .onAnyError(map("sign", "maybe"), "Sign shown?")
                .next("Sign shown?");
        machine.choice(
                        "Sign shown?",
                        "The moment from which reports of the fence count. Not seen for a minute is unknown, and no failure.")
                .when("$signArn != ''", map("signedAt", is(NOW), "times", timed("signed")), "Look at fence and replay")
                .when(Rules.TAKEN + " and $mode = 'planned'", "Sign not shown")
                .when(Rules.TAKEN, "Tell of the place of the sign")
                .when(
                        NOW + " > $since + 60000",
                        map(
                                "signedAt",
                                is(NOW),
                                "remarks",
                                found(
                                        Kind.REMARK,
                                        "'The handover sign was not seen though its place on the listener, priority %d, is taken: whether it stands is unknown.'"
                                                .formatted(handover.priority()))),
                        "Look at fence and replay")
                .otherwise("Wait for the sign");
        machine.pause("Wait for the sign", "A rule shows seconds after it was created.", 10, "Verify the sign");
        machine.pass(
                "Sign not shown",
                "The place on the listener is taken by a rule that is not ours.",
                map(
                        "failedStep",
                        is("$states.context.State.Name"),
                        "why",
                        is("'the handover sign could not be created: ' & " + sign.takenBy()),
                        "sign",
                        "none",
                        "signTried",
                        false),
                "Give up");
        withoutTheSign();
    }

    /** A leader that is gone needs no sign; one that lives goes on acknowledging, which the gate reckons with. */
    private void withoutTheSign() {
        java.util.Map<String, Object> told = map(
                "sign",
                "none",
                "signTried",
                false,
                "signTaken",
                true,
                "signedAt",
                is(NOW),
                "findings",
                found(
                        Kind.FINDING,
                        "'The handover sign could not be raised, so a leader that lives was not told to stop: ' & "
                                + sign.takenBy() + " & '.'"));
        page(
                "Tell of the place of the sign",
                "An emergency goes on without the sign: what may be lost is asked as of a leader that serves.",
                "'The failover of %s to term %d goes on without its handover sign: ' & %s & '. Until then a leader that lives is not told to stop before the claim; the sign is raised once its place is free, as long as the promotion was not ordered.'"
                        .formatted(settings.workload(), settings.term(), sign.takenBy()),
                told,
                "Look at fence and replay");
        machine.choice(RAISE_AGAIN, "Whoever was told may have made room for it.")
                .when("$signTaken and $sign = 'none'", "Raise the sign after all")
                .otherwise("Look at fence and replay");
        sign.create(machine, "Raise the sign after all", "Its place was taken, and may be free.")
                .patience(Patience.ONCE)
                .assign(map(
                        "sign",
                        "stands",
                        "signTried",
                        true,
                        "signArn",
                        is("$states.result.Rules[0].RuleArn"),
                        "signedAt",
                        is(NOW),
                        "times",
                        timed("signed")))
                .on("ElasticLoadBalancingV2.PriorityInUseException", map(), "Look at fence and replay")
                .onAnyError(map("sign", "maybe", "signTried", true), "Look at fence and replay")
                .next("Look at fence and replay");
    }

    private static java.util.Map<String, Object> tried() {
        java.util.Map<String, Object> assign = caught();
        assign.put("signTried", true);
        return assign;
    }
}
