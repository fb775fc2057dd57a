package dev.pilotlight.dns;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.dns.Route53Model.FailoverRecord;
import dev.pilotlight.dns.Route53Model.HealthCheck;
import dev.pilotlight.dns.Route53Model.HttpAnswer;
import dev.pilotlight.dns.Route53Model.Position;
import dev.pilotlight.testing.Intrinsics;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import dev.pilotlight.topology.RegionName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a region's synthesized template says about DNS, nothing of it stated here again.
 *
 * @param host the region's own name
 * @param record its half of the failover pair, named after the region
 * @param fixedAnswers of its HTTPS listener, by path pattern, in the order of their priorities; everything else goes to the workload
 */
record RegionDns(RegionName region, String host, FailoverRecord record, Map<String, HttpAnswer> fixedAnswers) {

    static RegionDns of(RegionName region, StackTemplate stack) {
        String loadBalancer = only(stack, "AWS::ElasticLoadBalancingV2::LoadBalancer");
        String host = null;
        FailoverRecord failover = null;
        for (JsonNode resource : stack.ofType("AWS::Route53::RecordSet").values()) {
            JsonNode record = resource.path("Properties");
            String target = Intrinsics.text(record.at("/AliasTarget/DNSName"));
            if (!target.equals("dualstack.${" + loadBalancer + ".DNSName}")) {
                throw new AssertionError("a record leads to " + target);
            }
            if (record.has("Failover")) {
                failover = new FailoverRecord(
                        region.id(),
                        Position.valueOf(record.path("Failover").asText()),
                        record.at("/AliasTarget/EvaluateTargetHealth").asBoolean(),
                        check(stack.resource(record.at("/HealthCheckId/Ref").asText())
                                .at("/Properties/HealthCheckConfig")));
            } else {
                host = record.path("Name").asText().replaceFirst("\\.$", "");
            }
        }
        return new RegionDns(region, host, failover, fixedAnswers(stack));
    }

    private static HealthCheck check(JsonNode config) {
        if (!config.path("Type").asText().startsWith("HTTPS")) {
            throw new AssertionError("the model knows no health check of type " + config.path("Type"));
        }
        return new HealthCheck(
                config.path("FullyQualifiedDomainName").asText(),
                config.path("Port").asInt(),
                config.path("ResourcePath").asText(),
                config.path("SearchString").asText(),
                config.path("Inverted").asBoolean());
    }

    private static Map<String, HttpAnswer> fixedAnswers(StackTemplate stack) {
        Map<String, HttpAnswer> answers = new LinkedHashMap<>();
        List<JsonNode> rules = new ArrayList<>(
                stack.ofType("AWS::ElasticLoadBalancingV2::ListenerRule").values());
        rules.sort(
                Comparator.comparingInt(rule -> rule.at("/Properties/Priority").asInt()));
        for (JsonNode rule : rules) {
            JsonNode listener =
                    stack.resource(rule.at("/Properties/ListenerArn/Ref").asText());
            JsonNode fixed = rule.at("/Properties/Actions/0/FixedResponseConfig");
            if (listener.at("/Properties/Port").asInt() == 443 && !fixed.isMissingNode()) {
                answers.put(
                        rule.at("/Properties/Conditions/0/PathPatternConfig/Values/0")
                                .asText(),
                        new HttpAnswer(
                                fixed.path("StatusCode").asInt(),
                                fixed.path("MessageBody").asText()));
            }
        }
        return answers;
    }

    private static String only(StackTemplate stack, String type) {
        return stack.ofType(type).keySet().iterator().next();
    }
}
