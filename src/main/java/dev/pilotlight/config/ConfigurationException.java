package dev.pilotlight.config;

import java.util.List;

/** A configuration that cannot be used: every problem at once. */
public final class ConfigurationException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<Problem> problems;

    public ConfigurationException(List<Problem> problems) {
        super(problems.stream()
                .map(Problem::toString)
                .reduce((a, b) -> a + "\n" + b)
                .orElseThrow());
        this.problems = List.copyOf(problems);
    }

    public List<Problem> problems() {
        return problems;
    }

    /**
     * One thing that is wrong.
     *
     * @param file as the person knows it, relative to the project
     * @param key dotted path, such as {@code database.backupRetentionDays}; empty if the file as a whole is at fault
     * @param message one sentence with the value and the fix
     */
    public record Problem(String file, String key, String message) {
        @Override
        public String toString() {
            return key.isEmpty() ? file + ": " + message : file + ": " + key + ": " + message;
        }
    }
}
