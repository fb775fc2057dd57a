package dev.pilotlight.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.commons.text.similarity.JaroWinklerSimilarity;

/** How values appear in messages. */
final class Values {

    private static final int MAX_LENGTH = 100;
    private static final double ALIKE = 0.8;

    private Values() {}

    /** The value as it would stand in the file, cut if long. */
    static String quote(JsonNode value) {
        if (value.isContainerNode()) {
            return describe(value);
        }
        String json = value.toString();
        return json.length() > MAX_LENGTH ? json.substring(0, MAX_LENGTH) + "…" : json;
    }

    static String quote(String value) {
        return quote(TextNode.valueOf(value));
    }

    static String describe(JsonNode value) {
        return switch (value.getNodeType()) {
            case OBJECT -> "an object";
            case ARRAY -> "a list";
            case NULL -> "null";
            case STRING -> "a string";
            case NUMBER -> "a number";
            case BOOLEAN -> "true or false";
            default -> "something else";
        };
    }

    /** A question that names the likeliest, or nothing if none is like it: {@code ; did you mean "dr"?}. */
    static String didYouMean(String given, Collection<String> known) {
        return closest(given, known)
                .map(name -> "; did you mean " + quote(name) + "?")
                .orElse("");
    }

    static Optional<String> closest(String given, Collection<String> known) {
        JaroWinklerSimilarity similarity = new JaroWinklerSimilarity();
        String wanted = given.toLowerCase(Locale.ROOT);
        return known.stream()
                .max(Comparator.comparingDouble(
                        (String name) -> similarity.apply(wanted, name.toLowerCase(Locale.ROOT))))
                .filter(name -> similarity.apply(wanted, name.toLowerCase(Locale.ROOT)) >= ALIKE);
    }

    static String list(Collection<String> names) {
        return names.stream().map(Values::quote).collect(Collectors.joining(", "));
    }
}
