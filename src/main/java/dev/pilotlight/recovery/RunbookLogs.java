package dev.pilotlight.recovery;

import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.amazon.awscdk.services.logs.LogGroup;
import software.amazon.awscdk.services.logs.LogGroupProps;
import software.amazon.awscdk.services.logs.RetentionDays;
import software.constructs.Construct;

/**
 * Where a region's runbooks log, for as long as an inquiry may take. It belongs to the region and not to its role: a log
 * group that left the template with the role would be retained under its fixed name, and be in the way when the role
 * comes back.
 */
public final class RunbookLogs extends Construct {

    private final LogGroup logGroup;

    public RunbookLogs(Construct scope, String id, Names names, RegionName region, IKey key) {
        super(scope, id);
        this.logGroup = new LogGroup(
                this,
                "Group",
                LogGroupProps.builder()
                        // Under this prefix a log group needs no entry in the account's one resource policy for logs,
                        // whose size is limited.
                        .logGroupName("/aws/vendedlogs/states/" + names.workload() + "-" + region.id())
                        .encryptionKey(key)
                        .retention(RetentionDays.ONE_YEAR)
                        .removalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
                        .build());
    }

    public ILogGroup logGroup() {
        return logGroup;
    }
}
