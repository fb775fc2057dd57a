package dev.pilotlight.cli.drill;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.operate.LineageFile;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.config.Configurations;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.RegionName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * The environment's configuration in a folder of the drill's own, where it is changed as a person would change the real
 * one. It begins as founded, whatever has become of the real lineage: that is what an empty emulator can hold.
 */
final class ConfigurationCopy {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SCRIPT = "released-by-the-drill.sh";

    private final Path folder;
    private final String environment;
    private final Path file;

    private ConfigurationCopy(Path folder, String environment) {
        this.folder = folder;
        this.environment = environment;
        this.file = folder.resolve(environment + ".json");
    }

    static ConfigurationCopy of(Path source, String environment, Path folder) {
        Configuration original = new Configurations(source).load(environment);
        try {
            Files.createDirectories(folder);
            ConfigurationCopy copy = new ConfigurationCopy(folder, environment);
            Files.copy(source.resolve(environment + ".json"), copy.file, StandardCopyOption.REPLACE_EXISTING);
            Optional<String> script = original.compute().userData();
            if (script.isPresent()) {
                // Its path is relative to the file.
                String name = copy.tree().path("compute").path("userData").asText();
                Path target = folder.resolve(name);
                Files.createDirectories(target.getParent());
                Files.copy(source.resolve(name), target, StandardCopyOption.REPLACE_EXISTING);
            }
            ObjectNode tree = copy.tree();
            tree.remove("databaseLineage");
            tree.remove("$schema");
            copy.write(tree);
            return copy;
        } catch (IOException e) {
            throw new Failure("%s cannot be written: %s".formatted(folder, e.getMessage()));
        }
    }

    Path folder() {
        return folder;
    }

    Configuration load() {
        return new Configurations(folder).load(environment);
    }

    /** What a person does after a failover, first of all. */
    void append(DatabaseLineage before, RegionName lostLeadership) {
        new LineageFile(folder, environment).append(before, lostLeadership);
    }

    /** A new version of the workload: its script in user data is another, and with it the launch template. */
    void release(String version) {
        try {
            ObjectNode tree = tree();
            ObjectNode compute = tree.withObject("/compute");
            String script = load().compute().userData().orElseGet(ConfigurationCopy::sample);
            Files.writeString(
                    folder.resolve(SCRIPT),
                    script.stripTrailing() + "\necho 'Released by the drill: " + version + "'\n");
            compute.put("userData", SCRIPT);
            write(tree);
        } catch (IOException e) {
            throw new Failure("%s cannot be changed: %s".formatted(file, e.getMessage()));
        }
    }

    private static String sample() {
        try (InputStream script = ConfigurationCopy.class.getResourceAsStream("/user-data/sample-workload.sh")) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private ObjectNode tree() throws IOException {
        return (ObjectNode) JSON.readTree(file.toFile());
    }

    private void write(ObjectNode tree) throws IOException {
        JSON.writerWithDefaultPrettyPrinter().writeValue(file.toFile(), tree);
    }
}
