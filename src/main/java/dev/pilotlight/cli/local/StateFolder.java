package dev.pilotlight.cli.local;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.cli.Failure;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;

/** What is kept between two runs of {@code ./pilot local}: {@code .pilot/}, which can be deleted at any time. */
final class StateFolder {

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;

    StateFolder(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
        try {
            Files.createDirectories(this.folder);
        } catch (IOException e) {
            throw new Failure("%s cannot be created: %s.".formatted(this.folder, whyNot(this.folder, e)));
        }
    }

    /** In plain words, with the way out. */
    static String whyNot(Path folder, IOException e) {
        Path there = folder;
        while (!Files.exists(there, LinkOption.NOFOLLOW_LINKS) && there.getParent() != null) {
            there = there.getParent();
        }
        String it = there.equals(folder) ? "it" : there.toString();
        if (Files.isSymbolicLink(there) && !Files.exists(there)) {
            return it + " is a link to nothing; remove it";
        }
        if (!Files.isDirectory(there)) {
            return it + " is a file; move it out of the way";
        }
        if (e instanceof AccessDeniedException) {
            return "you have no permission to write to %s; change that, or run this as its owner".formatted(it);
        }
        return e instanceof FileSystemException known && known.getReason() != null
                ? known.getReason() + "; make room for it"
                : e.getMessage();
    }

    Path folder() {
        return folder;
    }

    Path emulatorLog() {
        return folder.resolve("emulator.log");
    }

    Path runtimeLog() {
        return folder.resolve("runtime.log");
    }

    Path cdkLog() {
        return folder.resolve("cdk.log");
    }

    Path cdkHome() {
        return folder.resolve("cdk-home");
    }

    /** The assembly of the last deploy, apart from the cdk.out of a person's own synth. */
    Path assembly() {
        return folder.resolve("cdk.out");
    }

    /** Where the emulator writes down which port it took. */
    Path portFile() {
        return folder.resolve("port");
    }

    /** The port that the emulator took; empty as long as it has taken none. */
    OptionalInt port() {
        try {
            return OptionalInt.of(Integer.parseInt(Files.readString(portFile())));
        } catch (IOException absent) {
            return OptionalInt.empty();
        }
    }

    void forgetPort() {
        forget(portFile());
    }

    private Path emulatorFile() {
        return folder.resolve("emulator.json");
    }

    private Path runtimeFile() {
        return folder.resolve("runtime.json");
    }

    /** The emulator that was started last, be it alive or not. */
    Optional<EmulatorRecord> emulator() {
        return read(emulatorFile(), EmulatorRecord.class);
    }

    void emulator(EmulatorRecord emulator) {
        write(emulatorFile(), emulator);
    }

    void forgetEmulator() {
        forget(emulatorFile());
    }

    /** The local runtime that was started last, be it alive or not. */
    Optional<RuntimeRecord> runtime() {
        return read(runtimeFile(), RuntimeRecord.class);
    }

    void runtime(RuntimeRecord runtime) {
        write(runtimeFile(), runtime);
    }

    void forgetRuntime() {
        forget(runtimeFile());
    }

    private static <T> Optional<T> read(Path file, Class<T> type) {
        try {
            return Optional.of(JSON.readValue(file.toFile(), type));
        } catch (IOException absentOrTorn) {
            return Optional.empty();
        }
    }

    private static void write(Path file, Object value) {
        try {
            Path whole = file.resolveSibling(file.getFileName() + ".new");
            Files.write(whole, JSON.writeValueAsBytes(value));
            Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void forget(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Does something while no other process can; the lock goes with this process, however it ends.
     *
     * @throws Failure if another process is at it
     */
    <T> T alone(Callable<T> task) throws Exception {
        Path file = folder.resolve("lock");
        try (FileChannel channel = open(file)) {
            if (tryLock(channel) == null) {
                String holder = Files.readString(file, StandardCharsets.UTF_8).strip();
                throw new Failure("Another ./pilot local%s is at work with %s: wait for it, or end it with Ctrl-C."
                        .formatted(holder.isEmpty() ? "" : " (process " + holder + ")", folder));
            }
            channel.truncate(0);
            channel.write(StandardCharsets.UTF_8.encode(
                    Long.toString(ProcessHandle.current().pid())));
            return task.call();
        }
    }

    private FileChannel open(Path file) throws IOException {
        try {
            return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        } catch (AccessDeniedException e) {
            throw new Failure("%s cannot be written to: %s.".formatted(folder, whyNot(folder, e)));
        }
    }

    private static FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (java.nio.channels.OverlappingFileLockException heldByThisProcess) {
            return null;
        }
    }
}
