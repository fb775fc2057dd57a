package dev.pilotlight.cli;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where things are in a clone of this repository.
 *
 * @param home its top folder
 */
public record Project(Path home) {

    /** The clone that {@code ./pilot} belongs to; it says so in the property {@code pilotlight.home}. */
    public static Project current() {
        Path home = Path.of(System.getProperty("pilotlight.home", ""))
                .toAbsolutePath()
                .normalize();
        if (!Files.isRegularFile(home.resolve("cdk.json"))) {
            throw new Failure("%s is not a clone of Pilotlight: it has no cdk.json; run its ./pilot".formatted(home));
        }
        return new Project(home);
    }

    /** One JSON file per environment. */
    public Path configurations() {
        return home.resolve("config");
    }

    /** The Python package that extends moto. */
    public Path emulatorSources() {
        return home.resolve("local");
    }

    public Path python() {
        return home.resolve(".venv/bin/python");
    }

    /** The CDK CLI and the Node.js that package.json pins. */
    public Path nodeTools() {
        return home.resolve("node_modules/.bin");
    }
}
