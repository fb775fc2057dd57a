package dev.pilotlight.recovery.failover;

import dev.pilotlight.topology.Claim;

/**
 * What the failover runbook's text is made of. Plain values, some of which CloudFormation fills in.
 *
 * @param region AWS's name of the standby's region
 * @param term the term that it claims
 * @param database identifier of the standby's database
 * @param expectedSource ARN of the leader's database, whose replica it must be
 * @param replicatesLeader false after a restore until the standby is seeded anew: there is nothing to promote then
 * @param group the Auto Scaling group to light
 * @param capacity instances that serve, at least
 * @param startsOnReplica whether the application can be healthy beside a database that takes no writes
 * @param quotaCode Service Quotas' code of the vCPUs of the instance family; null if it is not one of the usual
 * @param rpoMinutes a greater expected loss takes a person
 * @param checkIntervalSeconds of Route 53's health checks
 * @param origin of the standby's own name, as a URL
 * @param outsideArn of the state machine that asks over HTTPS
 * @param witnesses whether there are any to ask
 */
public record FailoverSettings(
        String workload,
        String region,
        int term,
        String database,
        String databaseArn,
        String expectedSource,
        boolean replicatesLeader,
        String databaseClass,
        int backupRetentionDays,
        String group,
        int capacity,
        boolean startsOnReplica,
        String instanceType,
        String quotaCode,
        String secret,
        String bucket,
        int rpoMinutes,
        int checkIntervalSeconds,
        String listenerArn,
        String targetGroupArn,
        String certificateArn,
        String topicArn,
        String origin,
        String outsideArn,
        boolean witnesses) {

    /** Failed or passed checks in a row, before Route 53 changes its mind: the health checks' threshold. */
    public static final int CHECKS = 3;

    /** How long Route 53 takes to see a claim, by its documentation, and one interval more. */
    int claimSeenSeconds() {
        return (CHECKS + 1) * checkIntervalSeconds;
    }

    /** Where the claim is read: by health checks, by agents, and for the runbook itself. */
    String claimUrl() {
        return origin + new Claim(workload, term).path();
    }

    /** How long a planned switchover keeps the leader stopped while it waits for proof. */
    int fencePatienceSeconds() {
        return 600;
    }

    /** Promotion is refused during a backup, and takes longer with size. */
    int promotionPatienceSeconds() {
        return 2 * 3600;
    }

    /** From the promotion, or from when the promoted database was last modified or rebooted, until instances serve. */
    int servicePatienceSeconds() {
        return 3600;
    }

    /** From the start of a run: it ends within five hours, and has half an hour left for the claim and its report. */
    int settlingPatienceSeconds() {
        return 15_300;
    }
}
