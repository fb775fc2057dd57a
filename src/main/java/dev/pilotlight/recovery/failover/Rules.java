package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine;
import dev.pilotlight.recovery.Machine.Patience;
import java.util.List;
import java.util.Map;

/**
 * One of the runbook's rules on the listener, the sign or the claim: how it is created and looked for.
 *
 * <p>A read after a write may not see it for a while [doc]: the answer of the call that creates a rule is believed, and no
 * later read takes back what it said. A place that is taken is looked at, because an error may have come after the rule was
 * made; a rule that is not seen then is unknown, and no failure.
 */
record Rules(FailoverSettings settings, String path, String text, int priority, String kind) {

    /** The rule with the path and the text. */
    String own() {
        return "$states.result.Rules['%s' in Conditions.PathPatternConfig.Values and Actions[0].FixedResponseConfig.MessageBody = '%s']"
                .formatted(path, text);
    }

    String shown() {
        return "$exists(" + own() + ")";
    }

    /** Its ARN; an empty text if it is not seen. */
    String arn() {
        return "$string($append([''], " + own() + ".RuleArn)[-1])";
    }

    /** ARN and path of another rule in its place; an empty text if none is seen there. */
    String other() {
        return ("$string($append([''], $states.result.Rules[Priority = '%d' and $not('%s' in Conditions.PathPatternConfig.Values"
                        + " and Actions[0].FixedResponseConfig.MessageBody = '%s')].(RuleArn & ' (' &"
                        + " ($exists(Conditions.PathPatternConfig.Values) ? 'path ' & $join(Conditions.PathPatternConfig.Values, ', ') : 'no path')"
                        + " & ')'))[-1])")
                .formatted(priority, path, text);
    }

    /** Two looks, 30 seconds apart by their beginnings, and ten for the first one to be answered. */
    static final String TAKEN = "$other != '' and " + Phase.NOW + " >= $otherSince + 40000";

    /** Notes another rule in the place, and since when the looks show the same one. */
    Map<String, Object> noteOther() {
        return map(
                "other",
                is(other()),
                "otherSince",
                is("$other != '' and $other = " + other() + " ? $otherSince : " + Phase.NOW));
    }

    Machine.Task create(Machine machine, String name, String comment) {
        return machine.task(
                name,
                comment,
                "elasticloadbalancingv2:createRule",
                map(
                        "ListenerArn",
                        settings.listenerArn(),
                        "Priority",
                        priority,
                        "Conditions",
                        List.of(map("Field", "path-pattern", "PathPatternConfig", map("Values", List.of(path)))),
                        "Actions",
                        List.of(map(
                                "Type",
                                "fixed-response",
                                "FixedResponseConfig",
                                map("StatusCode", "200", "ContentType", "text/plain", "MessageBody", text))),
                        "Tags",
                        List.of(map("Key", FailoverDefinition.SIGN_TAG, "Value", kind))));
    }

    /** Reads the listener's rules; a look of a search, which is repeated. */
    Machine.Task look(Machine machine, String name, String comment) {
        return machine.task(
                        name,
                        comment,
                        "elasticloadbalancingv2:describeRules",
                        map("ListenerArn", settings.listenerArn()))
                .patience(Patience.ONCE);
    }

    String takenBy() {
        return "'priority %d of the listener is taken by another rule, ' & $other & '. Check its path, and move that rule to 10001 or later'"
                .formatted(priority);
    }
}
