package dev.pilotlight.cli.check;

import dev.pilotlight.cli.aws.Aws;

/** Asks a service about one resource and compares its answer with the declaration. */
@FunctionalInterface
public interface ResourceCheck {

    /**
     * Compares every property of the resource: one that is not compared is reported.
     *
     * @param aws the services of the resource's region
     */
    void check(Declared declared, Aws.InRegion aws, Comparison comparison);
}
