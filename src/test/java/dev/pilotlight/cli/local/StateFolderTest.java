package dev.pilotlight.cli.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pilotlight.cli.Failure;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
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
    void aFolderThatCannotBeIsOneSentenceInPlainWords() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> new StateFolder(file))
                .isInstanceOf(Failure.class)
                .hasMessage("%s cannot be created: it is a file; move it out of the way.".formatted(file));
        assertThatThrownBy(() -> new StateFolder(file.resolve("state")))
                .isInstanceOf(Failure.class)
                .hasMessage("%s/state cannot be created: %s is a file; move it out of the way.".formatted(file, file));
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("gone"));
        assertThatThrownBy(() -> new StateFolder(link))
                .hasMessage("%s cannot be created: it is a link to nothing; remove it.".formatted(link));
    }

    /** By its exception: whoever runs this test as root is denied nothing. */
    @Test
    void noPermissionIsSaidSo() {
        Path state = folder.resolve("state");
        assertThat(StateFolder.whyNot(state, new AccessDeniedException(state.toString())))
                .isEqualTo("you have no permission to write to %s; change that, or run this as its owner"
                        .formatted(folder));
        assertThat(StateFolder.whyNot(
                        state, new FileSystemException(state.toString(), null, "No space left on device")))
                .isEqualTo("No space left on device; make room for it");
    }
}
