package dev.pilotlight.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@link LineageFileTest} has the lists. */
class JsonTextTest {

    /** Slashes stand for line ends, single quotes for double ones. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
                    {/  'name': 'a'/}/                                  | {/  'name': 'a',/  'c': { 'ami': { 'p': 'x', 'd': 'y' } }/}/
                    {'name':'a'}                                        | {'name':'a','c': { 'ami': { 'p': 'x', 'd': 'y' } }}
                    {}                                                  | { 'c': { 'ami': { 'p': 'x', 'd': 'y' } } }
                    {'c': {}, 'n': 1}                                   | {'c': { 'ami': { 'p': 'x', 'd': 'y' } }, 'n': 1}
                    {'c': { 'min': 2 }}                                 | {'c': { 'min': 2, 'ami': { 'p': 'x', 'd': 'y' } }}
                    {/ 'c': {/  'min': 2,/  'max': 3/ },/ 'n': 1/}      | {/ 'c': {/  'min': 2,/  'max': 3,/  'ami': { 'p': 'x', 'd': 'y' }/ },/ 'n': 1/}
                    {'c': {'ami': {'d' : 'old', 'p':'older'}}}          | {'c': {'ami': {'d' : 'y', 'p':'x'}}}
                    {'ami': {'p': 'n'}, 'c': {'x': {'ami': 1}}}         | {'ami': {'p': 'n'}, 'c': {'x': {'ami': 1},'ami': { 'p': 'x', 'd': 'y' }}}
                    """)
    void whatIsSetUnderAPathLeavesEveryOtherByte(String before, String after) throws IOException {
        String changed = JsonText.of(json(before))
                .set(List.of("c", "ami", "p"), "x")
                .set(List.of("c", "ami", "d"), "y")
                .toString();
        assertThat(changed).isEqualTo(json(after));
    }

    private static String json(String text) {
        return text.replace('/', '\n').replace('\'', '"');
    }
}
