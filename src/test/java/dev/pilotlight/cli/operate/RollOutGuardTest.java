package dev.pilotlight.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.cli.operate.Assessment.Finding;
import dev.pilotlight.cli.operate.Assessment.Level;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.RegionName;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RollOutGuardTest {

    private static List<Finding> findings(Map<RegionName, Map<String, String>> seen) {
        return new RollOutGuard()
                .findings(
                        seen,
                        new Inspection.Scene(
                                Instant.EPOCH,
                                new Instructions("prod", Path.of("config"), true, false),
                                RegionName::id,
                                DatabaseLineage.founded().topology(),
                                region -> true));
    }

    @Test
    void whileAnAlarmRingsTheCommandThatIsNotRefusedIsPrinted() {
        assertThat(findings(Map.of(RegionName.DR, Map.of("x-RollOutErrors", "ALARM", "x-Unhealthy", "OK"))))
                .containsExactly(
                        new Finding(
                                "rollout",
                                Level.ATTENTION,
                                "Roll-out",
                                "x-RollOutErrors is in ALARM, so a deploy that replaces instances of dr is refused",
                                "if that deploy is the repair: `npx cdk deploy DrStack --exclusively --no-rollback -c env=prod -c rollout=unguarded`"));
    }

    @Test
    void aNewAlarmRefusesForMinutesAndIsNoTrouble() {
        assertThat(findings(Map.of(RegionName.PRIMARY, Map.of("x-RollOutErrors", "INSUFFICIENT_DATA"))))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.level()).isEqualTo(Level.NOTE);
                    assertThat(finding.says()).contains("INSUFFICIENT_DATA", "PrimaryStack", "rollout=unguarded");
                });
    }

    @Test
    void quietAlarmsAreWellAndNoStackIsNothingToSay() {
        assertThat(findings(Map.of(RegionName.PRIMARY, Map.of("x-RollOutErrors", "OK"))))
                .extracting(Finding::level)
                .containsExactly(Level.OK);
        assertThat(findings(Map.of(RegionName.PRIMARY, Map.of()))).isEmpty();
    }
}
