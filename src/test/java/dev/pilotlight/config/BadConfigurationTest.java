package dev.pilotlight.config;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BadConfigurationTest {

    private static final String NOT_JSON =
            "; use double quotes, a comma between entries and none after the last, and no comments";

    private static ConfigurationFolder folder;

    @BeforeAll
    static void prepare(@TempDir Path parent) throws IOException {
        folder = new ConfigurationFolder(parent);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badConfigurations")
    void isRefusedWithItsFix(String rule, String change, List<String> problems) {
        assertThat(problemsOf(change)).isEqualTo(problems);
    }

    @Test
    void thereAreManyThatDifferInKind() throws IOException {
        List<Arguments> all = badConfigurations().toList();
        assertThat(all).hasSizeGreaterThan(100);
        assertThat(all.stream().map(each -> each.get()[0])).doesNotHaveDuplicates();
        assertThat(all.stream().map(each -> each.get()[1])).doesNotHaveDuplicates();
    }

    @Test
    void allProblemsAreReportedAtOnceInTheOrderOfTheSchema() {
        assertThat(problemsOf("""
                        {
                          "zzz": 1,
                          "alertEmail": "nobody",
                          "objectives": { "rpoMinutes": 0, "rtoMinutes": 1 },
                          "database": { "backupRetentionDays": 99, "multiAZ": true, "engineVersion": "12" },
                          "databaseLineage": ["primary", "dr", 3, { "region": "dr", "restoreTo": "yesterday" }],
                          "dr": { "region": "eu-wset-1", "cidr": "10.0.0.0/20" },
                          "name": "X"
                        }
                        """))
                .containsExactly(
                        "name: \"X\" is not valid; write at least 3 lower-case letters, digits and single hyphens, beginning with a letter, such as \"pilotlight-dev\"",
                        "dr.region: \"eu-wset-1\" is not an AWS region; did you mean \"eu-west-1\"?",
                        "dr.cidr: \"10.0.0.0/20\" overlaps the primary's, \"10.0.0.0/16\", so the two could never be connected; choose another",
                        "databaseLineage[2]: 3 is not \"primary\" or \"dr\"; write one of them",
                        "databaseLineage[3].restoreTo: \"yesterday\" is not in the form expected; write a time in UTC, such as \"2026-11-20T10:00:00Z\"",
                        "database.engineVersion: \"12\" is too old: only from 14.1 on does RDS back up read replicas, which one that was promoted needs; write \"18\"",
                        "database.backupRetentionDays: 99 is out of range; write a whole number from 1 to 35: RDS keeps automated backups for 35 days at most, and replicas need them",
                        "database.multiAZ: is not a known key; did you mean \"multiAz\"?",
                        "objectives.rtoMinutes: 1 is out of range; write a whole number from 10 to 1440: RDS takes 5 to 15 minutes to promote a replica",
                        "objectives.rpoMinutes: 0 is out of range; write a whole number from 1 to 1440: replication across regions is asynchronous, so a disaster can always lose the last writes",
                        "alertEmail: \"nobody\" is not valid; write one e-mail address, such as \"oncall@example.com\"",
                        "zzz: is not a known key; the keys here are \"$schema\", \"name\", \"profile\", \"account\", \"primary\", \"dr\", \"databaseLineage\", \"dns\", \"compute\", \"database\", \"backup\", \"objectives\", \"detection\", \"alertEmail\"");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badTexts")
    void aTextThatIsNoConfigurationIsRefused(String rule, String text, String problem) {
        ConfigurationException refused =
                catchThrowableOfType(ConfigurationException.class, () -> folder.loadText(text));
        assertThat(refused).hasMessage("config/test.json: " + problem);
    }

    static Stream<Arguments> badTexts() {
        return Stream.of(
                Arguments.of("empty", "", "is empty; copy another environment's file and change it"),
                Arguments.of("blank", " \n\n", "is empty; copy another environment's file and change it"),
                Arguments.of("aList", "[]", "holds a list; write one object in braces: { … }"),
                Arguments.of("null", "null", "holds null; write one object in braces: { … }"),
                Arguments.of("aNumber", "42", "holds a number; write one object in braces: { … }"),
                Arguments.of("aWord", "pilotlight", "is not JSON (line 1, column 1): `pilotlight`" + NOT_JSON),
                Arguments.of(
                        "yaml",
                        "name: shop\nprofile: economy\n",
                        "is not JSON (line 1, column 1): `name: shop`" + NOT_JSON),
                Arguments.of(
                        "aComment",
                        "{\n  // who\n  \"name\": \"shop\"\n}",
                        "is not JSON (line 2, column 3): `// who`" + NOT_JSON),
                Arguments.of(
                        "aTrailingComma",
                        "{\n  \"name\": \"shop\",\n}",
                        "is not JSON (line 3, column 1): `}`" + NOT_JSON),
                Arguments.of(
                        "aMissingComma",
                        "{\n  \"name\": \"shop\"\n  \"profile\": \"economy\"\n}",
                        "is not JSON (line 3, column 3): `\"profile\": \"economy\"`" + NOT_JSON),
                Arguments.of(
                        "singleQuotes",
                        "{\n  'name': 'shop'\n}",
                        "is not JSON (line 2, column 3): `'name': 'shop'`" + NOT_JSON),
                Arguments.of(
                        "aMissingBrace",
                        "{\n  \"name\": \"shop\"\n",
                        "ends too early (line 3, column 1); close every quote, bracket and brace"),
                Arguments.of(
                        "anOpenString",
                        "{\n  \"name\": \"shop\n}",
                        "is not JSON (line 2, column 16): `\"name\": \"shop`" + NOT_JSON),
                Arguments.of(
                        "anInvalidEscape",
                        "{ \"name\": \"sh\\op\" }",
                        "is not JSON (line 1, column 15): `{ \"name\": \"sh\\op\" }`" + NOT_JSON),
                Arguments.of(
                        "notANumber",
                        "{ \"compute\": { \"minCapacity\": NaN } }",
                        "is not JSON (line 1, column 34): `{ \"compute\": { \"minCapacity\": NaN } }`" + NOT_JSON),
                Arguments.of(
                        "twoObjects",
                        "{}\n{}",
                        "goes on after its last brace (line 2, column 1); keep one object only"),
                Arguments.of(
                        "aDuplicateKey",
                        "{\n  \"name\": \"a\",\n  \"name\": \"b\"\n}",
                        "has the key \"name\" twice (line 3, column 9); keep one of them"),
                Arguments.of(
                        "aDuplicateKeyWithin",
                        "{ \"dns\": { \"zoneName\": \"a\", \"zoneName\": \"b\" } }",
                        "has the key \"zoneName\" twice (line 1, column 39); keep one of them"),
                Arguments.of(
                        "aDeepNest",
                        "[".repeat(5_000),
                        "is nested too deeply or holds too long a value; no key of a configuration needs that"),
                Arguments.of(
                        "aDeepNestOfObjects",
                        "{\"a\":".repeat(5_000),
                        "is nested too deeply or holds too long a value; no key of a configuration needs that"),
                Arguments.of(
                        "aHugeFile",
                        "{ \"name\": \"" + "x".repeat(1 << 20) + "\" }",
                        "has 1048590 bytes, of at most 1048576"),
                Arguments.of(
                        "aHugeNumber",
                        "{ \"name\": " + "9".repeat(2_000) + " }",
                        "is nested too deeply or holds too long a value; no key of a configuration needs that"),
                Arguments.of(
                        "controlCharacters",
                        "{ \u0000\u001b[31m }",
                        "is not JSON (line 1, column 4): `{ ??[31m }`" + NOT_JSON));
    }

    @Test
    void nullIsNoValue() {
        assertThat(problemsOfText("{ \"name\": null, \"dns\": null, \"compute\": { \"maxCapacity\": null } }"))
                .isEqualTo("""
                        name: is null; write at least 3 lower-case letters, digits and single hyphens, beginning with a letter, such as "pilotlight-dev"
                        primary: is missing; add an object in braces with the keys "region", "cidr"
                        dr: is missing; add an object in braces with the keys "region", "cidr"
                        dns: is null; write an object in braces with the keys "hostedZoneId", "zoneName", "recordName"
                        compute.maxCapacity: is null; leave the key out or write a whole number from 1 to 500""");
    }

    @Test
    void binaryJunkIsRefused() throws IOException {
        Files.write(
                folder.path().resolve("test.json"), new byte[] {(byte) 0xca, (byte) 0xfe, (byte) 0xba, (byte) 0xbe});
        assertThat(catchThrowableOfType(ConfigurationException.class, folder::load))
                .hasMessage("config/test.json: is not text in UTF-8; save it as such");
    }

    @Test
    void aFolderIsNoFile(@TempDir Path parent) throws IOException {
        ConfigurationFolder other = new ConfigurationFolder(parent);
        Files.createDirectory(other.path().resolve("test.json"));
        assertThat(catchThrowableOfType(ConfigurationException.class, other::load))
                .hasMessage("config/test.json: is a folder; put a file there");
    }

    @Test
    void anUnknownEnvironmentNamesTheOthersAndTheClosest(@TempDir Path parent) throws IOException {
        ConfigurationFolder other = new ConfigurationFolder(parent);
        Files.writeString(other.path().resolve("prod.json"), "{}");
        Files.writeString(other.path().resolve("dev.json"), "{}");
        assertThat(messageFor(other, "production"))
                .isEqualTo(
                        "config: there is no environment \"production\"; those here are \"dev\", \"prod\"; did you mean \"prod\"?");
        assertThat(messageFor(other, "staging"))
                .isEqualTo("config: there is no environment \"staging\"; those here are \"dev\", \"prod\"");
        for (String name : List.of("", "../dev", "Dev", "dev.json", "pilotlight.schema", "a/b", "-", "dev\n", "\0")) {
            assertThat(messageFor(other, name))
                    .startsWith(
                            "config: " + Values.quote(name)
                                    + " is not the name of an environment: lower-case letters, digits and hyphens only; those here are \"dev\", \"prod\"");
        }
    }

    @Test
    void aMissingFolderIsNamed(@TempDir Path parent) {
        Configurations configurations = new Configurations(parent.resolve("config"));
        assertThat(catchThrowableOfType(ConfigurationException.class, () -> configurations.load("dev")))
                .hasMessage("config: there is no such folder");
    }

    @Test
    void aFolderWithoutASchemaIsCheckedByTheProjectsAndABrokenOneIsNamed(@TempDir Path parent) throws IOException {
        ConfigurationFolder other = new ConfigurationFolder(parent);
        Path schema = other.path().resolve(ConfigurationSchema.FILE);
        Files.writeString(other.path().resolve("dev.json"), "{}");
        Files.delete(schema);
        assertThat(messageFor(other, "dev")).startsWith("config/dev.json: name: is missing");
        Files.writeString(schema, "[]");
        assertThat(messageFor(other, "dev"))
                .isEqualTo(
                        "config/pilotlight.schema.json: holds a list; write one object in braces: { … } (it comes with the project: git restore it)");
    }

    // ---

    private static String messageFor(ConfigurationFolder folder, String environment) {
        return catchThrowableOfType(
                        ConfigurationException.class,
                        () -> folder.configurations().load(environment))
                .getMessage();
    }

    private static List<String> problemsOf(String change) {
        try {
            folder.load(change);
            return List.of();
        } catch (ConfigurationException e) {
            return e.problems().stream().map(BadConfigurationTest::withoutFile).toList();
        }
    }

    private static String problemsOfText(String text) {
        return catchThrowableOfType(ConfigurationException.class, () -> folder.loadText(text)).problems().stream()
                .map(BadConfigurationTest::withoutFile)
                .collect(joining("\n"));
    }

    private static String withoutFile(ConfigurationException.Problem problem) {
        assertThat(problem.toString()).startsWith("config/test.json: ").doesNotContain("\n");
        return problem.toString().substring("config/test.json: ".length());
    }

    static Stream<Arguments> badConfigurations() throws IOException {
        List<Arguments> cases = new ArrayList<>();
        try (InputStream file = BadConfigurationTest.class.getResourceAsStream("bad-configurations.txt")) {
            String text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
            for (String block : text.split("\n\n", -1)) {
                List<String> lines = block.lines().toList();
                if (lines.size() > 2 && lines.get(1).startsWith("{")) {
                    List<String> problems = lines.stream()
                            .skip(2)
                            .map(line -> line.substring("> ".length()))
                            .toList();
                    cases.add(Arguments.of(lines.get(0).substring("# ".length()), lines.get(1), problems));
                }
            }
        }
        return cases.stream();
    }
}
