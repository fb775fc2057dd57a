package dev.pilotlight.cli.local.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.eventbridge.model.Target;

class EventsTest {

    private static final JsonNode EVENT = json("""
            {'source': 'aws.cloudwatch', 'detail-type': 'CloudWatch Alarm State Change', 'resources': ['arn:a', 'arn:b'],
             'detail': {'alarmName': 'shop-lost', 'state': {'value': 'ALARM', 'reason': 'it said "no"'}}}""");

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text.replace('\'', '"').replace("\"no\"", "\\\"no\\\""));
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'source': ['aws.cloudwatch']} | true",
                "{'source': ['aws.rds', 'aws.cloudwatch']} | true",
                "{'source': ['aws.rds']} | false",
                "{'detail': {'alarmName': ['shop-lost'], 'state': {'value': ['ALARM']}}} | true",
                "{'detail': {'alarmName': ['shop-lost'], 'state': {'value': ['OK']}}} | false",
                "{'detail': {'alarmName': [{'prefix': 'shop-'}]}} | true",
                "{'detail': {'alarmName': [{'prefix': 'other-'}]}} | false",
                "{'resources': ['arn:b']} | true",
                "{'resources': ['arn:c']} | false",
                "{'region': ['eu-west-1']} | false",
            })
    void patterns(String pattern, boolean expected) {
        assertThat(Events.matches(json(pattern), EVENT)).isEqualTo(expected);
    }

    @Test
    void aPatternThatIsNotKnownIsNotGuessed() {
        assertThatThrownBy(() -> Events.matches(json("{'source': [{'anything-but': ['x']}]}"), EVENT))
                .hasMessageContaining("not supported");
    }

    @Test
    void theInputIsWhatTheTargetMakesOfTheEvent() {
        assertThat(Events.input(Target.builder().build(), EVENT)).isEqualTo(EVENT.toString());
        assertThat(Events.input(Target.builder().input("{\"a\":1}").build(), EVENT))
                .isEqualTo("{\"a\":1}");
        assertThat(Events.input(Target.builder().inputPath("$.detail.state").build(), EVENT))
                .isEqualTo(EVENT.at("/detail/state").toString());
        Target transformed = Target.builder()
                .inputTransformer(transformer -> transformer
                        .inputPathsMap(Map.of("name", "$.detail.alarmName", "why", "$.detail.state.reason"))
                        .inputTemplate("{\"mode\": \"emergency\", \"alarm\": <name>, \"reason\": \"<name>: <why>\"}"))
                .build();
        assertThat(Events.input(transformed, EVENT))
                .isEqualTo(
                        "{\"mode\": \"emergency\", \"alarm\": \"shop-lost\", \"reason\": \"shop-lost: it said \\\"no\\\"\"}");
    }

    @Test
    void ratesArePlayedAndCalendarsAreNot() {
        assertThat(Schedules.every("rate(1 minute)")).contains(Duration.ofMinutes(1));
        assertThat(Schedules.every("rate(2 hours)")).contains(Duration.ofHours(2));
        assertThat(Schedules.every("cron(0 9 ? * TUE *)")).isEmpty();
    }
}
