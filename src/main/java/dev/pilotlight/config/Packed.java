package dev.pilotlight.config;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.LZMAOutputStream;

/**
 * Text as user data carries it: compressed (the format {@code .lzma}, which Python's standard library reads), in base85
 * as Python's {@code base64.b85decode} reads it, a sixteenth shorter than base64.
 *
 * <p>Not gzip, whose bytes differ from one machine's zlib to the next: user data that differed would replace every
 * instance at the next deploy from another machine.
 */
public final class Packed {

    private static final String BASE85 =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";

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
        return base85(packed.toByteArray());
    }

    /** Five letters for every four bytes; of the last, as many letters as it has bytes and one more. */
    private static String base85(byte[] bytes) {
        StringBuilder text = new StringBuilder();
        for (int start = 0; start < bytes.length; start += 4) {
            int present = Math.min(4, bytes.length - start);
            long number = 0;
            for (int index = 0; index < 4; index++) {
                number = number << 8 | (index < present ? bytes[start + index] & 0xFF : 0);
            }
            for (int letter = 0, power = 85 * 85 * 85 * 85; letter <= present; letter++, power /= 85) {
                text.append(BASE85.charAt((int) (number / power % 85)));
            }
        }
        return text.toString();
    }
}
