package dev.pilotlight.simulation;

/**
 * What the world needs to know of the runbook's configuration.
 *
 * @param term that the runbook claims
 * @param leaderDatabaseTerm in which the leader's database joined the lineage
 */
record Facts(
        String workload,
        String failoverArn,
        int term,
        int leaderDatabaseTerm,
        int capacity,
        int checkIntervalSeconds,
        int rpoMinutes,
        int backupRetentionDays,
        String leaderDatabaseArn) {}
