package dev.pilotlight.proofs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Which property replaces its resource when it changes. Two sources, both pinned by this project's lock files, and the
 * stricter of the two counts:
 *
 * <ul>
 *   <li>CloudFormation's own resource schemas ({@code createOnlyProperties}, {@code conditionalCreateOnlyProperties}), as
 *       cfn-lint carries them (local/requirements.txt),
 *   <li>the database of the CDK CLI (package.json), from which its {@code cdk diff} says "may be replaced": schemas and the
 *       "Update requires" of the documentation.
 * </ul>
 *
 * They differ: the schema of a database does not have {@code StorageType}, the other one lacks the group's
 * {@code LaunchTemplate}.
 */
final class ResourceSchemas {

    enum Replacement {
        NO,
        /** Depends on the old and the new value; {@link HandlerRules} knows some of them, the rest counts as replaced. */
        CONDITIONAL,
        YES;

        Replacement or(Replacement other) {
            return compareTo(other) >= 0 ? this : other;
        }
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Map<String, ResourceSchemas> REGIONS = new HashMap<>();
    private static final CdkDatabase CDK = new CdkDatabase();

    private final JsonNode files;
    private final Path folder;
    private final Map<String, JsonNode> loaded = new HashMap<>();

    private ResourceSchemas(String region) {
        Path schemas = cfnLint();
        this.folder = schemas.resolve("resources");
        this.files = json(schemas.resolve("providers").resolve(region + ".json"));
    }

    static synchronized ResourceSchemas of(String region) {
        return REGIONS.computeIfAbsent(region, ResourceSchemas::new);
    }

    /**
     * @param path of a property that changes, its names and indices below {@code Properties}
     * @throws IllegalArgumentException if the type or the property is unknown: what nobody knows proves nothing
     */
    Replacement replacement(String type, List<String> path) {
        JsonNode schema = schema(type);
        if (!schema.path("properties").has(path.get(0))) {
            throw new IllegalArgumentException("the resource schema of " + type + " does not know " + path.get(0));
        }
        Replacement strictest = CDK.replacement(type, path);
        if (reaches(schema.path("createOnlyProperties"), path)) {
            strictest = strictest.or(Replacement.YES);
        }
        if (reaches(schema.path("conditionalCreateOnlyProperties"), path)) {
            strictest = strictest.or(Replacement.CONDITIONAL);
        }
        return strictest;
    }

    /** Every property of a type that may replace it: for tests that the sources say what we think they say. */
    Set<String> replacing(String type) {
        Set<String> all = new TreeSet<>(CDK.replacing(type));
        for (String key : List.of("createOnlyProperties", "conditionalCreateOnlyProperties")) {
            schema(type).path(key).forEach(pointer -> all.add(pointer.asText().replaceFirst("^/properties/", "")));
        }
        return all;
    }

    /** Whether an attribute stays what it is as long as the resource is not replaced: identifiers, names and ARNs do. */
    boolean isFixed(String type, String attribute) {
        for (JsonNode pointer : schema(type).path("primaryIdentifier")) {
            if (pointer.asText().equals("/properties/" + attribute)) {
                return true;
            }
        }
        return attribute.matches(".*(Arn|ARN|Id|ID|Name)");
    }

    private JsonNode schema(String type) {
        return loaded.computeIfAbsent(type, missing -> {
            if (!files.has(missing)) {
                throw new IllegalArgumentException("no resource schema for " + missing);
            }
            return json(folder.resolve(files.path(missing).asText() + ".json"));
        });
    }

    /** Whether one of the pointers is at, above or below the path. */
    private static boolean reaches(JsonNode pointers, List<String> path) {
        for (JsonNode pointer : pointers) {
            List<String> names =
                    List.of(pointer.asText().replaceFirst("^/properties/", "").split("/"));
            boolean same = true;
            for (int i = 0; i < Math.min(names.size(), path.size()); i++) {
                same &= names.get(i).equals("*") || names.get(i).equals(path.get(i));
            }
            if (same) {
                return true;
            }
        }
        return false;
    }

    private static Path cfnLint() {
        try (Stream<Path> found = Files.find(
                // In a worktree of git's it may be a link.
                Path.of(".venv").toRealPath(),
                8,
                (path, attributes) ->
                        path.endsWith(Path.of("cfnlint", "data", "schemas")) && attributes.isDirectory())) {
            return found.findFirst()
                    .orElseThrow(() -> new IllegalStateException("cfn-lint is not installed: run tools/prepare"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode json(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The file {@code db.json.gz} of the npm package aws-cdk: the data of @aws-cdk/aws-service-spec. */
    private static final class CdkDatabase {

        private final Map<String, JsonNode> resources = new HashMap<>();
        private final Map<String, JsonNode> types = new HashMap<>();

        CdkDatabase() {
            try (InputStream file = new GZIPInputStream(
                    Files.newInputStream(Path.of("node_modules", "aws-cdk", "db.json.gz")), 1 << 16)) {
                JsonNode schema = JSON.readTree(file).path("schema");
                schema.at("/resource/entities")
                        .forEach(resource -> resources.put(
                                resource.path("cloudFormationType").asText(), resource.path("properties")));
                schema.at("/typeDefinition/entities")
                        .forEach(type -> types.put(type.path("$id").asText(), type.path("properties")));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Replacement replacement(String resource, List<String> path) {
            JsonNode properties = resources.get(resource);
            if (properties == null) {
                throw new IllegalArgumentException("the CDK CLI's database does not know " + resource);
            }
            Replacement strictest = Replacement.NO;
            for (String name : path) {
                JsonNode property = properties.path(name);
                if (property.isMissingNode()) {
                    // An index of a list, or the free key of a map: the properties are those of its elements.
                    continue;
                }
                strictest = strictest.or(replacement(property));
                properties = properties(property.path("type"));
            }
            return strictest;
        }

        List<String> replacing(String resource) {
            List<String> found = new ArrayList<>();
            resources.get(resource).properties().forEach(property -> {
                if (replacement(property.getValue()) != Replacement.NO) {
                    found.add(property.getKey());
                }
            });
            return found;
        }

        private static Replacement replacement(JsonNode property) {
            return switch (property.path("causesReplacement").asText("no")) {
                case "no" -> Replacement.NO;
                case "maybe" -> Replacement.CONDITIONAL;
                default -> Replacement.YES;
            };
        }

        private JsonNode properties(JsonNode type) {
            if (type.has("reference")) {
                return types.getOrDefault(type.at("/reference/$ref").asText(), JSON.missingNode());
            }
            return type.has("element") ? properties(type.path("element")) : JSON.missingNode();
        }
    }
}
