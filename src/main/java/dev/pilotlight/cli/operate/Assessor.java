package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.operate.Assessment.Finding;
import dev.pilotlight.cli.operate.Assessment.Leader;
import dev.pilotlight.cli.operate.Assessment.Leaders;
import dev.pilotlight.cli.operate.Assessment.Level;
import dev.pilotlight.cli.operate.Assessment.Next;
import dev.pilotlight.cli.operate.Observed.Database;
import dev.pilotlight.cli.operate.Observed.Run;
import dev.pilotlight.cli.operate.Observed.Stack;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.LineageEntry.Seeded;
import dev.pilotlight.topology.RegionAnswer;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Role;
import dev.pilotlight.topology.Topology;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Judges what was seen. Plain Java: what is true in each combination of claims, lineage, stacks and databases is tested
 * in milliseconds.
 *
 * <p>Two topologies are told apart. The <em>file's</em> is what this clone's configuration says. The one <em>in
 * force</em> is what the deployed stacks amount to: the longest beginning of the file's lineage that one of them holds.
 */
final class Assessor {

    private static final Duration SILENT = Duration.ofMinutes(3);
    /** As long as the alarm RehearsalOverdue waits, and a day's grace. */
    private static final Duration REHEARSED = Duration.ofDays(8);

    private final Observed seen;
    private final Function<RegionName, String> called;
    private final Instructions instructions;
    private final DatabaseLineage lineage;
    private final Topology file;
    private final Topology inForce;
    /** How many entries of the file's lineage that is. */
    private final int deployed;

    private final Map<RegionName, Deployment> deployments = new EnumMap<>(RegionName.class);
    private final Map<RegionName, NavigableSet<Integer>> claims = new EnumMap<>(RegionName.class);
    private final List<Finding> findings = new ArrayList<>();

    /** How a region's stack compares with the file. */
    private enum Deployment {
        UNKNOWN,
        ABSENT,
        CURRENT,
        /** It holds an earlier lineage: the file is ahead. */
        BEHIND,
        /** It holds a later one: the file is behind. */
        AHEAD,
        /** It holds what this lineage never said. */
        FOREIGN
    }

    private Assessor(Observed seen, Function<RegionName, String> called, Instructions instructions) {
        this.seen = seen;
        this.called = called;
        this.instructions = instructions;
        this.lineage = seen.expected().lineage();
        this.file = lineage.topology();
        int longest = 0;
        for (RegionName region : RegionName.values()) {
            OptionalInt held = heldBy(region);
            deployments.put(region, deployment(region, held));
            longest = Math.max(longest, held.orElse(0));
            claims.put(region, claimsOf(region));
        }
        this.deployed = longest == 0 ? lineage.entries().size() : longest;
        this.inForce = beginning(deployed).topology();
    }

    /** @param called a region as people are told of it */
    static Assessment assess(Observed seen, Function<RegionName, String> called, Instructions instructions) {
        return new Assessor(seen, called, instructions).assessment();
    }

    private Assessment assessment() {
        Leaders leaders = new Leaders(
                leaderByClaims(), new Leader(file.leader(), file.term()), leaderByStacks(), leaderByDatabases());
        boolean agree = leaders.claims().map(by -> agrees(by)).orElse(true)
                && leaders.deployed().map(leaders.file()::equals).orElse(true)
                && leaders.databases().map(by -> by.region() == file.leader()).orElse(true)
                && !claimedTwice().isPresent();
        silentRegions();
        claimsAndLineage(leaders);
        stacks();
        databases();
        findings.addAll(DatabaseFindings.of(
                new DatabaseFindings.Sight(seen, inForce, deployed, tookOver(), called, instructions)));
        signs();
        runs();
        leaderLives();
        standbyReady();
        inspections();
        whatCouldNotBeSeen();
        return new Assessment(leaders, agree, List.copyOf(findings), next());
    }

    // --- the witnesses

    private DatabaseLineage beginning(int entries) {
        return new DatabaseLineage(lineage.entries().subList(0, entries));
    }

    /** How many entries of the file's lineage a region's stack holds. */
    private OptionalInt heldBy(RegionName region) {
        Optional<Stack> stack = stackOf(region);
        if (stack.isPresent()) {
            for (int entries = lineage.entries().size(); entries >= 2; entries--) {
                Topology topology = beginning(entries).topology();
                if (topology.databaseIn(region).ref().index() == stack.get().database()
                        && topology.roleOf(region) == stack.get().role()
                        && topology.term() == stack.get().term()) {
                    return OptionalInt.of(entries);
                }
            }
        }
        return OptionalInt.empty();
    }

    private Deployment deployment(RegionName region, OptionalInt held) {
        Look<Optional<Stack>> look = in(region).stack();
        if (look.ifSeen().isEmpty()) {
            return Deployment.UNKNOWN;
        }
        Optional<Stack> stack = look.ifSeen().orElseThrow();
        if (stack.isEmpty()) {
            return Deployment.ABSENT;
        }
        if (held.isPresent()) {
            return held.getAsInt() == lineage.entries().size() ? Deployment.CURRENT : Deployment.BEHIND;
        }
        return stack.get().term() > file.term()
                        || stack.get().database() >= lineage.entries().size()
                ? Deployment.AHEAD
                : Deployment.FOREIGN;
    }

    /** What a region shows, by its API or by what is read from outside. */
    private NavigableSet<Integer> claimsOf(RegionName region) {
        NavigableSet<Integer> terms = new TreeSet<>();
        in(region).rules().ifSeen().ifPresent(rules -> terms.addAll(rules.claims()));
        in(region)
                .outside()
                .flatMap(Look::ifSeen)
                .ifPresent(shown -> shown.forEach((path, answer) -> {
                    if (answer == Observed.Shown.YES) {
                        Claim.termOf(path).ifPresent(terms::add);
                    }
                }));
        return terms;
    }

    private int highestClaim() {
        return claims.values().stream()
                .flatMap(NavigableSet::stream)
                .mapToInt(Integer::intValue)
                .max()
                .orElse(0);
    }

    private Optional<Integer> claimedTwice() {
        return claims.get(RegionName.PRIMARY).stream()
                .filter(claims.get(RegionName.DR)::contains)
                .findFirst();
    }

    private Optional<Leader> leaderByClaims() {
        int highest = highestClaim();
        // A claim that was seen is one; that there is no later one can be said only of a region that was seen too.
        // But where the leader's claim stands and the standby does not answer, Route 53 sees no later one either.
        boolean stands = file.term() > 0 && claims.get(file.leader()).contains(file.term());
        boolean complete =
                stands || (canSeeClaims(file.standby()) && (canSeeClaims(file.leader()) || file.term() == 0));
        if (claimedTwice().isPresent() || (highest < file.nextTerm() && !complete)) {
            return Optional.empty();
        }
        if (highest > 0) {
            return Optional.of(new Leader(
                    claims.get(RegionName.PRIMARY).contains(highest) ? RegionName.PRIMARY : RegionName.DR, highest));
        }
        return Optional.of(new Leader(RegionName.PRIMARY, 0));
    }

    private boolean canSeeClaims(RegionName region) {
        return in(region).rules().ifSeen().isPresent()
                || in(region)
                        .outside()
                        .flatMap(Look::ifSeen)
                        .map(shown -> !shown.containsValue(Observed.Shown.UNCLEAR))
                        .orElse(false);
    }

    private boolean agrees(Leader byClaims) {
        return byClaims.equals(new Leader(file.leader(), file.term()));
    }

    private Optional<Leader> leaderByStacks() {
        return deployments.values().stream()
                        .anyMatch(deployment -> deployment == Deployment.CURRENT || deployment == Deployment.BEHIND)
                ? Optional.of(new Leader(inForce.leader(), inForce.term()))
                : Optional.empty();
    }

    private Optional<Leader> leaderByDatabases() {
        Optional<Database> standbys = databaseOf(inForce.standby());
        Optional<Database> leaders = databaseOf(inForce.leader());
        if (standbys.isPresent() && standbys.get().source().isEmpty()) {
            return Optional.of(new Leader(inForce.standby(), inForce.nextTerm()));
        }
        boolean alone = leaders.isPresent() && leaders.get().source().isEmpty();
        boolean replicated = standbys.isPresent() && isSeen(inForce.leader()).isEmpty();
        if (alone || replicated) {
            return Optional.of(new Leader(inForce.leader(), inForce.term()));
        }
        return Optional.empty();
    }

    private Optional<List<Database>> isSeen(RegionName region) {
        return in(region).databases().ifSeen();
    }

    private Observed.InRegion in(RegionName region) {
        return seen.regions().get(region);
    }

    private Optional<Stack> stackOf(RegionName region) {
        return in(region).stack().ifSeen().flatMap(Function.identity());
    }

    /** The database that the region has by the lineage in force. */
    private Optional<Database> databaseOf(RegionName region) {
        int index = inForce.databaseIn(region).ref().index();
        return isSeen(region)
                .flatMap(databases -> databases.stream()
                        .filter(database -> database.index() == index)
                        .findFirst());
    }

    private boolean claimedNext() {
        return claims.get(inForce.standby()).contains(inForce.nextTerm());
    }

    private Optional<Run> newestRun() {
        return in(inForce.standby())
                .runbook()
                .ifSeen()
                .flatMap(Function.identity())
                .flatMap(Observed.Runs::newest);
    }

    private boolean isGoing() {
        return newestRun().map(Run::isGoing).orElse(false);
    }

    // --- what to say

    private void say(Level level, String id, String subject, String says, String todo) {
        findings.add(new Finding(id, level, subject, says, todo));
    }

    private void ok(String id, String subject, String says) {
        say(Level.OK, id, subject, says, "");
    }

    private void attention(String id, String subject, String says, String todo) {
        say(Level.ATTENTION, id, subject, says, todo);
    }

    private String called(RegionName region) {
        return called.apply(region);
    }

    private void silentRegions() {
        for (RegionName region : RegionName.values()) {
            if (in(region).answers()) {
                continue;
            }
            String why =
                    in(region).stack() instanceof Look.Unknown<Optional<Stack>> unknown ? unknown.why() : "no answer";
            boolean leads = region == inForce.leader() && !claimedNext();
            attention(
                    "region",
                    "Region",
                    "%s does not answer (%s)".formatted(called(region), why),
                    leads
                            ? "if users are affected, fail over: `%s` asks nothing of it"
                                    .formatted(instructions.pilot("failover"))
                            : region == inForce.standby() && !claimedNext()
                                    ? "users are served, and no failover to it is possible until it is back: deploy only with `%s`, see docs/runbooks/standby-lost.md"
                                            .formatted(instructions.deployAlone(inForce.leader()))
                                    : "no failover to it is possible until it is back; its agents stop by themselves if they are superseded");
        }
    }

    private void claimsAndLineage(Leaders leaders) {
        int highest = highestClaim();
        Optional<Integer> twice = claimedTwice();
        for (RegionName region : RegionName.values()) {
            in(region)
                    .rules()
                    .ifSeen()
                    .ifPresent(
                            rules -> rules.wrong()
                                    .forEach(
                                            path -> attention(
                                                    "claims",
                                                    "Claims",
                                                    "%s answers %s with another text than a claim of %s has"
                                                            .formatted(called(region), path, "this workload"),
                                                    "delete that rule of the load balancer: nobody takes it for a claim, and it stands in the way of one")));
            outsideAsInside(region);
        }
        if (twice.isPresent()) {
            attention(
                    "leadership",
                    "Leadership",
                    "both regions claim term %d, which no runbook does".formatted(twice.get()),
                    "find out which database stands alone, delete the other region's rule, and deploy nothing before");
        } else if (leaders.claims().isEmpty()) {
            boolean standbySeen = canSeeClaims(file.standby());
            say(
                    standbySeen ? Level.NOTE : Level.UNKNOWN,
                    "leadership",
                    "Leadership",
                    (standbySeen
                                    ? "%s has not claimed term %d: users are still sent to %s, whose own claims could not be seen"
                                    : "whether %s has claimed term %d could not be seen; by the configuration %s leads")
                            .formatted(called(file.standby()), file.nextTerm(), called(file.leader())),
                    "");
        } else if (agrees(leaders.claims().get())) {
            ok(
                    "leadership",
                    "Leadership",
                    "%s leads in term %d by claims and by the configuration"
                            .formatted(called(file.leader()), file.term()));
        } else {
            disagree(highest, leaders.claims().get().region());
        }
    }

    private void disagree(int highest, RegionName claimant) {
        if (highest == file.nextTerm() && claimant == file.standby()) {
            attention(
                    "leadership",
                    "Leadership",
                    "%s has claimed term %d and users are sent there, but the configuration says that %s leads: the failover is not recorded yet"
                            .formatted(called(claimant), highest, file.leader().id()),
                    // What is deployed may hold the append already, made elsewhere: a second one would name another
                    // database.
                    deployments.containsValue(Deployment.AHEAD)
                            ? "get the newest %s (git pull), and deploy nothing before".formatted(instructions.file())
                            : "append \"%s\" to databaseLineage in %s"
                                    .formatted(file.leader().id(), instructions.file()));
        } else if (highest >= file.nextTerm()) {
            attention(
                    "leadership",
                    "Leadership",
                    "%s has claimed term %d, but the configuration of this clone only knows term %d: it is not the newest"
                            .formatted(called(claimant), highest, file.term()),
                    "get the newest %s (git pull), and deploy nothing before".formatted(instructions.file()));
        } else if (highest == file.term()) {
            attention(
                    "leadership",
                    "Leadership",
                    "the configuration says that %s leads in term %d, but %s holds the claim of that term"
                            .formatted(file.leader().id(), highest, called(claimant)),
                    "correct databaseLineage in %s, and deploy nothing before".formatted(instructions.file()));
        } else if (tookOverByRestore()) {
            attention(
                    "leadership",
                    "Leadership",
                    "%s took term %d by a restore, and nothing claims it: the old leader's agents do not stop"
                            .formatted(called(file.leader()), file.term()),
                    "deploy %s: its stack makes that claim".formatted(Instructions.stack(file.leader())));
        } else if (deployments.containsValue(Deployment.CURRENT) && inForce.term() == file.term()) {
            attention(
                    "leadership",
                    "Leadership",
                    "a failover to %s in term %d was recorded and deployed, but it claims nothing: users are sent to it, and the other region's agents do not stop"
                            .formatted(called(file.leader()), file.term()),
                    "deploy the configuration from before the last entry of databaseLineage, then fail over with `%s`"
                            .formatted(instructions.pilot("failover")));
        } else {
            attention(
                    "leadership",
                    "Leadership",
                    "the configuration records a failover to %s in term %d that has not happened: nothing claims that term"
                            .formatted(called(file.leader()), file.term()),
                    "take the last entry of databaseLineage in %s back, and deploy nothing before"
                            .formatted(instructions.file()));
        }
    }

    private boolean tookOverByRestore() {
        for (int entries = lineage.entries().size(); entries > 2; entries--) {
            if (beginning(entries - 1).topology().term() < file.term()) {
                return !(lineage.entries().get(entries - 1) instanceof Seeded);
            }
        }
        return false;
    }

    /** Route 53 sees what is read from outside, not what the API says. */
    private void outsideAsInside(RegionName region) {
        Optional<Look<Map<String, Observed.Shown>>> outside = in(region).outside();
        if (outside.isEmpty()) {
            return;
        }
        if (outside.get() instanceof Look.Unknown<Map<String, Observed.Shown>> unknown) {
            attention(
                    "outside",
                    "From outside",
                    "%s does not answer over HTTPS under its own name (%s)".formatted(called(region), unknown.why()),
                    "look at its load balancer, its record and its certificate: Route 53 and the other region's agents read claims there");
            return;
        }
        Map<String, Observed.Shown> shown = outside.get().ifSeen().orElseThrow();
        Optional<Signs.Rules> rules = in(region).rules().ifSeen();
        for (Map.Entry<String, Observed.Shown> entry : shown.entrySet()) {
            OptionalInt term = Claim.termOf(entry.getKey());
            if (term.isEmpty()) {
                continue;
            }
            boolean byApi =
                    rules.map(found -> found.claims().contains(term.getAsInt())).orElse(false);
            boolean otherwise = rules.isPresent() && byApi != (entry.getValue() == Observed.Shown.YES);
            if (entry.getValue() == Observed.Shown.UNCLEAR || otherwise) {
                attention(
                        "outside",
                        "From outside",
                        "%s answers %s neither as a claim nor as none, or otherwise than its rules say"
                                .formatted(called(region), entry.getKey()),
                        "open https://…%s and look at the listener's rules: Route 53 decides by that answer"
                                .formatted(entry.getKey()));
                return;
            }
        }
        if (shown.getOrDefault(RegionAnswer.PATH, Observed.Shown.YES) != Observed.Shown.YES) {
            attention(
                    "outside",
                    "From outside",
                    "%s does not say under its own name which region it is".formatted(called(region)),
                    "open https://…%s: a DNS name that leads elsewhere, or a rule of the listener with a priority below %d, would hide signs and claims as well; or deploy its stack, if that is older"
                            .formatted(RegionAnswer.PATH, RegionAnswer.PRIORITY));
            return;
        }
        ok("outside", "From outside", "%s answers as its rules say".formatted(called(region)));
    }

    private void stacks() {
        for (RegionName region : RegionName.values()) {
            Optional<Stack> stack = stackOf(region);
            String name = Instructions.stack(region);
            switch (deployments.get(region)) {
                case ABSENT ->
                    attention(
                            "stack",
                            "Stack",
                            "%s is not deployed".formatted(name),
                            "deploy with `%s`".formatted(instructions.deployBoth()));
                case BEHIND ->
                    attention(
                            "stack",
                            "Stack",
                            "the configuration is ahead of %s, which holds term %d with db-%d"
                                    .formatted(
                                            name,
                                            stack.orElseThrow().term(),
                                            stack.orElseThrow().database()),
                            in(region).answers() ? "deploy" : "deploy it when it is back");
                case AHEAD ->
                    attention(
                            "stack",
                            "Stack",
                            "%s holds term %d with db-%d, of which the configuration of this clone knows nothing"
                                    .formatted(
                                            name,
                                            stack.orElseThrow().term(),
                                            stack.orElseThrow().database()),
                            "get the newest %s (git pull), and deploy nothing before".formatted(instructions.file()));
                case FOREIGN ->
                    attention(
                            "stack",
                            "Stack",
                            "%s holds db-%d as %s in term %d, which databaseLineage never said"
                                    .formatted(
                                            name,
                                            stack.orElseThrow().database(),
                                            stack.orElseThrow().role() == Role.LEADER ? "leader" : "standby",
                                            stack.orElseThrow().term()),
                            "find the %s that it was deployed from, and deploy nothing before"
                                    .formatted(instructions.file()));
                case CURRENT -> ok("stack", "Stack", "%s holds what the configuration says".formatted(name));
                case UNKNOWN -> {
                    // Said of the region.
                }
            }
            stack.map(Stack::status).ifPresent(status -> {
                if (status.endsWith("_IN_PROGRESS")) {
                    say(Level.NOTE, "deploy", "Deploy", "%s is being changed (%s)".formatted(name, status), "");
                } else if (status.contains("ROLLBACK") || status.contains("FAILED")) {
                    attention(
                            "deploy",
                            "Deploy",
                            "the last deploy of %s failed (%s)".formatted(name, status),
                            status.equals("UPDATE_ROLLBACK_FAILED")
                                    ? "go on with its rollback before anything is deployed: docs/runbooks/rollout.md, UPDATE_ROLLBACK_FAILED"
                                    : "look at the stack's events, and deploy again");
                }
            });
        }
    }

    /** Whether a failover has claimed what the lineage in force calls the next term, and nothing contradicts it. */
    private boolean tookOver() {
        return claimedNext() && claimedTwice().isEmpty();
    }

    /** Who leads by claims: what the lineage in force says, or its standby once that has claimed. */
    private RegionName leading() {
        return tookOver() ? inForce.standby() : inForce.leader();
    }

    /** The databases after a claim whose append is not deployed, or not in this clone. */
    private void databasesAfterTheClaim() {
        RegionName leader = inForce.standby();
        RegionName former = inForce.leader();
        int leads = inForce.databaseIn(leader).ref().index();
        int past = inForce.databaseIn(former).ref().index();
        if (isSeen(leader).isPresent()) {
            Optional<Database> database = databaseOf(leader);
            if (database.isEmpty()) {
                attention(
                        "leader-database",
                        "Database",
                        "the leader's db-%d is not there".formatted(leads),
                        "if it is lost, restore it by an entry of databaseLineage");
            } else if (database.get().source().isPresent()) {
                attention(
                        "leader-database",
                        "Database",
                        "%s claims the term, but its db-%d is a read replica of db-%d: nothing can be written"
                                .formatted(
                                        called(leader),
                                        leads,
                                        database.get().source().get()),
                        "deploy nothing, and look at the failover's evidence before anything else");
            } else if (!database.get().status().equals("available")) {
                attention(
                        "leader-database",
                        "Database",
                        "the leader's db-%d is %s"
                                .formatted(leads, database.get().status()),
                        "wait for it; if it fails, restore it");
            } else {
                ok("leader-database", "Database", "the leader's db-%d stands alone and is available".formatted(leads));
            }
        }
        if (isSeen(former).isPresent() && databaseOf(former).isPresent()) {
            say(
                    Level.NOTE,
                    "former-database",
                    "Database",
                    "the former leader's db-%d, of the past: retained".formatted(past),
                    "");
        }
        Optional<Database> replica = isSeen(former)
                .flatMap(databases -> databases.stream()
                        .filter(database -> database.source().equals(Optional.of(leads)))
                        .findFirst());
        if (replica.isPresent()) {
            say(
                    replica.get().status().equals("available") ? Level.OK : Level.NOTE,
                    "standby-database",
                    "Replica",
                    "db-%d replicates the leader's db-%d and is %s"
                            .formatted(
                                    replica.get().index(), leads, replica.get().status()),
                    "");
        } else {
            say(
                    Level.NOTE,
                    "standby-database",
                    "Replica",
                    "none of the leader's db-%d is seen: %s can take over again once the append is deployed"
                            .formatted(leads, called(former)),
                    "");
        }
        say(
                Level.NOTE,
                "lag",
                "Replica lag",
                "not looked at: the configuration that is deployed, or this clone's, is of before the claim",
                "");
    }

    private void databases() {
        if (tookOver()) {
            databasesAfterTheClaim();
            return;
        }
        RegionName leader = inForce.leader();
        RegionName standby = inForce.standby();
        if (isSeen(leader).isPresent() && deployments.get(leader) != Deployment.ABSENT) {
            Optional<Database> database = databaseOf(leader);
            String name = "db-" + inForce.databaseIn(leader).ref().index();
            if (database.isEmpty()) {
                attention(
                        "leader-database",
                        "Database",
                        "the leader's %s is not there".formatted(name),
                        "if it is lost, restore it by an entry of databaseLineage, or fail over");
            } else if (database.get().source().isPresent()) {
                attention(
                        "leader-database",
                        "Database",
                        "the leader's %s is a read replica of db-%d: nothing can be written"
                                .formatted(name, database.get().source().get()),
                        "was a failover recorded that never happened? Then take the last entry of databaseLineage back");
            } else if (!database.get().status().equals("available")) {
                attention(
                        "leader-database",
                        "Database",
                        "the leader's %s is %s".formatted(name, database.get().status()),
                        "wait for it; if it fails, restore it or fail over");
            } else {
                ok("leader-database", "Database", "the leader's %s stands alone and is available".formatted(name));
            }
        }
        if (isSeen(standby).isPresent() && deployments.get(standby) != Deployment.ABSENT) {
            standbyDatabase(standby, databaseOf(standby));
        }
    }

    private void standbyDatabase(RegionName standby, Optional<Database> database) {
        String id = "standby-database";
        String name = "db-" + inForce.databaseIn(standby).ref().index();
        int leaders = inForce.leadingDatabase().ref().index();
        String seed = deployments.containsValue(Deployment.AHEAD)
                ? "get the newest %s (git pull), and deploy nothing before".formatted(instructions.file())
                : "append \"%s\" to databaseLineage in %s and deploy, which seeds it anew"
                        .formatted(standby.id(), instructions.file());
        if (database.isEmpty()) {
            attention(id, "Replica", "the standby's %s is not there: nothing can be promoted".formatted(name), seed);
            return;
        }
        boolean marked = database.get().markedFor(inForce.nextTerm());
        if (database.get().source().isEmpty()) {
            if (!inForce.standbyReplicatesLeader()) {
                attention(id, "Replica", "the standby holds no replica since the leader's restore", seed);
            } else if (claimedNext()) {
                // Both claim it, which is said of the leadership.
                ok(id, "Replica", "the %s of %s was promoted and stands alone".formatted(name, called(standby)));
            } else if (marked) {
                attention(
                        id,
                        "Replica",
                        isGoing()
                                ? "%s was promoted, and the failover is going on".formatted(name)
                                : "%s was promoted in term %d, but the term is not claimed: NOBODY SERVES until the failover goes on"
                                        .formatted(name, inForce.nextTerm()),
                        "`%s` %s".formatted(instructions.pilot("failover"), isGoing() ? "follows it" : "resumes it"));
            } else {
                attention(
                        id,
                        "Replica",
                        "%s stands alone, and no runbook promoted it: what it lacks of db-%d is unknown"
                                .formatted(name, leaders),
                        seed);
            }
        } else if (!inForce.standbyReplicatesLeader() || database.get().source().get() != leaders) {
            attention(
                    id,
                    "Replica",
                    "%s replicates db-%d, not the leader's db-%d"
                            .formatted(name, database.get().source().get(), leaders),
                    seed);
        } else if (marked) {
            attention(
                    id,
                    "Replica",
                    "the promotion of %s in term %d was ordered and is not through".formatted(name, inForce.nextTerm()),
                    "`%s` %s".formatted(instructions.pilot("failover"), isGoing() ? "follows it" : "resumes it"));
        } else {
            findings.add(ReplicaState.of(database.get().status())
                    .finding(id, name, leaders, database.get().status()));
        }
    }

    /** The handover signs that mean something: one that was followed by its claim stays, and means nothing any more. */
    private List<Integer> unclaimed(Signs.Rules rules) {
        return rules.handovers().stream()
                .filter(term -> term > Math.max(highestClaim(), inForce.term()))
                .toList();
    }

    private void signs() {
        for (RegionName region : RegionName.values()) {
            in(region)
                    .rules()
                    .ifSeen()
                    .ifPresent(rules -> unclaimed(rules)
                            .forEach(term -> attention(
                                    "handover",
                                    "Handover sign",
                                    "%s shows the handover sign of term %d: the other region's workload is stopped while it stands"
                                            .formatted(called(region), term),
                                    isGoing()
                                            ? "a failover is at work: `%s` follows it"
                                                    .formatted(instructions.pilot("failover"))
                                            : "no failover runs: go on with `%s`, or delete the rule if nothing was promoted"
                                                    .formatted(instructions.pilot("failover")))));
        }
    }

    private void runs() {
        in(inForce.standby())
                .runbook()
                .ifSeen()
                .flatMap(Function.identity())
                .flatMap(Observed.Runs::drill)
                .ifPresent(drill -> say(
                        Level.NOTE,
                        "drill",
                        "Drill",
                        "%s, begun %s ago, is running; it changes nothing"
                                .formatted(drill.name(), Ago.of(drill.started(), seen.at())),
                        ""));
        newestRun().ifPresent(run -> {
            String says = "%s, begun %s ago".formatted(run.name(), Ago.of(run.started(), seen.at()));
            if (run.isGoing()) {
                attention(
                        "failover",
                        "Failover",
                        says + ", is running",
                        "`%s` follows it".formatted(instructions.pilot("failover")));
            } else {
                say(Level.NOTE, "failover", "Failover", "the last was %s: %s".formatted(says, run.status()), "");
            }
        });
    }

    /** Whoever leads by claims; where nothing is there, or two claim one term, nobody is asked to live. */
    private void leaderLives() {
        if (claimedNext() != tookOver() || deployments.containsValue(Deployment.ABSENT)) {
            return;
        }
        RegionName leader = leading();
        RegionName other = leader == inForce.leader() ? inForce.standby() : inForce.leader();
        in(other).metrics().ifSeen().ifPresent(metrics -> {
            Optional<Instant> heard = newest(metrics.heartbeat(), point -> point.value() > 0);
            String ago = heard.map(at -> "was heard %s ago".formatted(Ago.of(at, seen.at())))
                    .orElse("was not heard in twelve hours");
            if (heard.isPresent() && !seen.at().isAfter(heard.get().plus(SILENT))) {
                ok("heartbeat", "Heartbeat", "%s %s".formatted(called(leader), ago));
            } else {
                attention(
                        "heartbeat",
                        "Heartbeat",
                        "%s %s".formatted(called(leader), ago),
                        tookOver()
                                ? "look whether it serves; there is nothing to fail over to before a replica is seeded"
                                : "look whether it serves; if not, fail over with `%s`"
                                        .formatted(instructions.pilot("failover")));
            }
        });
        in(leader).metrics().ifSeen().ifPresent(metrics -> {
            Optional<ExpectedLoss.Point> newest = metrics.writable().stream().findFirst();
            if (newest.isPresent()
                    && newest.get().value() > 0
                    && !seen.at().isAfter(newest.get().at().plus(SILENT))) {
                ok(
                        "writable",
                        "Writable",
                        "the leader's instances wrote to its database %s ago"
                                .formatted(Ago.of(newest.get().at(), seen.at())));
            } else {
                attention(
                        "writable",
                        "Writable",
                        newest.map(point -> "the leader's instances reported %s %s ago"
                                        .formatted(
                                                point.value() > 0 ? "a write" : "that they cannot write",
                                                Ago.of(point.at(), seen.at())))
                                .orElse("the leader's instances reported no write in twelve hours"),
                        "look at the instances' journal (journalctl -u pilotlight-agent) and at the database");
            }
        });
        in(leader).healthyTargets().ifSeen().ifPresent(healthy -> {
            if (healthy > 0) {
                ok(
                        "instances",
                        "Instances",
                        "%d of the leader's %s healthy".formatted(healthy, healthy == 1 ? "is" : "are"));
            } else {
                attention(
                        "instances",
                        "Instances",
                        "none of the leader's is healthy",
                        "look at the group's activities and the workload's log; DNS gives up on the record only when none is");
            }
        });
    }

    /** Whether a failover would succeed. Once it has, the other region is no standby until it is seeded anew. */
    private void standbyReady() {
        RegionName standby = inForce.standby();
        if (claimedNext() || deployments.get(standby) == Deployment.ABSENT) {
            return;
        }
        Observed.InRegion there = in(standby);
        there.metrics().ifSeen().ifPresent(this::lag);
        there.group().ifSeen().ifPresent(group -> {
            if (group.isEmpty()) {
                attention("group", "Group", "the standby's Auto Scaling group is not there", "deploy");
            } else if (group.get().most() < seen.expected().capacity()) {
                attention(
                        "group",
                        "Group",
                        "the standby's group allows %d instances, of %d that serving takes"
                                .formatted(group.get().most(), seen.expected().capacity()),
                        "deploy, which sets it right");
            } else if (group.get().desired() > 0 && !isGoing()) {
                say(
                        Level.NOTE,
                        "group",
                        "Group",
                        "the standby has %d instances running, as in a rehearsal or after a failover that gave up"
                                .formatted(group.get().desired()),
                        "");
            } else {
                ok(
                        "group",
                        "Group",
                        "the standby's group may grow to %d"
                                .formatted(group.get().most()));
            }
        });
        there.secret().ifSeen().ifPresent(secret -> {
            if (secret.isEmpty() || secret.get()) {
                attention(
                        "secret",
                        "Secret",
                        "the standby's replica of the database's secret %s"
                                .formatted(secret.isEmpty() ? "is not there" : "is scheduled for deletion"),
                        "restore it in %s: instances read the password there".formatted(called(standby)));
            } else {
                ok("secret", "Secret", "the standby has its replica of the database's secret");
            }
        });
        there.certificate().ifSeen().ifPresent(certificate -> {
            if (certificate.equals("ISSUED")) {
                ok("certificate", "Certificate", "the standby's is issued");
            } else {
                attention(
                        "certificate",
                        "Certificate",
                        "the standby's is %s".formatted(certificate),
                        "look at it in ACM, and at the zone's validation record");
            }
        });
        there.runbook().ifSeen().ifPresent(runbook -> {
            if (runbook.isEmpty()) {
                attention("runbook", "Runbook", "%s holds no failover runbook".formatted(called(standby)), "deploy");
            } else {
                ok("runbook", "Runbook", "%s holds the failover runbook".formatted(called(standby)));
            }
        });
        there.rehearsal().ifSeen().ifPresent(this::rehearsal);
    }

    private void lag(Observed.Metrics metrics) {
        if (databaseOf(inForce.standby())
                .map(database -> database.source().isEmpty())
                .orElse(true)) {
            return;
        }
        List<ExpectedLoss.Point> points = metrics.lag()
                .getOrDefault(inForce.databaseIn(inForce.standby()).ref().index(), List.of());
        if (points.isEmpty()) {
            attention(
                    "lag",
                    "Replica lag",
                    "none was measured in twelve hours: what a failover would lose is unknown",
                    "look at the replica's metrics in CloudWatch");
            return;
        }
        ExpectedLoss.Point newest = points.get(0);
        Duration age = Duration.between(newest.at(), seen.at());
        if (newest.value() < 0) {
            attention("lag", "Replica lag", "replication is broken", "look at the replica's events in RDS");
        } else if (newest.value() > seen.expected().rpo().toSeconds()) {
            attention(
                    "lag",
                    "Replica lag",
                    "%s, of %s that may be lost"
                            .formatted(
                                    Ago.of(Duration.ofSeconds((long) newest.value())),
                                    Ago.of(seen.expected().rpo())),
                    "once the leader is dead it grows a second per second; otherwise look at the load on both databases");
        } else if (age.compareTo(SILENT.multipliedBy(2)) > 0) {
            attention(
                    "lag",
                    "Replica lag",
                    "%s, but that was %s ago".formatted(Ago.of(Duration.ofSeconds((long) newest.value())), Ago.of(age)),
                    "look at the replica's metrics in CloudWatch");
        } else {
            ok(
                    "lag",
                    "Replica lag",
                    "%s, of %s that may be lost"
                            .formatted(
                                    Ago.of(Duration.ofSeconds((long) newest.value())),
                                    Ago.of(seen.expected().rpo())));
        }
    }

    private void rehearsal(Optional<Observed.Rehearsal> newest) {
        String start = "start the state machine …-rehearsal-%s by hand"
                .formatted(inForce.standby().id());
        if (newest.isEmpty()) {
            boolean young = stackOf(inForce.standby())
                    .map(stack -> seen.at().isBefore(stack.created().plus(REHEARSED)))
                    .orElse(false);
            if (young) {
                say(Level.NOTE, "rehearsal", "Rehearsal", "none yet; it runs on Tuesdays and Fridays at 09:00 UTC", "");
            } else {
                attention("rehearsal", "Rehearsal", "none was ever recorded", start);
            }
            return;
        }
        String ago = Ago.of(newest.get().at(), seen.at());
        if (!newest.get().outcome().equals("succeeded")) {
            attention(
                    "rehearsal",
                    "Rehearsal",
                    "the last, %s ago, %s: %s"
                            .formatted(ago, newest.get().outcome(), newest.get().why()),
                    "a failover now might fail the same way; when the cause is gone, " + start);
        } else if (seen.at().isAfter(newest.get().at().plus(REHEARSED))) {
            attention("rehearsal", "Rehearsal", "the last success is %s old".formatted(ago), start);
        } else {
            ok("rehearsal", "Rehearsal", "succeeded %s ago".formatted(ago));
        }
    }

    private void inspections() {
        Inspection.Scene scene = new Inspection.Scene(
                seen.at(), instructions, called, inForce, region -> in(region).answers());
        seen.inspected().forEach(inspected -> findings.addAll(inspected.findings(scene)));
    }

    /** What a region that answers did not show. */
    private void whatCouldNotBeSeen() {
        for (RegionName region : RegionName.values()) {
            Observed.InRegion there = in(region);
            if (!there.answers()) {
                continue;
            }
            unseen(region, "stack", there.stack());
            // The listener, its targets and the certificate are found by the stack.
            if (stackOf(region).isPresent()) {
                unseen(region, "listener rules", there.rules());
                unseen(region, "targets", there.healthyTargets());
                unseen(region, "certificate", there.certificate());
            }
            unseen(region, "databases", there.databases());
            unseen(region, "group", there.group());
            unseen(region, "secret", there.secret());
            unseen(region, "metrics", there.metrics());
            unseen(region, "rehearsals", there.rehearsal());
            unseen(region, "failover runbook", there.runbook());
            seen.inspected()
                    .forEach(inspected -> unseen(
                            region,
                            inspected.inspection().subject(),
                            inspected.seen().get(region)));
        }
    }

    private void unseen(RegionName region, String what, Look<?> look) {
        if (look instanceof Look.Unknown<?> unknown) {
            if (deployments.get(region) == Deployment.ABSENT && unknown.why().startsWith("NoSuchBucket")) {
                say(
                        Level.NOTE,
                        "unseen",
                        "Nothing there",
                        "nothing is deployed in %s, so there are no %s".formatted(called(region), what),
                        "");
                return;
            }
            say(
                    Level.UNKNOWN,
                    "unseen",
                    "Not seen",
                    "the %s of %s (%s)".formatted(what, called(region), unknown.why()),
                    unknown.answered() ? "take credentials that may read it" : "try again");
        }
    }

    private static Optional<Instant> newest(
            List<ExpectedLoss.Point> points, java.util.function.Predicate<ExpectedLoss.Point> wanted) {
        return points.stream().filter(wanted).map(ExpectedLoss.Point::at).findFirst();
    }

    // --- the way on

    private Next next() {
        boolean bothAbsent = deployments.values().stream().allMatch(Deployment.ABSENT::equals);
        int highest = highestClaim();
        Leader claimed = leaderByClaims().orElse(new Leader(file.leader(), 0));
        if (bothAbsent) {
            return new Next("Nothing is deployed: deploy.", Optional.empty(), List.of(instructions.deployBoth()));
        }
        if (claimedTwice().isPresent() || deployments.containsValue(Deployment.FOREIGN)) {
            return new Next("Clear up the contradiction above first; deploy nothing.", Optional.empty(), List.of());
        }
        boolean append = highest == file.nextTerm() && claimed.region() == file.standby();
        if (deployments.containsValue(Deployment.AHEAD) || (highest > file.term() && !append)) {
            return new Next(
                    "Get the newest %s (git pull) first; deploy nothing from this clone."
                            .formatted(instructions.file()),
                    Optional.empty(),
                    List.of());
        }
        // Before any deploy: one that changes roles pulls the ground from under the run.
        if (isGoing()) {
            return new Next(
                    "A failover is at work: follow it with `%s`, and deploy nothing before it ends."
                            .formatted(instructions.pilot("failover")),
                    Optional.empty(),
                    List.of(instructions.pilot("failover")));
        }
        if (append) {
            return new Next(
                    "The first change must be to append \"%s\" to databaseLineage in %s: %s has claimed term %d, but the configuration says %s leads. Then deploy%s."
                            .formatted(
                                    file.leader().id(),
                                    instructions.file(),
                                    file.standby().id(),
                                    highest,
                                    file.leader().id(),
                                    in(file.leader()).answers() ? "" : " this one alone, while the other is down"),
                    Optional.of(file.leader()),
                    deploy(file.standby(), file.leader()));
        }
        if (highest < file.term() && leaderByClaims().isPresent()) {
            return new Next(
                    tookOverByRestore()
                            ? "Deploy: the stack of %s claims the term that it took by a restore."
                                    .formatted(called(file.leader()))
                            : "Deploy nothing: databaseLineage records a failover that has not happened.",
                    Optional.empty(),
                    tookOverByRestore() ? deploy(file.leader(), file.standby()) : List.of());
        }
        // Once the term is claimed, that failover is through.
        boolean marked = databaseOf(inForce.standby())
                .map(database -> database.markedFor(inForce.nextTerm()))
                .orElse(false);
        boolean signed = in(inForce.standby()).rules().ifSeen().map(this::unclaimed).orElse(List.of()).stream()
                .findAny()
                .isPresent();
        if ((marked || signed) && !claimedNext()) {
            return new Next(
                    // Where the runs could not be seen, it may be at work all the same.
                    in(inForce.standby()).runbook().ifSeen().isEmpty()
                            ? "A failover is at work: follow it with `%s`, and deploy nothing before it ends."
                                    .formatted(instructions.pilot("failover"))
                            : "A failover stopped half-way: go on with `%s`, and deploy nothing before it ends."
                                    .formatted(instructions.pilot("failover")),
                    Optional.empty(),
                    List.of(instructions.pilot("failover")));
        }
        if (deployments.containsValue(Deployment.BEHIND) || deployments.containsValue(Deployment.ABSENT)) {
            return new Next(
                    "The configuration is ahead of what is deployed: deploy.",
                    Optional.empty(),
                    in(file.leader()).answers() && in(file.standby()).answers()
                            ? List.of(instructions.deployBoth())
                            : deploy(
                                    in(file.leader()).answers() ? file.leader() : file.standby(),
                                    in(file.leader()).answers() ? file.standby() : file.leader()));
        }
        if (!in(file.leader()).answers()) {
            return new Next(
                    "Nothing to append yet. If %s is lost, fail over first; until then deploy nothing."
                            .formatted(called(file.leader())),
                    Optional.empty(),
                    List.of(instructions.pilot("failover")));
        }
        if (!in(file.standby()).answers()) {
            return new Next(
                    "Nothing to append. While %s does not answer, deploy this region alone."
                            .formatted(called(file.standby())),
                    Optional.empty(),
                    List.of(instructions.deployAlone(file.leader())));
        }
        if (needsSeed()) {
            return new Next(
                    "Append \"%s\" to databaseLineage in %s, which seeds the standby's replica anew, and deploy."
                            .formatted(file.standby().id(), instructions.file()),
                    Optional.of(file.standby()),
                    List.of(instructions.deployBoth()));
        }
        return new Next(
                "Nothing to append. A deploy changes no role and no database; what else it changes shows `%s`."
                        .formatted(instructions.emulated() ? instructions.deployBoth() : instructions.diff()),
                Optional.empty(),
                List.of());
    }

    private boolean needsSeed() {
        if (!file.standbyReplicatesLeader()) {
            return true;
        }
        if (isSeen(inForce.standby()).isEmpty()) {
            return false;
        }
        return databaseOf(inForce.standby())
                .map(database -> database.source()
                        .map(source -> source != inForce.leadingDatabase().ref().index())
                        .orElse(true))
                .orElse(true);
    }

    /** The serving region, alone while the other is down. */
    private List<String> deploy(RegionName serving, RegionName other) {
        return in(other).answers()
                ? List.of(instructions.deployBoth())
                : List.of(instructions.deployAlone(serving), instructions.deployBoth());
    }
}
