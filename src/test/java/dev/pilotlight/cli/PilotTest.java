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
            local --port four        | pilot: Invalid value for option '--port': 'four' is not a number; see `./pilot local --help`.
            local --port 70000       | pilot: --port 70000 is no port: choose one from 1 to 65535, or 0 for any that is free; see `./pilot local --help`.
            status --jsno            | pilot: Unknown option: '--jsno'; see `./pilot status --help`.
            status --state x         | pilot: --state is of --local only; see `./pilot status --help`.
            failover --yes           | pilot: --yes needs --reason: nobody is asked for it; see `./pilot failover --help`.
            failover --yes --reason= | pilot: --reason is empty: say why; see `./pilot failover --help`.
            failover --planned --dry-run | pilot: --planned, --dry-run are mutually exclusive (specify only one); see `./pilot failover --help`.
            failover --planned --accept-data-loss | pilot: --accept-data-loss means nothing with --planned: it loses nothing, or gives up; see `./pilot failover --help`.
            drill --speed fast       | pilot: Invalid value for option '--speed': 'fast' is not a number; see `./pilot drill --help`.
            local down now           | pilot: Unmatched argument at index 2: 'now'; see `./pilot local down --help`.
            """)
    void aMistakeIsOneSentenceAndExitCode2(String arguments, String sentence) {
        assertThat(pilot(arguments.split(" "))).isEqualTo(2);
        assertThat(err.toString()).isEqualToIgnoringNewLines(sentence);
        assertThat(out.toString()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            failover                 | There is no terminal to ask at: add --yes and --reason, or run it in one.
            status --env none        | config: there is no environment "none"; those here are "dev", "prod"
            status --local --state target/no-state | No emulator is running: start one with `./pilot local`, or leave --local out to ask AWS.
            failover --yes --reason x --local --state target/no-state | No emulator is running: start one with `./pilot local`, or leave --local out to ask AWS.
            """)
    void whatCannotBeDoneIsOneSentenceAndExitCode1(String arguments, String sentence) {
        assertThat(pilot(arguments.split(" "))).isEqualTo(1);
        assertThat(err.toString()).isEqualToIgnoringNewLines(sentence);
    }
}
