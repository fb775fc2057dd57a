package dev.pilotlight.recovery;

import dev.pilotlight.compliance.Acknowledge;
import dev.pilotlight.compliance.Permissions;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.stepfunctions.CfnStateMachine;
import software.constructs.Construct;

/** A state machine under a fixed name, logged and traced, that may do what it is given and nothing else. */
final class Runbook extends Construct {

    /** How it runs. */
    enum Kind {
        /** Every step is kept, and an execution's name is taken for 90 days. */
        STANDARD,
        /** For what runs every minute: it is logged where it fails only, and not traced. */
        EXPRESS
    }

    private final CfnStateMachine machine;
    private final Permissions permissions;

    Runbook(
            Construct scope,
            String id,
            String name,
            String definition,
            ILogGroup logGroup,
            List<PolicyStatement> statements) {
        this(scope, id, Kind.STANDARD, name, definition, logGroup, statements);
    }

    Runbook(
            Construct scope,
            String id,
            Kind kind,
            String name,
            String definition,
            ILogGroup logGroup,
            List<PolicyStatement> statements) {
        super(scope, id);
        boolean express = kind == Kind.EXPRESS;
        // As the documentation of Step Functions asks for: the deliveries' and traces' APIs know no resources.
        List<String> reporting = new ArrayList<>(List.of(
                "logs:CreateLogDelivery",
                "logs:DeleteLogDelivery",
                "logs:DescribeLogGroups",
                "logs:DescribeResourcePolicies",
                "logs:GetLogDelivery",
                "logs:ListLogDeliveries",
                "logs:PutResourcePolicy",
                "logs:UpdateLogDelivery"));
        if (!express) {
            reporting.addAll(List.of(
                    "xray:GetSamplingRules",
                    "xray:GetSamplingTargets",
                    "xray:PutTelemetryRecords",
                    "xray:PutTraceSegments"));
        }
        List<PolicyStatement> all = new ArrayList<>(statements);
        all.add(Permissions.allow(reporting, "*"));
        this.permissions = new Permissions(this, "Execution", "states.amazonaws.com", all);
        // The L2 would depend on its role twice, which cfn-lint does not like, and has nothing else that we need.
        this.machine = CfnStateMachine.Builder.create(this, "Machine")
                .stateMachineName(name)
                // Create-only: left out where it is the default, as it was from the first deploy.
                .stateMachineType(express ? kind.name() : null)
                .definitionString(definition)
                .roleArn(permissions.role().getRoleArn())
                .tracingConfiguration(CfnStateMachine.TracingConfigurationProperty.builder()
                        .enabled(!express)
                        .build())
                .loggingConfiguration(CfnStateMachine.LoggingConfigurationProperty.builder()
                        .level(express ? "ERROR" : "ALL")
                        .includeExecutionData(true)
                        .destinations(List.of(CfnStateMachine.LogDestinationProperty.builder()
                                .cloudWatchLogsLogGroup(CfnStateMachine.CloudWatchLogsLogGroupProperty.builder()
                                        .logGroupArn(logGroup.getLogGroupArn())
                                        .build())
                                .build()))
                        .build())
                .build();
        machine.getNode().addDependency(permissions.policy());
        Acknowledge.wildcards(
                permissions.policy(),
                List.of("Resource::*"),
                "Descriptions, quotas, metrics, traces and log deliveries whose actions know no resource-level permission, or"
                        + " of which AWS's own data say both; what changes anything names its resource.");
    }

    CfnStateMachine machine() {
        return machine;
    }

    /** Records why a statement names more than one resource. */
    void acknowledge(List<String> resources, String reason) {
        Acknowledge.wildcards(
                permissions.policy(),
                resources.stream().map(resource -> "Resource::" + resource).toList(),
                reason);
    }
}
