package dev.pilotlight.dns;

import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Topology;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.services.elasticloadbalancingv2.ApplicationLoadBalancer;
import software.amazon.awscdk.services.route53.ARecord;
import software.amazon.awscdk.services.route53.ARecordProps;
import software.amazon.awscdk.services.route53.Failover;
import software.amazon.awscdk.services.route53.HealthCheck;
import software.amazon.awscdk.services.route53.HealthCheckProps;
import software.amazon.awscdk.services.route53.HealthCheckType;
import software.amazon.awscdk.services.route53.IHostedZone;
import software.amazon.awscdk.services.route53.RecordTarget;
import software.amazon.awscdk.services.route53.targets.IAliasRecordTargetProps;
import software.amazon.awscdk.services.route53.targets.LoadBalancerTarget;
import software.constructs.Construct;

/**
 * A region's part of the DNS: its own name, which always leads to it, and its half of the pair of failover records that
 * users ask.
 *
 * <p>Nothing here is edited in a disaster: Route 53's control plane may be in the region that is lost. Both regions'
 * health checks watch the same thing, the standby's claim of the next term. The leader's is inverted, so exactly one of
 * the two passes at any time, and traffic moves at the moment of the claim and not before. See docs/architecture.md.
 */
public final class FailoverDns extends Construct {

    /**
     * @param checkIntervalSeconds 10 or, cheaper, 30; create-only, so it belongs to the profile
     */
    public record Props(
            Names names,
            RegionName region,
            Topology topology,
            IHostedZone zone,
            ApplicationLoadBalancer loadBalancer,
            int checkIntervalSeconds) {}

    public FailoverDns(Construct scope, String id, Props props) {
        super(scope, id);
        new ARecord(
                this,
                "RegionName",
                ARecordProps.builder()
                        .zone(props.zone())
                        .recordName(props.names().host(props.region()) + ".")
                        .target(RecordTarget.fromAlias(new LoadBalancerTarget(props.loadBalancer())))
                        .build());
        new ARecord(
                this,
                "Failover",
                ARecordProps.builder()
                        .zone(props.zone())
                        .recordName(props.names().recordName() + ".")
                        .target(RecordTarget.fromAlias(
                                new LoadBalancerTarget(props.loadBalancer(), new EvaluateTargetHealth())))
                        // By place, not by role, for ever: two records may not both be PRIMARY, not even for a moment.
                        .failover(props.region() == RegionName.PRIMARY ? Failover.PRIMARY : Failover.SECONDARY)
                        .setIdentifier(props.region().id())
                        .healthCheck(standbyClaims(props))
                        .build());
    }

    private HealthCheck standbyClaims(Props props) {
        Topology topology = props.topology();
        Claim next = new Claim(props.names().workload(), topology.nextTerm());
        return new HealthCheck(
                this,
                "StandbyClaims",
                HealthCheckProps.builder()
                        // A string match, since Route 53 takes any 2xx or 3xx answer for healthy.
                        .type(HealthCheckType.HTTPS_STR_MATCH)
                        .fqdn(props.names().host(topology.standby()))
                        .port(443)
                        .enableSni(true)
                        .resourcePath(next.path())
                        .searchString(next.text())
                        .inverted(props.region() == topology.leader())
                        .requestInterval(Duration.seconds(props.checkIntervalSeconds()))
                        .failureThreshold(3)
                        .build());
    }

    /** Required on failover aliases. There is no builder for it in Java. */
    private static final class EvaluateTargetHealth implements IAliasRecordTargetProps {
        @Override
        public Boolean getEvaluateTargetHealth() {
            return true;
        }
    }
}
