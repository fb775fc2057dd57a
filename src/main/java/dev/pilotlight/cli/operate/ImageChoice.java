package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.operate.Images.Image;
import dev.pilotlight.config.Configuration.Amis;
import dev.pilotlight.config.Configuration.Compute;
import dev.pilotlight.topology.RegionName;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The images to name in the configuration: of one release, so that the regions run the same. */
final class ImageChoice {

    private static final List<RegionName> REGIONS = List.of(RegionName.PRIMARY, RegionName.DR);

    private final Site site;
    private final String version;
    private final Amis chosen;

    private ImageChoice(Site site, String version, Amis chosen) {
        this.site = site;
        this.version = version;
        this.chosen = chosen;
    }

    /**
     * Finds the newest release of Amazon Linux 2023 that is published in both regions, for the architecture of the
     * configured instance type.
     *
     * @throws Failure if there is none
     */
    static ImageChoice newest(Site site) {
        Compute compute = site.configuration().compute();
        Map<RegionName, Map<String, Image>> releases = new EnumMap<>(RegionName.class);
        for (RegionName region : REGIONS) {
            releases.put(region, new Images(site.in(region).ec2()).releases(compute.architecture()));
        }
        Map<String, Image> primary = releases.get(RegionName.PRIMARY);
        Map<String, Image> dr = releases.get(RegionName.DR);
        String version = primary.keySet().stream()
                .filter(dr::containsKey)
                .max(Images.BY_VERSION)
                .orElseThrow(() -> new Failure(
                        "There is no Amazon Linux 2023 for %s that both %s (%d releases) and %s (%d releases) have: name images of your own as compute.ami in %s."
                                .formatted(
                                        architecture(compute),
                                        site.called(RegionName.PRIMARY),
                                        primary.size(),
                                        site.called(RegionName.DR),
                                        dr.size(),
                                        site.instructions().file())));
        return new ImageChoice(
                site,
                version,
                new Amis(primary.get(version).id(), dr.get(version).id()));
    }

    /**
     * Writes the ids into the configuration file, in which every other byte stays as it was.
     *
     * @return what was so and is so now, for people
     * @throws Failure if the file names another image than an Amazon Linux, or cannot be changed
     */
    List<String> write() {
        Instructions instructions = site.instructions();
        ConfigurationFile file = new ConfigurationFile(instructions.folder(), instructions.environment());
        Optional<Amis> before = file.load().compute().amis();
        List<String> lines = new ArrayList<>();
        lines.add("Amazon Linux %s for %s is the newest that both regions have."
                .formatted(version, architecture(site.configuration().compute())));
        for (RegionName region : REGIONS) {
            String was = before.map(amis -> former(region, amis.in(region))).orElse("the newest at each deploy");
            lines.add("  %s: %s → %s".formatted(site.called(region), was, chosen.in(region)));
        }
        if (before.equals(Optional.of(chosen))) {
            lines.add("%s names it already.".formatted(instructions.file()));
            return lines;
        }
        file.change(
                text -> text.set(List.of("compute", "ami", "primary"), chosen.primary())
                        .set(List.of("compute", "ami", "dr"), chosen.dr()),
                outcome -> outcome.compute().amis().equals(Optional.of(chosen)),
                "write \"ami\": { \"primary\": \"%s\", \"dr\": \"%s\" } under compute by hand"
                        .formatted(chosen.primary(), chosen.dr()));
        lines.add(
                "Written to %s. Nothing is deployed yet: `%s` shows what a deploy would do, which replaces the instances."
                        .formatted(
                                instructions.file(),
                                instructions.emulated() ? instructions.deployBoth() : instructions.diff()));
        return lines;
    }

    /** An image of somebody's own is not thrown away; one that is gone was nobody's any more. */
    private String former(RegionName region, String id) {
        Optional<Image> image = new Images(site.in(region).ec2()).byId(id);
        if (image.isPresent() && image.get().release().isEmpty()) {
            throw new Failure(
                    "compute.ami names %s (%s) in %s, which is no Amazon Linux 2023: write the ids of your newer image there, or take compute.ami out first."
                            .formatted(id, image.get().name(), site.called(region)));
        }
        return image.map(found -> "%s (%s)".formatted(id, found.called())).orElse(id + " (not there any more)");
    }

    private static String architecture(Compute compute) {
        return compute.architecture().name().toLowerCase(Locale.ROOT);
    }
}
