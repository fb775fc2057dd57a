package dev.pilotlight.config;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;

/**
 * Text as user data carries it: compressed (the format {@code .lzma}, which Python's standard library reads), in base64.
 *
 * <p>Not gzip, whose bytes differ from one machine's zlib to the next: user data that differed would replace every
 * instance at the next deploy from another machine.
 */
public final class Packed {

    private Packed() {}

    public static String of(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try {
            LZMA2Options options = new LZMA2Options(LZMA2Options.PRESET_MAX);
            // Larger than any user data; the preset's would take 64 MiB.
            options.setDictSize(1 << 16);
            options.setPb(0);
            try (LZMAOutputStream compressor = new LZMAOutputStream(packed, options, bytes.length)) {
                compressor.write(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Base64.getEncoder().encodeToString(packed.toByteArray());
    }
}
