package dev.pilotlight.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.cli.drill.DrillRecord.Moment;
import dev.pilotlight.cli.drill.DrillRecord.Span;
import dev.pilotlight.cli.drill.DrillRecord.State;
import dev.pilotlight.cli.drill.DrillRecord.Track;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PictureTest {

    private final Picture picture = new Picture(0, 100_000, 0);

    @Test
    void aLabelShowsOnlyWhereItsBarIsWideEnough() {
        String svg = picture.timeline(
                        "Test",
                        List.of(new Track(
                                "users",
                                "Users",
                                List.of(
                                        new Span(0, 50_000, State.GOOD, "served"),
                                        new Span(50_000, 51_000, State.BAD, "not served")))),
                        List.of())
                .render();
        Matcher label = Pattern.compile("label good-text w(\\d+)").matcher(svg);
        assertThat(label.find()).isTrue();
        // Six characters in half of the picture.
        assertThat(Integer.parseInt(label.group(1))).isLessThanOrEqualTo(340);
        assertThat(svg).doesNotContain("bad-text").contains("Users: not served, +0:50 to +0:51");
    }

    @Test
    void momentsCloseToEachOtherGiveWay() {
        String svg = picture.timeline(
                        "Test",
                        List.of(),
                        List.of(
                                new Moment(50_000, "alarm", "Alarm"),
                                new Moment(50_500, "started", "Started"),
                                new Moment(90_000, "served", "Served"),
                                new Moment(200_000, "later", "Out of the picture")))
                .render();
        assertThat(svg)
                .containsSubsequence("y=\"0\"", ">1</text>", "y=\"20\"", ">2</text>", "y=\"0\"", ">3</text>")
                .doesNotContain(">4</text>");
    }
}
