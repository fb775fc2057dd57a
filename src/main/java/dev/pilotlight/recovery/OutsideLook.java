package dev.pilotlight.recovery;

import dev.pilotlight.compliance.Permissions;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import software.amazon.awscdk.services.events.CfnConnection;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.constructs.Construct;

/**
 * How the standby's state machines ask a name over HTTPS as a stranger would: by DNS, certificate and security group. An
 * HTTP task cannot do without an EventBridge connection, and a connection not without a key.
 */
public final class OutsideLook extends Construct {

    private final CfnConnection connection;

    /** One that tells our requests apart in the access logs, by the workload's name. */
    public OutsideLook(Construct scope, String id, String workload) {
        this(
                scope,
                id,
                "Looks at " + workload + " from outside: shows a label and no credentials",
                "X-Pilotlight-Probe",
                workload);
    }

    private OutsideLook(Construct scope, String id, String description, String header, String value) {
        super(scope, id);
        this.connection = CfnConnection.Builder.create(this, "Connection")
                .description(description)
                .authorizationType("API_KEY")
                .authParameters(CfnConnection.AuthParametersProperty.builder()
                        .apiKeyAuthParameters(CfnConnection.ApiKeyAuthParametersProperty.builder()
                                .apiKeyName(header)
                                // No secret: what is asked for is public.
                                .apiKeyValue(value)
                                .build())
                        .build())
                .build();
    }

    /** One that shows strangers nothing of the workload. */
    static OutsideLook nameless(Construct scope, String id) {
        return new OutsideLook(
                scope,
                id,
                "Asks witnesses whether this region reaches anybody: shows no name",
                "X-Reachability",
                "check");
    }

    String connectionArn() {
        return connection.getAttrArn();
    }

    /**
     * What a state machine needs to get these URLs; as Step Functions' documentation lists it for HTTP tasks, and narrower.
     *
     * @param machineArn of the state machine
     */
    List<PolicyStatement> permissions(String machineArn, List<String> urls) {
        return List.of(
                PolicyStatement.Builder.create()
                        .actions(List.of("states:InvokeHTTPEndpoint"))
                        .resources(List.of(machineArn))
                        .conditions(Map.of(
                                "StringEquals",
                                new TreeMap<>(Map.of(
                                        "states:HTTPEndpoint",
                                        urls.size() == 1 ? urls.get(0) : urls,
                                        "states:HTTPMethod",
                                        "GET"))))
                        .build(),
                Permissions.allow(List.of("events:RetrieveConnectionCredentials"), connection.getAttrArn()),
                Permissions.allow(
                        List.of("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"),
                        connection.getAttrSecretArn()));
    }
}
