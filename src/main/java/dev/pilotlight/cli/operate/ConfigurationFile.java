package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.config.ConfigurationException;
import dev.pilotlight.config.Configurations;
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
import java.util.Set;
import java.util.function.Predicate;

/** An environment's configuration file, which a person has written and a command changes. */
final class ConfigurationFile {

    private final Configurations configurations;
    private final String environment;
    private final Path path;

    /**
     * Reads nothing yet.
     *
     * @param folder of the configuration files
     */
    ConfigurationFile(Path folder, String environment) {
        this.configurations = new Configurations(folder);
        this.environment = environment;
        this.path = folder.resolve(environment + ".json");
    }

    Path path() {
        return path;
    }

    /** @throws ConfigurationException with everything that is wrong with it */
    Configuration load() {
        return configurations.load(environment);
    }

    /** A change of the text. */
    interface Edit {
        JsonText of(JsonText text) throws IOException;
    }

    /**
     * Changes the file: all of it or nothing, whatever happens meanwhile, and with the permissions it had.
     *
     * @param outcome what must be so afterwards
     * @param byHand what a person is to do if it cannot be changed, such as "append \"dr\" by hand"
     * @throws Failure if it cannot be changed, with what to do by hand
     */
    void change(Edit edit, Predicate<Configuration> outcome, String byHand) {
        try {
            // A link is somebody's choice: what it leads to is changed.
            Path file = path.toRealPath();
            String text = read(file);
            String changed = edit.of(JsonText.of(text)).toString();
            if (!outcome.test(configurations.whatIf(environment, JsonText.withoutByteOrderMark(changed)))) {
                throw unchanged("its text is unusual", byHand);
            }
            replace(file, text, changed, byHand);
        } catch (ConfigurationException e) {
            throw unchanged(e.getMessage(), byHand);
        } catch (IOException e) {
            throw unchanged(e.getClass().getSimpleName() + ": " + e.getMessage(), byHand);
        }
    }

    private Failure unchanged(String why, String byHand) {
        return new Failure("%s could not be changed (%s): %s.".formatted(path, why, byHand));
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

    private void replace(Path file, String before, String after, String byHand) throws IOException {
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
                throw unchanged("somebody else changed it at this moment", byHand);
            }
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(whole);
        }
    }
}
