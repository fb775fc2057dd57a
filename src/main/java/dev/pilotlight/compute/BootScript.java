package dev.pilotlight.compute;

import dev.pilotlight.config.Packed;
import dev.pilotlight.data.RegionDatabase;
import dev.pilotlight.network.PublicEndpoint;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What an instance runs at its first boot: it writes down where it is and what it may use, in
 * {@code /etc/pilotlight/environment}, starts the agent ({@code /opt/pilotlight/agent.py}), waits until the agent has
 * looked at the other region and lets the workload run, and then runs the workload's own script, in any language, as it
 * is. The workload is the systemd unit {@code workload.service}, which that script installs: the agent stops that unit,
 * and systemd does not start it without the agent's permit, at no boot.
 *
 * <p>Nothing in it depends on the region's role: a change of role must not replace instances that serve.
 *
 * @param region this one
 * @param databaseHost the endpoint of this region's database
 * @param databaseTerm the term in which that database joined the lineage; it changes only with the database, whose
 *     endpoint is in here as well
 * @param awsDomain the end of AWS's host names in this partition
 * @param workload a script with a {@code #!} line
 */
public record BootScript(
        Names names, RegionName region, String databaseHost, int databaseTerm, String awsDomain, String workload) {

    private static final Pattern DOCSTRING =
            Pattern.compile("^ *\"\"\".*?\"\"\"\\n", Pattern.MULTILINE | Pattern.DOTALL);
    /** What Python needs at no line's end: a word to the linter, and what a function returns. */
    private static final Pattern FOR_READERS = Pattern.compile("  # noqa: \\w+$|(?<=\\)) -> [^:]+(?=:$)");

    public String text() {
        return resource("user-data.sh")
                .replace("@ENVIRONMENT@", lines(environment()))
                .replace("@AGENT_ENVIRONMENT@", lines(agentEnvironment()))
                .replace("@BOOT@", Packed.of(boot()));
    }

    /** What is the same in both regions, and packed: EC2 takes 16 KiB of user data. */
    String boot() {
        return resource("boot.sh")
                .replace("@AGENT@", agent().stripTrailing())
                .replace("@AGENT_UNIT@", resource("pilotlight-agent.service").stripTrailing())
                .replace("@WORKLOAD_FENCE@", resource("workload-fence.conf").stripTrailing())
                // Last, so that nothing in it is taken for a place to fill.
                .replace("@WORKLOAD@", workload.stripTrailing());
    }

    /** What the workload may rely on. */
    private Map<String, String> environment() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("PILOTLIGHT_WORKLOAD", names.workload());
        variables.put("PILOTLIGHT_REGION", region.id());
        variables.put("AWS_REGION", names.regionOf(region));
        variables.put("PORT", String.valueOf(PublicEndpoint.WORKLOAD_PORT));
        variables.put("DATABASE_HOST", databaseHost);
        variables.put("DATABASE_PORT", String.valueOf(RegionDatabase.PORT));
        variables.put("DATABASE_NAME", RegionDatabase.DATABASE_NAME);
        variables.put("DATABASE_SECRET", names.databaseSecret());
        variables.put("BUCKET", names.bucket(region));
        variables.put("TABLE", names.table());
        return variables;
    }

    /** What only the agent needs beside it. */
    private Map<String, String> agentEnvironment() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("PILOTLIGHT_DATABASE_TERM", String.valueOf(databaseTerm));
        variables.put("PILOTLIGHT_OWN_HOST", names.host(region));
        variables.put("PILOTLIGHT_OTHER_HOST", names.host(region.other()));
        variables.put("PILOTLIGHT_OTHER_AWS_REGION", names.regionOf(region.other()));
        variables.put("PILOTLIGHT_GROUP", names.autoScalingGroup(region));
        variables.put("AWS_DOMAIN", awsDomain);
        variables.put("HEALTH_PATH", PublicEndpoint.HEALTH_PATH);
        return variables;
    }

    private static String lines(Map<String, String> variables) {
        return variables.entrySet().stream()
                .map(variable -> variable.getKey() + "=" + variable.getValue())
                .collect(Collectors.joining("\n"));
    }

    /**
     * The agent as an instance has it: without blank lines, docstrings, comments and types of return values, and indented by
     * one space for four, which saves 350 bytes when packed.
     */
    static String agent() {
        String code = DOCSTRING.matcher(resource("agent.py")).replaceAll("");
        return "# The agent, without its comments: see src/main/resources/user-data/agent.py\n"
                + code.lines()
                        .filter(line -> !line.isBlank() && !line.strip().startsWith("#"))
                        .map(line -> {
                            String statement =
                                    FOR_READERS.matcher(line.stripLeading()).replaceAll("");
                            return " ".repeat((line.indexOf(line.strip()) + 3) / 4) + statement;
                        })
                        .collect(Collectors.joining("\n", "", "\n"));
    }

    /** An HTTP server that answers {@code /health} with 200 and names region and instance under {@code /}. */
    public static String sampleWorkload() {
        return resource("sample-workload.sh");
    }

    private static String resource(String name) {
        try (InputStream text = BootScript.class.getResourceAsStream("/user-data/" + name)) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
