package dev.pilotlight.recovery.asl;

import com.dashjoin.jsonata.JException;
import com.dashjoin.jsonata.Jsonata;
import com.dashjoin.jsonata.Utils;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The values of a definition: literals, and expressions between braces with per cent signs, each parsed once. An
 * expression is evaluated as Step Functions does, without an input document: it reads {@code $states} and variables.
 */
final class Expressions {

    /**
     * Functions that answer here as the reference does, which {@code ReferenceTest} compares, and {@code $parse}, which is
     * Step Functions' own. Not {@code $now} and {@code $millis}: the runbooks take the time from the execution's context,
     * and a second clock would be another time. Not {@code $eval}: Step Functions has none.
     */
    static final Set<String> FUNCTIONS = Set.of(
            "abs",
            "append",
            "boolean",
            "ceil",
            "contains",
            "count",
            "exists",
            "filter",
            "floor",
            "fromMillis",
            "join",
            "keys",
            "length",
            "lookup",
            "lowercase",
            "map",
            "match",
            "max",
            "merge",
            "min",
            "not",
            "number",
            "parse",
            "reduce",
            "replace",
            "reverse",
            "sort",
            "split",
            "string",
            "substring",
            "substringAfter",
            "substringBefore",
            "sum",
            "toMillis",
            "trim",
            "type",
            "uppercase");

    /**
     * How deep an evaluation may nest. Step Functions ends one that nests about 100 deep: five boundaries measured on AWS
     * were at 99 to 101 (github.com/floci-io/floci/issues/2737). A chain {@code a & b & c} nests once a term.
     */
    static final int DEEPEST = 98;

    /** What the library does otherwise than the reference: it takes the text in {@code $replace} for a pattern. */
    private static final Set<String> REFUSED_CALLS = Set.of("replace/4", "toMillis/2", "fromMillis/2", "fromMillis/3");

    /** Operators that the library has and JSONata 2.0.6 has not. */
    private static final Pattern LATER_OPERATOR = Pattern.compile("\\?\\?|\\?:");

    private static final Pattern TEXT = Pattern.compile("'(?:\\\\.|[^'\\\\])*'|\"(?:\\\\.|[^\"\\\\])*\"");

    private final Map<String, Parsed> parsed = new HashMap<>();
    /** Values without any expression, which are what they are. By identity: they are the definition's own. */
    private final Set<Object> literals = Collections.newSetFromMap(new IdentityHashMap<>());
    /** Told of every evaluation, by tests. */
    private Consumer<Evaluated> listener = evaluated -> {};

    /** @param names of all variables that it reads: only those are bound, which is most of an evaluation's time */
    private record Parsed(Jsonata expression, SyntaxTree tree, Set<String> names) {}

    /**
     * An expression, what it was given and what came of it.
     *
     * @param bindings the variables, {@code states} among them
     * @param answer null if it failed, or gave null
     * @param error null if it did not fail
     */
    record Evaluated(String expression, Map<String, Object> bindings, Object answer, String error) {}

    /** An expression that gave nothing, or the wrong type, or failed. Step Functions reports all alike. */
    static final class QueryEvaluationException extends Exception {
        private static final long serialVersionUID = 1L;

        QueryEvaluationException(String message) {
            super(message);
        }
    }

    static boolean isExpression(Object value) {
        return value instanceof String text && text.startsWith("{%") && text.endsWith("%}");
    }

    /** The text between the braces. */
    static String body(String expression) {
        return expression.substring(2, expression.length() - 2);
    }

    void listen(Consumer<Evaluated> to) {
        listener = to;
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
            parsed.put((String) value, parseExpression((String) value, where));
            return true;
        }
        if (!any && value != null) {
            literals.add(value);
        }
        return any;
    }

    private static Parsed parseExpression(String text, String where) {
        Jsonata expression;
        try {
            expression = Jsonata.jsonata(body(text));
        } catch (RuntimeException e) {
            throw new UnsupportedDefinitionException(where + ": " + e.getMessage() + " in " + text);
        }
        expression.setValidateInput(false);
        Corrections.apply(expression);
        SyntaxTree tree = new SyntaxTree(expression);
        refuse(
                LATER_OPERATOR
                        .matcher(TEXT.matcher(text).replaceAll("''"))
                        .results()
                        .map(MatchResult::group)
                        .collect(Collectors.toSet()),
                "JSONata 2.0.6 has no operator %s",
                where,
                text);
        refuse(tree.bareNames(), "nothing is called %s, there is only $states and variables", where, text);
        Set<String> functions = new LinkedHashSet<>(tree.functions());
        functions.removeAll(FUNCTIONS);
        refuse(functions, "this function is not supported: $%s", where, text);
        Set<String> calls = new LinkedHashSet<>(tree.calls());
        calls.retainAll(REFUSED_CALLS);
        refuse(calls, "this call is not supported: $%s arguments", where, text);
        Set<String> hidden = new LinkedHashSet<>(tree.bound());
        hidden.removeIf(name -> !FUNCTIONS.contains(name) && !name.equals("states"));
        refuse(hidden, "$%s is taken", where, text);
        if (tree.depth() > DEEPEST) {
            throw new UnsupportedDefinitionException(
                    "%s: nests %d deep, and Step Functions allows about 100: %s".formatted(where, tree.depth(), text));
        }
        Set<String> names = new LinkedHashSet<>(tree.variables());
        names.removeAll(FUNCTIONS);
        return new Parsed(expression, tree, names);
    }

    private static void refuse(Set<String> names, String message, String where, String text) {
        if (!names.isEmpty()) {
            throw new UnsupportedDefinitionException(
                    where + ": " + message.formatted(String.join(", ", names)) + " in " + text);
        }
    }

    /** The variables that an expression reads. */
    Set<String> names(String expression) {
        return parsed.get(expression).names();
    }

    SyntaxTree tree(String expression) {
        return parsed.get(expression).tree();
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
        Map<String, Object> bindings = new LinkedHashMap<>();
        for (String name : expression.names()) {
            if (variables.containsKey(name)) {
                bindings.put(name, variables.get(name));
            }
        }
        bindings.put("states", states);
        try {
            Object answer = evaluate(expression.expression(), bindings, text);
            listener.accept(new Evaluated(text, bindings, answer, null));
            return answer;
        } catch (QueryEvaluationException e) {
            listener.accept(new Evaluated(text, bindings, null, e.getMessage()));
            throw e;
        }
    }

    private static Object evaluate(Jsonata expression, Map<String, Object> bindings, String text)
            throws QueryEvaluationException {
        Jsonata.Frame frame = expression.createFrame();
        bindings.forEach((name, value) -> frame.bind(name, Json.forLibrary(value)));
        Nesting nesting = new Nesting();
        frame.setEvaluateEntryCallback((node, input, environment) -> nesting.enter());
        frame.setEvaluateExitCallback((node, input, environment, result) -> nesting.exit(result));
        try {
            // There is no input document [doc: transforming-data].
            Object result = expression.evaluate(null, frame);
            if (result == null && !nesting.endedWithNull()) {
                throw new QueryEvaluationException("the expression returned nothing: " + text);
            }
            return Json.of(result);
        } catch (RuntimeException e) {
            // Of a function that fails the library lets any exception through.
            throw new QueryEvaluationException(e.getMessage() + " in " + text);
        }
    }

    /** Counts how deep an evaluation is, and keeps what it gives: the library returns null for nothing and for null. */
    private static final class Nesting {
        private int depth;
        private Object last;

        void enter() {
            if (++depth > DEEPEST) {
                throw new JException("Stack overflow error: the expression nests too deep", -1);
            }
        }

        void exit(Object result) {
            depth--;
            last = result;
        }

        boolean endedWithNull() {
            return isNull(last)
                    || (Utils.isSequence(last) && ((List<?>) last).size() == 1 && isNull(((List<?>) last).get(0)));
        }

        private static boolean isNull(Object value) {
            return value == Jsonata.NULL_VALUE;
        }
    }
}
