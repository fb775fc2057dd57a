package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.local.EmulatorControl;
import java.time.Instant;
import java.time.InstantSource;

/** The emulator's time, which another process may make faster: its pace is asked anew every few seconds. */
final class VirtualTime implements InstantSource {

    private static final long STALE_NANOS = 2_000_000_000L;

    private final EmulatorControl control;
    private long askedAt;
    private boolean asked;

    VirtualTime(String endpoint) {
        this.control = new EmulatorControl(endpoint);
    }

    @Override
    public synchronized Instant instant() {
        if (!asked || System.nanoTime() - askedAt > STALE_NANOS) {
            try {
                control.pace();
            } catch (Failure e) {
                // One that was busy for a moment has not changed its pace.
                if (!asked) {
                    throw e;
                }
            }
            asked = true;
            askedAt = System.nanoTime();
        }
        return control.clock().instant();
    }
}
