package dev.pilotlight.proofs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.proofs.ResourceSchemas.Replacement;
import dev.pilotlight.testing.Intrinsics;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a deploy of one template over another does to each resource, without asking AWS: the properties are compared one
 * by one, and what a replaced or removed resource takes along through {@code Ref} and {@code Fn::GetAtt} is followed until
 * nothing more changes.
 *
 * @param resources by logical id, those of both templates
 * @param compared how many property values were compared
 */
record TemplateChange(Map<String, ResourceChange> resources, int compared) {

    enum Kind {
        UNCHANGED,
        /** Updated in place. */
        UPDATED,
        /** Replaced under a condition that we cannot rule out. */
        CONDITIONAL,
        REPLACED,
        ADDED,
        /** Out of the template, still there. */
        LEFT_RETAINED,
        DELETED;

        boolean endsTheResource() {
            return this == CONDITIONAL || this == REPLACED || this == DELETED;
        }
    }

    /**
     * @param path below {@code Properties}, or the resource's attribute such as {@code UpdatePolicy}
     * @param through the resource whose replacement or update changes the value, if the text stays the same; else empty
     */
    record PropertyChange(List<String> path, JsonNode from, JsonNode to, Replacement replacement, String through) {

        String name() {
            return String.join(".", path);
        }
    }

    /**
     * @param before null if added
     * @param after null if it leaves
     */
    record ResourceChange(
            String id, String type, Kind kind, List<PropertyChange> properties, JsonNode before, JsonNode after) {

        /** As a person knows it: the construct's path, such as {@code Database/Db2}. */
        String name() {
            JsonNode resource = after == null ? before : after;
            String path = resource.at("/Metadata/aws:cdk:path").asText(id);
            return path.replaceFirst("^[^/]*/", "").replaceFirst("/Resource$", "");
        }

        boolean isDatabase() {
            return type.equals("AWS::RDS::DBInstance");
        }

        JsonNode property(String name) {
            return (after == null ? before : after).path("Properties").path(name);
        }
    }

    private static final Pattern SUBSTITUTED = Pattern.compile("\\$\\{([A-Za-z0-9]+)(?:\\.([A-Za-z0-9.]+))?}");

    static TemplateChange between(JsonNode before, JsonNode after, ResourceSchemas schemas) {
        return new Comparison(before.path("Resources"), after.path("Resources"), schemas).run();
    }

    List<ResourceChange> of(Kind kind) {
        return resources.values().stream()
                .filter(change -> change.kind() == kind)
                .sorted(Comparator.comparing(ResourceChange::id))
                .toList();
    }

    private static final class Comparison {

        private final JsonNode before;
        private final JsonNode after;
        private final ResourceSchemas schemas;
        private final Map<String, List<PropertyChange>> changes = new LinkedHashMap<>();
        private int compared;

        Comparison(JsonNode before, JsonNode after, ResourceSchemas schemas) {
            this.before = before;
            this.after = after;
            this.schemas = schemas;
        }

        TemplateChange run() {
            Set<String> ids = new TreeSet<>();
            before.fieldNames().forEachRemaining(ids::add);
            after.fieldNames().forEachRemaining(ids::add);
            for (String id : ids) {
                changes.put(id, new ArrayList<>());
                if (before.has(id) && after.has(id)) {
                    compare(id);
                }
            }
            while (followReferences()) {
                // Until a round finds nothing new: a replaced resource may replace others.
            }
            Map<String, ResourceChange> resources = new LinkedHashMap<>();
            for (String id : ids) {
                JsonNode present = after.has(id) ? after.path(id) : before.path(id);
                resources.put(
                        id,
                        new ResourceChange(
                                id,
                                present.path("Type").asText(),
                                kind(id),
                                List.copyOf(changes.get(id)),
                                before.get(id),
                                after.get(id)));
            }
            return new TemplateChange(resources, compared);
        }

        private void compare(String id) {
            JsonNode old = before.path(id);
            JsonNode changed = after.path(id);
            if (!old.path("Type").equals(changed.path("Type"))) {
                changes.get(id)
                        .add(new PropertyChange(
                                List.of("Type"), old.path("Type"), changed.path("Type"), Replacement.YES, ""));
                return;
            }
            compare(id, List.of(), old.path("Properties"), changed.path("Properties"));
            for (String attribute :
                    List.of("UpdatePolicy", "CreationPolicy", "DeletionPolicy", "UpdateReplacePolicy")) {
                if (!old.path(attribute).equals(changed.path(attribute))) {
                    changes.get(id)
                            .add(new PropertyChange(
                                    List.of(attribute),
                                    old.path(attribute),
                                    changed.path(attribute),
                                    Replacement.NO,
                                    ""));
                }
            }
        }

        /** Down to the values; an intrinsic function is a value. */
        private void compare(String id, List<String> path, JsonNode old, JsonNode changed) {
            if (isStructure(old) && isStructure(changed)) {
                Set<String> names = new LinkedHashSet<>();
                old.fieldNames().forEachRemaining(names::add);
                changed.fieldNames().forEachRemaining(names::add);
                for (String name : names) {
                    compare(id, below(path, name), old.path(name), changed.path(name));
                }
            } else if (old.isArray() && changed.isArray() && old.size() == changed.size()) {
                for (int i = 0; i < old.size(); i++) {
                    compare(id, below(path, String.valueOf(i)), old.get(i), changed.get(i));
                }
            } else {
                compared++;
                if (!old.equals(changed)) {
                    add(id, path, old, changed, "");
                }
            }
        }

        private boolean add(String id, List<String> path, JsonNode from, JsonNode to, String through) {
            List<PropertyChange> known = changes.get(id);
            if (known.stream().anyMatch(change -> change.path().equals(path))) {
                return false;
            }
            String type = after.path(id).path("Type").asText();
            Replacement replacement = schemas.replacement(type, path);
            if (replacement == Replacement.CONDITIONAL
                    && HandlerRules.updatesInPlace(type, path.get(0), before.path(id), after.path(id))) {
                replacement = Replacement.NO;
            }
            return known.add(new PropertyChange(path, from, to, replacement, through));
        }

        private boolean followReferences() {
            Set<String> gone = new HashSet<>();
            Set<String> updated = new HashSet<>();
            for (String id : changes.keySet()) {
                if (kind(id).endsTheResource() || kind(id) == Kind.LEFT_RETAINED) {
                    gone.add(id);
                } else if (kind(id) == Kind.UPDATED) {
                    updated.add(id);
                }
            }
            List<Boolean> found = new ArrayList<>();
            for (String id : changes.keySet()) {
                if (before.has(id) && after.has(id)) {
                    references(List.of(), after.path(id).path("Properties"), (path, reference) -> {
                        String target = reference.replaceFirst("\\..*", "");
                        String attribute = reference.contains(".") ? reference.replaceFirst("^[^.]*\\.", "") : "";
                        String type = after.path(target).path("Type").asText();
                        boolean may =
                                updated.contains(target) && !attribute.isEmpty() && !schemas.isFixed(type, attribute);
                        boolean other = gone.contains(target) || may;
                        if (other) {
                            JsonNode value = at(after.path(id).path("Properties"), path);
                            found.add(add(id, path, value, value, target));
                        }
                    });
                }
            }
            return found.contains(true);
        }

        private Kind kind(String id) {
            if (!before.has(id)) {
                return Kind.ADDED;
            }
            if (!after.has(id)) {
                // Of the template that is deployed: CloudFormation no longer reads the removed resource in the new one.
                return before.path(id).path("DeletionPolicy").asText().startsWith("Retain")
                        ? Kind.LEFT_RETAINED
                        : Kind.DELETED;
            }
            Replacement strictest =
                    changes.get(id).stream().map(PropertyChange::replacement).reduce(Replacement.NO, Replacement::or);
            return switch (strictest) {
                case YES -> Kind.REPLACED;
                case CONDITIONAL -> Kind.CONDITIONAL;
                case NO -> changes.get(id).isEmpty() ? Kind.UNCHANGED : Kind.UPDATED;
            };
        }

        /** Every Ref and GetAtt, as {@code Id} or {@code Id.Attribute}, with the path of the property that holds it. */
        private static void references(List<String> path, JsonNode value, BiConsumer<List<String>, String> found) {
            if (isStructure(value)) {
                value.properties().forEach(field -> references(below(path, field.getKey()), field.getValue(), found));
            } else if (value.isArray()) {
                for (int i = 0; i < value.size(); i++) {
                    references(below(path, String.valueOf(i)), value.get(i), found);
                }
            } else if (value.isObject()) {
                referencesOfFunction(value, reference -> found.accept(path, reference));
            }
        }

        private static void referencesOfFunction(JsonNode value, java.util.function.Consumer<String> found) {
            if (value.has("Ref")) {
                found.accept(value.path("Ref").asText());
            } else if (value.has("Fn::GetAtt")) {
                found.accept(Intrinsics.text(value).replaceFirst("^\\$\\{(.*)}$", "$1"));
            } else if (value.has("Fn::Sub")) {
                JsonNode text = value.path("Fn::Sub");
                Matcher matcher =
                        SUBSTITUTED.matcher(text.isArray() ? text.path(0).asText() : text.asText());
                while (matcher.find()) {
                    found.accept(
                            matcher.group(2) == null ? matcher.group(1) : matcher.group(1) + "." + matcher.group(2));
                }
                text.path(1).forEach(variable -> referencesOfFunction(variable, found));
            } else {
                value.forEach(part -> referencesOfFunction(part, found));
            }
        }

        private static boolean isStructure(JsonNode value) {
            return value.isObject()
                    && !value.has("Ref")
                    && value.properties().stream()
                            .noneMatch(field -> field.getKey().startsWith("Fn::"));
        }

        private static List<String> below(List<String> path, String name) {
            List<String> longer = new ArrayList<>(path);
            longer.add(name);
            return List.copyOf(longer);
        }

        private static JsonNode at(JsonNode properties, List<String> path) {
            JsonNode value = properties;
            for (String name : path) {
                value = value.isArray() ? value.path(Integer.parseInt(name)) : value.path(name);
            }
            return value;
        }
    }
}
