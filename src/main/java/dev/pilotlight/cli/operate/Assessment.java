package dev.pilotlight.cli.operate;

import dev.pilotlight.topology.RegionName;
import java.util.List;
import java.util.Optional;

/**
 * What {@code ./pilot status} makes of what it saw.
 *
 * @param leaders by each of the three witnesses
 * @param agree whether all three that could be heard say the same
 * @param findings in the order in which they are read
 */
record Assessment(Leaders leaders, boolean agree, List<Finding> findings, Next next) {

    /** How bad a finding is. */
    enum Level {
        OK,
        /** Worth knowing; nothing to do. */
        NOTE,
        /** It could not be seen. */
        UNKNOWN,
        ATTENTION
    }

    /**
     * One thing that was looked at.
     *
     * @param id stable, for programs
     * @param subject a word or two
     * @param says what is so, in one sentence without its full stop
     * @param todo what to do; empty: nothing
     */
    record Finding(String id, Level level, String subject, String says, String todo) {}

    /** Who leads in which term, as far as one witness tells. */
    record Leader(RegionName region, int term) {}

    /**
     * The witnesses. Empty: it could not be heard, or contradicts itself.
     *
     * @param claims what the load balancers show, which is what moves users
     * @param file the configuration file of this clone
     * @param deployed the templates that the stacks hold
     * @param databases which of them stands alone
     */
    record Leaders(Optional<Leader> claims, Leader file, Optional<Leader> deployed, Optional<Leader> databases) {}

    /**
     * What the next change must be.
     *
     * @param append the region to append to databaseLineage first
     * @param commands to run then, in this order
     */
    record Next(String says, Optional<RegionName> append, List<String> commands) {}

    boolean isWell() {
        return findings.stream().allMatch(finding -> finding.level() == Level.OK || finding.level() == Level.NOTE);
    }
}
