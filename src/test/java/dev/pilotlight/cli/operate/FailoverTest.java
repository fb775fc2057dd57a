package dev.pilotlight.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Terminal;
import dev.pilotlight.cli.operate.Failover.Plan;
import dev.pilotlight.cli.operate.Failover.Request;
import dev.pilotlight.config.Configurations;
import dev.pilotlight.testing.TestConfigurations;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.RegionName;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a region that answers as AWS's APIs do, and has the trouble that AWS has. */
@Timeout(600)
class FailoverTest {

    private static final Request REQUEST = new Request(Mode.EMERGENCY, false, "the region is \"lost\"");

    private FakeRegion region;
    private Path folder;
    private Site site;

    @BeforeEach
    void aRegion() throws IOException {
        region = new FakeRegion();
        founded("{}");
    }

    private void founded(String changes) {
        folder = TestConfigurations.folderWith("dev", changes);
        site = Site.emulated(
                new Configurations(folder).load("dev"),
                folder,
                false,
                region.endpoint(),
                "123456789012",
                InstantSource.system());
    }

    @AfterEach
    void nothing() {
        site.close();
        region.close();
    }

    private Failover failover() {
        return new Failover(site);
    }

    @Test
    void thePlanFollowsFromTheLineage() {
        Plan plan = failover().plan();
        assertThat(plan.from()).isEqualTo(RegionName.PRIMARY);
        assertThat(plan.to()).isEqualTo(RegionName.DR);
        assertThat(plan.term()).isEqualTo(1);
        assertThat(plan.stateMachineArn()).isEqualTo(FakeRegion.MACHINE);
        assertThat(plan.running()).isEmpty();
        assertThat(plan.expected().loss()).as("the metrics may not be read").isEmpty();
    }

    @Test
    void theAttemptIsTheFirstThatWasNeverUsed() {
        region.used.addAll(
                List.of("failover-term-1-attempt-1", "failover-term-1-attempt-2", "failover-term-1-attempt-4"));
        assertThat(failover().start(failover().plan(), REQUEST).name()).isEqualTo("failover-term-1-attempt-3");
        assertThat(region.started.get(0)[1])
                .isEqualTo(
                        "{\"mode\":\"emergency\",\"acceptDataLoss\":false,\"reason\":\"the region is \\\"lost\\\"\"}");
    }

    @Test
    void aClaimedTermIsAppendedFirst() {
        Claim claim = new Claim("pilotlight-dev", 1);
        region.claim = FakeRegion.rule(claim.path(), claim.text());
        assertThatThrownBy(() -> failover().plan())
                .isInstanceOf(Failure.class)
                .hasMessageStartingWith(
                        "dr (eu-west-1) has claimed term 1 already and users are sent there: append \"primary\" to databaseLineage in ");
        region.claim = FakeRegion.rule(claim.path(), "something else");
        assertThat(failover().plan().running()).isEmpty();
    }

    @Test
    void aRegionWithoutTheMachineIsRefused() {
        region.machineIsThere = false;
        assertThatThrownBy(() -> failover().plan())
                .isInstanceOf(Failure.class)
                .hasMessageStartingWith("dr (eu-west-1) holds no state machine pilotlight-dev-failover-dr: ");
    }

    @Test
    void aRunbookOfAnotherTermIsRefused() {
        region.definition = region.definition.replace("term-1", "term-3");
        assertThatThrownBy(() -> failover().plan())
                .isInstanceOf(Failure.class)
                .hasMessageContaining("claims term 3, but by databaseLineage in ")
                .hasMessageEndingWith("this clone's file is behind, so get the newest.");
    }

    @Test
    void aStandbyWithoutReplicaIsRefused() {
        founded("{'databaseLineage': ['primary', 'dr', {'region': 'primary', 'restoreTo': '2026-01-20T10:00:00Z'}]}");
        assertThatThrownBy(() -> failover().plan())
                .isInstanceOf(Failure.class)
                .hasMessageContaining("holds no replica of the leader's database since the restore: append \"dr\"");
    }

    @Test
    void aRegionThatIsGoneIsOneSentence() {
        region.close();
        assertThatThrownBy(() -> failover().plan())
                .isInstanceOf(Failure.class)
                .hasMessageStartingWith("dr (eu-west-1) does not answer (")
                .hasMessageNotContaining("\n");
    }

    @Test
    void missingPermissionsAreOneSentence() {
        region.troubles.add(new String[] {"400", "AccessDeniedException"});
        assertThatThrownBy(() -> failover().plan())
                .hasMessage("dr (eu-west-1) does not allow it (AccessDeniedException: so): take credentials that may.");
    }

    @Test
    void noneIsStartedBesideAnother() {
        region.running = "failover-term-1-attempt-1";
        Plan plan = failover().plan();
        assertThat(plan.running()).isPresent();
        assertThatThrownBy(() -> failover().start(plan, REQUEST)).hasMessageContaining("is running already");
        assertThat(region.started).isEmpty();
    }

    /** A drill takes none of the failover's names, and is in no failover's way, nor a failover in its. */
    @Test
    void aDrillIsStartedUnderANameOfItsOwnBesideWhateverRuns() {
        Request drill = new Request(Mode.DRILL, false, "monthly");
        region.used.add("drill-term-1-attempt-1");
        region.running = "failover-term-1-attempt-1";
        assertThat(failover().start(failover().plan(Mode.DRILL), drill).name()).isEqualTo("drill-term-1-attempt-2");
        region.running = "drill-term-1-attempt-2";
        Plan plan = failover().plan();
        assertThat(plan.running()).isEmpty();
        assertThat(failover().start(plan, REQUEST).name()).isEqualTo("failover-term-1-attempt-1");
    }

    @Test
    void aDrillThatRunsIsToldFromAFailoverThatDoes() {
        region.running = "drill-term-1-attempt-1";
        assertThat(Failover.runningDrill(site.in(RegionName.DR).stepFunctions(), FakeRegion.MACHINE))
                .hasValueSatisfying(run -> assertThat(run.name()).isEqualTo("drill-term-1-attempt-1"));
        region.running = "failover-term-1-attempt-1";
        assertThat(Failover.runningDrill(site.in(RegionName.DR).stepFunctions(), FakeRegion.MACHINE))
                .isEmpty();
    }

    @Test
    void afterTheClaimThereIsNothingToDrill() {
        Claim claim = new Claim("pilotlight-dev", 1);
        region.claim = FakeRegion.rule(claim.path(), claim.text());
        region.running = "failover-term-1-attempt-1";
        assertThat(failover().plan().running()).isPresent();
        assertThatThrownBy(() -> failover().plan(Mode.DRILL)).hasMessageContaining("has claimed term 1 already");
    }

    @Test
    void everyStepIsToldOnceAndTroubleIsSurvived() {
        region.running = "failover-term-1-attempt-1";
        Failover.Run run = failover().plan().running().orElseThrow();
        for (String state : List.of("Check the input", "Begin", "Read the signs", "Promote")) {
            region.entered(state);
        }
        List<StepEvent> told = new ArrayList<>();
        Outcome outcome = failover().follow(run.executionArn(), event -> {
            told.add(event);
            if (told.size() == 4) {
                // More than the SDK itself tries again.
                for (int time = 0; time < 4; time++) {
                    region.troubles.add(new String[] {"503", "ServiceUnavailableException"});
                }
                region.failed("Rds.RdsException");
                region.entered("A state of a younger version");
            } else if (event.kind() == StepEvent.Kind.CANNOT_SEE) {
                region.entered("Done");
                region.ends(
                        "SUCCEEDED",
                        "{\"outcome\": \"succeeded\", \"expectedLossSeconds\": 60, \"times\": {\"claimed\": \"2026-11-25T03:10:00Z\", \"started\": \"2026-11-25T03:00:00Z\"}}",
                        null);
            }
        });
        assertThat(told)
                .filteredOn(event -> event.kind() == StepEvent.Kind.ENTERED)
                .extracting(StepEvent::state)
                .containsExactly(
                        "Check the input",
                        "Begin",
                        "Read the signs",
                        "Promote",
                        "A state of a younger version",
                        "Done");
        assertThat(told)
                .filteredOn(event -> event.state().equals("Promote"))
                .first()
                .satisfies(event -> assertThat(event.says()).isEqualTo("The order."));
        assertThat(told)
                .filteredOn(event -> event.state().equals("A state of a younger version"))
                .first()
                .satisfies(event -> assertThat(event.phase()).isEqualTo(Phase.PROMOTE));
        assertThat(told).extracting(StepEvent::kind).contains(StepEvent.Kind.CALL_FAILED, StepEvent.Kind.CANNOT_SEE);
        assertThat(outcome.moved()).isTrue();
        assertThat(outcome.expectedLossSeconds()).isEqualTo("60");
        assertThat(outcome.milestones()).extracting(Outcome.Milestone::name).containsExactly("started", "claimed");
    }

    @Test
    void credentialsThatExpireEndTheWatchingAndNotTheFailover() {
        region.running = "failover-term-1-attempt-1";
        Failover.Run run = failover().plan().running().orElseThrow();
        region.entered("Begin");
        assertThatThrownBy(() -> failover().follow(run.executionArn(), event -> {
                    for (int time = 0; time < 4; time++) {
                        region.troubles.add(new String[] {"400", "ExpiredTokenException"});
                    }
                }))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("but the failover goes on: renew them and run `./pilot failover --local");
    }

    // --- the dialogue

    private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

    private int dialogue(String answers, Mode mode, boolean yes) {
        PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
        Terminal terminal = new Terminal(new BufferedReader(new StringReader(answers)), out, !answers.isEmpty());
        return new FailoverDialogue(site, terminal, mode, false, yes ? "tests" : null, yes).hold();
    }

    private String printed() {
        return printed.toString(StandardCharsets.UTF_8);
    }

    @Test
    void whatIsNotConfirmedIsNotStarted() {
        assertThat(dialogue("\nthe region is gone\nno\n", Mode.EMERGENCY, false))
                .isEqualTo(1);
        assertThat(region.started).isEmpty();
        assertThat(printed())
                .contains("from            primary (eu-central-1), which leads in term 0")
                .contains("expected loss   unknown, with an objective of 5 min")
                .endsWith("Not started.\n");
    }

    @Test
    void itIsFollowedToItsEndAndAppended() throws IOException {
        region.entered("Check the input");
        region.entered("Promote");
        region.entered("Done");
        region.ends(
                "SUCCEEDED",
                "{\"outcome\": \"succeeded\", \"expectedLossSeconds\": 60, \"times\": {\"started\": \"2026-11-25T03:00:00Z\", \"claimed\": \"2026-11-25T03:10:00Z\"}}",
                null);
        assertThat(dialogue("accept\nthe region is gone\nyes\nyes\n", Mode.EMERGENCY, false))
                .isZero();
        assertThat(region.started.get(0)[1]).contains("\"acceptDataLoss\":true", "the region is gone");
        assertThat(printed())
                .contains("Started failover-term-1-attempt-1 in dr (eu-west-1).")
                .contains(
                        "Promotion",
                        "dr (eu-west-1) leads pilotlight-dev in term 1.",
                        "emulated",
                        "up to 60 s of writes")
                .contains("Appended: databaseLineage is [\"primary\", \"dr\", \"primary\"]")
                .contains("npx cdk deploy DrStack --exclusively");
        assertThat(Files.readString(folder.resolve("dev.json"))).contains("\"dr\",\"primary\"]");
    }

    private static final String SWITCHED = "{\"outcome\": \"succeeded\", \"expectedLossSeconds\": 0, \"times\": {"
            + "\"started\": \"2026-11-25T03:00:00Z\", \"signed\": \"2026-11-25T03:01:00Z\","
            + " \"claimed\": \"2026-11-25T03:12:00Z\", \"seen\": \"2026-11-25T03:13:30Z\"}}";

    @Test
    void aPlannedSwitchoverSaysHowLongUsersWereWithoutServiceAndThatNobodyIsDown() {
        region.entered("Done");
        region.ends("SUCCEEDED", SWITCHED, null);
        assertThat(dialogue("a game day\nY\nno\n", Mode.PLANNED, false)).isZero();
        assertThat(region.started).hasSize(1);
        assertThat(printed())
                .containsPattern("time +about \\d+ min without service, modelled from published figures")
                .contains("without service 12:30 from the handover sign to the claim seen from outside, emulated")
                .contains("Not appended: append \"primary\" by hand or run this again.")
                .contains("Then deploy both:", "To go back later:")
                .doesNotContain("add the detection", "is down");
        List<String> commands = printed()
                .lines()
                .filter(line -> line.startsWith("Then deploy both:") || line.startsWith("To go back later:"))
                .toList();
        assertThat(commands)
                .hasSize(2)
                .allSatisfy(line -> assertThat(line.indexOf("./pilot")).isEqualTo("Then deploy both:  ".length()));
    }

    @Test
    void aDrillTakesSecondsAndIsNoFailoverInWords() {
        region.entered("Give up");
        region.ends("FAILED", null, "So.");
        assertThat(dialogue("", Mode.DRILL, true)).isEqualTo(1);
        assertThat(printed())
                .containsPattern("time +seconds, modelled; changes nothing")
                .contains("The drill ended as FAILED. So.")
                .contains("./pilot failover --dry-run --local");
    }

    @Test
    void whatIsNotFollowedGoesOnAndTheModeIsKept() {
        region.running = "failover-term-1-attempt-1";
        assertThat(dialogue("maybe\n", Mode.PLANNED, false)).isEqualTo(1);
        assertThat(printed()).contains("Not followed; it goes on: follow it with `./pilot failover --planned --local");
        region.ends("SUCCEEDED", "{\"outcome\": \"drilled\", \"findings\": []}", null);
        assertThat(dialogue("Y\n", Mode.EMERGENCY, false)).isZero();
    }

    @Test
    void thatNobodyCanReadTheClaimIsToLookAtAtOnce() {
        region.entered("Done");
        region.ends(
                "SUCCEEDED",
                "{\"outcome\": \"succeeded\", \"expectedLossSeconds\": 60, \"times\": {},"
                        + " \"findings\": [\"The claim could not be seen from outside: States.Http.Socket.\", \"The quota is small.\"]}",
                null);
        assertThat(dialogue("", Mode.EMERGENCY, true)).isZero();
        assertThat(printed())
                .contains(
                        "LOOK AT ONCE    The claim could not be seen from outside: ",
                        "finding         The quota is small.");
    }

    @Test
    void aFailureIsWhatTheRunbookSays() {
        region.entered("Give up");
        region.ends("FAILED", null, "The failover stopped at \"Promote\": so. Now: nothing was promoted.");
        assertThat(dialogue("", Mode.EMERGENCY, true)).isEqualTo(1);
        assertThat(printed())
                .contains(
                        "The failover ended as FAILED. The failover stopped at \"Promote\": so. Now: nothing was promoted.");
    }

    @Test
    void aRunThatIsGoingIsFollowedIfWanted() {
        region.running = "failover-term-1-attempt-1";
        assertThat(dialogue("no\n", Mode.EMERGENCY, false)).isEqualTo(1);
        region.ends("SUCCEEDED", "{\"outcome\": \"drilled\", \"findings\": [\"The quota is small.\"]}", null);
        assertThat(dialogue("yes\n", Mode.EMERGENCY, false)).isZero();
        assertThat(printed()).contains("The quota is small.", "The drill is over; nothing was changed.");
        assertThat(region.started).isEmpty();
    }
}
