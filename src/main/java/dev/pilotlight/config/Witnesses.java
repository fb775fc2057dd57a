package dev.pilotlight.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import software.amazon.awssdk.regions.Region;

/**
 * Who is asked whether the standby's region reaches anybody: the defaults of {@code detection.witnesses}, and what a list of
 * one's own must obey.
 */
final class Witnesses {

    static final String KEY = "detection.witnesses";

    /** One may be down on the day, and then two still have to agree. */
    static final int FOR_AN_AUTOMATIC_START = 3;

    /** Large regions on three continents; the first that are none of the two are asked. */
    private static final List<String> REGIONS = List.of("us-west-2", "eu-west-1", "ap-northeast-1", "eu-north-1");

    private static final int DEFAULT_REGIONS = 2;

    /** Has a network and name servers of its own, and is small, of text, and meant for machines. */
    private static final String OUTSIDE_AWS = "https://www.google.com/robots.txt";

    /** Where it can be reached: not from China, and from nowhere without the Internet. */
    private static final Set<String> SEES_THE_INTERNET = Set.of("aws", "aws-us-gov");

    private static final Pattern AWS = Pattern.compile("\\.(amazonaws\\.com|amazonaws\\.com\\.cn|api\\.aws)$");

    private final Draft draft;

    Witnesses(Draft draft) {
        this.draft = draft;
    }

    /** The default, which depends on the two regions: nothing while those are not sound. */
    static void fillIn(Draft draft) {
        Optional<String> primary = draft.text("primary.region");
        Optional<String> dr = draft.text("dr.region");
        Optional<String> partition = primary.flatMap(Rules::partition);
        if (partition.isEmpty()
                || dr.isEmpty()
                || draft.at(KEY).isPresent()
                || draft.problems().concern(KEY)
                || !(draft.document().path("detection") instanceof ObjectNode detection)) {
            return;
        }
        ArrayNode witnesses = detection.putArray("witnesses");
        REGIONS.stream()
                .filter(region -> Rules.partition(region).equals(partition))
                .filter(region -> !region.equals(primary.get()) && !region.equals(dr.get()))
                .limit(DEFAULT_REGIONS)
                // Answers without credentials.
                .forEach(region -> witnesses.add("https://dynamodb." + region + ".amazonaws.com/ping"));
        if (SEES_THE_INTERNET.contains(partition.get())) {
            witnesses.add(OUTSIDE_AWS);
        }
    }

    /** The URLs of a configuration without problems. */
    static List<String> in(JsonNode document) {
        List<String> urls = new ArrayList<>();
        document.at("/detection/witnesses").forEach(url -> urls.add(url.textValue()));
        return List.copyOf(urls);
    }

    void check() {
        Map<String, Integer> hosts = new LinkedHashMap<>();
        int count = draft.at(KEY).map(JsonNode::size).orElse(0);
        for (int index = 0; index < count; index++) {
            String key = KEY + "[" + index + "]";
            JsonNode url = draft.document().at("/detection/witnesses/" + index);
            if (draft.problems().concern(key) || !url.isTextual()) {
                continue;
            }
            String host = URI.create(url.textValue()).getHost();
            Integer first = hosts.putIfAbsent(host, index);
            if (first != null) {
                fail(key, url, "asks the host of %s[%d] again; one host is one witness".formatted(KEY, first));
            }
            isNotOurs(key, url, host);
            isInNeitherRegion(key, url, host);
            saysItsRegion(key, url, host);
        }
        enoughForAnAutomaticStart(count);
    }

    private void isNotOurs(String key, JsonNode url, String host) {
        draft.text("dns.recordName")
                .filter(record -> host.equals(record) || host.endsWith("." + record))
                .ifPresent(record -> fail(
                        key, url, "is the workload's own name, which is silent if the leader is lost; name another's"));
    }

    private void isInNeitherRegion(String key, JsonNode url, String host) {
        for (String region : List.of("primary.region", "dr.region")) {
            draft.text(region)
                    .filter(name -> names(host, name))
                    .ifPresent(name -> fail(
                            key, url, "is in %s, one of the two regions in question; choose another".formatted(name)));
        }
    }

    /** A label, a part of one as in s3-eu-west-1, or a zone. */
    private static boolean names(String host, String region) {
        return Pattern.compile("(^|[.-])" + Pattern.quote(region) + "[a-z]?([.-]|$)")
                .matcher(host)
                .find();
    }

    /** A global name of AWS is answered from one region, or from that of a bucket. */
    private void saysItsRegion(String key, JsonNode url, String host) {
        if (AWS.matcher(host).find() && Region.regions().stream().noneMatch(region -> names(host, region.id()))) {
            fail(
                    key,
                    url,
                    "does not say its region, which may be one of the two in question; choose one that does, or one outside AWS");
        }
    }

    private void enoughForAnAutomaticStart(int count) {
        if (draft.at(KEY).isPresent()
                && count < FOR_AN_AUTOMATIC_START
                && draft.flag("detection.startsFailover").orElse(false)) {
            draft.problems()
                    .add(
                            "detection.startsFailover",
                            "true needs at least %d witnesses that this region is not the one cut off, and detection.witnesses has %d; add to them, or write false"
                                    .formatted(FOR_AN_AUTOMATIC_START, count));
        }
    }

    private void fail(String key, JsonNode url, String message) {
        draft.problems().add(key, Values.quote(url) + " " + message);
    }
}
