package dev.pilotlight.cli.check;

import java.util.List;

/** The service does not know a resource. */
final class Missing extends RuntimeException {

    private static final long serialVersionUID = 1L;

    Missing(String message) {
        super(message);
    }

    /** The one element of a service's answer. */
    static <T> T ifEmpty(List<T> answer) {
        if (answer.isEmpty()) {
            throw new Missing("the service does not list it");
        }
        return answer.get(0);
    }
}
