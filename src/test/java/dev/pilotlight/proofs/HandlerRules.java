package dev.pilotlight.proofs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.proofs.TemplateChange.Kind;
import dev.pilotlight.proofs.TemplateChange.PropertyChange;
import dev.pilotlight.proofs.TemplateChange.ResourceChange;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What CloudFormation's handlers do beyond what the resource schemas say. Source of the rules for databases, unless said
 * otherwise: github.com/aws-cloudformation/aws-cloudformation-resource-providers-rds, folder aws-rds-dbinstance, package
 * software.amazon.rds.dbinstance.
 */
final class HandlerRules {

    private HandlerRules() {}

    /** Whether a conditionally create-only property changes in place for these two values. */
    static boolean updatesInPlace(String type, String property, JsonNode before, JsonNode after) {
        return switch (type + " " + property) {
            // A replacing update is asked for in the update policy; without it the group is changed as it runs.
            // docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html
            case "AWS::AutoScaling::AutoScalingGroup LaunchTemplate",
                    "AWS::AutoScaling::AutoScalingGroup VPCZoneIdentifier" ->
                !after.at("/UpdatePolicy/AutoScalingReplacingUpdate/WillReplace")
                        .asBoolean();
            // Between 0 and more than 0 automated backups are switched on or off; between others it is a number.
            // docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-rds-dbinstance.html
            case "AWS::RDS::DBInstance BackupRetentionPeriod" -> keepsBackups(before) == keepsBackups(after);
            default -> false;
        };
    }

    /**
     * Why the handler would fail, or do what the template does not say; empty if it would not.
     *
     * @param standby whether the database is the standby's after the change
     */
    static List<String> objections(ResourceChange database, boolean standby) {
        List<String> objections = new ArrayList<>();
        if (database.after() == null) {
            return objections;
        }
        if (database.before() == null) {
            created(database, objections);
            return objections;
        }
        for (PropertyChange change : database.properties()) {
            boolean added = change.from().isMissingNode();
            boolean removed = change.to().isMissingNode();
            // util/ResourceModelHelper.isDBInstanceReadReplicaPromotion, UpdateHandler
            if (change.name().equals("SourceDBInstanceIdentifier") && removed) {
                objections.add("its source is removed: CloudFormation promotes it, and fails if that has happened");
            }
            // util/ImmutabilityHelper.isEngineMutable: equal, or an upgrade of Aurora or Oracle; the empty one is not
            // equal
            if (change.name().equals("Engine")) {
                objections.add(added ? "an engine is added: NotUpdatable" : "its engine changes: NotUpdatable");
            }
            // util/ImmutabilityHelper.is…Mutable: may be removed, never added or changed
            if (List.of("RestoreTime", "DBSnapshotIdentifier", "UseLatestRestorableTime", "SourceDbiResourceId")
                            .contains(change.name())
                    && !removed) {
                objections.add(change.name() + " is set on a database that exists: NotUpdatable");
            }
        }
        // DBInstancePredicates: an update is finished when the replica's status is "replicating"; if replication is
        // broken the update waits for it, up to 36 hours. Whether it is, no template knows.
        if (standby && database.kind() != Kind.UNCHANGED) {
            objections.add("the standby's database is updated: if its replication is broken, the deploy hangs");
        }
        return objections;
    }

    /**
     * A replica or restored database is created, and then modified by what the template says beyond that call:
     * CreateHandler, ResourceModelHelper.shouldUpdateAfterCreate, Translator.modifyDbInstanceAfterCreateRequest. What RDS
     * refuses there fails the create at its very end, when the database is there.
     */
    private static void created(ResourceChange database, List<String> objections) {
        boolean restored = has(database, "RestoreTime", "UseLatestRestorableTime", "DBSnapshotIdentifier");
        if (!restored && !has(database, "SourceDBInstanceIdentifier")) {
            return;
        }
        if (has(database, "EngineVersion")) {
            objections.add(
                    "its version is its source's, and the template's is sent afterwards: refused if that is newer");
        }
        if (has(database, "AllocatedStorage")) {
            objections.add("its storage is its source's, which may have grown: refused if the template's is less");
        }
        if (has(database, "MasterUserPassword")) {
            objections.add("its users are its source's: the template's password would be set afterwards");
        }
        // docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-rds-dbinstance.html,
        // DBSnapshotIdentifier;
        // neither of the two calls takes a key
        for (String property : List.of("KmsKeyId", "StorageEncrypted", "MasterUsername", "DBName", "SourceRegion")) {
            if (restored && has(database, property)) {
                objections.add(property + " is given for a restore, which takes none");
            }
        }
        if (has(database, "DBSnapshotIdentifier") && has(database, "RestoreTime", "SourceDBInstanceIdentifier")) {
            objections.add("a snapshot and another source: the handler restores to a time");
        }
    }

    private static boolean has(ResourceChange database, String... properties) {
        return Arrays.stream(properties)
                .anyMatch(property -> !database.property(property).isMissingNode());
    }

    private static boolean keepsBackups(JsonNode database) {
        return database.at("/Properties/BackupRetentionPeriod").asInt() > 0;
    }
}
