package dev.pilotlight.cli.local.runtime;

import dev.pilotlight.dns.Route53Model.HttpAnswer;
import dev.pilotlight.recovery.Signals;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.Handover;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A model of the agent of one instance: the rules of {@code src/main/resources/user-data/agent.py} without what they are
 * made of. A test plays one table of scenarios with both.
 */
final class Agent {

    static final Duration INTERVAL = Duration.ofSeconds(15);
    private static final long REPORT_EVERY_MILLIS = 60_000;

    /** What an agent reaches. */
    interface Surroundings {

        /** What a host answers over HTTPS; nothing if it cannot be reached. */
        Optional<HttpAnswer> get(String host, String path);

        /** Commits the heartbeat. False if the database takes no writes, or cannot be reached. */
        boolean beat(InstanceEnvironment environment, Instant at);

        /** Shuts out all writers of the database but heartbeats; false if it cannot be reached. */
        boolean lock(InstanceEnvironment environment, Agent holder);

        void unlock(InstanceEnvironment environment, Agent holder);

        /** Puts metrics into a region; false if that failed. */
        boolean put(String awsRegion, String workload, Map<String, Double> metrics, Instant at);

        /** Asks the agent's own group for zero; false if that failed. */
        boolean emptyGroup(InstanceEnvironment environment);
    }

    private record Report(long minute, Map<String, Double> metrics) {}

    private final InstanceEnvironment environment;
    private final Surroundings surroundings;
    private final int[] later;
    private final Map<String, Report> reported = new LinkedHashMap<>();

    private int superseded;
    private int handover;
    private boolean serving;
    private boolean locked;
    private int fencedTerm;
    private boolean groupAsked;
    /** Whether the other region did not take the last report. */
    private boolean unheard;
    /** The last minute in which the instance was counted, or may have been by an agent before this one. */
    private Long counted;

    Agent(InstanceEnvironment environment, Surroundings surroundings) {
        this.environment = environment;
        this.surroundings = surroundings;
        this.later = new int[] {environment.databaseTerm() + 1, environment.databaseTerm() + 2};
    }

    InstanceEnvironment environment() {
        return environment;
    }

    /** Whether the workload runs. */
    boolean serving() {
        return serving;
    }

    /** Stopped for as long as the sign stands. */
    boolean stoppedBySign() {
        return superseded == 0 && handover != 0;
    }

    /** Stopped for good. */
    boolean superseded() {
        return superseded != 0;
    }

    /** Looks at the other region and does what it shows. */
    void fence() {
        if (superseded == 0) {
            obey();
        }
        fencedTerm = 0;
        serving = superseded == 0 && handover == 0;
        if (serving) {
            surroundings.unlock(environment, this);
            locked = false;
            return;
        }
        // The lock that the last look took, and that nobody could write under since.
        boolean held = locked;
        locked = surroundings.lock(environment, this);
        if (held && locked) {
            fencedTerm = reported.containsKey(environment.otherAwsRegion()) ? handover : 0;
        } else {
            // A 0 has to arrive before the next term.
            reported.remove(environment.otherAwsRegion());
        }
    }

    private void obey() {
        for (int term : later) {
            Claim claim = new Claim(environment.workload(), term);
            if (shown(environment.otherHost(), claim.path(), claim.text()).orElse(false)) {
                superseded = term;
                return;
            }
        }
        // A sign that cannot be read has not gone: the other database may be promoted by now.
        if (handover != 0 && !handoverShown(handover).orElse(true)) {
            handover = 0;
        }
        handover = IntStream.of(later)
                .filter(term -> handoverShown(term).orElse(false))
                .reduce((first, last) -> last)
                .orElse(handover);
    }

    private Optional<Boolean> handoverShown(int term) {
        Handover sign = new Handover(environment.workload(), term);
        return shown(environment.otherHost(), sign.path(), sign.text());
    }

    /** Shown, or denied, or neither. */
    private Optional<Boolean> shown(String host, String path, String text) {
        return surroundings.get(host, path).flatMap(answer -> {
            if (answer.status() == 200 && answer.body().equals(text)) {
                return Optional.of(true);
            }
            return answer.status() == 503 && answer.body().equals(Claim.NONE) ? Optional.of(false) : Optional.empty();
        });
    }

    /** Reports that this region is alive; a superseded one reports only that its workload is stopped. */
    void pulse(Instant now) {
        if (counted == null) {
            counted = minute(now);
        }
        double stopped = serving ? 0 : 1;
        if (superseded != 0) {
            report(environment.awsRegion(), Map.of(Signals.STOPPED, stopped), Map.of(), now);
            giveUpGroup();
            return;
        }
        boolean committed = surroundings.beat(environment, now);
        Map<String, Double> here = new LinkedHashMap<>();
        here.put(Signals.WRITABLE, committed ? 1.0 : 0.0);
        here.put(Signals.STOPPED, stopped);
        if (unheard) {
            here.put(Signals.UNHEARD, 1.0);
        }
        report(environment.awsRegion(), here, Map.of(), now);
        Map<String, Double> elsewhere = new LinkedHashMap<>();
        if (committed) {
            elsewhere.put(Signals.HEARTBEAT, 1.0);
        }
        elsewhere.put(Signals.FENCED_TERM, (double) fencedTerm);
        report(environment.otherAwsRegion(), elsewhere, committed ? Map.of(Signals.INSTANCE, 1.0) : Map.of(), now);
    }

    private static long minute(Instant now) {
        return now.toEpochMilli() / REPORT_EVERY_MILLIS;
    }

    /** In every minute of the clock, and at every change; what counts is tried once in a minute. */
    private void report(String awsRegion, Map<String, Double> metrics, Map<String, Double> once, Instant now) {
        Report report = new Report(minute(now), metrics);
        if (report.equals(reported.get(awsRegion))) {
            return;
        }
        Map<String, Double> all = new LinkedHashMap<>(metrics);
        if (!once.isEmpty() && counted != report.minute()) {
            counted = report.minute();
            all.putAll(once);
        }
        boolean taken = surroundings.put(awsRegion, environment.workload(), all, now);
        if (taken) {
            reported.put(awsRegion, report);
        }
        if (awsRegion.equals(environment.otherAwsRegion())) {
            unheard = !taken;
        }
    }

    /** Asks the group for zero, once, unless this region leads again and only this instance is of the past. */
    private void giveUpGroup() {
        if (groupAsked) {
            return;
        }
        Claim next = new Claim(environment.workload(), superseded + 1);
        Optional<Boolean> leadsAgain = shown(environment.ownHost(), next.path(), next.text());
        if (leadsAgain.isPresent()) {
            groupAsked = leadsAgain.get() || surroundings.emptyGroup(environment);
        }
    }
}
