package dev.pilotlight.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.config.Configurations;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.LineageEntry.Seeded;
import dev.pilotlight.topology.RegionName;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LineageFileTest {

    private static final DatabaseLineage FOUNDED = DatabaseLineage.founded();
    private static final DatabaseLineage MOVED = FOUNDED.append(new Seeded(RegionName.PRIMARY));

    private static final String REST = """
              "name": "shop",
              "primary": { "region": "eu-central-1", "cidr": "10.0.0.0/16" },
              "dr": { "region": "eu-west-1", "cidr": "10.1.0.0/16" },
              "dns": {"hostedZoneId": "Z0123456789ABCDEFGHIJ", "zoneName": "example.com",  "recordName": "app.example.com"}""".indent(2).stripTrailing();

    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void aPlace() {
        file = folder.resolve("dev.json");
    }

    private LineageFile.Change append(String text) throws IOException {
        Files.writeString(file, text);
        return new LineageFile(folder, "dev").append(FOUNDED, RegionName.PRIMARY);
    }

    /** Before, and after. */
    static Stream<String[]> texts() {
        String oneLine = "{\n  \"databaseLineage\": [\"primary\", \"dr\"],\n" + REST + "\n}\n";
        return Stream.of(
                new String[] {oneLine, oneLine.replace("\"dr\"]", "\"dr\", \"primary\"]")},
                // Tight, last of all, no newline at the end.
                new String[] {
                    "{" + REST + ",\"databaseLineage\":[\"primary\",\"dr\"]}",
                    "{" + REST + ",\"databaseLineage\":[\"primary\",\"dr\",\"primary\"]}"
                },
                // One line each, with the closing bracket on its own.
                new String[] {
                    "{\n" + REST + ",\n  \"databaseLineage\" : [\n    \"primary\",\n    \"dr\"\n  ]\n}\n",
                    "{\n" + REST
                            + ",\n  \"databaseLineage\" : [\n    \"primary\",\n    \"dr\",\n    \"primary\"\n  ]\n}\n"
                },
                // As on Windows, with tabs and a blank before the comma.
                new String[] {
                    ("{\n" + REST + ",\n\t\"databaseLineage\": [ \"primary\" ,\n\t\t\"dr\" ]\n}\n")
                            .replace("\n", "\r\n"),
                    ("{\n" + REST + ",\n\t\"databaseLineage\": [ \"primary\" ,\n\t\t\"dr\" ,\n\t\t\"primary\" ]\n}\n")
                            .replace("\n", "\r\n")
                },
                // Not there: the default is written out.
                new String[] {
                    "{\n" + REST + "\n}\n",
                    "{\n" + REST + ",\n  \"databaseLineage\": [\"primary\", \"dr\", \"primary\"]\n}\n"
                },
                // With a byte-order mark, a text that looks like it, and characters that are longer than one unit.
                new String[] {
                    "\uFEFF{\"$schema\": \"./\\\"databaseLineage\\\": []\\u00e9\ud83d\ude00.json\",\n" + REST
                            + ",\n  \"databaseLineage\": [\"primary\", \"dr\"]}",
                    "\uFEFF{\"$schema\": \"./\\\"databaseLineage\\\": []\\u00e9\ud83d\ude00.json\",\n" + REST
                            + ",\n  \"databaseLineage\": [\"primary\", \"dr\", \"primary\"]}"
                });
    }

    @ParameterizedTest
    @MethodSource("texts")
    void everyOtherByteStaysAsItWas(String before, String after) throws IOException {
        assertThat(append(before)).isEqualTo(LineageFile.Change.APPENDED);
        assertThat(Files.readString(file)).isEqualTo(after);
        assertThat(new Configurations(folder).load("dev").databaseLineage()).isEqualTo(MOVED);
        assertThat(folder.toFile().list()).as("nothing is left behind").containsExactly("dev.json");
    }

    @ParameterizedTest
    @MethodSource("texts")
    void asOftenAsOneLikesItIsAppendedOnce(String before, String after) throws IOException {
        append(before);
        assertThat(new LineageFile(folder, "dev").append(FOUNDED, RegionName.PRIMARY))
                .isEqualTo(LineageFile.Change.NONE);
        assertThat(Files.readString(file)).isEqualTo(after);
    }

    @Test
    void failingBackIsTheSameFromTheOtherSide() throws IOException {
        append("{\n  \"databaseLineage\": [\"primary\", \"dr\"],\n" + REST + "\n}\n");
        assertThat(new LineageFile(folder, "dev").append(MOVED, RegionName.DR)).isEqualTo(LineageFile.Change.APPENDED);
        assertThat(Files.readString(file)).contains("[\"primary\", \"dr\", \"primary\", \"dr\"]");
    }

    @Test
    void itFollowsARestore() throws IOException {
        String restored = "{\"region\": \"primary\", \"restoreTo\": \"2026-01-20T10:00:00Z\"}";
        Files.writeString(
                file,
                "{\n  \"databaseLineage\": [\n    \"primary\",\n    \"dr\",\n    " + restored + ",\n    \"dr\"\n  ],\n"
                        + REST + "\n}\n");
        DatabaseLineage before = new Configurations(folder).load("dev").databaseLineage();
        new LineageFile(folder, "dev").append(before, RegionName.PRIMARY);
        assertThat(Files.readString(file)).contains("    \"dr\",\n    \"primary\"\n  ],");
        assertThat(LineageFile.shown(before)).isEqualTo("[\"primary\", \"dr\", " + restored + ", \"dr\"]");
    }

    @Test
    void permissionsAndLinksStay() throws IOException {
        Path target = Files.createDirectory(folder.resolve("elsewhere")).resolve("shared.json");
        Files.writeString(target, "{\n" + REST + "\n}\n");
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-r-----"));
        Files.createSymbolicLink(file, target);
        new LineageFile(folder, "dev").append(FOUNDED, RegionName.PRIMARY);
        assertThat(file).isSymbolicLink();
        assertThat(Files.readString(target)).contains("\"primary\"]");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
                .isEqualTo("rw-r-----");
    }

    @Test
    void aFileThatHasChangedMeanwhileIsLeftAlone() throws IOException {
        String reseeded = "{\n  \"databaseLineage\": [\"primary\", \"dr\", \"dr\"],\n" + REST + "\n}\n";
        assertThatThrownBy(() -> append(reseeded))
                .isInstanceOf(Failure.class)
                .hasMessageContaining(
                        "has changed meanwhile, from [\"primary\", \"dr\"] to [\"primary\", \"dr\", \"dr\"]")
                .hasMessageContaining("append \"primary\" by hand");
        assertThat(Files.readString(file)).isEqualTo(reseeded);
    }

    @Test
    void aTextThatIsNoUtf8IsLeftAlone() throws IOException {
        Files.write(file, "{\"name\": \"é\"}".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> new LineageFile(folder, "dev").append(FOUNDED, RegionName.PRIMARY))
                .hasMessageContaining("is not text in UTF-8");
    }
}
