package dev.pilotlight.cli.drill;

import static j2html.TagCreator.tag;
import static j2html.TagCreator.text;

import dev.pilotlight.cli.drill.DrillRecord.Moment;
import dev.pilotlight.cli.drill.DrillRecord.Part;
import dev.pilotlight.cli.drill.DrillRecord.Span;
import dev.pilotlight.cli.drill.DrillRecord.State;
import dev.pilotlight.cli.drill.DrillRecord.Track;
import j2html.tags.ContainerTag;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * A timeline as SVG inside the page. Places are percentages and text keeps its size, so it fits a phone as well as paper.
 * Nothing can overlap: a track's name has a line of its own, a bar's label shows only where the page is wide enough for it
 * (a container query, {@link #widthClasses}), and moments are numbers that give way to each other.
 */
final class Picture {

    private static final int HEAD = 17;
    private static final int BAR = 18;
    private static final int TRACK = HEAD + BAR + 9;
    private static final int FLAG = 20;
    private static final int AXIS = 22;
    /** The narrowest picture for which numbers are kept apart, in CSS pixels. */
    private static final int NARROWEST = 300;
    /** Of one character of a bar's label, with room to spare. */
    private static final double CHARACTER = 6.9;

    private static final int LABEL_PADDING = 10;
    private static final List<Integer> WIDTHS =
            List.of(300, 340, 380, 430, 480, 540, 600, 660, 720, 800, 880, 960, 1040);
    private static final List<Integer> TICKS =
            List.of(10, 15, 30, 60, 120, 300, 600, 900, 1200, 1800, 3600, 7200, 14_400, 28_800);
    private static final int MOST_TICKS = 6;

    private final long from;
    private final long to;
    private final long origin;

    /**
     * @param from what to show, in the record's milliseconds
     * @param origin where the axis says 0
     */
    Picture(long from, long to, long origin) {
        this.from = from;
        this.to = Math.max(to, from + 1);
        this.origin = origin;
    }

    /** @param description for those who do not see it */
    ContainerTag<?> timeline(String description, List<Track> tracks, List<Moment> moments) {
        List<Moment> shown = moments.stream()
                .filter(moment -> moment.atMillis() >= from && moment.atMillis() <= to)
                .toList();
        Map<Integer, Integer> levels = levels(shown);
        int flags = levels.values().stream().mapToInt(level -> level + 1).max().orElse(0) * FLAG;
        int bottom = flags + tracks.size() * TRACK;
        ContainerTag<?> svg = tag("svg")
                .withClass("timeline")
                .attr("role", "img")
                .attr("width", "100%")
                .attr("height", bottom + AXIS)
                .with(tag("title").with(text(description)));
        addAxis(svg, flags, bottom);
        for (int number = 0; number < shown.size(); number++) {
            addLine(svg, "mark", x(shown.get(number).atMillis()), levels.get(number) * FLAG + FLAG, bottom);
        }
        for (int row = 0; row < tracks.size(); row++) {
            addTrack(svg, tracks.get(row), flags + row * TRACK);
        }
        for (int number = 0; number < shown.size(); number++) {
            addFlag(svg, number + 1, x(shown.get(number).atMillis()), levels.get(number) * FLAG);
        }
        return svg;
    }

    /** The moments that {@link #timeline} numbers, in its order. */
    List<Moment> numbered(List<Moment> moments) {
        return moments.stream()
                .filter(moment -> moment.atMillis() >= from && moment.atMillis() <= to)
                .toList();
    }

    /** Bars end to end, one row per name: where the time went, against where it must go. */
    static ContainerTag<?> stacks(String description, List<Stack> stacks, double objectiveSeconds) {
        double most = Math.max(
                stacks.stream().mapToDouble(Stack::seconds).max().orElse(1),
                objectiveSeconds > 0 ? objectiveSeconds : 1);
        int bottom = stacks.size() * TRACK + 4;
        ContainerTag<?> svg = tag("svg")
                .withClass("timeline")
                .attr("role", "img")
                .attr("width", "100%")
                .attr("height", bottom + (objectiveSeconds > 0 ? HEAD : 0))
                .with(tag("title").with(text(description)));
        for (int row = 0; row < stacks.size(); row++) {
            Stack stack = stacks.get(row);
            int y = row * TRACK;
            addText(svg, "name", "0", y + 12, "start", stack.name() + ": " + Times.length(stack.seconds()));
            double at = 0;
            for (Part part : stack.parts()) {
                if (part.seconds() <= 0) {
                    continue;
                }
                addBar(
                        svg,
                        partClass(part.name()),
                        100 * at / most,
                        100 * part.seconds() / most,
                        y + HEAD,
                        part.name() + " " + Times.length(part.seconds()),
                        part.name());
                at += part.seconds();
            }
        }
        if (objectiveSeconds > 0) {
            double x = 100 * objectiveSeconds / most;
            addLine(svg, "objective", x, 0, bottom);
            addText(svg, "note", "100%", bottom + 13, "end", "objective " + Times.length(objectiveSeconds));
        }
        return svg;
    }

    /** A part has the same colour in every picture. */
    static String partClass(String name) {
        return switch (name) {
            case Rto.READY -> "work";
            case Rto.DETECTION, Rto.SEEN, Rto.FENCE -> "waiting";
            case Rto.DNS -> "good";
            default -> "idle";
        };
    }

    /** @param parts end to end */
    record Stack(String name, List<Part> parts) {

        double seconds() {
            return parts.stream().mapToDouble(Part::seconds).sum();
        }
    }

    /** The rules by which labels show where there is room. */
    static String widthClasses() {
        StringBuilder css = new StringBuilder();
        for (int width : WIDTHS) {
            css.append("@container (min-width: %dpx) { .w%d { display: inline } }%n".formatted(width, width));
        }
        return css.toString();
    }

    /** For each number's index, how far down it gives way to others. */
    private Map<Integer, Integer> levels(List<Moment> shown) {
        Map<Integer, Integer> levels = new TreeMap<>();
        List<Double> ends = new ArrayList<>();
        double width = 100.0 * (FLAG + 2) / NARROWEST;
        for (int index = 0; index < shown.size(); index++) {
            double x = x(shown.get(index).atMillis());
            int level = 0;
            while (level < ends.size() && ends.get(level) > x) {
                level++;
            }
            if (level == ends.size()) {
                ends.add(0.0);
            }
            ends.set(level, x + width);
            levels.put(index, level);
        }
        return levels;
    }

    private void addAxis(ContainerTag<?> svg, int top, int bottom) {
        long step = tick() * 1000;
        long first = origin + Math.floorDiv(from - origin + step - 1, step) * step;
        for (long at = first; at <= to; at += step) {
            double x = x(at);
            addLine(svg, "grid", x, top, bottom);
            String anchor = x < 6 ? "start" : x > 94 ? "end" : "middle";
            addText(svg, "tick", percent(x), bottom + 15, anchor, at == origin ? "0" : Times.against(origin, at));
        }
    }

    private long tick() {
        return TICKS.stream()
                .filter(seconds -> (to - from) / 1000.0 / seconds <= MOST_TICKS)
                .findFirst()
                .orElse(TICKS.get(TICKS.size() - 1));
    }

    private void addTrack(ContainerTag<?> svg, Track track, int y) {
        addText(svg, "name", "0", y + 12, "start", track.title());
        svg.with(tag("rect")
                .withClass("bed")
                .attr("x", "0")
                .attr("y", y + HEAD)
                .attr("width", "100%")
                .attr("height", BAR));
        for (Span span : track.spans()) {
            long start = Math.max(span.startMillis(), from);
            long end = Math.min(span.endMillis(), to);
            if (end <= start) {
                continue;
            }
            String when = "%s to %s"
                    .formatted(Times.against(origin, span.startMillis()), Times.against(origin, span.endMillis()));
            addBar(
                    svg,
                    css(span.state()),
                    x(start),
                    x(end) - x(start),
                    y + HEAD,
                    "%s: %s, %s".formatted(track.title(), span.label(), when),
                    span.label());
        }
    }

    private static void addBar(
            ContainerTag<?> svg, String css, double x, double width, int y, String tip, String label) {
        svg.with(tag("rect")
                .withClass("bar " + css)
                .attr("x", percent(x))
                .attr("y", y)
                .attr("width", percent(width))
                .attr("height", BAR)
                .with(tag("title").with(text(tip))));
        double needed = (label.length() * CHARACTER + LABEL_PADDING) / (width / 100);
        WIDTHS.stream()
                .filter(wide -> wide >= needed)
                .findFirst()
                .ifPresent(wide -> svg.with(tag("svg")
                        .attr("x", percent(x))
                        .attr("y", y)
                        .attr("width", percent(width))
                        .attr("height", BAR)
                        .with(tag("text")
                                .withClass("label " + css + "-text w" + wide)
                                .attr("x", LABEL_PADDING / 2)
                                .attr("y", 13)
                                .with(text(label)))));
    }

    private static void addFlag(ContainerTag<?> svg, int number, double x, int y) {
        // Half a flag inside the edges.
        svg.with(tag("svg")
                .attr("x", percent(x))
                .attr("y", y)
                .attr("overflow", "visible")
                .with(tag("circle")
                        .withClass("flag")
                        .attr("cx", x < 3 ? 9 : x > 97 ? -9 : 0)
                        .attr("cy", 10)
                        .attr("r", 9))
                .with(tag("text")
                        .withClass("flag-text")
                        .attr("x", x < 3 ? 9 : x > 97 ? -9 : 0)
                        .attr("y", 14)
                        .attr("text-anchor", "middle")
                        .with(text(Integer.toString(number)))));
    }

    private static void addLine(ContainerTag<?> svg, String css, double x, int top, int bottom) {
        svg.with(tag("line")
                .withClass(css)
                .attr("x1", percent(x))
                .attr("x2", percent(x))
                .attr("y1", top)
                .attr("y2", bottom));
    }

    private static void addText(ContainerTag<?> svg, String css, String x, int y, String anchor, String words) {
        svg.with(tag("text")
                .withClass(css)
                .attr("x", x)
                .attr("y", y)
                .attr("text-anchor", anchor)
                .with(text(words)));
    }

    private double x(long millis) {
        return 100.0 * (millis - from) / (to - from);
    }

    private static String percent(double value) {
        return String.format(Locale.ROOT, "%.3f%%", Math.max(0, Math.min(100, value)));
    }

    private static String css(State state) {
        return state.name().toLowerCase(Locale.ROOT);
    }
}
