package dev.pilotlight.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pilotlight.testing.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code tools/build}, which cdk.json runs before every synth: never a stale build, and no build for nothing. */
class BuildScriptTest {

    @TempDir
    private Path project;

    /** A project whose Maven notes that it was called, and stamps as ours does. */
    @BeforeEach
    void aProjectThatWasBuilt() throws IOException {
        write("pom.xml", "<project/>");
        write(".mvn/jvm.config", "");
        write("src/main/java/App.java", "class App {}");
        write("src/main/java/Other.java", "class Other {}");
        write("src/main/resources/user-data.sh", "true");
        write("mvnw", """
                #!/bin/sh
                mkdir -p target/classes target/lib
                echo built >> builds
                [ -e fails ] && exit 1
                tools/build --stamp
                """);
        Files.createDirectories(project.resolve("tools"));
        Files.copy(Path.of("tools/build"), project.resolve("tools/build"));
        assertThat(project.resolve("mvnw").toFile().setExecutable(true)).isTrue();
        assertThat(project.resolve("tools/build").toFile().setExecutable(true)).isTrue();
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void doesNothingIfNothingChanged() throws IOException {
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void buildsWhenASourceChangesEvenIfItsTimeSaysOtherwise() throws IOException {
        FileTime before = Files.getLastModifiedTime(project.resolve("src/main/java/App.java"));
        write("src/main/java/App.java", "class App { int x; }");
        Files.setLastModifiedTime(project.resolve("src/main/java/App.java"), before);
        assertThat(builds()).isEqualTo(2);
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void buildsWhenASourceOrResourceIsAddedOrDeleted() throws IOException {
        Files.delete(project.resolve("src/main/java/Other.java"));
        assertThat(builds()).isEqualTo(2);
        write("src/main/resources/more.sh", "true");
        assertThat(builds()).isEqualTo(3);
    }

    @Test
    void doesNotBuildForATouchedFile() throws IOException {
        Files.setLastModifiedTime(project.resolve("pom.xml"), FileTime.fromMillis(0));
        assertThat(builds()).isEqualTo(1);
    }

    @Test
    void buildsWhenTheClassesAreGone() throws IOException {
        Files.delete(project.resolve("target/classes"));
        assertThat(builds()).isEqualTo(2);
    }

    @Test
    void buildsAgainAfterABuildThatFailed() throws IOException {
        write("src/main/java/App.java", "class App { broken");
        write("fails", "");
        assertThat(build().exitValue()).isNotZero();
        Files.delete(project.resolve("fails"));
        assertThat(builds()).isEqualTo(3);
    }

    /** Runs the script; returns how often Maven has been called since the beginning. */
    private int builds() throws IOException {
        Command.Result result = build();
        assertThat(result.exitValue()).as(result.output()).isZero();
        return Files.readAllLines(project.resolve("builds")).size();
    }

    private Command.Result build() {
        return Command.of(project.resolve("tools/build").toString()).run();
    }

    private void write(String file, String text) throws IOException {
        Path path = project.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
