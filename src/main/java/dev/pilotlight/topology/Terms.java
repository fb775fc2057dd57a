package dev.pilotlight.topology;

import java.util.OptionalInt;

/** Terms in the paths of {@link Claim} and {@link Handover}. */
final class Terms {

    /** More than there are places on a listener. */
    private static final int MOST_DIGITS = 6;

    private Terms() {}

    /** The term behind a prefix, as the path writes it; empty for anything else. */
    static OptionalInt behind(String prefix, String path) {
        if (!path.startsWith(prefix)) {
            return OptionalInt.empty();
        }
        String term = path.substring(prefix.length());
        return term.length() <= MOST_DIGITS && term.matches("[1-9][0-9]*")
                ? OptionalInt.of(Integer.parseInt(term))
                : OptionalInt.empty();
    }
}
