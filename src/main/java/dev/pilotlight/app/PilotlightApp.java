package dev.pilotlight.app;

import dev.pilotlight.config.Configuration;
import dev.pilotlight.config.ConfigurationException;
import dev.pilotlight.config.Configurations;
import dev.pilotlight.config.RollOut;
import java.nio.file.Path;
import java.util.Locale;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;

/**
 * What cdk.json runs. Context: {@code env} names the environment (default {@code dev}), {@code config} the folder of its
 * configuration file (default {@code config}), {@code rollout} how instances are replaced ({@link RollOut}).
 */
public final class PilotlightApp {

    private static final String CONFIG_FOLDER = "config";

    private PilotlightApp() {}

    public static void main(String[] args) {
        // Half a second of class loading that has nothing to wait for, beside jsii's start.
        Thread warmUp = new Thread(new Configurations(Path.of(CONFIG_FOLDER))::warmUp);
        warmUp.setDaemon(true);
        warmUp.start();
        // Creation stacks end in jsii and never name our code; neither they nor the tree are worth their time.
        App app = new App(AppProps.builder()
                .stackTraces(false)
                .treeMetadata(false)
                .analyticsReporting(false)
                .build());
        Configuration configuration;
        RollOut rollOut;
        try {
            rollOut = RollOut.of(app.getNode().tryGetContext(RollOut.CONTEXT));
            configuration =
                    new Configurations(Path.of(context(app, "config", CONFIG_FOLDER))).load(context(app, "env", "dev"));
        } catch (ConfigurationException e) {
            // Nothing was synthesized, so nothing is written to the output folder.
            System.err.println(e.getMessage());
            System.exit(1);
            return;
        }
        // A misspelt context key means the default environment: say which one it is.
        System.err.printf(
                "Environment %s: %s, %s%n",
                configuration.environment(),
                configuration.name(),
                configuration.profile().name().toLowerCase(Locale.ROOT));
        if (rollOut == RollOut.UNGUARDED) {
            System.err.println("Roll-out: unguarded. No alarm stops the replacement of instances in this deploy.");
        }
        if (configuration.compute().amis().isEmpty()) {
            // No annotation, which `cdk synth --strict` would take for an error.
            System.err.printf(
                    "Warning: compute.ami names no images, so every deploy, one that records a failover too, replaces the instances"
                            + " when there is a newer Amazon Linux; `./pilot image --env %s` writes the newest there is.%n",
                    configuration.environment());
        }
        Pilotlight.build(app, configuration, rollOut);
        app.synth();
    }

    private static String context(App app, String key, String otherwise) {
        Object value = app.getNode().tryGetContext(key);
        return value == null ? otherwise : value.toString();
    }
}
