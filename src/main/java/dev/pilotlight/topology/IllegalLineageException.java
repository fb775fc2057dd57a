package dev.pilotlight.topology;

/** A lineage that cannot have happened. The message names the cause and the fix. */
public final class IllegalLineageException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final int index;

    IllegalLineageException(int index, String message) {
        super(message);
        this.index = index;
    }

    /** The entry at fault, from 0. */
    public int index() {
        return index;
    }
}
