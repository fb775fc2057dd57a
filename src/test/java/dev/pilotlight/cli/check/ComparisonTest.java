package dev.pilotlight.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.services.rds.model.DBInstance;

class ComparisonTest {

    private static JsonNode json(String text) {
        try {
            return new ObjectMapper().readTree(text.replace('\'', '"'));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Comparison of(String properties) {
        return new Comparison(new Declared("S", "eu-west-1", "Db", "AWS::RDS::DBInstance", "db-0", json(properties)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            '5432'                  | 5432                         | true
            60                      | 60.0                         | true
            true                    | 'true'                       | true
            true                    | false                        | false
            ['b', 'a']              | ['a', 'b']                   | true
            ['a', 'a']              | ['a', 'b']                   | false
            ['a']                   | ['a', 'b']                   | false
            {'A': 1}                | {'A': '1', 'B': 2}           | true
            {'A': {'B': 1}}         | {'A': {'C': 1}}              | false
            {'A': 1}                | 'A'                          | false
            """)
    void whatIsDeclaredMustBeThereAndMoreMayBe(String declared, String actual, boolean same) {
        assertThat(Comparison.matches(json(declared), json(actual))).isEqualTo(same);
    }

    @Test
    void aDifferenceIsNamedByItsPath() {
        Comparison comparison = of("{'LaunchTemplateData': {'MetadataOptions': {'HttpTokens': 'required'}}}");
        comparison.same("LaunchTemplateData", json("{'MetadataOptions': {'HttpTokens': 'optional'}}"));
        assertThat(comparison.differences())
                .containsExactly("LaunchTemplateData.MetadataOptions.HttpTokens is optional, declared as required");
    }

    @Test
    void theRestIsComparedUnderItsOwnName() {
        Comparison comparison = of("{'StorageEncrypted': true, 'DBInstanceClass': 'db.t4g.micro', 'Iops': 3000}");
        comparison.rest(DBInstance.builder()
                .storageEncrypted(false)
                .dbInstanceClass("db.t4g.micro")
                .build());
        assertThat(comparison.differences())
                .containsExactly("Iops is not set, declared as 3000", "StorageEncrypted is false, declared as true");
        assertThat(comparison.notCompared()).isEmpty();
    }

    @Test
    void whatNobodyComparedIsKnown() {
        Comparison comparison = of("{'MultiAZ': true, 'Port': 5432, 'MasterUserPassword': 'x'}");
        comparison.same("Port", 5432).notShown("RDS tells no password", "MasterUserPassword");
        assertThat(comparison.notCompared()).containsExactly("MultiAZ");
    }

    @Test
    void tagsMayBeMore() {
        Comparison comparison = of("{'Tags': [{'Key': 'workload', 'Value': 'shop'}]}");
        comparison.tags("Tags", Map.of("workload", "shop", "aws:cloudformation:stack-name", "S"));
        assertThat(comparison.differences()).isEmpty();
    }

    @Test
    void aPolicyMayBeUrlEncoded() {
        Comparison comparison = of("{'PolicyDocument': {'Version': '2012-10-17'}}");
        comparison.samePolicy("PolicyDocument", "%7B%22Version%22%3A%222012-10-17%22%7D");
        assertThat(comparison.differences()).isEmpty();
    }
}
