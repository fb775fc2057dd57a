package dev.pilotlight.cli.operate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.cli.operate.Observed.InRegion;
import dev.pilotlight.cli.operate.Observed.Shown;
import dev.pilotlight.topology.Claim;
import dev.pilotlight.topology.Handover;
import dev.pilotlight.topology.Names;
import dev.pilotlight.topology.RegionAnswer;
import dev.pilotlight.topology.RegionName;
import dev.pilotlight.topology.Role;
import dev.pilotlight.topology.Topology;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.IntStream;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.cloudformation.model.CloudFormationException;
import software.amazon.awssdk.services.cloudformation.model.StackResourceSummary;
import software.amazon.awssdk.services.s3.model.S3Object;
import software.amazon.awssdk.services.secretsmanager.model.ResourceNotFoundException;
import software.amazon.awssdk.services.sfn.model.ExecutionListItem;
import software.amazon.awssdk.services.sfn.model.StateMachineDoesNotExistException;

/** Looks at both regions, at everything at once. */
final class Lookout {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration OUTSIDE_LIMIT = Duration.ofSeconds(5);

    private final Site site;
    private final Names names;
    private final Topology topology;

    Lookout(Site site) {
        this.site = site;
        this.names = site.names();
        this.topology = site.topology();
    }

    Observed look() {
        Map<RegionName, Region> regions = new EnumMap<>(RegionName.class);
        for (RegionName region : RegionName.values()) {
            regions.put(region, new Region(region));
        }
        List<CompletableFuture<Inspected<?>>> inspections = Inspected.beginAll(site);
        Map<RegionName, InRegion> seen = new EnumMap<>(RegionName.class);
        regions.forEach((region, looks) -> seen.put(region, looks.seen()));
        return new Observed(
                site.clock().instant(),
                new Observed.Expected(
                        site.configuration().databaseLineage(),
                        Duration.ofMinutes(site.configuration().objectives().rpoMinutes()),
                        site.configuration().compute().minCapacity(),
                        Optional.of(new Observed.ExpectedDatabase(
                                site.configuration().database(), names))),
                seen,
                inspections.stream().<Inspected<?>>map(CompletableFuture::join).toList());
    }

    /** A stack, and the ids of what in it has no fixed name. */
    private record StackLook(Observed.Stack stack, Map<String, String> physicalIds) {}

    /** The looks at one region, which are all under way once this is made. */
    private final class Region {

        private final RegionName region;
        private final Aws.InRegion aws;
        private final CompletableFuture<Look<Optional<StackLook>>> stack;
        private final CompletableFuture<Look<Signs.Rules>> rules;
        private final Optional<CompletableFuture<Look<Map<String, Shown>>>> outside;
        private final CompletableFuture<Look<List<Observed.Database>>> databases;
        private final CompletableFuture<Look<Optional<Observed.Group>>> group;
        private final CompletableFuture<Look<Integer>> healthyTargets;
        private final CompletableFuture<Look<String>> certificate;
        private final CompletableFuture<Look<Optional<Boolean>>> secret;
        private final CompletableFuture<Look<Observed.Metrics>> metrics;
        private final CompletableFuture<Look<Optional<Observed.Rehearsal>>> rehearsal;
        private final CompletableFuture<Look<Optional<Observed.Runs>>> runbook;

        Region(RegionName region) {
            this.region = region;
            this.aws = site.in(region);
            this.stack = Looks.begin(this::stack);
            this.rules = ofStack("https", listener -> Signs.rules(aws, listener, names.workload()));
            this.outside = site.emulated() ? Optional.empty() : Optional.of(Looks.begin(this::outside));
            this.databases = Looks.begin(() -> new DatabaseLook(site, region).databases());
            this.group = Looks.begin(this::group);
            this.healthyTargets = ofStack("AWS::ElasticLoadBalancingV2::TargetGroup", this::healthyTargets);
            this.certificate = ofStack(
                    "AWS::CertificateManager::Certificate",
                    arn -> aws.acm()
                            .describeCertificate(request -> request.certificateArn(arn))
                            .certificate()
                            .statusAsString());
            this.secret = Looks.begin(this::secret);
            this.metrics = Looks.begin(() -> new Signs(site, region)
                    .metrics(IntStream.range(
                                    0,
                                    site.configuration()
                                            .databaseLineage()
                                            .entries()
                                            .size())
                            .boxed()
                            .toList()));
            this.rehearsal = Looks.begin(this::rehearsal);
            this.runbook = Looks.begin(this::runs);
        }

        InRegion seen() {
            return new InRegion(
                    stack.join().map(found -> found.map(StackLook::stack)),
                    rules.join(),
                    outside.map(CompletableFuture::join),
                    databases.join(),
                    group.join(),
                    healthyTargets.join(),
                    certificate.join(),
                    secret.join(),
                    metrics.join(),
                    rehearsal.join(),
                    runbook.join());
        }

        /** A look at something whose id only the stack knows. */
        private <T> CompletableFuture<Look<T>> ofStack(String key, Function<String, T> look) {
            return stack.thenCompose(found -> {
                if (found instanceof Look.Unknown<Optional<StackLook>> unknown) {
                    return CompletableFuture.completedFuture(new Look.Unknown<T>(unknown.answered(), unknown.why()));
                }
                String id = found.ifSeen()
                        .flatMap(Function.identity())
                        .map(there -> there.physicalIds().get(key))
                        .orElse(null);
                return id == null
                        ? CompletableFuture.completedFuture(new Look.Unknown<T>(true, "the stack has none"))
                        : Looks.begin(() -> look.apply(id));
            });
        }

        private Optional<StackLook> stack() {
            String name = Names.stack(names.workload(), region.id());
            software.amazon.awssdk.services.cloudformation.model.Stack stack;
            try {
                stack = aws.cloudFormation().describeStacks(request -> request.stackName(name)).stacks().stream()
                        .findFirst()
                        .orElseThrow();
            } catch (NoSuchElementException absent) {
                return Optional.empty();
            } catch (CloudFormationException e) {
                if (e.awsErrorDetails().errorMessage().contains("does not exist")) {
                    return Optional.empty();
                }
                throw e;
            }
            JsonNode template = json(aws.cloudFormation()
                    .getTemplate(request -> request.stackName(name))
                    .templateBody());
            Map<String, String> ids = new HashMap<>();
            for (StackResourceSummary resource : aws.cloudFormation()
                    .listStackResourcesPaginator(request -> request.stackName(name))
                    .stackResourceSummaries()) {
                ids.put(resource.resourceType(), resource.physicalResourceId());
                if (template.path("Resources")
                                .path(resource.logicalResourceId())
                                .at("/Properties/Port")
                                .asInt()
                        == 443) {
                    ids.put("https", resource.physicalResourceId());
                }
            }
            return Optional.of(new StackLook(Templates.read(template, stack, names.workload()), ids));
        }

        /** By the region's own name, as Route 53's checks and the other region's agents do. */
        private Map<String, Shown> outside() {
            Map<String, Shown> shown = new HashMap<>();
            RegionAnswer own = new RegionAnswer(names.workload(), names.regionOf(region));
            HttpClient client = HttpClient.newBuilder()
                    .connectTimeout(OUTSIDE_LIMIT)
                    .version(HttpClient.Version.HTTP_1_1)
                    .build();
            for (int term = Math.max(1, topology.term()); term <= topology.nextTerm() + 1; term++) {
                Claim claim = new Claim(names.workload(), term);
                shown.put(claim.path(), ask(client, claim.path(), claim.text()));
            }
            Handover handover = new Handover(names.workload(), topology.nextTerm());
            shown.put(handover.path(), ask(client, handover.path(), handover.text()));
            shown.put(RegionAnswer.PATH, ask(client, RegionAnswer.PATH, own.text()));
            return shown;
        }

        private Shown ask(HttpClient client, String path, String text) {
            try {
                HttpResponse<String> answer = client.send(
                        HttpRequest.newBuilder(URI.create("https://" + names.host(region) + path))
                                .timeout(OUTSIDE_LIMIT)
                                .header("User-Agent", "pilotlight-status")
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
                if (answer.statusCode() == 200 && answer.body().equals(text)) {
                    return Shown.YES;
                }
                return answer.statusCode() == 503 && answer.body().equals(Claim.NONE) ? Shown.NO : Shown.UNCLEAR;
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(
                        new java.io.IOException(e.getClass().getSimpleName() + ": " + e.getMessage(), e));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Shown.UNCLEAR;
            }
        }

        private Optional<Observed.Group> group() {
            return aws
                    .autoScaling()
                    .describeAutoScalingGroups(request -> request.autoScalingGroupNames(names.autoScalingGroup(region)))
                    .autoScalingGroups()
                    .stream()
                    .findFirst()
                    .map(found -> new Observed.Group(found.minSize(), found.maxSize(), found.desiredCapacity(), (int)
                            found.instances().stream()
                                    .filter(instance -> "InService".equals(instance.lifecycleStateAsString()))
                                    .count()));
        }

        private int healthyTargets(String targetGroup) {
            return (int) aws
                    .loadBalancing()
                    .describeTargetHealth(request -> request.targetGroupArn(targetGroup))
                    .targetHealthDescriptions()
                    .stream()
                    .filter(target -> "healthy".equals(target.targetHealth().stateAsString()))
                    .count();
        }

        private Optional<Boolean> secret() {
            try {
                return Optional.of(aws.secrets()
                                .describeSecret(request -> request.secretId(names.databaseSecret()))
                                .deletedDate()
                        != null);
            } catch (ResourceNotFoundException absent) {
                return Optional.empty();
            }
        }

        private Optional<Observed.Rehearsal> rehearsal() {
            String bucket = names.bucket(region);
            Optional<S3Object> newest = aws
                    .s3()
                    .listObjectsV2Paginator(
                            request -> request.bucket(bucket).prefix("pilotlight/" + Runbook.REHEARSAL + "/"))
                    .contents()
                    .stream()
                    .max(Comparator.comparing(S3Object::lastModified));
            return newest.map(object -> {
                JsonNode evidence = json(aws.s3()
                        .getObjectAsBytes(request -> request.bucket(bucket).key(object.key()))
                        .asUtf8String());
                return new Observed.Rehearsal(
                        object.lastModified(),
                        evidence.path("outcome").asText("unknown"),
                        evidence.path("why").asText(""));
            });
        }

        private Optional<Observed.Runs> runs() {
            String arn = names.runbookArn(region, Runbook.FAILOVER);
            try {
                return Optional.of(new Observed.Runs(
                        Failover.newest(aws.stepFunctions(), arn).map(Lookout::run),
                        Failover.runningDrill(aws.stepFunctions(), arn).map(Lookout::run)));
            } catch (StateMachineDoesNotExistException absent) {
                return Optional.empty();
            } catch (AwsServiceException e) {
                if (e.statusCode() == 400 && Looks.why(e).contains("does not exist")) {
                    return Optional.empty();
                }
                throw e;
            }
        }
    }

    private static Observed.Run run(ExecutionListItem run) {
        return new Observed.Run(run.name(), run.statusAsString(), run.startDate());
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /** What a deployed template says of who leads. */
    static final class Templates {

        private Templates() {}

        static Observed.Stack read(
                JsonNode template, software.amazon.awssdk.services.cloudformation.model.Stack stack, String workload) {
            int database = -1;
            int term = -1;
            Role role = Role.STANDBY;
            for (JsonNode resource : template.path("Resources")) {
                JsonNode properties = resource.path("Properties");
                String id = properties.path("DBInstanceIdentifier").asText();
                if (resource.path("Type").asText().equals("AWS::RDS::DBInstance") && id.startsWith(workload + "-db-")) {
                    database = Integer.parseInt(id.substring((workload + "-db-").length()));
                }
                OptionalInt claimed = Claim.termOf(
                        properties.at("/HealthCheckConfig/ResourcePath").asText());
                if (claimed.isPresent()) {
                    term = claimed.getAsInt() - 1;
                    role = properties.at("/HealthCheckConfig/Inverted").asBoolean() ? Role.LEADER : Role.STANDBY;
                }
            }
            return new Observed.Stack(
                    role,
                    term,
                    database,
                    stack.stackStatusAsString(),
                    stack.creationTime() == null ? Instant.EPOCH : stack.creationTime());
        }
    }
}
