package dev.pilotlight.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.pilotlight.config.Configuration.Amis;
import dev.pilotlight.config.Configuration.Architecture;
import dev.pilotlight.config.Configuration.BackupSettings;
import dev.pilotlight.config.Configuration.Compute;
import dev.pilotlight.config.Configuration.DatabaseSettings;
import dev.pilotlight.config.Configuration.Detection;
import dev.pilotlight.config.Configuration.Dns;
import dev.pilotlight.config.Configuration.Objectives;
import dev.pilotlight.config.Configuration.RegionSettings;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.LineageEntry.RestoreFrom;
import dev.pilotlight.topology.LineageEntry.RestoreTo;
import dev.pilotlight.topology.RegionName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.regions.Region;

class ConfigurationsTest {

    private static final Configurations SHIPPED = new Configurations(Path.of("config"));

    private static final List<String> WITNESSES = List.of(
            "https://dynamodb.us-west-2.amazonaws.com/ping",
            "https://dynamodb.ap-northeast-1.amazonaws.com/ping",
            "https://www.google.com/robots.txt");

    private static ConfigurationFolder folder;
    private static JsonNode schema;

    @BeforeAll
    static void prepare(@TempDir Path parent) throws IOException {
        folder = new ConfigurationFolder(parent);
        schema = new ObjectMapper().readTree(ConfigurationFolder.SCHEMA.toFile());
    }

    @Test
    void devIsEconomyWithTheSchemasDefaults() {
        assertThat(SHIPPED.load("dev"))
                .isEqualTo(new Configuration(
                        "dev",
                        "pilotlight-dev",
                        Profile.ECONOMY,
                        null,
                        new RegionSettings("eu-central-1", "10.0.0.0/16"),
                        new RegionSettings("eu-west-1", "10.1.0.0/16"),
                        DatabaseLineage.founded(),
                        new Dns("Z0123456789ABCDEFGHIJ", "example.com", "app.example.com"),
                        new Compute("t4g.micro", Architecture.ARM64, 1, 2, true, null, null),
                        new DatabaseSettings("18", "db.t4g.micro", 20, 100, 8, 7, false, false),
                        new BackupSettings(35, 12),
                        new Objectives(30, 5),
                        new Detection(false, WITNESSES),
                        null));
    }

    @Test
    void prodIsProductionWithTheSchemasDefaults() {
        Configuration prod = SHIPPED.load("prod");
        assertThat(prod.production()).isTrue();
        assertThat(prod.name()).isEqualTo("pilotlight-prod");
        assertThat(prod.region(RegionName.PRIMARY)).isEqualTo(new RegionSettings("eu-central-1", "10.16.0.0/16"));
        assertThat(prod.region(RegionName.DR)).isEqualTo(new RegionSettings("eu-west-1", "10.17.0.0/16"));
        assertThat(prod.compute()).isEqualTo(new Compute("m7g.large", Architecture.ARM64, 2, 6, true, null, null));
        assertThat(prod.database()).isEqualTo(new DatabaseSettings("18", "db.m7g.large", 100, 500, 40, 7, true, true));
        assertThat(prod.backup()).isEqualTo(new BackupSettings(35, 12));
        assertThat(prod.objectives()).isEqualTo(new Objectives(30, 5));
        assertThat(prod.detection()).isEqualTo(new Detection(false, WITNESSES));
    }

    @Test
    void environmentsAreTheFilesButNotTheSchema() {
        assertThat(SHIPPED.environments()).contains("dev", "prod").doesNotContain("pilotlight.schema");
    }

    @Test
    void whatIsWrittenReplacesTheDefaults() {
        Configuration loaded = folder.load("""
                {
                  "profile": "production",
                  "compute": {
                    "instanceType": "c7i.xlarge", "architecture": "x86_64", "minCapacity": 3, "maxCapacity": 9,
                    "ami": { "primary": "ami-0123456789abcdef0", "dr": "ami-01234567" },
                    "userData": "good.sh"
                  },
                  "database": {
                    "engineVersion": "14.1", "instanceClass": "db.r8g.2xlarge", "allocatedStorageGiB": 1000,
                    "maxAllocatedStorageGiB": 1100, "maxRetainedLogGiB": 300, "backupRetentionDays": 35,
                    "replicatedBackups": false
                  },
                  "backup": { "dailyRetentionDays": 29, "monthlyRetentionMonths": 1 },
                  "objectives": { "rtoMinutes": 10, "rpoMinutes": 1 },
                  "detection": { "startsFailover": true, "witnesses":
                    ["https://a.example.org", "https://b.example.org/", "https://c.example.org/d/e-f.txt"] },
                  "alertEmail": "on.call+db@ops.example.com"
                }
                """);
        assertThat(loaded.account()).contains("111122223333");
        assertThat(loaded.alertEmail()).contains("on.call+db@ops.example.com");
        assertThat(loaded.compute().amis()).contains(new Amis("ami-0123456789abcdef0", "ami-01234567"));
        assertThat(loaded.compute().userData()).contains("#!/bin/bash\nsystemctl enable --now workload.service\n");
        assertThat(loaded.compute().architecture()).isEqualTo(Architecture.X86_64);
        assertThat(loaded.database())
                .isEqualTo(new DatabaseSettings("14.1", "db.r8g.2xlarge", 1000, 1100, 300, 35, false, true));
        assertThat(loaded.backup()).isEqualTo(new BackupSettings(29, 1));
        assertThat(loaded.objectives()).isEqualTo(new Objectives(10, 1));
        assertThat(loaded.detection())
                .isEqualTo(new Detection(
                        true,
                        List.of("https://a.example.org", "https://b.example.org/", "https://c.example.org/d/e-f.txt")));
    }

    /** In the two largest regions of other continents, wherever the two are, and once outside of AWS. */
    @ParameterizedTest
    @CsvSource({
        "eu-central-1, eu-west-1, us-west-2, ap-northeast-1",
        "us-east-1, us-west-2, eu-west-1, ap-northeast-1",
        "us-west-2, eu-west-1, ap-northeast-1, eu-north-1",
        "ap-northeast-1, ap-southeast-2, us-west-2, eu-west-1"
    })
    void witnessesAreInNeitherRegion(String primary, String dr, String first, String second) {
        assertThat(folder.load("{'primary': {'region': '%s'}, 'dr': {'region': '%s'}}"
                                .replace('\'', '"')
                                .formatted(primary, dr))
                        .detection()
                        .witnesses())
                .containsExactly(
                        "https://dynamodb." + first + ".amazonaws.com/ping",
                        "https://dynamodb." + second + ".amazonaws.com/ping",
                        "https://www.google.com/robots.txt");
    }

    /** Who has no other region, or no Internet, names witnesses or has none: nothing is guessed. */
    @ParameterizedTest
    @CsvSource({"us-gov-west-1, us-gov-east-1, 1", "cn-north-1, cn-northwest-1, 0", "us-iso-east-1, us-iso-west-1, 0"})
    void aPartitionOfTwoRegionsHasFewerWitnesses(String primary, String dr, int count) {
        assertThat(folder.load("{'primary': {'region': '%s'}, 'dr': {'region': '%s'}}"
                                .replace('\'', '"')
                                .formatted(primary, dr))
                        .detection()
                        .witnesses())
                .hasSize(count);
    }

    @Test
    void noWitnessesAreAChoice() {
        assertThat(folder.load("{ \"detection\": { \"witnesses\": [] } }").detection())
                .isEqualTo(new Detection(false, List.of()));
    }

    @Test
    void restoresAreReadIntoTheLineage() {
        String snapshot = "arn:aws:rds:eu-west-1:111122223333:snapshot:awsbackup:copyjob-1234";
        assertThat(folder.load("""
                                { "databaseLineage": ["primary", "dr",
                                    { "region": "primary", "restoreTo": "2026-11-20T10:00:00Z" },
                                    { "region": "dr", "snapshot": "%s" }] }
                                """.formatted(snapshot)).databaseLineage())
                .isEqualTo(DatabaseLineage.founded()
                        .append(new RestoreTo(RegionName.PRIMARY, Instant.parse("2026-11-20T10:00:00Z")))
                        .append(new RestoreFrom(RegionName.DR, snapshot)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'name': 'abc'}",
                "{'name': 'sthrees'}",
                "{'name': 'a-1-b-2'}",
                "{'account': null}",
                "{'primary': {'cidr': '172.16.0.0/23'}}",
                "{'primary': {'cidr': '100.64.0.0/16'}}",
                "{'primary': {'cidr': '192.168.0.0/16'}, 'dr': {'cidr': '10.0.0.0/16'}}",
                "{'primary': {'cidr': '10.2.0.0/23'}, 'dr': {'cidr': '10.2.2.0/23'}, 'compute': {'maxCapacity': 18}}",
                "{'primary': {'region': 'us-gov-west-1'}, 'dr': {'region': 'us-gov-east-1'}}",
                "{'primary': {'region': 'cn-north-1'}, 'dr': {'region': 'cn-northwest-1'}}",
                "{'dns': {'recordName': 'example.com'}}",
                "{'dns': {'recordName': 'a.b.c.example.com'}}",
                "{'dns': {'zoneName': 'xn--mnchen-3ya.de', 'recordName': 'www.xn--mnchen-3ya.de'}}",
                "{'compute': {'instanceType': 'a1.large'}}",
                "{'compute': {'instanceType': 'im4gn.large'}}",
                "{'compute': {'instanceType': 'x2gd.metal'}}",
                "{'compute': {'instanceType': 'm7i-flex.large', 'architecture': 'x86_64'}}",
                "{'compute': {'instanceType': 'u-6tb1.112xlarge', 'architecture': 'x86_64'}}",
                "{'compute': {'instanceType': 'c7i.metal-24xl', 'architecture': 'x86_64'}}",
                "{'compute': {'minCapacity': 2.0}}",
                "{'database': {'engineVersion': '18.3'}}",
                "{'database': {'allocatedStorageGiB': 100, 'maxAllocatedStorageGiB': 110}}",
                "{'databaseLineage': ['primary', 'dr', 'primary', 'dr', 'dr', 'primary']}",
            })
    void whatIsUnusualButLegalIsAccepted(String change) {
        assertThat(folder.load(change.replace('\'', '"')).environment()).isEqualTo("test");
    }

    @Test
    void aByteOrderMarkIsNoHindrance() throws IOException {
        String dev = Files.readString(Path.of("config", "dev.json"));
        assertThat(folder.loadText("\uFEFF" + dev)).isEqualTo(folder.loadText(dev));
    }

    @Test
    void warmingUpReportsNothing(@TempDir Path parent) throws IOException {
        ConfigurationFolder other = new ConfigurationFolder(parent);
        Files.writeString(other.path().resolve("a.json"), "junk");
        Files.writeString(other.path().resolve("b.json"), "{}");
        other.configurations().warmUp();
        new Configurations(parent.resolve("nowhere")).warmUp();
    }

    @Test
    void loadingTwiceGivesTheSame() {
        assertThat(SHIPPED.load("dev")).isEqualTo(SHIPPED.load("dev"));
    }

    @Test
    void theSdksRegionsAreAllInThePartitionThatItSays() {
        assertThat(Region.regions()).hasSizeGreaterThan(30);
        for (Region region : Region.regions()) {
            Optional<String> expected = region.isGlobalRegion()
                    ? Optional.empty()
                    : Optional.of(region.metadata().partition().id());
            assertThat(Rules.partition(region.id())).as(region.id()).isEqualTo(expected);
        }
    }

    // --- the schema itself

    @Test
    void theSchemaIsValidAgainstItsMetaSchema() {
        Schema metaSchema = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
        assertThat(metaSchema.validate(schema)).isEmpty();
        assertThat(metaSchema.validate(new ObjectMapper().createObjectNode().put("type", "nonsense")))
                .isNotEmpty();
    }

    @Test
    void everyPropertyIsDescribedAndEitherRequiredOrPresetOrOptionalInWords() {
        List<String> undescribed = new ArrayList<>();
        List<String> open = new ArrayList<>();
        collect("", schema, undescribed, open);
        assertThat(undescribed).isEmpty();
        assertThat(open).isEmpty();
    }

    private static void collect(String parent, JsonNode object, List<String> undescribed, List<String> open) {
        for (Map.Entry<String, JsonNode> entry : object.path("properties").properties()) {
            JsonNode property = entry.getValue();
            String key = ConfigurationSchema.child(parent, entry.getKey());
            String description = property.path("description").asText();
            if (!description.endsWith(".")) {
                undescribed.add(key);
            }
            boolean required = false;
            for (JsonNode name : object.path("required")) {
                required |= name.textValue().equals(entry.getKey());
            }
            if (!required
                    && !property.has("default")
                    && !property.has("x-default")
                    && !description.contains("Without it")
                    && !key.equals("$schema")) {
                open.add(key);
            }
            if (property.path("type").asText().equals("object")
                    && property.path("additionalProperties").asBoolean(true)) {
                open.add(key);
            }
            collect(key, property, undescribed, open);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "['primary', 'dr']",
                "['primary', 'dr', 'dr', 'primary']",
                "['primary', 'dr', {'region': 'primary', 'restoreTo': '2026-11-20T10:00:00Z'}]",
                "['primary', 'dr', {'region': 'dr', 'snapshot': 'arn:aws:rds:eu-west-1:111122223333:snapshot:rds:a-1'}]",
                "['primary', 'dr', {'region': 'dr', 'snapshot': 'db'}]",
                "['primary', 'dr', {'region': 'dr'}]",
                "['primary', 'dr', {'region': 'dr', 'restoreTo': 'now'}]",
                "['primary', 'dr', {'region': 'dr', 'restoreTo': '2026-11-20T10:00:00Z', 'x': 1}]",
                "['primary', 'dr', 'x']",
                "['primary', 'dr', null]",
                "['primary', 'dr', ['dr']]",
                "['primary']",
            })
    void theSchemaAndTheReaderAgreeAboutLineages(String lineage) throws IOException {
        JsonNode document = new ObjectMapper().readTree("{\"databaseLineage\": " + lineage.replace('\'', '"') + "}");
        boolean fitsSchema =
                SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                        .getSchema(schema)
                        .validate(document)
                        .stream()
                        .noneMatch(
                                error -> error.getInstanceLocation().toString().startsWith("/databaseLineage"));
        boolean loads;
        try {
            folder.load(document.toString());
            loads = true;
        } catch (ConfigurationException e) {
            assertThat(e.problems()).allMatch(problem -> problem.key().startsWith("databaseLineage"));
            loads = false;
        }
        assertThat(loads).isEqualTo(fitsSchema);
    }

    // --- the README's table

    @Test
    void theTableShowsEveryKeyWithBothDefaults() {
        String table = ConfigurationTable.markdown(ConfigurationFolder.SCHEMA);
        assertThat(table.lines())
                .startsWith(
                        "| Key | Meaning | Allowed | Default (economy) | Default (production) |",
                        "|---|---|---|---|---|")
                .contains(
                        "| `compute.minCapacity` | Instances in the region that leads, at least; the standby has none until it is lit. | 1–500 (production: at least 2) | `1` | `2` |",
                        "| `database.multiAz` | Whether the database has a synchronous standby in another zone of its region. | `true`, `false` (production: `true`) | `false` | `true` |",
                        "| `profile` | How much is spent on availability: economy is the smallest sensible system; production has a multi-AZ database, private subnets with NAT in both regions, deletion and termination protection. | `economy`, `production` | `\"economy\"` | – |",
                        "| `primary.region` | AWS's name of the primary region. It cannot change after the first deploy. | the name of an AWS region | **required** | **required** |",
                        "| `backup.dailyRetentionDays` | How many days daily backups are kept. | 7–365 | `35` | `35` |")
                .allMatch(line ->
                        line.replace("\\|", "").chars().filter(c -> c == '|').count() == 6);
        assertThat(table).endsWith("|\n");
    }
}
