package dev.pilotlight.simulation;

import dev.pilotlight.recovery.asl.Definition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The synthesized runbooks, for tests of other packages. */
public final class TestRunbooks {

    private TestRunbooks() {}

    public static Map<String, Definition> definitions() {
        Map<String, Definition> definitions = new LinkedHashMap<>();
        definitions.put("failover", Runbooks.dev().failover());
        definitions.put("rehearsal", Runbooks.dev().rehearsal());
        return definitions;
    }

    /**
     * Lives through disasters, there and back, that begin with a seed of 1.
     *
     * @param prepared is given each definition before it runs
     */
    public static void live(int disasters, Consumer<Definition> prepared) {
        for (int term : List.of(1, 2)) {
            Runbooks runbooks = Runbooks.ofTerm(term).copy();
            prepared.accept(runbooks.failover());
            prepared.accept(runbooks.rehearsal());
            for (int seed = 1; seed <= disasters / 2; seed++) {
                try {
                    new Disaster(RandomPlan.of(seed, term), seed, runbooks).run();
                } catch (Violation told) {
                    // By the test of the disasters.
                }
            }
        }
    }
}
