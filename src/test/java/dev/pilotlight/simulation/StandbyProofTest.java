package dev.pilotlight.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.recovery.asl.Execution;
import dev.pilotlight.recovery.asl.Execution.Status;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A planned switchover stops the leader only when the standby has shown that it can serve. */
class StandbyProofTest {

    @Test
    void theSignComesAfterHealthyTargets() {
        Disaster disaster = played(planned(), Runbooks.dev());
        Map<?, ?> times = (Map<?, ?>) first(disaster).variables().get("times");
        long lit = at(times, "lit");
        assertThat(at(times, "signed") - lit).isGreaterThanOrEqualTo(planned().bootMillis);
    }

    @Test
    void anApplicationThatIsNeverHealthyBesideAReplicaLeavesTheLeaderAlone() {
        Plan plan = planned();
        plan.startsBesideReplica = false;
        Disaster disaster = played(plan, Runbooks.dev());
        assertThat(first(disaster).status()).isEqualTo(Status.FAILED);
        assertThat(first(disaster).cause())
                .contains("0 of 2 instances here became healthy within twenty minutes, so the leader was not stopped");
        assertThat(journal(disaster)).doesNotContain("handover");
        assertThat(disaster.world().group().desired()).isZero();
    }

    /** With the key it shows that its instances run and reach their database. */
    @Test
    void anApplicationThatIsKnownForItSwitchesOver() {
        Plan plan = planned();
        plan.startsBesideReplica = false;
        Disaster disaster = played(plan, Runbooks.notOnReplica());
        assertThat(first(disaster).status()).as(journal(disaster)).isEqualTo(Status.SUCCEEDED);
        assertThat(first(disaster).variables()).containsEntry("loss", 0).containsEntry("fenced", true);
        Map<?, ?> times = (Map<?, ?>) first(disaster).variables().get("times");
        assertThat(at(times, "signed") - at(times, "lit")).isGreaterThanOrEqualTo(plan.bootMillis);
    }

    @Test
    void instancesThatDoNotReachTheirDatabaseProveNothing() {
        Plan plan = planned();
        plan.startsBesideReplica = false;
        plan.writableLost = new Plan.Span(0, Plan.NEVER);
        Disaster disaster = played(plan, Runbooks.notOnReplica());
        assertThat(first(disaster).cause()).contains("none reached its database");
        assertThat(journal(disaster)).doesNotContain("handover");
    }

    private static Plan planned() {
        return Scenarios.calm(1, "planned");
    }

    private static Disaster played(Plan plan, Runbooks runbooks) {
        Disaster disaster = new Disaster(plan, 1, runbooks, null, Set.of(), true);
        disaster.play();
        return disaster;
    }

    private static Execution first(Disaster disaster) {
        return disaster.execution(disaster.plan().attempt(1));
    }

    private static String journal(Disaster disaster) {
        return String.join("\n", disaster.world().clock().journal());
    }

    private static long at(Map<?, ?> times, String step) {
        return java.time.Instant.parse((String) times.get(step)).toEpochMilli();
    }
}
