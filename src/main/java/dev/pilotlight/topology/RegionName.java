package dev.pilotlight.topology;

import java.util.Locale;

/**
 * The two regions by the place they have in the system, which never changes. Which of them leads is its {@link Role},
 * and does.
 */
public enum RegionName {
    /** Where the workload was founded. */
    PRIMARY,
    /** Where its pilot light was founded. */
    DR;

    /** The name in lineages, host names and resource names: {@code primary} or {@code dr}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    public RegionName other() {
        return this == PRIMARY ? DR : PRIMARY;
    }
}
