package dev.pilotlight.simulation;

import dev.pilotlight.recovery.asl.Definition;
import java.util.LinkedHashMap;
import java.util.Map;

/** The synthesized runbooks, for tests of other packages. */
public final class TestRunbooks {

    private TestRunbooks() {}

    public static Map<String, Definition> definitions() {
        Map<String, Definition> definitions = new LinkedHashMap<>();
        definitions.put("failover", Runbooks.dev().failover());
        definitions.put("rehearsal", Runbooks.dev().rehearsal());
        return definitions;
    }
}
