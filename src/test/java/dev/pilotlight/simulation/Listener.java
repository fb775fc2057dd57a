package dev.pilotlight.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The rules of the standby's load balancer: claims, and the handover sign. */
final class Listener {

    private record Rule(String arn, String path, String text, String tag) {}

    private final World world;
    private final Plan plan;
    private final Clock clock;
    private final Facts facts;
    private final TreeMap<Integer, Rule> rules = new TreeMap<>();
    private final History<List<Map<String, Object>>> lists = new History<>(list(Map.of()));
    private boolean claimStands;
    private boolean signStands;
    private long claimedAt = Plan.NEVER;
    private boolean takenAway;
    /** When somebody else's rule was moved out of the way, by priority. */
    private final Map<Integer, Long> removed = new HashMap<>();

    Listener(World world, Plan plan, Facts facts) {
        this.world = world;
        this.plan = plan;
        this.clock = world.clock();
        this.facts = facts;
    }

    boolean claimStands() {
        return claimStands;
    }

    boolean signStands() {
        return signStands;
    }

    /** When the claim was made; {@link Plan#NEVER} if it was not. */
    long claimedAt() {
        return claimedAt;
    }

    /** As one of the copies holds them. */
    List<Map<String, Object>> describe() {
        List<Map<String, Object>> list = world.copies().read(Read.RULES, lists);
        return clock.is(plan.rulesHidden) ? lists.at(Long.MIN_VALUE) : list;
    }

    private static List<Map<String, Object>> list(Map<Integer, Rule> rules) {
        List<Map<String, Object>> list = new ArrayList<>();
        rules.forEach((priority, rule) -> list.add(rule(rule.arn(), priority, rule.path(), rule.text())));
        list.add(Map.of(
                "RuleArn",
                "arn:default",
                "Priority",
                "default",
                "Conditions",
                List.of(),
                "Actions",
                List.of(Map.of("Type", "forward"))));
        return list;
    }

    static Map<String, Object> rule(String arn, int priority, String path, String text) {
        return Map.of(
                "RuleArn",
                arn,
                "Priority",
                String.valueOf(priority),
                "Conditions",
                List.of(Map.of("Field", "path-pattern", "PathPatternConfig", Map.of("Values", List.of(path)))),
                "Actions",
                List.of(Map.of("Type", "fixed-response", "FixedResponseConfig", Map.of("MessageBody", text))));
    }

    Object create(Map<String, Object> arguments) throws Refused {
        int priority = ((Number) arguments.get("Priority")).intValue();
        if (rules.containsKey(priority)) {
            throw new Refused("ElasticLoadBalancingV2.PriorityInUseException", "Priority " + priority + " is in use");
        }
        world.change();
        Map<?, ?> condition = (Map<?, ?>) ((List<?>) arguments.get("Conditions")).get(0);
        Map<?, ?> action = (Map<?, ?>) ((List<?>) arguments.get("Actions")).get(0);
        Map<?, ?> tag = (Map<?, ?>) ((List<?>) arguments.get("Tags")).get(0);
        String path = (String) ((List<?>) ((Map<?, ?>) condition.get("PathPatternConfig")).get("Values")).get(0);
        Rule rule = new Rule(
                "arn:rule/" + priority + "/" + clock.now(),
                path,
                (String) ((Map<?, ?>) action.get("FixedResponseConfig")).get("MessageBody"),
                (String) tag.get("Value"));
        rules.put(priority, rule);
        changed();
        clock.log("rule %s", path);
        checkSign(path);
        if (path.contains("/handover/")) {
            world.checkRead();
        }
        if (claimStands && claimedAt == Plan.NEVER) {
            claimedAt = clock.now();
            checkClaim();
            if (plan.claimTakenAwayAfterMillis < Plan.NEVER && !takenAway) {
                clock.at(clock.now() + plan.claimTakenAwayAfterMillis, () -> takeAway(priority));
            }
        }
        return Map.of("Rules", List.of(rule(rule.arn(), priority, rule.path(), rule.text())));
    }

    /** Somebody else's rule comes to a place that is free, and goes again when somebody has understood. */
    void foreign(int priority, Plan.Span span) {
        if (span.from() == Plan.NEVER) {
            return;
        }
        clock.at(span.from(), () -> {
            if (!clock.healed() && !rules.containsKey(priority)) {
                rules.put(priority, new Rule("arn:rule/foreign/" + priority, "/maintenance", "back soon", ""));
                changed();
                clock.log("somebody else's rule has priority %d", priority);
            }
        });
        if (span.to() < Plan.NEVER) {
            clock.at(span.to(), () -> removeForeign(priority));
        }
    }

    /** Whoever starts the next attempt when the cause is gone has moved it out of the way. */
    void removeForeign(int priority) {
        Rule rule = rules.get(priority);
        if (rule != null && rule.path().equals("/maintenance")) {
            rules.remove(priority);
            removed.put(priority, clock.now());
            changed();
        }
    }

    /** When somebody else's rule was last at a place: now, if it is; long ago, if it never was. */
    long foreignUntil(int priority) {
        Rule rule = rules.get(priority);
        return rule != null && rule.path().equals("/maintenance")
                ? clock.now()
                : removed.getOrDefault(priority, -Plan.NEVER);
    }

    /** Somebody takes our claim away again. */
    private void takeAway(int priority) {
        if (!clock.healed()) {
            takenAway = true;
            rules.remove(priority);
            changed();
            claimedAt = Plan.NEVER;
            clock.log("somebody deletes the claim");
        }
    }

    private void checkClaim() {
        // What a copy showed half a minute ago, or a datapoint two minutes ago, is all that can be known.
        int healthy = world.group().mostHealthyLately();
        boolean writable = world.database().wroteLately();
        if (!writable || healthy == 0) {
            world.violated(
                    Invariant.USERS_ARE_SENT_ONLY_WHERE_THEY_CAN_WRITE,
                    "claimed with %d healthy targets, database %s"
                            .formatted(healthy, writable ? "writable" : "not writable"));
        }
        world.group().checkSize(healthy);
        int least = world.group().least();
        if (least < facts.capacity()
                && plan.deployedTooEarly == Plan.NEVER
                && !world.group().sleeperEmptiedIt()) {
            world.violated(Invariant.CAPACITY_IS_NOT_TAKEN_FROM_USERS, "claimed with a least capacity of " + least);
        }
    }

    /** A healthy leader is not stopped before its successor has run. */
    private void checkSign(String path) {
        boolean planned =
                "planned".equals(world.executions().caller().variables().get("mode"));
        if (planned
                && facts.startsOnReplica()
                && path.contains("/handover/")
                && world.group().mostHealthyLately() == 0) {
            world.violated(Invariant.A_SWITCHOVER_PROVES_THE_STANDBY_FIRST, "no target has been healthy");
        }
    }

    /** A copy that has not heard of the rule knows none to delete [assumed]. */
    Object delete(String arn) throws Refused {
        Integer priority = rules.entrySet().stream()
                .filter(entry -> entry.getValue().arn().equals(arn))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(null);
        boolean known = lists.at(world.copies().asOf(Read.RULES)).stream()
                .anyMatch(rule -> rule.get("RuleArn").equals(arn));
        if (priority == null || !known) {
            throw new Refused("ElasticLoadBalancingV2.RuleNotFoundException", "no such rule");
        }
        world.change();
        Rule rule = rules.remove(priority);
        changed();
        clock.log("rule %s deleted", rule.path());
        if (rule.path().contains("/leader/")) {
            world.violated(Invariant.A_CLAIM_IS_NEVER_DELETED, rule.path());
        }
        if (!claimStands
                && (world.database().promotionOrdered() || world.database().marked())) {
            world.violated(
                    Invariant.THE_SIGN_STANDS_FROM_THE_PROMOTION_TO_THE_CLAIM,
                    "taken back after the %s".formatted(world.database().promotionOrdered() ? "order" : "mark"));
        }
        return Map.of();
    }

    private void changed() {
        lists.put(clock.now(), list(rules));
        claimStands = shows("/leader/" + facts.term(), " is led from here in term " + facts.term());
        signStands = shows("/handover/" + facts.term(), " is about to be led from here in term " + facts.term());
    }

    private boolean shows(String path, String text) {
        for (Rule rule : rules.values()) {
            if (rule.path().endsWith(path) && rule.text().endsWith(text)) {
                return true;
            }
        }
        return false;
    }

    /** The load balancer's own answers; 503 where nothing is claimed [design]. */
    Object get(String url) throws Refused {
        return get(url, null);
    }

    /** @param otherwise what a rule of the template answers there with 200; null: there is none but the 503's */
    Object get(String url, String otherwise) throws Refused {
        if (clock.is(plan.outside)) {
            if (plan.somethingElseAnswers) {
                return httpAnswer("<html>It works!</html>");
            }
            throw new Refused("States.Http.Socket", "no route");
        }
        for (Rule rule : rules.values()) {
            if (url.startsWith("https://") && url.endsWith(rule.path())) {
                return httpAnswer(rule.text());
            }
        }
        if (otherwise != null) {
            return httpAnswer(otherwise);
        }
        throw new Refused("States.Http.StatusCode.503", "pilotlight: no claim");
    }

    static Map<String, Object> httpAnswer(String body) {
        return Map.of("StatusCode", 200L, "StatusText", "OK", "Headers", Map.of(), "ResponseBody", body);
    }
}
