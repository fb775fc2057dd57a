package dev.pilotlight.simulation;

/** An error that a service answers. */
final class Refused extends Exception {

    private static final long serialVersionUID = 1L;

    private final String error;

    Refused(String error, String cause) {
        super(cause);
        this.error = error;
    }

    /** As Step Functions names it, such as {@code Rds.InvalidDbInstanceStateException}. */
    String error() {
        return error;
    }
}
