package dev.pilotlight.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.recovery.asl.Execution;
import dev.pilotlight.recovery.asl.Execution.Status;
import org.junit.jupiter.api.Test;

/** The runbooks when nothing goes wrong but what they are for. */
class CalmTest {

    private static final String FIRST = "failover-term-1-attempt-1";

    @Test
    void aPlannedSwitchoverLosesNothing() {
        Disaster disaster = played(Plan.calm("planned"));
        Execution execution = disaster.execution(FIRST);
        assertThat(execution.status())
                .as(String.join("\n", disaster.world().timeline()))
                .isEqualTo(Status.SUCCEEDED);
        assertThat(execution.variables()).containsEntry("loss", 0).containsEntry("fenced", true);
        assertThat(disaster.world().leaderUp()).isTrue();
    }

    @Test
    void anEmergencyReportsItsLoss() {
        Disaster disaster = played(Plan.lostRegion());
        Execution execution = disaster.execution(FIRST);
        assertThat(execution.status())
                .as(String.join("\n", disaster.world().timeline()))
                .isEqualTo(Status.SUCCEEDED);
        assertThat(execution.variables()).containsEntry("fenced", false);
        assertThat((Long) execution.variables().get("loss")).isBetween(60L, 300L);
    }

    @Test
    void aDrillTouchesNothingAndSaysWhatWouldBeLost() {
        Disaster disaster = played(Plan.calm("drill"));
        Execution execution = disaster.execution(FIRST);
        assertThat(execution.status())
                .as(String.join("\n", disaster.world().timeline()))
                .isEqualTo(Status.SUCCEEDED);
        assertThat(disaster.world().signStands()).isFalse();
        assertThat(execution.variables().get("loss")).isInstanceOf(Long.class);
    }

    @Test
    void aPlannedSwitchoverFromADeadLeaderIsGivenUpAndSaysHowToGoOn() {
        Plan plan = Plan.lostRegion();
        plan.starts.clear();
        plan.starts.add(new Plan.Start(15 * Plan.MINUTE, FIRST, "planned", true));
        Disaster disaster = new Disaster(plan, 1, Runbooks.dev());
        disaster.play();
        assertThat(disaster.execution(FIRST).status()).isEqualTo(Status.FAILED);
        assertThat(disaster.execution(FIRST).cause())
                .endsWith("\"acceptDataLoss\":true,\"reason\":\"simulated\"}'")
                .contains("the mode is emergency", "nothing was promoted", "failover-term-1-attempt-2", "--input '{");
        assertThat(disaster.world().signStands()).isFalse();
    }

    @Test
    void aRunThatWasStoppedDuringThePromotionIsResumedWithTheLossThatWasAccepted() {
        Disaster disaster = played(Plan.abandoned());
        Execution second = disaster.execution("failover-term-1-attempt-2");
        assertThat(second.status())
                .as(String.join("\n", disaster.world().timeline()))
                .isEqualTo(Status.SUCCEEDED);
        assertThat(second.variables().get("loss").toString()).matches("[0-9]{3}");
    }

    @Test
    void aBackupDelaysThePromotionAndTheLossIsAskedForAgain() {
        Disaster disaster = played(Plan.delayed());
        Execution execution = disaster.execution(FIRST);
        assertThat(execution.status())
                .as(String.join("\n", disaster.world().timeline()))
                .isEqualTo(Status.SUCCEEDED);
        assertThat((Long) execution.variables().get("loss")).isGreaterThan(25 * 60);
    }

    private static Disaster played(Plan plan) {
        Disaster disaster = new Disaster(plan, 1, Runbooks.dev());
        disaster.run();
        return disaster;
    }
}
