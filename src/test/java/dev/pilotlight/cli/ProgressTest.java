package dev.pilotlight.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private Progress progress(boolean live) {
        return new Progress(new PrintStream(bytes, true, StandardCharsets.UTF_8), live);
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8).replaceAll("\\d+\\.\\d s", "N s");
    }

    @Test
    void awayFromATerminalAStepLeavesOneLine() {
        try (Progress progress = progress(false)) {
            progress.begin("Emulator", "starting");
            progress.now("waiting");
            progress.done("started");
        }
        assertThat(printed()).isEqualToNormalizingNewlines("Emulator           started (N s)\n");
    }

    @Test
    void aStepThatDidNotEndHasFailed() {
        try (Progress progress = progress(false)) {
            progress.begin("DrStack", "deploying");
        }
        assertThat(printed()).isEqualToNormalizingNewlines("DrStack            failed (N s)\n");
    }

    @Test
    void onATerminalTheLineIsRewritten() {
        try (Progress progress = progress(true)) {
            progress.begin("DrStack", "deploying");
            progress.now("3 done");
            progress.done("created");
        }
        assertThat(printed())
                .contains("\r\u001b[2KDrStack            deploying …")
                .contains("\r\u001b[2KDrStack            3 done …")
                .endsWith("\r\u001b[2KDrStack            created (N s)" + System.lineSeparator());
    }
}
