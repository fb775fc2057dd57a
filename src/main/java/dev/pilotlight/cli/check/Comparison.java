package dev.pilotlight.cli.check;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collector;
import java.util.stream.Collectors;

/**
 * Compares one resource's declaration with the service's answers, property by property, and remembers what it was not
 * asked about. What the template leaves open is not compared.
 */
public final class Comparison {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int SHOWN = 120;

    private final Declared declared;
    private final Set<String> left = new TreeSet<>();
    private final List<String> differences = new ArrayList<>();

    public Comparison(Declared declared) {
        this.declared = declared;
        declared.properties().fieldNames().forEachRemaining(left::add);
    }

    /** The property must be so. */
    public Comparison same(String property, Object actual) {
        if (left.remove(property)) {
            compare(property, declared.property(property), Answer.of(actual));
        }
        return this;
    }

    /** What is declared under any name must be so. */
    public Comparison same(String what, JsonNode expected, Object actual) {
        compare(what, expected, Answer.of(actual));
        return this;
    }

    /** A policy document, which services hand out as text, sometimes URL-encoded. */
    public Comparison samePolicy(String property, String actual) {
        return same(property, actual == null ? null : policy(actual));
    }

    /** All tags that are declared; AWS adds some of its own. */
    public Comparison tags(String property, Map<String, String> actual) {
        JsonNode tags = declared.property(property);
        if (tags.isArray()) {
            ObjectNode byKey = JSON.createObjectNode();
            tags.forEach(tag -> byKey.set(tag.path("Key").asText(), tag.path("Value")));
            tags = byKey;
        }
        if (left.remove(property)) {
            compare(property, tags, Answer.of(actual));
        }
        return this;
    }

    /** Collects tags and the like, which some services list twice. */
    static <T> Collector<T, ?, Map<String, String>> byKey(Function<T, String> key, Function<T, String> value) {
        return Collectors.toMap(key, value, (one, again) -> again);
    }

    /** Everything else that is declared must be in this answer, under the same name. */
    public Comparison rest(Object answer) {
        JsonNode actual = Answer.of(answer);
        for (String property : List.copyOf(left)) {
            same(property, actual.path(property));
        }
        return this;
    }

    /**
     * Properties that no answer of the service shows.
     *
     * @param reason why, for the reader of the code
     */
    public Comparison notShown(String reason, String... properties) {
        if (reason.isBlank()) {
            throw new IllegalArgumentException("a reason is needed");
        }
        List.of(properties).forEach(left::remove);
        return this;
    }

    /** What differs, each as the end of a sentence that names the resource. */
    public List<String> differences() {
        return List.copyOf(differences);
    }

    /** The properties that nobody compared. */
    public Set<String> notCompared() {
        return Set.copyOf(left);
    }

    private void compare(String what, JsonNode expected, JsonNode actual) {
        firstDifference(what, expected, actual).ifPresent(differences::add);
    }

    /**
     * Whether all that is expected is there. Numbers and flags may be written as text, and lists come in any order.
     */
    static boolean matches(JsonNode expected, JsonNode actual) {
        return firstDifference("", expected, actual).isEmpty();
    }

    private static Optional<String> firstDifference(String path, JsonNode expected, JsonNode actual) {
        if (expected.isMissingNode()) {
            return Optional.empty();
        }
        if (expected.isObject() && !actual.isMissingNode()) {
            return expected.properties().stream()
                    .map(field ->
                            firstDifference(path + "." + field.getKey(), field.getValue(), actual.path(field.getKey())))
                    .flatMap(Optional::stream)
                    .findFirst();
        }
        if (expected.isArray() && expected.size() == actual.size()) {
            return firstDifferentItem(path, expected, actual);
        }
        boolean same = (expected.isNumber() && actual.isNumber())
                ? expected.decimalValue().compareTo(actual.decimalValue()) == 0
                : expected.isValueNode()
                        && actual.isValueNode()
                        && plain(expected).equals(plain(actual));
        return same
                ? Optional.empty()
                : Optional.of("%s is %s, declared as %s".formatted(path, shown(actual), shown(expected)));
    }

    private static Optional<String> firstDifferentItem(String path, JsonNode expected, JsonNode actual) {
        if (expected.size() == 1) {
            return firstDifference(path, expected.get(0), actual.get(0));
        }
        List<JsonNode> unmatched = new ArrayList<>();
        actual.forEach(unmatched::add);
        for (JsonNode item : expected) {
            Optional<JsonNode> found = unmatched.stream()
                    .filter(candidate -> matches(item, candidate))
                    .findFirst();
            if (found.isEmpty()) {
                return Optional.of("%s has no %s but %s".formatted(path, shown(item), shown(Answer.of(unmatched))));
            }
            unmatched.remove(found.get());
        }
        return Optional.empty();
    }

    private static String plain(JsonNode value) {
        return value.isNumber() ? value.decimalValue().stripTrailingZeros().toPlainString() : value.asText();
    }

    static JsonNode policy(String text) {
        try {
            return JSON.readTree(text.startsWith("%7B") ? URLDecoder.decode(text, StandardCharsets.UTF_8) : text);
        } catch (JsonProcessingException e) {
            return Answer.of(text);
        }
    }

    private static String shown(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return "not set";
        }
        String text = value.isValueNode() ? value.asText() : value.toString();
        return text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    }
}
