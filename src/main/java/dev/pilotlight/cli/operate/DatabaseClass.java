package dev.pilotlight.cli.operate;

import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much memory an RDS instance class has, which decides about {@code max_connections}: a replica with less than its
 * source stops replaying. By the families' usual ratio, which is enough to say which of two is larger.
 */
final class DatabaseClass {

    /** GiB of a {@code large}, by the letters that a family begins with. */
    private static final Map<String, Integer> LARGE = Map.of("t", 8, "m", 8, "r", 16, "c", 4, "z", 16);

    /** Parts of a {@code large}. */
    private static final Map<String, Double> BELOW_XLARGE = Map.of(
            "micro", 0.125,
            "small", 0.25,
            "medium", 0.5,
            "large", 1.0);

    private static final Pattern CLASS = Pattern.compile("db\\.([a-z])([0-9])[a-z0-9-]*\\.([a-z0-9]+)");

    private DatabaseClass() {}

    /** In GiB; empty for a family whose ratio is another. */
    static OptionalDouble memory(String name) {
        Matcher parts = CLASS.matcher(name);
        if (!parts.matches() || !LARGE.containsKey(parts.group(1))) {
            return OptionalDouble.empty();
        }
        String size = parts.group(3);
        double larges;
        if (BELOW_XLARGE.containsKey(size)) {
            larges = BELOW_XLARGE.get(size);
        } else if (size.matches("[0-9]*xlarge")) {
            String times = size.replace("xlarge", "");
            larges = 2 * (times.isEmpty() ? 1 : Integer.parseInt(times));
        } else {
            return OptionalDouble.empty();
        }
        return OptionalDouble.of(larges * LARGE.get(parts.group(1)));
    }

    /** Whether the first has more than the second; false where it cannot be told. */
    static boolean isLarger(String first, String second) {
        OptionalDouble one = memory(first);
        OptionalDouble other = memory(second);
        return one.isPresent() && other.isPresent() && one.getAsDouble() > other.getAsDouble();
    }

    /** Whether it can be told of two which is larger. */
    static boolean areComparable(String first, String second) {
        return first.equals(second)
                || (memory(first).isPresent() && memory(second).isPresent());
    }
}
