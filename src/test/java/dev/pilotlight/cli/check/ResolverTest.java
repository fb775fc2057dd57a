package dev.pilotlight.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResolverTest {

    private static final ObjectMapper JSON = new ObjectMapper();

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            {'Ref': 'Key'}                                                | "key-1"
            {'Ref': 'Ami'}                                                | "ami-1"
            {'Ref': 'AWS::Region'}                                        | "eu-west-1"
            {'Ref': 'Unknown'}                                            |
            {'Fn::GetAtt': ['Key', 'Arn']}                                | "arn:aws:kms:eu-west-1:123456789012:key/key-1"
            {'Fn::GetAtt': ['Key', 'Unknown']}                            |
            {'Fn::Join': ['-', ['a', {'Ref': 'AWS::AccountId'}]]}         | "a-123456789012"
            {'Fn::Join': ['-', ['a', {'Ref': 'Unknown'}]]}                |
            {'Fn::Sub': 'arn:${AWS::Partition}:${Key}:${Key.Arn}'}        | "arn:aws:key-1:arn:aws:kms:eu-west-1:123456789012:key/key-1"
            {'Fn::Sub': ['${a}-${!b}', {'a': {'Ref': 'Key'}}]}            | "key-1-${b}"
            {'Fn::Select': ['1', {'Fn::Split': [',', 'a,b']}]}            | "b"
            {'Fn::Base64': 'a'}                                           | "YQ=="
            {'A': [{'Ref': 'Key'}, {'Ref': 'AWS::NoValue'}], 'B': {'Ref': 'AWS::NoValue'}} | {"A":["key-1"]}
            {'Fn::Unheard': 1}                                            |
            """)
    void resolves(String node, String expected) throws Exception {
        Resolver resolver = new Resolver(
                JSON.readTree("{\"Key\": {\"Type\": \"AWS::KMS::Key\"}}"),
                Map.of("Ami", "ami-1"),
                Map.of("Key", "key-1"),
                new ServiceChecks.Place("eu-west-1", "123456789012", null),
                Checks.attributes());
        var resolved = resolver.resolve(JSON.readTree(node.replace('\'', '"')));
        if (expected == null) {
            assertThat(resolved.isMissingNode()).isTrue();
        } else {
            assertThat(resolved).isEqualTo(JSON.readTree(expected));
        }
    }
}
