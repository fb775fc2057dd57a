package dev.pilotlight.cli.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.operate.Assessment.Finding;
import dev.pilotlight.cli.operate.Assessment.Level;
import dev.pilotlight.cli.operate.PinnedImages.Pin;
import dev.pilotlight.config.Configurations;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.RegionName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./pilot image}, and what {@code ./pilot status} says of what it wrote. */
class ImageChoiceTest {

    private static final String PRIMARY = "eu-central-1";
    private static final String DR = "eu-west-1";
    private static final Instant NOW = Instant.parse("2026-11-25T03:00:00Z");
    private static final String FILE = """
            {
              "name": "shop",
              "primary": { "region": "eu-central-1", "cidr": "10.0.0.0/16" },
              "dr":    { "region": "eu-west-1", "cidr": "10.1.0.0/16" },
              "dns": {"hostedZoneId": "Z0123456789ABCDEFGHIJ", "zoneName": "example.com",  "recordName": "app.example.com"}%s
            }
            """;

    @TempDir
    Path folder;

    private FakeImages images;

    @BeforeEach
    void amazonsImages() throws IOException {
        images = new FakeImages();
        for (String release : List.of("2023.9.20251020.0", "2023.9.20251105.0", "2023.10.20260101.0")) {
            String id = "ami-%017x".formatted(release.hashCode());
            images.amazons(PRIMARY, id, "al2023-ami-%s-kernel-6.1-arm64".formatted(release))
                    .amazons(DR, id.replace("ami-0", "ami-d"), "al2023-ami-%s-kernel-6.1-arm64".formatted(release));
        }
        images.amazons(PRIMARY, "ami-00000000000000001", "al2023-ami-2023.11.20260201.0-kernel-6.1-arm64")
                // No release of ours: another line of kernels, the minimal image, another processor, another owner.
                .amazons(PRIMARY, "ami-00000000000000002", "al2023-ami-2023.12.20260301.0-kernel-6.12-arm64")
                .amazons(DR, "ami-d0000000000000002", "al2023-ami-2023.12.20260301.0-kernel-6.12-arm64")
                .amazons(PRIMARY, "ami-00000000000000003", "al2023-ami-minimal-2023.12.20260301.0-kernel-6.1-arm64")
                .amazons(DR, "ami-d0000000000000003", "al2023-ami-minimal-2023.12.20260301.0-kernel-6.1-arm64")
                .amazons(PRIMARY, "ami-00000000000000004", "al2023-ami-2023.12.20260301.0-kernel-6.1-x86_64")
                .amazons(DR, "ami-d0000000000000004", "al2023-ami-2023.12.20260301.0-kernel-6.1-x86_64")
                .image(
                        PRIMARY,
                        "ami-00000000000000005",
                        "al2023-ami-2023.13.20260401.0-kernel-6.1-arm64",
                        "self",
                        "2026-11-01T00:00:00.000Z",
                        "")
                .image(
                        DR,
                        "ami-d0000000000000005",
                        "al2023-ami-2023.13.20260401.0-kernel-6.1-arm64",
                        "self",
                        "2026-11-01T00:00:00.000Z",
                        "");
    }

    @AfterEach
    void end() {
        images.close();
    }

    private Site site(String more) throws IOException {
        Files.writeString(folder.resolve("dev.json"), FILE.formatted(more));
        return Site.emulated(
                new Configurations(folder).load("dev"),
                folder,
                false,
                images.endpoint(),
                "123456789012",
                InstantSource.fixed(NOW));
    }

    private String file() throws IOException {
        return Files.readString(folder.resolve("dev.json"));
    }

    private static String id(String release) {
        return "ami-%017x".formatted(release.hashCode());
    }

    @Test
    void theNewestReleaseThatBothRegionsHaveIsNamed() throws IOException {
        try (Site site = site("")) {
            List<String> told = ImageChoice.newest(site).write();
            String primary = id("2023.10.20260101.0");
            String dr = primary.replace("ami-0", "ami-d");
            // By number: 2023.10 is newer than 2023.9, and 2023.11 is in one region only.
            assertThat(told)
                    .first()
                    .isEqualTo("Amazon Linux 2023.10.20260101.0 for arm64 is the newest that both regions have.");
            assertThat(told)
                    .contains("  primary (eu-central-1): the newest at each deploy → " + primary)
                    .contains("  dr (eu-west-1): the newest at each deploy → " + dr);
            assertThat(file())
                    .isEqualTo(FILE.formatted(",\n  \"compute\": { \"ami\": { \"primary\": \"%s\", \"dr\": \"%s\" } }"
                            .formatted(primary, dr)));
        }
    }

    @Test
    void oldAndNewAreShownAndNothingElseIsTouched() throws IOException {
        String old = id("2023.9.20251020.0");
        String compute = ",\n\t\"compute\": {\"minCapacity\":1, \"ami\" : { \"dr\": \"%s\",\n \"primary\":\"%s\" } }";
        try (Site site = site(compute.formatted("ami-0aaaaaaaaaaaaaaaa", old))) {
            List<String> told = ImageChoice.newest(site).write();
            String primary = id("2023.10.20260101.0");
            assertThat(told)
                    .contains("  primary (eu-central-1): %s (Amazon Linux 2023.9.20251020.0) → %s"
                            .formatted(old, primary))
                    .anyMatch(line ->
                            line.startsWith("  dr (eu-west-1): ami-0aaaaaaaaaaaaaaaa (not there any more) → ami-d"));
            assertThat(file()).isEqualTo(FILE.formatted(compute.formatted(primary.replace("ami-0", "ami-d"), primary)));
        }
        try (Site site = Site.emulated(
                new Configurations(folder).load("dev"),
                folder,
                false,
                images.endpoint(),
                "123456789012",
                InstantSource.fixed(NOW))) {
            String before = file();
            assertThat(ImageChoice.newest(site).write()).last().asString().endsWith("dev.json names it already.");
            assertThat(file()).isEqualTo(before);
        }
    }

    @Test
    void theProcessorIsThatOfTheInstances() throws IOException {
        try (Site site = site(",\n  \"compute\": { \"instanceType\": \"t3.micro\", \"architecture\": \"x86_64\" }")) {
            assertThat(ImageChoice.newest(site).write())
                    .first()
                    .isEqualTo("Amazon Linux 2023.12.20260301.0 for x86_64 is the newest that both regions have.");
        }
    }

    /** A golden image is somebody's work. */
    @Test
    void anImageOfOnesOwnIsNotReplaced() throws IOException {
        images.image(PRIMARY, "ami-0bbbbbbbbbbbbbbbb", "golden-42", "self", "2026-01-01T00:00:00.000Z", "");
        String golden =
                ",\n  \"compute\": { \"ami\": { \"primary\": \"ami-0bbbbbbbbbbbbbbbb\", \"dr\": \"ami-0cccccccccccccccc\" } }";
        try (Site site = site(golden)) {
            assertThatThrownBy(() -> ImageChoice.newest(site).write())
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining("ami-0bbbbbbbbbbbbbbbb (golden-42) in primary (eu-central-1)");
            assertThat(file()).isEqualTo(FILE.formatted(golden));
        }
    }

    @Test
    void whereTheRegionsShareNoReleaseASentenceSaysSo() throws IOException {
        images.close();
        images = new FakeImages().amazons(PRIMARY, "ami-00000000000000001", "al2023-ami-2023.9.1.0-kernel-6.1-arm64");
        try (Site site = site("")) {
            assertThatThrownBy(() -> ImageChoice.newest(site))
                    .isInstanceOf(Failure.class)
                    .hasMessageContaining(
                            "There is no Amazon Linux 2023 for arm64 that both primary (eu-central-1) (1 releases)");
        }
    }

    // --- what status says

    private List<Finding> findings(Site site) {
        PinnedImages inspection = new PinnedImages();
        Map<RegionName, Optional<Pin>> seen = new EnumMap<>(RegionName.class);
        for (RegionName region : RegionName.values()) {
            seen.put(region, inspection.look(site, region));
        }
        return inspection.findings(
                seen,
                new Inspection.Scene(
                        NOW,
                        new Instructions("dev", folder, true, false),
                        RegionName::id,
                        DatabaseLineage.founded().topology(),
                        region -> true));
    }

    private static String pinned(String primary, String dr) {
        return ",\n  \"compute\": { \"ami\": { \"primary\": \"%s\", \"dr\": \"%s\" } }".formatted(primary, dr);
    }

    @Test
    void youngImagesAreWellAndNoneIsANote() throws IOException {
        String release = id("2023.9.20251105.0");
        try (Site site = site(pinned(release, release.replace("ami-0", "ami-d")))) {
            assertThat(findings(site)).extracting(Finding::level).containsOnly(Level.OK);
        }
        try (Site site = site("")) {
            assertThat(findings(site)).singleElement().satisfies(finding -> {
                assertThat(finding.level()).isEqualTo(Level.NOTE);
                assertThat(finding.says()).contains("every deploy takes the newest Amazon Linux");
            });
        }
    }

    @Test
    void anImageOfMoreThanNinetyDaysADeprecatedOneAndOneThatIsGoneWantAttention() throws IOException {
        String name = "al2023-ami-2023.8.20250801.0-kernel-6.1-arm64";
        images.image(
                        PRIMARY,
                        "ami-0aaaaaaaaaaaaaaa1",
                        name,
                        "amazon",
                        "2026-08-27T02:59:00.000Z",
                        "2027-01-01T00:00:00.000Z")
                .image(
                        PRIMARY,
                        "ami-0aaaaaaaaaaaaaaa2",
                        name,
                        "amazon",
                        "2026-08-27T03:01:00.000Z",
                        "2027-01-01T00:00:00.000Z")
                .image(
                        DR,
                        "ami-0aaaaaaaaaaaaaaa3",
                        name,
                        "amazon",
                        "2026-11-01T00:00:00.000Z",
                        "2026-11-24T03:00:00.000Z");
        try (Site site = site(pinned("ami-0aaaaaaaaaaaaaaa1", "ami-0aaaaaaaaaaaaaaa3"))) {
            assertThat(findings(site))
                    .allSatisfy(finding -> {
                        assertThat(finding.level()).isEqualTo(Level.ATTENTION);
                        assertThat(finding.todo())
                                .isEqualTo("`./pilot image`, then deploy, which replaces the instances");
                    })
                    .extracting(Finding::says)
                    .containsExactly(
                            "ami-0aaaaaaaaaaaaaaa1 of primary, Amazon Linux 2023.8.20250801.0, is 90 days old",
                            "ami-0aaaaaaaaaaaaaaa3 of dr, Amazon Linux 2023.8.20250801.0, has been deprecated for 24 h");
        }
        try (Site site = site(pinned("ami-0aaaaaaaaaaaaaaa2", "ami-0aaaaaaaaaaaaaaa4"))) {
            assertThat(findings(site))
                    .extracting(Finding::level, Finding::says)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple(
                                    Level.OK,
                                    "ami-0aaaaaaaaaaaaaaa2 of primary, Amazon Linux 2023.8.20250801.0, is 89 days old"),
                            org.assertj.core.groups.Tuple.tuple(
                                    Level.ATTENTION,
                                    "ami-0aaaaaaaaaaaaaaa4 of dr is not there: no instance can be started"));
        }
    }
}
