package dev.pilotlight.recovery.asl;

import static org.assertj.core.api.Assertions.assertThat;

import com.dashjoin.jsonata.Jsonata;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyntaxTreeTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "a.b                                   | a",
                "$                                     | $",
                "$.a                                   | $",
                "$$.a                                  | $$",
                "$x[$$.a = 1]                          | $$",
                "*                                     | *",
                "**.a                                  | **",
                "a[b = 1]                              | a",
                "$x.a[b = $]                           |",
                "$x[a]                                 |",
                "$x{a: b}                              |",
                "$x^(a, >b)                            |",
                "$x.{'k': v}                           |",
                "{'k': v}                              | v",
                "{k: 1}                                | k",
                "[a, $x.b, {'c': d}]                   | a,d",
                "-a                                    | a",
                "(a; b)                                | a,b",
                "$x ? a : b                            | a,b",
                "$f := function($a) {b}                | b",
                "$map($x, function($v) {$v.c & d})     | d",
                "$x ~> $map(function($v) {$v.c})       |",
                "$x.(a; $y := b; c)                    |",
                "a and $x or b                         | a,b",
                "a in [1]                              | a",
                "$count(a)                             | a",
                "$x@$i.a#$j.{'n': $i, 'm': $j}         |",
                "$contains('a', /a/)                    |",
                "'a' & 1 & null                        |",
            })
    void namesWithoutAPathBeforeThemAreBare(String expression, String bare) {
        assertThat(tree(expression).bareNames())
                .containsExactlyInAnyOrder(bare == null ? new String[0] : bare.split(","));
    }

    @Test
    void variablesAreThoseThatAreNotBoundInside() {
        SyntaxTree tree = tree(
                "($a := $b; $map($c.d[$e > 1], function($f, $g) {$f & $h & '$no' & /$no/}); $i.j#$k.{'l': $k}; $m($n); $a)");
        assertThat(tree.variables()).containsExactlyInAnyOrder("b", "c", "e", "h", "i", "n");
        assertThat(tree.bound()).containsExactlyInAnyOrder("a", "f", "g", "k");
        assertThat(tree.functions()).containsExactlyInAnyOrder("map", "m");
        assertThat(tree.calls()).containsExactlyInAnyOrder("map/2", "m/1");
    }

    @Test
    void pathsOfStatesAreNamed() {
        assertThat(tree("$states.result.A[b = $states.context.State.Name].c & $states.input & $states")
                        .statesPaths())
                .containsExactlyInAnyOrder(
                        List.of("result", "A", "c"), List.of("context", "State", "Name"), List.of("input"), List.of());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1                    | 1",
                "$x                   | 1",
                "1 + 1                | 2",
                "1 + 1 + 1            | 3",
                "1 + (1 + 1)          | 4",
                "$x.a                 | 2",
                "$x.a.b               | 2",
                "$x.a[b = 1]          | 5",
                "$count([1])          | 3",
                "true ? 1 : 2 + 3     | 3",
            })
    void depthIsTheLongestNesting(String expression, int depth) {
        assertThat(tree(expression).depth()).isEqualTo(depth);
    }

    private static SyntaxTree tree(String expression) {
        return new SyntaxTree(Jsonata.jsonata(expression));
    }
}
