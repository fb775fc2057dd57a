package dev.pilotlight.cli.operate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The failover runbook as it is deployed: what it would do is read from its own definition, not from this clone.
 *
 * @param term that it claims
 * @param listenerArn on which it shows sign and claim
 * @param database that it promotes
 * @param comments each state's, in plain words
 */
record Runbook(String arn, int term, String listenerArn, String database, Map<String, String> comments) {

    /** Its name's middle part; see {@link dev.pilotlight.topology.Names#runbook}. */
    static final String FAILOVER = "failover";
    /** The rehearsal's. */
    static final String REHEARSAL = "rehearsal";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern TERM = Pattern.compile("failover-term-(\\d+)-attempt");

    /** Empty if it is no failover runbook of ours. */
    static Optional<Runbook> of(String arn, String definition) {
        try {
            JsonNode machine = JSON.readTree(definition);
            Map<String, String> comments = new LinkedHashMap<>();
            String listener = "";
            String database = "";
            for (Map.Entry<String, JsonNode> state : machine.path("States").properties()) {
                comments.put(state.getKey(), state.getValue().path("Comment").asText());
                JsonNode arguments = state.getValue().path("Arguments");
                listener = arguments.path("ListenerArn").asText(listener);
                database = arguments.path("DbInstanceIdentifier").asText(database);
            }
            Matcher term = TERM.matcher(machine.path("Comment").asText());
            return term.find() && !listener.isEmpty()
                    ? Optional.of(new Runbook(arn, Integer.parseInt(term.group(1)), listener, database, comments))
                    : Optional.empty();
        } catch (IOException noJson) {
            return Optional.empty();
        }
    }
}
