package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import java.util.List;

/** At once, because booting takes minutes and disturbs nobody: only a claim moves users. */
final class Lighting extends Phase {

    Lighting(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        machine.task(
                        "Look at the group",
                        "How many instances there are, so that a resumed run takes none away.",
                        "autoscaling:describeAutoScalingGroups",
                        map("AutoScalingGroupNames", List.of(settings.group())))
                .assign(map("group", is(groupFacts())))
                .onAnyError(caught(), "Give up")
                .next("Light the pilot");
        machine.task(
                        "Light the pilot",
                        "Serving capacity, while everything else goes on. Load scales it further.",
                        "autoscaling:updateAutoScalingGroup",
                        map(
                                "AutoScalingGroupName",
                                settings.group(),
                                "MinSize",
                                settings.capacity(),
                                "MaxSize",
                                is("$max([$group.max, " + settings.capacity() + "])"),
                                "DesiredCapacity",
                                is("$max([$group.desired, " + settings.capacity() + "])")))
                .assign(at("lit"))
                .onAnyError(caught(), "Give up")
                .next("Resuming?");
        machine.choice("Resuming?", "What is promoted or claimed already needs no preflight, sign or gate.")
                .when("$claimed or $promoted", "Database alone and available?")
                .when("$committed", "Give the promotion time")
                .otherwise("Check the secret");
        machine.pause(
                "Give the promotion time",
                "An earlier attempt may have ordered it: it shows after minutes only.",
                60,
                "Look again at the database");
        machine.task(
                        "Look again at the database",
                        "Whether the promotion that an earlier attempt ordered is under way.",
                        "rds:describeDBInstances",
                        map("DbInstanceIdentifier", settings.database()))
                .assign(databaseFacts())
                .onAnyError(caught(), "Give up")
                .next("Was it ordered?");
        machine.choice("Was it ordered?", "If the replica is as it was after five minutes, the order never arrived.")
                .when("$promoted", "Database alone and available?")
                .when(NOW + " < $startedAt + 300000", "Give the promotion time")
                .otherwise("Check the secret");
    }
}
