package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.operate.Assessment.Level;
import java.util.List;

/** What {@code ./pilot status} would show, for a program that wants to know whether all is well. */
public final class Findings {

    private Findings() {}

    /** What needs attention, or could not be seen; empty if all is well. */
    public static List<String> ofConcern(Site site) {
        return Assessor.assess(new Lookout(site).look(), site::called, site.instructions()).findings().stream()
                .filter(finding -> finding.level() == Level.ATTENTION || finding.level() == Level.UNKNOWN)
                .map(finding -> finding.subject() + ": " + finding.says())
                .toList();
    }
}
