package dev.pilotlight.recovery.failover;

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
    static final String READ_WITNESSES = "Read how the witnesses answer";

    /** Longer than any question takes: a request of five seconds, a second's wait, and the same again. */
    static final int PATIENCE_SECONDS = 15;

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
        asking.read(
                Question.REGION,
                READ_REGION,
                "Asked before the checks, so nobody has waited for it.",
                String.valueOf(PATIENCE_SECONDS),
                "Weigh how this region answers");
        machine.pass(
                "Weigh how this region answers",
                "Nobody reads a sign or a claim where this cannot be read.",
                map("findings", found(Kind.FINDING, Asking.regionFinding(settings.origin()))),
                "May it go on?");
        asking.read(
                Question.WITNESSES,
                READ_WITNESSES,
                "Whatever they have answered by now; nobody waits for a drill.",
                "($mode = 'drill' ? " + PATIENCE_SECONDS + " : 0)",
                "Weigh how the witnesses answer");
        machine.pass(
                "Weigh how the witnesses answer",
                "A remark: who started the run may know better.",
                map("remarks", found(Kind.REMARK, Asking.witnessRemark(settings.region()))),
                "Write the evidence");
    }
}
