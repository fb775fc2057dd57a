package dev.pilotlight.testing;

import com.fasterxml.jackson.databind.JsonNode;

/** CloudFormation's intrinsic functions as readable text: {@code arn:aws:s3:::shop-${AWS::AccountId}-eu-west-1}. */
public final class Intrinsics {

    private Intrinsics() {}

    public static String text(JsonNode value) {
        if (value.has("Ref")) {
            return "${" + value.path("Ref").asText() + "}";
        }
        if (value.has("Fn::GetAtt")) {
            JsonNode attribute = value.path("Fn::GetAtt");
            return "${" + attribute.path(0).asText() + "." + attribute.path(1).asText() + "}";
        }
        if (value.has("Fn::Join")) {
            StringBuilder joined = new StringBuilder();
            value.path("Fn::Join").path(1).forEach(part -> joined.append(text(part)));
            return joined.toString();
        }
        return value.isValueNode() ? value.asText() : value.toString();
    }
}
