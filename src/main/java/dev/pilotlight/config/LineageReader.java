package dev.pilotlight.config;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.IllegalLineageException;
import dev.pilotlight.topology.LineageEntry;
import dev.pilotlight.topology.LineageEntry.RestoreFrom;
import dev.pilotlight.topology.LineageEntry.RestoreTo;
import dev.pilotlight.topology.LineageEntry.Seeded;
import dev.pilotlight.topology.RegionName;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code databaseLineage}. A schema can only say that no alternative fits; this says what to write instead. */
final class LineageReader {

    private static final List<String> KEYS = List.of("region", "restoreTo", "snapshot");
    private static final Pattern UTC = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
    private static final String TIME = "a time in UTC, such as \"2026-11-20T10:00:00Z\"";
    static final String ARN =
            "the ARN of an RDS snapshot, such as \"arn:aws:rds:eu-central-1:111122223333:snapshot:before-release-42\"";

    private final Problems problems;

    private LineageReader(Problems problems) {
        this.problems = problems;
    }

    /** The lineage, or nothing if something is wrong with it, which is then among the problems. */
    static Optional<DatabaseLineage> read(JsonNode list, Problems problems) {
        List<LineageEntry> entries = new LineageReader(problems).entries(list);
        if (entries.size() < list.size()) {
            return Optional.empty();
        }
        try {
            return Optional.of(new DatabaseLineage(entries));
        } catch (IllegalLineageException e) {
            if (e.index() >= list.size()) {
                problems.add("databaseLineage", "has too few entries: " + e.getMessage());
            } else {
                String value = e.index() < 2 ? Values.quote(list.get(e.index())) + " is out of place: " : "";
                problems.add(key(e.index()), value + e.getMessage());
            }
            return Optional.empty();
        }
    }

    static String key(int index) {
        return "databaseLineage[" + index + "]";
    }

    private List<LineageEntry> entries(JsonNode list) {
        List<LineageEntry> entries = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            entry(key(i), list.get(i)).ifPresent(entries::add);
        }
        return entries;
    }

    private Optional<LineageEntry> entry(String key, JsonNode node) {
        if (node.isObject()) {
            return restore(key, node);
        }
        return place(key, node).map(Seeded::new);
    }

    private Optional<RegionName> place(String key, JsonNode node) {
        for (RegionName region : RegionName.values()) {
            if (node.isTextual() && region.id().equals(node.textValue())) {
                return Optional.of(region);
            }
        }
        problems.add(key, Values.quote(node) + " is not \"primary\" or \"dr\"; write one of them");
        return Optional.empty();
    }

    private Optional<LineageEntry> restore(String key, JsonNode node) {
        boolean known = knownKeys(key, node);
        if (!node.has("region")) {
            problems.add(
                    key + ".region", "is missing; add \"primary\" or \"dr\", where the restored database is to be");
            return Optional.empty();
        }
        Optional<RegionName> region = place(key + ".region", node.get("region"));
        if (node.has("restoreTo") == node.has("snapshot")) {
            if (known) {
                String has = node.has("snapshot") ? "both \"restoreTo\" and" : "neither \"restoreTo\" nor";
                problems.add(
                        key, "has " + has + " \"snapshot\"; give one of them, or only the region's name for a replica");
            }
            return Optional.empty();
        }
        Optional<LineageEntry> entry = node.has("restoreTo")
                ? time(key + ".restoreTo", node.get("restoreTo"))
                        .flatMap(time -> region.map(place -> new RestoreTo(place, time)))
                : snapshot(key + ".snapshot", node.get("snapshot"))
                        .flatMap(arn -> region.map(place -> new RestoreFrom(place, arn)));
        return known ? entry : Optional.empty();
    }

    private boolean knownKeys(String key, JsonNode node) {
        boolean known = true;
        for (Iterator<String> names = node.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!KEYS.contains(name)) {
                known = false;
                String guess = Values.didYouMean(name, KEYS);
                problems.add(
                        key + "." + name,
                        "is not a known key" + (guess.isEmpty() ? "; the keys here are " + Values.list(KEYS) : guess));
            }
        }
        return known;
    }

    private Optional<Instant> time(String key, JsonNode node) {
        if (node.isTextual() && UTC.matcher(node.textValue()).matches()) {
            try {
                return Optional.of(Instant.parse(node.textValue()));
            } catch (DateTimeException e) {
                problems.add(key, Values.quote(node) + " is not a date and time that exists; write " + TIME);
                return Optional.empty();
            }
        }
        problems.add(key, Values.quote(node) + " is not in the form expected; write " + TIME);
        return Optional.empty();
    }

    private Optional<String> snapshot(String key, JsonNode node) {
        if (!node.isTextual()) {
            problems.add(key, Values.quote(node) + " is not a string; write " + ARN);
            return Optional.empty();
        }
        return Optional.of(node.textValue());
    }
}
