package dev.pilotlight.config;

import dev.pilotlight.config.JsonFile.UnusableFileException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** The script that a configuration names. */
public final class UserData {

    /** EC2 takes 16 KiB of user data; the agent and what else comes before the script, packed, need the larger part. */
    public static final int MAX_PACKED_BYTES = 9 * 512;

    private UserData() {}

    static String read(Path folder, String name) throws UnusableFileException {
        Path script = locate(folder, name);
        String text = JsonFile.text(script);
        int packed = Packed.of(text).length();
        if (!text.startsWith("#!")) {
            throw new UnusableFileException("does not begin with #!; name its shell in the first line: #!/bin/bash");
        }
        if (text.indexOf('\r') >= 0) {
            throw new UnusableFileException("has Windows line ends, which no Linux shell runs; save it with Unix ones");
        }
        if (!text.contains("workload.service")) {
            throw new UnusableFileException(
                    "never names workload.service, the systemd unit that is stopped when the other region takes over; install the workload as that unit");
        }
        if (packed > MAX_PACKED_BYTES) {
            throw new UnusableFileException("has " + text.getBytes(StandardCharsets.UTF_8).length + " bytes, "
                    + packed + " when packed, of at most " + MAX_PACKED_BYTES
                    + " (EC2 takes 16 KiB, of which the agent needs the rest); have it download what is long");
        }
        return text;
    }

    private static Path locate(Path folder, String name) throws UnusableFileException {
        try {
            Path script = folder.resolve(name);
            if (Path.of(name).isAbsolute()) {
                throw new UnusableFileException("is absolute; write it relative to the folder of this file");
            }
            if (!script.normalize().startsWith(folder.normalize())) {
                throw new UnusableFileException("is outside the folder of this file; move it there");
            }
            if (!Files.exists(script)) {
                throw new UnusableFileException(
                        "does not exist; put the script into the folder of this file, or leave the key out for the built-in sample");
            }
            if (!script.toRealPath().startsWith(folder.toRealPath())) {
                throw new UnusableFileException("leads outside the folder of this file; copy the script there");
            }
            return script;
        } catch (InvalidPathException | IOException e) {
            throw new UnusableFileException("is no path; write one relative to the folder of this file");
        }
    }
}
