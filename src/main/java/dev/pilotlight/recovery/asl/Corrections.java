package dev.pilotlight.recovery.asl;

import com.dashjoin.jsonata.Functions;
import com.dashjoin.jsonata.JException;
import com.dashjoin.jsonata.Jsonata;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.text.ParseException;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Functions in which the library differs from the reference, as the reference has them; and Step Functions' own. */
final class Corrections {

    private static final ObjectMapper JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    /** What JSONata 2.0.6 takes for a number, and for a time. */
    private static final Pattern NUMBER = Pattern.compile(
            "-?(0|([1-9][0-9]*))(\\.[0-9]+)?([Ee][-+]?[0-9]+)?|0[xX][0-9A-Fa-f]+|0[oO][0-7]+|0[bB][01]+");

    private static final Pattern TIME = Pattern.compile(
            "\\d{4}(-[01]\\d)*(-[0-3]\\d)*(T[0-2]\\d:[0-5]\\d:[0-5]\\d)*(\\.\\d+)?([+-][0-2]\\d:?[0-5]\\d|Z)?");

    private static final Pattern ZONE = Pattern.compile("(Z|[+-]\\d{2}:?\\d{2})$");

    private Corrections() {}

    static void apply(Jsonata expression) {
        // The library takes null for nothing.
        expression.registerFunction("count", Jsonata.function("count", Corrections::count, null));
        // It takes blanks around a number,
        expression.registerFunction("number", Jsonata.function("number", Corrections::number, "<(nsb)-:n>"));
        // and times without seconds.
        expression.registerFunction("toMillis", ofOne(String.class, Corrections::toMillis, "<s-:n>"));
        // Only faster.
        expression.registerFunction("fromMillis", ofOne(Number.class, Corrections::fromMillis, "<n-:s>"));
        expression.registerFunction("parse", Jsonata.function("parse", Corrections::parse, "<s:x>"));
    }

    /** A function that mostly has one argument of the right type: then nobody needs to match the signature's pattern. */
    private static Jsonata.JFunction ofOne(Class<?> type, Jsonata.FnVarArgs<?> function, String signature) {
        return new Jsonata.JFunction(function.getJFunctionCallable(), signature) {
            @Override
            public Object validate(Object arguments, Object context) {
                return arguments instanceof List<?> list && list.size() == 1 && type.isInstance(list.get(0))
                        ? arguments
                        : super.validate(arguments, context);
            }
        };
    }

    private static Object count(List<?> arguments) {
        if (arguments.size() != 1) {
            throw new JException("T0410", -1, "count");
        }
        Object items = arguments.get(0);
        return items == null ? 0 : items instanceof List<?> list ? list.size() : 1;
    }

    private static Object number(List<?> arguments) {
        Object value = arguments.get(0);
        if (value instanceof String text && !NUMBER.matcher(text).matches()) {
            throw new JException("D3030", -1, text);
        }
        return value == null ? null : Json.of(Functions.number(value));
    }

    private static Object toMillis(List<?> arguments) {
        String text = (String) arguments.get(0);
        OptionalLong millis = text == null ? OptionalLong.empty() : Times.millis(text);
        if (millis.isPresent()) {
            return Json.of(millis.getAsLong());
        }
        // A time without a zone is the machine's in both, so it is refused.
        if (text != null
                && (!TIME.matcher(text).matches()
                        || (text.contains("T") && !ZONE.matcher(text).find()))) {
            throw new JException("D3110", -1, text);
        }
        try {
            return Json.of(Functions.dateTimeToMillis(text, null));
        } catch (ParseException e) {
            throw new IllegalArgumentException("$toMillis: no time: " + text, e);
        }
    }

    private static Object fromMillis(List<?> arguments) {
        Number number = (Number) arguments.get(0);
        return number == null || !Times.hasFourDigitYear(number.longValue())
                ? Functions.dateTimeFromMillis(number, null, null)
                : Times.text(number.longValue());
    }

    private static Object parse(List<?> arguments) {
        String text = (String) arguments.get(0);
        try {
            return text == null ? null : Json.forLibrary(Json.of(JSON.readValue(text, Object.class)));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("$parse: not JSON: " + text, e);
        }
    }
}
