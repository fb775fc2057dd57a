package dev.pilotlight.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.dialect.Dialect;
import com.networknt.schema.dialect.Dialects;
import com.networknt.schema.keyword.NonValidationKeyword;
import com.networknt.schema.path.NodePath;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * {@code pilotlight.schema.json}: validates a document, fills in its defaults, and knows the order and the meaning of
 * its keys. Defaults stand beside each key; those that differ in production stand in the schema's {@code then}.
 * Three keywords of our own are for the messages and the README: {@code x-expects} says in words what a pattern allows,
 * {@code x-why} why a range is what it is, {@code x-default} a default that is computed from another key.
 */
final class ConfigurationSchema {

    static final String FILE = "pilotlight.schema.json";

    private final ObjectNode node;
    private final Schema schema;

    private ConfigurationSchema(ObjectNode node) {
        this.node = node;
        Dialect dialect = Dialect.builder(Dialects.getDraft202012())
                .keyword(new NonValidationKeyword("x-expects"))
                .keyword(new NonValidationKeyword("x-default"))
                .keyword(new NonValidationKeyword("x-why"))
                .build();
        this.schema = SchemaRegistry.withDialect(dialect).getSchema(node);
    }

    static ConfigurationSchema read(Path folder) throws JsonFile.UnusableFileException {
        // A folder of one's own, for -c config= or --config, need not hold a copy.
        Path own = folder.resolve(FILE);
        Path shipped = Path.of(System.getProperty("pilotlight.home", "."), "config", FILE);
        return new ConfigurationSchema(JsonFile.read(Files.exists(own) || !Files.exists(shipped) ? own : shipped));
    }

    ObjectNode node() {
        return node;
    }

    /** What the schema itself can tell, but for the entries of the lineage, of which {@link LineageReader} says more. */
    void validate(ObjectNode document, Problems problems) {
        boolean production = production(document);
        Set<String> seen = new LinkedHashSet<>();
        for (Error error : schema.validate(document)) {
            NodePath path = error.getInstanceLocation();
            String key = key(path);
            // Where the lineage is a list at all, LineageReader says more of it.
            if (key.startsWith("databaseLineage[")
                    || (key.equals("databaseLineage") && error.getInstanceNode().isArray())) {
                continue;
            }
            switch (error.getKeyword()) {
                case "required" -> {
                    String missing = child(key, error.getProperty());
                    problems.add(missing, "is missing; add " + expected(property(missing, production)));
                }
                case "additionalProperties" ->
                    problems.add(child(key, error.getProperty()), unknown(key, error.getProperty()));
                default -> {
                    // Of several objections to one value, one sentence that holds all its limits is enough.
                    if (seen.add(key)) {
                        problems.add(key, misfit(key, error.getInstanceNode(), property(key, production)));
                    }
                }
            }
        }
    }

    /** Adds each default that the document lacks: its profile's, if that has one of its own. */
    ObjectNode withDefaults(ObjectNode document) {
        ObjectNode filled = document.deepCopy();
        fill(filled, node, production(document) ? node.path("then") : MissingNode.getInstance());
        return filled;
    }

    private static void fill(ObjectNode target, JsonNode schema, JsonNode changes) {
        for (Map.Entry<String, JsonNode> entry : schema.path("properties").properties()) {
            String name = entry.getKey();
            JsonNode property = entry.getValue();
            JsonNode change = changes.path("properties").path(name);
            JsonNode preset = change.has("default") ? change.get("default") : property.path("default");
            if (!target.has(name) && !preset.isMissingNode()) {
                target.set(name, preset.deepCopy());
            }
            if (target.get(name) instanceof ObjectNode child) {
                fill(child, property, change);
            }
        }
    }

    private static boolean production(ObjectNode document) {
        return document.path("profile").asText().equals("production");
    }

    /** The schema of a key, with what its profile changes. */
    ObjectNode property(String key, boolean production) {
        ObjectNode merged = descend(node, key).deepCopy();
        if (production) {
            merged.setAll(descend(node.path("then"), key));
        }
        return merged;
    }

    private static ObjectNode descend(JsonNode schema, String key) {
        JsonNode found = schema;
        for (String name : key.split("\\.", -1)) {
            int index = name.indexOf('[');
            found = found.path("properties").path(index < 0 ? name : name.substring(0, index));
            found = index < 0 ? found : found.path("items");
        }
        return found instanceof ObjectNode object ? object : JsonNodeFactory.instance.objectNode();
    }

    List<String> keysOf(String parent) {
        JsonNode schemaOfParent = parent.isEmpty() ? node : descend(node, parent);
        List<String> names = new ArrayList<>();
        schemaOfParent.path("properties").fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** As the keys stand in the schema; unknown ones after them, and what concerns the whole file first. */
    Comparator<String> orderOfKeys() {
        return Comparator.comparing(this::position).thenComparing(Comparator.naturalOrder());
    }

    private String position(String key) {
        StringBuilder position = new StringBuilder();
        String parent = "";
        for (String part : key.isEmpty() ? new String[0] : key.split("[.\\[\\]]+")) {
            int index = part.matches("[0-9]{1,6}")
                    ? Integer.parseInt(part)
                    : keysOf(parent).indexOf(part);
            position.append("%06d.".formatted(index < 0 ? 999_999 : index));
            parent = child(parent, part);
        }
        return position.toString();
    }

    // --- sentences

    private String unknown(String parent, String name) {
        List<String> known = keysOf(parent);
        String elsewhere = elsewhere(name);
        if (elsewhere != null) {
            return "is not a key here; did you mean " + Values.quote(elsewhere) + "?";
        }
        String guess = Values.didYouMean(name, known);
        return "is not a known key" + (guess.isEmpty() ? "; the keys here are " + Values.list(known) : guess);
    }

    /** Where a name is a key, if it is one in another place. */
    private String elsewhere(String name) {
        for (String parent : keysOf("")) {
            if (parent.equals(name)) {
                return name;
            }
            if (keysOf(parent).contains(name)) {
                return child(parent, name);
            }
        }
        return null;
    }

    private String misfit(String key, JsonNode value, ObjectNode property) {
        String type = property.path("type").asText();
        String why = property.has("x-why") ? ": " + property.get("x-why").textValue() : "";
        if (value.isNull()) {
            return "is null; " + (required(key) ? "" : "leave the key out or ") + "write " + expected(property);
        }
        if (value.isTextual() && property.has("enum") && type.isEmpty()) {
            return Values.quote(value) + " is not " + expected(property) + "; write one of them";
        }
        if (value.isTextual() && (type.equals("integer") || type.equals("boolean"))) {
            return Values.quote(value) + " is a string; write " + expected(property) + " without quotes";
        }
        if (value.isNumber() && type.equals("integer")) {
            String objection = isWhole(value) ? "out of range" : "not a whole number";
            return value + " is " + objection + "; write " + expected(property) + why;
        }
        if (value.isNumber() || (value.isTextual() && !type.equals("string"))) {
            return Values.quote(value) + " is " + Values.describe(value) + "; write " + expected(property);
        }
        return Values.quote(value) + " is not valid; write " + expected(property) + why;
    }

    private boolean required(String key) {
        int dot = key.lastIndexOf('.');
        JsonNode parent = dot < 0 ? node : descend(node, key.substring(0, dot));
        return StreamSupport.stream(parent.path("required").spliterator(), false)
                .anyMatch(name -> name.textValue().equals(key.substring(dot + 1)));
    }

    private static boolean isWhole(JsonNode number) {
        return number.isIntegralNumber()
                || number.decimalValue().stripTrailingZeros().scale() <= 0;
    }

    /** What may stand at a key, in words: {@code a whole number from 1 to 35}. */
    static String expected(ObjectNode property) {
        String example = property.path("examples").isEmpty()
                ? ""
                : ", such as " + property.path("examples").get(0);
        if (property.has("x-expects")) {
            return property.get("x-expects").textValue() + example;
        }
        if (property.has("enum")) {
            List<String> choices = new ArrayList<>();
            property.get("enum").forEach(choice -> choices.add(choice.toString()));
            return String.join(" or ", choices);
        }
        return switch (property.path("type").asText()) {
            case "integer" ->
                "a whole number from %s to %s".formatted(property.path("minimum"), property.path("maximum"));
            case "boolean" -> "true or false";
            case "object" -> "an object in braces with the keys " + Values.list(names(property));
            default -> "a string" + example;
        };
    }

    private static List<String> names(ObjectNode property) {
        List<String> names = new ArrayList<>();
        property.path("properties").fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static String key(NodePath path) {
        StringBuilder key = new StringBuilder();
        for (int i = 0; i < path.getNameCount(); i++) {
            if (path.getElement(i) instanceof Integer index) {
                key.append('[').append(index).append(']');
            } else {
                key.append(key.isEmpty() ? "" : ".").append(path.getName(i));
            }
        }
        return key.toString();
    }

    static String child(String parent, String name) {
        return parent.isEmpty() ? name : parent + "." + name;
    }
}
