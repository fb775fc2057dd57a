package dev.pilotlight.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.pilotlight.topology.PromotionTag;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.rds.model.DBInstance;
import software.amazon.awssdk.services.rds.model.Tag;

/** A promoted database keeps its declared source in the template; nothing else may have lost its own. */
class DatabaseChecksTest {

    private static final String DECLARED = "arn:aws:rds:eu-central-1:123456789012:db:shop-db-0";
    private static final String ANOTHER = "arn:aws:rds:eu-central-1:123456789012:db:shop-db-7";

    private static List<String> differences(String source, String... tags) {
        Declared declared = new Declared(
                "DrStack",
                "eu-west-1",
                "Db1",
                "AWS::RDS::DBInstance",
                "shop-db-1",
                JsonNodeFactory.instance
                        .objectNode()
                        .put("StorageEncrypted", true)
                        .put("EngineVersion", "17")
                        .put("SourceDBInstanceIdentifier", DECLARED));
        DBInstance database = DBInstance.builder()
                .storageEncrypted(true)
                .engineVersion("17.4")
                .readReplicaSourceDBInstanceIdentifier(source)
                .tagList(Stream.of(tags)
                        .map(key -> Tag.builder()
                                .key(key)
                                .value(new PromotionTag(1, 1, "0", true).value())
                                .build())
                        .toList())
                .build();
        Comparison comparison = new Comparison(declared);
        DatabaseChecks.compare(declared, database, comparison);
        return comparison.differences();
    }

    @Test
    void aReplicaHasItsDeclaredSource() {
        assertThat(differences(DECLARED)).isEmpty();
    }

    @Test
    void oneThatTheRunbookPromotedHasNone() {
        assertThat(differences(null, "workload", PromotionTag.KEY)).isEmpty();
        assertThat(differences("", PromotionTag.KEY)).isEmpty();
    }

    @Test
    void oneThatNobodyPromotedMustHaveIt() {
        assertThat(differences(null, "workload"))
                .containsExactly("SourceDBInstanceIdentifier is not set, declared as " + DECLARED);
    }

    @Test
    void theMarkDoesNotExcuseAnotherSource() {
        assertThat(differences(ANOTHER, PromotionTag.KEY))
                .containsExactly("SourceDBInstanceIdentifier is %s, declared as %s".formatted(ANOTHER, DECLARED));
    }
}
