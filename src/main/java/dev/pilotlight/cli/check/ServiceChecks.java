package dev.pilotlight.cli.check;

import dev.pilotlight.cli.aws.Aws;
import java.util.Map;

/** What we know about the resource types of one service. */
interface ServiceChecks {

    /** By resource type. */
    Map<String, ResourceCheck> checks();

    /** What Fn::GetAtt gives, by {@code resource type + "." + attribute}. */
    default Map<String, Attribute> attributes() {
        return Map.of();
    }

    /** Looks an attribute up. */
    @FunctionalInterface
    interface Attribute {
        String of(String physicalId, Place place);
    }

    /**
     * Where a resource is.
     *
     * @param aws the services there
     */
    record Place(String region, String account, Aws.InRegion aws) {
        String arn(String service, String resource) {
            return "arn:aws:" + service + ":" + region + ":" + account + ":" + resource;
        }
    }
}
