package dev.pilotlight.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.pilotlight.cli.aws.Aws;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import software.amazon.awssdk.services.acm.model.CertificateDetail;
import software.amazon.awssdk.services.acm.model.DomainValidation;
import software.amazon.awssdk.services.acm.model.Tag;

/** Certificate Manager. */
final class CertificateChecks implements ServiceChecks {

    @Override
    public Map<String, ResourceCheck> checks() {
        return Map.of("AWS::CertificateManager::Certificate", CertificateChecks::certificate);
    }

    private static void certificate(Declared declared, Aws.InRegion aws, Comparison comparison) {
        CertificateDetail certificate = aws.acm()
                .describeCertificate(request -> request.certificateArn(declared.id()))
                .certificate();
        // ACM counts the domain itself among its alternatives.
        Set<String> alternatives = new TreeSet<>(certificate.subjectAlternativeNames());
        if (!declared.property("SubjectAlternativeNames")
                .toString()
                .contains('"' + declared.text("DomainName") + '"')) {
            alternatives.remove(declared.text("DomainName"));
        }
        ArrayNode validated = JsonNodeFactory.instance.arrayNode();
        for (JsonNode option : declared.property("DomainValidationOptions")) {
            String domain = option.path("DomainName").asText();
            if (certificate.domainValidationOptions().stream()
                    .map(DomainValidation::domainName)
                    .anyMatch(domain::equals)) {
                validated.add(option);
            }
        }
        comparison
                .same("SubjectAlternativeNames", alternatives)
                .same("DomainValidationOptions", validated)
                .same(
                        "ValidationMethod",
                        certificate.domainValidationOptions().stream()
                                .map(DomainValidation::validationMethodAsString)
                                .findFirst()
                                .orElse(null))
                .tags(
                        "Tags",
                        aws
                                .acm()
                                .listTagsForCertificate(request -> request.certificateArn(declared.id()))
                                .tags()
                                .stream()
                                .collect(Comparison.byKey(Tag::key, Tag::value)))
                .rest(certificate);
    }
}
