package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.operate.Assessment.Finding;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Topology;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Something that {@code ./pilot status} looks at in each region, and what it makes of it, in a file of its own.
 *
 * @param <T> what is seen of a region
 */
interface Inspection<T> {

    /** Every one, in the order in which their findings are read. */
    List<Inspection<?>> ALL = List.of(new RollOutGuard(), new PinnedImages());

    /** What it looks at, in the plural, as in "the images of dr (eu-west-1) could not be seen". */
    String subject();

    /** Looks at one region; what it throws is shown as not seen. */
    T look(Site site, RegionName region);

    /**
     * What there is to say.
     *
     * @param seen the regions that could be looked at
     */
    List<Finding> findings(Map<RegionName, T> seen, Scene scene);

    /**
     * What a finding may need to know besides.
     *
     * @param called a region as people are told of it
     * @param inForce the topology of what is deployed
     * @param answers whether anything in a region answers
     */
    record Scene(
            Instant at,
            Instructions instructions,
            Function<RegionName, String> called,
            Topology inForce,
            Predicate<RegionName> answers) {}
}
