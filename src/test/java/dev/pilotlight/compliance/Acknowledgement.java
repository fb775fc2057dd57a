package dev.pilotlight.compliance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import java.util.ArrayList;
import java.util.List;

/**
 * A finding that was acknowledged, as it stands in a synthesized template.
 *
 * @param path of the resource's construct, such as {@code DrStack/Database/Db1}
 * @param scope what of the resource it is about; empty: all
 */
record Acknowledgement(String path, String type, String rule, String scope, String reason) {

    /** Those that the packs of the app's profile could ask for: NIST's pack checks production only. */
    static List<Acknowledgement> in(SynthesizedApp app) {
        List<Acknowledgement> all = new ArrayList<>();
        for (StackTemplate stack : app.stacks()) {
            stack.resources().values().forEach(resource -> collect(resource, all));
        }
        if (!app.production()) {
            all.removeIf(acknowledgement -> acknowledgement.rule().startsWith("NIST"));
        }
        return all;
    }

    private static void collect(JsonNode resource, List<Acknowledgement> all) {
        JsonNode metadata = resource.path("Metadata");
        String path = metadata.path("aws:cdk:path").asText();
        String type = resource.path("Type").asText();
        metadata.at("/cdk_nag/rules_to_suppress").forEach(rule -> {
            List<String> scopes = new ArrayList<>();
            rule.path("applies_to").forEach(scope -> scopes.add(scope.asText()));
            if (scopes.isEmpty()) {
                scopes.add("");
            }
            for (String scope : scopes) {
                all.add(new Acknowledgement(
                        path,
                        type,
                        rule.path("id").asText(),
                        scope,
                        rule.path("reason").asText()));
            }
        });
        metadata.at("/cfn-lint/config/ignore_checks")
                .forEach(check -> all.add(new Acknowledgement(
                        path,
                        type,
                        "cfn-lint " + check.asText(),
                        "",
                        metadata.path("cfn-lint-reason").asText())));
    }
}
