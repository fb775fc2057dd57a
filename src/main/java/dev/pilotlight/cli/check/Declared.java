package dev.pilotlight.cli.check;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A resource as the template declares it.
 *
 * @param stack the stack's name
 * @param region where the stack is
 * @param logicalId its name in the template
 * @param type such as AWS::S3::Bucket
 * @param id its physical id: what Ref gives
 * @param properties with every reference resolved; one that cannot be is a missing node
 */
public record Declared(String stack, String region, String logicalId, String type, String id, JsonNode properties) {

    public JsonNode property(String name) {
        return properties.path(name);
    }

    public String text(String name) {
        return property(name).asText();
    }

    @Override
    public String toString() {
        return "%s: %s %s (%s)".formatted(stack, type, logicalId, id);
    }
}
