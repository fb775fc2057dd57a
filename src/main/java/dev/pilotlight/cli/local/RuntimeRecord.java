package dev.pilotlight.cli.local;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * The local runtime as it was started in the background.
 *
 * @param pid its process
 * @param startedAt when the process started, in milliseconds since 1970; tells it from a later process of the same id
 * @param emulator the process of the emulator that it plays against
 * @param environment what it was told: configuration and names; with others it is started anew
 * @param build a digest of the program: with another it is started anew
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record RuntimeRecord(long pid, long startedAt, long emulator, String environment, String build) {}
