package dev.pilotlight.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;

/** A configuration under examination: its values with the defaults filled in, but for those already found wrong. */
record Draft(ObjectNode document, Problems problems) {

    boolean production() {
        return text("profile").filter("production"::equals).isPresent();
    }

    Optional<JsonNode> at(String key) {
        if (problems.concern(key)) {
            return Optional.empty();
        }
        JsonNode node = document;
        for (String name : key.split("\\.", -1)) {
            node = node.path(name);
        }
        return node.isMissingNode() ? Optional.empty() : Optional.of(node);
    }

    Optional<String> text(String key) {
        return at(key).filter(JsonNode::isTextual).map(JsonNode::textValue);
    }

    Optional<Integer> number(String key) {
        return at(key).filter(JsonNode::isNumber).map(JsonNode::intValue);
    }

    Optional<Boolean> flag(String key) {
        return at(key).filter(JsonNode::isBoolean).map(JsonNode::booleanValue);
    }
}
