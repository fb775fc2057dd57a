package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

/** Takes back what would stop the leader for nothing, and only that. */
final class Withdrawal extends Phase {

    Withdrawal(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        machine.choice("Give up", "After the point of no return, and in a drill, there is nothing to take back.")
                .when("$committed or $promoted or $claimed", map("signLeft", true), "Write the evidence")
                .when("$mode = 'drill'", "Write the evidence")
                .otherwise("Look for the sign");
        readRules("Look for the sign", "It may stand though creating it failed.")
                .onAnyError(map("signLeft", true), "Write the evidence")
                .next("Is there a sign?");
        machine.choice("Is there a sign?", "Only this term's own sign is taken back.")
                .when("$signed", "Take the sign back")
                .otherwise("Was it planned?");
        machine.task(
                        "Take the sign back",
                        "The other region's agents let its workload start again.",
                        "elasticloadbalancingv2:deleteRule",
                        map("RuleArn", is("$signArn")))
                .on("ElasticLoadBalancingV2.RuleNotFoundException", map(), "Was it planned?")
                .onAnyError(map("signLeft", true), "Write the evidence")
                .next("Was it planned?");
        machine.choice("Was it planned?", "In an emergency the instances stay up for the next attempt.")
                .when("$mode = 'planned' and $exists($times.lit)", "Put the light out")
                .otherwise("Write the evidence");
        machine.task(
                        "Put the light out",
                        "The leader leads on; instances here would only cost.",
                        "autoscaling:updateAutoScalingGroup",
                        map("AutoScalingGroupName", settings.group(), "MinSize", 0, "DesiredCapacity", 0))
                .onAnyError(map(), "Write the evidence")
                .next("Write the evidence");
    }
}
