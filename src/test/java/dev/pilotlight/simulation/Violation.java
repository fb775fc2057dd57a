package dev.pilotlight.simulation;

/** An invariant that does not hold. */
final class Violation extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final Invariant invariant;

    Violation(Invariant invariant, String detail) {
        super(invariant + ": " + detail);
        this.invariant = invariant;
    }

    Invariant invariant() {
        return invariant;
    }
}
