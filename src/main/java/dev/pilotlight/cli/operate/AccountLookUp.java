package dev.pilotlight.cli.operate;

import dev.pilotlight.cli.Failure;
import dev.pilotlight.cli.aws.Aws;
import dev.pilotlight.config.Configuration;
import dev.pilotlight.topology.RegionName;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import software.amazon.awssdk.awscore.exception.AwsServiceException;

/** Whose credentials these are: both regions are asked at once, since one of them may be lost. */
final class AccountLookUp {

    private final Aws aws;
    private final Configuration configuration;

    AccountLookUp(Aws aws, Configuration configuration) {
        this.aws = aws;
        this.configuration = configuration;
    }

    /** @throws Failure if the account is another than the environment's, or neither region tells */
    String account() {
        String account = ask();
        configuration.account().ifPresent(bound -> {
            if (!bound.equals(account)) {
                throw new Failure(
                        "The credentials are of the account %s, but the environment %s is bound to %s: choose the other profile with AWS_PROFILE."
                                .formatted(account, configuration.environment(), bound));
            }
        });
        return account;
    }

    private String ask() {
        ExecutorService threads = Looks.threads();
        List<CompletableFuture<String>> answers = Stream.of(RegionName.values())
                .map(region -> CompletableFuture.supplyAsync(
                        () -> aws.in(configuration.region(region).region())
                                .sts()
                                .getCallerIdentity()
                                .account(),
                        threads))
                .toList();
        CompletableFuture<String> first = new CompletableFuture<>();
        AtomicInteger left = new AtomicInteger(answers.size());
        for (CompletableFuture<String> answer : answers) {
            var unused = answer.whenComplete((account, failure) -> {
                if (failure == null) {
                    first.complete(account);
                } else if (left.decrementAndGet() == 0) {
                    first.completeExceptionally(failure);
                }
            });
        }
        try {
            return first.join();
        } catch (CompletionException e) {
            Throwable cause = e.getCause() instanceof CompletionException wrapped ? wrapped.getCause() : e.getCause();
            if (cause instanceof AwsServiceException refused) {
                throw new Failure(
                        "AWS refuses the credentials (%s): sign in again, as with `aws sso login`, or set another AWS_PROFILE."
                                .formatted(Looks.why(refused)));
            }
            throw new Failure("Neither %s nor %s answers (%s): look at this machine's connection first."
                    .formatted(
                            configuration.primary().region(), configuration.dr().region(), Looks.why(cause)));
        }
    }
}
