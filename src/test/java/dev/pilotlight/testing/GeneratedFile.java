package dev.pilotlight.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A committed file that is generated from the code. The tests fail if it is out of date;
 * {@code ./mvnw test -Dpilotlight.update=true} writes it anew, for the author to read the difference and commit it.
 */
public final class GeneratedFile {

    private GeneratedFile() {}

    public static void check(Path file, String expected) {
        try {
            if (Boolean.getBoolean("pilotlight.update")) {
                Files.createDirectories(file.getParent());
                Files.writeString(file, expected);
            }
            assertThat(Files.exists(file) ? Files.readString(file) : "(missing)")
                    .as("%s is out of date: run ./mvnw test -Dpilotlight.update=true and commit what changed", file)
                    .isEqualTo(expected);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
