package dev.pilotlight.cli.operate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.cli.operate.Observed.DatabaseDetails;
import dev.pilotlight.cli.operate.Observed.Window;
import dev.pilotlight.topology.LineageEntry.RestoreTo;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.PromotionTag;
import dev.pilotlight.topology.RegionName;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.services.rds.model.DBInstance;
import software.amazon.awssdk.services.rds.model.DBInstanceAutomatedBackup;
import software.amazon.awssdk.services.rds.model.DbInstanceAutomatedBackupNotFoundException;
import software.amazon.awssdk.services.rds.model.RdsException;
import software.amazon.awssdk.services.rds.model.Tag;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Looks at the workload's databases in one region. */
final class DatabaseLook {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Names names;
    private final RegionName region;
    private final Aws.InRegion aws;
    private final Pattern ours;
    /** Whether somebody restores to a time: only then are the times asked for. */
    private final boolean restores;
    /** Whether automated backups are to be replicated: only then is it asked whether they can be. */
    private final boolean replicates;

    DatabaseLook(Site site, RegionName region) {
        this.names = site.names();
        this.region = region;
        this.aws = site.in(region);
        this.ours = Pattern.compile(Pattern.quote(names.workload()) + "-db-(\\d+)");
        this.restores = site.configuration().databaseLineage().entries().stream()
                .anyMatch(entry -> entry instanceof RestoreTo restore && restore.region() == region);
        this.replicates = site.configuration().database().replicatedBackups();
    }

    List<Observed.Database> databases() {
        List<Observed.Database> databases = new ArrayList<>();
        Optional<Boolean> backupsComeHere = replicates ? backupsComeHere() : Optional.empty();
        for (DBInstance instance : aws.rds().describeDBInstancesPaginator().dbInstances()) {
            Matcher name = ours.matcher(instance.dbInstanceIdentifier());
            if (name.matches()) {
                Optional<String> promotion = instance.tagList().stream()
                        .filter(tag -> tag.key().equals(PromotionTag.KEY))
                        .map(Tag::value)
                        .findFirst();
                databases.add(new Observed.Database(
                        Integer.parseInt(name.group(1)),
                        source(instance),
                        instance.dbInstanceStatus(),
                        promotion,
                        details(instance, promotion, backupsComeHere)));
            }
        }
        return databases;
    }

    /** A source that is none of ours is none of the lineage's either. */
    private Optional<Integer> source(DBInstance instance) {
        String source = instance.readReplicaSourceDBInstanceIdentifier();
        if (source == null || source.isEmpty()) {
            return Optional.empty();
        }
        // arn:aws:rds:REGION:ACCOUNT:db:NAME
        Matcher name = ours.matcher(source.substring(source.lastIndexOf(':') + 1));
        return Optional.of(name.matches() ? Integer.parseInt(name.group(1)) : -1);
    }

    /** Nothing of one that is still being created: RDS leaves out what is not known yet. */
    private Optional<DatabaseDetails> details(
            DBInstance instance, Optional<String> promotion, Optional<Boolean> backupsComeHere) {
        if (instance.dbInstanceClass() == null
                || instance.engineVersion() == null
                || instance.allocatedStorage() == null) {
            return Optional.empty();
        }
        Set<String> replicatedTo = new TreeSet<>();
        instance.dbInstanceAutomatedBackupsReplications()
                // arn:aws:rds:REGION:ACCOUNT:auto-backup:ID
                .forEach(backup ->
                        replicatedTo.add(backup.dbInstanceAutomatedBackupsArn().split(":", -1)[3]));
        return Optional.of(new DatabaseDetails(
                instance.dbInstanceClass(),
                instance.engineVersion(),
                instance.allocatedStorage(),
                instance.dbParameterGroups().stream()
                        .map(group -> group.parameterApplyStatus())
                        .findFirst()
                        .orElse("in-sync"),
                replicatedTo,
                restores ? window(instance) : Optional.empty(),
                restores ? promotion.flatMap(this::promoted) : Optional.empty(),
                backupsComeHere));
    }

    private Optional<Boolean> backupsComeHere() {
        String source = names.regionOf(region.other());
        try {
            return Optional.of(
                    aws.rds().describeSourceRegions(request -> request.regionName(source)).sourceRegions().stream()
                            .anyMatch(found -> source.equals(found.regionName())
                                    && Boolean.TRUE.equals(found.supportsDBInstanceAutomatedBackupsReplication())));
        } catch (RdsException unsaid) {
            // Explains another finding; the databases are seen without it.
            return Optional.empty();
        }
    }

    private Optional<Window> window(DBInstance instance) {
        try {
            return aws
                    .rds()
                    .describeDBInstanceAutomatedBackups(request -> request.dbiResourceId(instance.dbiResourceId()))
                    .dbInstanceAutomatedBackups()
                    .stream()
                    .filter(backup -> instance.dbiResourceId().equals(backup.dbiResourceId()))
                    .map(DBInstanceAutomatedBackup::restoreWindow)
                    .filter(window -> window != null && window.earliestTime() != null && window.latestTime() != null)
                    .map(window -> new Window(window.earliestTime(), window.latestTime()))
                    .findFirst();
        } catch (DbInstanceAutomatedBackupNotFoundException none) {
            return Optional.empty();
        }
    }

    /** By the evidence of the failovers of the term that the mark names: the latest that any of them tells. */
    private Optional<Instant> promoted(String mark) {
        Optional<PromotionTag> tag = PromotionTag.parse(mark);
        if (tag.isEmpty()) {
            return Optional.empty();
        }
        String bucket = names.bucket(region);
        String prefix =
                "pilotlight/" + Runbook.FAILOVER + "/failover-term-" + tag.get().term() + "-";
        // A run that resumes one that had promoted sees it later than it was: that is the safe side.
        return aws.s3().listObjectsV2Paginator(request -> request.bucket(bucket).prefix(prefix)).contents().stream()
                .map(S3Object::key)
                .map(key -> json(aws.s3()
                        .getObjectAsBytes(request -> request.bucket(bucket).key(key))
                        .asUtf8String()))
                .flatMap(evidence -> instant(evidence.at("/times/promoted").asText()).stream())
                .max(Comparator.naturalOrder());
    }

    private static Optional<Instant> instant(String time) {
        try {
            return Optional.of(Instant.parse(time));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
