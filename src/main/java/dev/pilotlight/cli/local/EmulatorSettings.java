package dev.pilotlight.cli.local;

import dev.pilotlight.cli.Project;
import dev.pilotlight.config.Configuration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/**
 * What an emulator is started with. One that was started with something else is started anew.
 *
 * @param environment the environment that is deployed to it: one at a time, as in an account of its own
 * @param workload the workload's name: another name is another system
 * @param account the AWS account that it plays
 * @param hostedZone the Route 53 zone that exists from the start, as ID=NAME
 * @param sources a digest of its program
 */
record EmulatorSettings(String environment, String workload, String account, String hostedZone, String sources) {

    /** moto's account, which AWS's documentation uses too. */
    private static final String EXAMPLE_ACCOUNT = "123456789012";

    static EmulatorSettings of(Configuration configuration, Project project) {
        return new EmulatorSettings(
                configuration.environment(),
                configuration.name(),
                configuration.account().orElse(EXAMPLE_ACCOUNT),
                configuration.dns().hostedZoneId() + "=" + configuration.dns().zoneName(),
                digest(project.emulatorSources()));
    }

    /** Of every file's path and content. */
    static String digest(Path sources) {
        try (Stream<Path> files = Files.walk(sources)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            List<Path> programs =
                    files.filter(EmulatorSettings::isProgram).sorted().toList();
            for (Path program : programs) {
                digest.update(sources.relativize(program).toString().getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
                digest.update(Files.readAllBytes(program));
                digest.update((byte) 0);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean isProgram(Path file) {
        String name = file.getFileName().toString();
        return name.equals("requirements.txt")
                || (name.endsWith(".py") && !name.startsWith("test_") && !name.equals("conftest.py"));
    }
}
