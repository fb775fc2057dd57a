package dev.pilotlight.recovery;

import dev.pilotlight.compliance.Permissions;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import java.util.ArrayList;
import java.util.List;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.logs.ILogGroup;
import software.constructs.Construct;

/** The state machine that asks over HTTPS for the runbooks: the only one that may, beside the probe. */
public final class OutsideQuestions extends Construct {

    static final String OUTSIDE = "outside";

    private final Names names;
    private final RegionName region;

    /**
     * @param region the standby's
     * @param term that the failover claims
     * @param outside how the region's own name is asked for
     * @param witnesses URLs; may be empty
     */
    public record Props(
            Names names,
            RegionName region,
            int term,
            OutsideLook outside,
            List<String> witnesses,
            ILogGroup logGroup) {}

    public OutsideQuestions(Construct scope, String id, Props props) {
        super(scope, id);
        this.names = props.names();
        this.region = props.region();
        List<PolicyStatement> statements = new ArrayList<>();
        OutsideLook nameless = props.witnesses().isEmpty() ? null : OutsideLook.nameless(this, "Nameless");
        OutsideDefinition.Settings settings = new OutsideDefinition.Settings(
                names.workload(),
                names.regionOf(region),
                props.term(),
                "https://" + names.host(region),
                props.outside().connectionArn(),
                props.witnesses(),
                nameless == null ? "" : nameless.connectionArn());
        statements.addAll(
                props.outside().permissions(machineArn(), List.of(settings.regionUrl(), settings.claimUrl())));
        if (nameless != null) {
            statements.addAll(nameless.permissions(machineArn(), props.witnesses()));
        }
        new Runbook(
                this,
                "Questions",
                names.runbook(region, OUTSIDE),
                OutsideDefinition.of(settings),
                props.logGroup(),
                statements);
    }

    String machineArn() {
        return names.runbookArn(region, OUTSIDE);
    }

    /** What a state machine needs to ask and to read what was found. */
    List<PolicyStatement> permissions() {
        return List.of(
                Permissions.allow(List.of("states:StartExecution"), machineArn()),
                Permissions.allow(List.of("states:DescribeExecution"), executionsArn()));
    }

    /** Every question that was ever asked: for the acknowledgement of whoever asks. */
    String executionsArn() {
        return names.runbookExecutionsArn(region, OUTSIDE);
    }
}
