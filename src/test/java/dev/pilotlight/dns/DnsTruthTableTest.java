package dev.pilotlight.dns;

import static dev.pilotlight.topology.RegionName.DR;
import static dev.pilotlight.topology.RegionName.PRIMARY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.dns.DnsTruthTable.Cause;
import dev.pilotlight.dns.DnsTruthTable.Phase;
import dev.pilotlight.dns.DnsTruthTable.Row;
import dev.pilotlight.dns.DnsTruthTable.Stage;
import dev.pilotlight.dns.DnsTruthTable.State;
import dev.pilotlight.dns.DnsTruthTable.Verdict;
import dev.pilotlight.dns.Route53Model.FailoverRecord;
import dev.pilotlight.dns.Route53Model.HealthCheck;
import dev.pilotlight.dns.Route53Model.HttpAnswer;
import dev.pilotlight.dns.Route53Model.Position;
import dev.pilotlight.testing.GeneratedFile;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.TestConfigurations;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.RegionName;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where users land, in every state, by what the templates say. */
class DnsTruthTableTest {

    private static final DnsTruthTable TABLE = DnsTruthTable.of("dev");

    /** Exactly so many states lead users to the wrong region, each for a reason that is known. */
    private static final Map<Cause, Integer> WRONG = new EnumMap<>(Map.of(
            Cause.APPEND_WITHOUT_CLAIM, 14, Cause.NEW_CHECKS, 7, Cause.NEITHER_HEALTHY, 8, Cause.CLAIM_UNSEEN, 9));

    @Test
    void theStatesThatLeadUsersToTheWrongRegionAreThese() {
        assertThat(wrong(TABLE)).isEqualTo(WRONG);
    }

    @Test
    void bothProfilesDirectUsersAlike() {
        assertThat(DnsTruthTable.of("prod").rows()).isEqualTo(TABLE.rows());
    }

    @Test
    void ofTheTwoChecksExactlyOnePasses() {
        assertThat(DnsTruthTable.states().stream().filter(state -> state.phase().stage() == Stage.STEADY))
                .hasSize(96)
                .allSatisfy(state -> assertThat(TABLE.passes(state, PRIMARY)).isNotEqualTo(TABLE.passes(state, DR)));
    }

    @Test
    void usersNeverLeaveALeaderThatServes() {
        assertThat(rows(state -> state.serves(state.leader())
                        && state.phase().stage() != Stage.FOUNDING
                        && !state.appendedWithoutClaim()))
                .hasSize(40)
                .allMatch(row -> row.verdict() == Verdict.RIGHT);
    }

    @Test
    void noLitStandbyDrawsUsersFromALeaderWithHealthyTargets() {
        assertThat(rows(state -> state.phase().stage() == Stage.STEADY
                        && state.claimed() == state.phase().term()
                        && state.healthy().contains(state.leader())))
                .hasSize(24)
                .allMatch(row -> row.verdict() == Verdict.RIGHT);
    }

    @Test
    void nothingFlapsBackToAStaleLeaderThatWakes() {
        assertThat(rows(state -> state.claimed() > state.phase().term()
                        && state.serves(state.leader())
                        && state.healthy().contains(state.leader().other())))
                .hasSize(14)
                .allMatch(row -> row.landsIn() == row.state().leader());
    }

    @Test
    void anUnreachableStandbyLeavesTheLeaderLeading() {
        assertThat(rows(state -> state.phase().stage() == Stage.STEADY
                        && state.claimed() == state.phase().term()
                        && state.serves(state.leader())
                        && !state.reachable().contains(state.leader().other())))
                .hasSize(6)
                .allMatch(row -> row.verdict() == Verdict.RIGHT);
    }

    @Test
    void anAppendThatIsHalfDoneNeverMovesUsersFromTheRegionThatClaimed() {
        assertThat(rows(state -> state.phase().stage() == Stage.APPENDING
                        && !state.appendedWithoutClaim()
                        && state.serves(state.leader())))
                .hasSize(16)
                .allMatch(row -> row.verdict() == Verdict.RIGHT);
    }

    /** What the primary region's stack says alone, before there is another. */
    @Test
    void whileTheWorkloadIsFoundedUsersLandInThePrimaryRegionUnlessTheStandbyIsLit() {
        assertThat(rows(state -> state.phase().stage() == Stage.FOUNDING
                        && !state.healthy().contains(DR)))
                .hasSize(24)
                .allMatch(row -> row.landsIn() == PRIMARY);
    }

    @Test
    void restoresAndFreshReplicasDirectUsersAsTheirTermDoes() {
        String snapshot = "'snapshot': 'arn:aws:rds:eu-west-1:123456789012:snapshot:awsbackup:copyjob-1'";
        assertThat(dns("'primary', 'dr', 'dr'"))
                .isEqualTo(dns("'primary', 'dr', {'region': 'primary', 'restoreTo': '2026-11-20T10:00:00Z'}"))
                .containsExactly(TABLE.dns(0, PRIMARY), TABLE.dns(0, DR));
        // The claim that the runbook makes in a failover stands in the template here, the same to the letter.
        List<RegionDns> restored = dns("'primary', 'dr', {'region': 'dr', " + snapshot + "}");
        Claim claim = new Claim("pilotlight-dev", 1);
        Map<String, HttpAnswer> answers = new LinkedHashMap<>(restored.get(1).fixedAnswers());
        assertThat(answers.remove(claim.path())).isEqualTo(new HttpAnswer(200, claim.text()));
        assertThat(List.of(
                        restored.get(0),
                        new RegionDns(
                                DR, restored.get(1).host(), restored.get(1).record(), answers)))
                .containsExactly(TABLE.dns(1, PRIMARY), TABLE.dns(1, DR));
    }

    private static List<RegionDns> dns(String lineage) {
        SynthesizedApp app =
                SynthesizedApp.of(TestConfigurations.with("dev", "{'databaseLineage': [" + lineage + "]}"));
        return List.of(RegionDns.of(PRIMARY, app.primary()), RegionDns.of(DR, app.dr()));
    }

    record Mistake(String name, UnaryOperator<RegionDns> change) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Mistake> mistakes() {
        return Stream.of(
                new Mistake(
                        "no check is inverted",
                        checks((region, check) -> with(check, check.host(), check.text(), false))),
                new Mistake(
                        "both checks are", checks((region, check) -> with(check, check.host(), check.text(), true))),
                new Mistake(
                        "each is the other's",
                        checks((region, check) -> with(check, check.host(), check.text(), !check.inverted()))),
                new Mistake(
                        "the primary's check watches the primary",
                        checks((region, check) -> region == PRIMARY
                                ? with(check, "primary.app.example.com", check.text(), check.inverted())
                                : check)),
                new Mistake(
                        "both watch the first term for ever",
                        checks((region, check) -> new HealthCheck(
                                check.host(),
                                check.port(),
                                "/.well-known/pilotlight/leader/1",
                                "pilotlight",
                                check.inverted()))),
                new Mistake(
                        "any page is a claim, and the path is not reserved",
                        dns -> checks((region, check) -> with(check, check.host(), "", check.inverted()))
                                .apply(new RegionDns(dns.region(), dns.host(), dns.record(), Map.of()))),
                new Mistake(
                        "the records have changed places",
                        dns -> withRecord(
                                dns,
                                new FailoverRecord(
                                        dns.record().name(),
                                        dns.record().position() == Position.PRIMARY
                                                ? Position.SECONDARY
                                                : Position.PRIMARY,
                                        dns.record().evaluatesTargetHealth(),
                                        dns.record().healthCheck()))));
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeInTheTemplatesWouldBeSeen(Mistake mistake) {
        assertThat(wrong(DnsTruthTable.changed(mistake.change()))).isNotEqualTo(WRONG);
    }

    /** Two defences: without the reserved path, the text still tells a claim from the workload's own page. */
    @Test
    void aPageOfTheWorkloadIsNoClaim() {
        assertThat(wrong(DnsTruthTable.changed(dns -> new RegionDns(dns.region(), dns.host(), dns.record(), Map.of()))))
                .isEqualTo(WRONG);
        assertThat(wrong(DnsTruthTable.changed(
                        checks((region, check) -> with(check, check.host(), "", check.inverted())))))
                .isEqualTo(WRONG);
    }

    /**
     * What target health does: without it, neither the lit standby nor the old leader would be answered because DR has no
     * healthy target, but two checks that are both new would lead users to a dark DR.
     */
    @Test
    void withoutTargetHealthUsersWouldFollowTheClaimsAlone() {
        DnsTruthTable table = DnsTruthTable.changed(dns -> withRecord(
                dns,
                new FailoverRecord(
                        dns.record().name(),
                        dns.record().position(),
                        false,
                        dns.record().healthCheck())));
        assertThat(wrong(table))
                .isEqualTo(Map.of(
                        Cause.APPEND_WITHOUT_CLAIM, 14,
                        Cause.NEW_CHECKS, 7,
                        Cause.NEITHER_HEALTHY, 2,
                        Cause.CLAIM_UNSEEN, 8));
        assertThat(table.rows().stream()
                        .filter(row -> row.state().phase().stage() == Stage.STEADY)
                        .filter(row ->
                                row.state().reachable().contains(row.state().leader())))
                .allMatch(row -> row.verdict() == Verdict.RIGHT);
    }

    @Test
    void thePageIsUpToDate() {
        GeneratedFile.check(Path.of("docs/dns-truth-table.md"), page());
    }

    private interface CheckChange {
        HealthCheck of(RegionName region, HealthCheck check);
    }

    private static UnaryOperator<RegionDns> checks(CheckChange change) {
        return dns -> withRecord(
                dns,
                new FailoverRecord(
                        dns.record().name(),
                        dns.record().position(),
                        dns.record().evaluatesTargetHealth(),
                        change.of(dns.region(), dns.record().healthCheck())));
    }

    private static RegionDns withRecord(RegionDns dns, FailoverRecord record) {
        return new RegionDns(dns.region(), dns.host(), record, dns.fixedAnswers());
    }

    private static HealthCheck with(HealthCheck check, String host, String text, boolean inverted) {
        return new HealthCheck(host, check.port(), check.path(), text, inverted);
    }

    private static List<Row> rows(Predicate<State> states) {
        return TABLE.rows().stream().filter(row -> states.test(row.state())).toList();
    }

    /** How many states each cause leads wrongly; a state without a known cause fails the test. */
    private static Map<Cause, Integer> wrong(DnsTruthTable table) {
        Map<Cause, Integer> counts = new EnumMap<>(Cause.class);
        for (Row row : table.rows()) {
            if (row.verdict().isWrong()) {
                Cause cause = table.cause(row.state()).orElse(null);
                if (cause == null) {
                    return Map.of();
                }
                counts.merge(cause, 1, Integer::sum);
            }
        }
        return counts;
    }

    private static String page() {
        List<Row> rows = TABLE.rows();
        StringBuilder page = new StringBuilder("""
                # Where users land

                In each of %d states: what is deployed, who has claimed, which targets are healthy, which load balancers can \
                be reached. Generated by `DnsTruthTableTest` from the records, health checks and listener rules of the \
                synthesized templates and from Route 53's documented rules (`Route53Model`, with the sources). It is a model: \
                it says where an answer settles, not how fast (three checks, every 10 or 30 seconds, then 60 seconds of TTL).

                """.formatted(rows.size()));
        Map<Verdict, Long> verdicts = new LinkedHashMap<>();
        for (Verdict verdict : Verdict.values()) {
            verdicts.put(
                    verdict,
                    rows.stream().filter(row -> row.verdict() == verdict).count());
        }
        page.append("| in the table | meaning | states |\n|---|---|---|\n");
        verdicts.forEach((verdict, count) ->
                page.append("| %s | %s | %d |\n".formatted(cell("region", verdict), meaning(verdict), count)));
        page.append("""

                Never: users led away from a leader that serves (its load balancer reached, a healthy target), except at a \
                founding with a lit standby, or by an append without a failover.

                ## The wrong ones

                | why | states |
                |---|---|
                """);
        wrong(TABLE).forEach((cause, count) -> page.append("| %s | %d |\n".formatted(cause.explanation(), count)));
        page.append("""

                ## What the checks ask

                | lineage | record | place | its check | and target health |
                |---|---|---|---|---|
                """);
        List<String> lineages = List.of("primary, dr", "primary, dr, primary", "primary, dr, primary, dr");
        for (int term = 0; term < lineages.size(); term++) {
            for (RegionName region : RegionName.values()) {
                FailoverRecord record = TABLE.dns(term, region).record();
                HealthCheck check = record.healthCheck();
                page.append("| %s | %s | %s | %s if `https://%s%s` answers `%s` | %s |\n"
                        .formatted(
                                lineages.get(term),
                                record.name(),
                                record.position(),
                                check.inverted() ? "fails" : "passes",
                                check.host(),
                                check.path(),
                                check.text(),
                                record.evaluatesTargetHealth() ? "counts" : "does not count"));
            }
        }
        page.append(
                "\n## Every state\n\nRows: the regions with healthy targets. Columns: the regions whose load balancer can"
                        + " be reached, from everywhere.\n");
        for (Phase phase : DnsTruthTable.phases()) {
            Map<Integer, List<Row>> byClaim = new LinkedHashMap<>();
            rows.stream()
                    .filter(row -> row.state().phase().equals(phase))
                    .forEach(row -> byClaim.computeIfAbsent(row.state().claimed(), term -> new ArrayList<>())
                            .add(row));
            byClaim.values().forEach(group -> grid(page, phase, group));
        }
        return page.toString();
    }

    private static void grid(StringBuilder page, Phase phase, List<Row> rows) {
        State first = rows.get(0).state();
        page.append("\n### %s; %s\n".formatted(phase.title(), claims(first)));
        if (first.appendedWithoutClaim()) {
            page.append("\nA mistake: nobody has claimed the term that the lineage says.\n");
        }
        List<Set<RegionName>> columns =
                rows.stream().map(row -> row.state().reachable()).distinct().toList();
        page.append("\n| healthy targets \\ reached |");
        columns.forEach(column -> page.append(" ").append(regions(column)).append(" |"));
        page.append("\n|---|").append("---|".repeat(columns.size()));
        Map<Set<RegionName>, List<Row>> byTargets = new LinkedHashMap<>();
        rows.forEach(row -> byTargets
                .computeIfAbsent(row.state().healthy(), healthy -> new ArrayList<>())
                .add(row));
        byTargets.forEach((healthy, line) -> {
            page.append("\n| ").append(regions(healthy)).append(" |");
            line.forEach(row -> page.append(" ")
                    .append(cell(row.landsIn().id(), row.verdict()))
                    .append(" |"));
        });
        page.append("\n");
    }

    private static String claims(State state) {
        if (state.claimed() == 0) {
            return "nobody has claimed, primary leads";
        }
        return "%s has claimed term %d and leads".formatted(state.leader().id(), state.claimed());
    }

    private static String regions(Set<RegionName> regions) {
        if (regions.isEmpty()) {
            return "none";
        }
        return regions.equals(EnumSet.allOf(RegionName.class))
                ? "both"
                : regions.iterator().next().id();
    }

    private static String cell(String region, Verdict verdict) {
        return switch (verdict) {
            case RIGHT -> region;
            case NO_WORSE -> "(" + region + ")";
            case DARK -> "**" + region + ": dark**";
            case READ_ONLY -> "**" + region + ": read-only**";
            case STALE -> "**" + region + ": stale**";
        };
    }

    private static String meaning(Verdict verdict) {
        return switch (verdict) {
            case RIGHT ->
                "right: the region that may write. If it cannot serve, that is an outage which a failover ends";
            case NO_WORSE -> "another region, but neither serves: an error either way";
            case DARK -> "wrong: a region that does not serve, while the leader does";
            case READ_ONLY -> "wrong: a lit standby, which shows pages and refuses writes";
            case STALE -> "wrong: a superseded leader that still serves; what is written there is lost";
        };
    }
}
