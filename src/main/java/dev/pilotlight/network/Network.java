package dev.pilotlight.network;

import dev.pilotlight.compliance.Acknowledge;
import dev.pilotlight.compliance.Permissions;
import dev.pilotlight.config.Profile;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.ec2.FlowLogDestination;
import software.amazon.awscdk.services.ec2.FlowLogOptions;
import software.amazon.awscdk.services.ec2.GatewayVpcEndpointAwsService;
import software.amazon.awscdk.services.ec2.GatewayVpcEndpointOptions;
import software.amazon.awscdk.services.ec2.ISubnet;
import software.amazon.awscdk.services.ec2.IVpc;
import software.amazon.awscdk.services.ec2.IpAddresses;
import software.amazon.awscdk.services.ec2.SubnetConfiguration;
import software.amazon.awscdk.services.ec2.SubnetSelection;
import software.amazon.awscdk.services.ec2.SubnetType;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.ec2.VpcProps;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.LogGroupProps;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.constructs.Construct;

/**
 * A region's VPC over two zones. Public subnets for the load balancer, isolated ones for the database; the workload is
 * in the public ones in the economy profile, and in private ones behind NAT in production.
 */
public final class Network extends Construct {

    public static final int ZONES = 2;
    /** The VPC is cut into 16 equal subnets, of which up to 6 are used. */
    private static final int SUBNET_BITS = 4;

    private final Vpc vpc;
    private final SubnetType workloadSubnets;

    /** @param cidr range of the VPC, /16 to /23 */
    public record Props(String cidr, Profile profile, IKey key) {}

    public Network(Construct scope, String id, Props props) {
        super(scope, id);
        boolean nat = props.profile() == Profile.PRODUCTION;
        this.workloadSubnets = nat ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PUBLIC;
        int mask = Integer.parseInt(props.cidr().replaceFirst(".*/", "")) + SUBNET_BITS;
        this.vpc = new Vpc(
                this,
                "Vpc",
                VpcProps.builder()
                        .ipAddresses(IpAddresses.cidr(props.cidr()))
                        .maxAzs(ZONES)
                        .natGateways(nat ? ZONES : 0)
                        // Closing it takes a Lambda function in every stack; no resource here uses that group.
                        .restrictDefaultSecurityGroup(false)
                        .subnetConfiguration(subnets(nat, mask))
                        .build());
        vpc.addGatewayEndpoint(
                "S3",
                GatewayVpcEndpointOptions.builder()
                        .service(GatewayVpcEndpointAwsService.S3)
                        .build());
        vpc.addGatewayEndpoint(
                "DynamoDb",
                GatewayVpcEndpointOptions.builder()
                        .service(GatewayVpcEndpointAwsService.DYNAMODB)
                        .build());
        logFlows(props.key());
        acknowledgeFindings();
    }

    public IVpc vpc() {
        return vpc;
    }

    /** Where the load balancer is. */
    public SubnetSelection publicSubnets() {
        return select(SubnetType.PUBLIC);
    }

    /** Where the workload's instances are. */
    public SubnetSelection workloadSubnets() {
        return select(workloadSubnets);
    }

    /** Where the database is: no route to or from the internet. */
    public List<ISubnet> databaseSubnets() {
        return vpc.getIsolatedSubnets();
    }

    private static SubnetSelection select(SubnetType type) {
        return SubnetSelection.builder().subnetType(type).build();
    }

    private static List<SubnetConfiguration> subnets(boolean nat, int mask) {
        List<SubnetConfiguration> subnets = new ArrayList<>();
        subnets.add(SubnetConfiguration.builder()
                .name("public")
                .subnetType(SubnetType.PUBLIC)
                .cidrMask(mask)
                // Whoever wants a public address says so in its launch template.
                .mapPublicIpOnLaunch(false)
                .build());
        subnets.add(SubnetConfiguration.builder()
                .name("database")
                .subnetType(SubnetType.PRIVATE_ISOLATED)
                .cidrMask(mask)
                .build());
        if (nat) {
            subnets.add(SubnetConfiguration.builder()
                    .name("workload")
                    .subnetType(SubnetType.PRIVATE_WITH_EGRESS)
                    .cidrMask(mask)
                    .build());
        }
        return subnets;
    }

    private void acknowledgeFindings() {
        Acknowledge.finding(
                vpc.getNode().getDefaultChild(),
                "NIST.800.53.R5-VPCDefaultSecurityGroupClosed",
                "CloudFormation cannot close the default group without a Lambda function. Nothing here uses it: every"
                        + " resource names its own group.");
        for (ISubnet subnet : vpc.getPublicSubnets()) {
            Acknowledge.finding(
                    subnet.getNode().findChild("DefaultRoute"),
                    "NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW",
                    "Users are anywhere on the internet, and this is the subnet of the load balancer that they reach.");
        }
    }

    private void logFlows(IKey key) {
        LogGroup logGroup = new LogGroup(
                this,
                "FlowLogs",
                LogGroupProps.builder()
                        .encryptionKey(key)
                        .retention(RetentionDays.ONE_MONTH)
                        .removalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
                        .build());
        Permissions permissions = new Permissions(
                this,
                "FlowLogsDelivery",
                "vpc-flow-logs.amazonaws.com",
                List.of(Permissions.allow(
                        List.of("logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"),
                        logGroup.getLogGroupArn())));
        vpc.addFlowLog(
                        "Flows",
                        FlowLogOptions.builder()
                                .destination(FlowLogDestination.toCloudWatchLogs(logGroup, permissions.role()))
                                .build())
                .getNode()
                .addDependency(permissions.policy());
    }
}
