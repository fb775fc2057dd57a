package dev.pilotlight.cli.check;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pilotlight.cli.aws.Aws;
import java.util.Locale;
import java.util.Map;
import software.amazon.awssdk.services.scheduler.model.GetScheduleResponse;
import software.amazon.awssdk.services.sfn.model.DescribeStateMachineResponse;
import software.amazon.awssdk.services.sfn.model.Tag;

/** Step Functions, and what starts it on time. */
final class RunbookChecks implements ServiceChecks {

    @Override
    public Map<String, ResourceCheck> checks() {
        return Map.of(
                "AWS::StepFunctions::StateMachine", RunbookChecks::machine,
                "AWS::Scheduler::Schedule", RunbookChecks::schedule);
    }

    @Override
    public Map<String, Attribute> attributes() {
        return Map.of("AWS::StepFunctions::StateMachine.Arn", (arn, place) -> arn);
    }

    private static void machine(Declared declared, Aws.InRegion aws, Comparison comparison) {
        DescribeStateMachineResponse machine =
                aws.stepFunctions().describeStateMachine(request -> request.stateMachineArn(declared.id()));
        comparison
                .same("StateMachineName", machine.name())
                .same("DefinitionString", machine.definition())
                .same("StateMachineType", machine.typeAsString())
                .same("RoleArn", machine.roleArn())
                .same("LoggingConfiguration", capitalized(Answer.of(machine.loggingConfiguration())))
                .same("TracingConfiguration", capitalized(Answer.of(machine.tracingConfiguration())))
                .tags(
                        "Tags",
                        aws
                                .stepFunctions()
                                .listTagsForResource(request -> request.resourceArn(declared.id()))
                                .tags()
                                .stream()
                                .collect(Comparison.byKey(Tag::key, Tag::value)))
                .rest(machine);
    }

    private static void schedule(Declared declared, Aws.InRegion aws, Comparison comparison) {
        GetScheduleResponse schedule = aws.scheduler().getSchedule(request -> request.name(declared.id()));
        comparison.rest(schedule);
    }

    /** CloudFormation writes the API's names with a capital. */
    private static JsonNode capitalized(JsonNode node) {
        if (node instanceof ArrayNode array) {
            ArrayNode copy = array.arrayNode();
            array.forEach(item -> copy.add(capitalized(item)));
            return copy;
        }
        if (node instanceof ObjectNode object) {
            ObjectNode copy = object.objectNode();
            object.properties()
                    .forEach(field -> copy.set(
                            field.getKey().substring(0, 1).toUpperCase(Locale.ROOT)
                                    + field.getKey().substring(1),
                            capitalized(field.getValue())));
            return copy;
        }
        return node;
    }
}
