package dev.pilotlight.cli.drill;

import dev.pilotlight.cli.drill.DrillRecord.State;
import dev.pilotlight.cli.local.EmulatorControl.RegionState;
import dev.pilotlight.cli.local.runtime.LocalRuntime;
import dev.pilotlight.cli.local.runtime.Observation;
import dev.pilotlight.cli.local.runtime.Observation.Landing;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Looks at the two regions without pause, keeps every observation, and draws the picture's tracks from them. What must
 * hold at all times is asked of what it has kept.
 */
final class Watch implements AutoCloseable {

    /** Twice as often as the runtime plays. */
    private static final long EVERY_MILLIS = 25;

    private final LocalRuntime runtime;
    private final Recorder recorder;
    private final Names names;
    private final List<Observation> kept = new ArrayList<>();
    private final Set<RegionName> gone = EnumSet.noneOf(RegionName.class);
    private final Set<RegionName> promoting = EnumSet.noneOf(RegionName.class);
    private final Thread thread = new Thread(this::look, "drill: watch");

    Watch(LocalRuntime runtime, Recorder recorder, Names names) {
        this.runtime = runtime;
        this.recorder = recorder;
        this.names = names;
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    private void look() {
        try {
            while (true) {
                keep(runtime.observe());
                Thread.sleep(EVERY_MILLIS);
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void keep(Observation seen) {
        if (kept.isEmpty() || seen.at().isAfter(kept.get(kept.size() - 1).at())) {
            kept.add(seen);
            boolean knows =
                    gone.stream().noneMatch(region -> seen.region(region).up());
            if (knows) {
                draw(seen);
            }
        }
    }

    /**
     * A region is lost from this moment on. The runtime finds out a moment later, which the speed-up makes longer; nobody
     * is served meanwhile.
     */
    synchronized void lost(RegionName region, RegionState how, Instant at) {
        gone.add(region);
        Observation before = runtime.observe();
        Map<RegionName, Observation.Region> regions = new EnumMap<>(before.regions());
        regions.put(region, lost(before.region(region), how));
        draw(new Observation(
                at, regions, lost(before.users(), region), lost(before.cachedUsers(), region), before.alarms()));
    }

    synchronized void isBack(RegionName region) {
        gone.remove(region);
    }

    private static Observation.Region lost(Observation.Region region, RegionState how) {
        return new Observation.Region(
                how,
                region.claims(),
                region.signs(),
                region.targets(),
                region.healthy(),
                0,
                region.stopped(),
                region.superseded(),
                region.database(),
                false,
                region.source());
    }

    private static Landing lost(Landing landing, RegionName region) {
        return landing.region() == region ? new Landing(region, false, false) : landing;
    }

    /** The runbook has ordered it: the database itself looks as before for a while. */
    synchronized void promoting(RegionName region) {
        promoting.add(region);
    }

    Observation now() {
        return runtime.observe();
    }

    /** When something was so for the first time, from a moment on; of what the runtime shows already, too. */
    synchronized Optional<Instant> first(Instant from, Predicate<Observation> wanted) {
        keep(runtime.observe());
        return kept.stream()
                .filter(seen -> !seen.at().isBefore(from))
                .filter(wanted)
                .map(Observation::at)
                .findFirst();
    }

    /**
     * How often it was looked, and the first time that something was not so.
     *
     * @param exception empty if it was so throughout
     */
    record Throughout(int looks, Optional<Observation> exception) {

        boolean held() {
            return looks > 0 && exception.isEmpty();
        }

        /** For the report. */
        String inWords(Recorder recorder) {
            Long lost = recorder.lostAtMillis();
            return exception
                    .map(seen -> "at %s new users: %s; users with an old answer: %s"
                            .formatted(
                                    Times.against(lost == null ? 0 : lost, recorder.millis(seen.at())),
                                    seen.users(),
                                    seen.cachedUsers()))
                    .orElse("at each of %d looks".formatted(looks));
        }
    }

    /** Whether something was so at every look of a time. */
    synchronized Throughout throughout(Instant from, Instant to, Predicate<Observation> wanted) {
        List<Observation> looks = kept.stream()
                .filter(seen -> !seen.at().isBefore(from) && !seen.at().isAfter(to))
                .toList();
        return new Throughout(
                looks.size(), looks.stream().filter(wanted.negate()).findFirst());
    }

    /** All users can write there: those who ask DNS now, and those with the oldest answer still allowed. */
    static Predicate<Observation> servedBy(RegionName region) {
        return seen -> writesIn(seen.users(), region) && writesIn(seen.cachedUsers(), region);
    }

    static boolean writesIn(Landing landing, RegionName region) {
        return landing.region() == region && landing.written();
    }

    private void draw(Observation seen) {
        Instant at = seen.at();
        for (RegionName region : RegionName.values()) {
            drawRegion(at, region, seen.region(region));
        }
        drawLeader(at, seen);
        drawUsers(at, seen);
        for (RegionName region : RegionName.values()) {
            drawDatabase(at, region, seen.region(region));
            drawInstances(at, region, seen.region(region));
        }
    }

    private void drawRegion(Instant at, RegionName name, Observation.Region region) {
        recorder.track(
                "region-" + name.id(),
                "Region " + called(name),
                at,
                region.up() ? State.GOOD : State.BAD,
                region.up()
                        ? "up"
                        : region.state() == RegionState.HANGS ? "lost: its APIs hang" : "lost: its APIs refuse");
    }

    private void drawLeader(Instant at, Observation seen) {
        int term = 0;
        // Without a claim the origin leads.
        RegionName leader = RegionName.PRIMARY;
        for (RegionName name : RegionName.values()) {
            for (int claimed : seen.region(name).claims()) {
                if (claimed > term) {
                    term = claimed;
                    leader = name;
                }
            }
        }
        recorder.track("leader", "Leader, by claim", at, State.GOOD, "%s, term %d".formatted(called(leader), term));
    }

    private void drawUsers(Instant at, Observation seen) {
        recorder.track("dns", "DNS sends new users to", at, landingState(seen.users()), landingLabel(seen.users()));
        Landing users = seen.cachedUsers();
        recorder.track(
                "users",
                "Users with the oldest answer of DNS",
                at,
                landingState(users),
                users.written() ? "served by " + called(users.region()) : "not served");
    }

    private static State landingState(Landing landing) {
        return landing.written() ? State.GOOD : landing.answered() ? State.WAITING : State.BAD;
    }

    private String landingLabel(Landing landing) {
        return landing.region() == null
                ? "nowhere"
                : called(landing.region())
                        + (landing.written() ? "" : landing.answered() ? ", which cannot write" : ", no answer");
    }

    private void drawDatabase(Instant at, RegionName name, Observation.Region region) {
        String database = shortly(region.database());
        State state;
        String label;
        if (!region.up()) {
            state = State.BAD;
            label = "lost with its region";
        } else if (region.writable()) {
            promoting.remove(name);
            state = State.GOOD;
            label = database + " takes writes";
        } else if (promoting.contains(name)) {
            state = State.WAITING;
            label = database + " being promoted";
        } else if (!region.source().isEmpty()) {
            state = State.IDLE;
            label = "%s replicates %s"
                    .formatted(database, shortly(region.source().replaceAll(".*:", "")));
        } else {
            state = State.WAITING;
            label = database.isEmpty() ? "none" : database + " not available";
        }
        recorder.track("database-" + name.id(), "Database in " + called(name), at, state, label);
    }

    private void drawInstances(Instant at, RegionName name, Observation.Region region) {
        State state;
        String label;
        if (!region.up()) {
            state = State.BAD;
            label = "lost with their region";
        } else if (region.targets() == 0) {
            state = State.IDLE;
            label = "none";
        } else if (region.superseded() > 0) {
            state = State.WAITING;
            label = "stopped for good by the claim";
        } else if (region.stopped() > 0) {
            state = State.WAITING;
            label = "stopped by the handover sign";
        } else if (region.healthy() < region.targets()) {
            state = State.WAITING;
            label = "%d of %d booting".formatted(region.targets() - region.healthy(), region.targets());
        } else {
            state = State.GOOD;
            label = region.healthy() + " healthy";
        }
        recorder.track("instances-" + name.id(), "Instances in " + called(name), at, state, label);
    }

    private String called(RegionName region) {
        return names.regionOf(region);
    }

    private String shortly(String database) {
        return database.startsWith(names.workload() + "-")
                ? database.substring(names.workload().length() + 1)
                : database;
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
