package dev.pilotlight.network;

import dev.pilotlight.data.RegionDatabase;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ec2.Port;
import software.amazon.awscdk.services.ec2.SecurityGroup;
import software.amazon.awscdk.services.ec2.SecurityGroupProps;
import software.constructs.Construct;

/** Who may talk to whom inside a region: load balancer → workload → database, and the workload to AWS over HTTPS. */
public final class WorkloadSecurityGroups extends Construct {

    private final SecurityGroup workload;
    private final SecurityGroup database;

    public WorkloadSecurityGroups(Construct scope, String id, Network network, PublicEndpoint endpoint) {
        super(scope, id);
        this.workload = group("Workload", network, "Workload: reached by the load balancer only");
        this.database = group("Database", network, "Database: reached by the workload only");
        SecurityGroup loadBalancer = endpoint.securityGroup();
        Port workloadPort = Port.tcp(PublicEndpoint.WORKLOAD_PORT);
        Port databasePort = Port.tcp(RegionDatabase.PORT);
        loadBalancer.addEgressRule(workload, workloadPort, "to the workload");
        workload.addIngressRule(loadBalancer, workloadPort, "from the load balancer");
        workload.addEgressRule(database, databasePort, "to the database");
        workload.addEgressRule(Peer.anyIpv4(), Port.tcp(443), "to AWS and to package repositories, over HTTPS");
        database.addIngressRule(workload, databasePort, "from the workload");
    }

    public SecurityGroup workload() {
        return workload;
    }

    public SecurityGroup database() {
        return database;
    }

    private SecurityGroup group(String id, Network network, String description) {
        return new SecurityGroup(
                this,
                id,
                SecurityGroupProps.builder()
                        .vpc(network.vpc())
                        .description(description)
                        .allowAllOutbound(false)
                        .build());
    }
}
