package dev.pilotlight.data;

import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.dynamodb.Attribute;
import software.amazon.awscdk.services.dynamodb.AttributeType;
import software.amazon.awscdk.services.dynamodb.Billing;
import software.amazon.awscdk.services.dynamodb.PointInTimeRecoverySpecification;
import software.amazon.awscdk.services.dynamodb.ReplicaTableProps;
import software.amazon.awscdk.services.dynamodb.TableEncryptionV2;
import software.amazon.awscdk.services.dynamodb.TablePropsV2;
import software.amazon.awscdk.services.dynamodb.TableV2;
import software.amazon.awscdk.services.kms.IKey;
import software.constructs.Construct;

/** The workload's DynamoDB table: one global table with a replica in each region, both with point-in-time recovery. */
public final class WorkloadTable extends Construct {

    private final TableV2 table;

    public WorkloadTable(Construct scope, String id, Names names, IKey key) {
        super(scope, id);
        String drRegion = names.regionOf(RegionName.DR);
        PointInTimeRecoverySpecification recovery = PointInTimeRecoverySpecification.builder()
                .pointInTimeRecoveryEnabled(true)
                .build();
        this.table = new TableV2(
                this,
                "Table",
                TablePropsV2.builder()
                        .tableName(names.table())
                        .partitionKey(Attribute.builder()
                                .name("pk")
                                .type(AttributeType.STRING)
                                .build())
                        .sortKey(Attribute.builder()
                                .name("sk")
                                .type(AttributeType.STRING)
                                .build())
                        .billing(Billing.onDemand())
                        .pointInTimeRecoverySpecification(recovery)
                        .deletionProtection(true)
                        .encryption(TableEncryptionV2.customerManagedKey(
                                key, Map.of(drRegion, names.foundationKeyAliasArn(RegionName.DR))))
                        .replicas(List.of(ReplicaTableProps.builder()
                                .region(drRegion)
                                .pointInTimeRecoverySpecification(recovery)
                                .deletionProtection(true)
                                .build()))
                        .removalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
                        .build());
    }

    public TableV2 table() {
        return table;
    }
}
