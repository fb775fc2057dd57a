package dev.pilotlight.cli.operate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pilotlight.cli.operate.Assessment.Leader;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Role;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * {@code ./pilot status --json}, for programs: docs/status.md says what each key means. A key is always there; what could
 * not be seen is null. A change that breaks a reader raises the version.
 */
final class StatusJson {

    static final int VERSION = 1;

    private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

    private StatusJson() {}

    static String of(Site site, Observed seen, Assessment assessment) {
        try {
            return new ObjectMapper()
                    .writerWithDefaultPrettyPrinter()
                    .writeValueAsString(document(site, seen, assessment));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static ObjectNode document(Site site, Observed seen, Assessment assessment) {
        ObjectNode document = JSON.objectNode();
        document.put("version", VERSION);
        document.put("workload", site.names().workload());
        document.put("environment", site.configuration().environment());
        document.put("account", site.names().account());
        document.put("emulated", site.emulated());
        document.put("at", seen.at().toString());
        document.put("well", assessment.isWell());
        ObjectNode leader = document.putObject("leader");
        leader.put("agreed", assessment.agree());
        leader.set("byClaims", leader(assessment.leaders().claims()));
        leader.set("byConfiguration", leader(Optional.of(assessment.leaders().file())));
        leader.set("byDeployment", leader(assessment.leaders().deployed()));
        leader.set("byDatabases", leader(assessment.leaders().databases()));
        ObjectNode regions = document.putObject("regions");
        for (RegionName region : RegionName.values()) {
            regions.set(region.id(), region(site, region, seen.regions().get(region)));
        }
        ArrayNode findings = document.putArray("findings");
        assessment
                .findings()
                .forEach(finding -> findings.addObject()
                        .put("id", finding.id())
                        .put("level", finding.level().name().toLowerCase(Locale.ROOT))
                        .put("subject", finding.subject())
                        .put("says", finding.says())
                        .put("todo", finding.todo().isEmpty() ? null : finding.todo()));
        ObjectNode next = document.putObject("next");
        next.put("says", assessment.next().says());
        next.put("append", assessment.next().append().map(RegionName::id).orElse(null));
        ArrayNode commands = next.putArray("commands");
        assessment.next().commands().forEach(commands::add);
        return document;
    }

    private static ObjectNode leader(Optional<Leader> leader) {
        return leader.map(found ->
                        JSON.objectNode().put("region", found.region().id()).put("term", found.term()))
                .orElse(null);
    }

    private static ObjectNode region(Site site, RegionName region, Observed.InRegion seen) {
        ObjectNode node = JSON.objectNode();
        node.put("region", site.names().regionOf(region));
        node.put("answers", seen.answers());
        node.set(
                "claims",
                seen.rules().ifSeen().map(rules -> terms(rules.claims())).orElse(null));
        node.set(
                "handoverSigns",
                seen.rules().ifSeen().map(rules -> terms(rules.handovers())).orElse(null));
        node.set(
                "stack",
                seen.stack()
                        .ifSeen()
                        .flatMap(Function.identity())
                        .map(stack -> JSON.objectNode()
                                .put("role", stack.role() == Role.LEADER ? "leader" : "standby")
                                .put("term", stack.term())
                                .put("database", stack.database())
                                .put("status", stack.status()))
                        .orElse(null));
        node.set(
                "databases",
                seen.databases().ifSeen().map(StatusJson::databases).orElse(null));
        node.set(
                "group",
                seen.group()
                        .ifSeen()
                        .flatMap(Function.identity())
                        .map(group -> JSON.objectNode()
                                .put("least", group.least())
                                .put("most", group.most())
                                .put("desired", group.desired())
                                .put("inService", group.inService()))
                        .orElse(null));
        node.put("healthyTargets", seen.healthyTargets().ifSeen().orElse(null));
        node.put("certificate", seen.certificate().ifSeen().orElse(null));
        node.set("heartbeat", point(seen.metrics().ifSeen().map(Observed.Metrics::heartbeat)));
        node.set("writable", point(seen.metrics().ifSeen().map(Observed.Metrics::writable)));
        node.set(
                "replicaLag",
                point(seen.metrics()
                        .ifSeen()
                        .map(metrics -> metrics.lag()
                                .getOrDefault(
                                        site.topology().databaseIn(region).ref().index(), List.of()))));
        node.set(
                "rehearsal",
                seen.rehearsal()
                        .ifSeen()
                        .flatMap(Function.identity())
                        .map(rehearsal -> JSON.objectNode()
                                .put("at", rehearsal.at().toString())
                                .put("outcome", rehearsal.outcome()))
                        .orElse(null));
        node.set(
                "failover",
                seen.runbook()
                        .ifSeen()
                        .flatMap(Function.identity())
                        .flatMap(Observed.Runs::newest)
                        .map(run -> JSON.objectNode()
                                .put("name", run.name())
                                .put("status", run.status())
                                .put("started", run.started().toString()))
                        .orElse(null));
        return node;
    }

    private static ArrayNode terms(Iterable<Integer> terms) {
        ArrayNode array = JSON.arrayNode();
        terms.forEach(array::add);
        return array;
    }

    private static ArrayNode databases(List<Observed.Database> databases) {
        ArrayNode array = JSON.arrayNode();
        databases.forEach(database -> array.addObject()
                .put("index", database.index())
                .put("source", database.source().orElse(null))
                .put("status", database.status())
                .put("promotion", database.promotion().orElse(null)));
        return array;
    }

    private static ObjectNode point(Optional<List<ExpectedLoss.Point>> points) {
        return points.flatMap(list -> list.stream().findFirst())
                .map(newest ->
                        JSON.objectNode().put("at", newest.at().toString()).put("value", newest.value()))
                .orElse(null);
    }
}
