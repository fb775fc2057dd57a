package dev.pilotlight.cli.aws;

import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.AwsExecutionAttribute;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.urlconnection.ProxyConfiguration;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.profiles.ProfileFile;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.retries.DefaultRetryStrategy;
import software.amazon.awssdk.services.acm.AcmClient;
import software.amazon.awssdk.services.autoscaling.AutoScalingClient;
import software.amazon.awssdk.services.backup.BackupClient;
import software.amazon.awssdk.services.cloudformation.CloudFormationClient;
import software.amazon.awssdk.services.cloudwatch.CloudWatchClient;
import software.amazon.awssdk.services.cloudwatchlogs.CloudWatchLogsClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.elasticloadbalancingv2.ElasticLoadBalancingV2Client;
import software.amazon.awssdk.services.eventbridge.EventBridgeClient;
import software.amazon.awssdk.services.iam.IamClient;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.rds.RdsClient;
import software.amazon.awssdk.services.route53.Route53Client;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.scheduler.SchedulerClient;
import software.amazon.awssdk.services.secretsmanager.SecretsManagerClient;
import software.amazon.awssdk.services.servicequotas.ServiceQuotasClient;
import software.amazon.awssdk.services.sfn.SfnClient;
import software.amazon.awssdk.services.sns.SnsClient;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.utils.SdkAutoCloseable;

/** Clients of AWS's services in any region: of the emulator's, or of AWS itself as its operator. */
public final class Aws implements AutoCloseable {

    // A lost region does not refuse: it hangs.
    private static final Duration CONNECT = Duration.ofSeconds(3);
    private static final Duration ATTEMPT = Duration.ofSeconds(5);
    private static final Duration CALL = Duration.ofSeconds(15);

    private static final ExecutionInterceptor INSIDE = new ExecutionInterceptor() {
        @Override
        public SdkHttpRequest modifyHttpRequest(Context.ModifyHttpRequest context, ExecutionAttributes attributes) {
            return context.httpRequest().toBuilder()
                    .putHeader(
                            "x-pilotlight-inside",
                            attributes
                                    .getAttribute(AwsExecutionAttribute.AWS_REGION)
                                    .id())
                    .build();
        }
    };

    private static final Pattern PROFILE = Pattern.compile(
            "\\[.* ProfileCredentialsProvider\\(.*?\\)\\): (.*?)\\.?(?: \\[|, ContainerCredentialsProvider)");

    private final SdkHttpClient http;
    private final AwsCredentialsProvider credentials;
    private final Consumer<AwsClientBuilder<?, ?>> setUp;
    private final Map<String, InRegion> regions = new ConcurrentHashMap<>();

    private Aws(SdkHttpClient http, AwsCredentialsProvider credentials, Consumer<AwsClientBuilder<?, ?>> setUp) {
        this.http = http;
        this.credentials = credentials;
        this.setUp = setUp;
    }

    /**
     * An emulated AWS, seeing nothing of a person's own set-up: no profile, no credentials, no proxy, no endpoint but
     * this one. Nothing is tried twice, and waits are as long as they take.
     */
    public static Aws emulated(String endpoint) {
        return emulated(
                endpoint,
                UrlConnectionHttpClient.builder(),
                configuration -> configuration.retryStrategy(DefaultRetryStrategy.doNotRetry()));
    }

    /** An emulated AWS as it is seen inside each region, which may be cut off from everybody else. */
    public static Aws emulatedInside(String endpoint) {
        return emulated(
                endpoint,
                UrlConnectionHttpClient.builder(),
                configuration -> configuration
                        .retryStrategy(DefaultRetryStrategy.doNotRetry())
                        .addExecutionInterceptor(INSIDE));
    }

    /** An emulated AWS that hides nothing that was done a moment ago: for who plays the world in it. */
    public static Aws emulatedWorld(String endpoint) {
        return emulated(
                endpoint,
                UrlConnectionHttpClient.builder(),
                configuration -> configuration
                        .retryStrategy(DefaultRetryStrategy.doNotRetry())
                        .addExecutionInterceptor(INSIDE)
                        .putHeader("x-pilotlight-read", "consistent"));
    }

    /** An emulated AWS with the patience of {@link #ofTheOperator()}: its regions may be lost as well. */
    public static Aws emulatedForTheOperator(String endpoint) {
        return emulated(endpoint, impatientHttp(), Aws::impatient);
    }

    /**
     * AWS with a person's own credentials, profile, proxy and endpoints, as the AWS CLI would find them, SSO and assumed
     * roles included. A call ends within 15 seconds, with up to three attempts of at most 5 seconds each.
     */
    public static Aws ofTheOperator() {
        return new Aws(
                impatientHttp().build(),
                DefaultCredentialsProvider.builder().build(),
                builder -> builder.overrideConfiguration(
                        configuration().applyMutation(Aws::impatient).build()));
    }

    private static Aws emulated(
            String endpoint,
            UrlConnectionHttpClient.Builder http,
            Consumer<ClientOverrideConfiguration.Builder> patience) {
        URI uri = URI.create(endpoint);
        return new Aws(
                http.proxyConfiguration(ProxyConfiguration.builder()
                                .useSystemPropertyValues(false)
                                .useEnvironmentVariablesValues(false)
                                .build())
                        .build(),
                StaticCredentialsProvider.create(AwsBasicCredentials.create("emulated", "emulated")),
                builder -> builder.endpointOverride(uri)
                        .overrideConfiguration(configuration()
                                .defaultProfileFile(ProfileFile.aggregator().build())
                                .defaultProfileName("default")
                                .applyMutation(patience)
                                .build()));
    }

    private static ClientOverrideConfiguration.Builder configuration() {
        return ClientOverrideConfiguration.builder();
    }

    private static UrlConnectionHttpClient.Builder impatientHttp() {
        return UrlConnectionHttpClient.builder().connectionTimeout(CONNECT).socketTimeout(ATTEMPT);
    }

    private static void impatient(ClientOverrideConfiguration.Builder configuration) {
        configuration
                .apiCallAttemptTimeout(ATTEMPT)
                .apiCallTimeout(CALL)
                .retryStrategy(AwsRetryStrategy.standardRetryStrategy());
    }

    /** Why there are no credentials, in a few words; empty if there are. That they are good is another question. */
    public Optional<String> credentialsProblem() {
        try {
            credentials.resolveCredentials();
            return Optional.empty();
        } catch (SdkException e) {
            return Optional.of(reason(e.getMessage()));
        }
    }

    /** The chain lists what every link said; a person has set up a profile, or nothing. */
    static String reason(String message) {
        Matcher profile = PROFILE.matcher(message);
        if (!profile.find()) {
            return message.lines().findFirst().orElse("no reason given");
        }
        return profile.group(1).startsWith("Profile file contained no credentials for profile 'default'")
                ? "none in the environment, none in a profile"
                // What follows is the whole file.
                : profile.group(1).replaceFirst(": ProfileFile\\(.*", "");
    }

    public InRegion in(String region) {
        return regions.computeIfAbsent(region, InRegion::new);
    }

    @Override
    public void close() {
        http.close();
        if (credentials instanceof SdkAutoCloseable closeable) {
            closeable.close();
        }
    }

    /** The clients of one region. */
    public final class InRegion {

        private final String region;
        private final Map<Class<?>, Object> clients = new ConcurrentHashMap<>();

        private InRegion(String region) {
            this.region = region;
        }

        /** The same services, elsewhere. */
        public InRegion in(String otherRegion) {
            return Aws.this.in(otherRegion);
        }

        public AcmClient acm() {
            return client(AcmClient.class, AcmClient::builder);
        }

        public AutoScalingClient autoScaling() {
            return client(AutoScalingClient.class, AutoScalingClient::builder);
        }

        public BackupClient backup() {
            return client(BackupClient.class, BackupClient::builder);
        }

        public CloudFormationClient cloudFormation() {
            return client(CloudFormationClient.class, CloudFormationClient::builder);
        }

        public CloudWatchClient cloudWatch() {
            return client(CloudWatchClient.class, CloudWatchClient::builder);
        }

        public CloudWatchLogsClient logs() {
            return client(CloudWatchLogsClient.class, CloudWatchLogsClient::builder);
        }

        public DynamoDbClient dynamoDb() {
            return client(DynamoDbClient.class, DynamoDbClient::builder);
        }

        public Ec2Client ec2() {
            return client(Ec2Client.class, Ec2Client::builder);
        }

        public ElasticLoadBalancingV2Client loadBalancing() {
            return client(ElasticLoadBalancingV2Client.class, ElasticLoadBalancingV2Client::builder);
        }

        public EventBridgeClient events() {
            return client(EventBridgeClient.class, EventBridgeClient::builder);
        }

        public IamClient iam() {
            return client(IamClient.class, IamClient::builder);
        }

        public KmsClient kms() {
            return client(KmsClient.class, KmsClient::builder);
        }

        public RdsClient rds() {
            return client(RdsClient.class, RdsClient::builder);
        }

        public Route53Client route53() {
            return client(Route53Client.class, Route53Client::builder);
        }

        public S3Client s3() {
            return client(S3Client.class, () -> S3Client.builder().forcePathStyle(true));
        }

        public SchedulerClient scheduler() {
            return client(SchedulerClient.class, SchedulerClient::builder);
        }

        public SecretsManagerClient secrets() {
            return client(SecretsManagerClient.class, SecretsManagerClient::builder);
        }

        public ServiceQuotasClient serviceQuotas() {
            return client(ServiceQuotasClient.class, ServiceQuotasClient::builder);
        }

        public SnsClient sns() {
            return client(SnsClient.class, SnsClient::builder);
        }

        public SfnClient stepFunctions() {
            return client(SfnClient.class, SfnClient::builder);
        }

        public StsClient sts() {
            return client(StsClient.class, StsClient::builder);
        }

        private <C, B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>> C client(
                Class<C> type, Supplier<B> builder) {
            return type.cast(clients.computeIfAbsent(
                    type,
                    absent -> builder.get()
                            .region(Region.of(region))
                            .credentialsProvider(credentials)
                            .httpClient(http)
                            .applyMutation(setUp::accept)
                            .build()));
        }
    }
}
