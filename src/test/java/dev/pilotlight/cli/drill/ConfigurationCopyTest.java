package dev.pilotlight.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.config.Configuration;
import dev.pilotlight.testing.TestConfigurations;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.RegionName;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationCopyTest {

    @TempDir
    private Path folder;

    @Test
    void itBeginsAsFoundedWhateverTheRealLineageHasBecome() throws Exception {
        Path real = TestConfigurations.folderWith("dev", "{'databaseLineage': ['primary', 'dr', 'primary']}");
        String before = Files.readString(real.resolve("dev.json"));
        ConfigurationCopy copy = ConfigurationCopy.of(real, "dev", folder);
        assertThat(copy.load().databaseLineage()).isEqualTo(DatabaseLineage.founded());
        copy.append(DatabaseLineage.founded(), RegionName.PRIMARY);
        assertThat(copy.load().databaseLineage().topology().leader()).isEqualTo(RegionName.DR);
        copy.release("2");
        assertThat(real.resolve("dev.json")).hasContent(before);
    }

    @Test
    void aReleaseChangesTheScriptAndNothingElse() throws Exception {
        ConfigurationCopy copy = ConfigurationCopy.of(Path.of("config"), "dev", folder);
        Configuration before = copy.load();
        copy.release("2");
        Configuration after = copy.load();
        assertThat(before.compute().userData()).isEmpty();
        assertThat(after.compute().userData().orElseThrow()).contains("workload.service", "Released by the drill: 2");
        assertThat(after.database()).isEqualTo(before.database());
        assertThat(after.databaseLineage()).isEqualTo(before.databaseLineage());
        assertThat(after.compute().instanceType()).isEqualTo(before.compute().instanceType());
    }
}
