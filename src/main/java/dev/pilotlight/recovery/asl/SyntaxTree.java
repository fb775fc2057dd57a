package dev.pilotlight.recovery.asl;

import com.dashjoin.jsonata.Jsonata;
import com.dashjoin.jsonata.Parser.Symbol;
import java.lang.reflect.AccessibleObject;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What an expression names, and how deep it nests. The library keeps its syntax tree to itself, so the fields are read by
 * reflection; {@code SyntaxTreeTest} notices if a release renames them.
 */
final class SyntaxTree {

    private static final Field AST = field(Jsonata.class, "ast");
    private static final Map<String, Field> FIELDS = Stream.of(Symbol.class.getDeclaredFields())
            .filter(field -> !field.isSynthetic())
            .peek(SyntaxTree::open)
            .collect(Collectors.toMap(Field::getName, field -> field));
    private final Set<String> bareNames = new LinkedHashSet<>();
    private final Set<String> variables = new LinkedHashSet<>();
    private final Set<String> bound = new LinkedHashSet<>();
    private final Set<String> functions = new LinkedHashSet<>();
    private final Set<String> calls = new LinkedHashSet<>();
    private final Set<List<String>> statesPaths = new LinkedHashSet<>();
    private final int depth;

    SyntaxTree(Jsonata expression) {
        this.depth = walk((Symbol) get(AST, expression), true);
        variables.removeAll(bound);
        functions.removeAll(bound);
    }

    /** Names, and {@code $}, {@code $$}, {@code *}, that stand for something in an input document: there is none. */
    Set<String> bareNames() {
        return bareNames;
    }

    /** Variables that something outside the expression must assign. Functions that are called are not among them. */
    Set<String> variables() {
        return variables;
    }

    /** Variables that the expression itself binds, as a function's parameter or by {@code :=}. */
    Set<String> bound() {
        return bound;
    }

    /** Functions that are called, without the expression's own. */
    Set<String> functions() {
        return functions;
    }

    /** Functions with how many arguments they are called with: {@code append/2}. */
    Set<String> calls() {
        return calls;
    }

    /** What is read of {@code $states}: {@code [context, State, Name]}. Empty for the whole of it. */
    Set<List<String>> statesPaths() {
        return statesPaths;
    }

    /** How deep an evaluation nests at least: one for each operator, step, argument. */
    int depth() {
        return depth;
    }

    /** @param top whether it is evaluated with the input document as its context, not inside of a path's step */
    private int walk(Symbol node, boolean top) {
        note(node, top);
        return walkChildren(node, top) + 1;
    }

    private void note(Symbol node, boolean top) {
        switch (text(node, "type")) {
            case "variable" -> variable(text(node, "value"), top);
            case "name" -> bare(text(node, "value"), top);
            case "wildcard" -> bare("*", top);
            case "descendant" -> bare("**", top);
            case "lambda" -> symbols(node, "arguments").forEach(parameter -> bound.add(text(parameter, "value")));
            case "bind" -> bound.add(text(symbol(node, "lhs"), "value"));
            default -> {
                // It names nothing.
            }
        }
        for (String name : List.of("focus", "index")) {
            if (get(node, name) instanceof String variable) {
                bound.add(variable);
            }
        }
    }

    private int walkChildren(Symbol node, boolean top) {
        String type = text(node, "type");
        List<Integer> depths = new ArrayList<>(List.of(0));
        // What sees the context of the node itself.
        List<Symbol> same = new ArrayList<>();
        for (String child : List.of("rhs", "body", "condition", "then", "_else", "expression")) {
            same.add(symbol(node, child));
        }
        if (!type.equals("bind")) {
            same.add(symbol(node, "lhs"));
        }
        if (!type.equals("lambda")) {
            same.addAll(symbols(node, "arguments"));
        }
        same.addAll(symbols(node, "expressions"));
        same.addAll(pairs(node));
        Symbol procedure = symbol(node, "procedure");
        if (procedure != null && text(procedure, "type").equals("variable")) {
            String name = text(procedure, "value");
            functions.add(name);
            calls.add(name + "/" + symbols(node, "arguments").size());
        } else {
            same.add(procedure);
        }
        // What sees an item, or what a function was given.
        List<Symbol> inside = new ArrayList<>();
        for (String child : List.of("pattern", "update", "delete")) {
            inside.add(symbol(node, child));
        }
        symbols(node, "terms").forEach(term -> inside.add(symbol(term, "expression")));
        for (String filters : List.of("predicate", "stages")) {
            for (Symbol filter : symbols(node, filters)) {
                if (text(filter, "type").equals("index")) {
                    bound.add(text(filter, "value"));
                } else {
                    inside.add(symbol(filter, "expr"));
                }
            }
        }
        Symbol group = symbol(node, "group");
        if (group != null) {
            inside.addAll(pairs(group));
        }
        List<Symbol> steps = symbols(node, "steps");
        if (!steps.isEmpty()) {
            depths.add(firstStep(steps, top));
            inside.addAll(steps.subList(1, steps.size()));
        }
        same.stream().filter(Objects::nonNull).forEach(child -> depths.add(walk(child, top)));
        inside.stream().filter(Objects::nonNull).forEach(child -> depths.add(walk(child, false)));
        return Collections.max(depths);
    }

    private int firstStep(List<Symbol> steps, boolean top) {
        Symbol first = steps.get(0);
        if (!text(first, "type").equals("variable") || !text(first, "value").equals("states")) {
            return walk(first, top);
        }
        statesPaths.add(steps.stream()
                .skip(1)
                .takeWhile(step -> text(step, "type").equals("name"))
                .map(step -> text(step, "value"))
                .toList());
        return walkChildren(first, top) + 1;
    }

    private void variable(String name, boolean top) {
        if (name.equals("$") || (name.isEmpty() && top)) {
            bareNames.add("$" + name);
        } else if (name.equals("states")) {
            statesPaths.add(List.of());
        } else if (!name.isEmpty()) {
            variables.add(name);
        }
    }

    private void bare(String name, boolean top) {
        if (top) {
            bareNames.add(name);
        }
    }

    private static List<Symbol> pairs(Symbol node) {
        List<Symbol> both = new ArrayList<>();
        if (get(node, "lhsObject") instanceof Collection<?> pairs) {
            pairs.forEach(pair -> both.addAll(List.of((Symbol[]) pair)));
        }
        return both;
    }

    private static Symbol symbol(Symbol node, String field) {
        return get(node, field) instanceof Symbol symbol ? symbol : null;
    }

    private static List<Symbol> symbols(Symbol node, String field) {
        List<Symbol> symbols = new ArrayList<>();
        if (get(node, field) instanceof Collection<?> items) {
            items.forEach(item -> symbols.add((Symbol) item));
        }
        return symbols;
    }

    private static String text(Symbol node, String field) {
        return String.valueOf(get(node, field));
    }

    private static Object get(Symbol node, String field) {
        return get(FIELDS.get(field), node);
    }

    private static Object get(Field field, Object of) {
        try {
            return field.get(of);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Field field(Class<?> type, String name) {
        try {
            Field field = type.getDeclaredField(name);
            open(field);
            return field;
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void open(AccessibleObject member) {
        member.setAccessible(true);
    }
}
