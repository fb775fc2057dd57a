package dev.pilotlight.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.pilotlight.config.ConfigurationException.Problem;
import dev.pilotlight.config.JsonFile.UnusableFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The README's table of every key, from the schema: meaning, allowed values, default in either profile. */
public final class ConfigurationTable {

    private static final String NONE = "–";

    private final StringBuilder rows = new StringBuilder();

    private ConfigurationTable() {}

    /**
     * The table, in Markdown, with a line end after each row.
     *
     * @param schema the schema's file
     * @throws ConfigurationException if the schema cannot be read
     */
    public static String markdown(Path schema) {
        try {
            JsonNode root = JsonFile.read(schema);
            ConfigurationTable table = new ConfigurationTable();
            table.row("Key", "Meaning", "Allowed", "Default (economy)", "Default (production)");
            table.rows.append("|---|---|---|---|---|\n");
            table.keys("", root, root.path("then"));
            return table.rows.toString();
        } catch (UnusableFileException e) {
            throw new ConfigurationException(List.of(new Problem(schema.toString(), "", e.getMessage())));
        }
    }

    private void keys(String parent, JsonNode schema, JsonNode production) {
        List<String> required = new ArrayList<>();
        schema.path("required").forEach(name -> required.add(name.textValue()));
        for (Map.Entry<String, JsonNode> entry : schema.path("properties").properties()) {
            JsonNode property = entry.getValue();
            JsonNode change = production.path("properties").path(entry.getKey());
            String key = ConfigurationSchema.child(parent, entry.getKey());
            if (property.has("properties")) {
                // The keys within say more than the object; that it may be left out, only its own row can say.
                if (!required.contains(entry.getKey()) && !property.has("default")) {
                    row(code(key), text(property), "object", "none", "none");
                }
                keys(key, property, change);
            } else if (!key.startsWith("$")) {
                String preset = required.contains(entry.getKey()) ? "**required**" : value(property, "none");
                // Which profile it is decides about the columns, so in the other one it has no default.
                String inProduction = key.equals("profile") ? NONE : value(change, preset);
                row(code(key), text(property), allowed(property, change), preset, inProduction);
            }
        }
    }

    private void row(String... cells) {
        rows.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }

    private static String text(JsonNode property) {
        return property.path("description").asText().replace("|", "\\|").replace("<", "\\<");
    }

    private static String allowed(JsonNode property, JsonNode production) {
        String always = allowed(property);
        JsonNode limits = production.has("minimum") || production.has("enum") ? production : MissingNode.getInstance();
        if (limits.isMissingNode()) {
            return always;
        }
        return always + " (production: "
                + (limits.has("enum") ? choices(limits.get("enum")) : "at least " + limits.get("minimum")) + ")";
    }

    private static String allowed(JsonNode property) {
        if (property.has("x-expects")) {
            return property.get("x-expects").textValue();
        }
        if (property.has("enum")) {
            return choices(property.get("enum"));
        }
        if (property.has("minimum")) {
            return property.get("minimum") + NONE + property.get("maximum");
        }
        return property.path("type").asText().equals("boolean") ? "`true`, `false`" : "string";
    }

    private static String choices(JsonNode values) {
        List<String> choices = new ArrayList<>();
        values.forEach(value -> choices.add(code(value.isTextual() ? value.textValue() : value.toString())));
        return choices.stream().collect(Collectors.joining(", "));
    }

    private static String value(JsonNode property, String otherwise) {
        if (property.has("x-default")) {
            // What is computed from another key, in words.
            return property.get("x-default").textValue();
        }
        return property.has("default") ? code(property.get("default").toString().replace(",", ", ")) : otherwise;
    }

    private static String code(String text) {
        return "`" + text + "`";
    }
}
