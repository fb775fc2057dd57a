package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.operate.Assessment.Finding;
import dev.pilotlight.cli.operate.Inspection.Scene;
import dev.pilotlight.topology.RegionName;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** What an inspection saw in each region. */
record Inspected<T>(Inspection<T> inspection, Map<RegionName, Look<T>> seen) {

    /** Every inspection of every region, all of them under way once this returns; each is over when joined. */
    static List<CompletableFuture<Inspected<?>>> beginAll(Site site) {
        List<CompletableFuture<Inspected<?>>> all = new ArrayList<>();
        for (Inspection<?> inspection : Inspection.ALL) {
            all.add(begin(inspection, site));
        }
        return all;
    }

    private static <T> CompletableFuture<Inspected<?>> begin(Inspection<T> inspection, Site site) {
        CompletableFuture<Look<T>> primary = Looks.begin(() -> inspection.look(site, RegionName.PRIMARY));
        CompletableFuture<Look<T>> dr = Looks.begin(() -> inspection.look(site, RegionName.DR));
        return primary.thenCombine(
                dr,
                (first, second) ->
                        new Inspected<>(inspection, Map.of(RegionName.PRIMARY, first, RegionName.DR, second)));
    }

    List<Finding> findings(Scene scene) {
        Map<RegionName, T> known = new EnumMap<>(RegionName.class);
        seen.forEach((region, look) -> look.ifSeen().ifPresent(value -> known.put(region, value)));
        return inspection.findings(known, scene);
    }
}
