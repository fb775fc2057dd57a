package dev.pilotlight.cli.local.runtime;

import dev.pilotlight.cli.local.runtime.Observation.Landing;
import dev.pilotlight.topology.RegionName;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;

/** Users of the public name, one every virtual second: half ask DNS anew, half know an answer of the oldest kind allowed. */
final class Users {

    private static final Duration INTERVAL = Duration.ofSeconds(1);
    /** After a long stop, such as that of a suspended laptop, not everything is made up for. */
    private static final Duration MOST = Duration.ofMinutes(5);

    private record Answer(Instant since, RegionName region) {}

    private final Reach reach;
    private final Map<RegionName, RegionView> views;
    private final Dns dns;
    private final Databases databases;
    private final Agents agents;
    private final String recordName;
    private final Deque<Answer> answers = new ArrayDeque<>();
    private Instant next;
    private boolean cached;

    Users(
            Reach reach,
            Map<RegionName, RegionView> views,
            Dns dns,
            Databases databases,
            Agents agents,
            String recordName) {
        this.reach = reach;
        this.views = views;
        this.dns = dns;
        this.databases = databases;
        this.agents = agents;
        this.recordName = recordName;
    }

    void play(Instant now) {
        RegionName answer = dns.resolve(recordName).orElse(null);
        if (answers.isEmpty() || answers.getLast().region() != answer) {
            answers.add(new Answer(now, answer));
        }
        // The last answer that began before the time to live is the one that may still be known.
        while (answers.size() > 1 && !second().since().isAfter(now.minus(Dns.TIME_TO_LIVE))) {
            answers.removeFirst();
        }
        if (next == null || next.isBefore(now.minus(MOST))) {
            next = now;
        }
        while (!next.isAfter(now)) {
            land(cached ? cachedRegion() : answer, next);
            cached = !cached;
            next = next.plus(INTERVAL);
        }
    }

    private Answer second() {
        var iterator = answers.iterator();
        iterator.next();
        return iterator.next();
    }

    private RegionName cachedRegion() {
        return answers.isEmpty() ? null : answers.getFirst().region();
    }

    private void land(RegionName region, Instant at) {
        if (serves(region)) {
            views.get(region)
                    .environment()
                    .ifPresent(environment -> databases.commit(region, environment.databaseHost(), at, true));
        }
    }

    private boolean serves(RegionName region) {
        return region != null && reach.isConnected(region) && agents.serving(region) > 0;
    }

    Landing fresh() {
        return landing(answers.isEmpty() ? null : answers.getLast().region());
    }

    Landing cached() {
        return landing(cachedRegion());
    }

    private Landing landing(RegionName region) {
        boolean answered = serves(region);
        boolean written = answered
                && views.get(region)
                        .environment()
                        .map(environment -> databases.takesWrites(region, environment.databaseHost()))
                        .orElse(false);
        return new Landing(region, answered, written);
    }
}
