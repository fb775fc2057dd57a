package dev.pilotlight.cli.operate;

import dev.pilotlight.config.Configuration.Architecture;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.Filter;

/**
 * Images of EC2 in one region. Amazon gives a release of Amazon Linux another id in each region, and the same name in all
 * of them: {@code al2023-ami-2023.9.20251117.1-kernel-6.1-arm64}.
 *
 * @see <a href="https://docs.aws.amazon.com/linux/al2023/ug/ec2.html">AL2023 on Amazon EC2</a>
 */
final class Images {

    private static final String OWNER = "amazon";

    /** A prefix that the minimal images do not share, and one line of kernels: that of the image looked up at deploy. */
    private static final Pattern RELEASE = Pattern.compile("al2023-ami-(2023(?:\\.\\d+)+)-kernel-6\\.1-(arm64|x86_64)");

    private final Ec2Client ec2;

    Images(Ec2Client ec2) {
        this.ec2 = ec2;
    }

    /**
     * An image.
     *
     * @param amazons whether it is Amazon's own
     * @param deprecated from when on it is; empty: no such time is set
     */
    record Image(String id, String name, boolean amazons, Instant created, Optional<Instant> deprecated) {

        /** Such as {@code 2023.9.20251117.1}; empty for anything but an Amazon Linux 2023 of Amazon's. */
        Optional<String> release() {
            Matcher matcher = RELEASE.matcher(name);
            return amazons && matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
        }

        /** As people are told of it. */
        String called() {
            return release().map(version -> "Amazon Linux " + version).orElse(name);
        }
    }

    /** Compares versions number by number: 2023.10 is newer than 2023.9. */
    static final Comparator<String> BY_VERSION = (one, other) -> Arrays.compare(numbers(one), numbers(other));

    private static long[] numbers(String version) {
        return Arrays.stream(version.split("\\.", -1))
                .mapToLong(Long::parseLong)
                .toArray();
    }

    /** Every release of Amazon Linux 2023 that is not deprecated, by its version. */
    Map<String, Image> releases(Architecture architecture) {
        String suffix = architecture.name().toLowerCase(Locale.ROOT);
        Map<String, Image> releases = new HashMap<>();
        ec2
                .describeImagesPaginator(request -> request.owners(OWNER)
                        .filters(
                                filter("name", "al2023-ami-2023.*-kernel-6.1-" + suffix),
                                filter("architecture", suffix),
                                filter("state", "available")))
                .images()
                .stream()
                .map(Images::image)
                .forEach(image -> image.release()
                        .ifPresent(version -> releases.merge(
                                version, image, (one, other) -> one.created().isAfter(other.created()) ? one : other)));
        return releases;
    }

    /** The image with this id; empty: there is none, or none that this account may use. */
    Optional<Image> byId(String id) {
        try {
            return ec2.describeImages(request -> request.imageIds(id).includeDeprecated(true)).images().stream()
                    .filter(image -> "available".equals(image.stateAsString()))
                    .findFirst()
                    .map(Images::image);
        } catch (Ec2Exception e) {
            if (List.of("InvalidAMIID.NotFound", "InvalidAMIID.Unavailable")
                    .contains(e.awsErrorDetails().errorCode())) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private static Filter filter(String name, String value) {
        return Filter.builder().name(name).values(value).build();
    }

    private static Image image(software.amazon.awssdk.services.ec2.model.Image image) {
        return new Image(
                image.imageId(),
                image.name() == null ? image.imageId() : image.name(),
                OWNER.equals(image.imageOwnerAlias()),
                instant(image.creationDate()).orElse(Instant.EPOCH),
                instant(image.deprecationTime()));
    }

    /** EC2 writes these times as texts. */
    private static Optional<Instant> instant(String text) {
        return text == null || text.isBlank() ? Optional.empty() : Optional.of(Instant.parse(text));
    }
}
