package dev.pilotlight.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.config.ConfigurationTable;
import dev.pilotlight.testing.GeneratedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ReadmeTest {

    private static final Path README = Path.of("./README.md");
    private static final String BEGIN = "<!-- configuration:begin -->\n";
    private static final String END = "<!-- configuration:end -->\n";

    @Test
    void theConfigurationTableIsThatOfTheSchema() throws IOException {
        String readme = Files.readString(README);
        assertThat(readme).containsOnlyOnce(BEGIN).containsOnlyOnce(END);
        String before = readme.substring(0, readme.indexOf(BEGIN) + BEGIN.length());
        String after = readme.substring(readme.indexOf(END));
        String table = ConfigurationTable.markdown(Path.of("config/pilotlight.schema.json"));
        GeneratedFile.check(README, before + "\n" + table + "\n" + after);
    }
}
