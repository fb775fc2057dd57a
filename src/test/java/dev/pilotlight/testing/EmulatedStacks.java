package dev.pilotlight.testing;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import dev.pilotlight.topology.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudformation.model.Capability;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;

/** Stacks deployed to an emulator as the CDK CLI does it, under their real names, without the CLI's own seconds. */
public final class EmulatedStacks {

    private final Aws aws;
    private final String workload;

    public EmulatedStacks(Aws aws, String workload) {
        this.aws = aws;
        this.workload = workload;
    }

    /** All of an app's, in the order of their dependencies; returns how each ended. */
    public List<String> deploy(SynthesizedApp app) throws InterruptedException {
        List<String> statuses = new ArrayList<>();
        List<StackTemplate> left = new ArrayList<>(app.stacks());
        while (!left.isEmpty()) {
            StackTemplate next = left.stream()
                    .filter(stack ->
                            left.stream().noneMatch(other -> stack.dependsOn().contains(other.name())))
                    .findFirst()
                    .orElseThrow();
            left.remove(next);
            statuses.add(deploy(next));
        }
        return statuses;
    }

    /** One stack; returns its status at the end, or why it was refused at once. */
    public String deploy(StackTemplate stack) throws InterruptedException {
        CloudFormationClient cloudFormation = aws.in(stack.region()).cloudFormation();
        String name = name(stack);
        // Nothing was bootstrapped: no assets, no CLI.
        ObjectNode copy = stack.template().deepCopy();
        copy.withObject("/Parameters").remove("BootstrapVersion");
        copy.remove("Rules");
        String template = copy.toString();
        try {
            if (isThere(cloudFormation, name)) {
                cloudFormation.updateStack(request ->
                        request.stackName(name).templateBody(template).capabilities(Capability.CAPABILITY_NAMED_IAM));
            } else {
                cloudFormation.createStack(request ->
                        request.stackName(name).templateBody(template).capabilities(Capability.CAPABILITY_NAMED_IAM));
            }
        } catch (CloudFormationException refused) {
            return refused.awsErrorDetails().errorMessage();
        }
        String status;
        do {
            Thread.sleep(50);
            status = cloudFormation
                    .describeStacks(request -> request.stackName(name))
                    .stacks()
                    .get(0)
                    .stackStatusAsString();
        } while (status.endsWith("_IN_PROGRESS"));
        return status;
    }

    /** Why resources could not be made, changed or deleted, newest first. */
    public List<String> failures(StackTemplate stack) {
        return aws
                .in(stack.region())
                .cloudFormation()
                .describeStackEventsPaginator(request -> request.stackName(name(stack)))
                .stackEvents()
                .stream()
                .filter(event -> event.resourceStatusAsString().endsWith("_FAILED"))
                .map(event -> event.logicalResourceId() + ": " + event.resourceStatusReason())
                .toList();
    }

    private static boolean isThere(CloudFormationClient cloudFormation, String name) {
        try {
            return !cloudFormation
                    .describeStacks(request -> request.stackName(name))
                    .stacks()
                    .isEmpty();
        } catch (CloudFormationException absent) {
            return false;
        }
    }

    private String name(StackTemplate stack) {
        String role = stack.name().toLowerCase(Locale.ROOT).replace("stack", "").replace("drfoundation", "foundation");
        return Names.stack(workload, role);
    }
}
