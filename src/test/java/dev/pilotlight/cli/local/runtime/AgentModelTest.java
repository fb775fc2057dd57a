package dev.pilotlight.cli.local.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.dns.Route53Model.HttpAnswer;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.Handover;
import dev.pilotlight.topology.RegionName;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The rules of agent.py, which AgentTest tests on the program itself. */
class AgentModelTest {

    private static final InstanceEnvironment ENVIRONMENT = new InstanceEnvironment(
            "shop",
            RegionName.PRIMARY,
            "eu-central-1",
            "eu-west-1",
            0,
            "db",
            "primary.shop.example.com",
            "dr.shop.example.com",
            "shop-primary");

    private final Map<String, HttpAnswer> shown = new HashMap<>();
    private final List<String> puts = new ArrayList<>();
    private boolean otherAnswers = true;
    private boolean writable = true;
    private boolean lockable = true;
    private boolean locked;
    private int groupAsked;
    private boolean groupObeys = true;

    private final Agent agent = new Agent(ENVIRONMENT, new Agent.Surroundings() {
        @Override
        public Optional<HttpAnswer> get(String host, String path) {
            boolean answers = otherAnswers || host.startsWith("primary.");
            return answers
                    ? Optional.of(shown.getOrDefault(host + path, new HttpAnswer(503, Claim.NONE)))
                    : Optional.empty();
        }

        @Override
        public boolean beat(InstanceEnvironment environment, Instant at) {
            return writable;
        }

        @Override
        public boolean lock(InstanceEnvironment environment, Agent holder) {
            locked = lockable;
            return lockable;
        }

        @Override
        public void unlock(InstanceEnvironment environment, Agent holder) {
            locked = false;
        }

        @Override
        public boolean put(String awsRegion, String workload, Map<String, Double> metrics, Instant at) {
            puts.add(awsRegion + metrics);
            return true;
        }

        @Override
        public boolean emptyGroup(InstanceEnvironment environment) {
            groupAsked++;
            return groupObeys;
        }
    });

    private void show(String host, String path, String text) {
        shown.put(host + path, new HttpAnswer(200, text));
    }

    private void claim(String host, int term) {
        Claim claim = new Claim("shop", term);
        show(host, claim.path(), claim.text());
    }

    private void handover(int term) {
        Handover sign = new Handover("shop", term);
        show(ENVIRONMENT.otherHost(), sign.path(), sign.text());
    }

    private void look(String at) {
        agent.fence();
        agent.pulse(Instant.parse("2026-11-24T03:" + at + "Z"));
    }

    @Test
    void nothingShownLetsItServeAndReport() {
        look("00:00");
        assertThat(agent.serving()).isTrue();
        assertThat(puts).containsExactly("eu-central-1{Writable=1.0}", "eu-west-1{Heartbeat=1.0, FencedTerm=0.0}");
    }

    @Test
    void itReportsOnceAMinuteAndAtEveryChange() {
        look("00:00");
        look("00:15");
        assertThat(puts).hasSize(2);
        look("01:00");
        assertThat(puts).hasSize(4);
        writable = false;
        look("01:15");
        assertThat(puts.subList(4, 6)).containsExactly("eu-central-1{Writable=0.0}", "eu-west-1{FencedTerm=0.0}");
    }

    @Test
    void aClaimOfALaterTermStopsItForGood() {
        claim(ENVIRONMENT.otherHost(), 1);
        look("00:00");
        assertThat(agent.serving()).isFalse();
        assertThat(agent.superseded()).isTrue();
        assertThat(puts).isEmpty();
        assertThat(groupAsked).isEqualTo(1);
        shown.clear();
        look("00:15");
        assertThat(agent.serving()).isFalse();
        assertThat(groupAsked).isEqualTo(1);
    }

    @Test
    void theTermAfterTheNextCountsToo() {
        claim(ENVIRONMENT.otherHost(), 2);
        look("00:00");
        assertThat(agent.superseded()).isTrue();
    }

    @Test
    void aClaimOfItsOwnTermOrOfAnotherWorkloadIsNone() {
        claim(ENVIRONMENT.otherHost(), 0);
        Claim others = new Claim("other", 1);
        show(ENVIRONMENT.otherHost(), others.path(), others.text());
        look("00:00");
        assertThat(agent.serving()).isTrue();
    }

    @Test
    void aGroupThatCouldNotBeAskedIsAskedAgain() {
        claim(ENVIRONMENT.otherHost(), 1);
        groupObeys = false;
        look("00:00");
        groupObeys = true;
        look("00:15");
        look("00:30");
        assertThat(groupAsked).isEqualTo(2);
    }

    @Test
    void theGroupIsLeftAloneIfThisRegionLeadsAgain() {
        claim(ENVIRONMENT.otherHost(), 1);
        claim(ENVIRONMENT.ownHost(), 2);
        look("00:00");
        assertThat(agent.serving()).isFalse();
        assertThat(groupAsked).isZero();
    }

    @Test
    void aSignStopsItForAsLongAsItStands() {
        handover(1);
        look("00:00");
        assertThat(agent.serving()).isFalse();
        assertThat(agent.stoppedBySign()).isTrue();
        assertThat(locked).isTrue();
        shown.clear();
        look("00:15");
        assertThat(agent.serving()).isTrue();
        assertThat(locked).isFalse();
    }

    @Test
    void itIsFencedWhenNobodyCouldWriteSinceTheLastLook() {
        look("00:00");
        handover(1);
        look("00:15");
        look("00:30");
        assertThat(puts)
                .containsSubsequence(
                        "eu-west-1{Heartbeat=1.0, FencedTerm=0.0}", "eu-west-1{Heartbeat=1.0, FencedTerm=1.0}");
    }

    @Test
    void aZeroArrivesBeforeTheTerm() {
        handover(1);
        look("00:00");
        assertThat(puts).last().isEqualTo("eu-west-1{Heartbeat=1.0, FencedTerm=0.0}");
    }

    @Test
    void itIsNotFencedWhileItCannotLockTheDatabase() {
        handover(1);
        lockable = false;
        look("00:00");
        look("00:15");
        look("00:30");
        assertThat(puts).noneMatch(put -> put.contains("FencedTerm=1.0"));
    }

    @Test
    void aSignThatCannotBeReadHasNotGone() {
        handover(1);
        look("00:00");
        otherAnswers = false;
        look("00:15");
        assertThat(agent.serving()).isFalse();
        // Another answer than the load balancer's definite no is no answer.
        otherAnswers = true;
        Handover sign = new Handover("shop", 1);
        shown.put(ENVIRONMENT.otherHost() + sign.path(), new HttpAnswer(404, "not found"));
        look("00:30");
        assertThat(agent.serving()).isFalse();
    }

    @Test
    void oneThatSeesNothingGoesOnServing() {
        otherAnswers = false;
        look("00:00");
        assertThat(agent.serving()).isTrue();
    }
}
