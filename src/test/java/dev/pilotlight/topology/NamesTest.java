package dev.pilotlight.topology;

import static dev.pilotlight.topology.RegionName.DR;
import static dev.pilotlight.topology.RegionName.PRIMARY;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** These names are a contract: another region, a runbook or a person uses each, and most cannot change after a deploy. */
class NamesTest {

    private static final Names NAMES = new Names(
            "shop", "aws", "111122223333", Map.of(PRIMARY, "eu-central-1", DR, "eu-west-1"), "app.example.com");

    @Test
    void aDatabaseIsNamedByItsPlaceInTheLineage() {
        DatabaseRef database = new DatabaseRef(12, DR);
        assertThat(NAMES.database(database)).isEqualTo("shop-db-12");
        assertThat(NAMES.databaseArn(database)).isEqualTo("arn:aws:rds:eu-west-1:111122223333:db:shop-db-12");
    }

    @Test
    void aBucketIsUniqueInTheWorld() {
        assertThat(NAMES.bucket(PRIMARY)).isEqualTo("shop-111122223333-eu-central-1");
        assertThat(NAMES.bucketArn(DR)).isEqualTo("arn:aws:s3:::shop-111122223333-eu-west-1");
    }

    @Test
    void regionalResourcesBearTheirPlaceAndNotTheirRole() {
        assertThat(NAMES.foundationKeyAlias(DR)).isEqualTo("alias/shop-dr-foundation");
        assertThat(NAMES.foundationKeyAliasArn(DR))
                .isEqualTo("arn:aws:kms:eu-west-1:111122223333:alias/shop-dr-foundation");
        assertThat(NAMES.backupVault(PRIMARY)).isEqualTo("shop-primary");
        assertThat(NAMES.backupVaultArn(DR)).isEqualTo("arn:aws:backup:eu-west-1:111122223333:backup-vault:shop-dr");
        assertThat(NAMES.autoScalingGroup(DR)).isEqualTo("shop-dr");
    }

    @Test
    void replicasOfTableAndSecretShareTheirName() {
        assertThat(NAMES.table()).isEqualTo("shop");
        assertThat(NAMES.tableArn(PRIMARY)).isEqualTo("arn:aws:dynamodb:eu-central-1:111122223333:table/shop");
        assertThat(NAMES.tableArn(DR)).isEqualTo("arn:aws:dynamodb:eu-west-1:111122223333:table/shop");
        assertThat(NAMES.databaseSecret()).isEqualTo("shop/database");
        assertThat(NAMES.databaseSecretArnPattern(DR))
                .isEqualTo("arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/database-??????");
    }

    @Test
    void eachRegionHasItsOwnHostName() {
        assertThat(NAMES.host(PRIMARY)).isEqualTo("primary.app.example.com");
        assertThat(NAMES.host(DR)).isEqualTo("dr.app.example.com");
    }
}
