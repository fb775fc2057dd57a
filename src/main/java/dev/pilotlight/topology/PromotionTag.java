package dev.pilotlight.topology;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The point of no return: a tag on the standby's database, set before its promotion is ordered. It outlives every run, names
 * the attempt that set it, and holds what may be lost. An attempt that takes its order back before RDS took it writes
 * {@code withdrawn} over it.
 *
 * @param term that the promotion is for
 * @param attempt that set it
 * @param loss seconds of writes that may be lost, or {@code unknown}
 * @param fenced whether the leader was seen to have stopped
 */
public record PromotionTag(int term, int attempt, String loss, boolean fenced) {

    public static final String KEY = "pilotlight:promotion";

    private static final String FORM = "term=%s attempt=%s loss=%s fenced=%s";
    private static final Pattern SET =
            Pattern.compile("^" + FORM.formatted("([0-9]+)", "([0-9]+)", "([0-9a-z]+)", "(true|false)") + "$");

    /** The promotion that a tag's value stands for; empty if it was withdrawn, or is none of ours. */
    public static Optional<PromotionTag> parse(String value) {
        Matcher set = SET.matcher(value);
        return set.matches()
                ? Optional.of(new PromotionTag(
                        Integer.parseInt(set.group(1)),
                        Integer.parseInt(set.group(2)),
                        set.group(3),
                        Boolean.parseBoolean(set.group(4))))
                : Optional.empty();
    }

    public String value() {
        return FORM.formatted(term, attempt, loss, fenced);
    }

    /** The value, as a JSONata expression over expressions for its parts. */
    public static String valueExpression(int term, String attempt, String loss, String fenced) {
        return "'term=%d attempt=' & $string(%s) & ' loss=' & $string(%s) & ' fenced=' & $string(%s)"
                .formatted(term, attempt, loss, fenced);
    }

    /** The value that takes it back, as a JSONata expression. */
    public static String withdrawnExpression(int term, String attempt) {
        return "'withdrawn term=%d attempt=' & $string(%s)".formatted(term, attempt);
    }

    /** A regular expression of JSONata for the values of a term; its groups are attempt, loss and fenced. */
    public static String valuePattern(int term) {
        return "/^" + FORM.formatted(term, "([0-9]+)", "([0-9a-z]+)", "(true|false)") + "$/";
    }
}
