package dev.pilotlight.cli.local.runtime;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The rule of a composite alarm: {@code ALARM(name)}, {@code OK(name)}, {@code INSUFFICIENT_DATA(name)}, {@code TRUE},
 * {@code FALSE}, {@code AND}, {@code OR}, {@code NOT} and parentheses (PutCompositeAlarm, {@code AlarmRule}).
 */
final class CompositeRule {

    private static final Pattern TOKEN = Pattern.compile(
            "\\s*(?:(ALARM|OK|INSUFFICIENT_DATA)\\s*\\(\\s*(?:\"([^\"]*)\"|'([^']*)'|([^)\"']*?))\\s*\\)|(AND|OR|NOT|TRUE|FALSE|\\(|\\)))");

    /** A rule or a part of one. */
    private interface Node {
        boolean holds(UnaryOperator<String> stateOf);
    }

    private record Token(String word, String alarm) {}

    private final String text;
    private final List<Token> tokens = new ArrayList<>();
    private final Set<String> alarms = new LinkedHashSet<>();
    private final Node root;
    private int next;

    private CompositeRule(String text) {
        this.text = text;
        Matcher token = TOKEN.matcher(text);
        int end = 0;
        while (end < text.length() && token.find(end) && token.start() == end) {
            if (token.group(1) != null) {
                String alarm = token.group(2) != null
                        ? token.group(2)
                        : token.group(3) != null ? token.group(3) : token.group(4);
                tokens.add(new Token(token.group(1), name(alarm)));
                alarms.add(name(alarm));
            } else {
                tokens.add(new Token(token.group(5), null));
            }
            end = token.end();
        }
        if (!text.substring(end).isBlank()) {
            throw wrong("what is '" + text.substring(end) + "'?");
        }
        this.root = or();
        if (next < tokens.size()) {
            throw wrong("nothing may follow before '" + tokens.get(next).word() + "'");
        }
    }

    /** @throws IllegalArgumentException if CloudWatch would refuse it */
    static CompositeRule parse(String text) {
        return new CompositeRule(text);
    }

    /** The names of the alarms that it asks for. */
    Set<String> alarms() {
        return alarms;
    }

    /** @param stateOf an alarm's state, by its name */
    boolean holds(UnaryOperator<String> stateOf) {
        return root.holds(stateOf);
    }

    /** An alarm may be given by its ARN as well. */
    private static String name(String nameOrArn) {
        String name = nameOrArn.strip();
        int colon = name.indexOf(":alarm:");
        return name.startsWith("arn:") && colon > 0 ? name.substring(colon + ":alarm:".length()) : name;
    }

    private Node or() {
        Node left = and();
        while (takes("OR")) {
            Node before = left;
            Node right = and();
            left = states -> before.holds(states) || right.holds(states);
        }
        return left;
    }

    private Node and() {
        Node left = not();
        while (takes("AND")) {
            Node before = left;
            Node right = not();
            left = states -> before.holds(states) && right.holds(states);
        }
        return left;
    }

    private Node not() {
        if (takes("NOT")) {
            Node inner = not();
            return states -> !inner.holds(states);
        }
        if (takes("(")) {
            Node inner = or();
            if (!takes(")")) {
                throw wrong("a parenthesis is not closed");
            }
            return inner;
        }
        if (takes("TRUE")) {
            return states -> true;
        }
        if (takes("FALSE")) {
            return states -> false;
        }
        if (next < tokens.size() && tokens.get(next).alarm() != null) {
            Token token = tokens.get(next++);
            return states -> token.word().equals(states.apply(token.alarm()));
        }
        throw wrong("an alarm's state is missing");
    }

    private boolean takes(String word) {
        boolean there = next < tokens.size()
                && tokens.get(next).alarm() == null
                && tokens.get(next).word().equals(word);
        next += there ? 1 : 0;
        return there;
    }

    private IllegalArgumentException wrong(String why) {
        return new IllegalArgumentException("The alarm rule \"%s\" is not understood: %s".formatted(text, why));
    }
}
