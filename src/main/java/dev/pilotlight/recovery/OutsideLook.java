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

    public OutsideLook(Construct scope, String id, String workload) {
        super(scope, id);
        this.connection = CfnConnection.Builder.create(this, "Connection")
                .description("Looks at " + workload + " from outside: shows a label and no credentials")
                .authorizationType("API_KEY")
                .authParameters(CfnConnection.AuthParametersProperty.builder()
                        .apiKeyAuthParameters(CfnConnection.ApiKeyAuthParametersProperty.builder()
                                .apiKeyName("X-Pilotlight-Probe")
                                // No secret: what is asked for is public. It tells these requests apart in the access
                                // logs.
                                .apiKeyValue(workload)
                                .build())
                        .build())
                .build();
    }

    String connectionArn() {
        return connection.getAttrArn();
    }

    /**
     * What a state machine needs to get one URL; as Step Functions' documentation lists it for HTTP tasks, and narrower.
     *
     * @param machineArn of the state machine
     */
    List<PolicyStatement> permissions(String machineArn, String url) {
        return List.of(
                PolicyStatement.Builder.create()
                        .actions(List.of("states:InvokeHTTPEndpoint"))
                        .resources(List.of(machineArn))
                        .conditions(Map.of(
                                "StringEquals",
                                new TreeMap<>(Map.of("states:HTTPEndpoint", url, "states:HTTPMethod", "GET"))))
                        .build(),
                Permissions.allow(List.of("events:RetrieveConnectionCredentials"), connection.getAttrArn()),
                Permissions.allow(
                        List.of("secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"),
                        connection.getAttrSecretArn()));
    }
}
