package dev.pilotlight.config;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.RegionName;
import java.util.List;
import java.util.Optional;

/**
 * One environment, validated, with every default filled in. What the keys mean, their ranges and defaults stand in
 * {@code config/pilotlight.schema.json}, the one source of them.
 */
public record Configuration(
        String environment,
        String name,
        Profile profile,
        String accountOrNull,
        RegionSettings primary,
        RegionSettings dr,
        DatabaseLineage databaseLineage,
        Dns dns,
        Compute compute,
        DatabaseSettings database,
        BackupSettings backup,
        Objectives objectives,
        Detection detection,
        String alertEmailOrNull) {

    public RegionSettings region(RegionName region) {
        return region == RegionName.PRIMARY ? primary : dr;
    }

    /** The AWS account that the environment is bound to; empty: that of the credentials at deploy. */
    @JsonIgnore
    public Optional<String> account() {
        return Optional.ofNullable(accountOrNull);
    }

    @JsonIgnore
    public Optional<String> alertEmail() {
        return Optional.ofNullable(alertEmailOrNull);
    }

    public boolean production() {
        return profile == Profile.PRODUCTION;
    }

    /**
     * One of the two regions.
     *
     * @param region AWS's name of it
     * @param cidr IPv4 range of its VPC
     */
    public record RegionSettings(String region, String cidr) {}

    /** The hosted zone, and the record in it that users know. */
    public record Dns(String hostedZoneId, String zoneName, String recordName) {}

    public enum Architecture {
        ARM64,
        X86_64
    }

    /**
     * The instances that serve.
     *
     * @param minCapacity instances when serving, at least
     * @param maxCapacity instances when serving, at most
     * @param startsOnReplica whether the application becomes healthy beside a database that takes no writes
     * @param amiOrNull image per region; null: the newest Amazon Linux 2023 at deploy
     * @param userDataOrNull the shell script, read from the configured file; null: the built-in sample
     */
    public record Compute(
            String instanceType,
            Architecture architecture,
            int minCapacity,
            int maxCapacity,
            boolean startsOnReplica,
            Amis amiOrNull,
            String userDataOrNull) {

        public Optional<Amis> amis() {
            return Optional.ofNullable(amiOrNull);
        }

        public Optional<String> userData() {
            return Optional.ofNullable(userDataOrNull);
        }
    }

    /** An image exists in one region only, so each region names its own. */
    public record Amis(String primary, String dr) {
        public String in(RegionName region) {
            return region == RegionName.PRIMARY ? primary : dr;
        }
    }

    /**
     * PostgreSQL in both regions.
     *
     * @param engineVersion PostgreSQL, a major ("18") or a minor ("18.3") version
     * @param instanceClass such as db.t4g.micro
     * @param allocatedStorageGiB at creation
     * @param maxAllocatedStorageGiB storage autoscaling's limit
     * @param maxRetainedLogGiB of write-ahead log that the leader keeps for a standby that does not fetch it
     * @param backupRetentionDays of the automated backups with point-in-time recovery
     * @param replicatedBackups whether the leader's automated backups are replicated into the standby's region
     */
    public record DatabaseSettings(
            String engineVersion,
            String instanceClass,
            int allocatedStorageGiB,
            int maxAllocatedStorageGiB,
            int maxRetainedLogGiB,
            int backupRetentionDays,
            boolean replicatedBackups,
            boolean multiAz) {

        /** Whether the version is a minor one, which then stays until somebody changes it. */
        public boolean pinsMinorVersion() {
            return engineVersion.contains(".");
        }

        /** What is kept unless the configuration says otherwise: 40 % of the storage, in GiB. */
        public static int usualMaxRetainedLogGiB(int allocatedStorageGiB) {
            return allocatedStorageGiB * 2 / 5;
        }
    }

    /** AWS Backup's retentions, in days and months, of backups and of their copies. */
    public record BackupSettings(int dailyRetentionDays, int monthlyRetentionMonths) {}

    /** What a disaster may cost, in minutes. */
    public record Objectives(int rtoMinutes, int rpoMinutes) {}

    /**
     * What follows when the leader's region seems to be lost.
     *
     * @param startsFailover whether the alarm starts the failover, or only calls a person
     * @param witnesses URLs that are asked whether the standby's region reaches anybody; may be empty
     */
    public record Detection(boolean startsFailover, List<String> witnesses) {}
}
