package dev.pilotlight.config;

import dev.pilotlight.config.JsonFile.UnusableFileException;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.DatabaseRef;
import dev.pilotlight.topology.LineageEntry;
import dev.pilotlight.topology.LineageEntry.RestoreFrom;
import dev.pilotlight.topology.LineageEntry.RestoreTo;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import inet.ipaddr.IPAddress;
import inet.ipaddr.IPAddressString;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import software.amazon.awssdk.regions.PartitionMetadata;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.partitionmetadata.AwsCnPartitionMetadata;
import software.amazon.awssdk.regions.partitionmetadata.AwsEuscPartitionMetadata;
import software.amazon.awssdk.regions.partitionmetadata.AwsIsoBPartitionMetadata;
import software.amazon.awssdk.regions.partitionmetadata.AwsIsoEPartitionMetadata;
import software.amazon.awssdk.regions.partitionmetadata.AwsIsoFPartitionMetadata;
import software.amazon.awssdk.regions.partitionmetadata.AwsIsoPartitionMetadata;
import software.amazon.awssdk.regions.partitionmetadata.AwsPartitionMetadata;
import software.amazon.awssdk.regions.partitionmetadata.AwsUsGovPartitionMetadata;

/** What a configuration must obey beyond its schema: one method per rule. A rule looks only at sound values. */
final class Rules {

    /** Stands for the account where the configuration names none: as long as any. */
    private static final String SOME_ACCOUNT = "000000000000";

    /** More databases than a workload will see: names leave room for three digits. */
    private static final DatabaseRef LATE_DATABASE = new DatabaseRef(999, RegionName.PRIMARY);

    /** Addresses that AWS keeps in each subnet. */
    private static final int KEPT_BY_AWS = 5;

    /** Addresses that an Application Load Balancer wants free in each of its subnets. */
    private static final int LOAD_BALANCER = 8;

    /** A VPC is cut into 16 equal subnets. */
    private static final int SUBNET_BITS = 4;

    private static final int ZONES = 2;

    private static final int OLDEST_POSTGRES = 14;
    private static final int NEWEST_POSTGRES = 18;

    /** No database of ours is older: an earlier time is a slip of the pen. */
    private static final Instant FIRST_DATABASE = Instant.parse("2026-01-01T00:00:00Z");

    private static final Pattern FAMILY = Pattern.compile("([a-z]+-?[0-9]+)([a-z]*).*");
    private static final Pattern SNAPSHOT =
            Pattern.compile("arn:([a-z-]+):rds:([a-z0-9-]+):([0-9]{12}):snapshot:[A-Za-z0-9:-]+");

    private final Draft draft;
    private final Problems problems;
    private final Path folder;
    private final Clock clock;

    Rules(Draft draft, Path folder, Clock clock) {
        this.draft = draft;
        this.problems = draft.problems();
        this.folder = folder;
        this.clock = clock;
    }

    void check() {
        regionIsKnown("primary.region");
        regionIsKnown("dr.region");
        regionsDiffer();
        regionsShareAPartition();
        rangeIsUsable("primary.cidr");
        rangeIsUsable("dr.cidr");
        rangesDoNotOverlap();
        namesFitTheServices();
        nameIsNotReserved();
        recordLiesInTheZone();
        hostNamesFitDns();
        recordFitsItsCertificate();
        capacityIsARange();
        subnetsHoldTheLoad("primary.cidr");
        subnetsHoldTheLoad("dr.cidr");
        instanceTypeHasTheArchitecture();
        imagesDiffer();
        userDataIsUsable();
        postgresVersionIsSupported();
        storageCanGrow();
        retainedLogLeavesRoom();
        monthlyBackupsOutliveDailyOnes();
        lineageIsLegal();
        somebodyHearsOfAnAutomaticStart();
        new Witnesses(draft).check();
    }

    // --- regions

    private void regionIsKnown(String key) {
        draft.text(key).filter(region -> partition(region).isEmpty()).ifPresent(region -> {
            List<String> known = Region.regions().stream()
                    .filter(each -> !each.isGlobalRegion())
                    .map(Region::id)
                    .sorted()
                    .toList();
            String guess = Values.didYouMean(region, known);
            fail(key, region, "is not an AWS region" + (guess.isEmpty() ? "; write one such as \"eu-west-1\"" : guess));
        });
    }

    private void regionsDiffer() {
        both(draft.text("primary.region"), draft.text("dr.region"), (primary, dr) -> {
            if (primary.equals(dr)) {
                fail("dr.region", dr, "is the primary's region too, and would be lost with it; choose another");
            }
        });
    }

    private void regionsShareAPartition() {
        both(draft.text("primary.region"), draft.text("dr.region"), (primary, dr) -> {
            String ours = partition(primary).orElseThrow();
            String theirs = partition(dr).orElseThrow();
            if (!ours.equals(theirs)) {
                fail(
                        "dr.region",
                        dr,
                        "is in the partition %s, and nothing replicates to it from %s, which is in %s; choose a region in %s"
                                .formatted(theirs, Values.quote(primary), ours, ours));
            }
        });
    }

    /** PartitionMetadata.of would load 400 classes about endpoints first, a tenth of a second of every synth. */
    private static final List<PartitionMetadata> PARTITIONS = List.of(
            new AwsPartitionMetadata(),
            new AwsCnPartitionMetadata(),
            new AwsUsGovPartitionMetadata(),
            new AwsEuscPartitionMetadata(),
            new AwsIsoPartitionMetadata(),
            new AwsIsoBPartitionMetadata(),
            new AwsIsoEPartitionMetadata(),
            new AwsIsoFPartitionMetadata());

    /** The partition of a region of AWS; nothing for any other name. */
    static Optional<String> partition(String region) {
        return Region.regions().stream()
                .filter(known -> known.id().equals(region) && !known.isGlobalRegion())
                .flatMap(known -> PARTITIONS.stream())
                .filter(partition -> region.matches(partition.regionRegex()))
                .map(PartitionMetadata::id)
                .findFirst();
    }

    // --- network

    private void rangeIsUsable(String key) {
        draft.text(key).ifPresent(cidr -> {
            IPAddress range = range(cidr);
            if (range == null) {
                fail(key, cidr, "is not an IPv4 range; write one such as \"10.0.0.0/16\"");
            } else if (range.getNetworkPrefixLength() < 16) {
                fail(key, cidr, "is larger than a VPC may be; write /16 to /23");
            } else if (range.getNetworkPrefixLength() > 23) {
                fail(key, cidr, "is too small: a load balancer must fit into a sixteenth of it; write /16 to /23");
            } else if (!range.toPrefixBlock().getLower().equals(range.getLower())) {
                fail(key, cidr, "does not begin where its network does; write \"%s\"".formatted(range.toPrefixBlock()));
            } else if (PRIVATE.stream().noneMatch(each -> each.contains(range.toPrefixBlock()))) {
                fail(
                        key,
                        cidr,
                        "is not private; choose it from 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 or 100.64.0.0/10");
            }
        });
    }

    private static final List<IPAddress> PRIVATE = Stream.of(
                    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
            .map(Rules::range)
            .toList();

    private void rangesDoNotOverlap() {
        both(draft.text("primary.cidr"), draft.text("dr.cidr"), (primary, dr) -> {
            if (range(primary).toPrefixBlock().overlaps(range(dr).toPrefixBlock())) {
                fail(
                        "dr.cidr",
                        dr,
                        "overlaps the primary's, %s, so the two could never be connected; choose another"
                                .formatted(Values.quote(primary)));
            }
        });
    }

    /** In either region, since either may serve, also while an instance refresh holds twice the instances. */
    private void subnetsHoldTheLoad(String key) {
        both(draft.text(key), draft.number("compute.maxCapacity"), (cidr, maxCapacity) -> {
            int prefix = range(cidr).getNetworkPrefixLength() + SUBNET_BITS;
            int free = (1 << (32 - prefix)) - KEPT_BY_AWS;
            int perZone = 2 * ((maxCapacity + ZONES - 1) / ZONES);
            if (LOAD_BALANCER + perZone > free) {
                fail(
                        key,
                        cidr,
                        "has subnets (/%d) of %d addresses, but each needs %d: %d for the load balancer and %d for instances, as a refresh doubles compute.maxCapacity, %d; write a larger range or a maxCapacity of at most %d"
                                .formatted(
                                        prefix,
                                        free,
                                        LOAD_BALANCER + perZone,
                                        LOAD_BALANCER,
                                        perZone,
                                        maxCapacity,
                                        (free - LOAD_BALANCER) / 2 * ZONES));
            }
        });
    }

    /** Null if it is none. */
    private static IPAddress range(String cidr) {
        IPAddress address = cidr.matches(".*(^|[./])0[0-9].*") ? null : new IPAddressString(cidr).getAddress();
        return address == null || !address.isIPv4() || !address.isPrefixed() ? null : address;
    }

    // --- names

    private void namesFitTheServices() {
        draft.text("name").ifPresent(name -> {
            Names names = names(name);
            record Limit(String service, String derived, int length) {
                int excess() {
                    return derived.length() - length;
                }
            }
            List<Limit> limits = new ArrayList<>();
            limits.add(new Limit("an RDS database", names.database(LATE_DATABASE), 63));
            limits.add(new Limit("a DynamoDB table", names.table(), 255));
            for (RegionName region : RegionName.values()) {
                limits.add(new Limit("a bucket", names.bucket(region), 63));
                limits.add(new Limit("a backup vault", names.backupVault(region), 50));
                limits.add(new Limit("an Auto Scaling group", names.autoScalingGroup(region), 255));
            }
            Limit tightest =
                    limits.stream().max(Comparator.comparingInt(Limit::excess)).orElseThrow();
            if (tightest.excess() > 0) {
                fail(
                        "name",
                        name,
                        "is too long: %s would be called %s, with %d characters of at most %d; shorten it by %d"
                                .formatted(
                                        tightest.service(),
                                        Values.quote(tightest.derived()),
                                        tightest.derived().length(),
                                        tightest.length(),
                                        tightest.excess()));
            }
        });
    }

    private void nameIsNotReserved() {
        draft.text("name")
                .flatMap(name -> Stream.of("sthree-", "amzn-s3-demo-")
                        .filter((name + "-")::startsWith)
                        .findFirst())
                .ifPresent(prefix -> fail(
                        "name",
                        draft.text("name").orElseThrow(),
                        "begins with %s, which S3 keeps for itself; choose another".formatted(Values.quote(prefix))));
    }

    private Names names(String name) {
        return new Names(
                name,
                "aws",
                draft.text("account").orElse(SOME_ACCOUNT),
                Map.of(
                        RegionName.PRIMARY, draft.text("primary.region").orElse(""),
                        RegionName.DR, draft.text("dr.region").orElse("")),
                draft.text("dns.recordName").orElse(""));
    }

    // --- dns

    private void recordLiesInTheZone() {
        both(draft.text("dns.zoneName"), draft.text("dns.recordName"), (zone, record) -> {
            if (!record.equals(zone) && !record.endsWith("." + zone)) {
                fail(
                        "dns.recordName",
                        record,
                        "is not in the zone %s; choose a name that ends with \".%s\", or the zone that it is in"
                                .formatted(Values.quote(zone), zone));
            }
        });
    }

    private void hostNamesFitDns() {
        draft.text("dns.recordName").ifPresent(record -> {
            String host = names("").host(RegionName.PRIMARY);
            Optional<String> label = Arrays.stream(host.split("\\."))
                    .filter(part -> part.length() > 63)
                    .findFirst();
            if (label.isPresent()) {
                fail(
                        "dns.recordName",
                        record,
                        "has a part of %d characters between its dots, of at most 63; shorten it"
                                .formatted(label.get().length()));
            } else if (host.length() > 253) {
                fail(
                        "dns.recordName",
                        record,
                        "is too long: the region's own name, \"primary.\" and this, has %d characters of at most 253; shorten it by %d"
                                .formatted(host.length(), host.length() - 253));
            }
        });
    }

    private void recordFitsItsCertificate() {
        draft.text("dns.recordName")
                .filter(record -> record.length() > 64)
                .ifPresent(record -> fail(
                        "dns.recordName",
                        record,
                        "has %d characters, and the first name of an ACM certificate at most 64; shorten it by %d"
                                .formatted(record.length(), record.length() - 64)));
    }

    // --- compute

    private void capacityIsARange() {
        both(draft.number("compute.minCapacity"), draft.number("compute.maxCapacity"), (min, max) -> {
            if (max < min) {
                fail(
                        "compute.maxCapacity",
                        max,
                        "is less than compute.minCapacity, %d; write at least as much".formatted(min));
            }
        });
    }

    private void instanceTypeHasTheArchitecture() {
        both(draft.text("compute.instanceType"), draft.text("compute.architecture"), (type, architecture) -> {
            String actual = architecture(type);
            if (!actual.equals(architecture)) {
                fail(
                        "compute.instanceType",
                        type,
                        "is %s, but compute.architecture says %s; change one of them".formatted(actual, architecture));
            }
        });
    }

    /** AWS writes a g behind the generation of the families with Graviton; a1, the first, has none. */
    private static String architecture(String instanceType) {
        Matcher family = FAMILY.matcher(instanceType);
        boolean graviton = instanceType.startsWith("a1.")
                || (family.matches() && family.group(2).contains("g"));
        return graviton ? "arm64" : "x86_64";
    }

    private void imagesDiffer() {
        both(draft.text("compute.ami.primary"), draft.text("compute.ami.dr"), (primary, dr) -> {
            if (primary.equals(dr)) {
                fail(
                        "compute.ami.dr",
                        dr,
                        "is the primary's image too, and an image exists in one region only; write the id of its copy in the DR region");
            }
        });
    }

    private void userDataIsUsable() {
        draft.text("compute.userData").ifPresent(name -> {
            try {
                UserData.read(folder, name);
            } catch (UnusableFileException e) {
                fail("compute.userData", name, e.getMessage());
            }
        });
    }

    // --- database and backups

    private void postgresVersionIsSupported() {
        draft.text("database.engineVersion").ifPresent(version -> {
            int major = Integer.parseInt(version.split("\\.", -1)[0]);
            if (major > NEWEST_POSTGRES) {
                fail(
                        "database.engineVersion",
                        version,
                        "is newer than this project knows; write \"%d\"".formatted(NEWEST_POSTGRES));
            } else if (major < OLDEST_POSTGRES || version.equals("14.0")) {
                fail(
                        "database.engineVersion",
                        version,
                        "is too old: only from 14.1 on does RDS back up read replicas, which one that was promoted needs; write \"%d\""
                                .formatted(NEWEST_POSTGRES));
            }
        });
    }

    private void storageCanGrow() {
        both(
                draft.number("database.allocatedStorageGiB"),
                draft.number("database.maxAllocatedStorageGiB"),
                (allocated, max) -> {
                    int least = (allocated * 11 + 9) / 10;
                    if (max < least) {
                        fail(
                                "database.maxAllocatedStorageGiB",
                                max,
                                "is too close to database.allocatedStorageGiB, %d: RDS wants a tenth more to let storage grow; write at least %d"
                                        .formatted(allocated, least));
                    }
                });
    }

    /**
     * The bound is there so that a lost standby does not fill the leader's disk. RDS lets storage grow at most every six
     * hours and by little [doc: USER_PIOPS.Autoscaling], so what it may become one day does not count. Of a database that
     * has grown, CloudFormation takes any lesser size for no change [handler, #598].
     */
    private void retainedLogLeavesRoom() {
        both(
                draft.number("database.maxRetainedLogGiB"),
                draft.number("database.allocatedStorageGiB"),
                (log, allocated) -> {
                    int most = allocated * 3 / 5;
                    if (log > most) {
                        fail(
                                "database.maxRetainedLogGiB",
                                log,
                                "leaves too little of database.allocatedStorageGiB, %d, for the data: a lost standby would fill the leader's disk before RDS lets it grow; write at most %d, or the storage that the leader has by now as allocatedStorageGiB"
                                        .formatted(allocated, most));
                    }
                });
    }

    private void monthlyBackupsOutliveDailyOnes() {
        both(
                draft.number("backup.dailyRetentionDays"),
                draft.number("backup.monthlyRetentionMonths"),
                (days, months) -> {
                    if (months * 30 <= days) {
                        fail(
                                "backup.monthlyRetentionMonths",
                                months,
                                "keeps monthly backups no longer than backup.dailyRetentionDays, %d, keeps daily ones; write at least %d"
                                        .formatted(days, days / 30 + 1));
                    }
                });
    }

    // --- lineage

    private void lineageIsLegal() {
        draft.at("databaseLineage")
                .flatMap(list -> LineageReader.read(list, problems))
                .ifPresent(lineage -> {
                    restoresAreOfThePast(lineage);
                    snapshotsAreWhereTheyAreRestored(lineage);
                });
    }

    private void restoresAreOfThePast(DatabaseLineage lineage) {
        for (int i = 0; i < lineage.entries().size(); i++) {
            if (lineage.entries().get(i) instanceof RestoreTo restore) {
                String key = LineageReader.key(i) + ".restoreTo";
                String time = restore.time().toString();
                if (restore.time().isAfter(clock.instant())) {
                    fail(key, time, "is in the future; write a time that the database has lived through");
                } else if (restore.time().isBefore(FIRST_DATABASE)) {
                    fail(key, time, "is before any database of Pilotlight existed; check the year");
                }
            }
        }
    }

    private void snapshotsAreWhereTheyAreRestored(DatabaseLineage lineage) {
        for (int i = 0; i < lineage.entries().size(); i++) {
            LineageEntry entry = lineage.entries().get(i);
            if (entry instanceof RestoreFrom restore) {
                snapshotIsUsable(LineageReader.key(i) + ".snapshot", restore);
            }
        }
    }

    private void snapshotIsUsable(String key, RestoreFrom restore) {
        String arn = restore.snapshotArn();
        Matcher parts = SNAPSHOT.matcher(arn);
        if (!parts.matches()) {
            fail(
                    key,
                    arn,
                    (arn.contains(":recovery-point:")
                                    ? "is a recovery point that RDS does not know: those of a database are snapshots; write "
                                    : "is not an RDS snapshot; write ")
                            + LineageReader.ARN);
            return;
        }
        draft.text(restore.region().id() + ".region").ifPresent(region -> {
            String partition = partition(region).orElseThrow();
            if (!parts.group(2).equals(region)) {
                fail(
                        key,
                        arn,
                        "is in %s, but the database is restored in %s; copy the snapshot there and write the copy's ARN"
                                .formatted(parts.group(2), region));
            } else if (!parts.group(1).equals(partition)) {
                fail(
                        key,
                        arn,
                        "is in the partition %s, but %s is in %s; write the ARN as AWS shows it"
                                .formatted(parts.group(1), region, partition));
            }
        });
        draft.text("account")
                .filter(account -> !account.equals(parts.group(3)))
                .ifPresent(account -> fail(
                        key,
                        arn,
                        "belongs to account %s, but the environment to %s; copy the snapshot there and write the copy's ARN"
                                .formatted(parts.group(3), account)));
    }

    // --- detection

    /** What must follow a failover at once, the append to the lineage, is a person's. */
    private void somebodyHearsOfAnAutomaticStart() {
        draft.flag("detection.startsFailover").filter(starts -> starts).ifPresent(starts -> {
            if (!draft.document().has("alertEmail")) {
                problems.add(
                        "detection.startsFailover",
                        "true needs somebody who hears of it and appends the failover to databaseLineage; add alertEmail, or write false");
            }
        });
    }

    // ---

    private void fail(String key, String value, String message) {
        problems.add(key, Values.quote(value) + " " + message);
    }

    private void fail(String key, int value, String message) {
        problems.add(key, value + " " + message);
    }

    private static <A, B> void both(Optional<A> a, Optional<B> b, BiConsumer<A, B> rule) {
        a.ifPresent(left -> b.ifPresent(right -> rule.accept(left, right)));
    }
}
