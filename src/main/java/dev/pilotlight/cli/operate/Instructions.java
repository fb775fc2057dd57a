package dev.pilotlight.cli.operate;

import dev.pilotlight.config.RollOut;
import dev.pilotlight.topology.RegionName;
import java.nio.file.Path;

/**
 * The commands that people are told to run, with the options that this environment takes.
 *
 * @param folder of the configuration file
 * @param usualFolder whether that is {@code config/} of this clone, which no option needs to name
 */
public record Instructions(String environment, Path folder, boolean usualFolder, boolean emulated) {

    private static final String DEFAULT_ENVIRONMENT = "dev";
    private static final String DEFAULT_FOLDER = "config";

    /** The stack by which {@code cdk deploy} knows a region. */
    public static String stack(RegionName region) {
        return region == RegionName.PRIMARY ? "PrimaryStack" : "DrStack";
    }

    /** One region alone, while the other is down. */
    public String deployAlone(RegionName region) {
        return "npx cdk deploy %s --exclusively%s".formatted(stack(region), context());
    }

    /**
     * The repair of a region's instances, which a ringing alarm would refuse. Without a rollback, whose own refresh would be
     * guarded again, and refused.
     */
    public String deployUnguarded(RegionName region) {
        return emulated
                // A deploy that was refused is founded anew there, at the next one.
                ? pilot("local")
                : "npx cdk deploy %s --exclusively --no-rollback%s %s"
                        .formatted(stack(region), context(), RollOut.UNGUARDED_OPTION);
    }

    public String deployBoth() {
        return emulated ? pilot("local") : "npx cdk deploy PrimaryStack DrStack" + context();
    }

    public String diff() {
        return "npx cdk diff PrimaryStack DrStack" + context();
    }

    /** One of ours, such as {@code status}. */
    public String pilot(String command) {
        return "./pilot " + command
                + (emulated && !command.equals("local") ? " --local" : "")
                + (environment.equals(DEFAULT_ENVIRONMENT) ? "" : " --env " + environment)
                + (usualFolder ? "" : " --config " + folder);
    }

    /** The file as a person at the project's root would write it. */
    public String file() {
        return (usualFolder ? Path.of(DEFAULT_FOLDER) : folder)
                .resolve(environment + ".json")
                .toString();
    }

    private String context() {
        return (environment.equals(DEFAULT_ENVIRONMENT) ? "" : " -c env=" + environment)
                + (usualFolder ? "" : " -c config=" + folder);
    }
}
