package dev.pilotlight.cli.local.runtime;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.pilotlight.cli.local.runtime.Transition.Kind;
import dev.pilotlight.topology.RegionName;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import software.amazon.awssdk.services.eventbridge.model.InputTransformer;
import software.amazon.awssdk.services.eventbridge.model.Rule;
import software.amazon.awssdk.services.eventbridge.model.Target;

/** EventBridge's rules on alarms, as far as they start state machines. */
final class Events {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Reach reach;
    private final Consumer<Transition> transitions;

    Events(Reach reach, Consumer<Transition> transitions) {
        this.reach = reach;
        this.transitions = transitions;
    }

    void alarmChanged(
            RegionName region, String name, String arn, String before, String state, String reason, Instant at) {
        ObjectNode event = event(arn, at);
        ObjectNode detail = event.putObject("detail");
        detail.put("alarmName", name);
        detail.putObject("state")
                .put("value", state)
                .put("reason", reason)
                .put("timestamp", at.truncatedTo(ChronoUnit.MILLIS).toString());
        detail.putObject("previousState").put("value", before);
        reach.ask(
                        region,
                        "rules on alarms of",
                        in -> in.events().listRules(request -> {}).rules())
                .ifPresent(rules -> rules.stream()
                        .filter(rule -> "ENABLED".equals(rule.stateAsString()))
                        .filter(rule -> rule.eventPattern() != null)
                        .filter(rule -> matches(rule, event))
                        .forEach(rule -> fire(region, rule, event, at)));
    }

    /** @param arn of the alarm, with its region and account */
    private static ObjectNode event(String arn, Instant at) {
        String[] parts = arn.split(":", 6);
        ObjectNode event = JSON.createObjectNode();
        event.put("version", "0");
        event.put("id", UUID.randomUUID().toString());
        event.put("detail-type", "CloudWatch Alarm State Change");
        event.put("source", "aws.cloudwatch");
        event.put("account", parts[4]);
        event.put("time", at.truncatedTo(ChronoUnit.SECONDS).toString());
        event.put("region", parts[3]);
        event.putArray("resources").add(arn);
        return event;
    }

    private boolean matches(Rule rule, JsonNode event) {
        try {
            return matches(JSON.readTree(rule.eventPattern()), event);
        } catch (JsonProcessingException | IllegalArgumentException e) {
            reach.say("the event rule " + rule.name(), e.getMessage());
            return false;
        }
    }

    /**
     * Whether a pattern matches: every field of it, by one of the listed values. Values and {@code prefix} only.
     *
     * @throws IllegalArgumentException for another kind of pattern
     */
    static boolean matches(JsonNode pattern, JsonNode event) {
        for (Map.Entry<String, JsonNode> field : pattern.properties()) {
            JsonNode actual = event.path(field.getKey());
            if (field.getValue().isObject()) {
                if (!matches(field.getValue(), actual)) {
                    return false;
                }
            } else if (!anyOf(field.getValue(), actual)) {
                return false;
            }
        }
        return true;
    }

    private static boolean anyOf(JsonNode wanted, JsonNode actual) {
        if (actual.isArray()) {
            for (JsonNode item : actual) {
                if (anyOf(wanted, item)) {
                    return true;
                }
            }
            return false;
        }
        for (JsonNode value : wanted) {
            if (value.isObject()) {
                if (!value.has("prefix") || value.size() != 1) {
                    throw new IllegalArgumentException("patterns such as " + value + " are not supported here");
                }
                if (actual.asText().startsWith(value.path("prefix").asText())) {
                    return true;
                }
            } else if (value.equals(actual)) {
                return true;
            }
        }
        return false;
    }

    private void fire(RegionName region, Rule rule, JsonNode event, Instant at) {
        reach.ask(
                        region,
                        "targets of a rule of",
                        in -> in.events()
                                .listTargetsByRule(request -> request.rule(rule.name()))
                                .targets())
                .ifPresent(targets -> targets.stream()
                        .filter(target -> isStateMachine(target.arn()))
                        .forEach(target ->
                                start(region, target.arn(), input(target, event), "the rule " + rule.name(), at)));
    }

    static boolean isStateMachine(String arn) {
        return arn.contains(":states:") && arn.contains(":stateMachine:");
    }

    static String input(Target target, JsonNode event) {
        if (target.input() != null) {
            return target.input();
        }
        if (target.inputTransformer() != null) {
            return transform(target.inputTransformer(), event);
        }
        return target.inputPath() == null
                ? event.toString()
                : at(event, target.inputPath()).toString();
    }

    /** Between quotes a value's text stands, elsewhere its JSON. */
    private static String transform(InputTransformer transformer, JsonNode event) {
        String input = transformer.inputTemplate();
        for (Map.Entry<String, String> path : transformer.inputPathsMap().entrySet()) {
            JsonNode value = at(event, path.getValue());
            String place = "<" + path.getKey() + ">";
            String quoted = TextNode.valueOf(value.isValueNode() ? value.asText() : value.toString())
                    .toString();
            String bare = quoted.substring(1, quoted.length() - 1);
            StringBuilder filled = new StringBuilder();
            boolean inText = false;
            for (int index = 0; index < input.length(); index++) {
                if (input.startsWith(place, index)) {
                    filled.append(inText ? bare : value.toString());
                    index += place.length() - 1;
                } else {
                    char character = input.charAt(index);
                    inText ^= character == '"' && (index == 0 || input.charAt(index - 1) != '\\');
                    filled.append(character);
                }
            }
            input = filled.toString();
        }
        return input;
    }

    /** A path of names, such as {@code $.detail.state.value}. */
    private static JsonNode at(JsonNode event, String path) {
        JsonNode found = event;
        for (String name : path.replaceFirst("^\\$\\.?", "").split("\\.", -1)) {
            found = name.isEmpty() ? found : found.path(name);
        }
        return found;
    }

    /** Starts a state machine under a name of its own, as EventBridge does. */
    boolean start(RegionName region, String machine, String input, String by, Instant at) {
        Optional<String> started = reach.ask(
                region,
                "a state machine of",
                in -> in.stepFunctions()
                        .startExecution(request -> request.stateMachineArn(machine)
                                .name(UUID.randomUUID().toString())
                                .input(input))
                        .executionArn());
        if (!by.isEmpty()) {
            transitions.accept(new Transition(
                    at,
                    Kind.EXECUTION,
                    region,
                    by + (started.isPresent() ? " starts " : " could not start ") + machine.replaceFirst(".*:", "")));
        }
        return started.isPresent();
    }
}
