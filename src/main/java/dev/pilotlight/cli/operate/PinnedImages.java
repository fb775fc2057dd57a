package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.operate.Assessment.Finding;
import dev.pilotlight.cli.operate.Assessment.Level;
import dev.pilotlight.cli.operate.Images.Image;
import dev.pilotlight.cli.operate.PinnedImages.Pin;
import dev.pilotlight.topology.RegionName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether the images that the configuration names are there, and young enough. */
final class PinnedImages implements Inspection<Optional<Pin>> {

    private static final String ID = "image";
    private static final String SUBJECT = "Image";
    /** Amazon publishes a release every two weeks or so; a quarter of a year of them are security updates not taken. */
    private static final Duration OLD = Duration.ofDays(90);

    /**
     * An image that the configuration names.
     *
     * @param image empty: it is not there
     */
    record Pin(String id, Optional<Image> image) {}

    @Override
    public String subject() {
        return "images";
    }

    @Override
    public Optional<Pin> look(Site site, RegionName region) {
        return site.configuration()
                .compute()
                .amis()
                .map(amis -> amis.in(region))
                .map(id -> new Pin(id, new Images(site.in(region).ec2()).byId(id)));
    }

    @Override
    public List<Finding> findings(Map<RegionName, Optional<Pin>> seen, Scene scene) {
        boolean emulated = scene.instructions().emulated();
        String newer = scene.instructions().pilot("image");
        if (!emulated && !seen.isEmpty() && seen.values().stream().allMatch(Optional::isEmpty)) {
            return List.of(new Finding(
                    ID,
                    Level.NOTE,
                    SUBJECT,
                    "the configuration names none: every deploy takes the newest Amazon Linux, and replaces the instances when there is one",
                    ""));
        }
        List<Finding> findings = new ArrayList<>();
        seen.forEach((region, pinned) -> pinned.ifPresent(pin -> {
            String where = scene.called().apply(region);
            if (pin.image().isEmpty()) {
                if (!emulated) {
                    findings.add(attention(
                            "%s of %s is not there: no instance can be started".formatted(pin.id(), where),
                            "`%s` and deploy; or name a copy of your own image in compute.ami".formatted(newer)));
                }
                return;
            }
            Image image = pin.image().get();
            String todo = image.release().isPresent()
                    ? "`%s`, then deploy, which replaces the instances".formatted(newer)
                    : "name a newer image of your own in compute.ami";
            String says = "%s of %s, %s,".formatted(pin.id(), where, image.called());
            Duration age = Duration.between(image.created(), scene.at());
            if (image.deprecated().filter(from -> !from.isAfter(scene.at())).isPresent()) {
                findings.add(attention(
                        "%s has been deprecated for %s"
                                .formatted(says, Ago.of(image.deprecated().get(), scene.at())),
                        todo));
            } else if (age.compareTo(OLD) > 0) {
                findings.add(attention("%s is %d days old".formatted(says, age.toDays()), todo));
            } else {
                findings.add(new Finding(ID, Level.OK, SUBJECT, "%s is %d days old".formatted(says, age.toDays()), ""));
            }
        }));
        return findings;
    }

    private static Finding attention(String says, String todo) {
        return new Finding(ID, Level.ATTENTION, SUBJECT, says, todo);
    }
}
