package dev.pilotlight.cli.check;

import dev.pilotlight.cli.aws.Aws;

/** A KMS key can be named by its id, its ARN, an alias or an alias's ARN, and services answer with another of these. */
final class KeyNames {

    private KeyNames() {}

    /** Whether both name the same key. */
    static boolean same(String one, String other, Aws.InRegion aws) {
        return one.equals(other) || arn(one, aws).equals(arn(other, aws));
    }

    private static String arn(String name, Aws.InRegion aws) {
        return aws.kms()
                .describeKey(request -> request.keyId(name))
                .keyMetadata()
                .arn();
    }
}
