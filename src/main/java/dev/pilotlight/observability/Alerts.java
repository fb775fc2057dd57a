package dev.pilotlight.observability;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.services.iam.PolicyStatement;
import software.amazon.awscdk.services.iam.ServicePrincipal;
import software.amazon.awscdk.services.kms.IKey;
import software.amazon.awscdk.services.sns.ITopic;
import software.amazon.awscdk.services.sns.Topic;
import software.amazon.awscdk.services.sns.TopicProps;
import software.amazon.awscdk.services.sns.subscriptions.EmailSubscription;
import software.constructs.Construct;

/** The region's topic for people: alarms, failed backups, instances that come and go. */
public final class Alerts extends Construct {

    private final Topic topic;

    /** @param email subscribed if present; AWS asks it to confirm */
    public Alerts(Construct scope, String id, IKey key, Optional<String> email) {
        super(scope, id);
        this.topic = new Topic(
                this,
                "Topic",
                TopicProps.builder()
                        .displayName("Pilotlight")
                        .masterKey(key)
                        .enforceSsl(true)
                        .build());
        // A topic policy of our own (for TLS only) replaces the default one, under which alarms could publish.
        topic.addToResourcePolicy(PolicyStatement.Builder.create()
                .sid("AlarmsOfThisAccount")
                .principals(List.of(new ServicePrincipal("cloudwatch.amazonaws.com")))
                .actions(List.of("sns:Publish"))
                .resources(List.of(topic.getTopicArn()))
                .conditions(Map.of("StringEquals", Map.of("aws:SourceAccount", Aws.ACCOUNT_ID)))
                .build());
        email.ifPresent(address -> topic.addSubscription(new EmailSubscription(address)));
    }

    public ITopic topic() {
        return topic;
    }
}
