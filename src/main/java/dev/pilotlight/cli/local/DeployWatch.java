package dev.pilotlight.cli.local;

import dev.pilotlight.cli.Progress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what {@code cdk deploy} prints and turns it into one step per stack. */
final class DeployWatch implements Consumer<String> {

    private static final Pattern DEPLOYING = Pattern.compile("(\\w+): deploying\\.\\.\\..*");
    private static final Pattern EVENT =
            Pattern.compile("(\\w+) \\|\\s*([^|]*)\\|[^|]*\\| ([A-Z_]+)\\s*\\| (AWS::[\\w:]+)\\s*\\| (.*)");
    private static final Pattern FINISHED = Pattern.compile("\\W*✅\\W+(\\w+)( \\(no changes\\))?");
    private static final Pattern ERROR = Pattern.compile("(?i).*(\\berror\\b|❌|failed|CREATE_FAILED|UPDATE_FAILED).*");

    private final Progress progress;
    private final List<String> finished = new ArrayList<>();
    private final List<String> recent = new ArrayList<>();
    private boolean synthesized;
    private boolean changed;
    private int events;

    DeployWatch(Progress progress) {
        this.progress = progress;
        progress.begin("Synthesis", "of the stacks");
    }

    @Override
    public void accept(String line) {
        remember(line);
        Matcher deploying = DEPLOYING.matcher(line);
        Matcher event = EVENT.matcher(line);
        Matcher end = FINISHED.matcher(line);
        if (line.contains("Synthesis time")) {
            synthesized = true;
            progress.done("done");
        } else if (deploying.matches()) {
            changed = true;
            events = 0;
            progress.begin(deploying.group(1), "deploying");
        } else if (event.matches()) {
            events++;
            progress.now(event.group(4));
        } else if (end.matches()) {
            finished.add(end.group(1));
            progress.done(end.group(2) == null ? "deployed, " + events + " events" : "unchanged");
        }
    }

    /** Whether the emulator may hold something of this deploy. */
    boolean touchedEmulator() {
        return changed;
    }

    boolean synthesized() {
        return synthesized;
    }

    List<String> finished() {
        return List.copyOf(finished);
    }

    /** The lines that tell why it failed: those that speak of errors, or else the last ones. */
    List<String> whatMatters() {
        List<String> errors = recent.stream()
                .filter(line -> ERROR.matcher(line).matches())
                .distinct()
                .toList();
        List<String> chosen = errors.isEmpty() ? recent : errors;
        return chosen.subList(Math.max(0, chosen.size() - 8), chosen.size());
    }

    private void remember(String line) {
        if (line.isBlank()) {
            return;
        }
        recent.add(line.strip());
        if (recent.size() > 200) {
            recent.remove(0);
        }
    }
}
