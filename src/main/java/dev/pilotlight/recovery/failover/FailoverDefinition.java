package dev.pilotlight.recovery.failover;

import dev.pilotlight.recovery.Machine;
import java.util.List;

/**
 * The failover runbook: what it does, in which order, and what it does when a step fails.
 *
 * <p>Three rules hold all of it together:
 * <ul>
 *   <li>Every step looks first or can be repeated, so that starting the runbook again after any failure resumes it.
 *   <li>The point of no return is the database's tag {@link dev.pilotlight.topology.PromotionTag}, set before the promotion is ordered. A run
 *       that gives up before it takes the handover sign back, and the other region leads on. A run that gives up after
 *       it leaves the sign, because a leader that resumed would acknowledge writes that are lost.
 *   <li>It calls no API outside its region, looks at its own claim from outside last and for information only, and reads
 *       the time from the execution's own context.
 * </ul>
 */
public final class FailoverDefinition {

    /** Marks the rules that the runbook may delete; it may delete no claim. */
    public static final String SIGN_TAG = "pilotlight:sign";

    /** The names of executions that fail over: a drill has another, takes none of theirs, and is in nobody's way. */
    public static final String FAILOVERS = "/^failover-/";

    private FailoverDefinition() {}

    /** The definition as JSON. */
    public static String of(FailoverSettings settings) {
        Machine machine = new Machine(
                "Moves the workload %s to this region in term %d. Start it as failover-term-%d-attempt-1; after a failure as attempt-2, and so on: it resumes. A drill is started as drill-term-%d-attempt-1."
                        .formatted(settings.workload(), settings.term(), settings.term(), settings.term()),
                "Check the input",
                5 * 3600);
        Phase.Parts parts = new Phase.Parts(settings, machine);
        List.of(
                        new Admission(parts),
                        new Orientation(parts),
                        new Lighting(parts),
                        new Capacity(parts),
                        new OutsideLooks(parts),
                        new Preflight(parts),
                        new Readiness(parts),
                        new Signing(parts),
                        new LossGate(parts),
                        new Promotion(parts),
                        new Service(parts),
                        new Claiming(parts),
                        new Withdrawal(parts),
                        new Report(parts))
                .forEach(Phase::write);
        return machine.json();
    }
}
