package dev.pilotlight.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.recovery.asl.Execution;
import dev.pilotlight.recovery.asl.Execution.Status;
import dev.pilotlight.recovery.asl.Services.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProbeDefinitionTest {

    private final List<Map<String, Object>> asked = new ArrayList<>();
    private final List<Object> put = new ArrayList<>();

    @Test
    void asksForTheNameThatUsersKnowWithTheConnection() {
        probe(Reply.of(Map.of("StatusCode", 200L), Duration.ofMillis(80)));
        assertThat(asked)
                .containsExactly(Map.of(
                        "ApiEndpoint",
                        "https://app.example.com/",
                        "Method",
                        "GET",
                        "Authentication",
                        Map.of("ConnectionArn", "${OutsideLookConnection4E4AA867.Arn}")));
        assertThat(put)
                .containsExactly(Map.of(
                        "Namespace",
                        "Pilotlight",
                        "MetricData",
                        List.of(Map.of(
                                "MetricName",
                                "ServiceAnswers",
                                "Dimensions",
                                List.of(Map.of("Name", "Workload", "Value", "pilotlight-dev")),
                                "Value",
                                1,
                                "Unit",
                                "Count"))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "States.Http.StatusCode.301",
                "States.Http.StatusCode.308",
                "States.Http.StatusCode.401",
                "States.Http.StatusCode.403",
                "States.Http.StatusCode.404",
                "States.Http.StatusCode.429",
                "States.DataLimitExceeded"
            })
    void anyAnswerBelow500IsOne(String error) {
        assertThat(answers(probe(failed(error)))).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "States.Http.StatusCode.500",
                "States.Http.StatusCode.502",
                "States.Http.StatusCode.503",
                "States.Http.StatusCode.504",
                "States.Http.Socket",
                "States.TaskFailed",
                "States.Timeout",
                "Events.ConnectionResource.AccessDenied"
            })
    void anErrorOfTheServerAndSilenceAreNone(String error) {
        assertThat(answers(probe(failed(error)))).isEqualTo(0);
    }

    /** Within its own minute, so that no two overlap. */
    @ParameterizedTest
    @CsvSource({"20, 0", "3, 1"})
    void aSlowAnswerIsNone(int seconds, int answers) {
        Execution probe = probe(Reply.of(Map.of("StatusCode", 200L), Duration.ofSeconds(seconds)));
        assertThat(answers(probe)).isEqualTo(answers);
        assertThat(probe.due()).isBefore(Machines.START.plusSeconds(50));
        assertThat(asked).hasSize(1);
    }

    @Test
    void aMetricThatCannotBePutIsTriedAgainAndThenAFailureThatIsLogged() {
        Execution probe = Machines.run(Machines.probe(), (at, service, action, arguments, timeout) -> {
            if (service.equals("http")) {
                return Reply.of(Map.of("StatusCode", 200L), Duration.ofSeconds(10));
            }
            put.add(arguments);
            return Reply.failed("CloudWatch.CloudWatchException", "Rate exceeded", Duration.ofSeconds(5));
        });
        assertThat(put).hasSize(2);
        assertThat(probe.status()).isEqualTo(Status.FAILED);
        assertThat(probe.error()).isEqualTo("Pilotlight.ProbeNotReported");
        assertThat(probe.cause()).contains("Rate exceeded");
        assertThat(probe.due()).isBefore(Machines.START.plusSeconds(50));
    }

    private Execution probe(Reply reply) {
        return Machines.run(Machines.probe(), (at, service, action, arguments, timeout) -> {
            if (service.equals("http")) {
                assertThat(action).isEqualTo("invoke");
                asked.add(arguments);
                return reply;
            }
            put.add(arguments);
            return Reply.of(Map.of(), Duration.ofMillis(50));
        });
    }

    private Object answers(Execution probe) {
        assertThat(probe.status()).isEqualTo(Status.SUCCEEDED);
        Object value = ((Map<?, ?>) ((List<?>) ((Map<?, ?>) put.get(0)).get("MetricData")).get(0)).get("Value");
        assertThat(probe.output()).isEqualTo(Map.of("answers", value));
        return value;
    }

    private static Reply failed(String error) {
        return Reply.failed(error, "as told", Duration.ofSeconds(1));
    }
}
