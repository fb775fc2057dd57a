package dev.pilotlight.recovery.failover;

import static dev.pilotlight.recovery.Machine.is;
import static dev.pilotlight.recovery.Machine.map;

import dev.pilotlight.recovery.Machine.Patience;
import java.util.List;
import java.util.Map;

/**
 * What only bites at three in the morning. A finding stops a planned switchover while nothing has been touched; in an
 * emergency findings are reported, and nothing waits for a check for long. A remark is reported and stops nothing.
 */
final class Preflight extends Phase {

    private final Capacity capacity;

    Preflight(Parts parts) {
        super(parts);
        this.capacity = new Capacity(parts);
    }

    @Override
    void write() {
        check(
                Kind.FINDING,
                "Check the secret",
                "Instances read the database's password from this region's replica of the secret.",
                "secretsmanager:describeSecret",
                map("SecretId", settings.secret()),
                "$exists($states.result.DeletedDate) ? 'The secret is scheduled for deletion.' : []",
                "Check the certificate");
        check(
                Kind.FINDING,
                "Check the certificate",
                "Users and health checks come by HTTPS.",
                "acm:describeCertificate",
                map("CertificateArn", settings.certificateArn()),
                "$states.result.Certificate.Status = 'ISSUED' ? [] : 'The certificate is ' & $states.result.Certificate.Status & '.'",
                "Check the group");
        checkImage();
        checkClass();
        machine.pass(
                "Check the status",
                "A backup or a change in progress would delay the promotion. A sign that a stopped run has left keeps the leader stopped, and would while instances here are waited for.",
                map(
                        "findings",
                        found(
                                Kind.FINDING,
                                ("($database.status in " + OPERATIONAL
                                                + " ? [] : 'The database is ' & $database.status & '.'),"
                                                // A replica whose replication has ended may stay available.
                                                + " ($exists($database.replication) and $database.replication != 'replicating'"
                                                + " ? 'Its replication is ' & $database.replication & '.' : []),"
                                                + " ($mode != 'emergency' and $sign = 'stands' and $not($committed or $promoted or $claimed)"
                                                + " ? 'THE HANDOVER SIGN STANDS and keeps the leader stopped. ' & ($mode = 'drill'"
                                                + " ? 'If no failover runs, one that was stopped has left it: start the next attempt, or let"
                                                + " the leader serve again: %s' : 'An earlier attempt has left it, and this one goes no further:"
                                                + " it takes it back, so that the leader serves while the next attempt waits for instances"
                                                + " here.') : [])")
                                        .formatted(takeBack()))),
                settings.quotaCode() == null ? "Reckon with the quota" : "Check the quota");
        if (settings.quotaCode() != null) {
            checkQuota();
        }
        machine.pass(
                "Reckon with the quota", "What the group and the quota allow of it.", limits(), "Raise the light?");
        machine.choice("Raise the light?", "To what the leader had, where that is more than the least.")
                .when("$mode != 'drill' and $target > $lit and " + MAY_LIGHT, "Raise the light")
                .otherwise(OutsideLooks.READ_REGION);
        setMinSize("Raise the light", "Minutes before users come, all at once.", "$target")
                .onAnyError(map("litAt", is(NOW)), OutsideLooks.READ_REGION)
                .next(OutsideLooks.READ_REGION);
        machine.choice("May it go on?", "A planned switchover does not walk into trouble that it can see.")
                .when("$mode = 'drill'", "Look at fence and replay")
                .when(
                        "$mode = 'planned' and $not($committed) and $count($findings) > 0",
                        because(is("'the preflight found: ' & $join($findings, ' ')")),
                        "Give up")
                .when("$mode = 'planned' and $not($committed)", map("since", is(NOW)), Readiness.FIRST)
                .otherwise("Raise the handover sign");
    }

    private void checkImage() {
        machine.task(
                        "Check the group",
                        "Its limit, what is suspended of it, and which launch template it starts instances from.",
                        "autoscaling:describeAutoScalingGroups",
                        map("AutoScalingGroupNames", List.of(settings.group())))
                .patience(Patience.BRIEF)
                .assign(seenGroup(
                        "findings",
                        found(
                                Kind.FINDING,
                                "$exists(" + suspended() + ") ? 'Auto Scaling is suspended for ' & $join(" + suspended()
                                        + ", ', ') & ': resume it.' : []")))
                .onAnyError(unchecked(Kind.FINDING), "Ask for the instance class?")
                .next("Check the launch template");
        machine.task(
                        "Check the launch template",
                        "Which image instances start from.",
                        "ec2:describeLaunchTemplateVersions",
                        map("LaunchTemplateId", is("$group.template"), "Versions", List.of(is("$group.version"))))
                .patience(Patience.BRIEF)
                .assign(map("image", is("$states.result.LaunchTemplateVersions[0].LaunchTemplateData.ImageId")))
                .onAnyError(unchecked(Kind.FINDING), "Ask for the instance class?")
                .next("Check the image");
        check(
                Kind.FINDING,
                "Check the image",
                "An image that was deregistered is found out only at launch.",
                "ec2:describeImages",
                map("ImageIds", List.of(is("$image"))),
                "$states.result.Images[0].State = 'available' ? [] : 'The image ' & $image & ' is not available in this region.'",
                "Ask for the instance class?");
    }

    /** Without these two nothing is started, or nothing is sent there. */
    private static String suspended() {
        return "$states.result.AutoScalingGroups[0].SuspendedProcesses[ProcessName in ['Launch', 'AddToLoadBalancer']].ProcessName";
    }

    /** The class only: a minor version that RDS offers no more for new databases is no reason against those that run it. */
    private void checkClass() {
        machine.choice("Ask for the instance class?", "The answer takes seconds, which an emergency does not have.")
                .when("$mode = 'emergency'", "Check the status")
                .otherwise("Check the instance class");
        machine.task(
                        "Check the instance class",
                        "RDS must be able to run the class here when it restarts the database.",
                        "rds:describeOrderableDBInstanceOptions",
                        map("Engine", "postgres", "DbInstanceClass", settings.databaseClass(), "MaxRecords", 20))
                .patience(Patience.SLOW)
                .assign(
                        map(
                                "remarks",
                                found(
                                        Kind.REMARK,
                                        "$count($states.result.OrderableDBInstanceOptions) > 0 ? [] : 'RDS offers the database class no more in this region.'")))
                .onAnyError(unchecked(Kind.REMARK), "Check the status")
                .next("Check the status");
    }

    private void checkQuota() {
        machine.task(
                        "Check the quota",
                        "How many vCPUs of this family may run in this region.",
                        "servicequotas:getServiceQuota",
                        map("ServiceCode", "ec2", "QuotaCode", settings.quotaCode()))
                .patience(Patience.BRIEF)
                .assign(map("quota", is("$states.result.Quota.Value")))
                // Where nobody ever asked for more, some quotas have a default only, which this call does not know.
                .on("ServiceQuotas.NoSuchResourceException", map(), "Reckon with the quota")
                .onAnyError(unchecked(Kind.REMARK), "Reckon with the quota")
                .next("Check the instance type");
        machine.task(
                        "Check the instance type",
                        "Offered in this region, and how many of it the quota allows.",
                        "ec2:describeInstanceTypes",
                        map("InstanceTypes", List.of(settings.instanceType())))
                .patience(Patience.BRIEF)
                .assign(map("affordable", is("$floor($quota / $states.result.InstanceTypes[0].VCpuInfo.DefaultVCpus)")))
                .onAnyError(unchecked(Kind.FINDING), "Reckon with the quota")
                .next("Reckon with the quota");
    }

    /** What the leader serves with must fit; what it once served with should. */
    private Map<String, Object> limits() {
        String serving = Capacity.needed("$hour", settings.capacity());
        String peak = Capacity.needed("$peak", settings.capacity());
        String most = "($exists($group.max) ? $group.max : 1000)";
        Map<String, Object> assign = capacity.reckoned();
        assign.put(
                "findings",
                found(
                        Kind.FINDING,
                        "(" + serving + " > " + most
                                + " ? 'The group allows ' & $string($group.max) & ' instances, and serving takes ' & $string("
                                + serving + ") & '.' : []), (" + serving
                                + " > $affordable ? 'The vCPU quota of ' & $string($quota) & ' is too small for serving capacity, '"
                                + " & $string(" + serving + ") & ' instances.' : [])"));
        assign.put(
                "remarks",
                found(
                        Kind.REMARK,
                        "(" + peak + " > " + most + " and " + serving + " <= " + most
                                + " ? 'The group allows ' & $string($group.max) & ' instances; the leader had ' & $string("
                                + peak + ") & ' at its peak of the last day.' : []), (" + peak + " > $affordable and "
                                + serving
                                + " <= $affordable ? 'The vCPU quota of ' & $string($quota) & ' is too small for the peak of the last day, '"
                                + " & $string(" + peak + ") & ' instances.' : [])"));
        return assign;
    }
}
