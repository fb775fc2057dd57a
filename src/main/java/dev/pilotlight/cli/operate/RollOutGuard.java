package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.operate.Assessment.Finding;
import dev.pilotlight.cli.operate.Assessment.Level;
import dev.pilotlight.config.RollOut;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;
import software.amazon.awssdk.services.cloudformation.model.Output;
import software.amazon.awssdk.services.cloudwatch.model.AlarmType;

/** Whether a guarded roll-out would be refused: the states of the alarms that it names, by their names. */
final class RollOutGuard implements Inspection<Map<String, String>> {

    private static final String ID = "rollout";
    private static final String SUBJECT = "Roll-out";

    @Override
    public String subject() {
        return "roll-out alarms";
    }

    @Override
    public Map<String, String> look(Site site, RegionName region) {
        Map<String, String> states = new TreeMap<>();
        List<String> alarms = alarms(site, region);
        if (!alarms.isEmpty()) {
            site.in(region)
                    .cloudWatch()
                    .describeAlarms(request -> request.alarmNames(alarms).alarmTypes(AlarmType.METRIC_ALARM))
                    .metricAlarms()
                    .forEach(alarm -> states.put(alarm.alarmName(), alarm.stateValueAsString()));
        }
        return states;
    }

    /** As the stack says itself; none before there is one. */
    private static List<String> alarms(Site site, RegionName region) {
        String stack = Names.stack(site.names().workload(), region.id());
        try {
            return site
                    .in(region)
                    .cloudFormation()
                    .describeStacks(request -> request.stackName(stack))
                    .stacks()
                    .stream()
                    .flatMap(found -> found.outputs().stream())
                    .filter(output -> output.outputKey().equals(RollOut.ALARMS_OUTPUT))
                    .map(Output::outputValue)
                    .flatMap(names -> List.of(names.split(",")).stream())
                    .toList();
        } catch (CloudFormationException e) {
            // CloudFormation has no code of its own for a stack that is not there.
            if (e.statusCode() == 400
                    && "ValidationError".equals(e.awsErrorDetails().errorCode())) {
                return List.of();
            }
            throw e;
        }
    }

    @Override
    public List<Finding> findings(Map<RegionName, Map<String, String>> seen, Scene scene) {
        List<Finding> findings = new ArrayList<>();
        seen.forEach((region, states) -> {
            List<String> ringing = inState(states, "ALARM");
            List<String> undecided = inState(states, "INSUFFICIENT_DATA");
            String repair = scene.instructions().deployUnguarded(region);
            if (!ringing.isEmpty()) {
                findings.add(new Finding(
                        ID,
                        Level.ATTENTION,
                        SUBJECT,
                        "%s in ALARM, so a deploy that replaces instances of %s is refused"
                                .formatted(named(ringing), scene.called().apply(region)),
                        "if that deploy is the repair: `%s`".formatted(repair)));
            } else if (!undecided.isEmpty()) {
                findings.add(new Finding(
                        ID,
                        Level.NOTE,
                        SUBJECT,
                        "%s in INSUFFICIENT_DATA, as every new alarm is for minutes; until then a deploy that replaces instances of %s is refused, but for `%s`"
                                .formatted(named(undecided), scene.called().apply(region), repair),
                        ""));
            } else if (!states.isEmpty()) {
                findings.add(new Finding(
                        ID,
                        Level.OK,
                        SUBJECT,
                        "no alarm refuses one in %s".formatted(scene.called().apply(region)),
                        ""));
            }
        });
        return findings;
    }

    private static List<String> inState(Map<String, String> states, String state) {
        return states.entrySet().stream()
                .filter(alarm -> alarm.getValue().equals(state))
                .map(Map.Entry::getKey)
                .toList();
    }

    private static String named(List<String> alarms) {
        return "%s %s".formatted(String.join(" and ", alarms), alarms.size() == 1 ? "is" : "are");
    }
}
