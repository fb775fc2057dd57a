package dev.pilotlight.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReportTest {

    @Test
    void write() throws Exception {
        Files.writeString(Path.of("target/sample/report.html"), new ReportPage(SampleDrill.passed()).html());
        assertThat(true).isTrue();
    }
}
