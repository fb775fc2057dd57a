package dev.pilotlight.recovery.asl;

/** A definition that holds what this interpreter does not know. The message names the state and the field. */
public final class UnsupportedDefinitionException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    UnsupportedDefinitionException(String message) {
        super(message);
    }
}
