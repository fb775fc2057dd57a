package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;
import dev.pilotlight.recovery.Signals;
import java.util.List;
import java.util.Map;

/**
 * How many instances serve: as many as the leader has. Each of its instances reports itself once a minute into this region.
 * Lit is the greatest mean of fifteen minutes in a day, because traffic arrives all at once; what has to be healthy before
 * users come is the mean of the last hour in which the leader was heard.
 */
final class Capacity extends Phase {

    /** Where the phase begins. */
    static final String FIRST = "Look at the leader's capacity";

    private static final int MINUTES = 15;

    Capacity(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        lookAtMetrics(
                        FIRST,
                        "How many instances the leader had, today and in the last hour that it was heard.",
                        NOW + " - 86400000",
                        List.of(query("instances", Signals.NAMESPACE, Signals.INSTANCE, "SampleCount", MINUTES * 60)))
                .patience(Patience.BRIEF)
                .assign(map("peak", is(peak()), "hour", is(hour())))
                .onAnyError(unchecked(Kind.REMARK), "Reckon the capacity")
                .next("Reckon the capacity");
        machine.pass(
                "Reckon the capacity",
                "Never below what was lit before, and what the configuration asks for at least.",
                reckoned(),
                "Resuming?");
    }

    private static String peak() {
        return "$max($append([0], " + answered("instances", "Values") + ")) / " + MINUTES;
    }

    /** The newest quarter of an hour is not over, or the leader was lost in it: the four before. */
    private static String hour() {
        return """
                ($values := %s; $whole := [$values[1], $values[2], $values[3], $values[4]];
                $used := $count($whole) > 0 ? $whole : [$values[0]];
                $count($used) > 0 ? $sum($used) / (%d * $count($used)) : 0)""".formatted(answered("instances", "Values"), MINUTES);
    }

    /** What the leader had, rounded up, within an expression for the limit. */
    private String within(String instances, String limit) {
        return "$max([1, $min([%s, %s])])".formatted(needed(instances), limit);
    }

    static String needed(String instances, int least) {
        return "$max([%d, $ceil(%s)])".formatted(least, instances);
    }

    private String needed(String instances) {
        return needed(instances, settings.capacity());
    }

    /** What is lit and what is waited for, by all that is known so far of the group and the quota. */
    Map<String, Object> reckoned() {
        String limit = "$min([$group.max, $affordable])";
        return map("target", is("$max([$lit, " + within("$peak", limit) + "])"), "wanted", is(within("$hour", limit)));
    }
}
