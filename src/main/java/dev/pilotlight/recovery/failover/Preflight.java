package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;
import java.util.List;

/**
 * What only bites at three in the morning. In a planned switchover every finding stops it while nothing has been
 * touched; in an emergency findings are reported and nothing waits for a check for long.
 */
final class Preflight extends Phase {

    Preflight(Parts parts) {
        super(parts);
    }

    @Override
    void write() {
        check(
                "Check the secret",
                "Instances read the database's password from this region's replica of the secret.",
                "secretsmanager:describeSecret",
                map("SecretId", settings.secret()),
                "$exists($states.result.DeletedDate) ? 'The secret is scheduled for deletion.' : []",
                "Check the certificate");
        check(
                "Check the certificate",
                "Users and health checks come by HTTPS.",
                "acm:describeCertificate",
                map("CertificateArn", settings.certificateArn()),
                "$states.result.Certificate.Status = 'ISSUED' ? [] : 'The certificate is ' & $states.result.Certificate.Status & '.'",
                "Check the group");
        machine.task(
                        "Check the group",
                        "Its limit, and which launch template it starts instances from.",
                        "autoscaling:describeAutoScalingGroups",
                        map("AutoScalingGroupNames", List.of(settings.group())))
                .patience(Patience.BRIEF)
                .assign(map(
                        "group",
                        is(groupFacts()),
                        "findings",
                        findings("$states.result.AutoScalingGroups[0].MaxSize < " + settings.capacity()
                                + " ? 'The group allows fewer instances than serving takes.' : []")))
                .onAnyError(unchecked(), "Check the instance class")
                .next("Check the launch template");
        machine.task(
                        "Check the launch template",
                        "Which image instances start from.",
                        "ec2:describeLaunchTemplateVersions",
                        map("LaunchTemplateId", is("$group.template"), "Versions", List.of(is("$group.version"))))
                .patience(Patience.BRIEF)
                .assign(map("image", is("$states.result.LaunchTemplateVersions[0].LaunchTemplateData.ImageId")))
                .onAnyError(unchecked(), "Check the instance class")
                .next("Check the image");
        check(
                "Check the image",
                "An image that was deregistered is found out only at launch.",
                "ec2:describeImages",
                map("ImageIds", List.of(is("$image"))),
                "$states.result.Images[0].State = 'available' ? [] : 'The image ' & $image & ' is not available in this region.'",
                "Check the instance class");
        check(
                "Check the instance class",
                "RDS must be able to run the class here when it restarts the database.",
                "rds:describeOrderableDBInstanceOptions",
                map(
                        "Engine",
                        "postgres",
                        "DbInstanceClass",
                        settings.databaseClass(),
                        "EngineVersion",
                        is("$database.version"),
                        "MaxRecords",
                        20),
                "$count($states.result.OrderableDBInstanceOptions) > 0 ? [] : 'RDS offers the database class no more in this region.'",
                "Check the status");
        machine.pass(
                "Check the status",
                "A backup or a change in progress would delay the promotion. A sign that a stopped run has left keeps the leader stopped.",
                map(
                        "findings",
                        findings(("($database.status in " + OPERATIONAL
                                        + " ? [] : 'The database is ' & $database.status & '.'),"
                                        // A replica whose replication has ended may stay available.
                                        + " ($exists($database.replication) and $database.replication != 'replicating'"
                                        + " ? 'Its replication is ' & $database.replication & '.' : []),"
                                        + " ($mode = 'drill' and $signed and $not($committed or $promoted or $claimed)"
                                        + " ? 'THE HANDOVER SIGN STANDS and keeps the leader stopped. If no failover runs, one that"
                                        + " was stopped has left it: start the next attempt, or let the leader serve again: %s' : [])")
                                .formatted(takeBack()))),
                settings.quotaCode() == null ? "May it go on?" : "Check the quota");
        if (settings.quotaCode() != null) {
            machine.task(
                            "Check the quota",
                            "How many vCPUs of this family may run in this region.",
                            "servicequotas:getServiceQuota",
                            map("ServiceCode", "ec2", "QuotaCode", settings.quotaCode()))
                    .patience(Patience.BRIEF)
                    .assign(map("quota", is("$states.result.Quota.Value")))
                    // Where nobody ever asked for more, some quotas have a default only, which this call does not know.
                    .on("ServiceQuotas.NoSuchResourceException", map(), "May it go on?")
                    .onAnyError(unchecked(), "May it go on?")
                    .next("Check the instance type");
            check(
                    "Check the instance type",
                    "Offered in this region, and small enough for the quota at serving capacity.",
                    "ec2:describeInstanceTypes",
                    map("InstanceTypes", List.of(settings.instanceType())),
                    ("$states.result.InstanceTypes[0].VCpuInfo.DefaultVCpus * %d > $quota ? 'The vCPU quota of '"
                                    + " & $string($quota) & ' is too small for serving capacity.' : []")
                            .formatted(settings.capacity()),
                    "May it go on?");
        }
        machine.choice("May it go on?", "A planned switchover does not walk into trouble that it can see.")
                .when("$mode = 'drill'", "Look at fence and replay")
                .when(
                        "$mode = 'planned' and $count($findings) > 0",
                        map(
                                "failedStep",
                                is("$states.context.State.Name"),
                                "why",
                                is("'the preflight found: ' & $join($findings, ' ')")),
                        "Give up")
                .otherwise("Raise the handover sign");
    }
}
