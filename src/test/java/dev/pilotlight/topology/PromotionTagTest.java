package dev.pilotlight.topology;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Runs of deployed systems resume by it. */
class PromotionTagTest {

    @Test
    void whatIsWrittenIsRead() {
        for (PromotionTag tag : List.of(new PromotionTag(1, 1, "0", true), new PromotionTag(12, 3, "unknown", false))) {
            assertThat(PromotionTag.parse(tag.value())).as(tag.value()).contains(tag);
        }
        assertThat(new PromotionTag(1, 2, "60", false).value()).isEqualTo("term=1 attempt=2 loss=60 fenced=false");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "term=1",
                "term=1 loss=60 fenced=false",
                "withdrawn term=1 attempt=1",
                "withdrawn term=1 attempt=1 loss=60 fenced=false",
                "term=1 attempt=1 loss=60 fenced=false and more",
                "term=1 attempt=1 loss=60 fenced=maybe"
            })
    void nothingElseIsAPromotion(String value) {
        assertThat(PromotionTag.parse(value)).isEmpty();
    }
}
