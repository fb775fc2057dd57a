package dev.pilotlight.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.LIST;

import dev.pilotlight.recovery.asl.Execution;
import dev.pilotlight.recovery.asl.Execution.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The runbooks when nothing goes wrong but what they are for, there (term 1) and back (term 2). */
class CalmTest {

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aPlannedSwitchoverLosesNothing(int term) {
        Disaster disaster = played(Scenarios.calm(term, "planned"), term);
        Execution execution = succeeded(disaster);
        assertThat(execution.variables()).containsEntry("loss", 0).containsEntry("fenced", true);
        assertThat(disaster.world().leader().up()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anEmergencyReportsItsLoss(int term) {
        Execution execution = succeeded(played(Scenarios.lostRegion(term), term));
        assertThat(execution.variables()).containsEntry("fenced", false);
        assertThat(((Number) execution.variables().get("loss")).longValue()).isBetween(60L, 300L);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aDrillTouchesNothingAndSaysWhatWouldBeLost(int term) {
        Disaster disaster = played(Scenarios.calm(term, "drill"), term);
        Execution execution = disaster.execution(disaster.plan().named("drill", 1));
        assertThat(execution.status()).as(timeline(disaster)).isEqualTo(Status.SUCCEEDED);
        assertThat(disaster.world().listener().signStands()).isFalse();
        assertThat(execution.variables().get("loss")).isInstanceOf(Number.class);
    }

    /** It takes neither the failover's name nor its turn, before it and beside it. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aDrillThatIsGoingKeepsNoEmergencyFromStarting(int term) {
        Disaster disaster = played(Scenarios.drilled(term), term);
        succeeded(disaster);
        assertThat(disaster.world().executions().all())
                .as(timeline(disaster))
                .hasSize(5)
                .allSatisfy(execution -> assertThat(execution.status()).isEqualTo(Status.SUCCEEDED));
    }

    /** The claim stands and the run is over; that nobody can read it is what people are told first. */
    @ParameterizedTest
    @CsvSource({
        "1,false,States.Http.Socket no route",
        "2,false,States.Http.Socket no route",
        "1,true,something else answers: <html>It works!</html>"
    })
    void aClaimThatNobodyOutsideCanReadIsAFindingAndNoFailure(int term, boolean somethingElseAnswers, String why) {
        Disaster disaster = played(Scenarios.unseen(term, somethingElseAnswers), term);
        Execution execution = succeeded(disaster);
        assertThat(disaster.world().listener().claimStands()).isTrue();
        assertThat(disaster.world().users().claimSeen()).isFalse();
        assertThat(execution.variables().get("times").toString())
                .contains("claimed")
                .doesNotContain("seen");
        assertThat(execution.variables().get("findings").toString())
                .contains(
                        "The claim could not be seen from outside: " + why + ". It stands",
                        "once https://" + (term == 1 ? "dr" : "primary")
                                + ".app.example.com/.well-known/pilotlight/leader/" + term + " can be read");
        assertThat(disaster.world().told())
                .startsWith("This region leads in term " + term + ". The claim could not be seen from outside: " + why)
                .contains("Writes that may be lost: ");
        assertThat(execution.output().toString()).contains("could not be seen from outside");
    }

    /** Four looks, each of two requests: a minute and a half at most, when users have long moved. */
    @Test
    void aClaimThatIsSeenLateIsSeen() {
        Plan plan = Scenarios.lostRegion(1);
        int[] left = {6};
        Disaster disaster = new Disaster(
                plan,
                1,
                Runbooks.dev(),
                (caller, call) ->
                        call.equals("http:invoke") && caller.state().equals("Ask for the claim") && left[0]-- > 0
                                ? Fault.FAILED
                                : Fault.NONE);
        disaster.play();
        Execution execution = disaster.execution(plan.attempt(1));
        assertThat(left[0]).isEqualTo(-1);
        assertThat(execution.variables().get("times").toString()).contains("seen");
        assertThat(execution.variables().get("findings")).asInstanceOf(LIST).isEmpty();
    }

    /** Its first waiting says nothing of the second claim. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aClaimThatWasTakenAwayIsMadeAgainAndWaitedFor(int term) {
        Disaster disaster = played(Scenarios.disclaimed(term), term);
        Execution execution = succeeded(disaster);
        assertThat(execution.variables().get("findings").toString())
                .as(timeline(disaster))
                .contains("The claim was taken away, and was created again");
        assertThat(disaster.world().users().claimSeen()).isTrue();
    }

    /** Its name would be missing when a failover needs it. */
    @ParameterizedTest
    @CsvSource({"drill,failover-term-1-attempt-1", "emergency,drill-term-1-attempt-1", "planned,drill-term-1-attempt-1"
    })
    void anotherModesNameIsRefused(String mode, String name) {
        Plan plan = new Plan(1);
        plan.starts.add(new Plan.Start(Plan.MINUTE, name, mode, false));
        Disaster disaster = recorded(plan, 1);
        disaster.play();
        assertThat(disaster.execution(name).error()).isEqualTo("Pilotlight.InvalidInput");
        assertThat(disaster.execution(name).cause())
                .contains("failover-term-1-attempt-", "drill-term-1-attempt- and a number if the mode is drill");
    }

    /** The next attempt of a drill is a drill's. */
    @Test
    void aDrillThatFailedSaysHowToRepeatIt() {
        Plan plan = Scenarios.calm(1, "drill");
        Disaster disaster = new Disaster(
                plan,
                1,
                Runbooks.dev(),
                (caller, call) -> caller.state().equals("Look at the database") ? Fault.FAILED : Fault.NONE);
        disaster.play();
        assertThat(disaster.execution(plan.named("drill", 1)).cause()).contains("--name drill-term-1-attempt-2 ");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aPlannedSwitchoverFromADeadLeaderIsGivenUpAndSaysHowToGoOn(int term) {
        Plan plan = Scenarios.lostRegion(term);
        plan.starts.clear();
        plan.starts.add(new Plan.Start(15 * Plan.MINUTE, plan.attempt(1), "planned", true));
        Disaster disaster = new Disaster(plan, 1, Runbooks.ofTerm(term));
        disaster.play();
        Execution first = disaster.execution(plan.attempt(1));
        assertThat(first.status()).isEqualTo(Status.FAILED);
        assertThat(first.cause())
                .endsWith("\"acceptDataLoss\":true,\"reason\":\"simulated\"}'")
                .contains("the mode is emergency", "nothing was promoted", plan.attempt(2), "--input '{");
        assertThat(disaster.world().listener().signStands()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aRunThatWasStoppedDuringThePromotionIsResumedWithTheLossThatWasAccepted(int term) {
        Disaster disaster = played(Scenarios.abandoned(term), term);
        Execution second = disaster.execution(disaster.plan().attempt(2));
        assertThat(second.status()).as(timeline(disaster)).isEqualTo(Status.SUCCEEDED);
        assertThat(second.variables().get("loss").toString()).matches("[0-9]{3}");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aBackupDelaysThePromotionAndTheLossIsAskedForAgain(int term) {
        Execution execution = succeeded(played(Scenarios.delayed(term), term));
        assertThat(((Number) execution.variables().get("loss")).longValue()).isGreaterThan(25 * 60);
    }

    /** Nobody serves meanwhile: a service that throttles or fails for minutes must not end the run. */
    @ParameterizedTest
    @ValueSource(strings = {"rds", "elasticloadbalancingv2", "cloudwatch"})
    void aServiceThatFailsForMinutesAfterThePointOfNoReturnIsWaitedFor(String service) {
        Plan plan = Scenarios.lostRegion(1);
        plan.impairedService = service;
        plan.impaired = new Plan.Span(20 * Plan.MINUTE, 25 * Plan.MINUTE);
        Disaster disaster = played(plan, 1);
        assertThat(succeeded(disaster).name()).isEqualTo(plan.attempt(1));
    }

    /** It goes on for hours, and RDS calls the database operational. */
    @Test
    void storageThatIsBeingOptimizedDelaysNothing() {
        Plan plan = Scenarios.lostRegion(1);
        plan.storageHasGrown = true;
        assertThat(claimedAfterMillis(plan)).isEqualTo(claimedAfterMillis(Scenarios.lostRegion(1)));
    }

    @Test
    void aBackupAfterThePromotionDelaysNothing() {
        Plan plan = Scenarios.lostRegion(1);
        plan.backupAfterPromotionMillis = 10 * Plan.MINUTE;
        assertThat(claimedAfterMillis(plan)).isEqualTo(claimedAfterMillis(Scenarios.lostRegion(1)));
    }

    /** What was replayed stays replayed, whatever RDS says of a replica that gets nothing any more. */
    @Test
    void aLagThatIsLostWithTheLeaderDoesNotMakeTheLossUnknown() {
        Plan plan = Scenarios.lostRegion(1);
        plan.lagIsLost = true;
        assertThat(((Number) succeeded(played(plan, 1)).variables().get("loss")).longValue())
                .isBetween(60L, 300L);
    }

    @Test
    void aSwitchoverToAReplicaWithoutReplicationIsGivenUpBeforeTheLeaderStops() {
        Plan plan = Scenarios.calm(1, "planned");
        plan.replication = "error";
        Disaster disaster = recorded(plan, 1);
        disaster.play();
        assertThat(disaster.execution(plan.attempt(1)).cause()).contains("Its replication is error.");
        assertThat(String.join("\n", disaster.world().clock().journal())).doesNotContain("sees the sign");
    }

    private static long claimedAfterMillis(Plan plan) {
        Disaster disaster = played(plan, 1);
        succeeded(disaster);
        return disaster.world().listener().claimedAt();
    }

    /** The other's lock keeps it from writing. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anInstanceWhoseAgentIsDeadLosesNothingInASwitchover(int term) {
        Execution execution = succeeded(played(Scenarios.deadAgent(term), term));
        assertThat(execution.variables()).containsEntry("loss", 0).containsEntry("fenced", true);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aTableThatCannotBeLockedEndsASwitchover(int term) {
        Plan plan = Scenarios.refused(term);
        Disaster disaster = recorded(plan, term);
        disaster.play();
        Execution first = disaster.execution(plan.attempt(1));
        assertThat(first.status()).as(timeline(disaster)).isEqualTo(Status.FAILED);
        assertThat(first.cause()).contains("did not report", "no sign stands");
    }

    /** Its stack holds the old runbook until the append is deployed there. */
    @ParameterizedTest
    @ValueSource(strings = {"planned", "emergency", "drill"})
    void aRunInTheRegionThatLeadsChangesNothing(String mode) {
        Plan plan = new Plan(2);
        plan.inLedRegion = new Plan.Start(10 * Plan.MINUTE, new Plan(1).named(mode, 2), mode, true);
        plan.starts.add(new Plan.Start(11 * Plan.MINUTE, plan.named("drill", 1), "drill", false));
        Disaster disaster = recorded(plan, 2);
        disaster.run();
        assertThat(disaster.world().executions().all())
                .as(timeline(disaster))
                .filteredOn(disaster.world().executions()::inLedRegion)
                .singleElement()
                .extracting(Execution::status)
                .isEqualTo(Status.SUCCEEDED);
    }

    /** The agents' mistakes are found by these; the true agents make none of them. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void whatAgentsMustSurviveTheySurvive(int term) {
        List<Plan> plans = new ArrayList<>(List.of(
                Scenarios.cutOff(term),
                Scenarios.rebooted(term),
                Scenarios.refused(term),
                Scenarios.stubborn(term),
                Scenarios.woken(term)));
        for (int seconds = 1250; seconds <= 1420; seconds += 10) {
            plans.add(Scenarios.restarted(term, seconds));
        }
        plans.forEach(plan -> played(plan, term));
    }

    /** Nobody takes back what a run that was stopped by hand has done; the next drill says that it stands, and how. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aDrillReportsASignThatAStoppedRunHasLeft(int term) {
        Plan plan = Scenarios.calm(term, "planned");
        plan.aborted = 20 * Plan.MINUTE;
        plan.starts.add(new Plan.Start(24 * Plan.MINUTE, plan.named("drill", 1), "drill", false));
        Disaster disaster = recorded(plan, term);
        disaster.play();
        assertThat(disaster.world().listener().signStands()).isTrue();
        Execution drill = disaster.execution(plan.named("drill", 1));
        assertThat(drill.status()).as(timeline(disaster)).isEqualTo(Status.SUCCEEDED);
        assertThat(drill.variables().get("findings").toString())
                .contains(
                        "THE HANDOVER SIGN STANDS",
                        "--query 'Rules[?Conditions[0].PathPatternConfig.Values[0]==`\"/.well-known/pilotlight/handover/"
                                + term + "\"`].RuleArn')");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Read the signs", "Look at the database"})
    void whoCouldNotLookSaysThatHeChangedNothing(String state) {
        Disaster disaster = new Disaster(
                Scenarios.lostRegion(1),
                1,
                Runbooks.dev(),
                (caller, call) -> caller.state().equals(state) ? Fault.FAILED : Fault.NONE);
        disaster.play();
        Execution first = disaster.execution(disaster.plan().attempt(1));
        assertThat(first.status()).isEqualTo(Status.FAILED);
        assertThat(first.cause()).contains("this attempt has changed nothing").doesNotContain("NOBODY SERVES");
    }

    @Test
    void anInstanceThatSleptThroughATermLeavesTheGroupThatLeadsAgain() {
        succeeded(played(Scenarios.slept(2), 2));
    }

    /** Both signals stand, and it is the standby that is cut off: nothing starts, and people are told. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aStandbyThatIsCutOffStartsNothingByItself(int term) {
        Disaster disaster = played(Scenarios.isolated(term, 40 * 60), term);
        assertThat(disaster.world().executions().all())
                .as(timeline(disaster))
                .allSatisfy(execution -> assertThat(execution.name()).startsWith("starter"));
        assertThat(disaster.world().told()).contains("nothing was started");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aLostRegionIsLeftByTheAlarmAlone(int term) {
        Disaster disaster = played(Scenarios.unattended(term), term);
        assertThat(disaster.world().listener().claimStands())
                .as(timeline(disaster))
                .isTrue();
    }

    private static Disaster played(Plan plan, int term) {
        Disaster disaster = recorded(plan, term);
        disaster.run();
        return disaster;
    }

    private static Disaster recorded(Plan plan, int term) {
        return new Disaster(plan, 1, Runbooks.ofTerm(term), null, Set.of(), true);
    }

    private static Execution succeeded(Disaster disaster) {
        Execution first = disaster.execution(disaster.plan().attempt(1));
        assertThat(first.status()).as(timeline(disaster)).isEqualTo(Status.SUCCEEDED);
        return first;
    }

    private static String timeline(Disaster disaster) {
        return String.join("\n", disaster.world().clock().journal());
    }
}
