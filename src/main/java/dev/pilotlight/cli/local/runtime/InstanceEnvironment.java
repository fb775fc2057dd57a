package dev.pilotlight.cli.local.runtime;

import dev.pilotlight.topology.RegionName;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an instance's agent is told, read from its user data as the instance would get it: the two files under
 * {@code /etc/pilotlight} that {@link dev.pilotlight.compute.BootScript} writes.
 */
record InstanceEnvironment(
        String workload,
        RegionName region,
        String awsRegion,
        String otherAwsRegion,
        int databaseTerm,
        String databaseHost,
        String ownHost,
        String otherHost,
        String group) {

    private static final Pattern FILE =
            Pattern.compile("^cat > /etc/pilotlight/\\w+ <<'(\\w+)'\\n(.*?)^\\1$", Pattern.MULTILINE | Pattern.DOTALL);

    /**
     * Reads user data.
     *
     * @param userData in base64, as EC2 gives it
     * @return nothing if it is not ours
     */
    static Optional<InstanceEnvironment> of(String userData) {
        Map<String, String> variables = new LinkedHashMap<>();
        String script;
        try {
            script = new String(Base64.getMimeDecoder().decode(userData), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
        Matcher file = FILE.matcher(script);
        while (file.find()) {
            file.group(2).lines().forEach(line -> {
                int sign = line.indexOf('=');
                if (sign > 0) {
                    variables.put(line.substring(0, sign), line.substring(sign + 1));
                }
            });
        }
        try {
            return Optional.of(new InstanceEnvironment(
                    get(variables, "PILOTLIGHT_WORKLOAD"),
                    RegionName.valueOf(get(variables, "PILOTLIGHT_REGION").toUpperCase(Locale.ROOT)),
                    get(variables, "AWS_REGION"),
                    get(variables, "PILOTLIGHT_OTHER_AWS_REGION"),
                    Integer.parseInt(get(variables, "PILOTLIGHT_DATABASE_TERM")),
                    get(variables, "DATABASE_HOST"),
                    get(variables, "PILOTLIGHT_OWN_HOST"),
                    get(variables, "PILOTLIGHT_OTHER_HOST"),
                    get(variables, "PILOTLIGHT_GROUP")));
        } catch (IllegalArgumentException notOurs) {
            return Optional.empty();
        }
    }

    private static String get(Map<String, String> variables, String name) {
        String value = variables.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name);
        }
        return value;
    }
}
