package dev.pilotlight.stacks;

import dev.pilotlight.backup.BackupPlans;
import dev.pilotlight.backup.BackupRole;
import dev.pilotlight.compliance.Acknowledge;
import dev.pilotlight.compute.RollOutAlarms;
import dev.pilotlight.compute.WorkloadGroup;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.config.RollOut;
import dev.pilotlight.data.DataBucket;
import dev.pilotlight.data.RegionDatabase;
import dev.pilotlight.data.RegionFoundation;
import dev.pilotlight.data.RegionKey;
import dev.pilotlight.dns.FailoverDns;
import dev.pilotlight.dns.RestoreClaims;
import dev.pilotlight.network.Network;
import dev.pilotlight.network.PublicEndpoint;
import dev.pilotlight.network.WorkloadSecurityGroups;
import dev.pilotlight.observability.Alarms;
import dev.pilotlight.observability.Alerts;
import dev.pilotlight.recovery.Detection;
import dev.pilotlight.recovery.OutsideLook;
import dev.pilotlight.recovery.Recovery;
import dev.pilotlight.recovery.ReplicatedBackups;
import dev.pilotlight.recovery.RunbookLogs;
import dev.pilotlight.recovery.StandbyWatch;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Role;
import dev.pilotlight.topology.Topology;
import java.util.List;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.services.backup.BackupVault;
import software.amazon.awscdk.services.backup.IBackupVault;
import software.amazon.awscdk.services.route53.HostedZone;
import software.amazon.awscdk.services.route53.HostedZoneAttributes;
import software.amazon.awscdk.services.route53.IHostedZone;
import software.constructs.Construct;

/** A region that serves, or could: the same code in both roles, so that what was tested in one is what runs in the other. */
abstract class RegionStack extends PilotlightStack {

    private final Workload workload;
    private final RegionName region;

    RegionStack(Construct scope, String id, Workload workload, RegionName region) {
        super(
                scope,
                id,
                workload,
                region,
                region.id(),
                "Pilotlight: the %s region of %s"
                        .formatted(region.id(), workload.names().workload()));
        this.workload = workload;
        this.region = region;
    }

    static RegionFoundation.Props foundation(Workload workload, RegionName region) {
        return new RegionFoundation.Props(
                workload.names(),
                region,
                workload.topology().hasEverLed(region),
                workload.configuration().production(),
                workload.longestBackupRetentionDays());
    }

    /**
     * Builds the region and returns where users enter it.
     *
     * @param vault this region's, where a leader's backups go
     * @param masterPassword a dynamic reference; null where the origin cannot be
     */
    final PublicEndpoint build(IBackupVault vault, String masterPassword) {
        Configuration configuration = workload.configuration();
        Topology topology = workload.topology();
        Names names = workload.names();
        Role role = topology.roleOf(region);

        RegionKey key = new RegionKey(
                        this,
                        "Key",
                        names.regionKeyAlias(region),
                        "Protects what lives in the " + region.id() + " region only: database, logs and notifications.")
                .forLogGroups(names.regionOf(region))
                .forNotifications();
        Alerts alerts = new Alerts(this, "Alerts", key.key(), configuration.alertEmail());
        Alarms alarms = new Alarms(this, "Alarms", alerts.topic());

        Network network = new Network(
                this,
                "Network",
                new Network.Props(configuration.region(region).cidr(), configuration.profile(), key.key()));
        IHostedZone zone = HostedZone.fromHostedZoneAttributes(
                this,
                "Zone",
                HostedZoneAttributes.builder()
                        .hostedZoneId(configuration.dns().hostedZoneId())
                        .zoneName(configuration.dns().zoneName())
                        .build());
        PublicEndpoint endpoint = new PublicEndpoint(
                this, "Endpoint", new PublicEndpoint.Props(names, region, network, zone, configuration.production()));
        WorkloadSecurityGroups groups = new WorkloadSecurityGroups(this, "SecurityGroups", network, endpoint);

        RegionDatabase database = new RegionDatabase(
                this,
                "Database",
                new RegionDatabase.Props(
                        names,
                        topology.databaseIn(region),
                        configuration.database(),
                        network.databaseSubnets(),
                        groups.database(),
                        key.key(),
                        masterPassword));
        // A wrong zone must show before there is a database that a rollback may not delete.
        database.instance().getNode().addDependency(endpoint.certificate());
        RollOutAlarms rollOutAlarms = new RollOutAlarms(alarms, endpoint.targetGroup(), names.workload());
        WorkloadGroup group = new WorkloadGroup(
                this,
                "Compute",
                new WorkloadGroup.Props(
                        names,
                        region,
                        role,
                        configuration.compute(),
                        !configuration.production(),
                        network,
                        endpoint,
                        groups.workload(),
                        database,
                        configuration
                                .databaseLineage()
                                .termOf(topology.databaseIn(region).ref()),
                        alerts.topic(),
                        workload.rollOut() == RollOut.GUARDED ? rollOutAlarms.guarding() : List.of()));
        alarms.ofDatabase(
                database.instance(),
                role,
                configuration.database().allocatedStorageGiB(),
                configuration.database().maxRetainedLogGiB(),
                configuration.objectives().rpoMinutes());

        if (configuration.production() && topology.hasEverLed(region)) {
            alarms.ofReplication(
                    names.bucket(region), names.bucket(region.other()), DataBucket.replicationRuleId(region));
        }
        BackupRole backupRole = new BackupRole(this, "BackupRole");
        RunbookLogs runbookLogs = new RunbookLogs(this, "RunbookLogs", names, region, key.key());
        if (configuration.database().replicatedBackups()) {
            new ReplicatedBackups(
                    this,
                    "ReplicatedBackups",
                    new ReplicatedBackups.Props(
                            names, region, configuration, alerts.topic(), runbookLogs.logGroup(), key.key()));
        }
        if (role == Role.LEADER) {
            alarms.ofLeader(endpoint.targetGroup());
            StandbyWatch.addTo(alarms, names, region);
            new BackupPlans(
                    this,
                    "Backup",
                    new BackupPlans.Props(
                            names.workload(),
                            configuration.backup(),
                            backupRole.role(),
                            vault,
                            BackupVault.fromBackupVaultArn(this, "CopiesVault", names.backupVaultArn(region.other())),
                            List.of(
                                    database.instance().getAttrDbInstanceArn(),
                                    names.tableArn(region),
                                    names.bucketArn(region)),
                            alerts.topic()));
        } else {
            OutsideLook outside = new OutsideLook(this, "OutsideLook", names.workload());
            Recovery recovery = new Recovery(
                    this,
                    "Recovery",
                    new Recovery.Props(
                            names,
                            region,
                            topology,
                            configuration,
                            checkInterval(configuration),
                            endpoint,
                            alerts.topic(),
                            outside,
                            runbookLogs.logGroup(),
                            key.key()));
            new Detection(
                    this,
                    "Detection",
                    new Detection.Props(
                            names,
                            region,
                            topology,
                            configuration,
                            alarms,
                            alerts.topic(),
                            database.instance(),
                            recovery,
                            outside,
                            runbookLogs.logGroup(),
                            key.key()));
            Acknowledge.finding(
                    database.instance(),
                    "NIST.800.53.R5-RDSInBackupPlan",
                    "The standby's replica has its own automated backups; AWS Backup covers the leader's database, whose"
                            + " recovery points are copied to this region.");
        }
        FailoverDns dns = new FailoverDns(
                this,
                "Dns",
                new FailoverDns.Props(
                        names, region, topology, zone, endpoint.loadBalancer(), checkInterval(configuration)));
        new RestoreClaims(
                this,
                "RestoreClaims",
                new RestoreClaims.Props(
                        names.workload(),
                        configuration.databaseLineage().restoredTermsIn(region),
                        endpoint.listener(),
                        List.of(database.instance(), group.group(), dns)));
        outputs(names);
        rollOutAlarms.listIn(this);
        return endpoint;
    }

    /** Seconds between two of Route 53's looks at a claim: production pays for 10. */
    private static int checkInterval(Configuration configuration) {
        return configuration.production() ? 10 : 30;
    }

    private void outputs(Names names) {
        CfnOutput.Builder.create(this, "ServiceUrl")
                .description("What users open")
                .value("https://" + names.recordName())
                .build();
        CfnOutput.Builder.create(this, "RegionUrl")
                .description("This region, whichever leads")
                .value("https://" + names.host(region))
                .build();
    }
}
