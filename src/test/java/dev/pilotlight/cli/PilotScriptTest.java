package dev.pilotlight.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./pilot} on machines that lack something, played by a PATH that holds nothing else. */
class PilotScriptTest {

    @TempDir
    Path folder;

    private Path bin;

    @BeforeEach
    void aMachineWithEverything() throws IOException {
        bin = Files.createDirectory(folder.resolve("bin"));
        Files.copy(Path.of("pilot"), folder.resolve("pilot"));
        program("java", "echo 'openjdk version \"17.0.15\" 2025-04-15' >&2");
        program("python3", "[ \"$1\" != --version ] || echo Python 3.12.1");
        for (String name : List.of("javac", "node", "npm")) {
            program(name, "");
        }
        Files.createDirectory(folder.resolve("tools"));
        for (String tool : List.of("prepare", "build")) {
            executable(folder.resolve("tools").resolve(tool), "");
        }
    }

    private void program(String name, String body) throws IOException {
        executable(bin.resolve(name), body);
    }

    private static void executable(Path file, String body) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private String run(int exitCode) throws IOException, InterruptedException {
        return run(exitCode, folder.resolve("pilot"));
    }

    private String run(int exitCode, Path pilot) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder("/bin/bash", pilot.toString())
                .directory(bin.toFile())
                .redirectErrorStream(true);
        builder.environment().put("PATH", bin.toString());
        builder.environment().remove("JAVA_HOME");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isEqualTo(exitCode);
        return output;
    }

    @Test
    void withEverythingItRunsJava() throws Exception {
        assertThat(run(0)).isEqualTo("openjdk version \"17.0.15\" 2025-04-15\n");
    }

    @Test
    void aLinkToItFindsTheClone() throws Exception {
        Path link = Files.createSymbolicLink(bin.resolve("pilot"), Path.of("../pilot"));
        program("readlink", "exec %s \"$@\"".formatted(Path.of("/bin/readlink").toRealPath()));
        program(
                "java",
                "case \"$*\" in *home=%s\\ *) echo found;; *) echo version \\\"17\\\" >&2;; esac"
                        .formatted(folder.toRealPath()));
        assertThat(run(0, link)).isEqualTo("found\n");
    }

    @Test
    void everythingThatIsMissingIsToldAtOnce() throws Exception {
        for (String name : List.of("java", "node", "npm", "python3")) {
            Files.delete(bin.resolve(name));
        }
        assertThat(run(1)).isEqualTo("""
                        pilot: Java is missing: install a JDK, 17 or later, and put its bin folder on PATH or set JAVA_HOME.
                        pilot: node is missing: install Node.js 20 or later.
                        pilot: npm is missing: install Node.js 20 or later, which brings it.
                        pilot: python3 is missing: install Python 3.10 or later.
                        """);
    }

    @Test
    void anOldJavaIsTooOld() throws Exception {
        program("java", "echo 'java version \"1.8.0_402\"' >&2");
        assertThat(run(1))
                .isEqualTo(
                        "pilot: Java 1.8.0_402 is too old: install a JDK, 17 or later, and put its bin folder on PATH or set JAVA_HOME.\n");
    }

    @Test
    void theStubThatMacOsHasForJavaIsNoJava() throws Exception {
        program("java", "echo 'Unable to locate a Java Runtime.' >&2; exit 1");
        assertThat(run(1)).startsWith("pilot: Java is missing:");
    }

    @Test
    void aRuntimeWithoutCompilerIsNoJdk() throws Exception {
        Files.delete(bin.resolve("javac"));
        assertThat(run(1))
                .isEqualTo(
                        "pilot: Java 17.0.15 is there without its compiler: install a whole JDK, 17 or later, not a JRE.\n");
    }

    @Test
    void anOldPythonIsTooOld() throws Exception {
        program("python3", "[ \"$1\" != --version ] && exit 1; echo Python 3.8.10");
        assertThat(run(1))
                .isEqualTo("pilot: Python 3.8.10 is too old for the emulator: install Python 3.10 or later.\n");
    }

    @Test
    void whatFailsInPreparationEndsIt() throws Exception {
        executable(folder.resolve("tools/prepare"), "echo npm ci failed >&2; exit 1");
        assertThat(run(1)).isEqualTo("npm ci failed\n");
    }
}
