package dev.pilotlight.cli.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextTableTest {

    @Test
    void columnsAreAsWideAsTheirWidestLine() {
        assertThat(new TextTable()
                        .row("", "eu-central-1", "eu-west-1")
                        .row("bucket", "shop-a\n→ shop-b", "shop-b")
                        .row("role", "LEADER", "")
                        .lines())
                .containsExactly(
                        "         eu-central-1   eu-west-1",
                        "---------------------------------",
                        "bucket   shop-a         shop-b",
                        "         → shop-b",
                        "role     LEADER");
    }
}
