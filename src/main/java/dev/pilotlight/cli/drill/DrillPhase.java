package dev.pilotlight.cli.drill;

import dev.pilotlight.cli.drill.DrillRecord.Clock;
import java.time.Duration;

/**
 * One act of a drill.
 *
 * @param id stable, for programs
 * @param title what it does, for people
 * @param clock what its time is made of
 * @param limit in real time; one that takes longer has failed
 */
record DrillPhase(String id, String title, Clock clock, Duration limit, Body body) {

    /** What a phase does. Whatever it throws fails the drill; so does a check of it that does not hold. */
    interface Body {
        void run() throws Exception;
    }
}
