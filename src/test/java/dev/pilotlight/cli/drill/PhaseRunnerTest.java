package dev.pilotlight.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.Progress;
import dev.pilotlight.cli.drill.DrillRecord.Clock;
import dev.pilotlight.cli.drill.DrillRecord.Outcome;
import dev.pilotlight.cli.drill.DrillRecord.Phase;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PhaseRunnerTest {

    /** Of what takes a moment on a quiet machine. */
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private final AtomicLong virtual = new AtomicLong(1_000_000);
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final InstantSource clock = () -> Instant.ofEpochMilli(virtual.get());
    private final Recorder recorder =
            new Recorder(new Progress(new PrintStream(bytes, true, StandardCharsets.UTF_8), false), clock);

    private DrillPhase phase(String id, DrillPhase.Body body) {
        return new DrillPhase(id, "Phase " + id, Clock.SPED_UP, LIMIT, body);
    }

    private Optional<PhaseRunner.Failed> run(DrillPhase... phases) throws Exception {
        return new PhaseRunner(recorder).run(List.of(phases));
    }

    private Phase recorded(int index) {
        return recorder.phases().get(index);
    }

    @Test
    void phasesRunInOrderAndKeepVirtualTime() throws Exception {
        assertThat(run(
                        phase(
                                "one",
                                () -> recorder.step("Promote", Clock.SPED_UP, () -> {
                                    virtual.addAndGet(600_000);
                                    return "done";
                                })),
                        phase("two", () -> virtual.addAndGet(1_000))))
                .isEmpty();
        assertThat(recorder.phases()).extracting(Phase::outcome).containsExactly(Outcome.DONE, Outcome.DONE);
        assertThat(recorded(0).steps()).singleElement().satisfies(step -> {
            assertThat(step.endMillis() - step.startMillis()).isEqualTo(600_000);
            assertThat(step.realMillis()).isLessThan(LIMIT.toMillis());
        });
        assertThat(recorded(1).startMillis()).isEqualTo(600_000);
        assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("+10:00 Promote: done (10 min virtual");
    }

    @Test
    void whatFailsStopsTheDrillAndIsKept() throws Exception {
        Optional<PhaseRunner.Failed> failed = run(
                phase(
                        "one",
                        () -> recorder.step("Claim", Clock.SPED_UP, () -> {
                            throw new Failure("the claim is not held");
                        })),
                phase("two", () -> {
                    throw new AssertionError("must not run");
                }));
        assertThat(failed.orElseThrow().why()).isEqualTo("the claim is not held");
        assertThat(failed.orElseThrow().phase().id()).isEqualTo("one");
        assertThat(recorded(0).outcome()).isEqualTo(Outcome.FAILED);
        assertThat(recorded(0).why()).isEqualTo("the claim is not held");
        assertThat(recorded(0).steps())
                .singleElement()
                .satisfies(step -> assertThat(step.outcome()).isEqualTo(Outcome.FAILED));
        assertThat(recorded(1).outcome()).isEqualTo(Outcome.NOT_REACHED);
    }

    @Test
    void aCheckThatDoesNotHoldFailsThePhaseAtItsEnd() throws Exception {
        Optional<PhaseRunner.Failed> failed = run(phase("one", () -> {
            recorder.check("DNS does not flap", false, "at +1:00 new users: primary");
            recorder.check("Nothing is lost", true, "");
        }));
        assertThat(failed.orElseThrow().why()).isEqualTo("this does not hold: DNS does not flap");
        assertThat(recorded(0).checks()).hasSize(2);
    }

    @Test
    void aPhaseThatTakesTooLongIsEndedAndSaysSo() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        DrillPhase slow = new DrillPhase("slow", "Slow", Clock.SPED_UP, Duration.ofMillis(200), () -> {
            try {
                Thread.sleep(LIMIT.toMillis());
            } catch (InterruptedException e) {
                interrupted.countDown();
                throw e;
            }
        });
        assertThat(run(slow).orElseThrow().why()).isEqualTo("it was not over within 0.2 s");
        assertThat(interrupted.await(5, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void inTheMiddleTheRecordIsThereAsWell() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Thread drill = new Thread(() -> {
            try {
                var unused = run(phase(
                        "one",
                        () -> recorder.step("Wait", Clock.SPED_UP, () -> {
                            inside.countDown();
                            assertThat(goOn.await(5, TimeUnit.MINUTES)).isTrue();
                            return "";
                        })));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        drill.start();
        assertThat(inside.await(5, TimeUnit.MINUTES)).isTrue();
        virtual.addAndGet(5_000);
        assertThat(recorded(0).outcome()).isEqualTo(Outcome.INTERRUPTED);
        assertThat(recorded(0).endMillis()).isEqualTo(5_000);
        assertThat(recorded(0).steps()).singleElement().satisfies(step -> {
            assertThat(step.outcome()).isEqualTo(Outcome.INTERRUPTED);
            assertThat(step.endMillis()).isEqualTo(5_000);
        });
        goOn.countDown();
        drill.join();
    }

    @Test
    void aTrackChangesOnlyWhenItsStateDoes() throws Exception {
        Instant start = clock.instant();
        for (int second = 0; second < 4; second++) {
            recorder.track(
                    "users",
                    "Users",
                    start.plusSeconds(second),
                    second < 2 ? DrillRecord.State.GOOD : DrillRecord.State.BAD,
                    second < 2 ? "served" : "not served");
        }
        virtual.addAndGet(9_000);
        assertThat(recorder.tracks().get(0).spans())
                .containsExactly(
                        new DrillRecord.Span(0, 2_000, DrillRecord.State.GOOD, "served"),
                        new DrillRecord.Span(2_000, 9_000, DrillRecord.State.BAD, "not served"));
    }
}
