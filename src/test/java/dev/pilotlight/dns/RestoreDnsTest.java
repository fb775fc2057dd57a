package dev.pilotlight.dns;

import static dev.pilotlight.topology.RegionName.DR;
import static dev.pilotlight.topology.RegionName.PRIMARY;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.dns.Route53Model.FailoverRecord;
import dev.pilotlight.dns.Route53Model.HttpAnswer;
import dev.pilotlight.dns.Route53Model.TargetGroup;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.TestConfigurations;
import dev.pilotlight.topology.RegionName;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where users land when the standby's region takes leadership by a restore: no runbook claims then, the template does. Its
 * stack is deployed alone, first, while the leader's region is gone or still serves its damaged data.
 */
class RestoreDnsTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'region': 'dr', 'snapshot': 'arn:aws:rds:eu-west-1:123456789012:snapshot:awsbackup:copyjob-1'}",
                "{'region': 'dr', 'snapshot': 'arn:aws:rds:eu-west-1:123456789012:snapshot:s1'}"
            })
    void theClaimMovesUsersBeforeTheOldLeadersStackIsDeployed(String restore) {
        SynthesizedApp founded = app("'primary', 'dr'");
        SynthesizedApp restored = app("'primary', 'dr', " + restore);
        Map<RegionName, RegionDns> deployed = new EnumMap<>(RegionName.class);
        deployed.put(PRIMARY, RegionDns.of(PRIMARY, founded.primary()));
        RegionDns dr = RegionDns.of(DR, restored.dr());

        // In the middle of DR's deploy: its checks are new, its claim is not made yet. The old leader leads.
        Map<String, HttpAnswer> withoutClaim = new java.util.LinkedHashMap<>(dr.fixedAnswers());
        withoutClaim.keySet().removeIf(path -> path.contains("/leader/"));
        deployed.put(DR, new RegionDns(DR, dr.host(), dr.record(), withoutClaim));
        assertThat(landsIn(deployed, Set.of(PRIMARY, DR), Set.of(PRIMARY, DR))).isEqualTo(PRIMARY);

        // After it, the old leader serving or gone.
        deployed.put(DR, dr);
        assertThat(landsIn(deployed, Set.of(PRIMARY, DR), Set.of(PRIMARY, DR))).isEqualTo(DR);
        assertThat(landsIn(deployed, Set.of(DR), Set.of(DR))).isEqualTo(DR);

        // After the old leader's deploy.
        deployed.put(PRIMARY, RegionDns.of(PRIMARY, restored.primary()));
        assertThat(landsIn(deployed, Set.of(PRIMARY, DR), Set.of(PRIMARY, DR))).isEqualTo(DR);
        assertThat(landsIn(deployed, Set.of(DR), Set.of(DR))).isEqualTo(DR);
    }

    private static SynthesizedApp app(String lineage) {
        return SynthesizedApp.of(TestConfigurations.with("dev", "{'databaseLineage': [" + lineage + "]}"));
    }

    private static RegionName landsIn(
            Map<RegionName, RegionDns> deployed, Set<RegionName> healthy, Set<RegionName> reachable) {
        FailoverRecord answered = Route53Model.answer(
                deployed.values().stream().map(RegionDns::record).toList(),
                record -> Route53Model.isHealthy(
                        record,
                        Route53Model.passes(
                                record.healthCheck(),
                                true,
                                (host, port, path) -> deployed.values().stream()
                                        .filter(region ->
                                                region.host().equals(host) && reachable.contains(region.region()))
                                        .findFirst()
                                        .flatMap(region -> answer(region, path))),
                        List.of(
                                healthy.stream().anyMatch(region -> region.id().equals(record.name()))
                                        ? new TargetGroup(1, 1)
                                        : new TargetGroup(0, 0))));
        return deployed.keySet().stream()
                .filter(region -> region.id().equals(answered.name()))
                .findFirst()
                .orElseThrow();
    }

    /** A claim's rule has the smaller number, and is asked before the one that says that there is none. */
    private static Optional<HttpAnswer> answer(RegionDns region, String path) {
        HttpAnswer exact = region.fixedAnswers().get(path);
        return Optional.ofNullable(exact == null ? region.fixedAnswers().get("/.well-known/pilotlight/*") : exact);
    }
}
