package dev.pilotlight.compute;

import dev.pilotlight.data.RegionDatabase;
import dev.pilotlight.network.PublicEndpoint;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * What an instance runs at its first boot: it writes down where it is and what it may use, in
 * {@code /etc/pilotlight/environment}, and then runs the workload's own script, in any language, as it is.
 *
 * <p>Nothing in it depends on the region's role: a change of role must not replace instances that serve.
 *
 * @param databaseHost the endpoint of this region's database
 * @param workload a script with a {@code #!} line
 */
public record BootScript(Names names, RegionName region, String databaseHost, String workload) {

    private static final String END_OF_WORKLOAD = "PILOTLIGHT_END_OF_WORKLOAD";

    public String text() {
        return """
                #!/bin/bash
                set -euo pipefail
                install -d -m 755 /etc/pilotlight /opt/pilotlight
                cat > /etc/pilotlight/environment <<'PILOTLIGHT_END_OF_ENVIRONMENT'
                PILOTLIGHT_WORKLOAD=%s
                PILOTLIGHT_REGION=%s
                AWS_REGION=%s
                PORT=%d
                DATABASE_HOST=%s
                DATABASE_PORT=%d
                DATABASE_NAME=%s
                DATABASE_SECRET=%s
                BUCKET=%s
                TABLE=%s
                PILOTLIGHT_END_OF_ENVIRONMENT
                cat > /opt/pilotlight/workload <<'%s'
                %s
                %s
                chmod 755 /opt/pilotlight/workload
                exec /opt/pilotlight/workload
                """.formatted(
                        names.workload(),
                        region.id(),
                        names.regionOf(region),
                        PublicEndpoint.WORKLOAD_PORT,
                        databaseHost,
                        RegionDatabase.PORT,
                        RegionDatabase.DATABASE_NAME,
                        names.databaseSecret(),
                        names.bucket(region),
                        names.table(),
                        END_OF_WORKLOAD,
                        workload.stripTrailing(),
                        END_OF_WORKLOAD);
    }

    /** An HTTP server that answers {@code /health} with 200 and names region and instance under {@code /}. */
    public static String sampleWorkload() {
        try (InputStream script = BootScript.class.getResourceAsStream("/user-data/sample-workload.sh")) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
