package dev.pilotlight.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.cloudformation.model.ResourceStatus;
import software.amazon.awssdk.services.cloudformation.model.StackEvent;

/** {@link GuardsInEmulatorTest} has the story; the emulator keeps no events of resources. */
class LeftoverTest {

    private static final Instant FIRST = Instant.parse("2026-11-20T10:00:00Z");

    private static StackEvent event(String database, ResourceStatus status, String type, Instant at) {
        return StackEvent.builder()
                .resourceType(type)
                .resourceStatus(status)
                .timestamp(at)
                .resourceProperties("{\"DBInstanceIdentifier\":\"%s\",\"Port\":\"5432\"}".formatted(database))
                .build();
    }

    /** A database that is older than that is not what a create of the stack has made. */
    @Test
    void theFirstTryIsTheOldestCreateOfThatDatabase() {
        String type = "AWS::RDS::DBInstance";
        Stream<StackEvent> events = Stream.of(
                event("shop-db-2", ResourceStatus.CREATE_IN_PROGRESS, type, FIRST.plusSeconds(900)),
                event("shop-db-2", ResourceStatus.CREATE_FAILED, type, FIRST.plusSeconds(600)),
                event("shop-db-2", ResourceStatus.CREATE_IN_PROGRESS, type, FIRST),
                event("shop-db-2", ResourceStatus.UPDATE_IN_PROGRESS, type, FIRST.minusSeconds(1)),
                event("shop-db-22", ResourceStatus.CREATE_IN_PROGRESS, type, FIRST.minusSeconds(2)),
                event("shop-db-2", ResourceStatus.CREATE_IN_PROGRESS, "AWS::CloudWatch::Alarm", FIRST.minusSeconds(3)),
                StackEvent.builder()
                        .resourceType(type)
                        .resourceStatus(ResourceStatus.CREATE_IN_PROGRESS)
                        .timestamp(FIRST.minusSeconds(4))
                        .build());
        assertThat(Leftover.firstTry(events, "shop-db-2")).contains(FIRST);
        assertThat(Leftover.firstTry(Stream.of(), "shop-db-2")).isEmpty();
    }

    /** It left the template later, or the stack failed after it: it may have served users. */
    @Test
    void whatAStackHasFinishedIsNoLeftover() {
        StackEvent finished = StackEvent.builder()
                .resourceType("AWS::RDS::DBInstance")
                .resourceStatus(ResourceStatus.CREATE_COMPLETE)
                .physicalResourceId("shop-db-2")
                .timestamp(FIRST)
                .build();
        StackEvent failed = finished.toBuilder()
                .resourceStatus(ResourceStatus.CREATE_FAILED)
                .build();
        assertThat(Leftover.wasWhole(Stream.of(failed, finished), "shop-db-2")).isTrue();
        assertThat(Leftover.wasWhole(Stream.of(failed), "shop-db-2")).isFalse();
        assertThat(Leftover.wasWhole(Stream.of(finished), "shop-db-22")).isFalse();
    }
}
