package dev.pilotlight.cli.drill;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class StacksTest {

    private static final Map<String, String> BEFORE = Map.of("AWS::S3::Bucket Data", "data-1");

    @Test
    void anotherPhysicalIdIsAReplacementAndSoIsNone() {
        assertThat(Stacks.replaced(BEFORE, BEFORE)).isEmpty();
        assertThat(Stacks.replaced(BEFORE, Map.of("AWS::S3::Bucket Data", "data-1", "AWS::KMS::Key New", "key-1")))
                .isEmpty();
        assertThat(Stacks.replaced(BEFORE, Map.of("AWS::S3::Bucket Data", "data-2")))
                .isEqualTo("AWS::S3::Bucket Data was data-1 and is data-2");
        assertThat(Stacks.replaced(BEFORE, Map.of()))
                .isEqualTo("AWS::S3::Bucket Data was data-1 and is no longer in the stack");
    }
}
