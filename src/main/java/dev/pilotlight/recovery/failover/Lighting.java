package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;

/**
 * At once, because booting takes minutes and disturbs nobody: only a claim moves users. It stops nothing: what fails here is
 * ordered again each minute while the run waits for instances.
 */
final class Lighting extends Phase {

    Lighting(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        machine.choice("First attempt?", "It may light at once; an earlier one may have lit more than that.")
                .when("$attempt = 1", "Light the pilot")
                .otherwise("Look at the group");
        machine.task(
                        "Look at the group",
                        "What an earlier attempt has lit, so that none is taken away.",
                        "autoscaling:describeAutoScalingGroups",
                        map("AutoScalingGroupNames", java.util.List.of(settings.group())))
                .patience(Patience.BRIEF)
                .assign(seenGroup())
                .onAnyError(map(), OutsideLooks.ASK)
                .next("Light the pilot");
        setMinSize(
                        "Light the pilot",
                        "The least capacity, while everything else goes on. What the leader has is asked afterwards.",
                        "$max([$lit, " + settings.capacity() + "])")
                .onAnyError(unchecked(Kind.REMARK), OutsideLooks.ASK)
                .next(OutsideLooks.ASK);
        machine.choice("Resuming?", "What is promoted or claimed already needs no preflight, sign or gate.")
                .when("$mode = 'drill'", "Check the secret")
                .when("$claimed or $promoted", "Database alone and available?")
                .when("$committed", "Give the promotion time")
                .otherwise("Check the secret");
        machine.pause(
                "Give the promotion time",
                "An earlier attempt may have ordered it: it shows after minutes only.",
                60,
                "Look again at the database");
        lookAtDatabase(
                        "Look again at the database",
                        "Whether the promotion that an earlier attempt ordered is under way.")
                .assign(databaseFacts())
                .onAnyError(caught(), "Give up")
                .next("Was it ordered?");
        machine.choice("Was it ordered?", "If the replica is as it was after five minutes, the order never arrived.")
                .when("$promoted", "Database alone and available?")
                .when("$committed and " + NOW + " < $startedAt + 300000", "Give the promotion time")
                .otherwise("Check the secret");
    }
}
