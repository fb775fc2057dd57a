package dev.pilotlight.cli.operate;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The failover runbook's states, gathered into the steps that a person follows. */
public enum Phase {
    LOOK(
            "Look around",
            "Nothing is touched: input, other runs, signs and database are looked at",
            "it may run",
            "Check the input",
            "Refuse the input",
            "Begin",
            "Only a drill?",
            "Another run?",
            "Alone?",
            "The attempt before",
            "Not yet seen?",
            "Wait for the attempt before",
            "Over?",
            "Refuse to run beside another",
            "Read the signs",
            "Look at the database",
            "The right database?",
            "Give the tag time"),
    LIGHT(
            "Light the pilot",
            "Instances start and boot while everything else goes on",
            "instances are starting",
            "First attempt?",
            "Look at the group",
            "Light the pilot"),
    PREFLIGHT(
            "Preflight",
            "What only bites at three in the morning",
            "looked at what could stand in the way",
            "Ask the witnesses",
            "Ask this region from outside",
            "Look at the leader's capacity",
            "Reckon the capacity",
            "Resuming?",
            "Give the promotion time",
            "Look again at the database",
            "Was it ordered?",
            "Check the secret",
            "Check the certificate",
            "Check the group",
            "Check the launch template",
            "Check the image",
            "Ask for the instance class?",
            "Check the instance class",
            "Check the status",
            "Check the quota",
            "Check the instance type",
            "Reckon with the quota",
            "Raise the light?",
            "Raise the light",
            "Read how this region answers",
            "Read how this region answers (look)",
            "Read how this region answers (answered?)",
            "Read how this region answers (wait)",
            "Weigh how this region answers",
            "May it go on?"),
    READY(
            "Standby ready",
            "A planned switchover waits until instances here are healthy, before it stops the leader",
            "instances here are healthy, and everything is in order still",
            "Look whether the standby is ready",
            "Look whether the leader lives",
            "Ready?",
            "Keep the light",
            "Light for the switchover",
            "Wait for instances",
            "Look at the signs again",
            "Look at the replica again",
            "Still in order?"),
    SIGN(
            "Handover sign",
            "It asks the other region's agents to stop the workload",
            "it stands",
            "Raise the handover sign",
            "Verify the sign",
            "Sign shown?",
            "Wait for the sign",
            "Sign not shown",
            "Tell of the place of the sign"),
    FENCE(
            "Fence and replay",
            "Whether the leader has stopped, and how far the replica has replayed",
            "enough is known of what may be lost",
            "Look at fence and replay",
            "Without metrics",
            "Enough known?",
            "Wait for fence and replay",
            "Room for the sign?",
            "Raise the sign after all",
            "Is the loss accepted?",
            "Loss not accepted"),
    PROMOTE(
            "Promotion",
            "The replica becomes a database of its own; from its mark on there is no way back",
            "the database stands alone and is available",
            "Free to be promoted?",
            "Busy?",
            "Wait until it is free",
            "Tell of the stuck database",
            "Mark the point of no return",
            "Promote",
            "Wait for the promotion",
            "Database alone and available?",
            "Promoted?",
            "Look at the loss again",
            "Record the loss",
            "Mark the loss anew",
            "Tell of the stuck promotion"),
    SERVE(
            "Ready to serve",
            "Instances are healthy and have written to the database",
            "instances are healthy, and the database takes writes",
            "Look at the targets",
            "Look whether it writes",
            "Able to serve?",
            "Does RDS say that it is up?",
            "Claim without the metric?",
            "Look at the group again",
            "Is the group known?",
            "Light again",
            "Still in order meanwhile?",
            "Stuck meanwhile?",
            "Tell of the database that is stuck alone",
            "Wait for service"),
    CLAIM(
            "Claim",
            "This moves users, and stops the old leader for good",
            "the term is claimed: users are sent here",
            "Claim the term",
            "Verify the claim",
            "Claim held?",
            "Wait for the claim",
            "Claim not held"),
    SEEN(
            "Claim seen",
            "Route 53's checks get their documented time; then the claim is asked for as a stranger would",
            "Route 53's checks have had their time, and the claim was asked for from outside",
            "Until the claim is seen",
            "Look at the claim once more",
            "Claim still held?",
            "Claim it again",
            "Ask for the claim",
            "Read what answers",
            "Read what answers (look)",
            "Read what answers (answered?)",
            "Read what answers (wait)",
            "Count the look",
            "Seen from outside?",
            "Ask again shortly",
            "Not seen from outside"),
    GIVE_UP(
            "Giving up",
            "What would stop the leader for nothing is taken back",
            "what could be taken back was",
            "Give up",
            "Begin to look",
            "Still a replica?",
            "Settled?",
            "Look again in half a minute",
            "Withdraw the mark",
            "Is there a sign to take back?",
            "Search for the sign",
            "Look for the sign",
            "Is there a sign?",
            "Look for the sign again",
            "The sign is unknown",
            "Take the sign back",
            "Really gone?",
            "Delete it again shortly",
            "It is gone",
            "Was it planned?",
            "Put the light out"),
    REPORT(
            "Report",
            "Evidence, metrics, and a notification",
            "evidence, metrics and notification",
            "End the drill",
            "All answers known?",
            "Read this region's answer at last",
            "Read this region's answer at last (look)",
            "Read this region's answer at last (answered?)",
            "Read this region's answer at last (wait)",
            "Weigh this region's answer at last",
            "Read how the witnesses answer",
            "Read how the witnesses answer (look)",
            "Read how the witnesses answer (answered?)",
            "Read how the witnesses answer (wait)",
            "Weigh how the witnesses answer",
            "Write the evidence",
            "Count it",
            "Tell people",
            "How did it end?",
            "Done",
            "Failed");

    private final String title;
    private final String meaning;
    private final String result;

    @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable, which its type does not say.
    private final List<String> states;

    Phase(String title, String meaning, String result, String... states) {
        this.title = title;
        this.meaning = meaning;
        this.result = result;
        this.states = List.of(states);
    }

    public String title() {
        return title;
    }

    /** What happens, for a person who sees it for the first time. */
    public String meaning() {
        return meaning;
    }

    /** What is so when it is done. */
    String result() {
        return result;
    }

    /** The phase of a state; empty for one that is younger than this list. */
    static Optional<Phase> of(String state) {
        return Arrays.stream(values())
                .filter(phase -> phase.states.contains(state))
                .findFirst();
    }
}
