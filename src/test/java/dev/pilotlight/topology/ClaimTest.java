package dev.pilotlight.topology;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Health checks, agents and runbooks of deployed systems look for exactly these. */
class ClaimTest {

    @Test
    void aClaimNamesWorkloadAndTerm() {
        Claim claim = new Claim("shop", 7);
        assertThat(claim.path()).isEqualTo("/.well-known/pilotlight/leader/7");
        assertThat(claim.text()).isEqualTo("pilotlight: shop is led from here in term 7");
    }

    @Test
    void aPathIsReadByWhoWritesIt() {
        for (int term : new int[] {1, 10, 999_999}) {
            assertThat(Claim.termOf(new Claim("shop", term).path())).hasValue(term);
            assertThat(Handover.termOf(new Handover("shop", term).path())).hasValue(term);
            assertThat(Claim.termOf(new Handover("shop", term).path())).isEmpty();
            assertThat(Handover.termOf(new Claim("shop", term).path())).isEmpty();
        }
    }

    /** Nobody asks for these: a rule that answers there moves no user and stops no agent. */
    @ParameterizedTest
    @ValueSource(strings = {"", "0", "01", "-1", "+1", "1/", "*", "one", "1000000", "99999999999"})
    void whatIsNoTermIsNone(String term) {
        assertThat(Claim.termOf("/.well-known/pilotlight/leader/" + term)).isEmpty();
        assertThat(Handover.termOf("/.well-known/pilotlight/handover/" + term)).isEmpty();
    }

    @Test
    void everyClaimLiesUnderTheReservedPath() {
        String reserved = Claim.RESERVED_PATH.substring(0, Claim.RESERVED_PATH.length() - 1);
        assertThat(Claim.RESERVED_PATH).endsWith("/*");
        assertThat(new Claim("shop", 1).path()).startsWith(reserved);
    }

    @Test
    void theTextOfOneTermIsNotFoundInThatOfAnother() {
        // Route 53 searches for the text: term 1 must not pass for 11. The path keeps them apart.
        assertThat(new Claim("shop", 11).path()).isNotEqualTo(new Claim("shop", 1).path());
    }
}
