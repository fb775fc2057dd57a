package dev.pilotlight.recovery;

import dev.pilotlight.config.Configuration;
import dev.pilotlight.topology.Handover;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Topology;

/**
 * What a person reads at three in the morning: the text of the alarm that says that the leader's region is lost, and of
 * those about runs that ended as they should not. CloudWatch mails at most {@value #LIMIT} characters.
 */
record Page(Names names, Topology topology, Configuration configuration) {

    /** Of an alarm's description. */
    static final int LIMIT = 1024;

    /** Both signals. It holds all that is needed to begin. */
    String regionLost() {
        String lost = names.regionOf(topology.leader());
        String standby = names.regionOf(topology.standby());
        String seen = "%s: for 3 minutes no heartbeat from %s, and https://%s/ does not answer %s. "
                .formatted(names.workload(), lost, names.recordName(), standby);
        if (!topology.standbyReplicatesLeader()) {
            return seen + "The database in " + standby
                    + " does not replicate the leader's, so there is nothing to fail over"
                    + " to: get " + lost + " back, or restore in " + standby
                    + " by an entry in databaseLineage with a snapshot.";
        }
        return seen
                + "LOOK: https://%s/ and the AWS Health Dashboard. If only the workload is down, mend"
                        .formatted(names.host(topology.leader()))
                + " that. IF THE REGION IS LOST, fail over to " + standby + ": ./pilot failover --env "
                + configuration.environment() + " or " + command()
                + " Name taken: look, use next. If it stops for loss: who may decide starts the next with"
                + " acceptDataLoss true. AFTERWARDS FIRST: append \""
                + topology.leader().id()
                + "\" to databaseLineage."
                + (configuration.detection().startsFailover()
                        ? " IT STARTS BY ITSELF in 5 minutes if witnesses answer, unless you stop the execution of "
                                + names.runbook(topology.standby(), Detection.STARTER) + "."
                        : "");
    }

    /** Whoever relies on the automatic start must hear that it did not work. */
    String notStarted() {
        return "The automatic start did not start the failover of %s: its alarms could not be read, too few witnesses answered (this region may be the one cut off: is %s serving?), or the start was refused. The starter's last execution says which. If the region is lost: "
                        .formatted(names.workload(), names.regionOf(topology.leader()))
                + command();
    }

    /** A failover that was killed could not clear up. */
    String failoverEnded(String how) {
        return "A failover of %s %s, so it could not clear up (a drill, drill-term-…, has nothing to clear up). Before the promotion that leaves its handover sign on the load"
                        .formatted(names.workload(), how)
                + " balancer, and the leader stays stopped. Way on: start the next attempt (number K); it resumes, or takes"
                + " the sign back if it gives up: " + command().replace("attempt-1", "attempt-K")
                + " Not moving after all, and the replica still has its source? Delete the rule whose path is %s from the HTTPS listener in %s."
                        .formatted(
                                new Handover(names.workload(), topology.nextTerm()).path(),
                                names.regionOf(topology.standby()));
    }

    /** A rehearsal that was killed may have left its instance. */
    String rehearsalEnded(String how) {
        return "A rehearsal of %s %s: a failover might fail the same way. Its instance may still run; if no failover is on, stop it: "
                        .formatted(names.workload(), how)
                + "aws autoscaling set-desired-capacity --region %s --auto-scaling-group-name %s --desired-capacity 0. "
                        .formatted(names.regionOf(topology.standby()), names.autoScalingGroup(topology.standby()))
                + "Then look at its execution, and rehearse again: " + rehearse();
    }

    String rehearsalOverdue() {
        return "No rehearsal of %s has succeeded for 7 days, or none since this region became the standby: images, capacity"
                        .formatted(names.workload())
                + " or keys may be missing in a disaster. Rehearse now, in working hours: " + rehearse();
    }

    private String command() {
        return start(
                Recovery.FAILOVER,
                " --name %s --input '{\"mode\":\"emergency\",\"acceptDataLoss\":false,\"reason\":\"region lost\"}'."
                        .formatted(StarterDefinition.name(topology.nextTerm())));
    }

    private String rehearse() {
        return start(Recovery.REHEARSAL, " --input '{}'.");
    }

    private String start(String purpose, String more) {
        RegionName standby = topology.standby();
        return "aws stepfunctions start-execution --region %s --state-machine-arn %s"
                        .formatted(names.regionOf(standby), names.runbookArn(standby, purpose))
                + more;
    }
}
