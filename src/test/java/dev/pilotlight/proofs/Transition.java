package dev.pilotlight.proofs;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A lineage that grows. Entries are as in a configuration file, but with single quotes.
 *
 * @param title what happened, in a few words
 * @param before the lineage until then
 * @param entries the appended ones: one, or more if a stack was not deployed in between
 */
record Transition(String title, List<String> before, List<String> entries) {

    private Transition(String title, List<String> before, String entry) {
        this(title, before, List.of(entry));
    }

    private static final String P = "'primary'";
    private static final String D = "'dr'";
    private static final String TIME = "2026-11-20T10:00:00Z";

    List<String> after() {
        List<String> longer = new ArrayList<>(before);
        longer.addAll(entries);
        return List.copyOf(longer);
    }

    /** Of the databases' regions: {@code p d p}, with {@code p@time} and {@code p@snapshot} for restores. */
    static String brief(List<String> lineage) {
        return String.join(
                " ",
                lineage.stream()
                        .map(entry -> {
                            String region = entry.contains("primary") ? "p" : "d";
                            return region
                                    + (entry.contains("restoreTo") ? "@time" : "")
                                    + (entry.contains("snapshot") ? "@snapshot" : "");
                        })
                        .toList());
    }

    String brief() {
        return brief(before) + " → " + brief(after());
    }

    @Override
    public String toString() {
        return brief() + " (" + title + ")";
    }

    static List<Transition> all() {
        List<Transition> all = new ArrayList<>();
        List<String> founded = List.of(P, D);
        List<String> failedOver = List.of(P, D, P);
        List<String> failedBack = List.of(P, D, P, D);
        all.add(new Transition("failover", founded, P));
        all.add(new Transition("failback", failedOver, D));
        all.add(new Transition("second failover", failedBack, P));
        all.add(new Transition("the replica is seeded anew", founded, D));
        all.add(new Transition("failover to the replica that was seeded anew", List.of(P, D, D), P));
        all.add(new Transition("after a failover, the replica is seeded anew", failedOver, P));
        restores(all, founded, P, D);
        restores(all, failedOver, D, P);
        return List.copyOf(all);
    }

    /** Every lineage to every longer one that it is the beginning of, past entries that a stack has never seen. */
    static List<Transition> thatSkipEntries() {
        Set<List<String>> lineages = new LinkedHashSet<>();
        for (Transition transition : all()) {
            lineages.add(transition.before());
            lineages.add(transition.after());
        }
        List<Transition> skipping = new ArrayList<>();
        for (List<String> before : lineages) {
            for (List<String> after : lineages) {
                int length = before.size();
                if (after.size() > length + 1 && after.subList(0, length).equals(before)) {
                    skipping.add(new Transition("deployed late", before, after.subList(length, after.size())));
                }
            }
        }
        return List.copyOf(skipping);
    }

    /** Each kind of restore in each region, the new replica that must follow, and the failover to that one. */
    private static void restores(List<Transition> all, List<String> before, String leader, String standby) {
        for (String how : List.of("time", "snapshot")) {
            String inLeader = restore(leader, how);
            String inStandby = restore(standby, how);
            String source = how.equals("time") ? "to a point in time" : "from a snapshot";
            List<String> restored = with(before, inLeader);
            List<String> restoredAtStandby = with(before, inStandby);
            all.add(new Transition("restore in the leader's region " + source, before, inLeader));
            all.add(new Transition("then the replica is seeded anew", restored, standby));
            all.add(new Transition("then failover", with(restored, standby), leader));
            if (how.equals("time")) {
                // The standby's is a replica, which RDS does not restore to a time.
                continue;
            }
            all.add(new Transition(
                    "restore in the standby's region " + source + ", which takes leadership", before, inStandby));
            all.add(new Transition("then the old leader's region gets a replica", restoredAtStandby, leader));
            all.add(new Transition("then failback", with(restoredAtStandby, leader), standby));
            all.add(new Transition(
                    "then the old leader's region restores its own to a point in time and leads again",
                    restoredAtStandby,
                    restore(leader, "time")));
        }
    }

    private static List<String> with(List<String> lineage, String entry) {
        return new Transition("", lineage, entry).after();
    }

    private static String restore(String region, String how) {
        String aws = region.equals(P) ? "eu-central-1" : "eu-west-1";
        return "{'region': " + region + ", "
                + (how.equals("time")
                        ? "'restoreTo': '" + TIME + "'}"
                        : "'snapshot': 'arn:aws:rds:" + aws + ":123456789012:snapshot:awsbackup:copyjob-1'}");
    }
}
