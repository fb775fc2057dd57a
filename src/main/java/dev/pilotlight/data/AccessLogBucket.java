package dev.pilotlight.data;

import dev.pilotlight.compliance.Acknowledge;
import java.util.List;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.services.s3.BlockPublicAccess;
import software.amazon.awscdk.services.s3.Bucket;
import software.amazon.awscdk.services.s3.BucketEncryption;
import software.amazon.awscdk.services.s3.BucketProps;
import software.amazon.awscdk.services.s3.LifecycleRule;
import software.constructs.Construct;

/** Where access logs of one load balancer or bucket go, for 90 days. */
public final class AccessLogBucket extends Construct {

    private final Bucket bucket;

    public AccessLogBucket(Construct scope, String id) {
        super(scope, id);
        this.bucket = new Bucket(
                this,
                "Bucket",
                BucketProps.builder()
                        // Load balancers cannot write logs to a bucket encrypted with a customer managed key.
                        .encryption(BucketEncryption.S3_MANAGED)
                        .blockPublicAccess(BlockPublicAccess.BLOCK_ALL)
                        .enforceSsl(true)
                        .minimumTlsVersion(1.2)
                        .versioned(true)
                        .lifecycleRules(List.of(LifecycleRule.builder()
                                .id("expire")
                                .expiration(Duration.days(90))
                                .noncurrentVersionExpiration(Duration.days(7))
                                .abortIncompleteMultipartUploadAfter(Duration.days(7))
                                .build()))
                        .removalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
                        .build());
        Acknowledge.finding(
                bucket,
                "NIST.800.53.R5-S3BucketReplicationEnabled",
                "Access logs are records of one region's traffic, not data that the other region serves.");
        Acknowledge.finding(
                bucket,
                "NIST.800.53.R5-S3DefaultEncryptionKMS",
                "Elastic Load Balancing and S3 server access logging deliver to SSE-S3 buckets only.");
    }

    public Bucket bucket() {
        return bucket;
    }
}
