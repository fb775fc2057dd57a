package dev.pilotlight.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class PilotTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int pilot(String... arguments) {
        CommandLine pilot = Pilot.commandLine();
        pilot.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        return pilot.execute(arguments);
    }

    @Test
    void aloneItPrintsItsHelp() {
        assertThat(pilot()).isZero();
        assertThat(out.toString()).startsWith("Usage: pilot").contains("local");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            fly                      | pilot: Unmatched argument at index 0: 'fly'; see `./pilot --help`.
            local --prot 4566        | pilot: Unknown options: '--prot', '4566'; see `./pilot local --help`.
            local --port four        | pilot: Invalid value for option '--port': 'four' is not an int; see `./pilot local --help`.
            local --port 70000       | pilot: --port 70000 is no port: choose one from 1 to 65535; see `./pilot local --help`.
            local down now           | pilot: Unmatched argument at index 2: 'now'; see `./pilot local down --help`.
            """)
    void aMistakeIsOneSentenceAndExitCode2(String arguments, String sentence) {
        assertThat(pilot(arguments.split(" "))).isEqualTo(2);
        assertThat(err.toString()).isEqualToIgnoringNewLines(sentence);
        assertThat(out.toString()).isEmpty();
    }
}
