package dev.pilotlight.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A stack of a cloud assembly.
 *
 * @param stack the stack's name
 * @param region where it belongs
 * @param body the template
 */
public record Template(String stack, String region, JsonNode body) {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** The stacks of an assembly, as {@code cdk synth} wrote it. */
    public static List<Template> ofAssembly(Path assembly) {
        try {
            JsonNode manifest = JSON.readTree(assembly.resolve("manifest.json").toFile());
            List<Template> templates = new ArrayList<>();
            for (JsonNode artifact : manifest.path("artifacts")) {
                if (artifact.path("type").asText().equals("aws:cloudformation:stack")) {
                    // aws://ACCOUNT/REGION
                    String environment = artifact.path("environment").asText();
                    JsonNode properties = artifact.path("properties");
                    Path file = assembly.resolve(properties.path("templateFile").asText());
                    templates.add(new Template(
                            properties
                                    .path("stackName")
                                    .asText(file.getFileName().toString().replace(".template.json", "")),
                            environment.substring(environment.lastIndexOf('/') + 1),
                            JSON.readTree(file.toFile())));
                }
            }
            return templates;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
