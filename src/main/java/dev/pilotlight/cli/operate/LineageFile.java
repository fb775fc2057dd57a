package dev.pilotlight.cli.operate;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.pilotlight.cli.Failure;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.config.ConfigurationException;
import dev.pilotlight.config.Configurations;
import dev.pilotlight.topology.DatabaseLineage;
import dev.pilotlight.topology.LineageEntry;
import dev.pilotlight.topology.LineageEntry.Seeded;
import dev.pilotlight.topology.RegionName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Records a failover in the environment's configuration file: one more entry at the end of {@code databaseLineage}, and
 * every other byte of the file as it was.
 */
public final class LineageFile {

    private static final String KEY = "databaseLineage";

    private final Path folder;
    private final String environment;
    private final Path path;

    /**
     * Reads nothing yet.
     *
     * @param folder of the configuration files
     */
    public LineageFile(Path folder, String environment) {
        this.folder = folder;
        this.environment = environment;
        this.path = folder.resolve(environment + ".json");
    }

    /** What was done to the file. */
    public enum Change {
        APPENDED,
        /** It held the entry already. */
        NONE
    }

    /**
     * Appends the region that lost leadership: its database is seeded anew, from the new leader's.
     *
     * @param before the lineage that the failover began with; a file that has changed meanwhile is left alone
     * @throws Failure if the file cannot be changed, with what to do by hand
     */
    public Change append(DatabaseLineage before, RegionName region) {
        DatabaseLineage after = before.append(new Seeded(region));
        Configurations configurations = new Configurations(folder);
        Configuration now = configurations.load(environment);
        if (now.databaseLineage().equals(after)) {
            return Change.NONE;
        }
        if (!now.databaseLineage().equals(before)) {
            throw new Failure(
                    "databaseLineage in %s has changed meanwhile, from %s to %s: nothing was appended; look at who changed it, and append \"%s\" by hand if it is still missing."
                            .formatted(path, shown(before), shown(now.databaseLineage()), region.id()));
        }
        try {
            // A link is somebody's choice: what it leads to is changed.
            Path file = path.toRealPath();
            String text = read(file);
            String changed = withEntry(text, region);
            Configuration outcome = configurations.whatIf(environment, withoutByteOrderMark(changed));
            if (!outcome.databaseLineage().equals(after)) {
                throw byHand(region, "its text is unusual");
            }
            replace(file, text, changed, region);
            return Change.APPENDED;
        } catch (ConfigurationException e) {
            throw byHand(region, e.getMessage());
        } catch (IOException e) {
            throw byHand(region, e.getClass().getSimpleName() + ": " + e.getMessage());
        }
    }

    private Failure byHand(RegionName region, String why) {
        return new Failure(
                "%s could not be changed (%s): append \"%s\" to %s by hand.".formatted(path, why, region.id(), KEY));
    }

    /** As it stands in a file, on one line. */
    public static String shown(DatabaseLineage lineage) {
        return lineage.entries().stream().map(LineageFile::shown).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String shown(LineageEntry entry) {
        if (entry instanceof LineageEntry.RestoreTo restore) {
            return "{\"region\": \"%s\", \"restoreTo\": \"%s\"}"
                    .formatted(entry.region().id(), restore.time());
        }
        if (entry instanceof LineageEntry.RestoreFrom restore) {
            return "{\"region\": \"%s\", \"snapshot\": \"%s\"}"
                    .formatted(entry.region().id(), restore.snapshotArn());
        }
        return '"' + entry.region().id() + '"';
    }

    private static String read(Path file) throws IOException {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IOException("it is not text in UTF-8", e);
        }
    }

    private static String withoutByteOrderMark(String text) {
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    /** Where something stands in the text. */
    private record Span(int from, int to) {}

    /**
     * The text with one more entry, set off from the one before as that is from its own.
     *
     * @param text a valid configuration
     */
    static String withEntry(String text, RegionName region) throws IOException {
        String entry = '"' + region.id() + '"';
        List<Span> members = new ArrayList<>();
        List<Span> entries = new ArrayList<>();
        int offset = text.length() - withoutByteOrderMark(text).length();
        try (JsonParser parser = new JsonFactory().createParser(text.substring(offset))) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                int from = start(parser, offset);
                boolean lineage = parser.currentName().equals(KEY);
                parser.nextToken();
                if (lineage) {
                    while (parser.nextToken() != JsonToken.END_ARRAY) {
                        int first = start(parser, offset);
                        entries.add(new Span(first, end(parser, offset)));
                    }
                }
                members.add(new Span(from, end(parser, offset)));
            }
        }
        if (entries.isEmpty()) {
            // The default is written out, and the failover after it.
            String member = "\"%s\": [\"primary\", \"dr\", %s]".formatted(KEY, entry);
            return inserted(text, members, member);
        }
        return inserted(text, entries, entry);
    }

    private static String inserted(String text, List<Span> list, String item) {
        Span last = list.get(list.size() - 1);
        String separator = list.size() > 1
                ? text.substring(list.get(list.size() - 2).to(), last.from())
                // After the brace: all white space there is, as before the one that follows.
                : "," + text.substring(text.lastIndexOf('{', last.from()) + 1, last.from());
        return text.substring(0, last.to()) + separator + item + text.substring(last.to());
    }

    private static int start(JsonParser parser, int offset) {
        return offset + (int) parser.currentTokenLocation().getCharOffset();
    }

    private static int end(JsonParser parser, int offset) throws IOException {
        parser.skipChildren();
        parser.finishToken();
        return offset + (int) parser.currentLocation().getCharOffset();
    }

    /** All of it or nothing, whatever happens meanwhile, and with the permissions it had. */
    private void replace(Path file, String before, String after, RegionName region) throws IOException {
        Path whole = Files.createTempFile(file.getParent(), "." + file.getFileName() + ".", ".new");
        try {
            try (FileChannel channel = FileChannel.open(whole, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = StandardCharsets.UTF_8.encode(after);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            if (Files.getFileStore(file).supportsFileAttributeView("posix")) {
                Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
                Files.setPosixFilePermissions(whole, permissions);
            }
            if (!read(file).equals(before)) {
                throw byHand(region, "somebody else changed it at this moment");
            }
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(whole);
        }
    }
}
