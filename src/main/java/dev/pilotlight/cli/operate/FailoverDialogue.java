package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.Children;
import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Terminal;
import dev.pilotlight.objectives.Durations;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What {@code ./pilot failover} says and asks, from the plan to the append. */
final class FailoverDialogue {

    private static final Map<String, String> MILESTONES = Map.of(
            "started", "the runbook began",
            "lit", "instances were ordered",
            "signed", "the handover sign stood",
            "committed", "the promotion was ordered",
            "promoted", "the database stood alone",
            "serving", "instances served and wrote",
            "claimed", "the term was claimed",
            "seen", "the claim was seen from outside");

    /** How the finding begins that is no preflight's: the runbook's own words. */
    static final String UNSEEN = "The claim could not be seen from outside";

    /** What a planned switchover stops the leader for before it promotes; see docs/decisions/17-runbooks.md. */
    private static final Duration FENCE_AND_PROOF = Duration.ofMinutes(4);
    /** What an emergency gives a leader that still talks. */
    private static final Duration TO_STOP = Duration.ofMinutes(3);

    private final Site site;
    private final Failover failover;
    private final Terminal terminal;
    private final PrintStream out;
    private final Mode mode;
    private final boolean acceptDataLoss;
    private final String reason;
    private final boolean yes;

    /** @param reason null: asked for */
    FailoverDialogue(Site site, Terminal terminal, Mode mode, boolean acceptDataLoss, String reason, boolean yes) {
        this.site = site;
        this.failover = new Failover(site);
        this.terminal = terminal;
        this.out = terminal.out();
        this.mode = mode;
        this.acceptDataLoss = acceptDataLoss;
        this.reason = reason;
        this.yes = yes;
    }

    /** Returns the exit code. */
    int hold() {
        Failover.Plan plan = failover.plan(mode);
        Failover.Run run;
        if (plan.running().isPresent()) {
            run = plan.running().get();
            if (!followsRunning(run)) {
                return 1;
            }
        } else {
            show(plan);
            Failover.Request request = request(plan);
            if (!confirmed(plan)) {
                out.println("Not started.");
                return 1;
            }
            watchingMayStop();
            run = failover.start(plan, request);
            out.println("Started %s in %s.".formatted(run.name(), site.called(plan.to())));
        }
        watchingMayStop();
        Outcome outcome = follow(run);
        Children.interruptionMeans("Interrupted; the failover is over.");
        return outcome.succeeded() ? succeeded(plan, outcome) : failed(outcome);
    }

    private void watchingMayStop() {
        String standby = site.called(site.topology().standby());
        Children.interruptionMeans(
                mode == Mode.DRILL
                        ? "Stopped watching; the drill goes on in %s, and its mail says how it ended."
                                .formatted(standby)
                        : "Stopped watching; the failover goes on in %s. Follow it again: %s"
                                .formatted(standby, again()));
    }

    /** The same command, which goes on with the same mode. */
    private String again() {
        return site.instructions().pilot(mode.command());
    }

    private boolean followsRunning(Failover.Run run) {
        out.println("%s is running in %s since %s UTC."
                .formatted(run.name(), site.called(site.topology().standby()), FailoverCommand.time(run.started())));
        if (!yes && !terminal.asks()) {
            throw new Failure("One failover at a time: follow that one with `%s` in a terminal, or with --yes."
                    .formatted(again()));
        }
        if (yes || isYes(terminal.ask("Follow it? Type yes:"))) {
            return true;
        }
        out.println("Not followed; it goes on: follow it with `%s`.".formatted(again()));
        return false;
    }

    private void show(Failover.Plan plan) {
        ExpectedLoss expected = plan.expected();
        Duration rpo = Duration.ofMinutes(site.configuration().objectives().rpoMinutes());
        out.println("%s of %s, environment %s%s"
                .formatted(
                        switch (mode) {
                            case PLANNED -> "Planned switchover";
                            case EMERGENCY -> "Emergency failover";
                            case DRILL -> "Drill, which changes nothing,";
                        },
                        site.names().workload(),
                        site.configuration().environment(),
                        site.emulated() ? ", in the emulator" : ""));
        out.println();
        line("from", "%s, which leads in term %d".formatted(site.called(plan.from()), plan.term() - 1));
        line("to", "%s, which then leads in term %d".formatted(site.called(plan.to()), plan.term()));
        line(
                "the leader",
                expected.heard()
                                .map(at -> "was heard %s ago"
                                        .formatted(Ago.of(at, site.clock().instant())))
                                .orElse("was not heard in twelve hours")
                        + (expected.leaderAlive() ? ": it looks alive" : ": it looks dead"));
        line(
                mode == Mode.PLANNED ? "an emergency" : "expected loss",
                expected.loss()
                                .map(loss -> "%sup to %s of writes, "
                                        .formatted(mode == Mode.PLANNED ? "would lose " : "", Ago.of(loss)))
                                .orElse(mode == Mode.PLANNED ? "would lose an unknown amount, " : "unknown, ")
                        + "with an objective of %s".formatted(Ago.of(rpo)));
        line("time", time(expected.leaderAlive()));
        line(
                "steps",
                mode == Mode.DRILL
                        ? "look around, preflight, look at fence and replay, report"
                        : mode == Mode.PLANNED
                                ? "light the pilot, preflight, wait for healthy instances, handover sign, loss gate, promote (no way back), serve, claim"
                                : "light the pilot, preflight, handover sign, loss gate, promote (no way back), serve, claim");
        warnings(plan, rpo).forEach(warning -> {
            out.println();
            Terminal.wrapped(warning, Terminal.width()).forEach(out::println);
        });
        out.println();
    }

    /** How long users may wait, which is modelled: nothing was measured. */
    private String time(boolean leaderAlive) {
        if (mode == Mode.DRILL) {
            return "seconds, modelled; changes nothing";
        }
        Durations published = Durations.published();
        Duration fromStart = Duration.ofSeconds(published.bound() - published.detection());
        if (mode == Mode.PLANNED) {
            return "about %s without service, modelled from published figures: it stops the leader first, and waits for the proof of replay"
                    .formatted(minutes(fromStart.plus(FENCE_AND_PROOF)));
        }
        return "objective %d min; about %s from the start%s, modelled from published figures"
                .formatted(
                        site.configuration().objectives().rtoMinutes(),
                        minutes(leaderAlive ? fromStart.plus(TO_STOP) : fromStart),
                        leaderAlive ? " with the three minutes that the leader has to stop" : "");
    }

    private static String minutes(Duration duration) {
        return "%d min".formatted((duration.toSeconds() + 59) / 60);
    }

    private List<String> warnings(Failover.Plan plan, Duration rpo) {
        ExpectedLoss expected = plan.expected();
        if (mode == Mode.EMERGENCY && expected.leaderAlive()) {
            return List.of(
                    "The leader looks alive: --planned would lose nothing. An emergency gives it three minutes to stop, and may lose what it goes on writing.");
        }
        if (mode == Mode.PLANNED && !expected.leaderAlive()) {
            return List.of(
                    "The leader looks dead: a planned switchover gives up when it has not heard it for three minutes. For a lost region leave --planned out.");
        }
        if (mode == Mode.EMERGENCY && !acceptDataLoss && !expected.within(rpo)) {
            return List.of(
                    "That is more than the objective, or unknown: the runbook will stop before the promotion unless a person accepts it (--accept-data-loss).");
        }
        return List.of();
    }

    private void line(String label, String text) {
        List<String> wrapped = Terminal.wrapped(text, Terminal.width() - 18);
        for (int line = 0; line < wrapped.size(); line++) {
            out.println("  %-16s%s".formatted(line == 0 ? label : "", wrapped.get(line)));
        }
    }

    private Failover.Request request(Failover.Plan plan) {
        boolean accepts = acceptDataLoss;
        Duration rpo = Duration.ofMinutes(site.configuration().objectives().rpoMinutes());
        if (mode == Mode.EMERGENCY && !accepts && !yes && !plan.expected().within(rpo)) {
            accepts = terminal.ask("Type accept if you answer for that loss, or Enter to let the runbook decide:")
                    .equals("accept");
        }
        String why = reason;
        if (why == null && mode == Mode.DRILL) {
            why = "a drill, by ./pilot failover --dry-run";
        }
        if (why == null) {
            why = terminal.ask("The reason, in a few words, for the record:");
            if (why.isEmpty()) {
                throw new Failure("Nothing was started: the runbook takes no failover without a reason.");
            }
        }
        return new Failover.Request(mode, accepts, why);
    }

    private boolean confirmed(Failover.Plan plan) {
        if (yes || mode == Mode.DRILL) {
            return true;
        }
        if (mode == Mode.EMERGENCY && plan.expected().leaderAlive()) {
            String workload = site.names().workload();
            return terminal.ask("The leader looks alive. Type the workload's name, %s, to fail over all the same:"
                            .formatted(workload))
                    .equals(workload);
        }
        return isYes(terminal.ask("Type yes to start:"));
    }

    private static boolean isYes(String answer) {
        return List.of("y", "yes").contains(answer.toLowerCase(Locale.ROOT));
    }

    private Outcome follow(Failover.Run run) {
        Duration objective =
                Duration.ofMinutes(site.configuration().objectives().rtoMinutes());
        try (Timeline timeline =
                new Timeline(out, Terminal.isLive() && terminal.asks(), site.clock(), run.started(), objective)) {
            Outcome outcome = failover.follow(run.executionArn(), mode, timeline);
            timeline.ended(outcome);
            return outcome;
        }
    }

    private int failed(Outcome outcome) {
        out.println();
        Terminal.wrapped(
                        "The %s ended as %s. %s".formatted(mode.noun(), outcome.status(), outcome.cause()),
                        Terminal.width())
                .forEach(out::println);
        out.println();
        out.println("With our tools: %s, and `%s` shows what is true now."
                .formatted(again(), site.instructions().pilot("status")));
        return 1;
    }

    private int succeeded(Failover.Plan plan, Outcome outcome) {
        out.println();
        outcome.evidence()
                .path("findings")
                .forEach(finding ->
                        line(finding.asText().startsWith(UNSEEN) ? "LOOK AT ONCE" : "finding", finding.asText()));
        outcome.evidence().path("remarks").forEach(remark -> line("remark", remark.asText()));
        if (!outcome.moved()) {
            line("would be lost", loss(outcome) + " by an emergency now");
            out.println();
            out.println("The drill is over; nothing was changed.");
            return 0;
        }
        out.println("%s leads %s in term %d."
                .formatted(site.called(plan.to()), site.names().workload(), plan.term()));
        out.println();
        times(outcome);
        line("may be lost", loss(outcome));
        line("the leader", outcome.evidence().path("fenced").asBoolean() ? "had stopped" : "was not seen to stop");
        out.println();
        append(plan);
        return 0;
    }

    private static String loss(Outcome outcome) {
        String seconds = outcome.expectedLossSeconds();
        return seconds.matches("\\d+")
                ? seconds.equals("0") ? "nothing" : "up to %s s of writes".formatted(seconds)
                : "an unknown amount of writes";
    }

    private void times(Outcome outcome) {
        Instant before = null;
        Instant first = outcome.started();
        for (Outcome.Milestone milestone : outcome.milestones()) {
            out.println("  %s  %7s  %8s  %s"
                    .formatted(
                            FailoverCommand.time(milestone.at()),
                            Ago.clock(Duration.between(first, milestone.at())),
                            before == null ? "" : "+" + Ago.clock(Duration.between(before, milestone.at())),
                            MILESTONES.getOrDefault(milestone.name(), milestone.name())));
            before = milestone.at();
        }
        if (before != null && mode == Mode.PLANNED) {
            out.println();
            Optional<Instant> stopped = at(outcome, "signed");
            Optional<Instant> served = at(outcome, "seen").or(() -> at(outcome, "claimed"));
            line(
                    "without service",
                    stopped.isPresent() && served.isPresent()
                            ? "%s from the handover sign to the claim%s, %s; up to a minute for cached DNS after"
                                    .formatted(
                                            Ago.clock(Duration.between(stopped.get(), served.get())),
                                            at(outcome, "seen").isPresent() ? " seen from outside" : "",
                                            site.emulated() ? "emulated" : "as the runbook noted")
                            : "unknown: the runbook noted no time of the handover sign or of the claim");
        } else if (before != null) {
            out.println();
            line(
                    "took",
                    "%s of %d min, %s; add the detection before, and up to a minute for cached DNS after"
                            .formatted(
                                    Ago.clock(Duration.between(first, before)),
                                    site.configuration().objectives().rtoMinutes(),
                                    site.emulated() ? "emulated" : "as the runbook noted"));
        }
    }

    private static Optional<Instant> at(Outcome outcome, String milestone) {
        return outcome.milestones().stream()
                .filter(found -> found.name().equals(milestone))
                .map(Outcome.Milestone::at)
                .findFirst();
    }

    /** The first change after a failover. */
    private void append(Failover.Plan plan) {
        String file = site.instructions().file();
        String entry = "\"%s\"".formatted(plan.from().id());
        out.println("The first change now: append %s to databaseLineage in %s.".formatted(entry, file));
        if (yes || (terminal.asks() && isYes(terminal.ask("Append it? Type yes:")))) {
            LineageFile.Change change = new LineageFile(
                            site.instructions().folder(), site.configuration().environment())
                    .append(plan.before(), plan.from());
            out.println(
                    change == LineageFile.Change.APPENDED
                            ? "Appended: databaseLineage is %s. Commit it."
                                    .formatted(LineageFile.shown(plan.before()
                                            .append(new dev.pilotlight.topology.LineageEntry.Seeded(plan.from()))))
                            : "It was appended already.");
        } else {
            out.println("Not appended: append %s by hand or run this again.".formatted(entry));
        }
        out.println();
        Map<String, String> commands = followUps(plan);
        int width = commands.keySet().stream().mapToInt(String::length).max().orElse(0) + 3;
        commands.forEach((when, command) -> out.println(("%-" + width + "s%s").formatted(when + ":", command)));
    }

    /** After a planned switchover the other region is not down. */
    private Map<String, String> followUps(Failover.Plan plan) {
        Map<String, String> commands = new LinkedHashMap<>();
        String alone = site.instructions().deployAlone(plan.to());
        String both = site.instructions().deployBoth();
        String from = site.names().regionOf(plan.from());
        if (mode == Mode.PLANNED) {
            commands.put("Then deploy both", both);
        } else if (site.emulated()) {
            commands.put("Then deploy both", both);
            commands.put("On AWS, while %s is down".formatted(from), alone);
        } else {
            commands.put("While %s is down deploy".formatted(from), alone);
            commands.put("When it is back", both);
        }
        commands.put("To go back later", site.instructions().pilot("failover --planned"));
        return commands;
    }
}
