package dev.pilotlight.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.recovery.asl.Execution;
import dev.pilotlight.recovery.asl.Execution.Status;
import dev.pilotlight.topology.PromotionTag;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a runbook does where another attempt has left something, or somebody else is in the way. */
class OddWorldTest {

    private final Set<String> called = new TreeSet<>();

    /** It would wait for twenty minutes for instances here, with a leader that is stopped. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aSwitchoverThatFindsASignTakesItBackInMinutes(int term) {
        Plan before = Scenarios.calm(term, "planned");
        Map<?, ?> times = (Map<?, ?>)
                played(before, term).execution(before.attempt(1)).variables().get("times");
        long signed = Clock.millis(Instant.parse((String) times.get("signed")));
        Plan plan = Scenarios.calm(term, "planned");
        plan.bootMillis = 4 * Plan.MINUTE;
        plan.aborted = signed + 20_000;
        plan.starts.add(new Plan.Start(signed + 2 * Plan.MINUTE, plan.attempt(2), "planned", false));
        Disaster disaster = played(plan, term);
        Execution second = disaster.execution(plan.attempt(2));
        assertThat(second.status()).as(timeline(disaster)).isEqualTo(Status.FAILED);
        assertThat(second.cause())
                .contains("THE HANDOVER SIGN STANDS", "An earlier attempt has left it", "no sign stands");
        assertThat(Clock.millis(second.due())).isLessThan(signed + 7 * Plan.MINUTE);
        assertThat(disaster.world().listener().signStands()).isFalse();
    }

    /** The leader is gone, and needs no sign; nobody would serve for want of a free place on a listener. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void anEmergencyWhoseSignHasNoPlaceTellsAndGoesOn(int term) {
        Plan plan = Scenarios.lostRegion(term);
        plan.foreignSign = new Plan.Span(0, Plan.NEVER);
        Disaster disaster = played(plan, term);
        Execution run = disaster.execution(plan.attempt(1));
        assertThat(run.status()).as(timeline(disaster)).isEqualTo(Status.SUCCEEDED);
        assertThat(called).contains("Tell of the place of the sign");
        assertThat(run.variables().get("findings").toString())
                .contains("The handover sign could not be raised", "arn:rule/foreign/", "path /maintenance");
        assertThat(disaster.world().listener().signStands()).isFalse();
    }

    /** Whoever was told has moved the other rule, while a backup keeps the database. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aSignIsRaisedOnceItsPlaceIsFree(int term) {
        Plan plan = Scenarios.delayed(term);
        plan.foreignSign = new Plan.Span(0, 25 * Plan.MINUTE);
        Disaster disaster = played(plan, term);
        Execution run = disaster.execution(plan.attempt(1));
        assertThat(run.status()).as(timeline(disaster)).isEqualTo(Status.SUCCEEDED);
        assertThat(called).contains("Raise the sign after all");
        assertThat(run.variables()).containsEntry("sign", "stands");
        assertThat(disaster.world().listener().signStands()).isTrue();
    }

    /** A switchover stops a healthy leader with its sign or not at all. */
    @Test
    void aSwitchoverWhoseSignHasNoPlaceGivesUp() {
        Plan plan = Scenarios.calm(1, "planned");
        // After the preflight, and before the last look.
        plan.foreignSign = new Plan.Span(16 * Plan.MINUTE, Plan.NEVER);
        Disaster disaster = played(plan, 1);
        Execution run = disaster.execution(plan.attempt(1));
        assertThat(run.status()).as(timeline(disaster)).isEqualTo(Status.FAILED);
        assertThat(run.cause()).contains("another rule");
        assertThat(disaster.world().database().promotionOrdered()).isFalse();
    }

    /** Neither what the leader had nor what is lit can be asked at first: the order of the configuration's least is no less. */
    @ParameterizedTest
    @CsvSource({"Look at the group", "Look at the group again"})
    void aLaterAttemptTakesNoLightAway(String unread) {
        Plan plan = Scenarios.lostRegion(1);
        plan.leaderInstances = 6;
        plan.aborted = 16 * Plan.MINUTE + 30_000;
        plan.noDatapoints = new Plan.Span(plan.aborted, Plan.NEVER);
        plan.starts.add(new Plan.Start(17 * Plan.MINUTE + 30_000, plan.attempt(2), "emergency", true));
        int[] least = {Integer.MAX_VALUE};
        Disaster[] played = new Disaster[1];
        played[0] = disaster(plan, 1, (caller, state) -> {
            if (caller.name().equals(plan.attempt(2))) {
                least[0] = Math.min(least[0], played[0].world().group().least());
            }
            return caller.name().equals(plan.attempt(2)) && (state.equals("Look at the group") || state.equals(unread));
        });
        played[0].play();
        assertThat(played[0].execution(plan.attempt(2)).status())
                .as(timeline(played[0]))
                .isEqualTo(Status.SUCCEEDED);
        assertThat(least[0]).isEqualTo(6);
        assertThat(played[0].world().group().least()).isEqualTo(6);
    }

    /** An order was not answered, and a leader that nobody could stop went on acknowledging. */
    @ParameterizedTest
    @CsvSource({"1,false", "2,false", "1,true"})
    void aLossThatGrewAfterTheMarkIsMarkedAnew(int term, boolean fails) {
        Plan plan = unstoppable(term);
        Disaster disaster = disaster(plan, term, hung(1, fails));
        disaster.play();
        Execution run = disaster.execution(plan.attempt(1));
        assertThat(run.status()).as(timeline(disaster)).isEqualTo(Status.SUCCEEDED);
        assertThat(called).contains("Mark the loss anew");
        PromotionTag tag =
                PromotionTag.parse(disaster.world().database().promotionTag()).orElseThrow();
        long reported = ((Number) run.variables().get("loss")).longValue();
        assertThat(tag.attempt()).isEqualTo(1);
        if (fails) {
            assertThat(Long.parseLong(tag.loss())).isLessThan(reported);
        } else {
            assertThat(tag.loss()).isEqualTo(String.valueOf(reported));
        }
    }

    /** The mark is the earlier attempt's, which may have ordered the promotion. */
    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void aMarkThatIsMadeAnewKeepsTheAttemptThatSetIt(int term) {
        Plan plan = unstoppable(term);
        plan.blind = new Plan.Span(14 * Plan.MINUTE, 90 * Plan.MINUTE);
        plan.aborted = 18 * Plan.MINUTE + 45_000;
        plan.starts.add(new Plan.Start(20 * Plan.MINUTE, plan.attempt(2), "emergency", true));
        Disaster disaster = disaster(plan, term, hung(2, false));
        disaster.play();
        Execution run = disaster.execution(plan.attempt(2));
        assertThat(run.status()).as(timeline(disaster)).isEqualTo(Status.SUCCEEDED);
        assertThat(called).contains("Mark the loss anew");
        assertThat(PromotionTag.parse(disaster.world().database().promotionTag()))
                .map(PromotionTag::attempt)
                .hasValue(1);
    }

    /** Nobody can write while RDS modifies what it has just promoted; the hour for the instances begins afterwards. */
    @Test
    void aPromotedDatabaseThatIsModifiedForHoursIsWaitedFor() {
        Plan plan = modified(150 * Plan.MINUTE);
        Disaster disaster = played(plan, 1);
        Execution run = disaster.execution(plan.attempt(1));
        assertThat(run.status()).as(timeline(disaster)).isEqualTo(Status.SUCCEEDED);
    }

    /** An execution that Step Functions ends tells nobody anything. */
    @Test
    void theWaitForAModifiedDatabaseEndsWithItsReport() {
        Plan plan = modified(600 * Plan.MINUTE);
        Disaster disaster = disaster(plan, 1, (caller, state) -> false);
        disaster.play();
        Execution run = disaster.execution(plan.attempt(1));
        assertThat(run.status()).as(timeline(disaster)).isEqualTo(Status.FAILED);
        assertThat(run.cause()).contains("the instances do not serve", "database not writable for them");
    }

    private static Plan modified(long millis) {
        Plan plan = Scenarios.lostRegion(1);
        plan.afterStatus = "modifying";
        plan.backupAfterPromotionMillis = millis;
        plan.writableAfterMillis = millis;
        return plan;
    }

    /** The leader lives, and neither sign nor replication reaches anybody. */
    private static Plan unstoppable(int term) {
        Plan plan = Scenarios.delayed(term);
        plan.backup = Plan.Span.NEVER_SPAN;
        return plan;
    }

    /** The first orders hang, and never reach RDS. */
    private static BiPredicate<Execution, String> hung(int orders, boolean markFails) {
        int[] left = {orders};
        return (caller, state) ->
                (state.equals("Promote") && left[0]-- > 0) || (markFails && state.equals("Mark the loss anew"));
    }

    /** Its predecessors cannot tell of it: their numbers begin anew with each term. */
    @Test
    void aRunOfAnotherTermThatStillGoesKeepsANewOneOut() {
        Plan plan = Scenarios.lostRegion(1);
        Disaster disaster = disaster(plan, 1, (caller, state) -> false);
        World world = disaster.world();
        Plan.Start start = plan.starts.get(0);
        world.clock()
                .at(
                        start.at() - 500,
                        () -> world.executions()
                                .start(
                                        Runbooks.ofTerm(2).failover(),
                                        Runbooks.ofTerm(1).facts().failoverArn(),
                                        new Plan(2).attempt(1),
                                        Map.of(
                                                "mode",
                                                start.mode(),
                                                "acceptDataLoss",
                                                false,
                                                "reason",
                                                "an earlier disaster")));
        disaster.play();
        Execution run = disaster.execution(plan.attempt(1));
        assertThat(run.error()).as(timeline(disaster)).isEqualTo("Pilotlight.AnotherRun");
    }

    private Disaster played(Plan plan, int term) {
        Disaster disaster = disaster(plan, term, (caller, state) -> false);
        disaster.play();
        return disaster;
    }

    /** @param hangs whose calls go nowhere */
    private Disaster disaster(Plan plan, int term, BiPredicate<Execution, String> hangs) {
        return new Disaster(
                plan,
                1,
                Runbooks.ofTerm(term),
                (caller, call) -> {
                    called.add(caller.state());
                    return hangs.test(caller, caller.state()) ? Fault.HANGS : Fault.NONE;
                },
                Set.of(),
                true);
    }

    private static String timeline(Disaster disaster) {
        return String.join("\n", disaster.world().clock().journal());
    }
}
