package dev.pilotlight.recovery.asl;

import com.dashjoin.jsonata.JException;
import com.dashjoin.jsonata.Jsonata;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The values of a definition: literals, and expressions between braces with per cent signs, each parsed once. */
final class Expressions {

    /** The runbooks take the time from the execution's context; a second clock would be another time. */
    private static final Pattern REFUSED =
            Pattern.compile("\\$(now|millis|eval|random|uuid|hash|parse|partition|range)\\b");

    private static final Pattern VARIABLE = Pattern.compile("\\$([a-zA-Z][a-zA-Z0-9_]*)");

    private final Map<String, Parsed> parsed = new HashMap<>();
    /** Values without any expression, which are what they are. By identity: they are the definition's own. */
    private final Set<Object> literals = Collections.newSetFromMap(new IdentityHashMap<>());

    /** @param names of all variables and functions in it: only those are bound, which is most of an evaluation's time */
    private record Parsed(Jsonata expression, Set<String> names) {}

    /** An expression that gave nothing, or failed. Step Functions reports both alike. */
    static final class QueryEvaluationException extends Exception {
        private static final long serialVersionUID = 1L;

        QueryEvaluationException(String message) {
            super(message);
        }
    }

    static boolean isExpression(Object value) {
        return value instanceof String text && text.startsWith("{%") && text.endsWith("%}");
    }

    /** Parses every expression inside a value; whether there was one. */
    boolean parse(Object value, String where) {
        boolean any = false;
        if (value instanceof Map<?, ?> map) {
            for (Object item : map.values()) {
                any |= parse(item, where);
            }
        } else if (value instanceof List<?> list) {
            for (Object item : list) {
                any |= parse(item, where);
            }
        } else if (isExpression(value)) {
            parseExpression((String) value, where);
            return true;
        }
        if (!any) {
            literals.add(value);
        }
        return any;
    }

    private void parseExpression(String text, String where) {
        if (REFUSED.matcher(text).find()) {
            throw new UnsupportedDefinitionException(where + ": this function is not supported: " + text);
        }
        try {
            Jsonata expression = Jsonata.jsonata(text.substring(2, text.length() - 2));
            expression.setValidateInput(false);
            Set<String> names = VARIABLE.matcher(text)
                    .results()
                    .map(found -> found.group(1))
                    .collect(Collectors.toSet());
            parsed.put(text, new Parsed(expression, names));
        } catch (JException e) {
            throw new UnsupportedDefinitionException(where + ": " + e.getMessage() + " in " + text);
        }
    }

    /** A value with its expressions replaced by what they give. */
    Object evaluate(Object value, Map<String, Object> variables, Map<String, Object> states)
            throws QueryEvaluationException {
        if (literals.contains(value)) {
            return value;
        }
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> evaluated = new LinkedHashMap<>();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                evaluated.put((String) entry.getKey(), evaluate(entry.getValue(), variables, states));
            }
            return evaluated;
        }
        if (value instanceof List<?> list) {
            List<Object> evaluated = new ArrayList<>();
            for (Object item : list) {
                evaluated.add(evaluate(item, variables, states));
            }
            return evaluated;
        }
        return isExpression(value) ? expression((String) value, variables, states) : value;
    }

    private Object expression(String text, Map<String, Object> variables, Map<String, Object> states)
            throws QueryEvaluationException {
        Parsed expression = parsed.get(text);
        Jsonata.Frame frame = expression.expression().createFrame();
        for (String name : expression.names()) {
            Object value = variables.get(name);
            if (value != null) {
                frame.bind(name, value);
            }
        }
        frame.bind("states", states);
        Object result;
        try {
            result = expression.expression().evaluate(states, frame);
        } catch (JException e) {
            throw new QueryEvaluationException(e.getMessage() + " in " + text);
        }
        if (result == null) {
            throw new QueryEvaluationException("the expression returned nothing: " + text);
        }
        return plain(result, text);
    }

    /** As JSON would hold it: a sequence of JSONata's is marked, and behaves otherwise in the next expression. */
    private static Object plain(Object value, String text) throws QueryEvaluationException {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> copy = new LinkedHashMap<>();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                if (entry.getValue() != null) {
                    copy.put((String) entry.getKey(), plain(entry.getValue(), text));
                }
            }
            return copy;
        }
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>();
            for (Object item : list) {
                copy.add(plain(item, text));
            }
            return copy;
        }
        if (value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15) {
            return (long) (double) number;
        }
        if (value instanceof Integer number) {
            return (long) number;
        }
        if (value instanceof String || value instanceof Number || value instanceof Boolean) {
            return value;
        }
        throw new QueryEvaluationException("not JSON: " + value.getClass() + " from " + text);
    }
}
