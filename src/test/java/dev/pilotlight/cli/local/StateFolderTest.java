package dev.pilotlight.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pilotlight.cli.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFolderTest {

    private static final EmulatorSettings SETTINGS = new EmulatorSettings("dev", "shop", "123456789012", "Z1=a.b", "0");

    @TempDir
    Path folder;

    @Test
    void whatIsRememberedIsReadBack() {
        StateFolder state = new StateFolder(folder.resolve("new/one"));
        assertThat(state.emulator()).isEmpty();
        EmulatorRecord emulator = new EmulatorRecord(42, 1_000, 4566, SETTINGS, true);
        state.emulator(emulator);
        assertThat(new StateFolder(folder.resolve("new/one")).emulator()).contains(emulator);
        state.forgetEmulator();
        assertThat(state.emulator()).isEmpty();
    }

    @Test
    void aTornFileIsForgotten() throws Exception {
        Files.writeString(folder.resolve("emulator.json"), "{\"pid\":4");
        assertThat(new StateFolder(folder).emulator()).isEmpty();
    }

    @Test
    void onlyOneAtATime() throws Exception {
        StateFolder state = new StateFolder(folder);
        String done = state.alone(() -> {
            assertThatThrownBy(() -> new StateFolder(folder).alone(() -> "never"))
                    .isInstanceOf(Failure.class)
                    .hasMessage(
                            "Another ./pilot local (process %d) is at work with %s: wait for it, or end it with Ctrl-C."
                                    .formatted(ProcessHandle.current().pid(), folder));
            return "done";
        });
        assertThat(done).isEqualTo("done");
        assertThat(state.<String>alone(() -> "again")).isEqualTo("again");
    }

    @Test
    void aFolderThatCannotBeIsOneSentence() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> new StateFolder(file.resolve("state")))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("cannot be created");
    }
}
