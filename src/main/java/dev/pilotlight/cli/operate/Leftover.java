package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.topology.Creation;
import dev.pilotlight.topology.Creation.Origin;
import dev.pilotlight.topology.Creation.ReplicaOf;
import dev.pilotlight.topology.Database;
import dev.pilotlight.topology.DatabaseRef;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.PromotionTag;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Topology;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;
import software.amazon.awssdk.services.cloudformation.model.ResourceStatus;
import software.amazon.awssdk.services.cloudformation.model.StackEvent;
import software.amazon.awssdk.services.rds.RdsClient;
import software.amazon.awssdk.services.rds.model.DBInstance;
import software.amazon.awssdk.services.rds.model.DbInstanceNotFoundException;

/**
 * The database that a create left behind which failed late: RDS has it, no stack does, and a retry meets
 * {@code DBInstanceAlreadyExists}. CloudFormation deletes what a failed create made, but a database that is protected
 * from deletion stays.
 */
final class Leftover {

    private final Site site;
    private final RegionName region;
    private final DBInstance instance;
    private final Creation creation;

    private Leftover(Site site, RegionName region, DBInstance instance, Creation creation) {
        this.site = site;
        this.region = region;
        this.instance = instance;
        this.creation = creation;
    }

    /**
     * The newest database of the lineage, of those that a region has now, that is a leftover and holds nothing of its own.
     *
     * @throws Failure if there is none, or if anything says that it may hold something
     */
    static Leftover find(Site site) {
        Topology topology = site.configuration().databaseLineage().topology();
        List<String> seen = new ArrayList<>();
        for (Database database : Stream.of(RegionName.values())
                .map(topology::databaseIn)
                .sorted(Comparator.comparing(
                        (Database database) -> -database.ref().index()))
                .toList()) {
            RegionName region = database.ref().region();
            String name = site.names().database(database.ref());
            try {
                Optional<Leftover> leftover = instance(site.in(region).rds(), name)
                        .map(instance -> new Leftover(site, region, instance, database.creation()));
                Optional<String> held = leftover.flatMap(Leftover::held);
                if (leftover.isPresent() && held.isEmpty()) {
                    leftover.get().reasonToKeep().ifPresent(reason -> {
                        throw new Failure("%s of %s is kept: %s.".formatted(name, site.called(region), reason));
                    });
                    return leftover.get();
                }
                seen.add("%s of %s %s".formatted(name, site.called(region), held.orElse("is not there")));
            } catch (SdkException e) {
                seen.add("%s of %s could not be seen (%s)".formatted(name, site.called(region), Looks.why(e)));
            }
        }
        throw new Failure("There is nothing to discard: %s.".formatted(String.join(", ", seen)));
    }

    private static Optional<DBInstance> instance(RdsClient rds, String name) {
        try {
            return rds.describeDBInstances(request -> request.dbInstanceIdentifier(name)).dbInstances().stream()
                    .findFirst();
        } catch (DbInstanceNotFoundException absent) {
            return Optional.empty();
        }
    }

    /** What it is, for the person who is asked. */
    String described() {
        return "%s of %s, %s, created %s, %s. No stack holds it, and a retry would meet DBInstanceAlreadyExists."
                .formatted(
                        instance.dbInstanceIdentifier(),
                        site.called(region),
                        instance.dbInstanceStatus(),
                        instance.instanceCreateTime(),
                        creation instanceof ReplicaOf ? "a read replica of " + source() : "restored");
    }

    String name() {
        return instance.dbInstanceIdentifier();
    }

    private Optional<String> reasonToKeep() {
        String stack = Names.stack(site.names().workload(), region.id());
        if (creation instanceof Origin) {
            return Optional.of("it is the first database of all, and what it holds is nowhere else");
        }
        if (instance.tagList().stream().anyMatch(tag -> tag.key().equals(PromotionTag.KEY))) {
            return Optional.of("a failover has promoted it, or is about to");
        }
        if (instance.hasReadReplicaDBInstanceIdentifiers()
                && !instance.readReplicaDBInstanceIdentifiers().isEmpty()) {
            return Optional.of(
                    "it is the source of " + String.join(" and ", instance.readReplicaDBInstanceIdentifiers()));
        }
        if (creation instanceof ReplicaOf replica) {
            String expected = site.names().database(replica.source());
            return source().equals(expected)
                    ? onlyCopy(replica.source(), expected)
                    : Optional.of(
                            source().isEmpty()
                                    ? "it stands alone, and may hold writes of its own"
                                    : "it is a replica of %s, and this lineage says %s".formatted(source(), expected));
        }
        // A restored database stands alone from its first second; one of this name may be of an earlier life.
        List<StackEvent> events = events(stack);
        if (wasWhole(events.stream(), name())) {
            return Optional.of("%s has held it whole, so it may have served users".formatted(stack));
        }
        Optional<Instant> begun = firstTry(events.stream(), name());
        return begun.isPresent() && !instance.instanceCreateTime().isBefore(begun.get())
                ? Optional.empty()
                : Optional.of("it stands alone, and no create of %s that is on record made it (the oldest began %s)"
                        .formatted(stack, begun.map(Instant::toString).orElse("never")));
    }

    /** What a replica holds is its source's, as long as that is there. */
    private Optional<String> onlyCopy(DatabaseRef source, String name) {
        try {
            return instance(site.in(source.region()).rds(), name).isPresent()
                    ? Optional.empty()
                    : Optional.of("its source %s is not there, so it may be the only copy".formatted(name));
        } catch (SdkException e) {
            return Optional.of(
                    "its source %s could not be seen (%s), so it may be the only copy".formatted(name, Looks.why(e)));
        }
    }

    /** The identifier, also where RDS says an ARN. */
    private String source() {
        String source = instance.readReplicaSourceDBInstanceIdentifier();
        return source == null ? "" : source.substring(source.lastIndexOf(':') + 1);
    }

    private Optional<String> held() {
        String stack = Names.stack(site.names().workload(), region.id());
        try {
            return site
                    .in(region)
                    .cloudFormation()
                    .listStackResourcesPaginator(request -> request.stackName(stack))
                    .stackResourceSummaries()
                    .stream()
                    .filter(resource -> name().equals(resource.physicalResourceId()))
                    .map(resource -> resource.resourceStatusAsString())
                    // What failed to be created, or to be deleted again, is what this is about.
                    .filter(status -> !status.equals("CREATE_FAILED") && !status.startsWith("DELETE_"))
                    .findFirst()
                    .map(status -> "is held by the stack %s (%s)".formatted(stack, status));
        } catch (CloudFormationException e) {
            if (isAbsent(e)) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private List<StackEvent> events(String stack) {
        try {
            return site
                    .in(region)
                    .cloudFormation()
                    .describeStackEventsPaginator(request -> request.stackName(stack))
                    .stackEvents()
                    .stream()
                    .toList();
        } catch (CloudFormationException e) {
            if (isAbsent(e)) {
                return List.of();
            }
            throw e;
        }
    }

    /**
     * Whether a stack has ever finished making a database: it left the template later, or the stack failed after it.
     *
     * @param events of the stack, which CloudFormation keeps for 90 days
     */
    static boolean wasWhole(Stream<StackEvent> events, String database) {
        return events.filter(event -> "AWS::RDS::DBInstance".equals(event.resourceType()))
                .filter(event -> database.equals(event.physicalResourceId()))
                .anyMatch(event -> event.resourceStatus() == ResourceStatus.CREATE_COMPLETE);
    }

    /**
     * When a stack first began to make a database.
     *
     * @param events of the stack, which CloudFormation keeps for 90 days
     */
    static Optional<Instant> firstTry(Stream<StackEvent> events, String database) {
        return events.filter(event -> event.resourceStatus() == ResourceStatus.CREATE_IN_PROGRESS)
                .filter(event -> "AWS::RDS::DBInstance".equals(event.resourceType()))
                .filter(event -> event.resourceProperties() != null
                        && event.resourceProperties().contains('"' + database + '"'))
                .map(StackEvent::timestamp)
                .min(Comparator.naturalOrder());
    }

    /** CloudFormation has no code of its own for a stack that is not there. */
    private static boolean isAbsent(CloudFormationException e) {
        return e.statusCode() == 400
                && "ValidationError".equals(e.awsErrorDetails().errorCode());
    }

    /** RDS refuses a final snapshot of a replica, and in these states [doc: DeleteDBInstance]. */
    private boolean hasFinalSnapshot() {
        return !(creation instanceof ReplicaOf)
                && !Set.of("failed", "incompatible-restore", "incompatible-network")
                        .contains(instance.dbInstanceStatus());
    }

    /**
     * Takes its protection away, deletes it, and waits until it is gone. Of a replica nothing is kept; of a restored database
     * its automated backups and, where RDS can, a final snapshot.
     */
    void discard() {
        RdsClient rds = site.in(region).rds();
        rds.modifyDBInstance(request ->
                request.dbInstanceIdentifier(name()).deletionProtection(false).applyImmediately(true));
        rds.deleteDBInstance(request -> request.dbInstanceIdentifier(name())
                .skipFinalSnapshot(!hasFinalSnapshot())
                .finalDBSnapshotIdentifier(
                        hasFinalSnapshot()
                                ? "%s-discarded-%d"
                                        .formatted(
                                                name(),
                                                instance.instanceCreateTime().getEpochSecond())
                                : null)
                .deleteAutomatedBackups(creation instanceof ReplicaOf));
        try (var waiter = rds.waiter()) {
            waiter.waitUntilDBInstanceDeleted(request -> request.dbInstanceIdentifier(name()));
        }
    }
}
