package dev.pilotlight.cli.local.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.compute.BootScript;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;

class InstanceEnvironmentTest {

    private static final Names NAMES = new Names(
            "shop",
            "aws",
            "123456789012",
            Map.of(RegionName.PRIMARY, "eu-central-1", RegionName.DR, "eu-west-1"),
            "shop.example.com");

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void userDataTellsWhatTheAgentIsTold() {
        String userData = new BootScript(
                        NAMES,
                        RegionName.DR,
                        "shop-db-1.abc.eu-west-1.rds.amazonaws.com",
                        3,
                        "amazonaws.com",
                        // A workload's script that looks like ours must not be taken for it.
                        "#!/bin/sh\ncat > /etc/pilotlight/agent <<'END'\nPILOTLIGHT_DATABASE_TERM=9\nEND\n")
                .text();
        assertThat(InstanceEnvironment.of(encoded(userData)))
                .contains(new InstanceEnvironment(
                        "shop",
                        RegionName.DR,
                        "eu-west-1",
                        "eu-central-1",
                        3,
                        "shop-db-1.abc.eu-west-1.rds.amazonaws.com",
                        "dr.shop.example.com",
                        "primary.shop.example.com",
                        "shop-dr"));
    }

    @Test
    void whatIsNotOursIsNothing() {
        assertThat(InstanceEnvironment.of(encoded("#!/bin/sh\necho hello\n"))).isEmpty();
        assertThat(InstanceEnvironment.of("%%%")).isEmpty();
        assertThat(
                        InstanceEnvironment.of(
                                encoded(
                                        "cat > /etc/pilotlight/agent <<'PILOTLIGHT_END'\nPILOTLIGHT_DATABASE_TERM=many\nPILOTLIGHT_END\n")))
                .isEmpty();
    }
}
