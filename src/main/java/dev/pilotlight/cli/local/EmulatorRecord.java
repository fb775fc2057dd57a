package dev.pilotlight.cli.local;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * The emulator as it was started. Its memory is all that it has: when it ends, what was deployed to it is gone.
 *
 * @param pid its process
 * @param startedAt when the process started, in milliseconds since 1970; tells it from a later process of the same id
 * @param port on 127.0.0.1
 * @param settings what it was started with
 * @param deploying whether a deploy began that has not ended well: what it holds then is anyone's guess
 */
@JsonIgnoreProperties(ignoreUnknown = true)
record EmulatorRecord(long pid, long startedAt, int port, EmulatorSettings settings, boolean deploying) {

    EmulatorRecord deploying(boolean now) {
        return new EmulatorRecord(pid, startedAt, port, settings, now);
    }

    EmulatorRecord port(int taken) {
        return new EmulatorRecord(pid, startedAt, taken, settings, deploying);
    }

    String endpoint() {
        return "http://127.0.0.1:" + port;
    }
}
