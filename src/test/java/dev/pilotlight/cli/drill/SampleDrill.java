package dev.pilotlight.cli.drill;

import dev.pilotlight.cli.drill.DrillRecord.Check;
import dev.pilotlight.cli.drill.DrillRecord.Clock;
import dev.pilotlight.cli.drill.DrillRecord.Figure;
import dev.pilotlight.cli.drill.DrillRecord.Moment;
import dev.pilotlight.cli.drill.DrillRecord.Movement;
import dev.pilotlight.cli.drill.DrillRecord.Outcome;
import dev.pilotlight.cli.drill.DrillRecord.Part;
import dev.pilotlight.cli.drill.DrillRecord.Phase;
import dev.pilotlight.cli.drill.DrillRecord.Setting;
import dev.pilotlight.cli.drill.DrillRecord.Source;
import dev.pilotlight.cli.drill.DrillRecord.Span;
import dev.pilotlight.cli.drill.DrillRecord.State;
import dev.pilotlight.cli.drill.DrillRecord.Step;
import dev.pilotlight.cli.drill.DrillRecord.Track;
import dev.pilotlight.cli.drill.DrillRecord.Verdict;
import dev.pilotlight.cli.drill.DrillRecord.Version;
import java.util.List;

/** A made-up drill, for tests of the report. */
final class SampleDrill {

    private static final long LOST = 400_000;

    private SampleDrill() {}

    static DrillRecord passed() {
        List<Part> bound = List.of(
                new Part("detection", 180),
                new Part("promotion and launch", 600),
                new Part("claim seen", 90),
                new Part("DNS", 60));
        return new DrillRecord(
                DrillRecord.FORMAT,
                Verdict.PASSED,
                "Users were served from eu-west-1 16 min 12 s after eu-central-1 was lost, within the objective of 30 min; 2 checks held.",
                new Setting(
                        "dev",
                        "pilotlight-dev",
                        "eu-central-1",
                        "eu-west-1",
                        "hangs",
                        30,
                        "2026-11-25T16:00:00Z",
                        212_000,
                        List.of("primary", "dr", "primary", "dr"),
                        1800,
                        300,
                        bound,
                        List.of(new Version("moto", "5.2.3"), new Version("CDK CLI", "2.1148.1"))),
                LOST,
                List.of(new Movement(
                        "failover",
                        "eu-central-1",
                        "eu-west-1",
                        1,
                        LOST,
                        LOST + 972_000,
                        972,
                        List.of(
                                new Part("detection", 200),
                                new Part("promotion and launch", 612),
                                new Part("the runbook's own work", 8),
                                new Part("claim seen", 92),
                                new Part("DNS", 60)),
                        bound,
                        930.0,
                        4.5,
                        20.0,
                        75.0,
                        false)),
                List.of(
                        new Figure(
                                "rto",
                                "Recovery time",
                                972,
                                "s",
                                Source.EMULATED,
                                "from the loss until users are served"),
                        new Figure(
                                "bound",
                                "Bound",
                                930,
                                "s",
                                Source.MODELLED,
                                "detection + max(promotion, launch) + claim seen + DNS"),
                        new Figure(
                                "overhead", "Overhead", 4.5, "%", Source.EMULATED, "over the bound; aim: at most 10 %"),
                        new Figure("objective", "Objective", 1800, "s", Source.OBJECTIVE, "objectives.rtoMinutes"),
                        new Figure(
                                "loss",
                                "Writes lost, at most",
                                75,
                                "s",
                                Source.EMULATED,
                                "as the runbook reckoned before the promotion; objective 5 min"),
                        new Figure("checks", "Checks that held", 2, "of 2", Source.EMULATED, "")),
                List.of(
                        new Phase(
                                "deploy",
                                "Deploy both regions",
                                Outcome.DONE,
                                Clock.REAL_TIME,
                                0,
                                31_000,
                                31_000,
                                null,
                                List.of(new Step(
                                        "cdk deploy PrimaryStack DrStack",
                                        "142 changes",
                                        Outcome.DONE,
                                        Clock.REAL_TIME,
                                        4_000,
                                        31_000,
                                        27_000)),
                                List.of()),
                        new Phase(
                                "failover",
                                "Fail over <script>",
                                Outcome.DONE,
                                Clock.SPED_UP,
                                LOST + 200_000,
                                LOST + 972_000,
                                26_000,
                                null,
                                List.of(
                                        new Step(
                                                "Preflight",
                                                "",
                                                Outcome.DONE,
                                                Clock.SPED_UP,
                                                LOST + 200_000,
                                                LOST + 203_000,
                                                100),
                                        new Step(
                                                "WaitForPromotion",
                                                "",
                                                Outcome.DONE,
                                                Clock.SPED_UP,
                                                LOST + 205_000,
                                                LOST + 812_000,
                                                20_000)),
                                List.of(
                                        new Check("Nothing was asked of the lost region", true, "0 requests"),
                                        new Check(
                                                "The database stands alone",
                                                true,
                                                "pilotlight-dev-db-1 is available, backups kept for 7 days"))),
                        new Phase(
                                "failback",
                                "Fail back",
                                Outcome.NOT_REACHED,
                                Clock.SPED_UP,
                                0,
                                0,
                                0,
                                null,
                                List.of(),
                                List.of())),
                List.of(
                        new Track(
                                "primary-region",
                                "eu-central-1",
                                List.of(
                                        new Span(0, LOST, State.GOOD, "up"),
                                        new Span(LOST, LOST + 1_500_000, State.BAD, "lost: its APIs hang"))),
                        new Track(
                                "leader",
                                "Leader, by claim",
                                List.of(
                                        new Span(0, LOST + 820_000, State.GOOD, "eu-central-1, term 0"),
                                        new Span(LOST + 820_000, LOST + 1_500_000, State.GOOD, "eu-west-1, term 1"))),
                        new Track(
                                "users",
                                "Users",
                                List.of(
                                        new Span(0, LOST, State.GOOD, "served by eu-central-1"),
                                        new Span(LOST, LOST + 972_000, State.BAD, "not served"),
                                        new Span(LOST + 972_000, LOST + 1_500_000, State.GOOD, "served by eu-west-1"))),
                        new Track(
                                "runbook",
                                "Runbook",
                                List.of(
                                        new Span(LOST + 200_000, LOST + 203_000, State.WORK, "Preflight"),
                                        new Span(LOST + 205_000, LOST + 812_000, State.WORK, "WaitForPromotion"),
                                        new Span(LOST + 820_000, LOST + 940_000, State.WORK, "WaitForClaimSeen"))),
                        new Track(
                                "database-dr",
                                "Database in eu-west-1",
                                List.of(
                                        new Span(0, LOST + 205_000, State.IDLE, "db-1 replicates"),
                                        new Span(LOST + 205_000, LOST + 805_000, State.WAITING, "being promoted"),
                                        new Span(LOST + 805_000, LOST + 1_500_000, State.GOOD, "db-1 takes writes"))),
                        new Track(
                                "instances-dr",
                                "Instances in eu-west-1",
                                List.of(
                                        new Span(0, LOST + 202_000, State.IDLE, "none"),
                                        new Span(LOST + 202_000, LOST + 442_000, State.WAITING, "1 booting"),
                                        new Span(LOST + 442_000, LOST + 1_500_000, State.GOOD, "1 healthy")))),
                List.of(
                        new Moment(LOST, "lost", "Region lost"),
                        new Moment(LOST + 200_000, "alarm", "Alarm"),
                        new Moment(LOST + 204_000, "started", "Runbook started"),
                        new Moment(LOST + 820_000, "claimed", "Claimed"),
                        new Moment(LOST + 972_000, "served", "Users served")),
                List.of("The emulator is not AWS."));
    }

    /** The same, in which the runbook timed out. */
    static DrillRecord failed() {
        DrillRecord passed = passed();
        Phase failover = passed.phases().get(1);
        Phase failed = new Phase(
                failover.id(),
                failover.title(),
                Outcome.FAILED,
                failover.clock(),
                failover.startMillis(),
                failover.endMillis(),
                failover.realMillis(),
                "the runbook ended as TIMED_OUT",
                failover.steps(),
                List.of(new Check("The claim stands", false, "no claim")));
        return new DrillRecord(
                passed.format(),
                Verdict.FAILED,
                "In the phase “Fail over”: the runbook ended as TIMED_OUT.",
                passed.setting(),
                passed.lostAtMillis(),
                List.of(),
                passed.figures(),
                List.of(passed.phases().get(0), failed, passed.phases().get(2)),
                passed.tracks(),
                passed.moments(),
                passed.limits());
    }
}
