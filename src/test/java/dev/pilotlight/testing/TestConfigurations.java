package dev.pilotlight.testing;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.config.Configurations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The environments that the project ships, as they are or with some keys changed. */
public final class TestConfigurations {

    public static final Path FOLDER = Path.of("config");
    private static final ObjectMapper JSON = new ObjectMapper();

    private TestConfigurations() {}

    /** The economy profile. */
    public static Configuration dev() {
        return new Configurations(FOLDER).load("dev");
    }

    /** The production profile. */
    public static Configuration prod() {
        return new Configurations(FOLDER).load("prod");
    }

    /** An environment with these keys instead of its own, such as {@code {"databaseLineage": ["primary", "dr", "dr"]}}. */
    public static Configuration with(String environment, String changes) {
        return new Configurations(folderWith(environment, changes)).load(environment);
    }

    /** A folder like {@code config/} that holds the changed environment alone. */
    public static Path folderWith(String environment, String changes) {
        try {
            Path folder = Files.createTempDirectory("pilotlight-config");
            String file = environment + ".json";
            ObjectNode changed = (ObjectNode) JSON.readTree(FOLDER.resolve(file).toFile());
            changed.setAll((ObjectNode) JSON.readTree(changes.replace('\'', '"')));
            JSON.writeValue(folder.resolve(file).toFile(), changed);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
