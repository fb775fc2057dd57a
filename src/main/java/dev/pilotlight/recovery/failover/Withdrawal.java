package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;
import dev.pilotlight.topology.PromotionTag;
import java.util.List;

/**
 * Takes back what would stop the leader for nothing, and only that.
 *
 * <p>A first attempt that found a replica without a mark, and went no further, knows that no promotion was ordered: it asks
 * nobody. Everybody else looks twice, 30 seconds apart, because an attempt that was just stopped may not show yet. Whoever
 * has sent an order that was not refused, or found another attempt's mark, leaves the sign.
 */
final class Withdrawal extends Phase {

    Withdrawal(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        machine.choice("Give up", "After the point of no return, and in a drill, there is nothing to take back.")
                .when("$mode = 'drill'", END)
                .when(
                        "$claimed or $promoted or $not($looked) or $unanswered > 0 or $earlier",
                        map("signLeft", true),
                        END)
                .when("$attempt = 1 and $not($marked)", "Is there a sign to take back?")
                .otherwise("Begin to look");
        machine.pass(
                "Begin to look", "For five minutes at most.", map("quiet", 0, "since", is(NOW)), "Still a replica?");
        lookAtDatabase("Still a replica?", "Whether anybody has ordered its promotion, or marked that he would.")
                .patience(Patience.BRIEF)
                .assign(map(
                        "quiet",
                        is(quiet() + " ? $quiet + 1 : 0"),
                        "earlier",
                        is(earlier()),
                        "promoted",
                        is("$not(" + source() + " != '')")))
                .onAnyError(map("quiet", 0), "Settled?")
                .next("Settled?");
        machine.choice(
                        "Settled?",
                        "Two looks that show a replica on which nothing is at work, and no other attempt's mark.")
                .when("$promoted or $earlier", map("signLeft", true, "committed", true), END)
                .when("$quiet >= 2 and $marked", "Withdraw the mark")
                .when("$quiet >= 2", "Is there a sign to take back?")
                .when(
                        NOW + " > $since + 300000",
                        map(
                                "signLeft",
                                true,
                                "committed",
                                true,
                                "why",
                                is(
                                        "$why & '. Whether a promotion was ordered could not be settled within five minutes, so the handover sign was left'")),
                        END)
                .otherwise("Look again in half a minute");
        machine.pause("Look again in half a minute", "Reads lag behind by as much.", 30, "Still a replica?");
        machine.task(
                        "Withdraw the mark",
                        "No order was sent, or RDS refused each: the next attempt is to begin anew.",
                        "rds:addTagsToResource",
                        map(
                                "ResourceName",
                                settings.databaseArn(),
                                "Tags",
                                List.of(map(
                                        "Key",
                                        PromotionTag.KEY,
                                        "Value",
                                        is(PromotionTag.withdrawnExpression(settings.term(), "$attempt"))))))
                .assign(map("committed", false, "marked", false))
                .onAnyError(map("signLeft", true), END)
                .next("Is there a sign to take back?");
        takeBackTheSign();
        machine.choice("Was it planned?", "In an emergency the instances stay up for the next attempt.")
                .when("$mode = 'planned' and $exists($times.lit) and $not($keepLight)", "Put the light out")
                .otherwise(END);
        machine.task(
                        "Put the light out",
                        "The leader leads on; instances here would only cost.",
                        "autoscaling:updateAutoScalingGroup",
                        map("AutoScalingGroupName", settings.group(), "MinSize", 0, "DesiredCapacity", 0))
                .onAnyError(map(), END)
                .next(END);
    }

    private void takeBackTheSign() {
        machine.choice("Is there a sign to take back?", "This attempt's, or one that an earlier attempt has left.")
                .when("$signArn != ''", map("since", is(NOW)), "Take the sign back")
                .when("$attempt = 1 and $not($signTried)", "Was it planned?")
                .otherwise("Search for the sign");
        machine.pass(
                "Search for the sign",
                "For a minute: it may stand though creating it failed.",
                map("since", is(NOW), "rulesRead", false),
                "Look for the sign");
        sign.look(machine, "Look for the sign", "Only this term's own sign is taken back.")
                .assign(map("signArn", is(sign.arn()), "rulesRead", true))
                .onAnyError(map(), "Is there a sign?")
                .next("Is there a sign?");
        machine.choice(
                        "Is there a sign?",
                        "One that was never created is not there; one that may have been is unknown.")
                .when("$signArn != ''", map("since", is(NOW)), "Take the sign back")
                .when(NOW + " <= $since + 60000", "Look for the sign again")
                .when("$rulesRead and $not($signTried)", map("sign", "none"), "Was it planned?")
                .otherwise("The sign is unknown");
        machine.pause("Look for the sign again", "A rule shows seconds after it was created.", 10, "Look for the sign");
        machine.pass(
                "The sign is unknown",
                "It may stand, and then the leader stays stopped.",
                map("signLeft", true, "sign", "maybe"),
                "Was it planned?");
        machine.task(
                        "Take the sign back",
                        "The other region's agents let its workload start again.",
                        "elasticloadbalancingv2:deleteRule",
                        map("RuleArn", is("$signArn")))
                .assign(map("sign", "gone"))
                .on("ElasticLoadBalancingV2.RuleNotFoundException", map(), "Really gone?")
                .onAnyError(map("signLeft", true, "sign", "stands"), END)
                .next("Was it planned?");
        machine.choice(
                        "Really gone?",
                        "A rule that was just created may not be found yet: a minute of that is an answer.")
                .when(NOW + " <= $since + 60000", "Delete it again shortly")
                .otherwise("It is gone");
        machine.pause("Delete it again shortly", "Until it is found, or a minute is over.", 10, "Take the sign back");
        machine.pass("It is gone", "Somebody else has taken it back.", map("sign", "gone"), "Was it planned?");
    }
}
