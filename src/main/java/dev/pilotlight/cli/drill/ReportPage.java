package dev.pilotlight.cli.drill;

import static j2html.TagCreator.b;
import static j2html.TagCreator.body;
import static j2html.TagCreator.code;
import static j2html.TagCreator.dd;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.each;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.head;
import static j2html.TagCreator.i;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.li;
import static j2html.TagCreator.main;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.ol;
import static j2html.TagCreator.p;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.strong;
import static j2html.TagCreator.style;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.title;
import static j2html.TagCreator.tr;
import static j2html.TagCreator.ul;

import dev.pilotlight.cli.drill.DrillRecord.Check;
import dev.pilotlight.cli.drill.DrillRecord.Clock;
import dev.pilotlight.cli.drill.DrillRecord.Figure;
import dev.pilotlight.cli.drill.DrillRecord.Moment;
import dev.pilotlight.cli.drill.DrillRecord.Movement;
import dev.pilotlight.cli.drill.DrillRecord.Outcome;
import dev.pilotlight.cli.drill.DrillRecord.Part;
import dev.pilotlight.cli.drill.DrillRecord.Phase;
import dev.pilotlight.cli.drill.DrillRecord.Source;
import dev.pilotlight.cli.drill.DrillRecord.Span;
import dev.pilotlight.cli.drill.DrillRecord.State;
import dev.pilotlight.cli.drill.DrillRecord.Step;
import dev.pilotlight.cli.drill.DrillRecord.Track;
import j2html.Config;
import j2html.TagCreator;
import j2html.rendering.FlatHtml;
import j2html.tags.DomContent;
import j2html.tags.specialized.HtmlTag;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A drill's record as one HTML file that needs nothing else: on a screen, a phone or paper. */
final class ReportPage {

    /** Of the picture's width: a step that is shorter is in the table only. */
    private static final double SHORTEST_STEP = 0.012;

    private static final long AROUND_MILLIS = 90_000;
    private static final String RUNBOOK = "runbook";

    private final DrillRecord drill;
    private final long origin;

    ReportPage(DrillRecord drill) {
        this.drill = drill;
        this.origin = drill.lostAtMillis() == null ? 0 : drill.lostAtMillis();
    }

    String html() {
        HtmlTag page = TagCreator.html(
                        head(
                                meta().withCharset("utf-8"),
                                meta().withName("viewport").withContent("width=device-width, initial-scale=1"),
                                title("Pilotlight drill: " + drill.setting().workload() + ", " + drill.verdict()),
                                style(rawHtml(css()))),
                        body(main(Stream.of(
                                        opening(),
                                        movement("failover", "The failover"),
                                        movement("failback", "The planned failback"),
                                        wholeDrill(),
                                        leaders(),
                                        steps(),
                                        limits(),
                                        setting())
                                .toArray(DomContent[]::new))))
                .withLang("en");
        try {
            // Closed like XML, so that a test can read it with a parser that forgives nothing.
            return "<!DOCTYPE html>\n"
                    + page.render(FlatHtml.inMemory(Config.defaults().withEmptyTagsClosed(true)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String css() {
        try (InputStream file = ReportPage.class.getResourceAsStream("/drill/report.css")) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8) + Picture.widthClasses();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private DomContent opening() {
        DrillRecord.Setting setting = drill.setting();
        return section(
                h1("Disaster recovery drill: " + setting.workload()),
                p("Region %s lost (its APIs %s), recovered in %s, and back. %s, environment %s."
                                .formatted(
                                        setting.primaryRegion(),
                                        setting.outage().equals("hangs") ? "hang" : "refuse",
                                        setting.drRegion(),
                                        setting.startedAt(),
                                        setting.environment()))
                        .withClass("soft"),
                div(strong(drill.verdict().name()), text(drill.summary()))
                        .withClass("verdict " + drill.verdict().name().toLowerCase(Locale.ROOT)),
                ul(each(drill.figures(), ReportPage::figureCard)).withClass("figures"),
                p("Emulated: played against an emulator of AWS on one machine, with durations of AWS's work that are modelled from published figures. Nothing here was measured on AWS.")
                        .withClass("soft small"));
    }

    private static DomContent figureCard(Figure figure) {
        return li(
                span(words(figure.source())).withClass("source"),
                div(figure.title()).withClass("small"),
                div(value(figure)).withClass("value"),
                div(figure.note()).withClass("soft small"));
    }

    static String value(Figure figure) {
        return switch (figure.unit()) {
            case "s" -> Times.length(figure.value());
            case "%" -> percent(figure.value());
            default ->
                String.format(Locale.ROOT, "%.0f %s", figure.value(), figure.unit())
                        .strip();
        };
    }

    /** With a minus sign, and no minus zero. */
    static String percent(double value) {
        double rounded = Math.rint(value * 10) / 10;
        return (rounded < 0 ? "−" : "") + String.format(Locale.ROOT, "%.1f %%", Math.abs(rounded));
    }

    private static String words(Source source) {
        return source.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    private DomContent movement(String kind, String heading) {
        return each(
                drill.movements().stream()
                        .filter(one -> one.kind().equals(kind))
                        .toList(),
                movement -> {
                    long from = Math.max(0, movement.fromMillis() - AROUND_MILLIS);
                    long to = movement.toMillis() + AROUND_MILLIS;
                    Picture picture = new Picture(from, to, movement.fromMillis());
                    List<Moment> moments = picture.numbered(drill.moments());
                    return section(
                            h2(heading),
                            p(sentence(movement)),
                            iff(!movement.parts().isEmpty(), stacks(movement)),
                            figure(
                                    figcaption("Minutes and seconds of virtual time from "
                                            + (kind.equals("failover") ? "the loss of the region." : "the order.")),
                                    picture.timeline(heading + ", as a timeline", withSteps(from, to), drill.moments()),
                                    ol(each(
                                                    number(moments),
                                                    one -> li(
                                                            b(Integer.toString(one.number())),
                                                            text("%s at %s"
                                                                    .formatted(
                                                                            one.moment()
                                                                                    .label(),
                                                                            Times.against(
                                                                                    movement.fromMillis(),
                                                                                    one.moment()
                                                                                            .atMillis()))))))
                                            .withClass("moments"),
                                    key()));
                });
    }

    private record Numbered(int number, Moment moment) {}

    private static List<Numbered> number(List<Moment> moments) {
        List<Numbered> numbered = new ArrayList<>();
        moments.forEach(moment -> numbered.add(new Numbered(numbered.size() + 1, moment)));
        return numbered;
    }

    private static String sentence(Movement movement) {
        StringBuilder words = new StringBuilder("Term %d, from %s to %s: users served after %s"
                .formatted(movement.term(), movement.from(), movement.to(), Times.length(movement.seconds())));
        if (movement.boundSeconds() != null) {
            words.append("; what physics sets is %s".formatted(Times.length(movement.boundSeconds())));
        }
        if (movement.expectedLossSeconds() != null) {
            words.append(
                    movement.expectedLossSeconds() == 0
                            ? "; nothing lost"
                            : "; at most %s of writes lost, as the runbook reckoned"
                                    .formatted(Times.length(movement.expectedLossSeconds())));
        }
        if (movement.fenced() != null) {
            words.append(
                    movement.fenced()
                            ? "; the old leader had stopped before the promotion"
                            : "; the old leader could not be asked to stop");
        }
        return words.append(". Emulated.").toString();
    }

    private DomContent stacks(Movement movement) {
        List<Picture.Stack> stacks = new ArrayList<>(List.of(new Picture.Stack("Emulated", movement.parts())));
        if (!movement.bound().isEmpty()) {
            stacks.add(new Picture.Stack("Bound, modelled", movement.bound()));
        }
        return figure(
                figcaption("Where the time went"),
                Picture.stacks(
                        "Recovery time by part",
                        stacks,
                        movement.kind().equals("failover") ? drill.setting().objectiveSeconds() : 0),
                ul(each(
                                movement.parts(),
                                part -> li(
                                        i().withClass(Picture.partClass(part.name())),
                                        text(part.name() + " " + Times.length(part.seconds())
                                                + againstBound(part, movement.bound())))))
                        .withClass("key"));
    }

    private static String againstBound(Part part, List<Part> bound) {
        return bound.stream()
                .filter(other -> other.name().equals(part.name()) && other.seconds() > 0)
                .map(other -> " (bound " + Times.length(other.seconds()) + ")")
                .findFirst()
                .orElse("");
    }

    /** The tracks, and a row for each of the runbook's longer steps instead of one for all. */
    private List<Track> withSteps(long from, long to) {
        List<Track> tracks = new ArrayList<>();
        for (Track track : drill.tracks()) {
            if (track.spans().stream().noneMatch(span -> span.endMillis() > from && span.startMillis() < to)) {
                continue;
            }
            if (!track.id().equals(RUNBOOK)) {
                tracks.add(track);
                continue;
            }
            for (Span span : track.spans()) {
                boolean inside = span.startMillis() >= from && span.startMillis() < to;
                if (inside && span.endMillis() - span.startMillis() >= SHORTEST_STEP * (to - from)) {
                    tracks.add(new Track(
                            RUNBOOK,
                            "Runbook: %s, %s"
                                    .formatted(
                                            span.label(),
                                            Times.length((span.endMillis() - span.startMillis()) / 1000.0)),
                            List.of(new Span(span.startMillis(), span.endMillis(), span.state(), ""))));
                }
            }
        }
        return tracks;
    }

    private DomContent wholeDrill() {
        long end = drill.phases().stream().mapToLong(Phase::endMillis).max().orElse(0);
        if (end == 0) {
            return text("");
        }
        List<Span> spans = drill.phases().stream()
                .filter(phase -> phase.outcome() != Outcome.NOT_REACHED)
                .map(phase -> new Span(
                        phase.startMillis(),
                        phase.endMillis(),
                        phase.outcome() != Outcome.DONE
                                ? State.BAD
                                : phase.clock() == Clock.REAL_TIME ? State.IDLE : State.WORK,
                        phase.title()))
                .toList();
        List<Track> tracks = Stream.concat(
                        Stream.of(new Track("phases", "Phases of the drill; grey is in real time", spans)),
                        drill.tracks().stream())
                .toList();
        return section(
                h2("The whole drill"),
                figure(
                        figcaption("Virtual time from the loss of the region."),
                        new Picture(0, end, origin).timeline("The whole drill, as a timeline", tracks, List.of()),
                        key()));
    }

    private static DomContent key() {
        return ul(
                        li(i().withClass("good"), text("serves, leads, healthy")),
                        li(i().withClass("idle"), text("waits, empty, superseded")),
                        li(i().withClass("work"), text("the runbook at work")),
                        li(i().withClass("waiting"), text("AWS at work, warning")),
                        li(i().withClass("bad"), text("lost, not served, failed")))
                .withClass("key");
    }

    private DomContent leaders() {
        return each(
                drill.tracks().stream()
                        .filter(track -> track.id().equals("leader"))
                        .toList(),
                track -> section(
                        h2("Who led when"),
                        table(
                                thead(tr(th("From"), th("Until"), th("Leader, by claim"))),
                                tbody(each(
                                        track.spans(),
                                        span -> tr(
                                                td(Times.against(origin, span.startMillis()))
                                                        .withClass("small"),
                                                td(Times.against(origin, span.endMillis()))
                                                        .withClass("small"),
                                                td(span.label())))))));
    }

    private DomContent steps() {
        return section(
                h2("Steps and checks"),
                p("Virtual times are from the loss of the region. Steps in real time are programs on this machine, such as the CDK CLI: their length says nothing about AWS.")
                        .withClass("soft small"),
                each(numberPhases(), one -> phase(one.number(), one.phase())));
    }

    private record NumberedPhase(int number, Phase phase) {}

    private List<NumberedPhase> numberPhases() {
        List<NumberedPhase> numbered = new ArrayList<>();
        drill.phases().forEach(phase -> numbered.add(new NumberedPhase(numbered.size() + 1, phase)));
        return numbered;
    }

    private DomContent phase(int number, Phase phase) {
        String heading = "%d. %s".formatted(number, phase.title());
        if (phase.outcome() == Outcome.NOT_REACHED) {
            return div(h3(heading), p("Not reached.").withClass("soft"));
        }
        return div(
                h3(heading),
                p("%s to %s, %s in real time%s"
                                .formatted(
                                        Times.against(origin, phase.startMillis()),
                                        Times.against(origin, phase.endMillis()),
                                        Times.length(phase.realMillis() / 1000.0),
                                        phase.clock() == Clock.REAL_TIME ? " (not sped up)" : ""))
                        .withClass("soft small"),
                iff(
                        phase.why() != null,
                        p(strong("Failed: "), text(String.valueOf(phase.why()))).withClass("wrong")),
                iff(
                        !phase.steps().isEmpty(),
                        table(
                                thead(tr(
                                        th("Step"),
                                        th("At").withClass("number"),
                                        th("Took").withClass("number"),
                                        th("Real").withClass("number wide"))),
                                tbody(each(phase.steps(), this::step)))),
                iff(
                        !phase.checks().isEmpty(),
                        table(
                                thead(tr(th("Check"), th("").withClass("number"))),
                                tbody(each(phase.checks(), ReportPage::check)))));
    }

    private DomContent step(Step step) {
        return tr(
                td(
                        text(step.title() + (step.outcome() == Outcome.DONE ? "" : ": " + step.outcome())),
                        iff(!step.detail().isEmpty(), span(step.detail()).withClass("detail"))),
                td(Times.against(origin, step.startMillis())).withClass("number"),
                td(step.clock() == Clock.REAL_TIME
                                ? "real time"
                                : Times.length((step.endMillis() - step.startMillis()) / 1000.0))
                        .withClass("number"),
                td(Times.length(step.realMillis() / 1000.0)).withClass("number wide"));
    }

    private static DomContent check(Check check) {
        return tr(
                td(
                        text(check.rule()),
                        iff(!check.observed().isEmpty(), span(check.observed()).withClass("detail"))),
                td(check.passed() ? "✓ holds" : "✗ does not hold")
                        .withClass("number " + (check.passed() ? "holds" : "wrong")));
    }

    private DomContent limits() {
        return section(h2("What this does not prove"), ul(each(drill.limits(), limit -> li(limit))));
    }

    private DomContent setting() {
        DrillRecord.Setting setting = drill.setting();
        return section(
                h2("How it was set up"),
                dl(
                        dt("Speed"),
                        dd(
                                "%s virtual seconds per real second in failover and failback, 1 while the CDK CLI works, more while nothing is timed; the drill took %s"
                                        .formatted(
                                                number(setting.speed()), Times.length(setting.realMillis() / 1000.0))),
                        dt("Durations of AWS's work"),
                        dd(setting.durations().stream()
                                        .map(part -> part.name() + " " + Times.length(part.seconds()))
                                        .collect(java.util.stream.Collectors.joining(", "))
                                + " (modelled: src/main/resources/objectives/durations.json)"),
                        dt("Lineage at the end"),
                        dd(code(setting.lineage().toString())),
                        dt("Versions"),
                        dd(setting.versions().stream()
                                .map(version -> version.tool() + " " + version.version())
                                .collect(java.util.stream.Collectors.joining(", "))),
                        dt("The same as data"),
                        dd(text("report.json beside this file; its fields are described in docs/drill.md"))));
    }

    private static String number(double value) {
        return value == Math.rint(value) ? "%.0f".formatted(value) : Double.toString(value);
    }
}
