package dev.pilotlight.config;

/** How much is spent on availability. */
public enum Profile {
    /** The smallest sensible sizes: single-AZ database, instances in public subnets, no NAT gateway. */
    ECONOMY,
    /** Multi-AZ, private subnets with NAT in both regions, deletion and termination protection. */
    PRODUCTION
}
