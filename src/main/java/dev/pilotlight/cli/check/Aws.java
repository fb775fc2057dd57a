package dev.pilotlight.cli.check;

import java.net.URI;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.http.SdkHttpClient;
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
import software.amazon.awssdk.services.sfn.SfnClient;
import software.amazon.awssdk.services.sns.SnsClient;

/**
 * Clients of an emulated AWS. They see nothing of a person's own set-up: no profile, no credentials, no proxy, no
 * endpoint but this one.
 */
public final class Aws implements AutoCloseable {

    private final URI endpoint;
    private final SdkHttpClient http = UrlConnectionHttpClient.builder()
            .proxyConfiguration(ProxyConfiguration.builder()
                    .useSystemPropertyValues(false)
                    .useEnvironmentVariablesValues(false)
                    .build())
            .build();
    private final Map<String, InRegion> regions = new ConcurrentHashMap<>();

    public Aws(String endpoint) {
        this.endpoint = URI.create(endpoint);
    }

    public InRegion in(String region) {
        return regions.computeIfAbsent(region, InRegion::new);
    }

    @Override
    public void close() {
        http.close();
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

        public SnsClient sns() {
            return client(SnsClient.class, SnsClient::builder);
        }

        public SfnClient stepFunctions() {
            return client(SfnClient.class, SfnClient::builder);
        }

        private <C, B extends AwsClientBuilder<B, C> & AwsSyncClientBuilder<B, C>> C client(
                Class<C> type, Supplier<B> builder) {
            return type.cast(clients.computeIfAbsent(
                    type,
                    absent -> builder.get()
                            .endpointOverride(endpoint)
                            .region(Region.of(region))
                            .credentialsProvider(StaticCredentialsProvider.create(
                                    AwsBasicCredentials.create("emulated", "emulated")))
                            .httpClient(http)
                            .overrideConfiguration(ClientOverrideConfiguration.builder()
                                    .defaultProfileFile(ProfileFile.aggregator().build())
                                    .defaultProfileName("default")
                                    .retryStrategy(DefaultRetryStrategy.doNotRetry())
                                    .build())
                            .build()));
        }
    }
}
