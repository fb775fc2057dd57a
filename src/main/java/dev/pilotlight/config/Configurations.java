package dev.pilotlight.config;

import java.nio.file.Path;

/** Reads and validates the configuration of an environment. */
public final class Configurations {

    private final Path folder;

    /** @param folder holds one JSON file per environment and the schema, {@code pilotlight.schema.json} */
    public Configurations(Path folder) {
        this.folder = folder;
    }

    /**
     * @param environment the name of its file without {@code .json}, such as {@code dev}
     * @throws ConfigurationException with everything that is wrong with it
     */
    public Configuration load(String environment) {
        throw new UnsupportedOperationException(folder + " " + environment);
    }
}
