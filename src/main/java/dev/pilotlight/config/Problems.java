package dev.pilotlight.config;

import dev.pilotlight.config.ConfigurationException.Problem;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Gathers what is wrong with one file. */
final class Problems {

    private final String file;
    private final List<Problem> found = new ArrayList<>();

    Problems(String file) {
        this.file = file;
    }

    void add(String key, String message) {
        found.add(new Problem(file, key, message));
    }

    boolean isEmpty() {
        return found.isEmpty();
    }

    /** Whether something is wrong with the key, a key around it or an element of it: then no rule need look at it. */
    boolean concern(String key) {
        return found.stream()
                .map(Problem::key)
                .anyMatch(bad -> bad.equals(key)
                        || key.startsWith(bad + ".")
                        || key.startsWith(bad + "[")
                        || bad.startsWith(key + "["));
    }

    void throwIfAny(Comparator<String> orderOfKeys) {
        if (!found.isEmpty()) {
            throw new ConfigurationException(found.stream()
                    .sorted(Comparator.comparing(Problem::key, orderOfKeys))
                    .toList());
        }
    }
}
