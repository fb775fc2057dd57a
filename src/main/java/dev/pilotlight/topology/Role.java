package dev.pilotlight.topology;

/** What a region does at present. The same construct code builds either. */
public enum Role {
    /** Serves users, writes to its database, takes backups. */
    LEADER,
    /** Pilot light: a replica, data copies and a group of capacity zero, ready to be lit. */
    STANDBY
}
