package dev.pilotlight.dns;

import dev.pilotlight.dns.Route53Model.FailoverRecord;
import dev.pilotlight.dns.Route53Model.HealthCheck;
import dev.pilotlight.dns.Route53Model.HttpAnswer;
import dev.pilotlight.dns.Route53Model.TargetGroup;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.TestConfigurations;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.RegionName;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Where users land, in every state of the deploys, the claims, the targets and the load balancers, by {@link Route53Model}
 * and by the records, checks and listener rules of the synthesized templates.
 */
final class DnsTruthTable {

    /** Lineages, oldest first. Claims of earlier terms stand for ever. */
    private static final List<String> LINEAGES =
            List.of("'primary', 'dr'", "'primary', 'dr', 'primary'", "'primary', 'dr', 'primary', 'dr'");

    /** Who claimed which term: odd ones DR's, even ones the primary's, in an unbroken history. */
    private static RegionName claimant(int term) {
        return term % 2 == 1 ? RegionName.DR : RegionName.PRIMARY;
    }

    enum Stage {
        FOUNDING,
        STEADY,
        APPENDING
    }

    /**
     * What is deployed.
     *
     * @param lineages how many terms the lineage of each region's stack knows; a region that is not deployed is missing
     * @param withoutData regions whose records' checks are new
     */
    record Phase(Stage stage, String title, Map<RegionName, Integer> lineages, Set<RegionName> withoutData) {

        /** The term of the older of the stacks. */
        int term() {
            return lineages.values().stream().min(Integer::compare).orElseThrow();
        }
    }

    /**
     * @param claimed the newest term that is claimed, 0 if none is
     * @param healthy regions with healthy targets; the others have none at all, or only unhealthy ones
     * @param reachable regions whose load balancer can be reached
     */
    record State(Phase phase, int claimed, Set<RegionName> healthy, Set<RegionName> reachable) {

        /** The region that may write: the newest claim's, or the founded one. */
        RegionName leader() {
            return claimed == 0 ? RegionName.PRIMARY : claimant(claimed);
        }

        boolean serves(RegionName region) {
            return healthy.contains(region) && reachable.contains(region);
        }

        /** Whether the region led a term that is over, and its template does not know yet: its database takes writes. */
        boolean isSuperseded(RegionName region) {
            int term = phase.lineages().get(region);
            return term < claimed && (term == 0 ? RegionName.PRIMARY : claimant(term)) == region;
        }

        /** Whether the stacks were appended to before anybody had claimed. */
        boolean appendedWithoutClaim() {
            return phase.lineages().values().stream().anyMatch(term -> term > claimed);
        }
    }

    enum Verdict {
        /** The region that may write. If it cannot serve, that is an outage for people to end by a failover. */
        RIGHT,
        /** Another region, but neither of the two serves: an error either way. */
        NO_WORSE,
        /** A region that does not serve, while the leader does. */
        DARK,
        /** A standby that happens to be lit: it shows pages and refuses writes. */
        READ_ONLY,
        /** A leader that was superseded and still serves: its writes will be lost. */
        STALE;

        boolean isWrong() {
            return this == DARK || this == READ_ONLY || this == STALE;
        }
    }

    /** Why users land wrongly: there are no other reasons. */
    enum Cause {
        APPEND_WITHOUT_CLAIM(
                "The lineage was appended to and deployed before anybody claimed the term. A mistake of the operator: the"
                        + " append records a failover that has happened. Roll the deploy back, or run the failover."),
        NEW_CHECKS(
                "Until a new health check has data, it counts as healthy, and an inverted one as unhealthy. Only in the first"
                        + " minutes of a founding, and only if the standby is lit then, or the primary region has no healthy"
                        + " target yet while the standby has; a standby is founded with a group of zero."),
        NEITHER_HEALTHY(
                "Both records are unhealthy, and Route 53 answers with the PRIMARY one, whatever its check says. It takes"
                        + " DR as the leader without a single healthy target (or, in the middle of an append, out of"
                        + " reach) and targets in the primary region: a lit standby, whose database refuses writes; or an old"
                        + " leader that woke, until its agent has read the claim and stopped it."),
        CLAIM_UNSEEN(
                "The load balancer of the region that claimed cannot be reached, so the claim is not seen: an unreachable"
                        + " standby must leave the leader leading. Between the claim and the append this holds for the old"
                        + " leader too, if it is awake and cannot read the claim either. The append ends it: afterwards the"
                        + " checks look at the other region.");

        private final String explanation;

        Cause(String explanation) {
            this.explanation = explanation;
        }

        String explanation() {
            return explanation;
        }
    }

    record Row(State state, RegionName landsIn, Verdict verdict) {}

    private final String workload;
    private final Map<Integer, Map<RegionName, RegionDns>> dns = new java.util.TreeMap<>();

    private DnsTruthTable(String environment, UnaryOperator<RegionDns> change) {
        this.workload = environment.equals("dev")
                ? TestConfigurations.dev().name()
                : TestConfigurations.prod().name();
        for (int term = 0; term < LINEAGES.size(); term++) {
            SynthesizedApp app = SynthesizedApp.of(
                    TestConfigurations.with(environment, "{'databaseLineage': [" + LINEAGES.get(term) + "]}"));
            Map<RegionName, RegionDns> both = new EnumMap<>(RegionName.class);
            both.put(RegionName.PRIMARY, change.apply(RegionDns.of(RegionName.PRIMARY, app.primary())));
            both.put(RegionName.DR, change.apply(RegionDns.of(RegionName.DR, app.dr())));
            dns.put(term, both);
        }
    }

    static DnsTruthTable of(String environment) {
        return new DnsTruthTable(environment, UnaryOperator.identity());
    }

    /** With templates that say something else. */
    static DnsTruthTable changed(UnaryOperator<RegionDns> change) {
        return new DnsTruthTable("dev", change);
    }

    RegionDns dns(int term, RegionName region) {
        return dns.get(term).get(region);
    }

    static List<Phase> phases() {
        List<Phase> phases = new ArrayList<>();
        Set<RegionName> none = EnumSet.noneOf(RegionName.class);
        phases.add(new Phase(
                Stage.FOUNDING,
                "Founding: the primary region alone, its check new",
                new EnumMap<>(Map.of(RegionName.PRIMARY, 0)),
                EnumSet.of(RegionName.PRIMARY)));
        phases.add(new Phase(
                Stage.FOUNDING,
                "Founding: the primary region alone",
                new EnumMap<>(Map.of(RegionName.PRIMARY, 0)),
                none));
        phases.add(new Phase(
                Stage.FOUNDING, "Founding: both regions, both checks new", at(0, 0), EnumSet.allOf(RegionName.class)));
        phases.add(new Phase(
                Stage.FOUNDING, "Founding: both regions, DR's check new", at(0, 0), EnumSet.of(RegionName.DR)));
        phases.add(new Phase(Stage.STEADY, "As founded", at(0, 0), none));
        phases.add(new Phase(Stage.APPENDING, "Append after a failover, DR's stack first", at(0, 1), none));
        phases.add(new Phase(Stage.APPENDING, "Append after a failover, the primary's stack first", at(1, 0), none));
        phases.add(new Phase(Stage.STEADY, "Failed over", at(1, 1), none));
        phases.add(new Phase(Stage.APPENDING, "Append after a failback, the primary's stack first", at(2, 1), none));
        phases.add(new Phase(Stage.APPENDING, "Append after a failback, DR's stack first", at(1, 2), none));
        phases.add(new Phase(Stage.STEADY, "Failed back", at(2, 2), none));
        return phases;
    }

    private static Map<RegionName, Integer> at(int primary, int dr) {
        return new EnumMap<>(Map.of(RegionName.PRIMARY, primary, RegionName.DR, dr));
    }

    static List<State> states() {
        List<State> states = new ArrayList<>();
        for (Phase phase : phases()) {
            List<Integer> claims =
                    phase.stage() == Stage.FOUNDING ? List.of(0) : List.of(phase.term(), phase.term() + 1);
            for (int claimed : claims) {
                for (Set<RegionName> healthy : subsets(phase.lineages().keySet())) {
                    for (Set<RegionName> reachable : subsets(phase.lineages().keySet())) {
                        states.add(new State(phase, claimed, healthy, reachable));
                    }
                }
            }
        }
        return states;
    }

    private static List<Set<RegionName>> subsets(Set<RegionName> deployed) {
        if (!deployed.contains(RegionName.DR)) {
            return List.of(EnumSet.of(RegionName.PRIMARY), EnumSet.noneOf(RegionName.class));
        }
        return List.of(
                EnumSet.allOf(RegionName.class),
                EnumSet.of(RegionName.PRIMARY),
                EnumSet.of(RegionName.DR),
                EnumSet.noneOf(RegionName.class));
    }

    List<Row> rows() {
        return states().stream()
                .map(state -> {
                    RegionName landsIn = landsIn(state);
                    return new Row(state, landsIn, verdict(state, landsIn));
                })
                .toList();
    }

    RegionName landsIn(State state) {
        Map<FailoverRecord, RegionName> records = new LinkedHashMap<>();
        state.phase()
                .lineages()
                .keySet()
                .forEach(region -> records.put(deployed(state, region).record(), region));
        return records.get(
                Route53Model.answer(List.copyOf(records.keySet()), record -> isHealthy(state, records.get(record))));
    }

    boolean isHealthy(State state, RegionName region) {
        return Route53Model.isHealthy(deployed(state, region).record(), passes(state, region), targets(state, region));
    }

    /** Why a row is wrong; empty if none of the causes that we know is at work. */
    Optional<Cause> cause(State state) {
        if (state.appendedWithoutClaim()) {
            return Optional.of(Cause.APPEND_WITHOUT_CLAIM);
        }
        if (!state.phase().withoutData().isEmpty()) {
            return Optional.of(Cause.NEW_CHECKS);
        }
        boolean neither = state.phase().lineages().keySet().stream().noneMatch(region -> isHealthy(state, region));
        if (neither && !state.serves(state.leader())) {
            return Optional.of(Cause.NEITHER_HEALTHY);
        }
        return state.reachable().contains(state.leader()) ? Optional.empty() : Optional.of(Cause.CLAIM_UNSEEN);
    }

    boolean passes(State state, RegionName region) {
        HealthCheck check = deployed(state, region).record().healthCheck();
        return Route53Model.passes(
                check,
                !state.phase().withoutData().contains(region),
                (host, port, path) -> answer(state, host, port, path));
    }

    private static List<TargetGroup> targets(State state, RegionName region) {
        return List.of(state.healthy().contains(region) ? new TargetGroup(1, 1) : new TargetGroup(0, 0));
    }

    /** What a load balancer answers: claims before the template's fixed answers before the workload's pages. */
    private Optional<HttpAnswer> answer(State state, String host, int port, String path) {
        for (RegionName region : state.phase().lineages().keySet()) {
            RegionDns own = deployed(state, region);
            if (own.host().equals(host) && port == 443 && state.reachable().contains(region)) {
                for (int term = 1; term <= state.claimed(); term++) {
                    Claim claim = new Claim(workload, term);
                    if (claimant(term) == region && claim.path().equals(path)) {
                        return Optional.of(new HttpAnswer(200, claim.text()));
                    }
                }
                for (Map.Entry<String, HttpAnswer> fixed : own.fixedAnswers().entrySet()) {
                    String pattern = fixed.getKey();
                    if (pattern.endsWith("*")
                            ? path.startsWith(pattern.substring(0, pattern.length() - 1))
                            : path.equals(pattern)) {
                        return Optional.of(fixed.getValue());
                    }
                }
                // A workload that answers every path with a page, as many do.
                return Optional.of(
                        state.healthy().contains(region)
                                ? new HttpAnswer(200, "welcome")
                                : new HttpAnswer(503, "no targets"));
            }
        }
        return Optional.empty();
    }

    private RegionDns deployed(State state, RegionName region) {
        return dns(state.phase().lineages().get(region), region);
    }

    private static Verdict verdict(State state, RegionName landsIn) {
        if (landsIn == state.leader()) {
            return Verdict.RIGHT;
        }
        if (!state.serves(landsIn)) {
            return state.serves(state.leader()) ? Verdict.DARK : Verdict.NO_WORSE;
        }
        return state.isSuperseded(landsIn) ? Verdict.STALE : Verdict.READ_ONLY;
    }
}
