package dev.pilotlight.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Resolves a template's intrinsic functions by the ids that its resources were given. Written apart from the emulator's
 * own: a reference that it resolves otherwise than we do is a finding. What cannot be resolved is a missing node, which
 * is not compared.
 */
final class Resolver {

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
    private static final Pattern PLACEHOLDER = Pattern.compile("\\$\\{([^!}][^}]*)}");

    private final JsonNode resources;
    private final Map<String, String> parameters;
    private final Map<String, String> physicalIds;
    private final ServiceChecks.Place place;
    private final Map<String, ServiceChecks.Attribute> attributes;

    /**
     * @param resources the template's
     * @param parameters values, those of pseudo parameters not among them
     * @param physicalIds by logical id
     */
    Resolver(
            JsonNode resources,
            Map<String, String> parameters,
            Map<String, String> physicalIds,
            ServiceChecks.Place place,
            Map<String, ServiceChecks.Attribute> attributes) {
        this.resources = resources;
        this.parameters = parameters;
        this.physicalIds = physicalIds;
        this.place = place;
        this.attributes = attributes;
    }

    JsonNode resolve(JsonNode node) {
        if (node.isArray()) {
            ArrayNode array = JSON.arrayNode();
            for (JsonNode item : node) {
                JsonNode resolved = resolve(item);
                if (!isNoValue(item)) {
                    array.add(resolved);
                }
            }
            return array;
        }
        if (!node.isObject()) {
            return node;
        }
        if (node.size() == 1) {
            String name = node.fieldNames().next();
            if (name.equals("Ref")) {
                return text(ref(node.get(name).asText()));
            }
            if (name.startsWith("Fn::")) {
                return function(name, node.get(name));
            }
        }
        ObjectNode object = JSON.objectNode();
        node.properties().forEach(field -> {
            if (!isNoValue(field.getValue())) {
                object.set(field.getKey(), resolve(field.getValue()));
            }
        });
        return object;
    }

    private JsonNode function(String name, JsonNode argument) {
        return switch (name) {
            case "Fn::GetAtt" -> text(attribute(argument));
            case "Fn::Join" -> join(argument.get(0).asText(), resolve(argument.get(1)));
            case "Fn::Sub" -> substitute(argument);
            case "Fn::Select" ->
                resolve(argument.get(1)).path(resolve(argument.get(0)).asInt());
            case "Fn::Split" -> split(argument.get(0).asText(), resolve(argument.get(1)));
            case "Fn::GetAZs" -> zones();
            case "Fn::Base64" -> base64(resolve(argument));
            default -> MissingNode.getInstance();
        };
    }

    private static boolean isNoValue(JsonNode node) {
        return node.path("Ref").asText().equals("AWS::NoValue");
    }

    private String ref(String name) {
        return switch (name) {
            case "AWS::AccountId" -> place.account();
            case "AWS::Region" -> place.region();
            case "AWS::Partition" -> "aws";
            case "AWS::URLSuffix" -> "amazonaws.com";
            default -> physicalIds.getOrDefault(name, parameters.get(name));
        };
    }

    private String attribute(JsonNode argument) {
        List<String> path = new ArrayList<>();
        if (argument.isTextual()) {
            path.addAll(Arrays.asList(argument.asText().split("\\.", 2)));
        } else {
            argument.forEach(part -> path.add(part.asText()));
        }
        String type = resources.path(path.get(0)).path("Type").asText();
        String id = physicalIds.get(path.get(0));
        ServiceChecks.Attribute attribute = attributes.get(type + "." + path.get(1));
        return attribute == null || id == null ? null : attribute.of(id, place);
    }

    private static JsonNode join(String separator, JsonNode parts) {
        List<String> texts = new ArrayList<>();
        for (JsonNode part : parts) {
            if (part.isMissingNode()) {
                return part;
            }
            texts.add(part.asText());
        }
        return text(String.join(separator, texts));
    }

    private static JsonNode split(String separator, JsonNode text) {
        if (text.isMissingNode()) {
            return text;
        }
        ArrayNode parts = JSON.arrayNode();
        Arrays.stream(text.asText().split(Pattern.quote(separator), -1)).forEach(parts::add);
        return parts;
    }

    private JsonNode substitute(JsonNode argument) {
        String pattern = argument.isArray() ? argument.get(0).asText() : argument.asText();
        JsonNode variables = argument.isArray() ? resolve(argument.get(1)) : MissingNode.getInstance();
        Matcher matcher = PLACEHOLDER.matcher(pattern);
        StringBuilder result = new StringBuilder();
        while (matcher.find()) {
            String name = matcher.group(1);
            JsonNode value = variables.has(name)
                    ? variables.get(name)
                    : name.contains(".") ? text(attribute(TextNode.valueOf(name))) : text(ref(name));
            if (value.isMissingNode()) {
                return value;
            }
            matcher.appendReplacement(result, Matcher.quoteReplacement(value.asText()));
        }
        return text(matcher.appendTail(result).toString().replace("${!", "${"));
    }

    private JsonNode zones() {
        ArrayNode zones = JSON.arrayNode();
        place.aws().ec2().describeAvailabilityZones().availabilityZones().forEach(zone -> zones.add(zone.zoneName()));
        return zones;
    }

    private static JsonNode base64(JsonNode plain) {
        return plain.isMissingNode()
                ? plain
                : text(java.util.Base64.getEncoder()
                        .encodeToString(plain.asText().getBytes(java.nio.charset.StandardCharsets.UTF_8)));
    }

    private static JsonNode text(String value) {
        return value == null ? MissingNode.getInstance() : TextNode.valueOf(value);
    }
}
