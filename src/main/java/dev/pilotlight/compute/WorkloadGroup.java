package dev.pilotlight.compute;

import dev.pilotlight.compliance.Acknowledge;
import dev.pilotlight.compliance.Permissions;
import dev.pilotlight.config.Configuration.Architecture;
import dev.pilotlight.config.Configuration.Compute;
import dev.pilotlight.data.RegionDatabase;
import dev.pilotlight.network.Network;
import dev.pilotlight.network.PublicEndpoint;
import dev.pilotlight.recovery.Signals;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Role;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.CfnResource;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.autoscaling.AdditionalHealthCheckType;
import software.amazon.awscdk.services.autoscaling.AdditionalHealthChecksOptions;
import software.amazon.awscdk.services.autoscaling.AutoScalingGroup;
import software.amazon.awscdk.services.autoscaling.AutoScalingGroupProps;
import software.amazon.awscdk.services.autoscaling.CpuUtilizationScalingProps;
import software.amazon.awscdk.services.autoscaling.GroupMetrics;
import software.amazon.awscdk.services.autoscaling.HealthChecks;
import software.amazon.awscdk.services.autoscaling.InstanceRefreshOptions;
import software.amazon.awscdk.services.autoscaling.InstanceRefreshStrategy;
import software.amazon.awscdk.services.autoscaling.NotificationConfiguration;
import software.amazon.awscdk.services.autoscaling.UpdatePolicy;
import software.amazon.awscdk.services.cloudwatch.Alarm;
import software.amazon.awscdk.services.ec2.AmazonLinux2023ImageSsmParameterProps;
import software.amazon.awscdk.services.ec2.AmazonLinuxCpuType;
import software.amazon.awscdk.services.ec2.BlockDevice;
import software.amazon.awscdk.services.ec2.BlockDeviceVolume;
import software.amazon.awscdk.services.ec2.EbsDeviceOptions;
import software.amazon.awscdk.services.ec2.EbsDeviceVolumeType;
import software.amazon.awscdk.services.ec2.IMachineImage;
import software.amazon.awscdk.services.ec2.ISecurityGroup;
import software.amazon.awscdk.services.ec2.InstanceType;
import software.amazon.awscdk.services.ec2.LaunchTemplate;
import software.amazon.awscdk.services.ec2.LaunchTemplateProps;
import software.amazon.awscdk.services.ec2.MachineImage;
import software.amazon.awscdk.services.ec2.UserData;
import software.amazon.awscdk.services.iam.IRole;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.sns.ITopic;
import software.constructs.Construct;

/**
 * The workload's instances in one region: launch template and Auto Scaling group, serving in the leader's role and of
 * zero capacity in the standby's.
 */
public final class WorkloadGroup extends Construct {

    private static final Duration BOOT_TIME = Duration.minutes(3);

    private final AutoScalingGroup group;

    /**
     * @param role decides the least capacity only: everything else is the same, so that the standby's group can serve
     *     all that the leader's does
     * @param database whose endpoint the instances are told
     * @param databaseTerm the term in which it joined the lineage
     * @param refreshAlarms refuse and stop a roll-out; none where a repair must not be refused
     */
    public record Props(
            Names names,
            RegionName region,
            Role role,
            Compute compute,
            boolean publicAddresses,
            Network network,
            PublicEndpoint endpoint,
            ISecurityGroup securityGroup,
            RegionDatabase database,
            int databaseTerm,
            ITopic alerts,
            List<Alarm> refreshAlarms) {}

    public WorkloadGroup(Construct scope, String id, Props props) {
        super(scope, id);
        Permissions permissions = permissions(props.names(), props.region());
        LaunchTemplate launchTemplate = launchTemplate(props, permissions.role());
        this.group = new AutoScalingGroup(
                this,
                "Group",
                AutoScalingGroupProps.builder()
                        // A fixed name: the runbook and the agent scale it.
                        .autoScalingGroupName(props.names().autoScalingGroup(props.region()))
                        .vpc(props.network().vpc())
                        .vpcSubnets(props.network().workloadSubnets())
                        .launchTemplate(launchTemplate)
                        // No desired capacity: it would reset a group that runbook or load have scaled, at every
                        // deploy.
                        .minCapacity(
                                props.role() == Role.LEADER ? props.compute().minCapacity() : 0)
                        .maxCapacity(props.compute().maxCapacity())
                        .defaultInstanceWarmup(Duration.minutes(2))
                        .healthChecks(HealthChecks.withAdditionalChecks(AdditionalHealthChecksOptions.builder()
                                .additionalTypes(List.of(AdditionalHealthCheckType.ELB))
                                .gracePeriod(BOOT_TIME)
                                .build()))
                        .groupMetrics(List.of(GroupMetrics.all()))
                        .notifications(List.of(NotificationConfiguration.builder()
                                .topic(props.alerts())
                                .build()))
                        .updatePolicy(UpdatePolicy.instanceRefresh(InstanceRefreshOptions.builder()
                                .strategy(InstanceRefreshStrategy.ROLLING)
                                .minHealthyPercentage(100)
                                .maxHealthyPercentage(200)
                                .instanceWarmup(Duration.minutes(2))
                                .skipMatching(true)
                                .alarms(props.refreshAlarms().isEmpty() ? null : props.refreshAlarms())
                                .build()))
                        .build());
        group.attachToApplicationTargetGroup(props.endpoint().targetGroup());
        group.scaleOnCpuUtilization(
                "Load",
                CpuUtilizationScalingProps.builder()
                        .targetUtilizationPercent(60)
                        .build());
        // Instances that boot before they may read their secret would give up.
        group.getNode().addDependency(permissions.policy());
        // So would those that boot before their subnet has its route to AWS.
        group.getNode()
                .addDependency(props.network()
                        .vpc()
                        .selectSubnets(props.network().workloadSubnets())
                        .getInternetConnectivityEstablished());
        Acknowledge.lint(
                (CfnResource) group.getNode().getDefaultChild(),
                "E3016",
                "AutoScalingInstanceRefresh is a documented update policy; cfn-lint does not know it yet.");
    }

    public AutoScalingGroup group() {
        return group;
    }

    private LaunchTemplate launchTemplate(Props props, IRole role) {
        return new LaunchTemplate(
                this,
                "LaunchTemplate",
                LaunchTemplateProps.builder()
                        .machineImage(image(props))
                        .instanceType(new InstanceType(props.compute().instanceType()))
                        .role(role)
                        .securityGroup(props.securityGroup())
                        .associatePublicIpAddress(props.publicAddresses())
                        .requireImdsv2(true)
                        .detailedMonitoring(true)
                        .blockDevices(List.of(BlockDevice.builder()
                                .deviceName("/dev/xvda")
                                .volume(BlockDeviceVolume.ebs(
                                        8,
                                        EbsDeviceOptions.builder()
                                                .volumeType(EbsDeviceVolumeType.GP3)
                                                .encrypted(true)
                                                .build()))
                                .build()))
                        .userData(UserData.custom(new BootScript(
                                        props.names(),
                                        props.region(),
                                        props.database().instance().getAttrEndpointAddress(),
                                        props.databaseTerm(),
                                        Aws.URL_SUFFIX,
                                        props.compute().userData().orElseGet(BootScript::sampleWorkload))
                                .text()))
                        .build());
    }

    /**
     * The newest Amazon Linux is looked up at deploy, not at launch: a version of the launch template then always means
     * the same image, which is what a rollback to it relies on.
     */
    private static IMachineImage image(Props props) {
        return props.compute()
                .amis()
                .<IMachineImage>map(amis -> MachineImage.genericLinux(
                        Map.of(props.names().regionOf(props.region()), amis.in(props.region()))))
                .orElseGet(() -> MachineImage.latestAmazonLinux2023(AmazonLinux2023ImageSsmParameterProps.builder()
                        .cpuType(
                                props.compute().architecture() == Architecture.ARM64
                                        ? AmazonLinuxCpuType.ARM_64
                                        : AmazonLinuxCpuType.X86_64)
                        .build()));
    }

    /**
     * What the workload may do: Session Manager, and its own region's secret, bucket and table; and the agent: report
     * metrics, to both regions, and scale its own group.
     */
    private Permissions permissions(Names names, RegionName region) {
        String objects = names.bucketArn(region) + "/*";
        String secret = names.databaseSecretArnPattern(region);
        // Not AmazonSSMManagedInstanceCore, which also reads every parameter of the account.
        PolicyStatement sessions = Permissions.allow(
                List.of(
                        "ssmmessages:CreateControlChannel",
                        "ssmmessages:CreateDataChannel",
                        "ssmmessages:OpenControlChannel",
                        "ssmmessages:OpenDataChannel"),
                "*");
        PolicyStatement metrics = PolicyStatement.Builder.create()
                .actions(List.of("cloudwatch:PutMetricData"))
                .resources(List.of("*"))
                .conditions(Map.of("StringEquals", Map.of("cloudwatch:namespace", Signals.NAMESPACE)))
                .build();
        String ownGroup = names.autoScalingGroupArn(region);
        String instances = names.instancesArn(region);
        PolicyStatement copiesKey = PolicyStatement.Builder.create()
                .actions(List.of("kms:Decrypt", "kms:GenerateDataKey"))
                .resources(List.of(names.keysArn(region)))
                .conditions(Map.of(
                        "ForAnyValue:StringEquals", Map.of("kms:ResourceAliases", names.foundationKeyAlias(region))))
                .build();
        Permissions permissions = new Permissions(
                this,
                "Instance",
                "ec2.amazonaws.com",
                List.of(
                        sessions,
                        metrics,
                        Permissions.allow(List.of("autoscaling:UpdateAutoScalingGroup"), ownGroup),
                        Permissions.allow(List.of("ssm:UpdateInstanceInformation"), instances),
                        Permissions.allow(
                                List.of("secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"), secret),
                        Permissions.allow(List.of("s3:ListBucket"), names.bucketArn(region)),
                        Permissions.allow(
                                List.of(
                                        "s3:GetObject",
                                        "s3:PutObject",
                                        "s3:DeleteObject",
                                        "s3:AbortMultipartUpload",
                                        "s3:ListMultipartUploadParts"),
                                objects),
                        Permissions.allow(
                                List.of(
                                        "dynamodb:BatchGetItem",
                                        "dynamodb:BatchWriteItem",
                                        "dynamodb:ConditionCheckItem",
                                        "dynamodb:DeleteItem",
                                        "dynamodb:DescribeTable",
                                        "dynamodb:GetItem",
                                        "dynamodb:PutItem",
                                        "dynamodb:Query",
                                        "dynamodb:Scan",
                                        "dynamodb:UpdateItem"),
                                names.tableArn(region)),
                        copiesKey));
        Acknowledge.wildcards(
                permissions.policy(),
                List.of("Resource::*"),
                "Session Manager's channels know no resource-level permission; with them there is no SSH port and no key pair."
                        + " Neither does PutMetricData, which a condition narrows to the agent's namespace.");
        Acknowledge.wildcards(
                permissions.policy(),
                List.of("Resource::" + ownGroup),
                "The agent asks its own group for zero when the other region has taken over. The group's name is fixed;"
                        + " the id before it in the ARN is chosen by AWS.");
        Acknowledge.wildcards(
                permissions.policy(),
                List.of("Resource::" + instances),
                "An instance of the group reports itself to Session Manager; its id is known only after it has started.");
        Acknowledge.wildcards(
                permissions.policy(),
                List.of("Resource::" + objects),
                "The workload reads and writes its own objects, whatever their keys, in this one bucket.");
        Acknowledge.wildcards(
                permissions.policy(),
                List.of("Resource::" + names.keysArn(region)),
                "Narrowed by a condition to the one key that bears the alias of this region's copies; its id belongs to"
                        + " another stack.");
        return permissions;
    }
}
