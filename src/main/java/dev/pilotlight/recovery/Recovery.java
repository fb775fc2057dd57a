package dev.pilotlight.recovery;

import dev.pilotlight.compliance.Permissions;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.network.PublicEndpoint;
import dev.pilotlight.recovery.failover.FailoverDefinition;
import dev.pilotlight.recovery.failover.FailoverSettings;
import dev.pilotlight.topology.Creation.ReplicaOf;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Topology;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.CfnElement;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.scheduler.CfnSchedule;
import software.amazon.awscdk.services.sns.ITopic;
import software.amazon.awscdk.services.stepfunctions.CfnStateMachine;
import software.constructs.Construct;

/**
 * The standby's two runbooks: the failover, and its rehearsal twice a week. Both call only their own
 * region, and need nothing that the failover is meant to survive the loss of.
 */
public final class Recovery extends Construct {

    static final String FAILOVER = "failover";
    static final String REHEARSAL = "rehearsal";

    private final OutsideQuestions questions;
    private final Runbook failover;
    private final Runbook rehearsal;

    /**
     * @param region the standby's
     * @param checkIntervalSeconds of Route 53's health checks
     * @param outside how the standby's own name is asked for
     * @param logGroup of the region's runbooks
     * @param key of the region, which encrypts the notifications
     */
    public record Props(
            Names names,
            RegionName region,
            Topology topology,
            Configuration configuration,
            int checkIntervalSeconds,
            PublicEndpoint endpoint,
            ITopic alerts,
            OutsideLook outside,
            ILogGroup logGroup,
            IKey key) {}

    public Recovery(Construct scope, String id, Props props) {
        super(scope, id);
        Names names = props.names();
        RegionName region = props.region();
        this.questions = new OutsideQuestions(
                this,
                "Outside",
                new OutsideQuestions.Props(
                        names,
                        region,
                        props.topology().nextTerm(),
                        props.outside(),
                        props.configuration().detection().witnesses(),
                        props.logGroup()));
        FailoverSettings settings = settings(props);
        this.failover = new Runbook(
                this,
                "Failover",
                names.runbook(region, FAILOVER),
                FailoverDefinition.of(settings),
                props.logGroup(),
                failoverPermissions(props, settings));
        acknowledgeFailover(props);
        this.rehearsal = new Runbook(
                this,
                "Rehearsal",
                names.runbook(region, REHEARSAL),
                RehearsalDefinition.of(settings, names.runbookArn(region, FAILOVER)),
                props.logGroup(),
                rehearsalPermissions(props));
        rehearsal.acknowledge(
                List.of(questions.executionsArn(), groupArn(props), evidence(props, REHEARSAL), names.keysArn(region)),
                "The looks from outside that it starts; the one group, whose ARN holds an id that AWS chooses; the rehearsals'"
                        + " own objects; the one key that bears the alias of this region's copies, by a condition.");
        schedule(names.workload());
    }

    /** Who asks from outside. */
    OutsideQuestions questions() {
        return questions;
    }

    /** What moves the workload here. */
    public CfnStateMachine failover() {
        return failover.machine();
    }

    /** What shows that it could. */
    public CfnStateMachine rehearsal() {
        return rehearsal.machine();
    }

    private FailoverSettings settings(Props props) {
        Names names = props.names();
        Topology topology = props.topology();
        Configuration configuration = props.configuration();
        var database = topology.databaseIn(props.region());
        return new FailoverSettings(
                names.workload(),
                names.regionOf(props.region()),
                topology.nextTerm(),
                names.database(database.ref()),
                names.databaseArn(database.ref()),
                database.creation() instanceof ReplicaOf replica ? names.databaseArn(replica.source()) : "",
                topology.standbyReplicatesLeader(),
                configuration.database().instanceClass(),
                configuration.database().backupRetentionDays(),
                names.autoScalingGroup(props.region()),
                configuration.compute().minCapacity(),
                configuration.compute().startsOnReplica(),
                configuration.compute().instanceType(),
                InstanceQuota.codeOf(configuration.compute().instanceType()).orElse(null),
                names.databaseSecret(),
                names.bucket(props.region()),
                configuration.objectives().rpoMinutes(),
                props.checkIntervalSeconds(),
                props.endpoint().listener().getListenerArn(),
                props.endpoint().targetGroup().getTargetGroupArn(),
                props.endpoint().certificate().getCertificateArn(),
                props.alerts().getTopicArn(),
                "https://" + names.host(props.region()),
                questions.machineArn(),
                !configuration.detection().witnesses().isEmpty());
    }

    private List<PolicyStatement> failoverPermissions(Props props, FailoverSettings settings) {
        Names names = props.names();
        RegionName region = props.region();
        String listener = settings.listenerArn();
        List<PolicyStatement> statements = new ArrayList<>(List.of(
                // None of these knows a resource.
                Permissions.allow(
                        List.of(
                                "autoscaling:DescribeAutoScalingGroups",
                                "cloudwatch:GetMetricData",
                                "ec2:DescribeImages",
                                "ec2:DescribeInstanceTypes",
                                "ec2:DescribeLaunchTemplateVersions",
                                "elasticloadbalancing:DescribeRules",
                                "elasticloadbalancing:DescribeTargetHealth",
                                "rds:DescribeOrderableDBInstanceOptions"),
                        "*"),
                Permissions.allow(List.of("states:ListExecutions"), names.runbookArn(region, FAILOVER)),
                Permissions.allow(List.of("states:DescribeExecution"), names.runbookExecutionsArn(region, FAILOVER)),
                Permissions.allow(
                        List.of(
                                "rds:AddTagsToResource",
                                "rds:DescribeDBInstances",
                                // Without it a description may lack its tags, and with them the point of no return.
                                "rds:ListTagsForResource",
                                "rds:PromoteReadReplica"),
                        settings.databaseArn()),
                Permissions.allow(List.of("autoscaling:UpdateAutoScalingGroup"), groupArn(props)),
                Permissions.allow(List.of("secretsmanager:DescribeSecret"), names.databaseSecretArnPattern(region)),
                Permissions.allow(List.of("acm:DescribeCertificate"), settings.certificateArn()),
                Permissions.allow(List.of("elasticloadbalancing:CreateRule"), listener),
                PolicyStatement.Builder.create()
                        .actions(List.of("elasticloadbalancing:AddTags"))
                        .resources(List.of(rules(props)))
                        .conditions(Map.of("StringEquals", Map.of("elasticloadbalancing:CreateAction", "CreateRule")))
                        .build(),
                // The sign, never a claim: a region that slept through two terms must find the one above its own.
                PolicyStatement.Builder.create()
                        .actions(List.of("elasticloadbalancing:DeleteRule"))
                        .resources(List.of(rules(props)))
                        .conditions(Map.of(
                                "StringEquals", Map.of("aws:ResourceTag/" + FailoverDefinition.SIGN_TAG, "sign")))
                        .build()));
        statements.addAll(questions.permissions());
        if (settings.quotaCode() != null) {
            // Whether it knows resources is said in two ways by AWS's own reference of IAM; a denial would be a finding
            // that
            // stops a switchover. Quotas are no secret.
            statements.add(Permissions.allow(List.of("servicequotas:GetServiceQuota"), "*"));
        }
        statements.addAll(evidencePermissions(props, FAILOVER));
        return statements;
    }

    private void acknowledgeFailover(Props props) {
        Names names = props.names();
        failover.acknowledge(
                List.of(
                        names.runbookExecutionsArn(props.region(), FAILOVER),
                        questions.executionsArn(),
                        names.listenerRulesArn(
                                props.region(),
                                "<"
                                        + Stack.of(this).getLogicalId((CfnElement) props.endpoint()
                                                .loadBalancer()
                                                .getNode()
                                                .getDefaultChild())
                                        + ".LoadBalancerFullName>"),
                        groupArn(props),
                        evidence(props, FAILOVER),
                        names.keysArn(props.region())),
                "The runbook's own executions, and the looks from outside that it starts; the rules of the one load balancer, of which it may delete the sign only, by its"
                        + " tag; the one group, whose ARN holds an id that AWS chooses; the failovers' own"
                        + " objects; the one key that bears the alias of this region's copies, by a condition.");
    }

    private List<PolicyStatement> rehearsalPermissions(Props props) {
        List<PolicyStatement> statements = new ArrayList<>(List.of(
                Permissions.allow(
                        List.of(
                                "autoscaling:DescribeAutoScalingGroups",
                                "elasticloadbalancing:DescribeRules",
                                "elasticloadbalancing:DescribeTargetHealth"),
                        "*"),
                Permissions.allow(
                        List.of("states:ListExecutions"), props.names().runbookArn(props.region(), FAILOVER)),
                Permissions.allow(List.of("autoscaling:SetDesiredCapacity"), groupArn(props))));
        statements.addAll(questions.permissions());
        statements.addAll(evidencePermissions(props, REHEARSAL));
        return statements;
    }

    private static List<PolicyStatement> evidencePermissions(Props props, String purpose) {
        Names names = props.names();
        return List.of(
                PolicyStatement.Builder.create()
                        .actions(List.of("cloudwatch:PutMetricData"))
                        .resources(List.of("*"))
                        .conditions(Map.of("StringEquals", Map.of("cloudwatch:namespace", Signals.NAMESPACE)))
                        .build(),
                Permissions.allow(List.of("s3:PutObject"), evidence(props, purpose)),
                PolicyStatement.Builder.create()
                        .actions(List.of("kms:GenerateDataKey"))
                        .resources(List.of(names.keysArn(props.region())))
                        .conditions(Map.of(
                                "ForAnyValue:StringEquals",
                                Map.of("kms:ResourceAliases", names.foundationKeyAlias(props.region()))))
                        .build(),
                Permissions.allow(List.of("sns:Publish"), props.alerts().getTopicArn()),
                Permissions.allow(
                        List.of("kms:Decrypt", "kms:GenerateDataKey"),
                        props.key().getKeyArn()));
    }

    private static String groupArn(Props props) {
        return props.names().autoScalingGroupArn(props.region());
    }

    private static String evidence(Props props, String purpose) {
        return props.names().bucketArn(props.region()) + "/pilotlight/" + purpose + "/*";
    }

    private static String rules(Props props) {
        return props.names()
                .listenerRulesArn(
                        props.region(), props.endpoint().loadBalancer().getLoadBalancerFullName());
    }

    /**
     * In working hours, far from the databases' windows: somebody should see it fail. Twice a week, because CloudWatch looks
     * back seven days at most: so the alarm on rehearsals that have not succeeded for a week forgives one.
     */
    private void schedule(String workload) {
        Permissions permissions = new Permissions(
                this,
                "Schedule",
                "scheduler.amazonaws.com",
                List.of(Permissions.allow(
                        List.of("states:StartExecution"), rehearsal.machine().getAttrArn())));
        CfnSchedule schedule = CfnSchedule.Builder.create(this, "Regularly")
                .description("Rehearses the failover of " + workload + " with one instance, on Tuesdays and Fridays")
                .scheduleExpression("cron(0 9 ? * TUE,FRI *)")
                .scheduleExpressionTimezone("UTC")
                .flexibleTimeWindow(CfnSchedule.FlexibleTimeWindowProperty.builder()
                        .mode("OFF")
                        .build())
                .target(CfnSchedule.TargetProperty.builder()
                        .arn(rehearsal.machine().getAttrArn())
                        .roleArn(permissions.role().getRoleArn())
                        .retryPolicy(CfnSchedule.RetryPolicyProperty.builder()
                                .maximumEventAgeInSeconds(3600)
                                .maximumRetryAttempts(10)
                                .build())
                        .build())
                .build();
        schedule.getNode().addDependency(permissions.policy());
    }
}
