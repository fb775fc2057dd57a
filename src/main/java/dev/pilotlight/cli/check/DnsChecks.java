package dev.pilotlight.cli.check;

import dev.pilotlight.cli.aws.Aws;
import java.util.Map;
import software.amazon.awssdk.services.route53.model.HealthCheck;
import software.amazon.awssdk.services.route53.model.ResourceRecord;
import software.amazon.awssdk.services.route53.model.ResourceRecordSet;
import software.amazon.awssdk.services.route53.model.Tag;
import software.amazon.awssdk.services.route53.model.TagResourceType;

/** Route 53. */
final class DnsChecks implements ServiceChecks {

    @Override
    public Map<String, ResourceCheck> checks() {
        return Map.of(
                "AWS::Route53::RecordSet", DnsChecks::record,
                "AWS::Route53::HealthCheck", DnsChecks::healthCheck);
    }

    @Override
    public Map<String, Attribute> attributes() {
        return Map.of("AWS::Route53::HealthCheck.HealthCheckId", (id, place) -> id);
    }

    private static void record(Declared declared, Aws.InRegion aws, Comparison comparison) {
        String identifier = declared.properties().has("SetIdentifier") ? declared.text("SetIdentifier") : null;
        ResourceRecordSet record = Missing.ifEmpty(aws
                .route53()
                .listResourceRecordSetsPaginator(request -> request.hostedZoneId(declared.text("HostedZoneId")))
                .resourceRecordSets()
                .stream()
                .filter(entry -> dotted(entry.name()).equals(dotted(declared.text("Name")))
                        && entry.typeAsString().equals(declared.text("Type"))
                        && java.util.Objects.equals(entry.setIdentifier(), identifier))
                .toList());
        comparison
                .same("Name", declared.text("Name").endsWith(".") ? dotted(record.name()) : undotted(record.name()))
                .same("ResourceRecords", record.resourceRecords().stream().map(ResourceRecord::value))
                .notShown("asked by it", "HostedZoneId")
                .rest(record);
    }

    private static void healthCheck(Declared declared, Aws.InRegion aws, Comparison comparison) {
        HealthCheck check = aws.route53()
                .getHealthCheck(request -> request.healthCheckId(declared.id()))
                .healthCheck();
        comparison
                .tags(
                        "HealthCheckTags",
                        aws
                                .route53()
                                .listTagsForResource(request -> request.resourceType(TagResourceType.HEALTHCHECK)
                                        .resourceId(declared.id()))
                                .resourceTagSet()
                                .tags()
                                .stream()
                                .collect(Comparison.byKey(Tag::key, Tag::value)))
                .rest(check);
    }

    private static String dotted(String name) {
        return name.endsWith(".") ? name : name + ".";
    }

    private static String undotted(String name) {
        return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }
}
