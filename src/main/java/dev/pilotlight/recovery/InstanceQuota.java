package dev.pilotlight.recovery;

import java.util.Optional;
import java.util.Set;

/** Which quota of running on-demand vCPUs an instance type counts against. */
final class InstanceQuota {

    /** "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances": nearly all web workloads. */
    private static final String STANDARD = "L-1216C47A";

    private static final Set<String> OTHER_FAMILIES = Set.of("dl", "inf", "trn", "mac", "hpc", "im", "is");

    private InstanceQuota() {}

    /** Empty for families with a quota of their own, such as GPUs: their capacity is the rehearsal's to find out. */
    static Optional<String> codeOf(String instanceType) {
        String letters = instanceType.replaceFirst("[^a-z].*", "");
        return !OTHER_FAMILIES.contains(letters) && "acdhimrtz".indexOf(letters.charAt(0)) >= 0
                ? Optional.of(STANDARD)
                : Optional.empty();
    }
}
