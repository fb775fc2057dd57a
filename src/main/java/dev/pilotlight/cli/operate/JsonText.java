package dev.pilotlight.cli.operate;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The text of a JSON object that a person has written: what is changed in it leaves every other byte as it was. */
final class JsonText {

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final String text;
    private final Value root;

    /**
     * Where something stands in the text.
     *
     * @param to the first character after it
     */
    private record Span(int from, int to) {}

    /**
     * A value.
     *
     * @param items an object's members, from name to value, or a list's elements; empty for anything else
     * @param members an object's values by their names
     */
    private record Value(Span span, boolean isObject, List<Span> items, Map<String, Value> members) {}

    private JsonText(String text, Value root) {
        this.text = text;
        this.root = root;
    }

    /**
     * Reads a text.
     *
     * @param text a JSON object, perhaps behind a byte-order mark
     * @throws IOException if it is none
     */
    static JsonText of(String text) throws IOException {
        int offset = text.length() - withoutByteOrderMark(text).length();
        try (JsonParser parser = new JsonFactory().createParser(text.substring(offset))) {
            parser.nextToken();
            return new JsonText(text, value(parser, offset));
        }
    }

    static String withoutByteOrderMark(String text) {
        return text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
    }

    @Override
    public String toString() {
        return text;
    }

    /**
     * With one more element at the end of a list at the top, set off from the one before as that is from its own.
     *
     * @param element as it stands in the text
     * @param otherwise the list that is written out, with the element, if there is none
     */
    JsonText append(String key, String element, String otherwise) throws IOException {
        Value list = root.members().get(key);
        return list == null || list.items().isEmpty()
                ? inserted(root, "\"%s\": %s".formatted(key, otherwise))
                : inserted(list, element);
    }

    /**
     * With a string under a path of objects, which are made where they are missing.
     *
     * @param path at least one name
     * @param string without anything that JSON would escape
     */
    JsonText set(List<String> path, String string) throws IOException {
        String quoted = '"' + string + '"';
        Value at = root;
        for (int depth = 0; depth < path.size(); depth++) {
            Value next = at.members().get(path.get(depth));
            if (next == null || (depth < path.size() - 1 && !next.isObject())) {
                return inserted(at, member(path.subList(depth, path.size()), quoted));
            }
            at = next;
        }
        return of(text.substring(0, at.span().from())
                + quoted
                + text.substring(at.span().to()));
    }

    private static String member(List<String> path, String value) {
        String rest = path.size() == 1 ? value : "{ " + member(path.subList(1, path.size()), value) + " }";
        return "\"%s\": %s".formatted(path.get(0), rest);
    }

    private JsonText inserted(Value container, String item) throws IOException {
        List<Span> items = container.items();
        if (items.isEmpty()) {
            int end = container.span().to() - 1;
            return of(text.substring(0, container.span().from() + 1) + " " + item + " " + text.substring(end));
        }
        Span last = items.get(items.size() - 1);
        String separator = items.size() > 1
                ? text.substring(items.get(items.size() - 2).to(), last.from())
                // All white space there is after the bracket, as before the one that follows.
                : "," + text.substring(container.span().from() + 1, last.from());
        return of(text.substring(0, last.to()) + separator + item + text.substring(last.to()));
    }

    private static Value value(JsonParser parser, int offset) throws IOException {
        int from = offset + (int) parser.currentTokenLocation().getCharOffset();
        List<Span> items = new ArrayList<>();
        Map<String, Value> members = new LinkedHashMap<>();
        boolean isObject = parser.currentToken() == JsonToken.START_OBJECT;
        if (isObject) {
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                int name = offset + (int) parser.currentTokenLocation().getCharOffset();
                String key = parser.currentName();
                parser.nextToken();
                Value member = value(parser, offset);
                members.put(key, member);
                items.add(new Span(name, member.span().to()));
            }
        } else if (parser.currentToken() == JsonToken.START_ARRAY) {
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                items.add(value(parser, offset).span());
            }
        } else {
            parser.finishToken();
        }
        int to = offset + (int) parser.currentLocation().getCharOffset();
        return new Value(new Span(from, to), isObject, List.copyOf(items), members);
    }
}
