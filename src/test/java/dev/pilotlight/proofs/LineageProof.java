package dev.pilotlight.proofs;

import com.fasterxml.jackson.databind.JsonNode;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.proofs.TemplateChange.Kind;
import dev.pilotlight.proofs.TemplateChange.PropertyChange;
import dev.pilotlight.proofs.TemplateChange.ResourceChange;
import dev.pilotlight.stacks.DrFoundationStack;
import dev.pilotlight.stacks.DrStack;
import dev.pilotlight.stacks.PrimaryStack;
import dev.pilotlight.stacks.Workload;
import dev.pilotlight.testing.Intrinsics;
import dev.pilotlight.testing.Stateful;
import dev.pilotlight.testing.SynthesizedApp;
import dev.pilotlight.testing.SynthesizedApp.StackTemplate;
import dev.pilotlight.testing.TestConfigurations;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.Creation.ReplicaOf;
import dev.pilotlight.topology.Database;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.DatabaseRef;
import dev.pilotlight.topology.RdsPermits;
import dev.pilotlight.topology.RegionAnswer;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Role;
import dev.pilotlight.topology.Topology;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The three stacks of one environment before and after a lineage entry, and the rules that the difference must keep. The
 * two templates of a stack can be swapped for changed ones, to see that a rule can fail.
 */
final class LineageProof {

    /** Only these may be deleted or replaced: none holds data, and nothing that serves needs them. */
    static final Map<String, String> MAY_GO = new TreeMap<>(Map.of(
            "AWS::Backup::BackupPlan", "backups are the leader's; recovery points stay in their vault",
            "AWS::Backup::BackupSelection", "names the leader's database by ARN, and cannot be changed, only replaced",
            "AWS::CloudWatch::Alarm",
                    "a leader is watched for its replica's slot, a standby for its lag, and from there the leader",
            "AWS::CloudWatch::CompositeAlarm", "that the leader is lost is found out by the standby",
            "AWS::Events::Connection", "of the standby's looks from outside, which holds no secret",
            "AWS::Events::Rule",
                    "failed backup jobs are reported where backups are made, and the failover starts elsewhere",
            "AWS::IAM::ManagedPolicy", "what the runbooks may do goes with them",
            "AWS::IAM::Role", "the roles of the standby's runbooks go with them",
            "AWS::Scheduler::Schedule", "rehearsals and the probe are the standby's",
            "AWS::StepFunctions::StateMachine",
                    "the runbooks are the standby's; a run that goes on is not ended by it"));

    /** Properties of a database that may change in place with the lineage, with the reason. There is none. */
    private static final Map<String, String> MAY_CHANGE_ON_A_DATABASE = Map.of();

    /** As the documented set-up writes them. */
    static final String IMAGES = "{'primary': 'ami-0123456789abcdef0', 'dr': 'ami-0fedcba9876543210'}";

    private static final Map<List<String>, Configuration> CONFIGURATIONS = new ConcurrentHashMap<>();

    /** The three stacks, in the order of a first deploy. */
    static final List<String> STACKS = List.of(DrFoundationStack.ID, PrimaryStack.ID, DrStack.ID);

    private final Configuration before;
    private final Configuration after;
    private final Map<String, JsonNode> templatesBefore = new LinkedHashMap<>();
    private final Map<String, JsonNode> templatesAfter = new LinkedHashMap<>();
    private final Map<String, String> regions = new LinkedHashMap<>();
    private final Map<String, List<String>> dependencies = new LinkedHashMap<>();

    LineageProof(String environment, Transition transition) {
        this.before = configuration(environment, transition.before());
        this.after = configuration(environment, transition.after());
        for (StackTemplate stack : SynthesizedApp.of(before).stacks()) {
            templatesBefore.put(stack.name(), stack.template());
        }
        for (StackTemplate stack : SynthesizedApp.of(after).stacks()) {
            templatesAfter.put(stack.name(), stack.template());
            regions.put(stack.name(), stack.region());
            dependencies.put(stack.name(), stack.dependsOn());
        }
    }

    private LineageProof(LineageProof other) {
        this.before = other.before;
        this.after = other.after;
        other.templatesBefore.forEach((stack, template) -> templatesBefore.put(stack, template.deepCopy()));
        other.templatesAfter.forEach((stack, template) -> templatesAfter.put(stack, template.deepCopy()));
        this.regions.putAll(other.regions);
        this.dependencies.putAll(other.dependencies);
    }

    /** The same with templates of its own, which a test may change. */
    LineageProof copy() {
        return new LineageProof(this);
    }

    JsonNode templateBefore(String stack) {
        return templatesBefore.get(stack);
    }

    JsonNode templateAfter(String stack) {
        return templatesAfter.get(stack);
    }

    Topology topologyBefore() {
        return before.databaseLineage().topology();
    }

    Topology topologyAfter() {
        return after.databaseLineage().topology();
    }

    TemplateChange change(String stack) {
        return TemplateChange.between(
                templatesBefore.get(stack), templatesAfter.get(stack), ResourceSchemas.of(regions.get(stack)));
    }

    /** What is not as it must be, each with the stack, the resource and the property; empty if the transition is proven. */
    List<String> violations() {
        List<String> violations = new ArrayList<>();
        for (String stack : STACKS) {
            TemplateChange change = change(stack);
            List<String> found = new ArrayList<>();
            for (ResourceChange resource : change.resources().values()) {
                for (String problem : problems(stack, resource)) {
                    found.add(resource.type() + " " + resource.name() + ": " + problem);
                }
            }
            found.addAll(namesTakenTwice(change));
            if (!stack.equals(DrFoundationStack.ID)) {
                found.addAll(databasesNotAsTheLineageSays(stack, change));
                found.addAll(claimsNotAsTheLineageSays(stack));
            }
            found.forEach(problem -> violations.add(stack + ": " + problem));
        }
        violations.addAll(sourcesMissing());
        return violations;
    }

    private List<String> problems(String stack, ResourceChange resource) {
        List<String> problems = new ArrayList<>();
        if (Stateful.TYPES.contains(resource.type())) {
            stateful(resource, problems);
        } else if (resource.kind().endsTheResource() && !MAY_GO.containsKey(resource.type())) {
            problems.add(ends(resource));
        }
        switch (resource.type()) {
            case "AWS::IAM::ManagedPolicy", "AWS::IAM::Policy", "AWS::IAM::Role" -> role(stack, resource, problems);
            case "AWS::ElasticLoadBalancingV2::ListenerRule" -> {
                if (resource.kind() != Kind.UNCHANGED && resource.kind() != Kind.ADDED) {
                    problems.add("a claim, the region's answer, or what answers that there is no claim, changes: "
                            + resource.kind());
                }
            }
            case "AWS::RDS::DBInstance" -> database(stack, resource, problems);
            case "AWS::Route53::HealthCheck" -> {
                // A new one counts as healthy, an inverted one as unhealthy, until it has data.
                if (resource.kind() == Kind.ADDED) {
                    problems.add("a health check is new");
                }
            }
            case "AWS::Route53::RecordSet" -> {
                if (resource.kind() != Kind.UNCHANGED) {
                    problems.add("a record changes: " + resource.kind());
                }
            }
            case "AWS::AutoScaling::AutoScalingGroup" -> group(stack, resource, problems);
            case "AWS::EC2::LaunchTemplate" -> {
                if (serving(stack) && !restored(stack) && resource.kind() != Kind.UNCHANGED) {
                    problems.add("the serving region's instances would be replaced by an instance refresh");
                }
            }
            default -> {
                // Nothing beyond what holds for all.
            }
        }
        return problems;
    }

    private void stateful(ResourceChange resource, List<String> problems) {
        if (resource.kind().endsTheResource()) {
            problems.add(ends(resource));
        }
        if (resource.kind() == Kind.LEFT_RETAINED && !isOfTheStaleDatabase(resource)) {
            problems.add("leaves the template");
        }
        for (JsonNode side : List.of(orMissing(resource.before()), orMissing(resource.after()))) {
            if (side.isMissingNode()) {
                continue;
            }
            if (!side.path("DeletionPolicy").asText().startsWith("Retain")) {
                problems.add("has no DeletionPolicy that retains it");
            }
            if (!side.path("UpdateReplacePolicy").asText().equals("Retain")) {
                problems.add("has no UpdateReplacePolicy that retains it");
            }
        }
    }

    private void database(String stack, ResourceChange database, List<String> problems) {
        if (database.before() != null && database.after() != null) {
            for (PropertyChange property : database.properties()) {
                if (!MAY_CHANGE_ON_A_DATABASE.containsKey(property.name())) {
                    problems.add("property " + property.name() + " of a database changes");
                }
            }
        }
        problems.addAll(HandlerRules.objections(database, !serving(stack)));
        restored(database, problems);
    }

    /**
     * What leads may lose what only the standby does, and never needs a role that it has not had: IAM's control plane may
     * be in the region that is lost, and AWS Backup manages what it made with a role only while that exists.
     */
    private void role(String stack, ResourceChange role, List<String> problems) {
        if (leads(stack) && role.kind() == Kind.ADDED) {
            problems.add("comes with leadership, when IAM may be lost");
        }
        if (!leads(stack) && role.kind().endsTheResource()) {
            problems.add("goes with leadership, and with it what was made by it");
        }
    }

    private boolean leads(String stack) {
        RegionName region = stack.equals(DrFoundationStack.ID) ? RegionName.DR : region(stack);
        return topologyAfter().roleOf(region) == Role.LEADER;
    }

    /** RDS restores nothing to a time that never wrote, whatever the lineage says. */
    private void restored(ResourceChange database, List<String> problems) {
        if (database.kind() != Kind.ADDED
                || !database.after().path("Properties").has("RestoreTime")) {
            return;
        }
        String source = database.property("SourceDBInstanceIdentifier").asText();
        Workload workload = Workload.of(after);
        int own = Integer.parseInt(identifier(database).replaceFirst(".*-db-", ""));
        DatabaseLineage then =
                new DatabaseLineage(after.databaseLineage().entries().subList(0, Math.max(own, 2)));
        for (int index = 0; index < then.entries().size(); index++) {
            DatabaseRef ref = new DatabaseRef(index, then.entries().get(index).region());
            if (workload.names().database(ref).equals(source)) {
                RdsPermits.Rule rule = RdsPermits.of(then.originOf(ref), RdsPermits.Operation.RESTORE_TO_TIME);
                if (!rule.permitted()) {
                    problems.add("is restored to a time from %s: %s".formatted(source, rule.error()));
                }
                return;
            }
        }
        problems.add("is restored to a time from %s, which the lineage does not know".formatted(source));
    }

    private void group(String stack, ResourceChange group, List<String> problems) {
        if (group.after() != null && group.after().path("Properties").has("DesiredCapacity")) {
            problems.add("DesiredCapacity would reset a group that runbook or load have scaled");
        }
        if (serving(stack) && !restored(stack)) {
            for (PropertyChange property : group.properties()) {
                if (!property.name().equals("MinSize")) {
                    problems.add("the serving region's group changes in " + property.name());
                }
            }
        }
    }

    /** The database of the lineage leaves or stays, and the new one comes: the rules above would hold for no change, too. */
    private List<String> databasesNotAsTheLineageSays(String stack, TemplateChange change) {
        RegionName region = region(stack);
        Workload workload = Workload.of(after);
        Database old = topologyBefore().databaseIn(region);
        Database now = topologyAfter().databaseIn(region);
        Map<String, Kind> expected = new LinkedHashMap<>();
        if (old.equals(now)) {
            expected.put(workload.names().database(old.ref()), Kind.UNCHANGED);
        } else {
            expected.put(workload.names().database(old.ref()), Kind.LEFT_RETAINED);
            expected.put(workload.names().database(now.ref()), Kind.ADDED);
        }
        Map<String, Kind> found = new LinkedHashMap<>();
        change.resources().values().stream()
                .filter(ResourceChange::isDatabase)
                .forEach(database -> found.put(identifier(database), database.kind()));
        return found.equals(expected) ? List.of() : List.of("databases are " + found + " instead of " + expected);
    }

    /** The claims of restores that took leadership, all of them and no other: a failover's claim is the runbook's. */
    private List<String> claimsNotAsTheLineageSays(String stack) {
        List<String> expected = new ArrayList<>();
        for (int term : after.databaseLineage().restoredTermsIn(region(stack))) {
            Claim claim = new Claim(after.name(), term);
            expected.add(claim.priority() + " " + claim.path() + " " + claim.text());
        }
        List<String> found = new ArrayList<>();
        for (JsonNode resource : templatesAfter.get(stack).path("Resources")) {
            JsonNode rule = resource.path("Properties");
            if (resource.path("Type").asText().equals("AWS::ElasticLoadBalancingV2::ListenerRule")
                    && rule.at("/Actions/0/FixedResponseConfig/StatusCode")
                            .asText()
                            .equals("200")
                    && !rule.at("/Conditions/0/PathPatternConfig/Values/0")
                            .asText()
                            .equals(RegionAnswer.PATH)) {
                found.add(rule.path("Priority").asInt() + " "
                        + rule.at("/Conditions/0/PathPatternConfig/Values/0").asText() + " "
                        + rule.at("/Actions/0/FixedResponseConfig/MessageBody").asText());
                if (!resource.path("DeletionPolicy").asText().startsWith("Retain")) {
                    found.add("not retained");
                }
            }
        }
        return found.equals(expected) ? List.of() : List.of("claims are " + found + " instead of " + expected);
    }

    /** A custom name of something that leaves, retained or not, is still taken when what comes is created. */
    private static List<String> namesTakenTwice(TemplateChange change) {
        Map<String, String> taken = new LinkedHashMap<>();
        change.resources().values().stream()
                .filter(resource -> resource.after() == null || resource.kind().endsTheResource())
                .forEach(resource -> physicalNames(resource).forEach(name -> taken.put(name, resource.name())));
        List<String> twice = new ArrayList<>();
        change.resources().values().stream()
                .filter(resource -> resource.kind() == Kind.ADDED)
                .forEach(resource -> physicalNames(resource).stream()
                        .filter(taken::containsKey)
                        .forEach(name -> twice.add("%s %s: its name is that of %s: %s"
                                .formatted(resource.type(), resource.name(), taken.get(name), name))));
        return twice;
    }

    private static List<String> physicalNames(ResourceChange resource) {
        List<String> names = new ArrayList<>();
        for (String property : List.of(
                "DBInstanceIdentifier",
                "LogGroupName",
                "AutoScalingGroupName",
                "BucketName",
                "TableName",
                "AliasName",
                "Priority",
                "StateMachineName")) {
            if (!resource.property(property).isMissingNode()) {
                names.add(resource.type() + " " + Intrinsics.text(resource.property(property)));
            }
        }
        return names;
    }

    /** A replica that is to be created finds its source: the leader's database, in the stack that is deployed before. */
    private List<String> sourcesMissing() {
        Topology topology = topologyAfter();
        String leader = stack(topology.leader());
        String standby = stack(topology.standby());
        Workload workload = Workload.of(after);
        List<String> missing = new ArrayList<>();
        if (!dependencies.get(standby).contains(leader)
                || dependencies.get(leader).contains(standby)) {
            missing.add("%s, the standby's, is not deployed after %s".formatted(standby, leader));
        }
        // After a restore the standby follows what led before, until the lineage seeds it anew.
        if (topology.standbyReplicatesLeader()) {
            for (ResourceChange database : change(standby).of(Kind.ADDED)) {
                String source = Intrinsics.text(database.property("SourceDBInstanceIdentifier"));
                String expected = ":rds:%s:${AWS::AccountId}:db:%s"
                        .formatted(
                                workload.names().regionOf(topology.leader()),
                                workload.names()
                                        .database(topology.leadingDatabase().ref()));
                if (database.isDatabase() && !source.endsWith(expected)) {
                    missing.add("%s: %s replicates %s instead of the leader's %s"
                            .formatted(standby, database.name(), source, expected));
                }
            }
        }
        return missing;
    }

    /** Whether the deploy would create a replica of a database that has left its template and is only retained. */
    boolean createsReplicaOfWhatLeft() {
        Topology topology = topologyAfter();
        Database standby = topology.databaseIn(topology.standby());
        return standby.creation() instanceof ReplicaOf
                && !topology.standbyReplicatesLeader()
                && !standby.equals(topologyBefore().databaseIn(topology.standby()));
    }

    private boolean isOfTheStaleDatabase(ResourceChange resource) {
        for (RegionName region : RegionName.values()) {
            Database old = topologyBefore().databaseIn(region);
            if (!old.equals(topologyAfter().databaseIn(region))) {
                String identifier = Workload.of(before).names().database(old.ref());
                String logs = "/aws/rds/instance/" + identifier + "/";
                if (resource.isDatabase()
                        ? identifier(resource).equals(identifier)
                        : resource.property("LogGroupName").asText().startsWith(logs)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String ends(ResourceChange resource) {
        List<String> why = resource.properties().stream()
                .filter(property -> property.replacement() != ResourceSchemas.Replacement.NO)
                .map(property ->
                        property.name() + (property.through().isEmpty() ? "" : " through " + property.through()))
                .toList();
        return resource.kind() + (why.isEmpty() ? "" : " because of " + String.join(", ", why));
    }

    private boolean serving(String stack) {
        return !stack.equals(DrFoundationStack.ID) && topologyAfter().roleOf(region(stack)) == Role.LEADER;
    }

    /** Whether the region's database is another than before: its instances must learn its endpoint. */
    private boolean restored(String stack) {
        return !topologyBefore()
                .databaseIn(region(stack))
                .equals(topologyAfter().databaseIn(region(stack)));
    }

    static RegionName region(String stack) {
        return stack.equals(PrimaryStack.ID) ? RegionName.PRIMARY : RegionName.DR;
    }

    static String stack(RegionName region) {
        return region == RegionName.PRIMARY ? PrimaryStack.ID : DrStack.ID;
    }

    private static String identifier(ResourceChange database) {
        return database.property("DBInstanceIdentifier").asText();
    }

    private static JsonNode orMissing(JsonNode node) {
        return node == null ? com.fasterxml.jackson.databind.node.MissingNode.getInstance() : node;
    }

    private static Configuration configuration(String environment, List<String> lineage) {
        List<String> key = new ArrayList<>(lineage);
        key.add(environment);
        return CONFIGURATIONS.computeIfAbsent(
                key,
                missing -> TestConfigurations.with(
                        environment,
                        "{'databaseLineage': [%s], 'compute': {'ami': %s}}"
                                .formatted(String.join(", ", lineage), IMAGES)));
    }
}
