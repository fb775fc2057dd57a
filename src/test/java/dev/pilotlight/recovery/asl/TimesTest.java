package dev.pilotlight.recovery.asl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.dashjoin.jsonata.Functions;
import java.text.ParseException;
import java.time.Instant;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {

    private static final long FIRST = Instant.parse("0000-01-01T00:00:00Z").toEpochMilli();
    private static final long END = Instant.parse("9999-12-31T23:59:59.999Z").toEpochMilli() + 1;

    @Test
    void aTimeIsWrittenAndReadAsTheLibraryDoesIt() throws ParseException {
        SplittableRandom random = new SplittableRandom(1);
        for (int times = 0; times < 20_000; times++) {
            long millis = times % 2 == 0 ? random.nextLong(FIRST, END) : random.nextLong(0, 1L << 41);
            String text = Functions.dateTimeFromMillis(millis, null, null);
            assertThat(Times.text(millis)).isEqualTo(text);
            if (text.compareTo("0000-01-01") >= 0 && Integer.parseInt(text.substring(8, 10)) <= 28) {
                assertThat(Times.millis(text)).as(text).hasValue(Functions.dateTimeToMillis(text, null));
            } else {
                assertThat(Times.millis(text)).as(text).isEmpty();
            }
        }
        assertThat(Times.millis("2026-11-24T03:00:00Z"))
                .hasValue(Instant.parse("2026-11-24T03:00:00Z").toEpochMilli());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "2026-11-24",
                "2026-11-24T03:00Z",
                "2026-11-24T03:00:00",
                "2026-11-24T03:00:00+01:00",
                "2026-11-24T03:00:00.1Z",
                "2026-11-24T03:00:00.123456Z",
                "2026-11-24t03:00:00z",
                "2026-11-24 03:00:00Z",
                "2026-00-24T03:00:00Z",
                "2026-13-24T03:00:00Z",
                "2026-11-00T03:00:00Z",
                "2026-02-30T03:00:00Z",
                "2026-11-24T24:00:00Z",
                "2026-11-24T03:60:00Z",
                "2026-11-24T03:00:60Z",
                "٢٠٢٦-11-24T03:00:00Z",
                "-026-11-24T03:00:00Z"
            })
    void whatIsNotOfThisFormIsLeftToTheLibrary(String text) {
        assertThat(Times.millis(text)).isEmpty();
    }

    @Test
    void aYearOfMoreDigitsIsNotWritten() {
        for (long millis : new long[] {FIRST - 1, END}) {
            assertThat(Times.hasFourDigitYear(millis)).isFalse();
            assertThatThrownBy(() -> Times.text(millis)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
