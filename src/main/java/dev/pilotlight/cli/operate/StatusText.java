package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.Terminal;
import dev.pilotlight.cli.operate.Assessment.Finding;
import dev.pilotlight.cli.operate.Assessment.Level;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Role;
import dev.pilotlight.topology.Topology;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/** {@code ./pilot status} for people. */
final class StatusText {

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'").withZone(ZoneOffset.UTC);
    private static final int LABEL = 15;
    private static final int MARK = 4;
    private static final String NOT_SEEN = "not seen";

    private final Site site;
    private final Observed seen;
    private final Assessment assessment;
    private final int width;
    private final boolean coloured;
    private final List<String> lines = new ArrayList<>();

    StatusText(Site site, Observed seen, Assessment assessment, int width, boolean coloured) {
        this.site = site;
        this.seen = seen;
        this.assessment = assessment;
        this.width = width;
        this.coloured = coloured;
    }

    List<String> lines() {
        lines.addAll(Terminal.wrapped(
                "%s (%s) in account %s%s, %s"
                        .formatted(
                                site.names().workload(),
                                site.configuration().environment(),
                                site.names().account(),
                                site.emulated() ? " of the emulator" : "",
                                TIME.format(seen.at())),
                width));
        lines.add("");
        Topology file = site.topology();
        row("", region -> "%s, %s".formatted(region.id(), site.names().regionOf(region)));
        lines.add("-".repeat(width));
        row("claims", this::claims);
        row(
                "configuration",
                region -> role(
                        file.roleOf(region),
                        file.term(),
                        file.databaseIn(region).ref().index()));
        row("deployed", this::deployed);
        row("databases", this::databases);
        row("instances", this::instances);
        lines.add("");
        assessment.findings().stream()
                .sorted(Comparator.comparing(Finding::level).reversed())
                .forEach(this::finding);
        lines.add("");
        paragraph("Next: ", assessment.next().says());
        assessment.next().commands().forEach(command -> lines.add("      " + command));
        return lines;
    }

    private void row(String label, Function<RegionName, String> cell) {
        int column = (width - LABEL - 2) / 2;
        List<String> left = cellLines(cell.apply(RegionName.PRIMARY), column);
        List<String> right = cellLines(cell.apply(RegionName.DR), column);
        for (int line = 0; line < Math.max(left.size(), right.size()); line++) {
            lines.add(("%-" + LABEL + "s%-" + (column + 2) + "s%s")
                    .formatted(
                            line == 0 ? label : "",
                            line < left.size() ? left.get(line) : "",
                            line < right.size() ? right.get(line) : "")
                    .stripTrailing());
        }
    }

    private static List<String> cellLines(String text, int column) {
        return text.lines()
                .flatMap(line -> Terminal.wrapped(line, column).stream())
                .toList();
    }

    private String claims(RegionName region) {
        return seen.regions()
                .get(region)
                .rules()
                .ifSeen()
                .map(rules -> (rules.claims().isEmpty() ? "no term" : "term " + joined(rules.claims()))
                        + (rules.handovers().isEmpty() ? "" : "; handover sign of term " + joined(rules.handovers())))
                .orElse(NOT_SEEN);
    }

    private static String joined(java.util.Collection<Integer> terms) {
        return terms.stream().map(String::valueOf).collect(Collectors.joining(", "));
    }

    private static String role(Role role, int term, int database) {
        return "%s, term %d, db-%d".formatted(role == Role.LEADER ? "leader" : "standby", term, database);
    }

    private String deployed(RegionName region) {
        return seen.regions()
                .get(region)
                .stack()
                .ifSeen()
                .map(stack -> stack.map(there -> role(there.role(), there.term(), there.database()))
                        .orElse("nothing"))
                .orElse(NOT_SEEN);
    }

    private String databases(RegionName region) {
        return seen.regions()
                .get(region)
                .databases()
                .ifSeen()
                .map(databases -> databases.isEmpty()
                        ? "none"
                        : databases.stream()
                                .sorted(Comparator.comparing(Observed.Database::index)
                                        .reversed())
                                .map(database -> database(region, database))
                                .collect(Collectors.joining("\n")))
                .orElse(NOT_SEEN);
    }

    private String database(RegionName region, Observed.Database database) {
        boolean current = site.topology().databaseIn(region).ref().index() == database.index()
                || seen.regions()
                        .get(region)
                        .stack()
                        .ifSeen()
                        .flatMap(Function.identity())
                        .map(stack -> stack.database() == database.index())
                        .orElse(false);
        return "db-%d %s, %s%s"
                .formatted(
                        database.index(),
                        database.source()
                                .map(source -> source < 0 ? "replicates a stranger" : "replicates db-" + source)
                                .orElse("stands alone"),
                        database.status(),
                        current ? "" : ", retired");
    }

    private String instances(RegionName region) {
        Observed.InRegion there = seen.regions().get(region);
        return there.group()
                .ifSeen()
                .map(group -> group.map(found -> "%d of %d to %d%s"
                                .formatted(
                                        found.desired(),
                                        found.least(),
                                        found.most(),
                                        there.healthyTargets()
                                                .ifSeen()
                                                .filter(healthy -> found.desired() > 0 || healthy > 0)
                                                .map(healthy -> ", %d healthy".formatted(healthy))
                                                .orElse("")))
                        .orElse("no group"))
                .orElse(NOT_SEEN);
    }

    private void finding(Finding finding) {
        String mark =
                switch (finding.level()) {
                    case OK -> "ok";
                    case NOTE -> "-";
                    case UNKNOWN -> "?";
                    case ATTENTION -> "!!";
                };
        String prefix = ("%-" + MARK + "s%-" + LABEL + "s").formatted(mark, finding.subject());
        int from = lines.size();
        paragraph(prefix, capitalized(finding.says()) + ".");
        if (!finding.todo().isEmpty()) {
            paragraph(" ".repeat(prefix.length()) + "→ ", capitalized(finding.todo()) + ".");
        }
        if (coloured && finding.level() != Level.OK && finding.level() != Level.NOTE) {
            String colour = finding.level() == Level.ATTENTION ? "\u001b[1;31m" : "\u001b[1;33m";
            lines.set(
                    from,
                    colour + lines.get(from).substring(0, MARK) + "\u001b[0m"
                            + lines.get(from).substring(MARK));
        }
    }

    private static String capitalized(String text) {
        // Names and commands stay as they are written.
        return text.matches("(primary|dr|db-|`|[A-Za-z]+Stack|http).*")
                ? text
                : text.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + text.substring(1);
    }

    private void paragraph(String prefix, String text) {
        List<String> wrapped = Terminal.wrapped(text, width - prefix.length());
        for (int line = 0; line < wrapped.size(); line++) {
            lines.add((line == 0 ? prefix : " ".repeat(prefix.length())) + wrapped.get(line));
        }
    }
}
