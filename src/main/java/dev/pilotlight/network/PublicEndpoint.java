package dev.pilotlight.network;

import dev.pilotlight.compliance.Acknowledge;
import dev.pilotlight.data.AccessLogBucket;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionAnswer;
import dev.pilotlight.topology.RegionName;
import java.util.List;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.certificatemanager.Certificate;
import software.amazon.awscdk.services.certificatemanager.CertificateProps;
import software.amazon.awscdk.services.certificatemanager.CertificateValidation;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ec2.Port;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.SecurityGroupProps;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationListener;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationListenerRule;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationListenerRuleProps;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationLoadBalancer;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationLoadBalancerProps;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationProtocol;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationTargetGroup;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationTargetGroupProps;
import software.amazon.awscdk.services.elasticloadbalancingv2.BaseApplicationListenerProps;
import software.amazon.awscdk.services.elasticloadbalancingv2.FixedResponseOptions;
import software.amazon.awscdk.services.elasticloadbalancingv2.HealthCheck;
import software.amazon.awscdk.services.elasticloadbalancingv2.IApplicationListener;
import software.amazon.awscdk.services.elasticloadbalancingv2.ListenerAction;
import software.amazon.awscdk.services.elasticloadbalancingv2.ListenerCertificate;
import software.amazon.awscdk.services.elasticloadbalancingv2.ListenerCondition;
import software.amazon.awscdk.services.elasticloadbalancingv2.RedirectOptions;
import software.amazon.awscdk.services.elasticloadbalancingv2.SslPolicy;
import software.amazon.awscdk.services.elasticloadbalancingv2.TargetType;
import software.amazon.awscdk.services.route53.IHostedZone;
import software.amazon.awscdk.services.s3.Bucket;
import software.constructs.Construct;

/** Where users enter a region: load balancer, certificate, HTTPS, and the target group that the workload fills. */
public final class PublicEndpoint extends Construct {

    /** The port on which the workload listens. */
    public static final int WORKLOAD_PORT = 8080;
    /** The path that the workload answers with 200 as long as it can serve; it must not ask the database. */
    public static final String HEALTH_PATH = "/health";

    /** Below every claim's: the runbook creates claims with smaller numbers, which are asked first. */
    private static final int RESERVED_PRIORITY = 10_000;

    private final ApplicationLoadBalancer loadBalancer;
    private final ApplicationTargetGroup targetGroup;
    private final SecurityGroup securityGroup;
    private final Certificate certificate;
    private final ApplicationListener listener;

    public record Props(
            Names names, RegionName region, Network network, IHostedZone zone, boolean deletionProtection) {}

    public PublicEndpoint(Construct scope, String id, Props props) {
        super(scope, id);
        this.securityGroup = openToUsers(props.network());
        this.loadBalancer = new ApplicationLoadBalancer(
                this,
                "LoadBalancer",
                ApplicationLoadBalancerProps.builder()
                        .vpc(props.network().vpc())
                        .vpcSubnets(props.network().publicSubnets())
                        .internetFacing(true)
                        .securityGroup(securityGroup)
                        .dropInvalidHeaderFields(true)
                        .deletionProtection(props.deletionProtection())
                        .build());
        logAccesses(new AccessLogBucket(this, "AccessLogs").bucket());
        this.targetGroup = new ApplicationTargetGroup(
                this,
                "Targets",
                ApplicationTargetGroupProps.builder()
                        .vpc(props.network().vpc())
                        .targetType(TargetType.INSTANCE)
                        .protocol(ApplicationProtocol.HTTP)
                        .port(WORKLOAD_PORT)
                        .deregistrationDelay(Duration.seconds(30))
                        // 20 seconds from boot to service: the health check must not be what a failover waits for.
                        .healthCheck(HealthCheck.builder()
                                .path(HEALTH_PATH)
                                .interval(Duration.seconds(10))
                                .timeout(Duration.seconds(5))
                                .healthyThresholdCount(2)
                                .unhealthyThresholdCount(3)
                                .build())
                        .build());
        redirectToHttps();
        this.certificate = certificate(props);
        this.listener = serve();
        answer("NoClaim", RESERVED_PRIORITY, Claim.RESERVED_PATH, 503, Claim.NONE);
        Names names = props.names();
        answer(
                "Region",
                RegionAnswer.PRIORITY,
                RegionAnswer.PATH,
                200,
                new RegionAnswer(names.workload(), names.regionOf(props.region())).text());
        Acknowledge.finding(
                loadBalancer.getNode().getDefaultChild(),
                "NIST.800.53.R5-ALBWAFEnabled",
                "Which requests to block is the workload's knowledge, not the recovery system's. A web ACL attached to this"
                        + " load balancer, or by Firewall Manager, is in no template here and survives every deploy.");
    }

    public ApplicationLoadBalancer loadBalancer() {
        return loadBalancer;
    }

    public ApplicationTargetGroup targetGroup() {
        return targetGroup;
    }

    /** Issued only if the hosted zone is right and delegated: what cannot be rolled back waits for it. */
    public Certificate certificate() {
        return certificate;
    }

    /** The HTTPS listener, on which the runbook shows signs and claims. */
    public IApplicationListener listener() {
        return listener;
    }

    /** The load balancer's group: the only source from which the workload accepts connections. */
    public SecurityGroup securityGroup() {
        return securityGroup;
    }

    private void logAccesses(Bucket logs) {
        loadBalancer.logAccessLogs(logs);
        Acknowledge.findings(
                logs,
                List.of("AwsSolutions-S1", "NIST.800.53.R5-S3BucketLoggingEnabled"),
                "This bucket receives access logs; logging it into itself would make each log line cause another.");
    }

    private SecurityGroup openToUsers(Network network) {
        SecurityGroup group = new SecurityGroup(
                this,
                "SecurityGroup",
                SecurityGroupProps.builder()
                        .vpc(network.vpc())
                        .description("Load balancer: open to users")
                        .allowAllOutbound(false)
                        .build());
        group.addIngressRule(Peer.anyIpv4(), Port.tcp(443), "HTTPS from users");
        group.addIngressRule(Peer.anyIpv4(), Port.tcp(80), "HTTP from users, redirected to HTTPS");
        Acknowledge.finding(
                group, "AwsSolutions-EC23", "The entrance for the public, on 443, and on 80 for the redirect to it.");
        return group;
    }

    /** Each region has its own certificate: ACM's are regional, and a region that needed the other's could not start. */
    private Certificate certificate(Props props) {
        return new Certificate(
                this,
                "Certificate",
                CertificateProps.builder()
                        .domainName(props.names().recordName())
                        .subjectAlternativeNames(List.of(props.names().host(props.region())))
                        .validation(CertificateValidation.fromDns(props.zone()))
                        .build());
    }

    private void redirectToHttps() {
        ApplicationListener http = loadBalancer.addListener(
                "Http",
                BaseApplicationListenerProps.builder()
                        .protocol(ApplicationProtocol.HTTP)
                        .port(80)
                        .open(false)
                        .defaultAction(ListenerAction.redirect(RedirectOptions.builder()
                                .protocol("HTTPS")
                                .port("443")
                                .permanent(true)
                                .build()))
                        .build());
        Acknowledge.finding(
                http.getNode().getDefaultChild(),
                "NIST.800.53.R5-ELBv2ACMCertificateRequired",
                "Plain HTTP by purpose: it serves nothing but the redirect to HTTPS.");
    }

    private ApplicationListener serve() {
        ApplicationListener https = loadBalancer.addListener(
                "Https",
                BaseApplicationListenerProps.builder()
                        .protocol(ApplicationProtocol.HTTPS)
                        .port(443)
                        .open(false)
                        .sslPolicy(SslPolicy.TLS13_12_RES_PQ)
                        .certificates(List.of(ListenerCertificate.fromCertificateManager(certificate)))
                        .defaultAction(ListenerAction.forward(List.of(targetGroup)))
                        .build());
        return https;
    }

    /** A fixed answer, with no instance behind it. */
    private void answer(String id, int priority, String path, int status, String text) {
        new ApplicationListenerRule(
                this,
                id,
                ApplicationListenerRuleProps.builder()
                        .listener(listener)
                        .priority(priority)
                        .conditions(List.of(ListenerCondition.pathPatterns(List.of(path))))
                        .action(ListenerAction.fixedResponse(
                                status,
                                FixedResponseOptions.builder()
                                        .contentType("text/plain")
                                        .messageBody(text)
                                        .build()))
                        .build());
    }
}
