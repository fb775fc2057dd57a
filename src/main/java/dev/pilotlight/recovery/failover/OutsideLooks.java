package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Asking;
import dev.pilotlight.recovery.Question;

/**
 * What the world outside makes of this region, asked after the light and read when it matters. That the region's own answer
 * is not as it should be stops a planned switchover: signs and claims would not be read either. That no witness answers
 * stops nobody: who started the run may know better.
 */
final class OutsideLooks extends Phase {

    /** Where the asking begins; it leads on to {@link Capacity#FIRST}. */
    static final String ASK = "Ask the witnesses";
    /** Before the preflight is weighed; it leads on to {@code May it go on?}. */
    static final String READ_REGION = "Read how this region answers";
    /** Before every report; it leads on to {@code Write the evidence}. */
    static final String REPORT = "All answers known?";

    OutsideLooks(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        Asking asking = new Asking(machine, settings.outsideArn());
        if (settings.witnesses()) {
            asking.start(
                    Question.WITNESSES,
                    ASK,
                    "Whether this region reaches anybody, or is itself the one that is cut off.",
                    "Ask this region from outside");
        } else {
            machine.pass(ASK, "None is configured.", map(), "Ask this region from outside");
        }
        asking.start(
                Question.REGION,
                "Ask this region from outside",
                "At the region's own name, where signs and claims are read: in peace the proof that they will be.",
                Capacity.FIRST);
        String known = "($regionLook.done or $mode != 'emergency')";
        asking.read(
                Question.REGION,
                READ_REGION,
                "Asked before the checks. An emergency does not wait for it, and reads it again before the report.",
                "($mode = 'emergency' ? 0 : " + Asking.PATIENCE_SECONDS + ")",
                "Weigh how this region answers");
        weighRegion("Weigh how this region answers", known, "May it go on?");
        machine.choice(REPORT, "What an emergency did not wait for is told afterwards.")
                .when("$regionLook.since > 0", "Read this region's answer at last")
                .otherwise("Read how the witnesses answer");
        asking.read(
                Question.REGION,
                "Read this region's answer at last",
                "It is known by now.",
                "0",
                "Weigh this region's answer at last");
        weighRegion("Weigh this region's answer at last", "true", "Read how the witnesses answer");
        asking.read(
                Question.WITNESSES,
                "Read how the witnesses answer",
                "Whatever they have answered by now; nobody waits for a drill.",
                "($mode = 'drill' ? " + Asking.PATIENCE_SECONDS + " : 0)",
                "Weigh how the witnesses answer");
        machine.pass(
                "Weigh how the witnesses answer",
                "A remark: who started the run may know better.",
                map("remarks", found(Kind.REMARK, Asking.witnessRemark(settings.region()))),
                "Write the evidence");
    }

    /** Once: it is no finding twice. */
    private void weighRegion(String name, String known, String next) {
        machine.pass(
                name,
                "Nobody reads a sign or a claim where this cannot be read.",
                map(
                        "findings",
                        found(Kind.FINDING, known + " ? (" + Asking.regionFinding(settings.origin()) + ") : []"),
                        Question.REGION.variable(),
                        is("$merge([$regionLook, {'since': " + known + " ? 0 : $regionLook.since}])")),
                next);
    }
}
