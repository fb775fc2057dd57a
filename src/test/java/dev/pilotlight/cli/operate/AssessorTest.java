package dev.pilotlight.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.cli.operate.Assessment.Finding;
import dev.pilotlight.cli.operate.Assessment.Leader;
import dev.pilotlight.cli.operate.Assessment.Level;
import dev.pilotlight.cli.operate.ExpectedLoss.Point;
import dev.pilotlight.cli.operate.Observed.Database;
import dev.pilotlight.cli.operate.Observed.Stack;
import dev.pilotlight.topology.Creation.ReplicaOf;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.LineageEntry;
import dev.pilotlight.topology.LineageEntry.RestoreFrom;
import dev.pilotlight.topology.LineageEntry.Seeded;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Topology;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AssessorTest {

    private static final Instant NOW = Instant.parse("2026-11-25T03:00:00Z");
    private static final RegionName P = RegionName.PRIMARY;
    private static final RegionName D = RegionName.DR;
    private static final Instructions INSTRUCTIONS = new Instructions("dev", Path.of("config"), true, false);

    private static DatabaseLineage lineage(LineageEntry... more) {
        DatabaseLineage lineage = DatabaseLineage.founded();
        for (LineageEntry entry : more) {
            lineage = lineage.append(entry);
        }
        return lineage;
    }

    private static DatabaseLineage lineage(RegionName... more) {
        DatabaseLineage lineage = DatabaseLineage.founded();
        for (RegionName region : more) {
            lineage = lineage.append(new Seeded(region));
        }
        return lineage;
    }

    /** A system in which everything is as its lineage says; tests then change what they are about. */
    private static final class World {
        private final DatabaseLineage file;
        private final Map<RegionName, Observed.InRegion> regions = new EnumMap<>(RegionName.class);

        World(DatabaseLineage file, DatabaseLineage deployed) {
            this.file = file;
            Topology topology = deployed.topology();
            for (RegionName region : RegionName.values()) {
                List<Database> databases = new ArrayList<>();
                for (int index = 0; index < deployed.entries().size(); index++) {
                    if (deployed.entries().get(index).region() == region) {
                        databases.add(new Database(index, Optional.empty(), "available", Optional.empty()));
                    }
                }
                int current = topology.databaseIn(region).ref().index();
                if (region == topology.standby()
                        && topology.databaseIn(region).creation() instanceof ReplicaOf replica) {
                    databases.removeIf(database -> database.index() == current);
                    databases.add(new Database(
                            current, Optional.of(replica.source().index()), "available", Optional.empty()));
                }
                TreeSet<Integer> claims = new TreeSet<>();
                for (int term = 1; term <= topology.term(); term++) {
                    if ((topology.leader() == region) == ((topology.term() - term) % 2 == 0)) {
                        claims.add(term);
                    }
                }
                boolean leads = region == topology.leader();
                regions.put(
                        region,
                        new Observed.InRegion(
                                Look.seen(Optional.of(new Stack(
                                        topology.roleOf(region),
                                        topology.term(),
                                        current,
                                        "UPDATE_COMPLETE",
                                        NOW.minus(Duration.ofDays(90))))),
                                Look.seen(new Signs.Rules(claims, new TreeSet<>(), new ArrayList<>())),
                                Optional.empty(),
                                Look.seen(databases),
                                Look.seen(Optional.of(
                                        new Observed.Group(leads ? 1 : 0, 2, leads ? 1 : 0, leads ? 1 : 0))),
                                Look.seen(leads ? 1 : 0),
                                Look.seen("ISSUED"),
                                Look.seen(Optional.of(false)),
                                Look.seen(new Observed.Metrics(
                                        leads ? List.of() : List.of(new Point(NOW.minusSeconds(60), 1)),
                                        leads ? List.of(new Point(NOW.minusSeconds(60), 1)) : List.of(),
                                        Map.of(current, List.of(new Point(NOW.minusSeconds(60), 2))))),
                                Look.seen(Optional.of(
                                        new Observed.Rehearsal(NOW.minus(Duration.ofDays(3)), "succeeded", ""))),
                                Look.seen(
                                        leads ? Optional.empty() : Optional.of(new Observed.Runs(Optional.empty())))));
            }
        }

        World(DatabaseLineage lineage) {
            this(lineage, lineage);
        }

        World in(RegionName region, UnaryOperator<Observed.InRegion> change) {
            regions.compute(region, (same, before) -> change.apply(before));
            return this;
        }

        World claims(RegionName region, int term) {
            regions.get(region).rules().ifSeen().orElseThrow().claims().add(term);
            return this;
        }

        World sign(RegionName region, int term) {
            regions.get(region).rules().ifSeen().orElseThrow().handovers().add(term);
            return this;
        }

        World database(RegionName region, Database database) {
            List<Database> databases = regions.get(region).databases().ifSeen().orElseThrow();
            databases.removeIf(before -> before.index() == database.index());
            databases.add(database);
            return this;
        }

        World promoted(RegionName region, int index, int term) {
            return database(
                    region,
                    new Database(
                            index,
                            Optional.empty(),
                            "available",
                            Optional.of("term=%d attempt=1 loss=60 fenced=false".formatted(term))));
        }

        World lost(RegionName region) {
            return in(region, before -> unknown(false));
        }

        World running(RegionName region) {
            return in(
                    region,
                    before -> with(
                            before,
                            new Observed.Runs(Optional.of(
                                    new Observed.Run("failover-term-1-attempt-1", "RUNNING", NOW.minusSeconds(90))))));
        }

        Observed seen() {
            return new Observed(NOW, new Observed.Expected(file, Duration.ofMinutes(5), 1), regions);
        }

        Assessment assess() {
            return Assessor.assess(seen(), region -> region.id(), INSTRUCTIONS);
        }
    }

    private static Observed.InRegion with(Observed.InRegion before, Observed.Runs runs) {
        return new Observed.InRegion(
                before.stack(),
                before.rules(),
                before.outside(),
                before.databases(),
                before.group(),
                before.healthyTargets(),
                before.certificate(),
                before.secret(),
                before.metrics(),
                before.rehearsal(),
                Look.seen(Optional.of(runs)));
    }

    private static Observed.InRegion with(
            Observed.InRegion before, Look<Observed.Metrics> metrics, Look<Integer> healthyTargets) {
        return new Observed.InRegion(
                before.stack(),
                before.rules(),
                before.outside(),
                before.databases(),
                before.group(),
                healthyTargets,
                before.certificate(),
                before.secret(),
                metrics,
                before.rehearsal(),
                before.runbook());
    }

    static Observed.InRegion unknown(boolean answered) {
        return new Observed.InRegion(
                no(answered),
                no(answered),
                Optional.empty(),
                no(answered),
                no(answered),
                no(answered),
                no(answered),
                no(answered),
                no(answered),
                no(answered),
                no(answered));
    }

    private static <T> Look<T> no(boolean answered) {
        return new Look.Unknown<>(answered, "no answer in time");
    }

    private static String attentions(Assessment assessment) {
        StringBuilder text = new StringBuilder();
        for (Finding finding : assessment.findings()) {
            if (finding.level() == Level.ATTENTION || finding.level() == Level.UNKNOWN) {
                text.append("%s: %s | %s%n".formatted(finding.id(), finding.says(), finding.todo()));
            }
        }
        return text.toString();
    }

    /** A system that was just founded and is well. */
    static Observed asFounded() {
        return new World(DatabaseLineage.founded()).seen();
    }

    /** As the runbook judges it: only a backup delays a promotion, and only stuck databases are not promoted. */
    @ParameterizedTest
    @CsvSource({
        "available,OK,and is available",
        "storage-optimization,OK,and is storage-optimization",
        "storage-initialization,OK,and is storage-initialization",
        "backing-up,ATTENTION,which delays a promotion",
        "modifying,ATTENTION,an emergency promotes it all the same",
        "a-state-of-tomorrow,ATTENTION,an emergency promotes it all the same",
        "storage-full,ATTENTION,it cannot be promoted",
        "incompatible-network,ATTENTION,it cannot be promoted"
    })
    void aReplicasStateIsJudgedAsTheRunbookDoes(String status, Level level, String says) {
        Assessment assessment = new World(DatabaseLineage.founded())
                .database(D, new Database(1, Optional.of(0), status, Optional.empty()))
                .assess();
        assertThat(assessment.findings())
                .filteredOn(finding -> finding.subject().equals("Replica"))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.level()).isEqualTo(level);
                    assertThat(finding.says()).contains(status, says);
                });
    }

    @Test
    void whateverTheLineageASystemAsItSaysIsWell() {
        for (DatabaseLineage lineage :
                List.of(lineage(P), lineage(P, D), lineage(P, D, P), lineage(D), DatabaseLineage.founded())) {
            Assessment assessment = new World(lineage).assess();
            assertThat(attentions(assessment)).as(lineage.toString()).isEmpty();
            assertThat(assessment.isWell()).isTrue();
            assertThat(assessment.agree()).isTrue();
            Leader leader =
                    new Leader(lineage.topology().leader(), lineage.topology().term());
            assertThat(assessment.leaders())
                    .isEqualTo(new Assessment.Leaders(
                            Optional.of(leader), leader, Optional.of(leader), Optional.of(leader)));
            assertThat(assessment.next().append()).isEmpty();
            assertThat(assessment.next().commands()).isEmpty();
        }
    }

    @Test
    void afterAFailoverTheFirstChangeIsTheAppend() {
        World failedOver = new World(DatabaseLineage.founded())
                .claims(D, 1)
                .sign(D, 1)
                .promoted(D, 1, 1)
                .lost(P);
        Assessment assessment = failedOver.assess();
        assertThat(attentions(assessment))
                .contains("leadership: dr has claimed term 1", "region: primary does not answer");
        assertThat(assessment.agree()).isFalse();
        assertThat(assessment.leaders().databases()).contains(new Leader(D, 1));
        assertThat(assessment.next().append()).contains(P);
        assertThat(assessment.next().says()).contains("append \"primary\"").contains("dr has claimed term 1");
        assertThat(assessment.next().commands())
                .containsExactly("npx cdk deploy DrStack --exclusively", "npx cdk deploy PrimaryStack DrStack");
    }

    @Test
    void failingBackIsTheSameFromTheOtherSide() {
        Assessment assessment =
                new World(lineage(P)).claims(P, 2).promoted(P, 2, 2).lost(D).assess();
        assertThat(assessment.next().append()).contains(D);
        assertThat(assessment.next().commands()).first().isEqualTo("npx cdk deploy PrimaryStack --exclusively");
    }

    @Test
    void afterTheAppendItIsToBeDeployedInTheServingRegionAlone() {
        World appended = new World(lineage(P), DatabaseLineage.founded())
                .claims(D, 1)
                .promoted(D, 1, 1)
                .lost(P);
        Assessment assessment = appended.assess();
        assertThat(assessment.leaders().claims()).contains(new Leader(D, 1));
        assertThat(attentions(assessment)).contains("stack: the configuration is ahead of DrStack");
        assertThat(assessment.next().append()).isEmpty();
        assertThat(assessment.next().commands()).first().isEqualTo("npx cdk deploy DrStack --exclusively");
    }

    @Test
    void anAppendThatIsDeployedByHalfIsDeployedByTheOtherHalf() {
        World half = new World(lineage(P)).in(P, before -> new World(DatabaseLineage.founded()).regions.get(P));
        half.claims(D, 1);
        Assessment assessment = half.assess();
        assertThat(attentions(assessment)).contains("the configuration is ahead of PrimaryStack");
        assertThat(assessment.next().commands()).containsExactly("npx cdk deploy PrimaryStack DrStack");
    }

    @Test
    void aLeaderThatIsLostIsNoContradiction() {
        for (DatabaseLineage lineage : List.of(lineage(P), DatabaseLineage.founded(), lineage(P, D))) {
            RegionName leader = lineage.topology().leader();
            Assessment assessment = new World(lineage).lost(leader).assess();
            assertThat(attentions(assessment)).contains("does not answer").doesNotContain("leadership");
            assertThat(assessment.next().append()).isEmpty();
            assertThat(assessment.next().commands()).containsExactly("./pilot failover");
        }
    }

    @Test
    void aStandbyThatIsLostLeavesItsClaimUnknown() {
        Assessment assessment = new World(DatabaseLineage.founded()).lost(D).assess();
        assertThat(attentions(assessment)).contains("leadership: whether dr has claimed term 1 could not be seen");
        assertThat(assessment.leaders().claims()).isEmpty();
    }

    /** There and back: whoever leads goes on, and nothing that is told asks the lost region for anything. */
    @Test
    void aStandbyThatIsLostIsLeftAloneAndTheLeaderIsDeployedByItself() {
        for (DatabaseLineage lineage : List.of(DatabaseLineage.founded(), lineage(P), lineage(P, D))) {
            RegionName standby = lineage.topology().standby();
            Assessment assessment = new World(lineage).lost(standby).assess();
            String alone = "npx cdk deploy %sStack --exclusively".formatted(standby == P ? "Dr" : "Primary");
            assertThat(attentions(assessment))
                    .contains(standby.id() + " does not answer")
                    .contains("no failover to it is possible", alone, "docs/runbooks/standby-lost.md")
                    .doesNotContain("fail over:");
            assertThat(assessment.next().append()).isEmpty();
            assertThat(assessment.next().commands()).containsExactly(alone);
        }
    }

    @Test
    void aFileThatIsBehindIsNotDeployed() {
        Assessment assessment = new World(DatabaseLineage.founded(), lineage(P)).assess();
        assertThat(attentions(assessment)).contains("knows nothing", "git pull");
        assertThat(new World(DatabaseLineage.founded(), lineage(P, D))
                        .assess()
                        .next()
                        .commands())
                .isEmpty();
        assertThat(new World(DatabaseLineage.founded(), lineage(P, D))
                        .assess()
                        .next()
                        .says())
                .startsWith("Get the newest");
    }

    @Test
    void twoClaimsOfOneTermAreAContradiction() {
        Assessment assessment =
                new World(DatabaseLineage.founded()).claims(P, 1).claims(D, 1).assess();
        assertThat(attentions(assessment)).contains("both regions claim term 1");
        assertThat(assessment.leaders().claims()).isEmpty();
        assertThat(assessment.next().commands()).isEmpty();
    }

    @Test
    void aRecordedFailoverThatNeverHappenedIsTakenBack() {
        Assessment assessment = new World(lineage(P), DatabaseLineage.founded()).assess();
        assertThat(attentions(assessment)).contains("records a failover to dr in term 1 that has not happened");
        assertThat(assessment.next().says()).startsWith("Deploy nothing");
    }

    @Test
    void aRestoreThatTookOverWaitsForItsClaim() {
        DatabaseLineage restored =
                lineage(new RestoreFrom(D, "arn:aws:rds:eu-west-1:123456789012:snapshot:awsbackup:copyjob-1"));
        World world = new World(restored);
        world.regions.get(D).rules().ifSeen().orElseThrow().claims().clear();
        Assessment assessment = world.assess();
        assertThat(attentions(assessment)).contains("dr took term 1 by a restore, and nothing claims it");
    }

    @Test
    void aFailoverThatStoppedHalfWayIsResumed() {
        Assessment assessment = new World(DatabaseLineage.founded())
                .sign(D, 1)
                .promoted(D, 1, 1)
                .assess();
        assertThat(attentions(assessment))
                .contains("NOBODY SERVES", "`./pilot failover` resumes it", "no failover runs");
        assertThat(assessment.next().commands()).containsExactly("./pilot failover");
        Assessment going = new World(DatabaseLineage.founded())
                .sign(D, 1)
                .promoted(D, 1, 1)
                .running(D)
                .assess();
        assertThat(attentions(going)).contains("`./pilot failover` follows it").doesNotContain("NOBODY SERVES");
    }

    private static List<String> said(Assessment assessment) {
        return assessment.findings().stream()
                .map(finding -> finding.level() + " " + finding.says())
                .toList();
    }

    @Test
    void afterTheClaimTheClaimedLeaderIsLookedAtAndTheFormerDatabaseIsOfThePast() {
        // The append is made and not deployed; and a clone that lacks it.
        for (DatabaseLineage file : List.of(lineage(P), DatabaseLineage.founded())) {
            World world =
                    new World(file, DatabaseLineage.founded()).claims(D, 1).promoted(D, 1, 1);
            // As the runbook leaves it: the agents of dr report, and those of primary no longer.
            Observed.InRegion primary = world.regions.get(P);
            Observed.InRegion dr = world.regions.get(D);
            world.in(P, before -> with(before, dr.metrics(), Look.seen(0)))
                    .in(D, before -> with(before, primary.metrics(), Look.seen(2)));
            Assessment assessment = world.assess();
            assertThat(said(assessment))
                    .as(file.toString())
                    .contains(
                            "OK the leader's db-1 stands alone and is available",
                            "NOTE the former leader's db-0, of the past: retained",
                            "NOTE none of the leader's db-1 is seen: primary can take over again once the append is deployed",
                            "OK dr was heard 60 s ago",
                            "OK 2 of the leader's are healthy")
                    .anyMatch(says -> says.startsWith("OK the leader's instances wrote to its database"))
                    .noneMatch(says -> says.contains("the leader's db-0"));
        }
    }

    @Test
    void aDeadLeaderAfterTheClaimIsNoReasonToFailOverToNothing() {
        Assessment assessment = new World(lineage(P), DatabaseLineage.founded())
                .claims(D, 1)
                .database(D, new Database(1, Optional.empty(), "rebooting", Optional.empty()))
                .assess();
        assertThat(attentions(assessment))
                .contains(
                        "leader-database: the leader's db-1 is rebooting",
                        "heartbeat: dr was not heard in twelve hours | look whether it serves; there is nothing to fail over to",
                        "instances: none of the leader's is healthy");
    }

    @Test
    void aCloneThatIsBehindWhatIsDeployedIsPulledAndNothingIsAppended() {
        Assessment assessment = new World(DatabaseLineage.founded(), lineage(P)).assess();
        assertThat(attentions(assessment))
                .contains("leadership: dr has claimed term 1")
                .contains("| get the newest config/dev.json (git pull), and deploy nothing before")
                .doesNotContain("append \"");
        assertThat(said(assessment)).contains("OK db-2 replicates the leader's db-1 and is available");
        assertThat(assessment.next().append()).isEmpty();
    }

    @Test
    void whatIsNotDeployedHasNoBucketAndThatIsNoMatterOfCredentials() {
        Look<Optional<Observed.Rehearsal>> noBucket =
                new Look.Unknown<>(true, "NoSuchBucket: The specified bucket does not exist");
        UnaryOperator<Observed.InRegion> absent = before -> new Observed.InRegion(
                Look.seen(Optional.empty()),
                before.rules(),
                before.outside(),
                Look.seen(new ArrayList<>()),
                Look.seen(Optional.empty()),
                before.healthyTargets(),
                before.certificate(),
                before.secret(),
                before.metrics(),
                noBucket,
                Look.seen(Optional.empty()));
        Assessment assessment =
                new World(DatabaseLineage.founded()).in(D, absent).assess();
        assertThat(said(assessment)).contains("NOTE nothing is deployed in dr, so there are no rehearsals");
        assertThat(attentions(assessment)).doesNotContain("take credentials");
    }

    /** What hides this answer hides signs and claims. */
    @Test
    void aRegionMustSayFromOutsideWhichItIs() {
        for (Observed.Shown answer : Observed.Shown.values()) {
            UnaryOperator<Observed.InRegion> shown = before -> new Observed.InRegion(
                    before.stack(),
                    before.rules(),
                    Optional.of(Look.seen(Map.of(
                            "/.well-known/pilotlight/leader/1",
                            Observed.Shown.NO,
                            "/.well-known/pilotlight/region",
                            answer))),
                    before.databases(),
                    before.group(),
                    before.healthyTargets(),
                    before.certificate(),
                    before.secret(),
                    before.metrics(),
                    before.rehearsal(),
                    before.runbook());
            Assessment assessment =
                    new World(DatabaseLineage.founded()).in(D, shown).assess();
            if (answer == Observed.Shown.YES) {
                assertThat(said(assessment)).contains("OK dr answers as its rules say");
            } else {
                assertThat(attentions(assessment)).contains("dr does not say under its own name which region it is");
            }
        }
    }

    @Test
    void whileAFailoverIsAtWorkNothingIsDeployed() {
        String atWork = "A failover is at work: follow it with `./pilot failover`, and deploy nothing before it ends.";
        Assessment before = new World(DatabaseLineage.founded()).running(D).assess();
        assertThat(before.next().says()).isEqualTo(atWork);
        assertThat(before.next().commands()).containsExactly("./pilot failover");
        // What is claimed may still be at work: the runbook looks whether the claim is seen.
        Assessment claimed = new World(DatabaseLineage.founded())
                .running(D)
                .claims(D, 1)
                .promoted(D, 1, 1)
                .assess();
        assertThat(claimed.next().says()).isEqualTo(atWork);
        assertThat(claimed.next().append()).isEmpty();
        Assessment signed = new World(DatabaseLineage.founded()).sign(D, 1).assess();
        assertThat(signed.next().says())
                .isEqualTo(
                        "A failover stopped half-way: go on with `./pilot failover`, and deploy nothing before it ends.");
    }

    @Test
    void aRunningDrillIsANoteAndNoFailover() {
        Assessment assessment = new World(DatabaseLineage.founded())
                .in(
                        D,
                        before -> with(
                                before,
                                new Observed.Runs(
                                        Optional.empty(),
                                        Optional.of(new Observed.Run(
                                                "drill-term-1-attempt-1", "RUNNING", NOW.minusSeconds(30))))))
                .assess();
        assertThat(said(assessment))
                .contains("NOTE drill-term-1-attempt-1, begun 30 s ago, is running; it changes nothing");
        assertThat(assessment.isWell()).isTrue();
        assertThat(assessment.next().says()).startsWith("Nothing to append.");
    }

    @Test
    void theRehearsalsDaysAreTheSchedules() {
        World young = new World(DatabaseLineage.founded())
                .in(
                        D,
                        before -> new Observed.InRegion(
                                before.stack()
                                        .map(stack -> stack.map(old -> new Stack(
                                                old.role(),
                                                old.term(),
                                                old.database(),
                                                old.status(),
                                                NOW.minus(Duration.ofDays(1))))),
                                before.rules(),
                                before.outside(),
                                before.databases(),
                                before.group(),
                                before.healthyTargets(),
                                before.certificate(),
                                before.secret(),
                                before.metrics(),
                                Look.seen(Optional.empty()),
                                before.runbook()));
        assertThat(young.assess().findings())
                .extracting(Finding::says)
                .contains("none yet; it runs on Tuesdays and Fridays at 09:00 UTC");
    }

    /** Nothing can be deployed to such a stack; "deploy again" would send people against a wall. */
    @Test
    void aRollbackThatFailedIsGoneOnWithBeforeAnythingIsDeployed() {
        World world = new World(DatabaseLineage.founded());
        Stack stack = world.regions.get(P).stack().ifSeen().orElseThrow().orElseThrow();
        Observed.InRegion before = world.regions.get(P);
        world.in(
                P,
                same -> new Observed.InRegion(
                        Look.seen(Optional.of(new Stack(
                                stack.role(),
                                stack.term(),
                                stack.database(),
                                "UPDATE_ROLLBACK_FAILED",
                                stack.created()))),
                        before.rules(),
                        before.outside(),
                        before.databases(),
                        before.group(),
                        before.healthyTargets(),
                        before.certificate(),
                        before.secret(),
                        before.metrics(),
                        before.rehearsal(),
                        before.runbook()));
        assertThat(attentions(world.assess()))
                .contains(
                        "the last deploy of PrimaryStack failed (UPDATE_ROLLBACK_FAILED)", "docs/runbooks/rollout.md");
    }

    /** What is looked at in files of their own is judged and, where it could not be seen, said. */
    @Test
    void inspectionsAreHeardAndTheUnseenIsSaid() {
        Observed seen = new World(DatabaseLineage.founded()).seen();
        Inspected<Map<String, String>> alarms = new Inspected<>(
                new RollOutGuard(), Map.of(P, Look.seen(Map.of("x-RollOutErrors", "ALARM")), D, no(true)));
        Assessment assessment = Assessor.assess(
                new Observed(seen.at(), seen.expected(), seen.regions(), List.of(alarms)),
                region -> region.id(),
                INSTRUCTIONS);
        assertThat(attentions(assessment))
                .contains("rollout: x-RollOutErrors is in ALARM", "-c rollout=unguarded")
                .contains("unseen: the roll-out alarms of dr (no answer in time)");
    }

    @Test
    void aReplicaThatNobodyPromotedIsSeededAnew() {
        Assessment assessment = new World(DatabaseLineage.founded())
                .database(D, new Database(1, Optional.empty(), "available", Optional.empty()))
                .assess();
        assertThat(attentions(assessment)).contains("no runbook promoted it");
        assertThat(assessment.next().append()).contains(D);
    }

    @Test
    void aReplicaOfAnotherDatabaseIsSeededAnew() {
        Assessment assessment = new World(DatabaseLineage.founded())
                .database(D, new Database(1, Optional.of(7), "available", Optional.empty()))
                .assess();
        assertThat(attentions(assessment)).contains("db-1 replicates db-7, not the leader's db-0");
        assertThat(assessment.next().append()).contains(D);
    }

    @Test
    void whatMayNotBeSeenIsSaid() {
        Assessment assessment = new World(DatabaseLineage.founded())
                .in(D, before -> unknown(true))
                .assess();
        assertThat(assessment.isWell()).isFalse();
        assertThat(attentions(assessment))
                .contains("unseen: the databases of dr (no answer in time) | take credentials that may read it")
                .doesNotContain("does not answer");
    }

    /** Claims × marks × replicas × what is deployed × who answers: each judged, none contradicting itself. */
    @Test
    void everyCombinationHasOneWayOn() {
        List<DatabaseLineage> lineages = List.of(lineage(P), lineage(P, D), lineage(D), DatabaseLineage.founded());
        int combinations = 0;
        for (DatabaseLineage file : lineages) {
            for (DatabaseLineage deployed : lineages) {
                for (int shape = 0; shape < 128; shape++) {
                    World world = new World(file, deployed);
                    Topology topology = deployed.topology();
                    int replica = topology.databaseIn(topology.standby()).ref().index();
                    if ((shape & 1) != 0) {
                        world.claims(topology.standby(), topology.nextTerm());
                    }
                    if ((shape & 2) != 0) {
                        world.sign(topology.standby(), topology.nextTerm());
                    }
                    if ((shape & 4) != 0) {
                        world.promoted(topology.standby(), replica, topology.nextTerm());
                    }
                    if ((shape & 8) != 0) {
                        world.running(topology.standby());
                    }
                    if ((shape & 16) != 0) {
                        world.claims(topology.leader(), topology.nextTerm());
                    }
                    if ((shape & 32) != 0) {
                        world.lost(topology.leader());
                    }
                    if ((shape & 64) != 0) {
                        world.lost(topology.standby());
                    }
                    Assessment assessment = world.assess();
                    combinations++;
                    String all = "%s deployed %s, shape %d: %s%n%s"
                            .formatted(file, deployed, shape, assessment.next(), attentions(assessment));
                    assertThat(assessment.findings()).as(all).allSatisfy(finding -> {
                        assertThat(finding.says())
                                .isNotBlank()
                                .doesNotEndWith(".")
                                .doesNotContain("%");
                        assertThat(finding.todo().isEmpty())
                                .isEqualTo(finding.level() != Level.ATTENTION
                                        && !finding.id().equals("unseen"));
                    });
                    if (assessment.isWell()) {
                        assertThat(shape).as(all).isZero();
                        assertThat(file).as(all).isEqualTo(deployed);
                    }
                    // An append is asked for in two cases only, and is legal.
                    assessment.next().append().ifPresent(region -> {
                        DatabaseLineage after = file.append(new Seeded(region));
                        boolean recorded =
                                after.topology().term() == file.topology().nextTerm();
                        assertThat(recorded)
                                .as(all)
                                .isEqualTo(assessment
                                        .leaders()
                                        .claims()
                                        .map(by -> by.equals(new Leader(
                                                file.topology().standby(),
                                                file.topology().nextTerm())))
                                        .orElse(false));
                    });
                    assertThat(assessment.next().says()).as(all).endsWith(".");
                }
            }
        }
        assertThat(combinations).isEqualTo(4 * 4 * 128);
    }
}
