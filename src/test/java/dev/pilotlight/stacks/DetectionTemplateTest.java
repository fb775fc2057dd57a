package dev.pilotlight.stacks;

import static dev.pilotlight.testing.Intrinsics.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import dev.pilotlight.testing.TestConfigurations;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How the standby's region finds out that the leader's is lost. */
class DetectionTemplateTest {

    private static final String ALARM = "AWS::CloudWatch::Alarm";
    private static final String COMPOSITE = "AWS::CloudWatch::CompositeAlarm";
    private static final String MACHINE = "AWS::StepFunctions::StateMachine";

    private static final SynthesizedApp DEV = SynthesizedApp.dev();
    private static final SynthesizedApp FAILED_OVER = lineage("'primary', 'dr', 'primary'");
    private static final SynthesizedApp AUTOMATIC = SynthesizedApp.of(TestConfigurations.with(
            "dev", "{'detection': {'startsFailover': true}, 'alertEmail': 'oncall@example.com'}"));

    static List<SynthesizedApp> profiles() {
        return List.of(DEV, SynthesizedApp.prod());
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void onlyTheStandbyWatchesTheLeader(SynthesizedApp app) {
        assertThat(app.dr().ofType(COMPOSITE)).hasSize(1);
        assertThat(app.primary().ofType(COMPOSITE)).isEmpty();
        assertThat(app.primary().ofType("AWS::Events::Connection")).isEmpty();
        // Where backups are replicated, the leader's region has a machine that ends what it received before it led.
        assertThat(names(app.primary())).allMatch(name -> name.endsWith("-backups-primary"));
    }

    @Test
    void afterAFailoverTheOtherRegionWatches() {
        assertThat(FAILED_OVER.dr().ofType(COMPOSITE)).isEmpty();
        assertThat(FAILED_OVER.dr().ofType("AWS::Events::Connection")).isEmpty();
        assertThat(FAILED_OVER.primary().ofType(COMPOSITE)).hasSize(1);
        assertThat(names(FAILED_OVER.primary()))
                .containsExactlyInAnyOrder(
                        "pilotlight-dev-failover-primary",
                        "pilotlight-dev-outside-primary",
                        "pilotlight-dev-probe-primary",
                        "pilotlight-dev-rehearsal-primary");
        assertThat(page(FAILED_OVER.primary()))
                .contains(
                        "--region eu-central-1", "-failover-primary --name failover-term-2-attempt-1", "append \"dr\"");
    }

    /** Three whole minutes: an alarm that only takes missing data for breaching would look at five. */
    @ParameterizedTest
    @MethodSource("profiles")
    void silenceOfThreeMinutesIsAMissingHeartbeat(SynthesizedApp app) {
        JsonNode alarm = alarm(app.dr(), "HeartbeatMissing").path("Properties");
        assertThat(alarm.path("EvaluationPeriods").asInt()).isEqualTo(3);
        assertThat(alarm.path("DatapointsToAlarm").asInt()).isEqualTo(3);
        assertThat(alarm.path("TreatMissingData").asText()).isEqualTo("breaching");
        assertThat(alarm.path("Threshold").asInt()).isEqualTo(1);
        assertThat(alarm.path("ComparisonOperator").asText()).isEqualTo("LessThanThreshold");
        assertThat(alarm.at("/Metrics/0/Expression").asText()).isEqualTo("FILL(heartbeats, 0)");
        JsonNode metric = alarm.at("/Metrics/1/MetricStat");
        assertThat(metric.at("/Metric/Namespace").asText()).isEqualTo("Pilotlight");
        assertThat(metric.at("/Metric/MetricName").asText()).isEqualTo("Heartbeat");
        assertThat(metric.at("/Metric/Dimensions/0/Value").asText())
                .isEqualTo(app.production() ? "pilotlight-prod" : "pilotlight-dev");
        assertThat(metric.path("Period").asInt()).isEqualTo(60);
        assertThat(metric.path("Stat").asText()).isEqualTo("Maximum");
        // A region of another account or region would be asked for nothing.
        assertThat(alarm.toString()).doesNotContain("AccountId", "Region\"");
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void threeMinutesWithoutAnAnswerAreAFailingProbe(SynthesizedApp app) {
        JsonNode alarm = alarm(app.dr(), "ProbeFailing").path("Properties");
        assertThat(alarm.path("MetricName").asText()).isEqualTo("ServiceAnswers");
        assertThat(alarm.path("Statistic").asText()).isEqualTo("Maximum");
        assertThat(alarm.path("Period").asInt()
                        * alarm.path("EvaluationPeriods").asInt())
                .isEqualTo(180);
        assertThat(alarm.path("Threshold").asInt()).isEqualTo(1);
        assertThat(alarm.path("ComparisonOperator").asText()).isEqualTo("LessThanThreshold");
        assertThat(alarm.path("TreatMissingData").asText()).isEqualTo("breaching");
    }

    /** Created last: alarms that take silence for a loss must not be there before somebody could be heard. */
    @Test
    void nothingIsWatchedBeforeThereIsAReplica() {
        String database =
                DEV.dr().ofType("AWS::RDS::DBInstance").keySet().iterator().next();
        assertThat(alarm(DEV.dr(), "HeartbeatMissing").path("DependsOn").toString())
                .contains(database);
        assertThat(alarm(DEV.dr(), "ProbeFailing").path("DependsOn").toString())
                .contains(database, "DetectionEveryMinute");
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void onlyBothSignalsMeanThatTheRegionIsLost(SynthesizedApp app) {
        JsonNode alarm = app.dr().only(COMPOSITE);
        assertThat(text(alarm.path("AlarmRule")))
                .matches(
                        "\\(ALARM\\(\"\\$\\{AlarmsHeartbeatMissing\\w+\\.Arn}\"\\) AND ALARM\\(\"\\$\\{AlarmsProbeFailing\\w+\\.Arn}\"\\)\\)");
        assertThat(text(alarm.at("/AlarmActions/0"))).isEqualTo("${AlertsTopicCF7C81C9}");
    }

    @Test
    void thePageHoldsTheCommandsAndWhatToLookAtFirst() {
        assertThat(page(DEV.dr()))
                .contains(
                        "https://primary.app.example.com/",
                        "./pilot failover --env dev",
                        "aws stepfunctions start-execution --region eu-west-1 --state-machine-arn"
                                + " arn:aws:states:eu-west-1:${AWS::AccountId}:stateMachine:pilotlight-dev-failover-dr"
                                + " --name failover-term-1-attempt-1 --input"
                                + " '{\"mode\":\"emergency\",\"acceptDataLoss\":false,\"reason\":\"region lost\"}'",
                        "append \"primary\" to databaseLineage")
                .doesNotContain("IT STARTS BY ITSELF");
        assertThat(page(AUTOMATIC.dr())).contains("IT STARTS BY ITSELF", "pilotlight-dev-starter-dr");
    }

    /** CloudWatch takes 1,024 characters, of the text with everything filled in. */
    @Test
    void everyTextFitsWithTheLongestNames() {
        String name = "a-workload-with-the-longest-name-ok";
        SynthesizedApp longest = SynthesizedApp.of(TestConfigurations.with(
                "dev",
                "{'name': '%s', 'account': '111122223333', 'detection': {'startsFailover': true},".formatted(name)
                        + "'primary': {'region': 'ap-southeast-2', 'cidr': '10.0.0.0/16'},"
                        + "'dr': {'region': 'ap-northeast-1', 'cidr': '10.1.0.0/16'},"
                        + "'dns': {'hostedZoneId': 'Z0123456789ABCDEFGHIJ', 'zoneName': 'example.com',"
                        + "'recordName': 'a-name-as-long-as-certificates-allow-for-them-here.example.com'},"
                        + "'alertEmail': 'oncall@example.com'}"));
        List<JsonNode> alarms = Stream.concat(
                        longest.dr().ofType(ALARM).values().stream(), longest.dr().ofType(COMPOSITE).values().stream())
                .map(alarm -> alarm.at("/Properties/AlarmDescription"))
                .toList();
        assertThat(alarms).hasSizeGreaterThan(10).allSatisfy(description -> {
            assertThat(text(description)).doesNotContain("${");
            assertThat(text(description)).hasSizeLessThanOrEqualTo(1024);
        });
    }

    @Test
    void withoutAReplicaOfTheLeaderThePagePromisesNoFailover() {
        SynthesizedApp restored =
                lineage("'primary', 'dr', {'region': 'primary', 'restoreTo': '2026-11-20T10:00:00Z'}");
        assertThat(page(restored.dr())).contains("nothing to fail over to").doesNotContain("start-execution");
        SynthesizedApp automatic = SynthesizedApp.of(TestConfigurations.with(
                "dev",
                "{'databaseLineage': ['primary', 'dr', {'region': 'primary', 'restoreTo': '2026-11-20T10:00:00Z'}],"
                        + "'detection': {'startsFailover': true}, 'alertEmail': 'oncall@example.com'}"));
        assertThat(names(automatic.dr())).doesNotContain("pilotlight-dev-starter-dr");
    }

    @ParameterizedTest
    @MethodSource("profiles")
    void theProbeRunsEveryMinuteAndMayAskForOneNameOnly(SynthesizedApp app) {
        JsonNode machine = machine(app.dr(), "-probe-dr");
        assertThat(machine.path("StateMachineType").asText()).isEqualTo("EXPRESS");
        JsonNode schedule = app.dr().ofType("AWS::Scheduler::Schedule").entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("DetectionEveryMinute"))
                .map(entry -> entry.getValue().path("Properties"))
                .findFirst()
                .orElseThrow();
        assertThat(schedule.path("ScheduleExpression").asText()).isEqualTo("rate(1 minute)");
        assertThat(text(schedule.at("/Target/Arn"))).matches("\\$\\{DetectionProbeMachine\\w*\\.Arn}");
        String host = app.production() ? "www.example.com" : "app.example.com";
        JsonNode ask = statement(app.dr(), "DetectionProbe", "states:InvokeHTTPEndpoint");
        assertThat(ask.path("Condition").toString())
                .isEqualTo("{\"StringEquals\":{\"states:HTTPEndpoint\":\"https://" + host
                        + "/\",\"states:HTTPMethod\":\"GET\"}}");
        assertThat(text(ask.path("Resource"))).endsWith("-probe-dr");
        assertThat(text(statement(app.dr(), "DetectionProbe", "secretsmanager:GetSecretValue")
                        .path("Resource")))
                .isEqualTo("${OutsideLookConnection4E4AA867.SecretArn}");
    }

    /** Whatever answers ends the execution of who asks, if it is no text: so no runbook asks itself. */
    @ParameterizedTest
    @MethodSource("profiles")
    void onlyTheProbeAndTheOutsideLookAskOverHttps(SynthesizedApp app) {
        Map.of("dr", app.dr(), "primary", FAILED_OVER.primary()).forEach((region, stack) -> {
            List<String> asking = new ArrayList<>();
            stack.ofType("AWS::StepFunctions::StateMachine").values().forEach(machine -> {
                if (text(machine.at("/Properties/DefinitionString")).contains("http:invoke")) {
                    asking.add(
                            text(machine.at("/Properties/StateMachineName")).replaceFirst("^pilotlight-[a-z]+-", ""));
                }
            });
            assertThat(asking).containsExactlyInAnyOrder("probe-" + region, "outside-" + region);
        });
    }

    /** The standby's own name for its answer and its claim, and the witnesses; nothing else, and each over its connection. */
    @ParameterizedTest
    @MethodSource("profiles")
    void theOutsideLookMayAskItsOwnUrlsOnly(SynthesizedApp app) {
        String host = app.production() ? "dr.www.example.com" : "dr.app.example.com";
        List<JsonNode> asks = statements(app.dr(), "RecoveryOutside", "states:InvokeHTTPEndpoint");
        assertThat(asks)
                .extracting(ask -> ask.path("Condition").toString())
                .containsExactly(
                        "{\"StringEquals\":{\"states:HTTPEndpoint\":[\"https://" + host
                                + "/.well-known/pilotlight/region\",\"https://" + host
                                + "/.well-known/pilotlight/leader/1\"],\"states:HTTPMethod\":\"GET\"}}",
                        "{\"StringEquals\":{\"states:HTTPEndpoint\":[\"https://dynamodb.us-west-2.amazonaws.com/ping\","
                                + "\"https://dynamodb.ap-northeast-1.amazonaws.com/ping\",\"https://www.google.com/robots.txt\"],"
                                + "\"states:HTTPMethod\":\"GET\"}}");
        assertThat(asks)
                .allSatisfy(ask -> assertThat(text(ask.path("Resource"))).endsWith("-outside-dr"));
        assertThat(resources(app.dr(), "RecoveryOutside", "secretsmanager:GetSecretValue"))
                .extracting(secret -> secret.replaceFirst("[0-9A-F]{8}\\.", "."))
                .containsExactly(
                        "${OutsideLookConnection.SecretArn}", "${RecoveryOutsideNamelessConnection.SecretArn}");
        String definition = text(machine(app.dr(), "-outside-dr").path("DefinitionString"));
        assertThat(definition)
                .contains("\"ApiEndpoint\":\"https://" + host + "/.well-known/pilotlight/leader/1\"")
                .contains("\"ApiEndpoint\":\"https://" + host + "/.well-known/pilotlight/region\"");
        assertThat(text(machine(FAILED_OVER.primary(), "-outside-primary").path("DefinitionString")))
                .contains("\"ApiEndpoint\":\"https://primary.app.example.com/.well-known/pilotlight/leader/2\"");
    }

    /** Who is asked must not learn who asks. */
    @Test
    void witnessesAreAskedWithoutAName() {
        JsonNode connection = DEV.dr().ofType("AWS::Events::Connection").entrySet().stream()
                .filter(entry -> entry.getKey().contains("Nameless"))
                .map(entry -> entry.getValue().path("Properties"))
                .findFirst()
                .orElseThrow();
        assertThat(connection.toString()).doesNotContain("pilotlight-dev");
        assertThat(connection.at("/AuthParameters").toString())
                .isEqualTo("{\"ApiKeyAuthParameters\":{\"ApiKeyName\":\"X-Reachability\",\"ApiKeyValue\":\"check\"}}");
    }

    @Test
    void nobodyIsAskedWhereNobodyIsNamed() {
        SynthesizedApp app = SynthesizedApp.of(TestConfigurations.with("dev", "{'detection': {'witnesses': []}}"));
        assertThat(app.dr().ofType("AWS::Events::Connection")).hasSize(1);
        assertThat(statements(app.dr(), "RecoveryOutside", "states:InvokeHTTPEndpoint"))
                .hasSize(1);
        assertThat(text(machine(app.dr(), "-failover-dr").path("DefinitionString")))
                .doesNotContain("{\\\"ask\\\":\\\"witnesses\\\"}")
                .contains("{\\\"ask\\\":\\\"region\\\"}");
    }

    /** Who asks starts that one state machine, and reads its executions. */
    @Test
    void runbooksMayStartTheOutsideLookAndReadIt() {
        for (String who : List.of("RecoveryFailover", "RecoveryRehearsal", "DetectionStarter")) {
            assertThat(resources(AUTOMATIC.dr(), who, "states:StartExecution"))
                    .as(who)
                    .anyMatch(resource -> resource.endsWith(":stateMachine:pilotlight-dev-outside-dr"))
                    .allMatch(resource -> resource.endsWith(":stateMachine:pilotlight-dev-outside-dr")
                            || who.equals("DetectionStarter"));
            assertThat(resources(AUTOMATIC.dr(), who, "states:DescribeExecution"))
                    .as(who)
                    .anyMatch(resource -> resource.endsWith(":execution:pilotlight-dev-outside-dr:*"));
        }
    }

    /** What is in the template for everybody to read must not be worth reading. */
    @Test
    void theConnectionHoldsTheWorkloadsNameAndNoSecret() {
        JsonNode connection = DEV.dr().resource("OutsideLookConnection4E4AA867").path("Properties");
        assertThat(connection.at("/AuthParameters").toString())
                .isEqualTo(
                        "{\"ApiKeyAuthParameters\":{\"ApiKeyName\":\"X-Pilotlight-Probe\",\"ApiKeyValue\":\"pilotlight-dev\"}}");
    }

    @Test
    void aPersonStartsTheFailoverUnlessTheConfigurationSaysOtherwise() {
        for (SynthesizedApp app : profiles()) {
            assertThat(app.dr().ofType("AWS::Events::Rule")).isEmpty();
            assertThat(names(app.dr())).noneMatch(name -> name.contains("-starter-"));
        }
        JsonNode rule = AUTOMATIC.dr().only("AWS::Events::Rule");
        String alarm = AUTOMATIC.dr().ofType(COMPOSITE).keySet().iterator().next();
        JsonNode pattern = rule.path("EventPattern");
        assertThat(text(pattern.at("/resources/0"))).isEqualTo("${" + alarm + ".Arn}");
        assertThat(pattern.at("/detail/state/value").toString()).isEqualTo("[\"ALARM\"]");
        assertThat(pattern.path("source").toString()).isEqualTo("[\"aws.cloudwatch\"]");
        assertThat(text(rule.at("/Targets/0/Arn"))).matches("\\$\\{DetectionStarterMachine\\w*\\.Arn}");
        // Nobody expects a failover that begins hours after the alarm.
        assertThat(rule.at("/Targets/0/RetryPolicy/MaximumEventAgeInSeconds").asInt())
                .isEqualTo(600);
    }

    @Test
    void theStarterMayStartTheFailoverAndLookAtTwoAlarms() {
        assertThat(resources(AUTOMATIC.dr(), "DetectionStarter", "states:StartExecution"))
                .extracting(machine -> machine.replaceFirst("Machine\\w*\\.", "Machine."))
                .containsExactly(
                        "${RecoveryFailoverMachine.Arn}",
                        "arn:aws:states:eu-west-1:${AWS::AccountId}:stateMachine:pilotlight-dev-outside-dr");
        // Who has used the name of the first attempt.
        assertThat(resources(AUTOMATIC.dr(), "DetectionStarter", "states:DescribeExecution"))
                .contains("arn:aws:states:eu-west-1:${AWS::AccountId}:execution:pilotlight-dev-failover-dr:*");
        assertThat(statement(AUTOMATIC.dr(), "DetectionStarter", "cloudwatch:DescribeAlarms")
                        .path("Resource"))
                .hasSize(2);
        assertThat(alarm(AUTOMATIC.dr(), "StarterFailed")
                        .at("/Properties/MetricName")
                        .asText())
                .isEqualTo("ExecutionsFailed");
    }

    /** Nothing inside a run notices that it is killed. */
    @ParameterizedTest
    @MethodSource("profiles")
    void runsThatAreKilledAreAlarms(SynthesizedApp app) {
        Map<String, String> watched = new java.util.TreeMap<>();
        app.dr().ofType(ALARM).values().forEach(alarm -> {
            JsonNode properties = alarm.path("Properties");
            if (properties.path("Namespace").asText().equals("AWS/States")) {
                watched.merge(
                        text(properties.at("/Dimensions/0/Value")).replaceAll("\\$\\{Recovery(\\w+)Machine.*", "$1"),
                        properties.path("MetricName").asText(),
                        (one, other) -> String.join(" ", new TreeSet<>(Set.of(one, other))));
                assertThat(properties.path("TreatMissingData").asText()).isEqualTo("notBreaching");
            }
        });
        assertThat(watched)
                .containsEntry("Failover", "ExecutionsAborted ExecutionsTimedOut")
                .containsKey("Rehearsal");
        assertThat(watched.get("Rehearsal")).contains("ExecutionsFailed", "ExecutionsAborted", "ExecutionsTimedOut");
        assertThat(text(alarm(app.dr(), "FailoverAborted").at("/Properties/AlarmDescription")))
                .contains(
                        "handover sign",
                        "leader stays stopped",
                        "failover-term-1-attempt-K",
                        "path is /.well-known/pilotlight/handover/1");
    }

    /** A week is as far as CloudWatch looks back; two rehearsals fall into it. */
    @Test
    void aWeekWithoutARehearsalThatSucceededIsAnAlarm() {
        JsonNode alarm = alarm(DEV.dr(), "RehearsalOverdue").path("Properties");
        assertThat(alarm.path("MetricName").asText()).isEqualTo("RehearsalSucceeded");
        assertThat(alarm.path("Period").asInt()
                        * alarm.path("EvaluationPeriods").asInt())
                .isEqualTo(604_800);
        assertThat(alarm.path("TreatMissingData").asText()).isEqualTo("breaching");
        assertThat(DEV.dr().ofType("AWS::Scheduler::Schedule").values())
                .anyMatch(schedule ->
                        schedule.at("/Properties/ScheduleExpression").asText().equals("cron(0 9 ? * TUE,FRI *)"));
        String rehearsal = text(machine(DEV.dr(), "-rehearsal-dr").path("DefinitionString"));
        assertThat(rehearsal).contains("\"MetricName\":\"RehearsalSucceeded\"");
    }

    private static SynthesizedApp lineage(String entries) {
        return SynthesizedApp.of(TestConfigurations.with("dev", "{'databaseLineage': [" + entries + "]}"));
    }

    private static JsonNode alarm(StackTemplate stack, String name) {
        return stack.ofType(ALARM).entrySet().stream()
                .filter(entry -> entry.getKey().startsWith("Alarms" + name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no alarm " + name));
    }

    private static String page(StackTemplate stack) {
        return text(stack.only(COMPOSITE).path("AlarmDescription"));
    }

    private static List<String> names(StackTemplate stack) {
        return stack.ofType(MACHINE).values().stream()
                .map(machine -> text(machine.at("/Properties/StateMachineName")))
                .toList();
    }

    private static JsonNode machine(StackTemplate stack, String name) {
        return stack.ofType(MACHINE).values().stream()
                .map(machine -> machine.path("Properties"))
                .filter(machine -> text(machine.path("StateMachineName")).endsWith(name))
                .findFirst()
                .orElseThrow();
    }

    private static JsonNode statement(StackTemplate stack, String policy, String action) {
        return statements(stack, policy, action).stream()
                .findFirst()
                .orElseThrow(() -> new AssertionError(policy + " may not " + action));
    }

    private static List<String> resources(StackTemplate stack, String policy, String action) {
        return statements(stack, policy, action).stream()
                .flatMap(statement -> RegionIsolationTest.resources(statement).stream())
                .toList();
    }

    private static List<JsonNode> statements(StackTemplate stack, String policy, String action) {
        return stack.ofType("AWS::IAM::ManagedPolicy").entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(policy))
                .flatMap(entry -> {
                    List<JsonNode> statements = new ArrayList<>();
                    entry.getValue().at("/Properties/PolicyDocument/Statement").forEach(statements::add);
                    return statements.stream();
                })
                .filter(statement -> statement.path("Action").toString().contains("\"" + action + "\""))
                .toList();
    }
}
