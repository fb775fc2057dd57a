package dev.pilotlight.cli.drill;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;

/**
 * One drill as it went: what {@code report.json} holds and {@code report.html} shows. Described field by field in
 * docs/drill.md.
 *
 * <p>Times named {@code …Millis} are <b>virtual</b> milliseconds since the drill's clock began, except where the name says
 * {@code real}.
 *
 * @param format of the JSON; a field that changes its meaning makes it one more
 * @param verdict whether everything held
 * @param summary one sentence for the person who reads nothing else
 * @param setting what was drilled, with what
 * @param lostAtMillis when the region was lost; null before
 * @param movements failover and failback, with their times; those that took place
 * @param figures the headline, each with where it comes from
 * @param phases in order; those that were not reached are there without steps
 * @param tracks who did what when, for the picture
 * @param moments instants that the picture marks
 * @param limits what none of this proves
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record DrillRecord(
        int format,
        Verdict verdict,
        String summary,
        Setting setting,
        Long lostAtMillis,
        List<Movement> movements,
        List<Figure> figures,
        List<Phase> phases,
        List<Track> tracks,
        List<Moment> moments,
        List<String> limits) {

    static final int FORMAT = 1;

    enum Verdict {
        PASSED,
        FAILED,
        INTERRUPTED
    }

    /** How a phase or a step ended. */
    enum Outcome {
        DONE,
        FAILED,
        INTERRUPTED,
        NOT_REACHED
    }

    /** What the time of a phase or a step is made of. */
    enum Clock {
        /** AWS's own work, from objectives/durations.json, at the drill's speed. */
        SPED_UP,
        /** A program on this machine, such as the CDK CLI: says nothing about AWS. */
        REAL_TIME
    }

    /** Where a figure comes from: <b>emulated</b> on this machine, <b>modelled</b> from published figures, or chosen. */
    enum Source {
        EMULATED,
        MODELLED,
        OBJECTIVE,
        THIS_MACHINE
    }

    /** A colour of the picture, by what it means. */
    enum State {
        GOOD,
        IDLE,
        WORK,
        WAITING,
        BAD
    }

    /**
     * @param environment the configuration file's name
     * @param outage how the region was lost: {@code hangs} or {@code refuses}
     * @param speed virtual seconds per real second, between deployments
     * @param startedAt by the real clock, ISO 8601
     * @param realMillis from beginning to end
     * @param lineage databaseLineage at the end
     * @param objectiveSeconds {@code objectives.rtoMinutes}
     * @param lossObjectiveSeconds {@code objectives.rpoMinutes}
     * @param durations objectives/durations.json, as used
     * @param versions of the tools
     */
    record Setting(
            String environment,
            String workload,
            String primaryRegion,
            String drRegion,
            String outage,
            double speed,
            String startedAt,
            long realMillis,
            List<String> lineage,
            int objectiveSeconds,
            int lossObjectiveSeconds,
            List<Part> durations,
            List<Version> versions) {}

    record Version(String tool, String version) {}

    /**
     * A change of leadership, from the loss of the region, or from its order, until users are served.
     *
     * @param kind {@code failover} or {@code failback}
     * @param fromMillis the loss, or the start of the planned switchover
     * @param toMillis when users were served by the other region
     * @param parts one after the other, they make up the time
     * @param bound what physics sets, of which {@code boundSeconds} is the sum; empty where there is none
     * @param overheadPercent over the bound; null where there is none. Negative where detection or seeing fell short of
     *     their published figures, which are maxima
     * @param addedSeconds what the runbook itself added: its own work, and what it waited beyond promotion and launch
     * @param expectedLossSeconds what the runbook reported beforehand; null if it did not
     * @param fenced whether the old leader was seen to have stopped before the promotion
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Movement(
            String kind,
            String from,
            String to,
            int term,
            long fromMillis,
            long toMillis,
            double seconds,
            List<Part> parts,
            List<Part> bound,
            Double boundSeconds,
            Double overheadPercent,
            Double addedSeconds,
            Double expectedLossSeconds,
            Boolean fenced) {}

    record Part(String name, double seconds) {}

    /**
     * @param id stable, for programs
     * @param note in words, what it is or how it was obtained
     */
    record Figure(String id, String title, double value, String unit, Source source, String note) {}

    /**
     * @param id stable, for programs
     * @param realMillis by the clock on the wall
     * @param why it failed; null if it did not
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Phase(
            String id,
            String title,
            Outcome outcome,
            Clock clock,
            long startMillis,
            long endMillis,
            long realMillis,
            String why,
            List<Step> steps,
            List<Check> checks) {}

    record Step(
            String title,
            String detail,
            Outcome outcome,
            Clock clock,
            long startMillis,
            long endMillis,
            long realMillis) {}

    /**
     * @param rule what must hold
     * @param observed what was seen
     */
    record Check(String rule, boolean passed, String observed) {}

    /** @param id stable, for programs */
    record Track(String id, String title, List<Span> spans) {}

    record Span(long startMillis, long endMillis, State state, String label) {}

    record Moment(long atMillis, String id, String label) {}
}
