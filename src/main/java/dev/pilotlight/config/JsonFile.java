package dev.pilotlight.config;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads a file that holds one JSON object, or says in a sentence why it cannot. */
final class JsonFile {

    private static final int MAX_BYTES = 1 << 20;
    private static final int MAX_EXCERPT = 60;

    private static final Pattern DUPLICATE = Pattern.compile("Duplicate [^'\"]*['\"](.*)['\"]");

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonFile() {}

    /** The message is one sentence for the person whose file it is. */
    static final class UnusableFileException extends Exception {
        private static final long serialVersionUID = 1L;

        UnusableFileException(String message) {
            super(message);
        }
    }

    static ObjectNode read(Path path) throws UnusableFileException {
        return object(text(path));
    }

    static ObjectNode object(String text) throws UnusableFileException {
        JsonNode root = parse(text);
        if (root.isMissingNode()) {
            throw new UnusableFileException("is empty; copy another environment's file and change it");
        }
        if (!(root instanceof ObjectNode object)) {
            throw new UnusableFileException("holds " + Values.describe(root) + "; write one object in braces: { … }");
        }
        return object;
    }

    /** The file's text, without a byte-order mark. */
    static String text(Path path) throws UnusableFileException {
        try {
            if (Files.isDirectory(path)) {
                throw new UnusableFileException("is a folder; put a file there");
            }
            long size = Files.size(path);
            if (size > MAX_BYTES) {
                throw new UnusableFileException("has " + size + " bytes, of at most " + MAX_BYTES);
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(Files.readAllBytes(path)))
                    .toString();
            return text.startsWith("\uFEFF") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new UnusableFileException("is not text in UTF-8; save it as such");
        } catch (NoSuchFileException e) {
            throw new UnusableFileException("does not exist");
        } catch (AccessDeniedException e) {
            throw new UnusableFileException("may not be read by this user; change its permissions");
        } catch (IOException e) {
            throw new UnusableFileException("cannot be read (" + e.getClass().getSimpleName() + ")");
        }
    }

    private static JsonNode parse(String text) throws UnusableFileException {
        try {
            return MAPPER.readTree(text);
        } catch (StreamConstraintsException e) {
            throw new UnusableFileException("is nested too deeply or holds too long a value" + at(e)
                    + "; no key of a configuration needs that");
        } catch (JsonEOFException e) {
            throw new UnusableFileException("ends too early" + at(e) + "; close every quote, bracket and brace");
        } catch (MismatchedInputException e) {
            throw new UnusableFileException("goes on after its last brace" + at(e) + "; keep one object only");
        } catch (JsonProcessingException e) {
            Matcher duplicate = DUPLICATE.matcher(e.getOriginalMessage());
            if (duplicate.find()) {
                throw new UnusableFileException(
                        "has the key \"" + duplicate.group(1) + "\" twice" + at(e) + "; keep one of them");
            }
            throw new UnusableFileException("is not JSON" + at(e) + excerpt(text, e.getLocation())
                    + "; use double quotes, a comma between entries and none after the last, and no comments");
        }
    }

    private static String at(JsonProcessingException e) {
        JsonLocation location = e.getLocation();
        return location == null ? "" : " (line " + location.getLineNr() + ", column " + location.getColumnNr() + ")";
    }

    private static String excerpt(String text, JsonLocation location) {
        if (location == null) {
            return "";
        }
        String line = text.lines()
                .skip(Math.max(0, location.getLineNr() - 1))
                .findFirst()
                .orElse("")
                .strip()
                .replaceAll("\\p{Cntrl}", "?");
        if (line.isEmpty()) {
            return "";
        }
        return ": `" + (line.length() > MAX_EXCERPT ? line.substring(0, MAX_EXCERPT) + "…" : line) + "`";
    }
}
