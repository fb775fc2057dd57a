package dev.pilotlight.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.cli.aws.Aws;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.cloudformation.model.Parameter;
import software.amazon.awssdk.services.cloudformation.model.Stack;
import software.amazon.awssdk.services.cloudformation.model.StackResourceSummary;
import software.amazon.awssdk.services.rds.model.DBInstance;

/** Compares what templates declare with what AWS answers, resource by resource. */
public final class Verification {

    private final Aws aws;
    private final String account;

    public Verification(Aws aws, String account) {
        this.aws = aws;
        this.account = account;
    }

    /**
     * What came out.
     *
     * @param resources how many are declared
     * @param findings what is missing or differs: one sentence each
     * @param unchecked types, or properties as TYPE.PROPERTY, that nobody compared
     */
    public record Result(int resources, List<String> findings, List<String> unchecked) {}

    /**
     * Asks for every resource of these templates.
     *
     * @param progress told the type of each resource that is asked for
     */
    public Result verify(List<Template> templates, Consumer<String> progress) {
        List<String> findings = new ArrayList<>();
        Map<String, Integer> unchecked = new TreeMap<>();
        int resources = 0;
        for (Template template : templates) {
            resources += template.body().path("Resources").size();
            try {
                verify(template, findings, unchecked, progress);
            } catch (AwsServiceException e) {
                findings.add("%s: the stack is not there: %s"
                        .formatted(template.stack(), e.awsErrorDetails().errorMessage()));
            }
        }
        return new Result(resources, findings, List.copyOf(unchecked.keySet()));
    }

    /** Whether the failover runbook has made an independent database of this replica. */
    public static boolean isPromoted(DBInstance database) {
        return DatabaseChecks.isPromoted(database);
    }

    private void verify(
            Template template, List<String> findings, Map<String, Integer> unchecked, Consumer<String> progress) {
        Aws.InRegion services = aws.in(template.region());
        Map<String, String> physicalIds = new HashMap<>();
        for (StackResourceSummary resource : services.cloudFormation()
                .listStackResourcesPaginator(request -> request.stackName(template.stack()))
                .stackResourceSummaries()) {
            physicalIds.put(resource.logicalResourceId(), resource.physicalResourceId());
        }
        Resolver resolver = new Resolver(
                template.body().path("Resources"),
                parameters(template, services),
                physicalIds,
                new ServiceChecks.Place(template.region(), account, services),
                Checks.attributes());
        template.body().path("Resources").properties().forEach(entry -> {
            String type = entry.getValue().path("Type").asText();
            String id = physicalIds.get(entry.getKey());
            progress.accept(type);
            if (id == null) {
                findings.add("%s: %s %s is missing: the stack has no such resource."
                        .formatted(template.stack(), type, entry.getKey()));
            } else if (Checks.of(type) == null) {
                unchecked.merge(type, 1, Integer::sum);
            } else {
                check(template, entry.getKey(), type, id, entry.getValue(), resolver, services, findings, unchecked);
            }
        });
    }

    private static void check(
            Template template,
            String logicalId,
            String type,
            String id,
            JsonNode resource,
            Resolver resolver,
            Aws.InRegion services,
            List<String> findings,
            Map<String, Integer> unchecked) {
        Declared declared = new Declared(template.stack(), template.region(), logicalId, type, id, Answer.of(Map.of()));
        try {
            JsonNode properties =
                    resource.has("Properties") ? resolver.resolve(resource.path("Properties")) : Answer.of(Map.of());
            declared = new Declared(template.stack(), template.region(), logicalId, type, id, properties);
            Comparison comparison = new Comparison(declared);
            Checks.of(type).check(declared, services, comparison);
            for (String difference : comparison.differences()) {
                findings.add(declared + ": " + difference + ".");
            }
            comparison.notCompared().forEach(property -> unchecked.merge(type + "." + property, 1, Integer::sum));
        } catch (Missing e) {
            findings.add("%s is missing: %s.".formatted(declared, e.getMessage()));
        } catch (AwsServiceException e) {
            findings.add(
                    "%s is missing: %s".formatted(declared, e.awsErrorDetails().errorMessage()));
        }
    }

    private static Map<String, String> parameters(Template template, Aws.InRegion services) {
        Stack stack = Missing.ifEmpty(services.cloudFormation()
                .describeStacks(request -> request.stackName(template.stack()))
                .stacks());
        Map<String, String> parameters = new HashMap<>();
        for (Parameter parameter : stack.parameters()) {
            parameters.put(
                    parameter.parameterKey(),
                    parameter.resolvedValue() == null ? parameter.parameterValue() : parameter.resolvedValue());
        }
        return parameters;
    }
}
