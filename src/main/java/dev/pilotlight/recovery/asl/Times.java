package dev.pilotlight.recovery.asl;

import java.time.Instant;
import java.time.LocalDate;
import java.util.OptionalLong;

/**
 * Times in the one form that Step Functions and the runbooks write, {@code 2026-11-24T03:00:00.000Z}: read and written
 * without a pattern, because a third of a simulated disaster's time would go into them. Other forms are the library's.
 */
final class Times {

    private static final String WITHOUT_FRACTION = "0000-00-00T00:00:00Z";
    private static final String WITH_FRACTION = "0000-00-00T00:00:00.000Z";
    private static final long DAY = 86_400_000;
    /** The first millisecond after the years of four digits. */
    private static final long END = LocalDate.of(10_000, 1, 1).toEpochDay() * DAY;

    private static final long BEGIN = LocalDate.of(0, 1, 1).toEpochDay() * DAY;
    /** Of every month. */
    private static final int COMMON_DAYS = 28;

    private Times() {}

    /** Milliseconds since 1970; empty for what is no time, or one that others must read: the end of a month is. */
    static OptionalLong millis(String text) {
        boolean fraction = text.length() == WITH_FRACTION.length();
        if (!hasForm(text, fraction ? WITH_FRACTION : WITHOUT_FRACTION)) {
            return OptionalLong.empty();
        }
        int month = number(text, 5, 2);
        int day = number(text, 8, 2);
        int hour = number(text, 11, 2);
        int minute = number(text, 14, 2);
        int second = number(text, 17, 2);
        if (month < 1 || month > 12 || day < 1 || day > COMMON_DAYS || hour > 23 || minute > 59 || second > 59) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(LocalDate.of(number(text, 0, 4), month, day).toEpochDay() * DAY
                + ((hour * 60L + minute) * 60 + second) * 1000
                + (fraction ? number(text, 20, 3) : 0));
    }

    private static boolean hasForm(String text, String form) {
        if (text.length() != form.length()) {
            return false;
        }
        for (int index = 0; index < form.length(); index++) {
            char wanted = form.charAt(index);
            char is = text.charAt(index);
            if (wanted == '0' ? is < '0' || is > '9' : is != wanted) {
                return false;
            }
        }
        return true;
    }

    private static int number(String text, int from, int digits) {
        int number = 0;
        for (int index = from; index < from + digits; index++) {
            number = 10 * number + text.charAt(index) - '0';
        }
        return number;
    }

    /** Whether {@link #text} can write it. */
    static boolean hasFourDigitYear(long millis) {
        return millis >= BEGIN && millis < END;
    }

    static String text(Instant instant) {
        return text(instant.toEpochMilli());
    }

    /** @throws IllegalArgumentException for a year of more digits than four, or before the year 0 */
    static String text(long millis) {
        if (!hasFourDigitYear(millis)) {
            throw new IllegalArgumentException("no year of four digits: " + millis);
        }
        LocalDate date = LocalDate.ofEpochDay(Math.floorDiv(millis, DAY));
        int ofDay = (int) Math.floorMod(millis, DAY);
        StringBuilder text = new StringBuilder(WITH_FRACTION);
        write(text, 0, 4, date.getYear());
        write(text, 5, 2, date.getMonthValue());
        write(text, 8, 2, date.getDayOfMonth());
        write(text, 11, 2, ofDay / 3_600_000);
        write(text, 14, 2, ofDay / 60_000 % 60);
        write(text, 17, 2, ofDay / 1000 % 60);
        write(text, 20, 3, ofDay % 1000);
        return text.toString();
    }

    private static void write(StringBuilder text, int from, int digits, int number) {
        int rest = number;
        for (int index = from + digits - 1; index >= from; index--) {
            text.setCharAt(index, (char) ('0' + rest % 10));
            rest /= 10;
        }
    }
}
