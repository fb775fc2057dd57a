package dev.pilotlight.config;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pilotlight.config.Configuration.Amis;
import dev.pilotlight.config.Configuration.Architecture;
import dev.pilotlight.config.Configuration.BackupSettings;
import dev.pilotlight.config.Configuration.Compute;
import dev.pilotlight.config.Configuration.DatabaseSettings;
import dev.pilotlight.config.Configuration.Detection;
import dev.pilotlight.config.Configuration.Dns;
import dev.pilotlight.config.Configuration.Objectives;
import dev.pilotlight.config.Configuration.RegionSettings;
import dev.pilotlight.config.ConfigurationException.Problem;
import dev.pilotlight.config.JsonFile.UnusableFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads and validates the configuration of an environment. */
public final class Configurations {

    private static final Pattern ENVIRONMENT = Pattern.compile("[a-z0-9][a-z0-9-]*");

    private final Path folder;
    private final Clock clock;

    /**
     * Reads from a folder, later.
     *
     * @param folder holds one JSON file per environment and the schema, {@code pilotlight.schema.json}
     */
    public Configurations(Path folder) {
        this(folder, Clock.systemUTC());
    }

    Configurations(Path folder, Clock clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /**
     * The configuration of an environment.
     *
     * @param environment the name of its file without {@code .json}, such as {@code dev}
     * @throws ConfigurationException with everything that is wrong with it
     */
    public Configuration load(String environment) {
        Path path = existing(environment);
        return load(environment, path, document(path));
    }

    /**
     * The configuration that an environment's file would amount to if it held this text.
     *
     * @throws ConfigurationException with everything that is wrong with it
     */
    public Configuration whatIf(String environment, String text) {
        Path path = existing(environment);
        try {
            return load(environment, path, JsonFile.object(text));
        } catch (UnusableFileException e) {
            throw new ConfigurationException(List.of(new Problem(shown(path), "", e.getMessage())));
        }
    }

    private Configuration load(String environment, Path path, ObjectNode document) {
        ConfigurationSchema schema = schema();
        Problems problems = new Problems(shown(path));
        schema.validate(document, problems);
        Draft draft = new Draft(schema.withDefaults(document), problems);
        Witnesses.fillIn(draft);
        new Rules(draft, folder, clock).check();
        problems.throwIfAny(schema.orderOfKeys());
        return configuration(environment, draft.document(), problems, schema);
    }

    /**
     * Loads what {@link #load} needs, libraries and schema, so that it then takes milliseconds instead of half a second.
     * Meant for a thread beside the start of jsii: {@code CompletableFuture.runAsync(configurations::warmUp)}. Reports
     * nothing: whatever is wrong, {@link #load} will say.
     */
    public void warmUp() {
        for (String environment : environments()) {
            try {
                load(environment);
                return;
            } catch (ConfigurationException e) {
                // Then the next: the aim is only to have run.
            }
        }
    }

    /** The environments that have a file, by name. */
    public List<String> environments() {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.endsWith(".json") && !name.equals(ConfigurationSchema.FILE))
                    .map(name -> name.substring(0, name.length() - ".json".length()))
                    .filter(name -> ENVIRONMENT.matcher(name).matches())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            return List.of();
        }
    }

    private Path existing(String environment) {
        Path path = ENVIRONMENT.matcher(environment).matches() ? folder.resolve(environment + ".json") : null;
        if (path != null && Files.exists(path)) {
            return path;
        }
        if (!Files.isDirectory(folder)) {
            throw new ConfigurationException(List.of(new Problem(shown(folder), "", "there is no such folder")));
        }
        List<String> known = environments();
        throw new ConfigurationException(List.of(new Problem(
                shown(folder),
                "",
                (path == null
                                        ? "%s is not the name of an environment: lower-case letters, digits and hyphens only"
                                        : "there is no environment %s")
                                .formatted(Values.quote(environment))
                        + (known.isEmpty() ? "" : "; those here are " + Values.list(known))
                        + Values.didYouMean(environment, known))));
    }

    private ConfigurationSchema schema() {
        try {
            return ConfigurationSchema.read(folder);
        } catch (UnusableFileException e) {
            throw new ConfigurationException(List.of(new Problem(
                    shown(folder.resolve(ConfigurationSchema.FILE)),
                    "",
                    e.getMessage() + " (it comes with the project: git restore it)")));
        }
    }

    private ObjectNode document(Path path) {
        try {
            return JsonFile.read(path);
        } catch (UnusableFileException e) {
            throw new ConfigurationException(List.of(new Problem(shown(path), "", e.getMessage())));
        }
    }

    /** As a person at the project's root would write it. */
    private String shown(Path path) {
        Path parent = folder.toAbsolutePath().normalize().getParent();
        Path absolute = path.toAbsolutePath().normalize();
        return (parent == null ? absolute : parent.relativize(absolute))
                .toString()
                .replace('\\', '/');
    }

    private Configuration configuration(
            String environment, ObjectNode document, Problems problems, ConfigurationSchema schema) {
        JsonNode compute = document.get("compute");
        JsonNode database = document.get("database");
        return new Configuration(
                environment,
                document.get("name").textValue(),
                Profile.valueOf(constant(document.get("profile"))),
                document.path("account").textValue(),
                region(document.get("primary")),
                region(document.get("dr")),
                LineageReader.read(document.get("databaseLineage"), problems).orElseThrow(),
                new Dns(
                        document.at("/dns/hostedZoneId").textValue(),
                        document.at("/dns/zoneName").textValue(),
                        document.at("/dns/recordName").textValue()),
                new Compute(
                        compute.get("instanceType").textValue(),
                        Architecture.valueOf(constant(compute.get("architecture"))),
                        compute.get("minCapacity").intValue(),
                        compute.get("maxCapacity").intValue(),
                        compute.get("startsOnReplica").booleanValue(),
                        compute.has("ami")
                                ? new Amis(
                                        compute.at("/ami/primary").textValue(),
                                        compute.at("/ami/dr").textValue())
                                : null,
                        compute.has("userData")
                                ? userData(compute.get("userData").textValue(), problems, schema)
                                : null),
                new DatabaseSettings(
                        database.get("engineVersion").textValue(),
                        database.get("instanceClass").textValue(),
                        database.get("allocatedStorageGiB").intValue(),
                        database.get("maxAllocatedStorageGiB").intValue(),
                        database.has("maxRetainedLogGiB")
                                ? database.get("maxRetainedLogGiB").intValue()
                                : DatabaseSettings.usualMaxRetainedLogGiB(
                                        database.get("allocatedStorageGiB").intValue()),
                        database.get("backupRetentionDays").intValue(),
                        database.get("replicatedBackups").booleanValue(),
                        database.get("multiAz").booleanValue()),
                new BackupSettings(
                        document.at("/backup/dailyRetentionDays").intValue(),
                        document.at("/backup/monthlyRetentionMonths").intValue()),
                new Objectives(
                        document.at("/objectives/rtoMinutes").intValue(),
                        document.at("/objectives/rpoMinutes").intValue()),
                new Detection(document.at("/detection/startsFailover").booleanValue(), Witnesses.in(document)),
                document.path("alertEmail").textValue());
    }

    private String userData(String name, Problems problems, ConfigurationSchema schema) {
        try {
            return UserData.read(folder, name);
        } catch (UnusableFileException e) {
            problems.add("compute.userData", Values.quote(name) + " " + e.getMessage());
            problems.throwIfAny(schema.orderOfKeys());
            throw new IllegalStateException("a problem was just added", e);
        }
    }

    private static RegionSettings region(JsonNode node) {
        return new RegionSettings(
                node.get("region").textValue(), node.get("cidr").textValue());
    }

    private static String constant(JsonNode node) {
        return node.textValue().toUpperCase(Locale.ROOT);
    }
}
