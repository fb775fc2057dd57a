package dev.pilotlight.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.Random;

/** A folder {@code config} with the real schema, some scripts, and whatever environments a test writes into it. */
final class ConfigurationFolder {

    static final Path SCHEMA = Path.of("config", ConfigurationSchema.FILE);

    private static final ObjectMapper MAPPER = new ObjectMapper();
    private static final Clock NOW = Clock.fixed(Instant.parse("2026-11-22T12:00:00Z"), ZoneOffset.UTC);

    private static final String GOOD = """
            {
              "$schema": "./pilotlight.schema.json",
              "name": "shop",
              "account": "111122223333",
              "primary": { "region": "eu-central-1", "cidr": "10.0.0.0/16" },
              "dr": { "region": "eu-west-1", "cidr": "10.1.0.0/16" },
              "databaseLineage": ["primary", "dr"],
              "dns": {
                "hostedZoneId": "Z0123456789ABCDEFGHIJ",
                "zoneName": "example.com",
                "recordName": "app.example.com"
              }
            }
            """;

    private final Path folder;

    ConfigurationFolder(Path parent) throws IOException {
        folder = Files.createDirectories(parent.resolve("config"));
        Files.copy(SCHEMA, folder.resolve(ConfigurationSchema.FILE));
        Files.createDirectory(folder.resolve("folder"));
        script("good.sh", "#!/bin/bash\nsystemctl enable --now workload.service\n");
        script("no-unit.sh", "#!/bin/bash\necho hello\n");
        script("no-shell.sh", "echo hello\n");
        script("windows.sh", "#!/bin/bash\r\necho hello\r\n");
        // Letters that do not compress, the same in every run.
        StringBuilder noise = new StringBuilder("#!/bin/bash\n# workload.service\n");
        new Random(1).ints(UserData.MAX_PACKED_BYTES, '!', '~').forEach(letter -> noise.append((char) letter));
        script("long.sh", noise.toString());
        Files.write(folder.resolve("binary.sh"), new byte[] {0x7f, 'E', 'L', 'F', (byte) 0xff, (byte) 0xfe});
        Files.writeString(parent.resolve("outside.sh"), "#!/bin/bash\n");
        Files.createSymbolicLink(folder.resolve("link.sh"), Path.of("..", "outside.sh"));
    }

    Path path() {
        return folder;
    }

    /** Loads the good configuration, changed by a merge patch. */
    Configuration load(String mergePatch) {
        try {
            JsonNode changed = merge(MAPPER.readTree(GOOD), MAPPER.readTree(mergePatch));
            return loadText(changed.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Configuration loadText(String text) {
        script("test.json", text);
        return load();
    }

    /** Loads {@code test.json} as a test has made it. */
    Configuration load() {
        return configurations().load("test");
    }

    Configurations configurations() {
        return new Configurations(folder, NOW);
    }

    private void script(String name, String text) {
        try {
            Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** RFC 7386. */
    private static JsonNode merge(JsonNode target, JsonNode patch) {
        if (!(patch instanceof ObjectNode changes)) {
            return patch;
        }
        ObjectNode merged = target instanceof ObjectNode object ? object : MAPPER.createObjectNode();
        for (Map.Entry<String, JsonNode> change : changes.properties()) {
            if (change.getValue().isNull()) {
                merged.remove(change.getKey());
            } else {
                merged.set(change.getKey(), merge(merged.path(change.getKey()), change.getValue()));
            }
        }
        return merged;
    }
}
