package dev.pilotlight.stacks;

import dev.pilotlight.network.Network;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import java.util.List;
import java.util.stream.IntStream;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.TagProps;
import software.amazon.awscdk.Tags;
import software.constructs.Construct;

/** What all three stacks have in common: where they are deployed, their tags, their protection. */
abstract class PilotlightStack extends Stack {

    /** @param stackRole what the stack is in the system, for ever, unlike its region's role, which changes */
    PilotlightStack(
            Construct scope, String id, Workload workload, RegionName region, String stackRole, String description) {
        super(
                scope,
                id,
                StackProps.builder()
                        // The construct's id stays what `cdk deploy PrimaryStack DrStack` says.
                        .stackName(Names.stack(workload.names().workload(), stackRole))
                        .description(description)
                        .env(Environment.builder()
                                .account(workload.configuration().account().orElse(null))
                                .region(workload.names().regionOf(region))
                                .build())
                        .terminationProtection(workload.configuration().production())
                        .build());
        tag("workload", workload.names().workload());
        tag("environment", workload.configuration().environment());
        tag("profile", workload.configuration().profile().name().toLowerCase(java.util.Locale.ROOT));
        tag("stack-role", stackRole);
    }

    /** By index, resolved at deploy: a look-up by name would need credentials at synth. */
    @Override
    public List<String> getAvailabilityZones() {
        return IntStream.range(0, Network.ZONES)
                .mapToObj(index -> Fn.select(index, Fn.getAzs()))
                .toList();
    }

    private void tag(String key, String value) {
        // cfn-lint does not know yet that these two can be tagged; they carry nothing that costs or is searched for.
        TagProps untagged = TagProps.builder()
                .excludeResourceTypes(
                        List.of("AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule"))
                .build();
        Tags.of(this).add("pilotlight:" + key, value, untagged);
    }
}
