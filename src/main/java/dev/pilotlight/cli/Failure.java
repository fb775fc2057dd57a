package dev.pilotlight.cli;

/** A command cannot go on. The message is for the person at the keyboard: what happened, with the value, and the fix. */
public final class Failure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public Failure(String message) {
        super(message);
    }
}
