package dev.pilotlight.cli.local;

import dev.pilotlight.cli.Progress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what {@code cdk deploy} prints and turns it into one step per stack. */
final class DeployWatch implements Consumer<String> {

    private static final Pattern DEPLOYING = Pattern.compile("(\\w+)(?: \\([\\w-]+\\))?: deploying\\.\\.\\..*");
    private static final Pattern EVENT =
            Pattern.compile("([\\w-]+) \\|\\s*([^|]*)\\|[^|]*\\| ([A-Z_]+)\\s*\\| (AWS::[\\w:]+)\\s*\\| (.*)");
    private static final Pattern FINISHED =
            Pattern.compile("\\W*✅\\W+(\\w+)(?: \\((?!no changes)[\\w-]+\\))?( \\(no changes\\))?");
    private static final Pattern ERROR = Pattern.compile("(?i).*(\\berror\\b|❌).*");
    private static final int MOST_LINES = 8;

    private final Steps progress;
    private final List<String> recent = new ArrayList<>();
    private boolean changed;
    private final Set<String> changes = new HashSet<>();
    private String outcome = "deployed";

    /** Is told of the steps: synthesis, then each stack. */
    interface Steps {
        void begin(String step, String now);

        void now(String what);

        void done(String result);

        static Steps of(Progress progress) {
            return new Steps() {
                @Override
                public void begin(String step, String now) {
                    progress.begin(step, now);
                }

                @Override
                public void now(String what) {
                    progress.now(what);
                }

                @Override
                public void done(String result) {
                    progress.done(result);
                }
            };
        }
    }

    DeployWatch(Steps progress) {
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
            progress.done("done");
        } else if (deploying.matches()) {
            changed = true;
            changes.clear();
            outcome = "deployed";
            progress.begin(deploying.group(1), "deploying");
        } else if (event.matches()) {
            onEvent(event.group(1), event.group(3), event.group(4), event.group(5));
        } else if (end.matches()) {
            progress.done(end.group(2) == null ? outcome + ", " + changes.size() + " changes" : "unchanged");
        }
    }

    private void onEvent(String stack, String status, String type, String resource) {
        progress.now("%d done, %s".formatted(changes.size(), type));
        if (type.equals("AWS::CloudFormation::Stack")) {
            outcome = status.startsWith("CREATE") ? "created" : "updated";
        } else if (status.endsWith("_COMPLETE")) {
            changes.add(stack + " " + resource);
        }
    }

    /** Whether the emulator may hold something of this deploy. */
    boolean touchedEmulator() {
        return changed;
    }

    /** The lines that tell why it failed: those that speak of errors, or else the last ones. */
    List<String> whatMatters() {
        List<String> errors =
                recent.stream().filter(DeployWatch::speaksOfAnError).distinct().toList();
        List<String> chosen = errors.isEmpty() ? recent : errors;
        return chosen.subList(Math.max(0, chosen.size() - MOST_LINES), chosen.size());
    }

    private static boolean speaksOfAnError(String line) {
        Matcher event = EVENT.matcher(line);
        return event.matches()
                ? event.group(3).endsWith("_FAILED")
                : !line.contains(" | ") && ERROR.matcher(line).matches();
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
