package dev.pilotlight.testing;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.app.Pilotlight;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.config.RollOut;
import io.github.cdklabs.cdknag.AwsSolutionsChecks;
import io.github.cdklabs.cdknag.NIST80053R5Checks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;
import software.amazon.awscdk.Aspects;

/** An environment's three stacks, synthesized once per test run with the context of cdk.json. */
public final class SynthesizedApp {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> MESSAGES = Set.of("aws:cdk:error", "aws:cdk:warning", "aws:cdk:info");
    private static final Map<Configuration, SynthesizedApp> CACHE = new ConcurrentHashMap<>();

    private final Map<String, StackTemplate> stacks = new LinkedHashMap<>();
    private final boolean production;
    private final Path folder = temporaryFolder();

    /**
     * @param messages what the rule packs say, as "type: path: text"
     * @param dependsOn the stacks that are deployed before
     */
    public record StackTemplate(
            String name,
            String region,
            JsonNode template,
            boolean terminationProtection,
            List<String> messages,
            List<String> dependsOn) {

        public JsonNode resource(String logicalId) {
            JsonNode resource = template.path("Resources").path(logicalId);
            if (resource.isMissingNode()) {
                throw new AssertionError(name + " has no resource " + logicalId);
            }
            return resource;
        }

        /** Logical id and resource, of one type. */
        public Map<String, JsonNode> ofType(String type) {
            Map<String, JsonNode> found = new LinkedHashMap<>();
            resources().forEach((id, resource) -> {
                if (resource.path("Type").asText().equals(type)) {
                    found.put(id, resource);
                }
            });
            return found;
        }

        /** The properties of the only resource of a type. */
        public JsonNode only(String type) {
            Map<String, JsonNode> found = ofType(type);
            if (found.size() != 1) {
                throw new AssertionError(name + " has " + found.size() + " of " + type + ": " + found.keySet());
            }
            return found.values().iterator().next().path("Properties");
        }

        public Map<String, JsonNode> resources() {
            Map<String, JsonNode> all = new LinkedHashMap<>();
            template.path("Resources").properties().forEach(field -> all.put(field.getKey(), field.getValue()));
            return all;
        }
    }

    public static SynthesizedApp of(Configuration configuration) {
        return CACHE.computeIfAbsent(configuration, SynthesizedApp::new);
    }

    /** As by {@code cdk deploy -c rollout=unguarded}; not kept. */
    public static SynthesizedApp unguarded(Configuration configuration) {
        return new SynthesizedApp(configuration, RollOut.UNGUARDED);
    }

    public static SynthesizedApp dev() {
        return of(TestConfigurations.dev());
    }

    public static SynthesizedApp prod() {
        return of(TestConfigurations.prod());
    }

    private SynthesizedApp(Configuration configuration) {
        this(configuration, RollOut.GUARDED);
    }

    private SynthesizedApp(Configuration configuration, RollOut rollOut) {
        this.production = configuration.production();
        App app = new App(
                AppProps.builder().context(context()).outdir(folder.toString()).build());
        Pilotlight.build(app, configuration, rollOut);
        // The packs once more, saying which findings were acknowledged: an acknowledgement without one is idle.
        Aspects.of(app)
                .add(AwsSolutionsChecks.Builder.create()
                        .reports(false)
                        .logIgnores(true)
                        .build());
        if (configuration.production()) {
            Aspects.of(app)
                    .add(NIST80053R5Checks.Builder.create()
                            .reports(false)
                            .logIgnores(true)
                            .build());
        }
        app.synth();
        JsonNode artifacts = json(folder.resolve("manifest.json")).path("artifacts");
        artifacts.properties().forEach(artifact -> {
            JsonNode stack = artifact.getValue();
            if (stack.path("type").asText().equals("aws:cloudformation:stack")) {
                stacks.put(artifact.getKey(), read(artifact.getKey(), stack));
            }
        });
    }

    public boolean production() {
        return production;
    }

    /** The cloud assembly. */
    public Path folder() {
        return folder;
    }

    public StackTemplate foundation() {
        return stack("DrFoundationStack");
    }

    public StackTemplate primary() {
        return stack("PrimaryStack");
    }

    public StackTemplate dr() {
        return stack("DrStack");
    }

    public StackTemplate stack(String name) {
        return stacks.get(name);
    }

    public List<StackTemplate> stacks() {
        return List.copyOf(stacks.values());
    }

    public Stream<Map.Entry<String, JsonNode>> resources() {
        return stacks.values().stream().flatMap(stack -> stack.resources().entrySet().stream());
    }

    private StackTemplate read(String name, JsonNode artifact) {
        JsonNode properties = artifact.path("properties");
        List<String> messages = new ArrayList<>();
        json(folder.resolve(artifact.path("additionalMetadataFile").asText()))
                .properties()
                .forEach(entry -> entry.getValue().forEach(metadata -> {
                    String type = metadata.path("type").asText();
                    if (MESSAGES.contains(type)) {
                        messages.add(type + ": " + entry.getKey() + ": "
                                + metadata.path("data").asText());
                    }
                }));
        List<String> dependsOn = new ArrayList<>();
        artifact.path("dependencies").forEach(dependency -> {
            if (dependency.asText().endsWith("Stack")) {
                dependsOn.add(dependency.asText());
            }
        });
        return new StackTemplate(
                name,
                artifact.path("environment").asText().replaceFirst(".*/", ""),
                json(folder.resolve(properties.path("templateFile").asText())),
                properties.path("terminationProtection").asBoolean(),
                List.copyOf(messages),
                List.copyOf(dependsOn));
    }

    /** JUnit does not read cdk.json: without its flags the tests would see other templates than `cdk synth`. */
    private static Map<String, Object> context() {
        Map<String, Object> context =
                JSON.convertValue(json(Path.of("cdk.json")).path("context"), new TypeReference<>() {});
        // As the command line does.
        context.put("aws:cdk:enable-path-metadata", true);
        return context;
    }

    private static JsonNode json(Path file) {
        try {
            return JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path temporaryFolder() {
        try {
            return Files.createTempDirectory("pilotlight-synth");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
