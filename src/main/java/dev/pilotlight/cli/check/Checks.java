package dev.pilotlight.cli.check;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Every resource type that we know how to check. */
final class Checks {

    private static final List<ServiceChecks> SERVICES = List.of(
            new BackupChecks(),
            new BucketChecks(),
            new CertificateChecks(),
            new ComputeChecks(),
            new DatabaseChecks(),
            new DnsChecks(),
            new IdentityChecks(),
            new KeyChecks(),
            new LoadBalancingChecks(),
            new NetworkChecks(),
            new ObservabilityChecks(),
            new RunbookChecks(),
            new SecretChecks(),
            new TableChecks());

    private static final Map<String, ResourceCheck> BY_TYPE = new TreeMap<>();
    private static final Map<String, ServiceChecks.Attribute> ATTRIBUTES = new TreeMap<>();

    static {
        for (ServiceChecks service : SERVICES) {
            BY_TYPE.putAll(service.checks());
            ATTRIBUTES.putAll(service.attributes());
        }
    }

    private Checks() {}

    static Set<String> types() {
        return BY_TYPE.keySet();
    }

    /** Null: unknown. */
    static ResourceCheck of(String type) {
        return BY_TYPE.get(type);
    }

    static Map<String, ServiceChecks.Attribute> attributes() {
        return ATTRIBUTES;
    }
}
